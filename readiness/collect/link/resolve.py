"""What an expression is worth: names, members and calls followed through the whole program, within bounds."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, Protocol, assert_never

from readiness.collect import ir
from readiness.collect.link.drafts import CUT, FREE, Draft, Drafts
from readiness.collect.link.handed import Lookup
from readiness.collect.link.program import Program
from readiness.collect.link.resolve_callers import Callers
from readiness.collect.link.resolve_calls import Calls
from readiness.collect.link.resolve_classes import Classes
from readiness.collect.link.resolve_members import Members
from readiness.collect.link.resolve_parameters import Parameters
from readiness.collect.link.resolve_settings import Settings
from readiness.collect.link.resolve_words import DEPTH, FUEL, as_origin, distinct, external_name, is_of_class, standing
from readiness.collect.link.scopes import Argument, Binding, Bound, Declared, Defined, Imported, Module, Scope, Site
from readiness.collect.link.values import Constant, External, Instance, Kind, Routine, Space, Structure, Unresolved, Value

_GLOBALS: Final = frozenset({"process", "os", "fetch", "Deno", "Bun", "import.meta", "Supabase"})
"""What a runtime holds ready under a name that nothing binds."""


class Conduits(Protocol):
    """Which external functions return one of their arguments, or what it returns: position by dotted name, None for the others."""

    def passthrough(self, path: str) -> int | None: ...

    def runs(self, path: str) -> int | None: ...


class Resolver:
    """Resolves expressions of a program. Results are memoised; a cycle resolves to nothing on its second visit."""

    def __init__(self, program: Program, conduits: Conduits) -> None:
        self.program = program
        self.conduits = conduits
        self._memo: dict[tuple[int, int], tuple[ir.Expr, tuple[Value, ...]]] = {}
        self.active: dict[tuple[int, int], int] = {}
        self.drafts = Drafts()
        self.forwarded: dict[tuple[int, str, int], Lookup] = {}
        """What is handed to the `**kwargs` of a function, by function, name and depth; only what was asked outside any question."""
        self.sought: dict[int, int] = {}
        self._led: dict[tuple[str, str], list[Binding]] = {}
        self.depth = 0
        self._fuel = FUEL
        self.low = FREE
        """The outermost question in progress that an answer had to leave out of account since the last one began (`FREE`: none)."""
        self.members = Members(self)
        self.classes = Classes(self)
        self.calls = Calls(self)
        self.parameters = Parameters(self)
        self.calling = Callers(self)
        self.settings = Settings(self)

    def values(self, expr: ir.Expr, scope: Scope) -> tuple[Value, ...]:
        """Everything `expr` can be worth in `scope`, at most `WIDTH` values; empty only inside a question about itself."""
        if isinstance(expr, ir.Literal):
            return (Constant(expr.value, scope.module.path, expr.line),)
        key = (id(expr), id(scope))
        if not self.active:
            self._fuel = FUEL
            if not self.sought:
                self.drafts.clear()
        known = self._memo.get(key)
        if known is not None:
            return known[1]
        draft = self.drafts.get(key, self.depth)
        if draft is not None:
            self.low = min(self.low, draft.low)
            return draft.values
        self._fuel -= 1
        if key in self.active:
            self.low = min(self.low, self.active[key])
            return ()
        if self.depth > DEPTH or self._fuel < 0:
            self.low = CUT
            return (Unresolved(expr, scope),)
        return self._answer(expr, scope, key)

    def _answer(self, expr: ir.Expr, scope: Scope, key: tuple[int, int]) -> tuple[Value, ...]:
        """Work out one expression; the answer is kept for good where no question around it was left out."""
        position = 2 * self.depth
        outer, self.low = self.low, FREE
        self.active[key] = position
        self.depth += 1
        try:
            found = distinct(self._values(expr, scope)) or (Unresolved(expr, scope),)
        finally:
            self.depth -= 1
            del self.active[key]
            low, self.low = self.low, outer
        self.drafts.settle(position)
        if low >= position or not (self.active or self.sought):
            self._memo[key] = (expr, found)  # the expression is kept alive, since its identity is the key
        else:
            self.drafts.put(key, Draft(low, self.depth, expr, found))
            self.low = min(outer, low)
        return found

    def _values(self, expr: ir.Expr, scope: Scope) -> Iterator[Value]:
        match expr:
            case ir.Literal() as literal:
                yield Constant(literal.value, scope.module.path, literal.line)
            case ir.Name() as name:
                yield from self._name(name, scope)
            case ir.Member() as member:
                yield from self.members.of_member(member, scope)
            case ir.Index() as index:
                yield from self.members.of_index(index, scope)
            case ir.Call() as call:
                yield from self.calls.of_call(call, scope)
            case ir.Template() as template:
                yield self._text(template, scope)
            case ir.Mapping() | ir.Sequence():
                yield Structure(expr, scope)
            case ir.Choice() as choice:
                for option in choice.options:
                    yield from self.values(option, scope)
            case ir.Await() as awaited:
                yield from self.values(awaited.value, scope)
            case ir.Lambda() as function:
                inner = next((child for child in scope.children if child.node is function.function), None)
                yield Routine(inner) if inner is not None else Unresolved(expr, scope)
            case ir.Opaque() as opaque:
                if opaque.kind == "comprehension" and opaque.parts:
                    yield from self.values(opaque.parts[0], scope)
                elif opaque.kind in ("and", "yield") and opaque.parts:
                    yield from self.values(opaque.parts[-1], scope)
                else:
                    yield Unresolved(expr, scope)
            case _:
                assert_never(expr)

    def _text(self, template: ir.Template, scope: Scope) -> Value:
        """A text whose holes are all single constants is a constant."""
        pieces: list[str] = []
        for part in template.parts:
            found = self.values(part, scope)
            if len(found) != 1 or not isinstance(found[0], Constant) or found[0].value is None:
                return Structure(template, scope)
            pieces.append(str(found[0].value))
        return Constant("".join(pieces)[:40_000], scope.module.path, template.line)

    def _name(self, name: ir.Name, scope: Scope) -> Iterator[Value]:
        if name.id == "self":
            cls = scope.cls
            yield Unresolved(name, scope) if cls is None else Kind(cls) if is_of_class(scope) else Instance(cls)
            return
        bindings = self.bindings(name.id, scope)
        if not bindings:
            known = name.id in _GLOBALS
            yield External(name.id) if known else External("builtins.map") if name.id == "map" else Unresolved(name, scope)
        for binding in standing(bindings, name) if bindings is scope.bindings.get(name.id) else bindings:
            yield from self.bound(binding)

    def bindings(self, name: str, scope: Scope) -> list[Binding]:
        """The bindings of `name` in the nearest scope that has any; class bodies are skipped from inside their methods."""
        current: Scope | None = scope
        while current is not None:
            if current is scope or not isinstance(current.node, ir.Class):
                found = current.bindings.get(name)
                if found:
                    return found
            current = current.parent
        return self._starred(scope.module, name, set())

    def _starred(self, module: Module, name: str, seen: set[tuple[str, str]]) -> list[Binding]:
        stars = (star for star in module.root.bindings.get("*", ()) if isinstance(star, Imported))
        targets = (self.program.module_of(star.node, module) for star in stars)
        return [binding for target in targets if target is not None for binding in self._leads(target, name, seen)]

    def _leads(self, module: Module, name: str, seen: set[tuple[str, str]]) -> list[Binding]:
        """What a name of a module is bound to in the end, through imports; nothing where these only lead to each other."""
        if (module.path, name) in seen:
            return []
        seen.add((module.path, name))
        found: list[Binding] = []
        for binding in module.root.bindings.get(name, ()):
            target = self.program.module_of(binding.node, module) if isinstance(binding, Imported) and binding.node.name else None
            if isinstance(binding, Imported) and target is not None:
                known = self._leads(target, binding.node.name, seen)
                found.extend(known or ([binding] if self.program.submodule(target, binding.node.name) is not None else ()))
            else:
                found.append(binding)
        return found if name in module.root.bindings else self._starred(module, name, seen)

    def bound(self, binding: Binding) -> Iterator[Value]:
        """What one binding is worth."""
        match binding:
            case Bound() as value:
                yield from self._bound_value(value)
            case Imported() as imported:
                yield from self._imported(imported)
            case Argument() as argument:
                yield from self.parameters.of_argument(argument)
            case Declared() as declared:
                yield from self.parameters.typed(declared.annotation, declared.scope)
            case Defined() as defined:
                yield Routine(defined.scope) if isinstance(defined.scope.node, ir.Function) else Kind(defined.scope)
            case _:
                assert_never(binding)

    def _bound_value(self, value: Bound) -> Iterator[Value]:
        found = self.values(value.expr, value.scope)
        if value.element:
            found = tuple(item for each in found for item in self.members.items(each))
        for position in value.part:
            found = tuple(item for each in found for item in self.members.at(each, position))
        at_module = value.scope.parent is None or isinstance(value.scope.node, ir.Class)
        known = False
        for each in found:
            known = known or not isinstance(each, Unresolved)
            yield as_origin(each, "constant") if at_module else each
        if value.annotation is not None and not known:
            yield from self.parameters.typed(value.annotation, value.scope)

    def _imported(self, imported: Imported) -> Iterator[Value]:
        node, importer = imported.node, imported.scope.module
        module = self.program.module_of(node, importer)
        if module is None:
            yield External(external_name(node, importer.code.language))
            return
        if not node.name:
            whole = node.module.split(".")[0] if node.alias == node.module.split(".")[0] and "." in node.module else ""
            yield Space(module) if not whole else External(whole)
            return
        yield from self.exported(module, node.name)

    def exported(self, module: Module, name: str) -> Iterator[Value]:
        key = (module.path, name)
        if key not in self._led:
            self._led[key] = self._leads(module, name, set())
        if self._led[key]:
            self.depth += 1  # a value can be made of what stands beside it in a circle of modules
            found = tuple(v for b in self._led[key] for v in self.bound(b)) if self.depth <= DEPTH else ()
            self.depth -= 1
            yield from found
            return
        submodule = self.program.submodule(module, name)
        if submodule is not None:
            yield Space(submodule)

    # ------------------------------------------------------------------------------------------------------- parts

    def member_of(self, base: Value, name: str, asked: ir.Expr, scope: Scope) -> Iterator[Value]:
        """What `base.name` is worth."""
        return self.members.member_of(base, name, asked, scope)

    def lineage(self, cls: Scope) -> tuple[Scope, ...]:
        """The class and its bases of the program, nearest first."""
        return self.classes.lineage(cls)

    def external_bases(self, cls: Scope) -> tuple[External, ...]:
        """The bases of a class, direct or inherited, that other packages define."""
        return self.classes.external_bases(cls)

    def called(self, callee: Value, call: ir.Call, scope: Scope) -> Iterator[Value]:
        """What calling `callee` returns."""
        return self.calls.called(callee, call, scope)

    def deferred(self, path: str, call: ir.Call) -> int | None:
        """Position of the function that a call hands over to be called, None for an ordinary call."""
        return self.calls.deferred(path, call)

    def decorated(self, function: Scope) -> Iterator[External]:
        """What other packages' decorators make of a function, each as if the function were the decorator's result."""
        return self.calls.decorated(function)

    def passed(self, argument: Argument, site: Site) -> Iterator[tuple[ir.Expr, Scope]]:
        """The expressions that a call site hands to a parameter."""
        return self.parameters.passed(argument, site)

    def typed(self, annotation: ir.Expr, scope: Scope) -> Iterator[Value]:
        """Instances of the types that an annotation names."""
        return self.parameters.typed(annotation, scope)

    def callers(self, function: Scope) -> tuple[Site, ...]:
        """Call sites that reach a function of the program, at most `CALLERS`, production code first."""
        return self.calling.callers(function)

    def own_callers(self, function: Scope) -> tuple[Site, ...]:
        """The callers that count: those in files of its own scope; what only tests call in production code, nobody is known to."""
        return self.calling.own_callers(function)

    def environment(self, name: str, defaults: tuple[ir.Expr, ...], scope: Scope, asked: ir.Expr) -> Iterator[Value]:
        """What an environment variable is worth: what shipped files set, then its default in code."""
        return self.settings.environment(name, defaults, scope, asked)
