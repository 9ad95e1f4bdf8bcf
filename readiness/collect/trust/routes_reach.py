"""Which functions lead to which: the way up from a call to the entry points that can trigger it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Final

from readiness.collect import ir
from readiness.collect.link.resolve import Resolver
from readiness.collect.link.scopes import Scope, Site
from readiness.collect.link.values import Instance, Kind, Routine
from readiness.collect.trust.routes_entries import Entry
from readiness.model import Scope as FileScope

_WIDTH: Final = 400
"""Functions visited on the way up before the rest is given up."""
_ASIDE: Final = frozenset({FileScope.TEST, FileScope.EXAMPLE, FileScope.DOCS})


Callers = Callable[[Scope], tuple[Site, ...]]
"""The call sites that reach a function."""


class Reach:
    """Answers which entry points lead to a scope; steps up are memoised."""

    def __init__(self, resolver: Resolver, entries: Mapping[int, Entry], callers: Callers | None = None) -> None:
        self.resolver = resolver
        self.entries = entries
        self._callers = callers or resolver.own_callers
        self._up: dict[int, tuple[Scope, ...]] = {}

    def from_entries(self, scope: Scope) -> tuple[Entry, ...]:
        """The entry points on some way to `scope`, nearest first."""
        found = (self.entries.get(id(each)) for each in self.above(scope))
        return tuple(entry for entry in found if entry is not None)

    def above(self, scope: Scope) -> tuple[Scope, ...]:
        """`scope` and every scope whose code can lead to it, nearest first."""
        order: dict[int, Scope] = {id(scope): scope}
        queue = [scope]
        while queue and len(order) < _WIDTH:
            for up in self._above(queue.pop(0)):
                if id(up) not in order:
                    order[id(up)] = up
                    queue.append(up)
        return tuple(order.values())

    def _above(self, scope: Scope) -> tuple[Scope, ...]:
        known = self._up.get(id(scope))
        if known is None:
            steps = {id(up): up for up in self._steps(scope) if up is not scope and _counts(up, scope)}
            known = self._up[id(scope)] = tuple(steps.values())
        return known

    def _steps(self, scope: Scope) -> Iterator[Scope]:
        if not isinstance(scope.node, ir.Function):
            return
        parent = scope.parent
        if parent is not None and isinstance(parent.node, ir.Function):
            yield parent
        yield from (site.scope for site in self._callers(scope))
        yield from self._handed_over(scope)
        if not scope.name and parent is not None and not isinstance(parent.node, ir.Class):
            yield parent

    def _handed_over(self, scope: Scope) -> Iterator[Scope]:
        """Code that passes the function, or an instance of its class, to somebody else to call."""
        cls = scope.parent if scope.parent is not None and isinstance(scope.parent.node, ir.Class) else None
        for name in filter(None, (scope.name, cls.name if cls is not None else "")):
            for site in self.resolver.program.sites_by_name.get(name, ())[:60]:
                if self._passes(site, scope, cls):
                    yield site.scope

    def _passes(self, site: Site, scope: Scope, cls: Scope | None) -> bool:
        if cls is not None and scope.name.startswith("__"):
            return False
        for expr in (*site.call.args, *(keyword.value for keyword in site.call.keywords)):
            if isinstance(expr, ir.Name | ir.Member):
                for value in self.resolver.values(expr, site.scope):
                    if isinstance(value, Routine) and value.scope is scope:
                        return True
                    if isinstance(value, Kind | Instance) and value.scope is cls:
                        return False
        return False


def _counts(up: Scope, scope: Scope) -> bool:
    return up.module.scope not in _ASIDE or scope.module.scope in _ASIDE
