"""Where text comes from, told apart by caller: a walk that knows by which call it entered a function and stops at allow-lists."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Final

from readiness.collect import ir
from readiness.collect.link.arguments import entry
from readiness.collect.link.flow import Flow, Leaf
from readiness.collect.link.scopes import Argument, Bound, Defined, Imported, Scope, Site
from readiness.collect.link.values import Constant, Environment, External, Instance, Kind, Received, Step, Structure, Value
from readiness.collect.link.walk import Context
from readiness.collect.trust.routes_entries import Entry
from readiness.collect.trust.taint_calls import Parts, annotated, collected, is_record
from readiness.collect.trust.taint_cleaning import cleaned
from readiness.collect.trust.taint_graph import CallGraph
from readiness.collect.trust.taint_picks import COUNTERS, items, looked_up
from readiness.knowledge.sources import Sources

FUEL: Final = 3_000
"""Expressions visited for one question before the rest is given up."""
FRAMES: Final = 10
"""Calls entered one inside the other before the flow is taken to be known well enough."""
_HOPS: Final = 8
"""Parameters followed to their callers one after the other."""
ALLOWED: Final = "allowed"
"""The origin of a value that an allow-list has narrowed."""

Barrier = Callable[[ir.Expr, Scope], bool]
"""Whether an expression can only be worth one of a few values, or a number, whoever writes it."""


@dataclass(frozen=True, slots=True, eq=False)
class Frame:
    """A call through which the walk entered a function of the program."""

    function: Scope
    site: Site


@dataclass(frozen=True, slots=True)
class _Visit:
    expr: ir.Expr
    scope: Scope
    frames: tuple[Frame, ...]
    through: tuple[str, ...]
    hops: int


class Provenance(CallGraph):
    """Answers where text comes from, call by call; results are memoised."""

    def __init__(
        self,
        flow: Flow,
        sources: Sources,
        entries: Mapping[int, Entry],
        tools: frozenset[int] = frozenset(),
        barrier: Barrier = lambda _expr, _scope: False,
    ) -> None:
        super().__init__(flow.resolver)
        self.base = flow
        self.sources = sources
        self.entries = entries
        self.tools = tools
        self.barrier = barrier
        self.parts = Parts(flow.resolver)
        self._memo: dict[tuple[int, int, tuple[int, ...]], tuple[ir.Expr, tuple[Frame, ...], tuple[Leaf, ...]]] = {}

    def origins(self, expr: ir.Expr, scope: Scope, frames: tuple[Frame, ...] = ()) -> tuple[Leaf, ...]:
        """Every leaf that can flow into `expr` when its function was entered through `frames`."""
        key = (id(expr), id(scope), tuple(id(frame) for frame in frames))
        known = self._memo.get(key)
        if known is None:
            known = (expr, frames, tuple(_Search(self).run(expr, scope, frames)))
            self._memo[key] = known  # what the key identifies is kept alive
        return known[2]


class _Search:
    """One question: a walk over the data flow, nearest expressions first."""

    def __init__(self, provenance: Provenance) -> None:
        self.ask = provenance
        self.resolver = provenance.resolver
        self.sources = provenance.sources
        self.queue: deque[_Visit] = deque()
        self.seen: dict[tuple[int, int, tuple[int, ...]], ir.Expr] = {}
        self.found: dict[tuple[object, ...], Leaf] = {}

    def run(self, expr: ir.Expr, scope: Scope, frames: tuple[Frame, ...]) -> Iterable[Leaf]:
        self._push(_Visit(expr, scope, frames, (), 0))
        for _ in range(FUEL):
            if not self.queue:
                break
            visit = self.queue.popleft()
            if self.ask.barrier(visit.expr, visit.scope):
                self._leaf(visit, Constant(None, visit.scope.module.path, visit.expr.line, ALLOWED))
            else:
                self._look(visit)
        return self.found.values()

    def _push(self, visit: _Visit) -> None:
        key = (id(visit.expr), id(visit.scope), tuple(id(frame.site.call) for frame in visit.frames))
        if key not in self.seen:
            self.seen[key] = visit.expr
            self.queue.append(visit)

    def _follow(self, visit: _Visit, expr: ir.Expr, scope: Scope | None = None, through: tuple[str, ...] = ()) -> None:
        self._push(_Visit(expr, scope or visit.scope, visit.frames, (*through, *visit.through)[:8], visit.hops))

    def _leaf(self, visit: _Visit, value: Value | None = None, answer: object = None) -> None:
        found = self.ask.base.by_call.get(id(answer)) if answer is not None else None
        leaf = Leaf(found, value, visit.expr, visit.scope, visit.through, visit.hops)
        self.found.setdefault((id(answer), id(visit.expr), id(visit.scope), visit.through), leaf)

    def _look(self, visit: _Visit) -> None:
        match visit.expr:
            case ir.Literal():
                return
            case ir.Name() as name:
                self._name(visit, name)
            case ir.Member() as member:
                self._member(visit, member)
            case ir.Call() as call:
                self._call(visit, call)
            case ir.Lambda(function=function):
                self._callback(visit, function)
            case ir.Mapping(entries=entries):
                for _, value in entries:
                    self._follow(visit, value)
            case ir.Index() as index:
                self._index(visit, index)
            case ir.Opaque(kind="comprehension", parts=parts) if parts:
                self._follow(visit, parts[0])
            case ir.Opaque(kind="compare" | "not"):
                return
            case ir.Template(parts=parts) | ir.Opaque(parts=parts) | ir.Sequence(items=parts) | ir.Choice(options=parts):
                for part in parts:
                    self._follow(visit, part)
            case ir.Await(value=value):
                self._follow(visit, value)

    def _callback(self, visit: _Visit, function: ir.Function) -> None:
        inner = next((child for child in visit.scope.children if child.node is function), None)
        for result in inner.returns if inner is not None and visit.through else ():
            self._follow(visit, result, inner)

    # ------------------------------------------------------------------------------------------------------- names

    def _name(self, visit: _Visit, name: ir.Name) -> None:
        if name.id == "self":
            return
        self._added(visit, name.id)
        bindings = self.resolver.bindings(name.id, visit.scope)
        for binding in bindings:
            match binding:
                case Bound():
                    self._follow(visit, binding.expr, binding.scope)
                case Argument():
                    self._argument(visit, binding)
                case Imported():
                    self._values(visit, name)
                case _:
                    continue
        if not bindings:
            path = f"builtins.{name.id}"
            self._leaf(visit, External(path) if self.sources.get(path) else None)

    def _added(self, visit: _Visit, name: str) -> None:
        """What statements add to a list, dict or object under this name."""
        current: Scope | None = visit.scope
        while current is not None:
            for added in current.entries.get(name, ()):
                self._follow(visit, added.expr, current)
            for expr in self.ask.base.mutated(current).get(name, ()):
                self._follow(visit, expr, current)
            if name in current.bindings:
                return
            current = current.parent

    def _values(self, visit: _Visit, expr: ir.Expr) -> None:
        for value in self.resolver.values(expr, visit.scope):
            match value:
                case Structure(expr=inner, scope=at):
                    self._follow(visit, inner, at)
                case External(path=path, steps=steps) if not path.startswith("?"):
                    answer = next((step.call for step in steps if id(step.call) in self.ask.base.by_call), None)
                    self._leaf(visit, None if answer is not None else value, answer)
                case Environment() | Received():
                    self._leaf(visit, value)
                case _:
                    continue

    # --------------------------------------------------------------------------------------------------- parameters

    def _argument(self, visit: _Visit, argument: Argument) -> None:
        function = argument.scope
        position = next((n for n in range(len(visit.frames) - 1, -1, -1) if visit.frames[n].function is function), None)
        if position is not None:
            self._handed(visit, argument, visit.frames[position].site, visit.frames[:position])
            return
        injected = [part.args[0] for part in annotated(argument) if part.args]
        for expr in injected:
            call = ir.Call(expr, (), (), expr.line, expr.line)
            self._follow(visit, call, function.parent or function)
        if injected:
            return
        if id(function) in self.ask.entries or id(function) in self.ask.tools:
            self._leaf(visit, Received(argument))
            return
        if function.function is not None and not function.name:
            self._from_receiver(visit, function, argument.position)
            return
        sites = self.ask.callers(function)
        for site in sites if visit.hops < _HOPS else ():
            self._handed(visit, argument, site, ())
        if not sites:
            self._leaf(visit, Received(argument))

    def _from_receiver(self, visit: _Visit, function: Scope, position: int) -> None:
        """The parameter of a callback holds items of what it is mapped over; one that counts them holds none."""
        outer = function.parent
        for site in outer.sites if outer is not None and function.node is not None else ():
            callee = site.call.callee
            called = any(isinstance(arg, ir.Lambda) and arg.function is function.node for arg in site.call.args)
            if called and isinstance(callee, ir.Member) and COUNTERS.get(callee.name) != position:
                self._follow(visit, callee.base, outer)

    def _handed(self, visit: _Visit, argument: Argument, site: Site, frames: tuple[Frame, ...]) -> None:
        passed = list(self.resolver.passed(argument, site)) or [(expr, site.scope) for expr in collected(argument, site.call)]
        default = argument.parameter.default
        if not passed and default is not None:
            passed = [(default, argument.scope.parent or argument.scope)]
        if not passed:
            passed = [(keyword.value, site.scope) for keyword in site.call.keywords if keyword.name is None]
        for expr, at in passed:
            self._push(_Visit(expr, at, frames, visit.through, visit.hops + 1))

    # ----------------------------------------------------------------------------------------------- members and keys

    def _index(self, visit: _Visit, index: ir.Index) -> None:
        keys = self.resolver.values(index.key, visit.scope)
        only = keys[0] if len(keys) == 1 else None
        if isinstance(only, Constant) and isinstance(only.value, str):
            held = entry(self.resolver, index.base, visit.scope, only.value)
            if held.found:
                for handed in held.found:
                    self._follow(visit, handed.expr, handed.scope)
                return
            self._sourced(visit, index)
        number = only.value if isinstance(only, Constant) and isinstance(only.value, int) and len(visit.frames) < FRAMES else None
        picked = items(self.resolver, self.ask.functions, index.base, visit.scope, number) if number is not None else ()
        if not picked or any(frame.function is function for frame in visit.frames for _, function, _ in picked):
            self._follow(visit, index.base)
            return
        for item, function, site in picked:
            self._push(_Visit(item, function, (*visit.frames, Frame(function, site)), visit.through, visit.hops))

    def _sourced(self, visit: _Visit, expr: ir.Expr) -> None:
        for value in self.resolver.values(expr, visit.scope):
            if isinstance(value, Environment) or (isinstance(value, External) and not value.path.startswith("?")):
                self._values(visit, expr)
                return

    def _member(self, visit: _Visit, member: ir.Member) -> None:
        path = self.ask.path(member, visit.scope)
        if path is not None and self.sources.get(path) is not None:
            self._leaf(visit, External(path))
            return
        own = isinstance(member.base, ir.Name) and member.base.id == "self"
        if own:
            if visit.scope.cls is not None and not self._attribute(visit, member, visit.scope.cls):
                self._sourced(visit, member)
            return
        held = entry(self.resolver, member.base, visit.scope, member.name)
        if held.found:
            for handed in held.found:
                self._follow(visit, handed.expr, handed.scope)
            return
        if self._property(visit, member):
            return
        found, foreign = False, False
        for base in self.resolver.values(member.base, visit.scope):
            match base:
                case Instance() if is_record(self.resolver, base.scope):
                    self._field(visit, base, member)
                    found = True
                case Instance() | Kind():
                    found = self._attribute(visit, member, base.scope) or found
                case External(path=path) if not path.startswith("?"):
                    foreign = True
        if foreign or not found:
            self._follow(visit, member.base)
            self._sourced(visit, member)

    def _property(self, visit: _Visit, member: ir.Member) -> bool:
        """`props.x` of a component: what its elements were given."""
        if not isinstance(member.base, ir.Name):
            return False
        found = False
        for binding in self.resolver.bindings(member.base.id, visit.scope):
            if isinstance(binding, Argument) and binding.position == 0 and binding.field_of is None:
                for site in self.ask.callers(binding.scope):
                    for keyword in site.call.keywords if site.call.jsx else ():
                        if keyword.name == member.name and visit.hops < _HOPS:
                            found = True
                            self._push(_Visit(keyword.value, site.scope, (), visit.through, visit.hops + 1))
        return found

    def _attribute(self, visit: _Visit, member: ir.Member, cls: Scope) -> bool:
        """Follow what is stored under an attribute of a class; false where nothing is."""
        found = False
        for each in self.resolver.lineage(cls):
            for binding in (*each.attributes.get(member.name, ()), *each.bindings.get(member.name, ())):
                match binding:
                    case Bound():
                        found = True
                        self._follow(visit, binding.expr, binding.scope)
                    case Argument():
                        found = True
                        self._argument(visit, binding)
                    case Defined(scope=method) if isinstance(method.node, ir.Function):
                        found = True
                        for result in method.returns:
                            self._follow(visit, result, method)
                    case _:
                        continue
            for method in each.children:
                for added in self.ask.base.mutated(method).get(f"self.{member.name}", ()):
                    found = True
                    self._follow(visit, added, method)
        return found

    def _field(self, visit: _Visit, base: Instance, member: ir.Member) -> None:
        """A field of a data model: what its constructor was given, or, where it came from outside, whatever that was."""
        call = base.call
        if call is not None and base.at is not None:
            given = [keyword.value for keyword in call.keywords if keyword.name == member.name]
            spread = any(keyword.name is None for keyword in call.keywords) or bool(call.args)
            if given or not spread:
                for expr in given:
                    self._follow(visit, expr, base.at)
                for each in self.resolver.lineage(base.scope) if not given else ():
                    for binding in each.bindings.get(member.name, ()):
                        if isinstance(binding, Bound):
                            self._follow(visit, binding.expr, binding.scope)
                return
        self._follow(visit, member.base)

    # ------------------------------------------------------------------------------------------------------- calls

    def _call(self, visit: _Visit, call: ir.Call) -> None:
        if id(call) in self.ask.base.by_call:
            self._leaf(visit, answer=call)
            return
        functions = self.ask.functions(call, visit.scope)
        if functions:
            for function in functions:
                self._enter(visit, function, call)
            return
        callee = call.callee
        if isinstance(callee, ir.Name) and callee.id in self.sources.scalars and not self.resolver.bindings(callee.id, visit.scope):
            return
        for expr, scope in (picked := looked_up(self.resolver, call, visit.scope)):
            self._follow(visit, expr, scope)
        if not picked:
            self._foreign(visit, call)

    def _enter(self, visit: _Visit, function: Scope, call: ir.Call) -> None:
        if len(visit.frames) >= FRAMES or any(frame.function is function for frame in visit.frames):
            return
        site = Site(call, visit.scope, Context(), ir.Do(call, call.line))
        frames = (*visit.frames, Frame(function, site))
        for result in (*function.returns, *function.yields):
            self._push(_Visit(result, function, frames, visit.through, visit.hops))

    def _foreign(self, visit: _Visit, call: ir.Call) -> None:
        """A call of another package: a source of its own, or something that hands on its arguments."""
        targets = self.ask.targets(call, visit.scope)
        visit = replace(visit, through=(*cleaned(call, visit.scope, targets, self.resolver), *visit.through)[:8])
        names: list[str] = []
        for target in targets:
            answer = next((step.call for step in target.steps if id(step.call) in self.ask.base.by_call), None)
            if answer is not None:
                self._leaf(visit, answer=answer)
                return
            made = External(target.path, (*target.steps, Step(target.path, call, visit.scope)), made=True)
            if self.sources.get(target.path) is not None:
                self._leaf(visit, made)
                return
            names.append(target.path)
            if not target.path.startswith(("?", "builtins.")) and not self.sources.hands_on(target.path):
                self._leaf(visit, made)
        for part in self.ask.parts.of(call, visit.scope):
            self._follow(visit, part, through=tuple(names) or ("?",))
