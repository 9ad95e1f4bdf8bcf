"""Which functions a call runs and which calls run a function, also through instances, overridden methods and built-ins."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import Final

from readiness.collect import ir
from readiness.collect.link.resolve import Resolver
from readiness.collect.link.scopes import Defined, Scope, Site
from readiness.collect.link.values import External, Instance, Routine
from readiness.model import Scope as FileScope

_CALLED: Final = frozenset({"__call__", "forward"})
ASIDE: Final = frozenset({FileScope.TEST, FileScope.EXAMPLE, FileScope.DOCS})
"""Code whose calls say nothing of what production receives."""


class CallGraph:
    """Answers for the edges between calls and functions."""

    def __init__(self, resolver: Resolver) -> None:
        self.resolver = resolver

    @cached_property
    def instance_calls(self) -> Mapping[int, tuple[Site, ...]]:
        """The sites that call an instance of a class of the program, by the identity of the class's scope."""
        found: dict[int, list[Site]] = defaultdict(list)
        callable_names = {id(scope.parent) for name in _CALLED for scope in self.resolver.program.definitions.get(name, ())}
        for site in self.resolver.program.sites() if callable_names else ():
            if isinstance(site.call.callee, ir.Name | ir.Member) and not site.call.jsx:
                for value in self.resolver.values(site.call.callee, site.scope):
                    if isinstance(value, Instance):
                        for cls in self.resolver.lineage(value.scope):
                            if id(cls) in callable_names:
                                found[id(cls)].append(site)
        return {cls: tuple(sites) for cls, sites in found.items()}

    def path(self, expr: ir.Expr, scope: Scope) -> str | None:
        """The dotted name of a built-in or global that nothing in the program binds (`builtins.input`), or None."""
        match expr:
            case ir.Name(id=name):
                return f"builtins.{name}" if name != "self" and not self.resolver.bindings(name, scope) else None
            case ir.Member(base=base, name=name):
                inner = self.path(base, scope)
                return f"{inner}.{name}" if inner else None
            case ir.Call(callee=callee):
                return self.path(callee, scope)
            case _:
                return None

    def targets(self, call: ir.Call, scope: Scope) -> tuple[External, ...]:
        """What other packages' functions, or built-ins, a call can go to."""
        found = [value for value in self.resolver.values(call.callee, scope) if isinstance(value, External)]
        if not any("." in value.path and not value.path.startswith("?") for value in found):
            named = self.path(call.callee, scope)
            if named is not None:
                return (External(named),)
        return tuple(found)

    def functions(self, call: ir.Call, scope: Scope) -> tuple[Scope, ...]:
        """The functions of the program that a call runs, also by calling an instance."""
        found: list[Scope] = []
        for value in self.resolver.values(call.callee, scope):
            if isinstance(value, Routine):
                found.append(value.scope)
            elif isinstance(value, Instance):
                found.extend(child for cls in self.resolver.lineage(value.scope) for child in cls.children if child.name in _CALLED)
        return tuple(found)

    def overridden(self, function: Scope) -> Iterator[Scope]:
        """The methods of base classes of the program that a method stands in for."""
        cls = function.parent
        if cls is not None and isinstance(cls.node, ir.Class) and not function.name.startswith("__"):
            for base in self.resolver.lineage(cls)[1:]:
                yield from (binding.scope for binding in base.bindings.get(function.name, ()) if isinstance(binding, Defined))

    def callers(self, function: Scope) -> tuple[Site, ...]:
        """Call sites that reach a function, itself or as the method it overrides."""
        sites = [site for method in (function, *self.overridden(function)) for site in self.resolver.own_callers(method)]
        if function.name in _CALLED and function.parent is not None:
            sites.extend(self.instance_calls.get(id(function.parent), ()))
        return tuple(site for site in sites if site.scope.module.scope not in ASIDE or function.module.scope in ASIDE)
