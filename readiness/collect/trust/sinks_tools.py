"""Functions that a model calls with arguments of its own: declared tools, functions handed to a call, dispatch tables."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from readiness.collect import ir
from readiness.collect.link.arguments import argument
from readiness.collect.link.flow import Flow
from readiness.collect.link.found import CallFinder, FoundCall
from readiness.collect.link.scopes import Bound, Scope, Site
from readiness.collect.link.values import External, Instance, Kind, Routine, Structure, Value
from readiness.collect.link.walk import expressions
from readiness.knowledge.sinks import Place, ToolNames

_RUNNERS: Final = frozenset({"execute", "run", "call", "invoke", "__call__", "_run", "_execute", "_invoke"})
"""Methods by which a class that declares itself as a function is run."""
_HANDED: Final = frozenset({"tools", "functions", "available_functions"})


class ToolFinder:
    """Finds the scopes of all functions of a program that models call."""

    def __init__(self, finder: CallFinder, flow: Flow, names: ToolNames) -> None:
        self.finder = finder
        self.resolver = finder.resolver
        self.flow = flow
        self.names = names

    def find(self, calls: tuple[FoundCall, ...]) -> frozenset[int]:
        """The identities of the scopes of tool functions."""
        found = [*self._declared(), *self._handed(calls), *self._dispatched()]
        return frozenset(id(scope) for scope in found)

    def _declared(self) -> Iterator[Scope]:
        for scope in self.resolver.program.scopes():
            if isinstance(scope.node, ir.Function):
                if any(self._is_marked(decorator, scope.parent or scope) for decorator in scope.node.decorators):
                    yield scope
            elif isinstance(scope.node, ir.Class):
                yield from self._methods(scope)
            for site in scope.sites:
                yield from self._constructed(site)

    def _is_marked(self, decorator: ir.Expr, outer: Scope) -> bool:
        callee = decorator.callee if isinstance(decorator, ir.Call) else decorator
        return any(
            isinstance(value, External) and value.path in self.names.decorators for value in self.resolver.values(callee, outer)
        )

    def _methods(self, cls: Scope) -> Iterator[Scope]:
        for base in self.resolver.external_bases(cls):
            methods = self.names.bases.get(base.path)
            if methods is not None:
                yield from (child for child in cls.children if child.name in methods)
                return
        if any(self._describes_itself(method) for method in cls.children):
            yield from (child for child in cls.children if child.name in _RUNNERS)

    def _describes_itself(self, method: Scope) -> bool:
        """Whether a method returns the declaration of a function for a model."""
        return any(
            isinstance(part, ir.Mapping) and any(isinstance(v, ir.Literal) and v.value == "function" for _, v in part.entries)
            for result in method.returns
            for part in expressions(result)
        )

    def _constructed(self, site: Site) -> Iterator[Scope]:
        if not site.call.args and not site.call.keywords:
            return
        for value in self.resolver.values(site.call.callee, site.scope):
            if isinstance(value, External):
                places = (0,) if value.path in self.names.decorators else self.names.constructors.get(value.path) or ()
                for place in places:
                    yield from self._at(site, place)

    def _at(self, site: Site, place: Place) -> Iterator[Scope]:
        position = len(site.call.args) - 1 if place == -1 else place
        for handed in argument(self.resolver, site.call, site.scope, position).found:
            for value in self.resolver.values(handed.expr, handed.scope):
                yield from self._functions(value)

    # ------------------------------------------------------------------------------------------- handed to a call

    def _handed(self, calls: tuple[FoundCall, ...]) -> Iterator[Scope]:
        """`tools=[look_up]`: the functions themselves are the tools."""
        for call in calls:
            for variant in call.variants:
                for handed in self.finder.role(variant, "tools").found:
                    yield from self._listed(handed.expr, handed.scope, 0)
        for name in _HANDED:
            for site in self._with_keyword(name):
                for keyword in site.call.keywords:
                    if keyword.name == name and self._is_foreign(site):
                        yield from self._listed(keyword.value, site.scope, 0)

    def _with_keyword(self, name: str) -> Iterator[Site]:
        for scope in self.resolver.program.scopes():
            for site in scope.sites:
                if any(keyword.name == name for keyword in site.call.keywords):
                    yield site

    def _is_foreign(self, site: Site) -> bool:
        return any(
            isinstance(value, External) and not value.path.startswith("?")
            for value in self.resolver.values(site.call.callee, site.scope)
        )

    def _listed(self, expr: ir.Expr, scope: Scope, depth: int) -> Iterator[Scope]:
        for value in self.resolver.values(expr, scope) if depth < 3 else ():
            if isinstance(value, Structure) and isinstance(value.expr, ir.Sequence):
                for item in value.expr.items:
                    yield from self._listed(item, value.scope, depth + 1)
            elif isinstance(value, Structure) and isinstance(value.expr, ir.Mapping):
                yield from self._named(value.expr)
            elif depth and isinstance(value, Routine):
                yield value.scope

    def _named(self, declared: ir.Mapping) -> Iterator[Scope]:
        """The one function of the program that a declared tool is named after."""
        for part in expressions(declared):
            if isinstance(part, ir.Mapping):
                for key, value in part.entries:
                    if (
                        isinstance(key, ir.Literal)
                        and key.value == "name"
                        and isinstance(value, ir.Literal)
                        and isinstance(value.value, str)
                    ):
                        named = [
                            scope
                            for scope in self.resolver.program.definitions.get(value.value, ())
                            if isinstance(scope.node, ir.Function)
                        ]
                        yield from named if len(named) == 1 else ()

    # -------------------------------------------------------------------------------------------- dispatch tables

    def _dispatched(self) -> Iterator[Scope]:
        """`TABLE[call.function.name](**arguments)`: every function of a table that an answer chooses from."""
        for site in self.resolver.program.sites():
            callee = site.call.callee
            if not (site.call.args or site.call.keywords):
                continue
            if any(self.flow.answers(expr, scope) for expr, scope in self._selectors(callee, site.scope, 0)):
                for value in self.resolver.values(callee, site.scope):
                    yield from self._functions(value)

    def _selectors(self, callee: ir.Expr, scope: Scope, depth: int) -> Iterator[tuple[ir.Expr, Scope]]:
        """What a function is looked up by."""
        match callee:
            case ir.Index(key=key):
                yield key, scope
            case ir.Call(callee=ir.Member(name="get"), args=(key, *_)):
                yield key, scope
            case ir.Name(id=name) if depth < 3:
                for binding in self.resolver.bindings(name, scope):
                    if (
                        isinstance(binding, Bound)
                        and isinstance(binding.expr, ir.Index | ir.Call | ir.Name)
                        and not binding.element
                    ):
                        yield from self._selectors(binding.expr, binding.scope, depth + 1)
            case _:
                return

    def _functions(self, value: Value) -> Iterator[Scope]:
        match value:
            case Routine(scope=scope):
                yield scope
            case Instance(scope=cls) | Kind(scope=cls):
                yield from (child for child in cls.children if child.name == "__call__")
            case _:
                return
