"""Where model text turns into action or markup, and what stands between."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from readiness.collect import ir
from readiness.collect.link.arguments import argument
from readiness.collect.link.handed import Handed
from readiness.collect.link.scopes import Scope, Site
from readiness.collect.link.spans import span_of
from readiness.collect.link.values import Constant, External, Structure
from readiness.collect.trust.sinks_pages import Pages
from readiness.collect.trust.sinks_safety import Safety
from readiness.collect.trust.sinks_served import Served
from readiness.collect.trust.sinks_text import ModelText, Texts
from readiness.knowledge.sinks import Place, Sinks, SinkSpec
from readiness.model import OutputSink

_SQL: Final = re.compile(r"(?i)\b(select|insert|update|delete|with|create|drop|alter|match|merge)\b")
_SQL_CALLS: Final = SinkSpec("sql", (0, "sql", "query", "statement"), (1, "parameters", "params", "values"))
_SQL_NAMES: Final = frozenset({"execute", "executemany", "executescript", "fetch", "fetchrow", "fetch_all", "query", "raw", "run"})


class SinkFinder:
    """Finds every sink of a program that model text reaches."""

    def __init__(self, texts: Texts, sinks: Sinks, served: Served) -> None:
        self.texts = texts
        self.flow = texts.flow
        self.resolver = texts.flow.resolver
        self.sinks = sinks
        self.safety = Safety(texts, sinks)
        self.pages = Pages(texts, sinks, self.safety, served)

    def find(self) -> tuple[OutputSink, ...]:
        """All sinks, one for each place and kind, the least safe first where several texts meet."""
        found: dict[tuple[str, int, str], OutputSink] = {}
        for scope in self.resolver.program.scopes():
            for sink in (*self._in(scope), *self.pages.find(scope)):
                key = (sink.span.path, sink.span.line, sink.sink)
                if key not in found or _rank(sink) < _rank(found[key]):
                    found[key] = sink
        return tuple(sorted(found.values(), key=lambda sink: (sink.span, sink.sink)))

    def _in(self, scope: Scope) -> Iterator[OutputSink]:
        for site in scope.sites:
            name = _name(site.call.callee)
            if site.call.jsx or not (name in self.sinks.tails or name in _SQL_NAMES or self._is_glob(name)):
                continue
            yield from self._at(site)

    def _is_glob(self, name: str) -> bool:
        return name.startswith(("runIn", "runPython"))

    def _at(self, site: Site) -> Iterator[OutputSink]:
        for target in self.flow.targets(site.call, site.scope):
            kind = self.sinks.constructs.get(target.path)
            if kind is not None:
                yield OutputSink(span_of(site), site.scope.module.scope, kind, "none", "Text that a model writes", None)
                return
            for spec in self.sinks.calls.get(target.path) or self._unknown_sql(target, site):
                sink = self._judge(site, spec)
                if sink is not None:
                    yield sink
                    return

    def _unknown_sql(self, target: External, site: Site) -> tuple[SinkSpec, ...]:
        """`cursor.execute("SELECT ...")` on a cursor nobody knows is SQL all the same."""
        name = target.path.rsplit(".", 1)[-1]
        if not target.path.startswith(("?", "builtins.")) or name not in _SQL_NAMES or not site.call.args:
            return ()
        for value in self.resolver.values(site.call.args[0], site.scope):
            text = str(value.value) if isinstance(value, Constant) else _fixed(value.expr) if isinstance(value, Structure) else ""
            if _SQL.search(text):
                return (_SQL_CALLS,)
        return ()

    # ------------------------------------------------------------------------------------------------------ judging

    def _judge(self, site: Site, spec: SinkSpec) -> OutputSink | None:
        if not self._applies(site, spec):
            return None
        for handed in self._handed(site, spec.text):
            found = self.texts.of(handed.expr, handed.scope)
            if found:
                return self._sink(site, spec.kind, self.safety.grade(site, spec, handed, found), found)
        for handed in self._handed(site, spec.bound):
            found = self.texts.of(handed.expr, handed.scope)
            if found:
                return self._sink(site, spec.kind, "safe", found)
        return None

    @staticmethod
    def _sink(site: Site, kind: str, safety: str, found: tuple[ModelText, ...]) -> OutputSink:
        return OutputSink(span_of(site), site.scope.module.scope, kind, safety, found[0].source, found[0].call)

    def _handed(self, site: Site, places: tuple[Place, ...]) -> Iterator[Handed]:
        for place in places:
            if place == -1:
                if isinstance(site.call.callee, ir.Member):
                    yield Handed(site.call.callee.base, site.scope)
            elif isinstance(place, int):
                yield from argument(self.resolver, site.call, site.scope, place).found
            else:
                yield from (Handed(keyword.value, site.scope) for keyword in site.call.keywords if keyword.name == place)

    def _applies(self, site: Site, spec: SinkSpec) -> bool:
        given = {keyword.name: keyword.value for keyword in site.call.keywords}
        if spec.when:
            chosen = given.get(spec.when)
            values = self.resolver.values(chosen, site.scope) if chosen is not None else ()
            return any(not isinstance(value, Constant) or bool(value.value) for value in values)
        return not any(name in given and "nsafe" not in _name(given[name]) for name in spec.unless)


def _fixed(expr: ir.Expr) -> str:
    """The fixed text of a template."""
    return " ".join(str(part.value) for part in expr.parts if isinstance(part, ir.Literal)) if isinstance(expr, ir.Template) else ""


def _rank(sink: OutputSink) -> int:
    return ("none", "unresolved", "approved", "weak", "safe").index(sink.safety)


def _name(expr: ir.Expr) -> str:
    match expr:
        case ir.Name(id=name) | ir.Member(name=name):
            return name
        case _:
            return ""
