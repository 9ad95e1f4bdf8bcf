"""Which call sites reach a function of the program."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from readiness.collect import ir
from readiness.collect.link.drafts import CUT, FREE, Draft
from readiness.collect.link.resolve_words import CALLERS, DEPTH
from readiness.collect.link.scopes import Defined, Scope, Site
from readiness.collect.link.values import External, Kind, Routine
from readiness.model import Scope as FileScope

if TYPE_CHECKING:
    from readiness.collect.link.resolve import Resolver

_COMMON: Final = frozenset(
    {"run", "get", "call", "invoke", "execute", "send", "create", "generate", "main", "handler", "process", "__init__"}
)


class Callers:
    """One part of a resolver, which answers everything else."""

    def __init__(self, resolver: Resolver) -> None:
        self.resolver = resolver
        self._callers: dict[int, tuple[Site, ...]] = {}
        self._by_names: dict[tuple[str, ...], tuple[Site, ...]] = {}

    def own_callers(self, function: Scope) -> tuple[Site, ...]:
        """The callers that count: those in files of its own scope; what only tests call in production code, nobody is known to."""
        sites = self.callers(function)
        own = tuple(site for site in sites if site.scope.module.scope is function.module.scope)
        return own or (() if function.module.scope is FileScope.PRODUCTION else sites)

    def callers(self, function: Scope) -> tuple[Site, ...]:
        """Call sites that reach a function of the program, at most `CALLERS`, production code first."""
        known = self._callers.get(id(function))
        if known is not None:
            return known
        node = function.function
        if node is None:
            return ()
        key = (id(function), 0)
        draft = self.resolver.drafts.get(key, self.resolver.depth)
        if draft is not None:
            self.resolver.low = min(self.resolver.low, draft.low)
            return draft.sites
        if key[0] in self.resolver.sought:
            self.resolver.low = min(self.resolver.low, self.resolver.sought[key[0]])
            return ()
        if self.resolver.depth > DEPTH - 6:
            self.resolver.low = CUT
            return ()
        return self._search(function, node, key)

    def _search(self, function: Scope, node: ir.Function, key: tuple[int, int]) -> tuple[Site, ...]:
        position = 2 * self.resolver.depth - 1
        outer, self.resolver.low = self.resolver.low, FREE
        self.resolver.sought[key[0]] = position
        try:
            found = self._sites_reaching(function, node)
        finally:
            del self.resolver.sought[key[0]]
            low, self.resolver.low = self.resolver.low, outer
        self.resolver.drafts.settle(position)
        if low >= position or not (self.resolver.active or self.resolver.sought):
            self._callers[key[0]] = found
        else:
            self.resolver.drafts.put(key, Draft(low, self.resolver.depth, sites=found))
            self.resolver.low = min(outer, low)
        return found

    def _sites_reaching(self, function: Scope, node: ir.Function) -> tuple[Site, ...]:
        name = node.name
        cls = function.parent if function.parent is not None and isinstance(function.parent.node, ir.Class) else None
        names = [name]
        if cls is not None and name in ("__init__", "constructor"):
            names = [cls.name, "self", "__init__", "constructor", "super"]
        elif cls is not None and name in ("__call__", "forward"):
            names = []
        return tuple(site for site in self._candidates(tuple(names)) if self._reaches(site, function, cls))[:CALLERS]

    def _candidates(self, names: tuple[str, ...]) -> tuple[Site, ...]:
        """Sites that could call a function by one of its names, production code and the first names first."""
        known = self._by_names.get(names)
        if known is None:
            ranked = [(rank, site) for rank, name in enumerate(names) for site in self.resolver.program.sites_by_name.get(name, ())]
            if len(names) > 1:
                ranked += [(len(names), site) for site in self.resolver.program.dynamic_sites]
            ranked.sort(
                key=lambda each: (each[1].scope.module.scope.value != "production", each[0], each[1].path, each[1].call.line)
            )
            known = tuple(dict.fromkeys(site for _, site in ranked))[: CALLERS * 4]
            self._by_names[names] = known
        return known

    def _reaches(self, site: Site, function: Scope, cls: Scope | None) -> bool:
        if isinstance(site.call.callee, ir.Name):
            plain = self._plainly(site.call.callee.id, site.scope, function)
            if plain is not None:
                return plain
        for callee in (site.call.callee, *self._deferred_target(site)):
            for value in self.resolver.values(callee, site.scope):
                match value:
                    case Routine(scope=found) if found is function:
                        return True
                    case Kind(scope=found) if cls is not None and (found is cls or cls in self.resolver.classes.lineage(found)):
                        return True
                    case External(path=path) if path.startswith("?."):
                        name = path.rsplit(".", 1)[-1]
                        if cls is not None and name not in _COMMON and len(self.resolver.program.definitions.get(name, ())) == 1:
                            return path.count(".") == 1
                    case _:
                        pass
        return False

    def _plainly(self, name: str, scope: Scope, function: Scope) -> bool | None:
        """Whether a plain name is this function, where its bindings are definitions and say so at once; None where they are not."""
        bindings = self.resolver.bindings(name, scope)
        if bindings and all(isinstance(binding, Defined) and binding.scope.function is not None for binding in bindings):
            return any(isinstance(binding, Defined) and binding.scope is function for binding in bindings)
        return None

    def _deferred_target(self, site: Site) -> Iterator[ir.Expr]:
        for value in self.resolver.values(site.call.callee, site.scope):
            if isinstance(value, External):
                position = self.resolver.deferred(value.path, site.call)
                if position is not None:
                    yield site.call.args[position]
