"""What a parameter receives, from its callers, its default and its type."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from readiness.collect import ir
from readiness.collect.link.resolve_words import SPREADS, as_origin, is_nothing, is_spread, is_vague, last_name
from readiness.collect.link.scopes import Argument, Scope, Site
from readiness.collect.link.values import Constant, External, Instance, Kind, Received, Structure, Unresolved, Value

if TYPE_CHECKING:
    from readiness.collect.link.resolve import Resolver

_WRAPPERS: Final = frozenset(
    {"Optional", "Annotated", "Required", "NotRequired", "Final", "ClassVar", "Awaitable", "Promise", "Type", "type"}
)


class Parameters:
    """One part of a resolver, which answers everything else."""

    def __init__(self, resolver: Resolver) -> None:
        self.resolver = resolver

    def of_argument(self, argument: Argument) -> Iterator[Value]:
        parameter = argument.parameter
        found: list[Value] = []
        if parameter.kind == "plain":
            found.extend(self._received(argument))
        found.extend(self.resolver.settings.declared_option(argument))
        if parameter.default is not None:
            found.extend(
                as_origin(value, "default")
                for value in self.resolver.values(parameter.default, argument.scope.parent or argument.scope)
            )
        useful = [value for value in found if not is_nothing(value)]
        if parameter.annotation is not None and not any(
            isinstance(v, External | Instance | Kind) and not is_vague(v) for v in useful
        ):
            typed = [v for v in self.typed(parameter.annotation, argument.scope) if not isinstance(v, Unresolved)]
            useful = [*typed, *(v for v in useful if not typed or not is_vague(v))]
        yield from useful
        if not any(not isinstance(value, Constant) or value.value is not None for value in useful):
            yield Received(argument)

    def _received(self, argument: Argument) -> Iterator[Value]:
        for site in self.resolver.calling.own_callers(argument.scope):
            for expr, scope in self.passed(argument, site):
                yield from (as_origin(value, "argument") for value in self.resolver.values(expr, scope))

    def passed(self, argument: Argument, site: Site) -> Iterator[tuple[ir.Expr, Scope]]:
        """The expressions that a call site hands to a parameter."""
        name = argument.parameter.name
        shift = self._shift(site)
        if argument.field_of is not None:
            for expr in site.call.args[argument.position : argument.position + 1]:
                yield ir.Member(expr, name, getattr(expr, "line", 0)), site.scope
            for keyword in site.call.keywords:
                if keyword.name == name:
                    yield keyword.value, site.scope
            return
        for keyword in site.call.keywords:
            if keyword.name == name:
                yield keyword.value, site.scope
                return
        for keyword in site.call.keywords:
            if keyword.name is None:
                yield from self._spread(keyword.value, site.scope, name, 0)
        position = argument.position + shift
        if position < len(site.call.args) and not any(is_spread(arg) for arg in site.call.args[: position + 1]):
            yield site.call.args[position], site.scope

    def _spread(self, expr: ir.Expr, scope: Scope, name: str, hops: int) -> Iterator[tuple[ir.Expr, Scope]]:
        """What `**expr` hands to a parameter: an entry of a dict, or a keyword that callers put into `**kwargs`."""
        if isinstance(expr, ir.Name):
            for added in scope.entries.get(expr.id, ()):
                if added.key == name:
                    yield added.expr, scope
        for value in self.resolver.values(expr, scope) if hops < SPREADS else ():
            match value:
                case Structure(expr=ir.Mapping() as mapping, scope=at):
                    yield from ((v, at) for k, v in mapping.entries if isinstance(k, ir.Literal) and k.value == name)
                case Received(argument=received) if received.parameter.kind == "kwargs":
                    for site in self.resolver.calling.own_callers(received.scope):
                        yield from ((k.value, site.scope) for k in site.call.keywords if k.name == name)
                        for keyword in site.call.keywords:
                            if keyword.name is None:
                                yield from self._spread(keyword.value, site.scope, name, hops + 1)
                case _:
                    pass

    def _shift(self, site: Site) -> int:
        """How many leading arguments a deferring call (`to_thread(f, x)`) takes for itself."""
        for value in self.resolver.values(site.call.callee, site.scope):
            if isinstance(value, External) and (position := self.resolver.deferred(value.path, site.call)) is not None:
                return position + 1
        return 0

    def typed(self, annotation: ir.Expr, scope: Scope) -> Iterator[Value]:
        """Instances of the types that an annotation names."""
        match annotation:
            case ir.Choice(options=options):
                for option in options:
                    yield from self.typed(option, scope)
            case ir.Index(base=base, key=key) if last_name(base) in _WRAPPERS:
                first = key.items[0] if isinstance(key, ir.Sequence) and key.items else key
                yield from self.typed(first, scope)
            case ir.Index(base=base):
                yield from self.typed(base, scope)
            case ir.Name() | ir.Member():
                for value in self.resolver.values(annotation, scope):
                    if isinstance(value, Kind):
                        yield Instance(value.scope)
                    elif isinstance(value, External) and not value.path.startswith("typing."):
                        yield External(value.path, value.steps, made=True)
            case _:
                pass
