"""Where a value comes from: the leaves that data flows from into an expression, through the whole program."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Final

from readiness.collect import ir
from readiness.collect.link.found import FoundCall
from readiness.collect.link.resolve import Resolver
from readiness.collect.link.scopes import Argument, Bound, Defined, Scope, Site
from readiness.collect.link.values import Environment, External, Instance, Kind, Received, Routine, Structure, Value

FUEL: Final = 3_000
"""Expressions visited for one question before the rest is given up."""
DEPTH: Final = 40
_ADDERS: Final = frozenset({"append", "extend", "insert", "push", "unshift", "add", "update", "write", "concat", "put", "put_nowait"})
_TRANSPARENT: Final = frozenset({"compare", "not"})


@dataclass(frozen=True, slots=True)
class Leaf:
    """An end of the flow: the answer of a model call, or a value that nothing of the program makes.

    `through` are the dotted names of other packages' functions that the value passed, nearest the leaf first. `expr` and `scope`
    are where the leaf was met; `hops` counts the parameters it was handed through.
    """

    answer: FoundCall | None
    value: Value | None
    expr: ir.Expr
    scope: Scope
    through: tuple[str, ...] = ()
    hops: int = 0


class Flow:
    """Answers where values come from; results are memoised by expression."""

    def __init__(self, resolver: Resolver, calls: Iterable[FoundCall]) -> None:
        self.resolver = resolver
        self.by_call = {id(found.call): found for found in calls}
        self._memo: dict[tuple[int, int], tuple[ir.Expr, tuple[Leaf, ...]]] = {}
        self._mutations: dict[int, dict[str, list[ir.Expr]]] = {}
        self._fuel = FUEL

    def leaves(self, expr: ir.Expr, scope: Scope) -> tuple[Leaf, ...]:
        """Every leaf that can flow into `expr`."""
        key = (id(expr), id(scope))
        known = self._memo.get(key)
        if known is None:
            self._fuel = FUEL
            known = (expr, _unique(self._walk(expr, scope, set(), 0)))
            self._memo[key] = known
        return known[1]

    def answers(self, expr: ir.Expr, scope: Scope, *, hops: int = DEPTH) -> tuple[FoundCall, ...]:
        """The model calls whose answer can flow into `expr`, handed through at most `hops` parameters."""
        near = (leaf for leaf in self.leaves(expr, scope) if leaf.hops <= hops)
        found = {id(leaf.answer): leaf.answer for leaf in near if leaf.answer is not None}
        return tuple(found.values())

    def _walk(self, expr: ir.Expr, scope: Scope, seen: set[tuple[int, int]], depth: int) -> Iterator[Leaf]:
        key = (id(expr), id(scope))
        self._fuel -= 1
        if key in seen or depth > DEPTH or self._fuel < 0:
            return
        seen.add(key)
        match expr:
            case ir.Literal() | ir.Lambda():
                return
            case ir.Name():
                yield from self._name(expr, scope, seen, depth)
            case ir.Member():
                yield from self._member(expr, scope, seen, depth)
            case ir.Call():
                yield from self._call(expr, scope, seen, depth)
            case ir.Mapping():
                for part in (value for _, value in expr.entries):
                    yield from self._walk(part, scope, seen, depth + 1)
            case ir.Index():
                yield from self._walk(expr.base, scope, seen, depth + 1)
            case ir.Opaque() if expr.kind in _TRANSPARENT:
                return
            case ir.Template() | ir.Opaque():
                for part in expr.parts:
                    yield from self._walk(part, scope, seen, depth + 1)
            case ir.Sequence():
                for part in expr.items:
                    yield from self._walk(part, scope, seen, depth + 1)
            case ir.Choice():
                for part in expr.options:
                    yield from self._walk(part, scope, seen, depth + 1)
            case ir.Await():
                yield from self._walk(expr.value, scope, seen, depth + 1)

    # ------------------------------------------------------------------------------------------------------- names

    def _name(self, name: ir.Name, scope: Scope, seen: set[tuple[int, int]], depth: int) -> Iterator[Leaf]:
        if name.id == "self":
            return
        for added in self._added(name.id, scope):
            yield from self._walk(added, scope, seen, depth + 1)
        bindings = self.resolver.bindings(name.id, scope)
        for binding in bindings:
            match binding:
                case Bound():
                    yield from self._walk(binding.expr, binding.scope, seen, depth + 1)
                case Argument():
                    yield from self._argument(binding, name, scope, seen, depth)
                case Defined():
                    continue
                case _:
                    for value in self.resolver.values(name, scope):
                        yield from self._value(value, name, scope, seen, depth)
        if not bindings:
            yield Leaf(None, None, name, scope)

    def _added(self, name: str, scope: Scope) -> Iterator[ir.Expr]:
        """What statements add to a list, dict or object under this name (`messages.append(x)`, `d["k"] = x`)."""
        current: Scope | None = scope
        while current is not None:
            for added in current.entries.get(name, ()):
                yield added.expr
            yield from self._mutated(current).get(name, ())
            if name in current.bindings:
                return
            current = current.parent

    def _mutated(self, scope: Scope) -> dict[str, list[ir.Expr]]:
        known = self._mutations.get(id(scope))
        if known is None:
            known = defaultdict(list)
            for site in scope.sites:
                match site.call.callee:
                    case ir.Member(base=ir.Name(id=name), name=verb) if verb in _ADDERS:
                        known[name].extend(site.call.args)
                    case ir.Member(base=ir.Member(base=ir.Name(id="self"), name=name), name=verb) if verb in _ADDERS:
                        known[f"self.{name}"].extend(site.call.args)
                    case _:
                        pass
            self._mutations[id(scope)] = known
        return known

    def _argument(self, argument: Argument, name: ir.Expr, scope: Scope, seen: set[tuple[int, int]], depth: int) -> Iterator[Leaf]:
        sites = self.resolver.own_callers(argument.scope)
        passed = False
        for site in sites:
            for expr, at in self.resolver.passed(argument, site):
                passed = True
                for leaf in self._walk(expr, at, seen, depth + 1):
                    yield replace(leaf, hops=leaf.hops + 1)
        if not passed:
            yield Leaf(None, Received(argument), name, scope)

    # ----------------------------------------------------------------------------------------------------- members

    def _member(self, member: ir.Member, scope: Scope, seen: set[tuple[int, int]], depth: int) -> Iterator[Leaf]:
        found = False
        if isinstance(member.base, ir.Name) and member.base.id == "self" and scope.cls is not None:
            for leaf in self._own_attribute(member, scope.cls, seen, depth):
                found = True
                yield leaf
        if found:
            return
        for base in self.resolver.values(member.base, scope):
            if isinstance(base, Instance | Kind):
                for cls in self.resolver.lineage(base.scope):
                    for binding in (*cls.attributes.get(member.name, ()), *cls.bindings.get(member.name, ())):
                        if isinstance(binding, Bound):
                            found = True
                            yield from self._walk(binding.expr, binding.scope, seen, depth + 1)
        if not found:
            yield from self._walk(member.base, scope, seen, depth + 1)
            for value in self.resolver.values(member, scope):
                if isinstance(value, External | Environment) and not (isinstance(value, External) and value.path.startswith("?")):
                    yield from self._value(value, member, scope, seen, depth)

    def _own_attribute(self, member: ir.Member, cls: Scope, seen: set[tuple[int, int]], depth: int) -> Iterator[Leaf]:
        for each in self.resolver.lineage(cls):
            for binding in (*each.attributes.get(member.name, ()), *each.bindings.get(member.name, ())):
                if isinstance(binding, Bound):
                    yield from self._walk(binding.expr, binding.scope, seen, depth + 1)
                elif isinstance(binding, Argument):
                    yield from self._argument(binding, member, each, seen, depth)
            for method in each.children:
                for added in self._mutated(method).get(f"self.{member.name}", ()):
                    yield from self._walk(added, method, seen, depth + 1)

    # ------------------------------------------------------------------------------------------------------- calls

    def _call(self, call: ir.Call, scope: Scope, seen: set[tuple[int, int]], depth: int) -> Iterator[Leaf]:
        found = self.by_call.get(id(call))
        if found is not None:
            yield Leaf(found, None, call, scope)
            return
        entered = False
        names: list[str] = []
        for callee in self.resolver.values(call.callee, scope):
            match callee:
                case Routine(scope=function):
                    entered = True
                    for result in (*function.returns, *function.yields):
                        yield from self._walk(result, function, seen, depth + 1)
                case External(path=path):
                    names.append(path)
                    yield Leaf(None, External(path, (*callee.steps,), made=True), call, scope)
                case _:
                    pass
        if entered:
            return
        parts: list[ir.Expr] = [*call.args, *(keyword.value for keyword in call.keywords)]
        if isinstance(call.callee, ir.Member):
            parts.append(call.callee.base)
        for part in parts:
            for leaf in self._walk(part, scope, seen, depth + 1):
                yield replace(leaf, through=(*leaf.through, *names)[:8])

    def _value(self, value: Value, expr: ir.Expr, scope: Scope, seen: set[tuple[int, int]], depth: int) -> Iterator[Leaf]:
        match value:
            case Structure(expr=inner, scope=at):
                yield from self._walk(inner, at, seen, depth + 1)
            case External(steps=steps):
                for step in steps:
                    found = self.by_call.get(id(step.call))
                    if found is not None:
                        yield Leaf(found, None, expr, scope)
                        return
                yield Leaf(None, value, expr, scope)
            case Environment() | Received():
                yield Leaf(None, value, expr, scope)
            case _:
                return


def _unique(leaves: Iterable[Leaf]) -> tuple[Leaf, ...]:
    out: dict[tuple[int, int, int], Leaf] = {}
    for leaf in leaves:
        out.setdefault((id(leaf.answer), id(leaf.expr), id(leaf.scope)), leaf)
    return tuple(out.values())


def sites_with(scopes: Iterable[Scope], names: frozenset[str]) -> Iterator[Site]:
    """Call sites whose callee ends in one of `names`."""
    for scope in scopes:
        for site in scope.sites:
            match site.call.callee:
                case ir.Name(id=name) | ir.Member(name=name) if name in names:
                    yield site
                case _:
                    pass
