"""Whether a call is given options that only callers outside the repository know."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from readiness.collect import ir
from readiness.collect.link.resolve import Resolver
from readiness.collect.link.scopes import Argument, Scope
from readiness.collect.link.values import Received, Structure

_NESTING: Final = 5


def is_open(resolver: Resolver, call: ir.Call, scope: Scope) -> bool:
    """Whether a spread of the call, or of an object it is given, is a parameter that no known caller fills."""
    spreads = [keyword.value for keyword in call.keywords if keyword.name is None]
    spreads += [value for arg in call.args if isinstance(arg, ir.Mapping) for key, value in arg.entries if key is None]
    spreads += [arg for arg in call.args if isinstance(arg, ir.Name) and scope.module.code.language == "typescript"]
    return any(_is_outside(resolver, spread, scope, 0) for spread in spreads)


def _is_outside(resolver: Resolver, expr: ir.Expr, scope: Scope, depth: int) -> bool:
    for value in resolver.values(expr, scope) if depth < _NESTING else ():
        match value:
            case Received(argument=argument):
                handed = list(_handed(resolver, argument))
                if not handed and not resolver.own_callers(argument.scope):
                    return True
                if any(_is_outside(resolver, each, at, depth + 1) for each, at in handed):
                    return True
            case Structure(expr=ir.Mapping(entries=entries), scope=at):
                if any(key is None and _is_outside(resolver, each, at, depth + 1) for key, each in entries):
                    return True
            case _:
                continue
    return False


def _handed(resolver: Resolver, argument: Argument) -> Iterator[tuple[ir.Expr, Scope]]:
    """What known callers pass on into a `**kwargs` or as a whole object."""
    for site in resolver.own_callers(argument.scope):
        if argument.parameter.kind == "kwargs":
            yield from ((keyword.value, site.scope) for keyword in site.call.keywords if keyword.name is None)
        else:
            yield from resolver.passed(argument, site)
