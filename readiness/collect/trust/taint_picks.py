"""Which values an index or a look-up picks out of what the program itself puts together."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from readiness.collect import ir
from readiness.collect.link.resolve import Resolver
from readiness.collect.link.scopes import Bound, Scope, Site
from readiness.collect.link.values import Structure
from readiness.collect.link.walk import Context

_ALIASES: Final = 3
"""Names that a tuple is handed on under before it is taken apart."""
COUNTERS: Final = dict.fromkeys(("map", "forEach", "filter", "flatMap", "some", "every", "find", "findIndex"), 1) | {"reduce": 2}
"""Where a callback of an array's method is handed the position of the item."""
Functions = Callable[[ir.Call, Scope], tuple[Scope, ...]]
Item = tuple[ir.Expr, Scope, Site]
"""An expression, the function that returns it, and the call that entered that function."""


def items(
    resolver: Resolver, functions: Functions, expr: ir.Expr, scope: Scope, position: int, *, depth: int = 0
) -> tuple[Item, ...]:
    """One item of the tuples that a function of the program returns (`body, suffix = parse(text)`); none where it returns more."""
    match expr:
        case ir.Await(value=value):
            return items(resolver, functions, value, scope, position, depth=depth)
        case ir.Name(id=name) if depth < _ALIASES:
            bindings = resolver.bindings(name, scope)
            only = bindings[0] if len(bindings) == 1 else None
            if not isinstance(only, Bound) or only.element:
                return ()
            return items(resolver, functions, only.expr, only.scope, position, depth=depth + 1)
        case ir.Call() as call:
            site = Site(call, scope, Context(), ir.Do(call, call.line))
            returned = [(result, function) for function in functions(call, scope) for result in function.returns]
            tuples = [(result, function) for result, function in returned if not _is_none(result)]
            found = tuple(
                (result.items[position], function, site)
                for result, function in tuples
                if isinstance(result, ir.Sequence) and 0 <= position < len(result.items)
            )
            return found if len(found) == len(tuples) else ()
        case _:
            return ()


def looked_up(resolver: Resolver, call: ir.Call, scope: Scope) -> tuple[tuple[ir.Expr, Scope], ...]:
    """The table and the default of `TABLE.get(key, default)`, where the program wrote the table: the key picks, and is no value."""
    if not (isinstance(call.callee, ir.Member) and call.callee.name == "get" and call.args):
        return ()
    tables = [
        (value.expr, value.scope) if isinstance(value, Structure) and isinstance(value.expr, ir.Mapping) else None
        for value in resolver.values(call.callee.base, scope)
    ]
    known = [table for table in tables if table is not None]
    if not known or len(known) != len(tables):
        return ()
    return (*known, *((default, scope) for default in call.args[1:]))


def _is_none(expr: ir.Expr) -> bool:
    return isinstance(expr, ir.Literal) and expr.value is None
