"""Redaction: what masks personal data, and whether a tracer or a logger in use is what it masks."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Final

from readiness.collect import ir
from readiness.collect.link.arguments import argument
from readiness.collect.link.scopes import Imported, Scope, Site
from readiness.collect.link.spans import span_at, span_of
from readiness.collect.link.values import External, Structure
from readiness.collect.observation.redaction_functions import Masking
from readiness.collect.observation.tracing_ground import Ground
from readiness.collect.observation.tracing_reach import Standing
from readiness.collect.observation.tracing_tools import Mechanism
from readiness.collect.observation.usage_logs import LEVELS, Log
from readiness.knowledge.redactors import Mask, Redactors
from readiness.model import Redaction, Span
from readiness.model import Scope as FileScope

_ATTACHING: Final = ("addFilter", "setFormatter", "addHandler")
_PROCESSORS: Final = frozenset(
    {
        "structlog.configure",
        "loguru.logger.configure",
        "loguru.logger.patch",
        "loguru.logger.add",
        "pino",
        "pino.default",
        "pino.pino",
    }
)
_HOOKS: Final = ("processors", "patcher", "filter", "format", "redact.paths", "redact", 0)
_SPAN_HOOKS: Final = frozenset(
    {"opentelemetry.sdk.trace.TracerProvider.add_span_processor",
    "opentelemetry.trace.get_tracer_provider.add_span_processor", "phoenix.otel.register.add_span_processor"}
)  # fmt: skip


@dataclass
class _Attached:
    """What has been found while reading: functions and classes that mask for telemetry, and the loggers that are masked."""

    masking: set[int] = field(default_factory=set)
    loggers: list[tuple[Site, ir.Expr]] = field(default_factory=list)
    all_logs: bool = False


class Redactions:
    """Finds masks; `logs` are the statements that keep text, and `mechanisms` the tracers."""

    def __init__(self, ground: Ground, mechanisms: Iterable[Mechanism], redactors: Redactors) -> None:
        self._resolver = ground.resolver
        self._named = ground.named
        self._reach = ground.reach
        self._shipped = ground.shipped
        self._tracing = frozenset(each.tool for each in mechanisms if each.standing is not Standing.NEVER)
        self._redactors = redactors
        self._masking = Masking(ground.resolver, redactors)
        self._attached = _Attached()

    def found(self) -> tuple[Redaction, ...]:
        """Every mask, ordered by place. Call it before `unmasked`."""
        found = [
            *self._masks(),
            *self._switches(),
            *self._environment(),
            *self._collector(),
            *self._filters(),
            *self._hooks(),
            *self._logged(),
        ]
        found.extend(self._libraries())
        kept: dict[tuple[Span, str], Redaction] = {}
        for each in found:
            kept.setdefault((each.span, each.tool), each)
        return tuple(sorted(kept.values(), key=lambda each: (each.span.path, each.span.line, each.tool)))

    def unmasked(self, logs: Iterable[Log]) -> tuple[Log, ...]:
        """The logs without those whose logger carries a masking filter."""
        return tuple(log for log in logs if not self._is_masked(log))

    def _is_masked(self, log: Log) -> bool:
        if self._attached.all_logs and log.sink == "log" and log.logger is not None:
            return True
        return any(log.logger is not None and self._same(log, site, base) for site, base in self._attached.loggers)

    def _same(self, log: Log, site: Site, base: ir.Expr) -> bool:
        """Whether a log is written by the logger that a filter was added to: the same binding, or a logger of the same name."""
        assert log.logger is not None
        if isinstance(base, ir.Name) and isinstance(log.logger, ir.Name) and base.id == log.logger.id:
            return self._resolver.bindings(base.id, site.scope) is self._resolver.bindings(log.logger.id, log.site.scope)
        made = {
            id(step.call)
            for value in self._resolver.values(base, site.scope)
            if isinstance(value, External)
            for step in value.steps
        }
        other = {
            id(step.call)
            for value in self._resolver.values(log.logger, log.site.scope)
            if isinstance(value, External)
            for step in value.steps
        }
        return bool(made & other)

    # -------------------------------------------------------------------------------------------------------- tracers

    def _masks(self) -> Iterator[Redaction]:
        for mask in self._redactors.masks:
            for _, site in self._named.sites(mask.names):
                given = [
                    handed for place in mask.arguments for handed in argument(self._resolver, site.call, site.scope, place).found
                ]
                if not given:
                    continue
                on = any(self._reach.defaults.truth(handed.expr, handed.scope) is not False for handed in given)
                never = all(isinstance(handed.expr, ir.Literal) and not handed.expr.value for handed in given)
                if never:
                    continue
                for handed in given:
                    self._attached.masking.update(self._masking.scopes(handed.expr, handed.scope))
                standing = self._reach.standing(site)
                attached = "telemetry" if self._in_use(mask, site) and standing is not Standing.NEVER else "unused"
                hides = mask.hides_all or all(isinstance(handed.expr, ir.Literal) and handed.expr.value is True for handed in given)
                yield self._redaction(
                    site, mask.tool, attached, on=on and standing is Standing.ON, hides_all=hides and "pii" not in mask.tool.lower()
                )

    def _in_use(self, mask: Mask, site: Site) -> bool:
        if not mask.tracers & self._tracing:
            return False
        return not mask.handed or self._handed_over(site)

    def _handed_over(self, made: Site) -> bool:
        """Whether what a call makes is an argument of another call."""
        for site in self._resolver.program.sites():
            for expr in (*site.call.args, *(keyword.value for keyword in site.call.keywords)):
                if isinstance(expr, ir.Name | ir.Call | ir.Member | ir.Mapping) and self._carries(expr, site.scope, made.call):
                    return True
        return False

    def _carries(self, expr: ir.Expr, scope: Scope, call: ir.Call) -> bool:
        if isinstance(expr, ir.Mapping):
            return any(self._carries(value, scope, call) for _, value in expr.entries if isinstance(value, ir.Name | ir.Call))
        return any(
            isinstance(value, External) and any(step.call is call for step in value.steps)
            for value in self._resolver.values(expr, scope)
        )

    def _switches(self) -> Iterator[Redaction]:
        for name, (tool, hides_all) in self._redactors.switches.items():
            for each in self._named.assigned(name):
                on = self._reach.defaults.truth(each.value, each.site.scope)
                if on is not False or not isinstance(each.value, ir.Literal):
                    standing = self._reach.standing(each.site)
                    attached = "telemetry" if self._tracing else "unused"
                    yield self._redaction(
                        each.site, tool, attached, on=on is not False and standing is Standing.ON, hides_all=hides_all
                    )

    def _environment(self) -> Iterator[Redaction]:
        for hiding in self._redactors.hiding:
            variable = self._shipped.among(hiding.settings)
            if variable is not None:
                attached = "telemetry" if hiding.tracers & self._tracing else "unused"
                yield Redaction(variable.span, FileScope.PRODUCTION, hiding.tool, attached, hides_all=True)

    def _collector(self) -> Iterator[Redaction]:
        for path, entry in self._resolver.program.config.by_key.get("processors", ()):
            if entry.keys[:2] == ("service", "pipelines") and str(entry.value).split("/", 1)[0] in self._redactors.collector:
                yield Redaction(
                    Span(path, entry.line, entry.line), FileScope.PRODUCTION, "OpenTelemetry collector redaction", "telemetry"
                )

    # -------------------------------------------------------------------------------------------------------- loggers

    def _filters(self) -> Iterator[Redaction]:
        for name in _ATTACHING:
            for site in self._resolver.program.sites_by_name.get(name, ()):
                for arg in site.call.args[:1] if isinstance(site.call.callee, ir.Member) else ():
                    scopes = self._masking.scopes(arg, site.scope)
                    if scopes:
                        yield self._filter(site, scopes)

    def _filter(self, site: Site, scopes: set[int]) -> Redaction:
        assert isinstance(site.call.callee, ir.Member)
        base = site.call.callee.base
        self._attached.masking |= scopes
        if self._is_handler(base, site.scope):
            self._attached.all_logs = True
        else:
            self._attached.loggers.append((site, base))
        standing = self._reach.standing(site)
        return self._redaction(
            site, "log filter", "unused" if standing is Standing.NEVER else "telemetry", on=standing is Standing.ON
        )

    def _is_handler(self, base: ir.Expr, scope: Scope) -> bool:
        """A filter of a handler sees every record; one of a logger only the records of that logger."""
        for value in self._resolver.values(base, scope):
            if isinstance(value, External) and value.path.rsplit(".", 1)[-1].endswith("Handler"):
                return True
        return False

    def _hooks(self) -> Iterator[Redaction]:
        for name, site in self._named.sites(_PROCESSORS | _SPAN_HOOKS):
            for place in _HOOKS:
                for handed in argument(self._resolver, site.call, site.scope, place).found:
                    scopes = self._masking.scopes(handed.expr, handed.scope)
                    if scopes or (name.startswith("pino") and self._personal_paths(handed.expr, handed.scope)):
                        self._attached.masking |= scopes
                        self._attached.all_logs = self._attached.all_logs or name in _PROCESSORS
                        standing = self._reach.standing(site)
                        tool = "span processor" if name in _SPAN_HOOKS else "log processor"
                        yield self._redaction(
                            site, tool, "unused" if standing is Standing.NEVER else "telemetry", on=standing is Standing.ON
                        )

    def _personal_paths(self, expr: ir.Expr, scope: Scope) -> bool:
        words = [
            str(item.value)
            for value in self._resolver.values(expr, scope)
            if isinstance(value, Structure) and isinstance(value.expr, ir.Sequence)
            for item in value.expr.items
            if isinstance(item, ir.Literal)
        ]
        return self._masking.is_personal(words)

    def _logged(self) -> Iterator[Redaction]:
        """Masking functions around what a logger is given."""
        for name in LEVELS:
            for site in self._resolver.program.sites_by_name.get(name, ()):
                if not isinstance(site.call.callee, ir.Member) or site.call.callee.name != name:
                    continue
                for arg in site.call.args:
                    for part in arg.parts if isinstance(arg, ir.Template) else (arg,):
                        if isinstance(part, ir.Call) and (scopes := self._masking.scopes(part.callee, site.scope)):
                            self._attached.masking |= scopes
                            yield self._redaction(site, "mask around a log", "telemetry", on=True)

    # ------------------------------------------------------------------------------------------------------ libraries

    def _libraries(self) -> Iterator[Redaction]:
        for library in self._redactors.libraries:
            called = False
            for _, site in self._named.sites(library.names):
                called = True
                if any(id(scope) in self._attached.masking for scope in _around(site.scope)):
                    continue
                standing = self._reach.standing(site)
                yield self._redaction(
                    site, library.tool, "unused" if standing is Standing.NEVER else "other", on=standing is Standing.ON
                )
            if not called:
                yield from self._imported(library.tool, library.roots)

    def _imported(self, tool: str, roots: frozenset[str]) -> Iterator[Redaction]:
        for scope in self._resolver.program.scopes() if roots else ():
            for bindings in scope.bindings.values():
                for binding in bindings:
                    if isinstance(binding, Imported) and any(
                        binding.node.module == root or binding.node.module.startswith(root + ".") for root in roots
                    ):
                        yield Redaction(span_at(scope, binding.node.line), scope.module.scope, tool, "unused")
                        return

    @staticmethod
    def _redaction(site: Site, tool: str, attached: str, *, on: bool, hides_all: bool = False) -> Redaction:
        return Redaction(span_of(site), site.scope.module.scope, tool, attached, hides_all=hides_all, default_on=on)


def _around(scope: Scope) -> Iterator[Scope]:
    current: Scope | None = scope
    while current is not None:
        yield current
        current = current.parent
