"""Models that are set for a whole program or block, not handed to a call: `dspy.configure(lm=...)`, `Settings.llm = ...`."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from readiness.collect import ir
from readiness.collect.link.arguments import argument
from readiness.collect.link.handed import Handed
from readiness.collect.link.resolve import Resolver
from readiness.collect.link.scopes import Scope, Site
from readiness.collect.link.values import External
from readiness.knowledge.catalog import Catalog, Entry


class Ambient:
    """Answers which model objects are in force where a call of an SDK names none."""

    def __init__(self, resolver: Resolver, catalog: Catalog) -> None:
        self._resolver = resolver
        self._catalog = catalog
        self._everywhere: dict[tuple[str, str], list[Handed]] | None = None

    def models(self, site: Site, entry: Entry) -> tuple[Handed, ...]:
        """The expressions that set a model of the entry's SDK: in the nearest `with` around the site, else anywhere."""
        if not entry.ambient or entry.kind is None:
            return ()
        for value in reversed(site.context.withs):
            near = tuple(self._set_by(value, site.scope, entry)) if isinstance(value, ir.Call) else ()
            if near:
                return near
        if self._everywhere is None:
            self._everywhere = self._collect()
        return tuple(self._everywhere.get((entry.sdk, entry.ambient), ()))

    def _set_by(self, call: ir.Call, scope: Scope, entry: Entry) -> Iterator[Handed]:
        setter = self._setter(call.callee, scope)
        if setter is not None and (setter.sdk, setter.ambient) == (entry.sdk, entry.ambient):
            for place in setter.role("client"):
                yield from argument(self._resolver, call, scope, place).found

    def _setter(self, expr: ir.Expr, scope: Scope) -> Entry | None:
        for value in self._resolver.values(expr, scope):
            match = self._catalog.match(value.path) if isinstance(value, External) else None
            if match is not None and match.entry is not None and match.entry.ambient and match.entry.kind is None:
                return match.entry
        return None

    def _collect(self) -> dict[tuple[str, str], list[Handed]]:
        """Every setter of the program: calls, and assignments to an attribute (`Settings.llm = model`)."""
        found: dict[tuple[str, str], list[Handed]] = defaultdict(list)
        for name in self._catalog.setters():
            for site in self._resolver.program.sites_by_name.get(name, ()):
                setter = None if isinstance(site.statement, ir.With) else self._setter(site.call.callee, site.scope)
                for place in setter.role("client") if setter is not None else ():
                    assert setter is not None
                    found[setter.sdk, setter.ambient].extend(argument(self._resolver, site.call, site.scope, place).found)
        for scope in self._resolver.program.scopes():
            for base, entries in scope.entries.items():
                for added in entries:
                    setter = (
                        self._setter(ir.Member(ir.Name(base, added.expr.line), added.key, added.expr.line), scope)
                        if added.key in self._catalog.setters()
                        else None
                    )
                    if setter is not None:
                        found[setter.sdk, setter.ambient].append(Handed(added.expr, scope))
        return found
