"""The tracers of a program: where each is started, whether it runs by default, and which model calls it records."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from readiness.collect import ir
from readiness.collect.link.arguments import argument, within
from readiness.collect.link.found import FoundCall, Link
from readiness.collect.link.handed import Handed
from readiness.collect.link.scopes import Scope, Site
from readiness.collect.link.spans import span_at, span_of
from readiness.collect.link.values import Constant, External, Routine, Structure
from readiness.collect.observation.tracing_ground import Ground
from readiness.collect.observation.tracing_names import Assigned
from readiness.collect.observation.tracing_reach import STANDINGS, Standing, serving, weaker
from readiness.knowledge.tracers import Settings, Start, Switch, Tool, Tracers
from readiness.model import ModelCall, Span
from readiness.model import Scope as FileScope

_COMMANDS: Final = frozenset(
    {"CMD", "ENTRYPOINT", "command", "args", "entrypoint", "startCommand", "web", "worker", "run", "start"}
)
_LITELLM: Final = ("litellm.success_callback", "litellm.callbacks", "litellm._async_success_callback")


@dataclass(frozen=True, slots=True)
class Mechanism:
    """One way in which a tool records calls; `calls` are their ids."""

    tool: str
    span: Span
    scope: FileScope
    standing: Standing
    content: str = "full"
    calls: frozenset[str] = frozenset()
    own_log: bool = False
    usage: bool = True
    prices: bool = False
    note: str = ""


class Tools:
    """Finds the mechanisms of every known tool."""

    def __init__(self, ground: Ground, calls: Iterable[ModelCall], tracers: Tracers) -> None:
        self._linked = ground.linked
        self._calls = {call.id: call for call in calls}
        self._named = ground.named
        self._reach = ground.reach
        self._shipped = ground.shipped
        self._tracers = tracers
        self._resolver = ground.resolver

    def mechanisms(self) -> Iterator[Mechanism]:
        """Every mechanism, tool by tool."""
        for tool in self._tracers.tools:
            yield from self._started(tool)
            yield from self._commanded(tool)
            yield from self._linked_clients(tool)
            yield from self._regions(tool)
            yield from self._callbacks(tool)
            yield from self._by_environment(tool)
            yield from self._proxied(tool)
            yield from self._litellm(tool)
        yield from self._telemetry()

    # ------------------------------------------------------------------------------------------------- global starts

    def _started(self, tool: Tool) -> Iterator[Mechanism]:
        for start in tool.starts:
            for _, site in self._named.sites(start.names):
                if start.needs and not any(self._given(site, need) for need in start.needs):
                    continue
                standing = self._standing(tool, site)
                calls = self._instrumented(start, site.scope)
                yield self._mechanism(
                    tool, span_of(site), site.scope.module.scope, standing, calls=calls, content=self._content(tool, site)
                )

    def _given(self, site: Site, need: str) -> bool:
        found = argument(self._resolver, site.call, site.scope, need).found
        return any(self._reach.defaults.truth(handed.expr, handed.scope) is not False for handed in found)

    def _instrumented(self, start: Start, scope: Scope) -> frozenset[str]:
        return frozenset(
            found.id
            for found in self._linked.calls
            if self._covers(start.instruments, found) and self._reach.together(found.site.scope.module, scope.module)
        )

    def _covers(self, instruments: Iterable[str], found: FoundCall) -> bool:
        return self._tracers.reaches(instruments, self._names(found)) or (
            "*" in instruments and found.entry.sdk not in ("", "http")
        )

    def _names(self, found: FoundCall) -> Iterator[str]:
        """What a call goes by. A Python framework sends its requests through the provider's own SDK."""
        yield found.entry.sdk
        for variant in found.variants:
            root = variant.path.split(".", 1)[0]
            if root != "?":
                yield root.replace("-", "_") if found.site.scope.module.code.language == "python" else root
        sdk = self._linked.finder.catalog.sdks.get(found.entry.sdk)
        if sdk is not None and sdk.framework and found.site.scope.module.code.language == "python":
            yield self._calls[found.id].provider

    def _commanded(self, tool: Tool) -> Iterator[Mechanism]:
        for start in tool.commands:
            for path, entry in self._shipped.entries:
                if not (_COMMANDS & {key for key in entry.keys if isinstance(key, str)}):
                    continue
                if isinstance(entry.value, str) and start.names[0] in entry.value.split():
                    content = "full" if not start.environment or self._shipped.among(start.environment) else "metadata"
                    calls = frozenset(found.id for found in self._linked.calls if self._covers(start.instruments, found))
                    span = Span(path, entry.line, entry.line)
                    yield self._mechanism(tool, span, FileScope.PRODUCTION, Standing.ON, calls=calls, content=content)

    # ------------------------------------------------------------------------------------------------------- clients

    def _linked_clients(self, tool: Tool) -> Iterator[Mechanism]:
        if not tool.clients and not tool.wraps:
            return
        for found in self._linked.calls:
            link = self._through(tool, found)
            if link is not None:
                site = Site(link.step.call, link.step.scope, found.site.context, found.site.statement)
                site = next((each for each in link.step.scope.sites if each.call is link.step.call), site)
                standing = self._standing(tool, site)
                yield self._mechanism(
                    tool,
                    span_of(site),
                    site.scope.module.scope,
                    standing,
                    calls=frozenset({found.id}),
                    content=self._content(tool, site),
                )

    @staticmethod
    def _through(tool: Tool, found: FoundCall) -> Link | None:
        """The outermost step of a call that is the tool's client or wrapper."""
        for variant in found.variants:
            passed = [link for link in variant.links if link.step.path in tool.wraps or tool.is_client(link.step.path)]
            if passed:
                return passed[-1]
        return None

    # ------------------------------------------------------------------------------------------------------- regions

    def _regions(self, tool: Tool) -> Iterator[Mechanism]:
        decorated = {id(scope): scope for scope in self._named.decorated(tool.decorators)}
        spans = {id(site.call): site for _, site in self._named.sites(tool.spans | tool.forced)}
        if not decorated and not spans:
            return
        starts = [(site, self._standing(tool, site)) for start in tool.starts for _, site in self._named.sites(start.names)]
        start = min(starts, key=lambda item: STANDINGS.index(item[1])) if starts else None
        groups: dict[tuple[Span, FileScope, Standing], set[str]] = {}
        served = next(serving(self._resolver.program, spans), None)
        for found in self._linked.calls:
            region = self._region(found, tool, decorated, spans)
            if region is None and served is not None and self._serves(tool, served, found):
                region = span_of(served), served.scope.module.scope, self._opened(tool, served)
            if region is not None:
                groups.setdefault(region, set()).add(found.id)
        for (span, scope, standing), calls in groups.items():
            if not tool.needs_start:
                yield self._mechanism(tool, span, scope, standing, calls=frozenset(calls), content=self._content(tool, None))
            elif start is not None:
                where, stands = start
                yield self._mechanism(
                    tool,
                    span_of(where),
                    where.scope.module.scope,
                    weaker(standing, stands),
                    calls=frozenset(calls),
                    content=self._content(tool, where),
                )

    def _region(
        self, found: FoundCall, tool: Tool, decorated: Mapping[int, Scope], spans: Mapping[int, Site]
    ) -> tuple[Span, FileScope, Standing] | None:
        for key, scope in self._reach.around(found).items():
            if key in decorated and scope.function is not None:
                decorators = scope.function.decorators
                line = decorators[0].line if decorators else scope.function.line
                return span_at(scope, line, scope.function.line), scope.module.scope, self._allowed(tool, Standing.ON)
        for frame in self._reach.frames(found):
            inside = [site for value in frame.site.context.withs for part in (value,) if (site := spans.get(id(part))) is not None]
            beside = [site for site in frame.site.scope.sites if id(site.call) in spans] if frame.depth <= 1 else []
            for site in (*inside, *beside):
                return span_of(site), site.scope.module.scope, self._opened(tool, site)
            for site in frame.site.scope.sites if frame.depth <= 1 else ():
                inner = self._opening(site, spans)
                if inner is not None:
                    return span_of(site), site.scope.module.scope, weaker(self._opened(tool, site), self._opened(tool, inner))
        return None

    def _opening(self, site: Site, spans: Mapping[int, Site]) -> Site | None:
        """The span that a function of the program opens and returns where it is called."""
        if not any(isinstance(value, Routine) for value in self._resolver.values(site.call.callee, site.scope)):
            return None
        made = (value for value in self._resolver.values(site.call, site.scope) if isinstance(value, External))
        return next((spans[id(step.call)] for value in made for step in value.steps if id(step.call) in spans), None)

    def _opened(self, tool: Tool, site: Site) -> Standing:
        forced = any(site is each for _, each in self._named.sites(tool.forced))
        standing = self._reach.assuming(tool.keys).standing(site)
        return standing if forced else self._allowed(tool, standing)

    def _serves(self, tool: Tool, site: Site, found: FoundCall) -> bool:
        near = self._reach.together(found.site.scope.module, site.scope.module)
        return near and (not tool.environment or self._covers(tool.environment, found))

    # ----------------------------------------------------------------------------------------------------- callbacks

    def _callbacks(self, tool: Tool) -> Iterator[Mechanism]:
        made = {id(site.call): site for _, site in self._named.sites(tool.callbacks)}
        if not made:
            return
        groups: dict[int, set[str]] = {}
        for found in self._linked.calls:
            for call in self._handlers(found):
                if id(call) in made:
                    groups.setdefault(id(call), set()).add(found.id)
        for key, site in made.items():
            standing = self._standing(tool, site)
            calls = frozenset(groups.get(key, ()))
            if calls:
                yield self._mechanism(
                    tool, span_of(site), site.scope.module.scope, standing, calls=calls, content=self._content(tool, site)
                )

    def _handlers(self, found: FoundCall) -> Iterator[ir.Call]:
        """The constructions of the callback handlers that a call or the objects behind it are given."""
        for variant in found.variants:
            for link in variant.links:
                for option in self._tracers.callback_options:
                    for handed in argument(self._resolver, link.step.call, link.step.scope, option).found:
                        yield from self._made(handed, 0)

    def _made(self, handed: Handed, depth: int) -> Iterator[ir.Call]:
        for value in self._resolver.values(handed.expr, handed.scope):
            if isinstance(value, External):
                yield from (step.call for step in value.steps)
            elif isinstance(value, Structure) and isinstance(value.expr, ir.Sequence) and depth < 2:
                for item in value.expr.items:
                    yield from self._made(Handed(item, value.scope), depth + 1)
        for leaf in self._linked.flow.leaves(handed.expr, handed.scope) if depth == 0 else ():
            if isinstance(leaf.value, External):
                yield from (step.call for step in leaf.value.steps)

    # --------------------------------------------------------------------------------------------------- environment

    def _by_environment(self, tool: Tool) -> Iterator[Mechanism]:
        """Tools that a framework loads by itself once a variable is set."""
        if not tool.environment:
            return
        calls = frozenset(found.id for found in self._linked.calls if self._covers(tool.environment, found))
        where = self._switched(tool.required, tool.keys) or self._keyed(tool)
        if where is not None and calls:
            span, scope, standing = where
            setter = self._resolver.program.modules.get(span.path)
            if setter is not None:
                calls = frozenset(
                    c.id for c in self._linked.calls if c.id in calls and self._reach.together(c.site.scope.module, setter)
                )
            yield self._mechanism(tool, span, scope, standing, calls=calls, content=self._content(tool, None))

    def _switched(self, settings: Settings, keys: frozenset[str] = frozenset()) -> tuple[Span, FileScope, Standing] | None:
        variable = self._shipped.among(settings)
        if variable is not None:
            return variable.span, FileScope.PRODUCTION, Standing.ON
        reach = self._reach.assuming(keys)
        found = [(each, reach.standing(each.site)) for name, wanted in settings.items() for each in self._put(name, wanted)]
        found.sort(key=lambda item: item[1] is not Standing.ON)
        if not found or found[0][1] is Standing.NEVER:
            return None
        each, standing = found[0]
        return span_of(each.site), each.site.scope.module.scope, standing

    def _put(self, name: str, wanted: frozenset[str]) -> Iterator[Assigned]:
        for each in self._named.environment(name):
            if each.site.scope.module.scope in self._reach.production:
                values = self._reach.defaults.constants(each.value, each.site.scope)
                if any(isinstance(value, str) and value in wanted for value in values):
                    yield each

    def _keyed(self, tool: Tool) -> tuple[Span, FileScope, Standing] | None:
        images = [str(entry.value) for _, entry in self._shipped.entries if "image" in entry.keys or "FROM" in entry.keys]
        if not any(image.split(":", 1)[0].split("@", 1)[0].endswith(tool.keyed_images) for image in images):
            return None
        key = next((variable for name in sorted(tool.keys) if (variable := self._shipped.first(name)) is not None), None)
        return (key.span, FileScope.PRODUCTION, Standing.ON) if key is not None else None

    def _standing(self, tool: Tool, site: Site) -> Standing:
        """The standing of a start. Every deployment of a tool gives it its key, so a test for the key is none of its switches."""
        return self._allowed(tool, self._reach.assuming(tool.keys).standing(site))

    def _allowed(self, tool: Tool, standing: Standing) -> Standing:
        """The standing of a mechanism once the switches of its tool are counted."""
        if self._switched(tool.disabled_by) is not None:
            standing = weaker(standing, Standing.OFF)
        if tool.required and standing is Standing.ON:
            switched = self._switched(tool.required, tool.keys) or self._keyed(tool)
            return Standing.OFF if switched is None else weaker(standing, switched[2])
        return standing

    # ------------------------------------------------------------------------------------------------------- gateways

    def _proxied(self, tool: Tool) -> Iterator[Mechanism]:
        for call in self._calls.values() if tool.hosts else ():
            if call.host is not None and any(pattern.search(call.host) for pattern in tool.hosts):
                yield self._mechanism(tool, call.span, call.scope, Standing.ON, calls=frozenset({call.id}), content="full")

    def _litellm(self, tool: Tool) -> Iterator[Mechanism]:
        if not tool.litellm:
            return
        calls = frozenset(found.id for found in self._linked.calls if self._covers(("litellm",), found))
        appended = (f"{name}.{verb}" for name in _LITELLM for verb in ("append", "extend"))
        sites = [Assigned(arg, site) for _, site in self._named.sites(appended) for arg in site.call.args]
        for each in (*(each for name in _LITELLM for each in self._named.assigned(name)), *sites):
            if tool.litellm & set(self._words(each.value, each.site.scope)):
                standing = self._standing(tool, each.site)
                yield self._mechanism(
                    tool, span_of(each.site), each.site.scope.module.scope, standing, calls=calls, content=self._content(tool, None)
                )

    def _words(self, expr: ir.Expr, scope: Scope) -> Iterator[str]:
        for value in self._resolver.values(expr, scope):
            if isinstance(value, Constant) and isinstance(value.value, str):
                yield value.value
            elif isinstance(value, Structure) and isinstance(value.expr, ir.Sequence):
                for item in value.expr.items:
                    yield from self._words(item, value.scope)

    # ------------------------------------------------------------------------------------------------------ telemetry

    def _telemetry(self) -> Iterator[Mechanism]:
        option = self._tracers.telemetry
        exporters = [
            site for _, site in self._named.sites(self._tracers.exporters) if site.scope.module.scope in self._reach.production
        ]
        for found in self._linked.calls:
            for handed in self._opted(found):
                enabled = within(self._resolver, handed, option.enabled).found
                standing = (
                    Standing.OFF if any(self._reach.defaults.truth(e.expr, e.scope) is False for e in enabled) else Standing.ON
                )
                if not enabled:
                    continue
                exporter = next((site for site in exporters if self._reach.standing(site) is not Standing.NEVER), None)
                standing = weaker(standing, self._reach.standing(exporter)) if exporter is not None else Standing.NEVER
                hidden = [self._off(handed, name) for name in option.content]
                span = span_of(exporter) if exporter is not None else span_at(handed.scope, handed.line)
                scope = exporter.scope.module.scope if exporter is not None else handed.scope.module.scope
                yield Mechanism(option.tool, span, scope, standing, "metadata" if all(hidden) else "full", frozenset({found.id}))

    def _opted(self, found: FoundCall) -> Iterator[Handed]:
        """The telemetry options of a call, or of the agent that it is a method of."""
        for option in self._tracers.telemetry.options:
            yield from argument(self._resolver, found.call, found.site.scope, option).found
        for variant in found.variants:
            carried = self._linked.finder.role(variant, "telemetry")
            if carried.layer == "client":
                yield from carried.found

    def _off(self, handed: Handed, name: str) -> bool:
        return any(self._reach.defaults.truth(e.expr, e.scope) is False for e in within(self._resolver, handed, name).found)

    # ------------------------------------------------------------------------------------------------------- content

    def _content(self, tool: Tool, site: Site | None) -> str:
        if self._thrown(tool.shown_by, site):
            return "full"
        return "metadata" if self._thrown(tool.hidden_by, site) else tool.content

    def _thrown(self, switch: Switch, site: Site | None) -> bool:
        by_environment = self._switched(switch.environment)
        if by_environment is not None and by_environment[2] is Standing.ON:
            return True
        if site is None:
            return False
        return any(
            self._reach.defaults.truth(handed.expr, handed.scope) is wanted
            for place, wanted in switch.arguments.items()
            for handed in argument(self._resolver, site.call, site.scope, place).found
        )

    @staticmethod
    def _mechanism(
        tool: Tool, span: Span, scope: FileScope, standing: Standing, *, calls: frozenset[str], content: str
    ) -> Mechanism:
        return Mechanism(tool.name, span, scope, standing, content, calls, prices=tool.prices)
