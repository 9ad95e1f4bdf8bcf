"""Logs that keep the text of prompts and answers, and the calls whose exchanges are kept whole."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Final

from readiness.collect import ir
from readiness.collect.link.scopes import Scope, Site
from readiness.collect.link.spans import span_of
from readiness.collect.link.values import External, Routine, Structure
from readiness.collect.observation.tracing_ground import Ground
from readiness.collect.observation.tracing_reach import Standing, weaker
from readiness.collect.observation.tracing_tools import Mechanism
from readiness.collect.observation.usage_texts import CONTENT, TEXT_CALLS, Texts, shown
from readiness.collect.observation.usage_words import words
from readiness.model import GENERATIVE, ContentLog

LEVELS: Final = {
    "trace": Standing.OFF, "debug": Standing.OFF, "verbose": Standing.OFF, "silly": Standing.OFF,
    "info": Standing.ON, "notice": Standing.ON, "success": Standing.ON,
    "log": Standing.ON, "warning": Standing.ON, "warn": Standing.ON, "error": Standing.ON, "exception": Standing.ON,
    "critical": Standing.ON, "fatal": Standing.ON,
    "msg": Standing.ON,
}  # fmt: skip
"""Methods of loggers, and whether the level is written by default."""
_LOGGERS: Final = frozenset({"logger", "log", "_logger", "_log", "LOGGER", "LOG", "logging"})
_PACKAGES: Final = ("logging.", "loguru.", "structlog.", "pino.", "winston.", "logfire.", "bunyan.", "consola.", "rich.logging.")
_CONSOLE: Final = frozenset({"log", "info", "warn", "error", "debug", "trace", "dir"})
_WRITERS: Final = frozenset(
    {"write", "write_text", "dump", "writelines", "appendFile", "appendFileSync", "writeFile", "writeFileSync"}
)
_RECORDS: Final = frozenset({"history", "log", "logs", "trace", "traces", "record", "records"})
_REQUESTS: Final = frozenset({"prompt", "messages", "request"})
_RESPONSES: Final = frozenset({"response", "completion", "output", "outputs", "raw_response"})
SITES: Final = 3_000
"""Log statements near model calls that are looked at."""


@dataclass(frozen=True, slots=True, eq=False)
class Log:
    """A statement that keeps text: of which calls it keeps input (`wholes`: a message as sent), and of which the answer.

    `logger` is what it is called on.
    """

    site: Site
    sink: str
    standing: Standing
    inputs: frozenset[str]
    wholes: frozenset[str]
    answers: frozenset[str]
    logger: ir.Expr | None

    @property
    def fact(self) -> ContentLog:
        """The place as a fact, without regard to any mask."""
        what = " and ".join(word for word, calls in (("prompts", self.inputs), ("answers", self.answers)) if calls)
        level = ", at a level that is off by default" if self.standing is Standing.OFF else ""
        return ContentLog(span_of(self.site), self.site.scope.module.scope, f"The {self.sink} keeps {what} unmasked{level}.")


class Logs:
    """Finds what a program's logs keep."""

    def __init__(self, ground: Ground) -> None:
        self._linked = ground.linked
        self._reach = ground.reach
        self._texts = Texts(ground.linked)

    def found(self) -> tuple[Log, ...]:
        """Every statement that keeps text of a model call."""
        logs: list[Log] = []
        for site in self._near()[:SITES]:
            log = self._log(site)
            if log is not None and (log.inputs or log.answers):
                logs.append(log)
        return tuple(sorted(logs, key=lambda log: (log.site.path, log.site.call.line)))

    def exchanges(self, logs: Iterable[Log]) -> Iterator[Mechanism]:
        """The calls whose input and answer are both kept, with the place that keeps the answer."""
        inputs: dict[str, Log] = {}
        for log in logs:
            for call in log.wholes:
                if call not in inputs or log.standing is Standing.ON:
                    inputs[call] = log
        groups: dict[int, Mechanism] = {}
        for log in logs:
            for call in sorted(log.answers & inputs.keys()):
                standing = weaker(log.standing, inputs[call].standing)
                mechanism = groups.get(id(log.site)) or self._mechanism(log, standing)
                groups[id(log.site)] = replace(mechanism, calls=mechanism.calls | {call})
        yield from groups.values()

    @staticmethod
    def _mechanism(log: Log, standing: Standing) -> Mechanism:
        return Mechanism(
            f"own {log.sink}", span_of(log.site), log.site.scope.module.scope, standing, own_log=True, usage=False,
            note="Prompts and answers are written to the application's own log.",
        )  # fmt: skip

    def _near(self) -> list[Site]:
        """Calls in the functions around model calls, and in the functions that those call."""
        scopes: dict[int, Scope] = {}
        for found in self._linked.calls:
            if found.kind in GENERATIVE:
                scopes.update(self._reach.around(found))
                scopes[id(found.site.scope)] = found.site.scope
        for _ in range(2):
            for scope in tuple(scopes.values()):
                for site in scope.sites:
                    for value in self._linked.finder.resolver.values(site.call.callee, scope):
                        if isinstance(value, Routine):
                            scopes.setdefault(id(value.scope), value.scope)
        return [site for scope in scopes.values() for site in scope.sites]

    def _log(self, site: Site) -> Log | None:
        sink = self._sink(site)
        if sink is None:
            return None
        name, standing, logger = sink
        parts = [*site.call.args, *(keyword.value for keyword in site.call.keywords)]
        inputs: set[str] = set()
        wholes: set[str] = set()
        read = self._opened(parts, site.scope) if name == "history" else parts
        for part in read:
            for key in () if isinstance(part, ir.Literal) else self._texts.keys(part, site.scope):
                inputs |= self._texts.calls(key)
                wholes |= self._texts.calls(key, whole=True)
        if name in ("console", "file") and not inputs:
            return None  # an answer that is printed or saved is what the product is for
        answers = {answer for part in read if not isinstance(part, ir.Literal) for answer in self._answers(part, site.scope)}
        if name == "file" and not answers:
            return None
        if any(self._reach.defaults.truth(test, site.scope) is (not wanted) for test, wanted in self._own_tests(site)):
            standing = Standing.OFF
        return Log(
            site, "log" if name == "console" else name, standing, frozenset(inputs), frozenset(wholes), frozenset(answers), logger
        )

    def _own_tests(self, site: Site) -> Iterator[tuple[ir.Expr, bool]]:
        """The tests that a log stands under and no model call of its function does: the rest hold wherever there is an answer."""
        shared = {
            (id(test), wanted)
            for found in self._linked.calls
            if found.site.scope is site.scope
            for test, wanted in found.site.context.tests
        }
        yield from ((test, wanted) for test, wanted in site.context.tests if (id(test), wanted) not in shared)

    def _opened(self, parts: list[ir.Expr], scope: Scope) -> list[ir.Expr]:
        """The record itself where a name stands for it."""
        values = [value for part in parts for value in self._linked.finder.resolver.values(part, scope)]
        return [value.expr for value in values if isinstance(value, Structure)]

    def _answers(self, expr: ir.Expr, scope: Scope) -> set[str]:
        found: set[str] = set()
        for part in shown(expr):
            if isinstance(part, ir.Member) and part.name not in CONTENT:
                continue
            for leaf in self._linked.flow.leaves(part, scope):
                if leaf.answer is not None and all(name.rsplit(".", 1)[-1] in TEXT_CALLS for name in leaf.through):
                    found.add(leaf.answer.id)
        return found

    def _sink(self, site: Site) -> tuple[str, Standing, ir.Expr | None] | None:
        callee = site.call.callee
        match callee:
            case ir.Name(id="print") if not self._linked.finder.resolver.bindings("print", site.scope):
                return "console", Standing.ON, None
            case ir.Member(base=ir.Name(id="console"), name=name) if name in _CONSOLE:
                return "console", Standing.OFF if name in ("debug", "trace") else Standing.ON, None
            case ir.Member(base=base, name=name) if name in LEVELS and self._is_logger(base, site.scope):
                return "log", LEVELS[name], base
            case ir.Member(name=name) if name in _WRITERS:
                return "file", Standing.ON, None
            case ir.Member(base=ir.Member() as kept, name="append" | "push") if self._is_record(kept, site):
                return "history", Standing.OFF, None
            case _:
                return None

    def _is_record(self, kept: ir.Member, site: Site) -> bool:
        """Whether a list keeps whole exchanges, request beside response; it lives in memory until somebody writes it."""
        if not set(words(kept.name)) & _RECORDS:
            return False
        for arg in site.call.args:
            for value in self._linked.finder.resolver.values(arg, site.scope):
                if isinstance(value, Structure) and isinstance(value.expr, ir.Mapping):
                    keys = {str(key.value) for key, _ in value.expr.entries if isinstance(key, ir.Literal)}
                    return bool(keys & _REQUESTS and keys & _RESPONSES)
        return False

    def _is_logger(self, base: ir.Expr, scope: Scope) -> bool:
        for value in self._linked.finder.resolver.values(base, scope):
            if isinstance(value, External) and value.path.startswith(_PACKAGES):
                return True
        while isinstance(base, ir.Call) and isinstance(base.callee, ir.Member | ir.Name):
            base = base.callee.base if isinstance(base.callee, ir.Member) else base.callee
        name = base.id if isinstance(base, ir.Name) else base.name if isinstance(base, ir.Member) else ""
        return name in _LOGGERS or name in ("getLogger", "get_logger")
