"""Which expression a call hands to a role: by keyword, position, options object, spread dict or nested value."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from readiness.collect import ir
from readiness.collect.link.handed import Handed, Lookup
from readiness.collect.link.resolve import Resolver
from readiness.collect.link.scopes import Added, Argument, Scope, Site
from readiness.collect.link.values import Constant, External, Instance, Kind, Received, Structure, Unresolved, Value

_NESTING: Final = 4
_ITEMS: Final = 24
"""Items of a list that are looked into: a router's models, a batch's requests."""


def argument(resolver: Resolver, call: ir.Call, scope: Scope, place: str | int) -> Lookup:
    """The argument of `call` at a position, or under a name; "a.b" and "1.b" look for `b` inside what that argument is worth."""
    if isinstance(place, int):
        spread = any(isinstance(arg, ir.Opaque) and arg.kind == "spread" for arg in call.args[: place + 1])
        if place < len(call.args) and not spread:
            return Lookup((Handed(call.args[place], scope),))
        return Lookup((), open=spread)
    head, _, rest = place.partition(".")
    lookup = argument(resolver, call, scope, int(head)) if head.isdigit() else _named(resolver, call, scope, head)
    return _inside(resolver, lookup, rest) if rest else lookup


def _named(resolver: Resolver, call: ir.Call, scope: Scope, name: str, hops: int = 0) -> Lookup:
    site = resolver.program.site_of(call)
    direct = tuple(Handed(keyword.value, scope) for keyword in call.keywords if keyword.name == name)
    if direct:
        return Lookup(direct)
    undecided = False
    for keyword in call.keywords:
        if keyword.name is None:
            found = entry(resolver, keyword.value, scope, name, hops=hops, site=site)
            if found.found:
                return found
            undecided = undecided or found.open
    options = call.new and len(call.args) == 1  # what a constructor takes alone is its options, also where they are not known
    for arg in call.args:
        if isinstance(arg, ir.Literal | ir.Lambda | ir.Sequence | ir.Template):
            continue
        found = entry(resolver, arg, scope, name, strict=not options, hops=hops, site=site)
        if found.found:
            return found
        undecided = undecided or (found.open and (options or isinstance(arg, ir.Mapping)))
    return Lookup((), open=undecided)


def entry(
    resolver: Resolver, expr: ir.Expr, scope: Scope, name: str, *, strict: bool = False, hops: int = 0, site: Site | None = None
) -> Lookup:
    """The value under key `name` of a dict, object or `**kwargs`.

    With `strict`, an argument that is not known to be a dict is no reason to call the look-up open. `site` is the call that the
    dict is handed to: what another branch adds, or a later line, does not reach it.
    """
    added = tuple(_added(expr, scope, name, site))
    if added:
        return Lookup(added)
    undecided = False
    for handed in _merged(expr, scope, site) if hops < _NESTING else ():
        found = entry(resolver, handed.expr, handed.scope, name, hops=hops + 1)
        if found.found:
            return found
        undecided = undecided or found.open
    for value in resolver.values(expr, scope):
        match value:
            case Structure(expr=ir.Mapping() as mapping, scope=at):
                found = _entry_of(resolver, mapping, at, name, hops)
            case Received(argument=received) if received.parameter.kind == "kwargs" and hops < _NESTING:
                found = _forwarded(resolver, received.scope, name, hops)
            case External(made=True, steps=(*_, step)) if step.path.rsplit(".", 1)[-1] in ("dict", "Object") and hops < _NESTING:
                found = _named(resolver, step.call, step.scope, name, hops + 1)
            case Unresolved(expr=ir.Call(callee=ir.Name(id="dict")) as made, scope=at) if hops < _NESTING:
                found = _named(resolver, made, at, name, hops + 1)
            case Constant():
                continue
            case Received(argument=received) if _is_settled(resolver, received):
                continue
            case Received() | Unresolved() | External():
                found = Lookup((), open=not strict)
            case _:
                continue
        if found.found:
            return found
        undecided = undecided or found.open
    return Lookup((), open=undecided)


def _is_settled(resolver: Resolver, argument: Argument) -> bool:
    """Whether known callers hand something to a plain parameter: what that is worth is then among the values already."""
    if argument.parameter.kind != "plain":
        return False
    return any(True for site in resolver.own_callers(argument.scope) for _ in resolver.passed(argument, site))


def _added(expr: ir.Expr, scope: Scope, name: str, site: Site | None = None) -> Iterator[Handed]:
    """Values that statements put under a key after the dict was made."""
    if not isinstance(expr, ir.Name):
        return
    current: Scope | None = scope
    while current is not None:
        for added in current.entries.get(expr.id, ()):
            if added.key == name and (site is None or current is not site.scope or _reaches(added, site)):
                yield Handed(added.expr, current)
        if expr.id in current.bindings:
            return
        current = current.parent


def _merged(expr: ir.Expr, scope: Scope, site: Site | None) -> Iterator[Handed]:
    """Dicts that `name.update(other)` takes over."""
    for added in scope.merged.get(expr.id, ()) if isinstance(expr, ir.Name) else ():
        if site is None or scope is not site.scope or _reaches(added, site):
            yield Handed(added.expr, scope)


def _reaches(added: Added, site: Site) -> bool:
    """Whether an addition can have happened when the call is made: not in the other branch of a test, and not after it."""
    if added.line > site.call.end_line and not site.context.loops:
        return False
    here = {id(test): holds for test, holds in site.context.tests}
    return all(here.get(id(test), holds) == holds for test, holds in added.context.tests)


def _entry_of(resolver: Resolver, mapping: ir.Mapping, scope: Scope, name: str, hops: int) -> Lookup:
    undecided = False
    for key, value in mapping.entries:
        if isinstance(key, ir.Literal) and key.value == name:
            return Lookup((Handed(value, scope),))
        if key is None and hops < _NESTING:
            found = entry(resolver, value, scope, name, hops=hops + 1)
            if found.found:
                return found
            undecided = undecided or found.open
    return Lookup((), open=undecided)


def _forwarded(resolver: Resolver, function: Scope, name: str, hops: int) -> Lookup:
    """What the callers of a function put into its `**kwargs`; open where it has none that are known."""
    key = (id(function), name, hops)
    known = resolver.forwarded.get(key)
    if known is None:
        known = _sought(resolver, function, name, hops)
        if not resolver.active:
            resolver.forwarded[key] = known
    return known


def _sought(resolver: Resolver, function: Scope, name: str, hops: int) -> Lookup:
    sites = resolver.own_callers(function)
    found: list[Handed] = []
    undecided = not sites
    for site in sites:
        direct = [Handed(keyword.value, site.scope) for keyword in site.call.keywords if keyword.name == name]
        found.extend(direct)
        for keyword in site.call.keywords if not direct else ():
            if keyword.name is None:
                inner = entry(resolver, keyword.value, site.scope, name, hops=hops + 1)
                found.extend(inner.found)
                undecided = undecided or inner.open
    return Lookup(tuple(found), open=undecided)


def _inside(resolver: Resolver, lookup: Lookup, rest: str) -> Lookup:
    found: list[Handed] = []
    undecided = lookup.open
    for handed in lookup.found:
        inner = within(resolver, handed, rest)
        found.extend(inner.found)
        undecided = undecided or inner.open
    return Lookup(tuple(found), open=undecided and not found)


def within(resolver: Resolver, handed: Handed, path: str) -> Lookup:
    """What lies under the dotted `path` of a value: a key of a dict, or an argument of the constructor that made it."""
    head, _, rest = path.partition(".")
    found: list[Handed] = list(_added(handed.expr, handed.scope, head))
    undecided = False
    for value in resolver.values(handed.expr, handed.scope) if not found else ():
        inner = _part(resolver, value, head)
        found.extend(inner.found)
        undecided = undecided or inner.open
    here = Lookup(tuple(found), open=undecided)
    return _inside(resolver, here, rest) if rest else here


def _part(resolver: Resolver, value: Value, name: str) -> Lookup:
    match value:
        case Structure(expr=ir.Mapping() as mapping, scope=scope):
            return _entry_of(resolver, mapping, scope, name, 0)
        case Structure(expr=ir.Sequence(items=items), scope=scope):
            return _inside(resolver, Lookup(tuple(Handed(item, scope) for item in items[:_ITEMS])), name)
        case External() if value.made and value.steps:
            return argument(resolver, value.steps[-1].call, value.steps[-1].scope, name)
        case Instance(scope=cls, call=call, at=at) if call is not None and at is not None:
            passed = argument(resolver, call, at, name)
            return passed if passed.found else _field(cls, name)
        case Kind(scope=cls):
            return _field(cls, name)
        case Constant() | Structure():
            return Lookup(())
        case _:
            return Lookup((), open=True)


def _field(cls: Scope, name: str) -> Lookup:
    values = (binding for binding in cls.bindings.get(name, ()) if hasattr(binding, "expr"))
    return Lookup(tuple(Handed(binding.expr, binding.scope) for binding in values if hasattr(binding, "expr")))
