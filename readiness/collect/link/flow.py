"""Where a value comes from: the leaves that data flows from into an expression, through the whole program."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from readiness.collect import ir
from readiness.collect.link.found import FoundCall
from readiness.collect.link.resolve import Resolver
from readiness.collect.link.scopes import Argument, Bound, Defined, Scope
from readiness.collect.link.values import Environment, External, Instance, Kind, Received, Routine, Structure, Value

FUEL: Final = 3_000
"""Expressions visited for one question before the rest is given up."""
HOPS: Final = 12
"""Parameters that a value is followed through, from function to caller."""
_ADDERS: Final = frozenset(
    {"append", "extend", "insert", "push", "unshift", "add", "update", "write", "concat", "put", "put_nowait"}
)
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


@dataclass(frozen=True, slots=True)
class _Step:
    """An expression still to be looked into, and what lies between it and the question."""

    expr: ir.Expr
    scope: Scope
    through: tuple[str, ...]
    hops: int


class Flow:
    """Answers where values come from; results are memoised by expression."""

    def __init__(self, resolver: Resolver, calls: Iterable[FoundCall]) -> None:
        self.resolver = resolver
        self.by_call = {id(found.call): found for found in calls}
        self._memo: dict[tuple[int, int, int, int], tuple[ir.Expr, tuple[Leaf, ...]]] = {}
        self._passed: dict[tuple[int, int, int], tuple[ir.Expr, tuple[tuple[ir.Expr, Scope], ...]]] = {}
        self._mutations: dict[int, dict[str, list[ir.Expr]]] = {}
        self._stored: dict[int, dict[str, list[tuple[ir.Expr, Scope]]]] = {}

    def leaves(self, expr: ir.Expr, scope: Scope, *, hops: int = HOPS, fuel: int = FUEL) -> tuple[Leaf, ...]:
        """Every leaf that can flow into `expr`, handed through at most `hops` parameters and found within `fuel` expressions."""
        key = (id(expr), id(scope), hops, fuel)
        known = self._memo.get(key)
        if known is None:
            known = (expr, _unique(_Search(self, hops, fuel).run(expr, scope)))
            self._memo[key] = known
        return known[1]

    def answers(self, expr: ir.Expr, scope: Scope, *, hops: int = HOPS, fuel: int = FUEL) -> tuple[FoundCall, ...]:
        """The model calls whose answer can flow into `expr`, within the bounds of `leaves`."""
        if not self.by_call:
            return ()
        found = {id(leaf.answer): leaf.answer for leaf in self.leaves(expr, scope, hops=hops, fuel=fuel) if leaf.answer is not None}
        return tuple(found.values())

    def passed(self, expr: ir.Expr, scope: Scope, *, hops: int = HOPS) -> tuple[tuple[ir.Expr, Scope], ...]:
        """Every expression that data passes on its way into `expr`, with the scope it stands in, nearest first."""
        key = (id(expr), id(scope), hops)
        known = self._passed.get(key)
        if known is None:
            search = _Search(self, hops, FUEL)
            search.run(expr, scope)
            known = (expr, tuple(search.visited))
            self._passed[key] = known
        return known[1]

    def mutated(self, scope: Scope) -> dict[str, list[ir.Expr]]:
        """What calls such as `messages.append(x)` add to each name of a scope (`self.name` for attributes)."""
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

    def stored(self, cls: Scope) -> dict[str, list[tuple[ir.Expr, Scope]]]:
        """What the methods of a class add to each of its attributes."""
        known = self._stored.get(id(cls))
        if known is None:
            known = defaultdict(list)
            for method in cls.children:
                for name, added in self.mutated(method).items():
                    if name.startswith("self."):
                        known[name.removeprefix("self.")].extend((expr, method) for expr in added)
            self._stored[id(cls)] = known
        return known


class _Search:
    """One question: a walk over the data flow, nearest expressions first."""

    def __init__(self, flow: Flow, hops: int, fuel: int) -> None:
        self.flow = flow
        self.fuel = fuel
        self.resolver = flow.resolver
        self.limit = hops
        self.queue: deque[_Step] = deque()
        self.seen: set[tuple[int, int]] = set()
        self.found: list[Leaf] = []
        self.visited: list[tuple[ir.Expr, Scope]] = []

    def run(self, expr: ir.Expr, scope: Scope) -> list[Leaf]:
        self._ask(expr, scope, (), 0)
        for _ in range(self.fuel):
            if not self.queue:
                break
            step = self.queue.popleft()
            self.visited.append((step.expr, step.scope))
            self._look(step)
        return self.found

    def _ask(self, expr: ir.Expr, scope: Scope, through: tuple[str, ...], hops: int) -> None:
        key = (id(expr), id(scope))
        if key not in self.seen:
            self.seen.add(key)
            self.queue.append(_Step(expr, scope, through, hops))

    def _follow(self, step: _Step, expr: ir.Expr, scope: Scope) -> None:
        self._ask(expr, scope, step.through, step.hops)

    def _leaf(self, step: _Step, *, answer: FoundCall | None = None, value: Value | None = None) -> None:
        self.found.append(Leaf(answer, value, step.expr, step.scope, step.through, step.hops))

    def _look(self, step: _Step) -> None:
        match step.expr:
            case ir.Literal() | ir.Lambda():
                return
            case ir.Name() as name:
                self._name(step, name)
            case ir.Member() as member:
                self._member(step, member)
            case ir.Call() as call:
                self._call(step, call)
            case ir.Mapping() as mapping:
                for _, value in mapping.entries:
                    self._follow(step, value, step.scope)
            case ir.Index(base=ir.Name() as name, key=ir.Literal(value=str(key))):
                self._name(step, name, key)
            case ir.Index() as index:
                self._follow(step, index.base, step.scope)
            case ir.Opaque() as opaque if opaque.kind in _TRANSPARENT:
                return
            case ir.Template() | ir.Opaque():
                self._all(step, step.expr.parts)
            case ir.Sequence() as sequence:
                self._all(step, sequence.items)
            case ir.Choice() as choice:
                self._all(step, choice.options)
            case ir.Await() as awaited:
                self._follow(step, awaited.value, step.scope)

    def _all(self, step: _Step, parts: Iterable[ir.Expr]) -> None:
        for part in parts:
            self._follow(step, part, step.scope)

    # ------------------------------------------------------------------------------------------------------- names

    def _name(self, step: _Step, name: ir.Name, key: str = "") -> None:
        """What a name holds; with a key, what is put under another key of it is left out."""
        if name.id == "self":
            return
        for added, at in self._added(name.id, step.scope, key):
            self._follow(step, added, at)
        bindings = self.resolver.bindings(name.id, step.scope)
        for binding in bindings:
            match binding:
                case Bound():
                    self._follow(step, binding.expr, binding.scope)
                case Argument():
                    self._argument(step, binding)
                case Defined():
                    continue
                case _:
                    for value in self.resolver.values(name, step.scope):
                        self._value(step, value)
        if not bindings:
            self._leaf(step)

    def _added(self, name: str, scope: Scope, key: str) -> Iterator[tuple[ir.Expr, Scope]]:
        """What statements add to a list, dict or object under this name (`messages.append(x)`, `d["k"] = x`)."""
        current: Scope | None = scope
        while current is not None:
            for added in current.entries.get(name, ()):
                if not key or added.key in ("", key):
                    yield added.expr, current
            for expr in self.flow.mutated(current).get(name, ()):
                yield expr, current
            if name in current.bindings:
                return
            current = current.parent

    def _argument(self, step: _Step, argument: Argument) -> None:
        passed = False
        for site in self.resolver.own_callers(argument.scope):
            for expr, at in self.resolver.passed(argument, site):
                passed = True
                if step.hops < self.limit:
                    self._ask(expr, at, step.through, step.hops + 1)
        if not passed:
            self._leaf(step, value=Received(argument))

    # ----------------------------------------------------------------------------------------------------- members

    def _member(self, step: _Step, member: ir.Member) -> None:
        own = isinstance(member.base, ir.Name) and member.base.id == "self"
        found = self._attribute(step, member.name, step.scope.cls) if own and step.scope.cls is not None else False
        if found:
            return
        for base in self.resolver.values(member.base, step.scope):
            if isinstance(base, Instance | Kind):
                found = self._attribute(step, member.name, base.scope) or found
        if found:
            return
        self._follow(step, member.base, step.scope)
        for value in self.resolver.values(member, step.scope):
            if isinstance(value, External | Environment) and not (isinstance(value, External) and value.path.startswith("?")):
                self._value(step, value)

    def _attribute(self, step: _Step, name: str, cls: Scope) -> bool:
        """Follow what is stored under an attribute of a class; false where nothing is."""
        found = False
        for each in self.resolver.lineage(cls):
            for binding in (*each.attributes.get(name, ()), *each.bindings.get(name, ())):
                if isinstance(binding, Bound):
                    found = True
                    self._follow(step, binding.expr, binding.scope)
                elif isinstance(binding, Argument):
                    found = True
                    self._argument(step, binding)
            for added, method in self.flow.stored(each).get(name, ()):
                found = True
                self._follow(step, added, method)
        return found

    # ------------------------------------------------------------------------------------------------------- calls

    def _call(self, step: _Step, call: ir.Call) -> None:
        answer = self.flow.by_call.get(id(call))
        if answer is not None:
            self._leaf(step, answer=answer)
            return
        entered = False
        names: list[str] = []
        for callee in self.resolver.values(call.callee, step.scope):
            match callee:
                case Routine(scope=function):
                    entered = True
                    for result in (*function.returns, *function.yields):
                        self._follow(step, result, function)
                case External(path=path):
                    names.append(path)
                    self._leaf(step, value=External(path, callee.steps, made=True))
                case _:
                    pass
        if not entered:
            parts = [*call.args, *(keyword.value for keyword in call.keywords)]
            if isinstance(call.callee, ir.Member) and not self._is_package(call.callee.base, step.scope):
                parts.append(call.callee.base)
            for part in parts:
                self._ask(part, step.scope, (*names, *step.through)[:8], step.hops)

    def _is_package(self, expr: ir.Expr, scope: Scope) -> bool:
        """Whether an expression names another package's module or class, which carries no data."""
        values = self.resolver.values(expr, scope)
        return all(isinstance(value, External) and not value.steps and not value.path.startswith("?") for value in values)

    def _value(self, step: _Step, value: Value) -> None:
        match value:
            case Structure(expr=inner, scope=at):
                self._follow(step, inner, at)
            case External(steps=steps):
                answers = (self.flow.by_call.get(id(each.call)) for each in steps)
                answer = next((each for each in answers if each is not None), None)
                self._leaf(step, answer=answer, value=None if answer is not None else value)
            case Environment() | Received():
                self._leaf(step, value=value)
            case _:
                return


def _unique(leaves: Iterable[Leaf]) -> tuple[Leaf, ...]:
    out: dict[tuple[int, int, int], Leaf] = {}
    for leaf in leaves:
        out.setdefault((id(leaf.answer), id(leaf.expr), id(leaf.scope)), leaf)
    return tuple(out.values())
