"""What an expression is worth: names, members and calls followed through the whole program, within bounds."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from typing import Final, Protocol, assert_never

from readiness.collect import ir
from readiness.collect.link.drafts import CUT, FREE, Draft, Drafts
from readiness.collect.link.program import Program
from readiness.collect.link.scopes import Added, Argument, Binding, Bound, Declared, Defined, Imported, Module, Scope, Site
from readiness.collect.link.values import (
    Constant,
    Environment,
    External,
    Instance,
    Kind,
    Received,
    Routine,
    Space,
    Step,
    Structure,
    Unresolved,
    Value,
)

DEPTH: Final = 30
"""Steps of one resolution; real chains (factory, attribute, wrapper, settings) stay under ten."""
WIDTH: Final = 12
"""Alternatives kept for one expression."""
SPREADS: Final = 3
"""Objects spread into one another that are searched for a key."""
FUEL: Final = 10_000
"""Expressions visited for one question before it is given up as unresolved."""
CALLERS: Final = 24
"""Callers looked at to learn what a parameter receives."""

_WRAPPERS: Final = frozenset({"Optional", "Annotated", "Required", "NotRequired", "Final", "ClassVar", "Awaitable", "Promise", "Type", "type"})
_PASSING: Final = ("default", "default_factory", "client", "model", "llm")
"""Keywords under which a function takes what it returns."""
_TEXT_METHODS: Final = frozenset({
    "split", "rsplit", "partition", "strip", "lstrip", "rstrip", "lower", "upper", "replace", "removeprefix", "removesuffix", "trim",
    "toLowerCase", "toUpperCase",
})  # fmt: skip
_GLOBALS: Final = frozenset({"process", "os", "fetch", "Deno", "Bun", "import.meta", "Supabase"})
"""What a runtime holds ready under a name that nothing binds."""
_CONVERSIONS: Final = frozenset({"int", "float", "str", "bool", "Number", "String", "Boolean", "parseInt", "parseFloat"})
_COMMON: Final = frozenset({"run", "get", "call", "invoke", "execute", "send", "create", "generate", "main", "handler", "process", "__init__"})


class Passthrough(Protocol):
    """Which external functions return one of their arguments, perhaps changed: position by dotted name, None for the others."""

    def __call__(self, path: str) -> int | None: ...


class Resolver:
    """Resolves expressions of a program. Results are memoised; a cycle resolves to nothing on its second visit."""

    def __init__(self, program: Program, passthrough: Passthrough) -> None:
        self.program = program
        self._passthrough = passthrough
        self._memo: dict[tuple[int, int], tuple[ir.Expr, tuple[Value, ...]]] = {}
        self._active: dict[tuple[int, int], int] = {}
        self._callers: dict[int, tuple[Site, ...]] = {}
        self._drafts = Drafts()
        self._sought: dict[int, int] = {}
        self._by_names: dict[tuple[str, ...], tuple[Site, ...]] = {}
        self._led: dict[tuple[str, str], list[Binding]] = {}
        self._depth = 0
        self._fuel = FUEL
        self._low = FREE
        """The outermost question in progress that an answer had to leave out of account since the last one began (`FREE`: none)."""
        self._spreading: set[int] = set()

    # ------------------------------------------------------------------------------------------------ expressions

    def values(self, expr: ir.Expr, scope: Scope) -> tuple[Value, ...]:
        """Everything `expr` can be worth in `scope`, at most `WIDTH` values; empty only inside a question about itself."""
        if isinstance(expr, ir.Literal):
            return (Constant(expr.value, scope.module.path, expr.line),)
        key = (id(expr), id(scope))
        if not self._active:
            self._fuel = FUEL
            if not self._sought:
                self._drafts.clear()
        known = self._memo.get(key)
        if known is not None:
            return known[1]
        draft = self._drafts.get(key, self._depth)
        if draft is not None:
            self._low = min(self._low, draft.low)
            return draft.values
        self._fuel -= 1
        if key in self._active:
            self._low = min(self._low, self._active[key])
            return ()
        if self._depth > DEPTH or self._fuel < 0:
            self._low = CUT
            return (Unresolved(expr, scope),)
        return self._answer(expr, scope, key)

    def _answer(self, expr: ir.Expr, scope: Scope, key: tuple[int, int]) -> tuple[Value, ...]:
        """Work out one expression, and keep the answer for as long as it holds: for good where no question around it was left out."""
        position = 2 * self._depth
        outer, self._low = self._low, FREE
        self._active[key] = position
        self._depth += 1
        try:
            found = _distinct(self._values(expr, scope)) or (Unresolved(expr, scope),)
        finally:
            self._depth -= 1
            del self._active[key]
            low, self._low = self._low, outer
        self._drafts.settle(position)
        if low >= position or not (self._active or self._sought):
            self._memo[key] = (expr, found)  # the expression is kept alive, since its identity is the key
        else:
            self._drafts.put(key, Draft(low, self._depth, expr, found))
            self._low = min(outer, low)
        return found

    def _values(self, expr: ir.Expr, scope: Scope) -> Iterator[Value]:
        match expr:
            case ir.Literal() as literal:
                yield Constant(literal.value, scope.module.path, literal.line)
            case ir.Name() as name:
                yield from self._name(name, scope)
            case ir.Member() as member:
                yield from self._member(member, scope)
            case ir.Index() as index:
                yield from self._index(index, scope)
            case ir.Call() as call:
                yield from self._call(call, scope)
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

    # ------------------------------------------------------------------------------------------------------ names

    def _name(self, name: ir.Name, scope: Scope) -> Iterator[Value]:
        if name.id == "self":
            cls = scope.cls
            yield Unresolved(name, scope) if cls is None else Kind(cls) if _is_of_class(scope) else Instance(cls)
            return
        bindings = self.bindings(name.id, scope)
        if not bindings:
            known = name.id in _GLOBALS
            yield External(name.id) if known else External("builtins.map") if name.id == "map" else Unresolved(name, scope)
        for binding in _standing(bindings, name) if bindings is scope.bindings.get(name.id) else bindings:
            yield from self.bound(binding, name)

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
        """What a name of a module is bound to in the end, through imports and re-exports; nothing where these only lead to each other."""
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

    def bound(self, binding: Binding, asked: ir.Expr) -> Iterator[Value]:
        """What one binding is worth."""
        match binding:
            case Bound() as value:
                yield from self._bound_value(value)
            case Imported() as imported:
                yield from self._imported(imported)
            case Argument() as argument:
                yield from self._argument(argument, asked)
            case Declared() as declared:
                yield from self.typed(declared.annotation, declared.scope)
            case Defined() as defined:
                yield Routine(defined.scope) if isinstance(defined.scope.node, ir.Function) else Kind(defined.scope)
            case _:
                assert_never(binding)

    def _bound_value(self, value: Bound) -> Iterator[Value]:
        found = self.values(value.expr, value.scope)
        if value.element:
            found = tuple(item for each in found for item in self._items(each))
        for position in value.part:
            found = tuple(item for each in found for item in self._at(each, position))
        at_module = value.scope.parent is None or isinstance(value.scope.node, ir.Class)
        known = False
        for each in found:
            known = known or not isinstance(each, Unresolved)
            yield _as_origin(each, "constant") if at_module else each
        if value.annotation is not None and not known:
            yield from self.typed(value.annotation, value.scope)

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
        yield from self._exported(module, node.name)

    def _exported(self, module: Module, name: str) -> Iterator[Value]:
        key = (module.path, name)
        if key not in self._led:
            self._led[key] = self._leads(module, name, set())
        if self._led[key]:
            self._depth += 1  # a value can be made of what stands beside it in a circle of modules
            found = tuple(v for b in self._led[key] for v in self.bound(b, ir.Name(name, 0))) if self._depth <= DEPTH else ()
            self._depth -= 1
            yield from found
            return
        submodule = self.program.submodule(module, name)
        if submodule is not None:
            yield Space(submodule)

    # ----------------------------------------------------------------------------------------------------- members

    def _member(self, member: ir.Member, scope: Scope) -> Iterator[Value]:
        if isinstance(member.base, ir.Call) and _is_super(member.base):
            yield from self._inherited(scope, member.name)
            return
        for base in self.values(member.base, scope):
            yield from self.member_of(base, member.name, member, scope)

    def member_of(self, base: Value, name: str, asked: ir.Expr, scope: Scope) -> Iterator[Value]:
        """What `base.name` is worth."""
        match base:
            case External():
                yield from self._external_member(base, name, scope, asked)
            case Instance() | Kind():
                yield from self._class_member(base, name, asked)
            case Space() as space:
                yield from self._exported(space.module, name)
            case Structure(expr=ir.Mapping() as mapping, scope=at):
                yield from self._entry(mapping, name, at, asked, scope)
            case Constant() if name == "value":
                yield base
            case Routine(scope=function) if function.function is not None and function.function.decorators:
                yield from (External(f"{value.path}.{name}", value.steps) for value in self.decorated(function))
            case Routine() | Structure() | Constant():
                yield Unresolved(asked, scope)
            case Environment():
                yield base
            case Received() | Unresolved():
                yield External(f"?.{name}")
            case _:
                assert_never(base)

    def _external_member(self, base: External, name: str, scope: Scope, asked: ir.Expr) -> Iterator[Value]:
        path = f"{base.path}.{name}"
        if base.path in ("process.env", "import.meta.env", "Deno.env"):
            yield from self.environment(name, (), scope, asked)
            return
        if base.path.endswith("parse_args"):
            yield from self._option(name, scope, asked)
            return
        configured = self._configured(base, name)
        if configured:
            yield from configured
            return
        known = False
        for binding in self.program.shared.get((base.path.rsplit(".", 1)[-1], name), ()):
            for value in self.bound(binding, asked):
                known = known or not _is_vague(value)
                yield value
        if not known:
            yield External(path, base.steps)

    def _option(self, name: str, scope: Scope, asked: ir.Expr) -> Iterator[Value]:
        """The default of a command line option of `argparse`."""
        found = False
        for site in self.program.sites_by_name.get("add_argument", ()):
            flags = {arg.value.lstrip("-").replace("-", "_") for arg in site.call.args if isinstance(arg, ir.Literal) and isinstance(arg.value, str)}
            if site.scope.module is scope.module and name in flags:
                for keyword in site.call.keywords:
                    if keyword.name == "default":
                        found = True
                        yield from (_as_origin(value, "default") for value in self.values(keyword.value, site.scope))
        if not found:
            yield Unresolved(asked, scope)

    def _declared_option(self, argument: Argument) -> Iterator[Value]:
        """The default of a command line option that a decorator declares for a parameter (`@click.option("--model", default=...)`)."""
        node = argument.scope.function
        outer = argument.scope.parent or argument.scope
        for decorator in node.decorators if node is not None else ():
            if not isinstance(decorator, ir.Call) or _last_name(decorator.callee) not in ("option", "argument"):
                continue
            names = {arg.value.lstrip("-").replace("-", "_") for arg in decorator.args if isinstance(arg, ir.Literal) and isinstance(arg.value, str)}
            if argument.parameter.name in names:
                for keyword in decorator.keywords:
                    if keyword.name == "default":
                        yield from (_as_origin(value, "default") for value in self.values(keyword.value, outer))

    def _configured(self, base: External, name: str) -> tuple[Constant, ...]:
        """A key of a loaded configuration file, looked up in the repository's files."""
        root = next((step.path for step in base.steps if is_config_loader(step.path)), None)
        if root is None:
            return ()
        keys = tuple(key for key in (*base.path[len(root) :].split("."), name) if key)
        return self.program.config.find(keys) if keys else ()

    def _class_member(self, base: Instance | Kind, name: str, asked: ir.Expr) -> Iterator[Value]:
        given = tuple(self._given(base, name)) if isinstance(base, Instance) else ()
        if given:
            yield from given
            return
        found = False
        for cls in self.lineage(base.scope):
            for binding in (*cls.attributes.get(name, ()), *cls.bindings.get(name, ())):
                found = True
                yield from self._attribute(binding, cls, name, asked)
            if found:
                return
        for root in self.external_bases(base.scope):
            yield External(f"{root.path}.{name}", self._construction(base), made=False)
            found = True
        if not found and self._is_filled(base.scope):
            for expr, at in self.program.settings.get(name.upper(), ()):
                found = True
                yield from (_as_origin(value, "default") for value in self.values(expr, at))
            yield from self.program.config.environment.get(name.upper(), ())
        if not found:
            yield from tuple(self._handed_on(base.scope, name, asked)) or (External(f"?.{name}"),)

    def _given(self, instance: Instance, name: str) -> Iterator[Value]:
        """What a field holds because its constructor was handed it, where the class has none of its own (a dataclass, a pydantic model)."""
        call, at, cls = instance.call, instance.at, instance.scope
        if call is None or at is None or cls.module.code.language != "python" or name not in cls.bindings:
            return
        if any(method in each.bindings for each in self.lineage(cls) for method in ("__init__", "__new__")):
            return
        fields = [field for field, (first, *_) in cls.bindings.items() if isinstance(first, Declared | Bound)]
        position = fields.index(name) if name in fields else len(call.args)
        passed = [keyword.value for keyword in call.keywords if keyword.name == name] or call.args[position : position + 1]
        for expr in passed if not any(_is_spread(arg) for arg in call.args) else ():
            yield from (_as_origin(value, "argument") for value in self.values(expr, at))

    def _handed_on(self, cls: Scope, name: str, asked: ir.Expr) -> Iterator[Value]:
        """What a proxy's `__getattr__` reads from the object inside it: `return getattr(self.inner, name)`."""
        self._depth += 1  # a proxy can stand inside itself
        hooks = (each for scope in self.lineage(cls) for each in scope.bindings.get("__getattr__", ()) if isinstance(each, Defined))
        for hook in hooks if self._depth <= DEPTH else ():
            for expr in hook.scope.returns:
                match expr:
                    case ir.Call(callee=ir.Name(id="getattr"), args=(inner, _, *_)):
                        values = (value for value in self.values(inner, hook.scope) if not isinstance(value, Constant))
                        yield from (member for value in values for member in self.member_of(value, name, asked, hook.scope))
                    case _:
                        pass
        self._depth -= 1

    def _is_filled(self, cls: Scope) -> bool:
        """Whether a class takes its attributes from a table (`setattr(self, key, value)`, `self.__dict__.update`, `__getattr__`)."""
        for each in self.lineage(cls):
            if "__getattr__" in each.bindings:
                return True
            for method in each.children:
                if any(_dotted(site.call.callee) in ("setattr", "self.__dict__.update") for site in method.sites):
                    return True
        return False

    def _attribute(self, binding: Binding, cls: Scope, name: str, asked: ir.Expr) -> Iterator[Value]:
        if isinstance(binding, Defined) and _is_property(binding.scope):
            yield from self._results(binding.scope)
            return
        for value in self.bound(binding, asked):
            yield _as_origin(value, "default") if isinstance(binding, Bound) and binding.scope is cls else value
        if isinstance(binding, Bound | Declared) and binding.scope is cls and self._is_settings(cls):
            for constant in self.program.config.environment.get(name.upper(), ()):
                yield constant

    def _is_settings(self, cls: Scope) -> bool:
        return any(base.path.endswith("BaseSettings") for each in self.lineage(cls) for base in self.external_bases(each))

    def _construction(self, base: Instance | Kind) -> tuple[Step, ...]:
        if isinstance(base, Instance) and base.call is not None and base.at is not None:
            return (Step(base.scope.name, base.call, base.at),)
        return ()

    def lineage(self, cls: Scope) -> tuple[Scope, ...]:
        """The class and its bases of the program, nearest first."""
        out: list[Scope] = []
        queue = [cls]
        while queue and len(out) < WIDTH:
            current = queue.pop(0)
            if current in out or not isinstance(current.node, ir.Class):
                continue
            out.append(current)
            for base in current.node.bases:
                queue.extend(v.scope for v in self.values(_unsubscripted(base), current.parent or current) if isinstance(v, Kind))
        return tuple(out)

    def external_bases(self, cls: Scope) -> tuple[External, ...]:
        """The bases of a class, direct or inherited, that other packages define."""
        out: list[External] = []
        for each in self.lineage(cls):
            if isinstance(each.node, ir.Class):
                for base in each.node.bases:
                    found = self.values(_unsubscripted(base), each.parent or each)
                    out.extend(value for value in found if isinstance(value, External))
        return tuple(out)

    def _inherited(self, scope: Scope, name: str) -> Iterator[Value]:
        cls = scope.cls
        if cls is None:
            return
        for base in self.lineage(cls)[1:]:
            for binding in base.bindings.get(name, ()):
                yield from self.bound(binding, ir.Name(name, 0))
                return
        for root in self.external_bases(cls):
            yield External(f"{root.path}.{name}")

    def _entry(self, mapping: ir.Mapping, name: str, at: Scope, asked: ir.Expr, scope: Scope) -> Iterator[Value]:
        spreads: list[ir.Expr] = []
        for key, value in mapping.entries:
            if key is None:
                spreads.append(value)
            elif isinstance(key, ir.Literal) and key.value == name:
                yield from self.values(value, at)
                return
        if len(self._spreading) < SPREADS and id(mapping) not in self._spreading:
            self._spreading.add(id(mapping))  # `{...state, x}` is often a spread of itself
            found = [v for e in spreads for base in self.values(e, at) if isinstance(base, Structure) for v in self.member_of(base, name, asked, scope)]
            self._spreading.discard(id(mapping))
            yield from found
        filled = [value for added in self._filled(mapping, at) if added.key == name for value in self.values(added.expr, at)]
        yield from filled
        if not spreads and not filled:
            yield Unresolved(asked, scope)

    def _index(self, index: ir.Index, scope: Scope) -> Iterator[Value]:
        keys = [value.value for value in self.values(index.key, scope) if isinstance(value, Constant)]
        for base in self.values(index.base, scope):
            if keys and isinstance(keys[0], str):
                for key in keys:
                    if isinstance(base, External) and base.path == "os.environ":
                        yield from self.environment(str(key), (), scope, index)
                    else:
                        yield from self.member_of(base, str(key), index, scope)
            elif isinstance(base, External):
                yield base
            elif isinstance(base, Structure) and isinstance(base.expr, ir.Sequence) and keys and isinstance(keys[0], int):
                items = base.expr.items
                yield from self.values(items[keys[0]], base.scope) if -len(items) <= keys[0] < len(items) else ()
            else:
                yield from self._items(base)

    def _at(self, base: Value, position: int) -> Iterator[Value]:
        """One item of what a loop hands out; of anything but a display, the whole."""
        match base:
            case Structure(expr=ir.Sequence(items=items), scope=at):
                yield from self.values(items[position], at) if position < len(items) else ()
            case _:
                yield base

    def _filled(self, mapping: ir.Mapping, at: Scope) -> Iterator[Added]:
        """What statements put into a dict after it was made: `models = {}`, then `models["fast"] = ...`."""
        for name, added in at.entries.items():
            if any(isinstance(binding, Bound) and binding.expr is mapping for binding in at.bindings.get(name, ())):
                yield from added

    def _items(self, base: Value) -> Iterator[Value]:
        """What an item of a collection is worth."""
        match base:
            case Structure(expr=ir.Sequence() as sequence, scope=at):
                for item in sequence.items[:WIDTH]:
                    yield from self.values(item, at)
            case Structure(expr=ir.Mapping() as mapping, scope=at):
                values = (*(value for _, value in mapping.entries), *(added.expr for added in self._filled(mapping, at)))
                for value in values[:WIDTH]:
                    yield from self.values(value, at)
            case _:
                yield base

    # ------------------------------------------------------------------------------------------------------- calls

    def _call(self, call: ir.Call, scope: Scope) -> Iterator[Value]:
        if isinstance(call.callee, ir.Member) and call.callee.name in ("__or__", "pipe") and len(call.args) == 1:
            yield from self._piped(call.callee.base, call.args[0], scope)
            return
        setting = self._setting(call)
        if setting:
            yield from setting
            return
        looked = tuple(self._looked_up(call, scope))
        if looked:
            yield from looked
            return
        named = _named_attribute(call)
        if named is not None:
            yield from self.values(named, scope)
            return
        if isinstance(call.callee, ir.Name) and call.callee.id in _CONVERSIONS and call.args and not self.bindings(call.callee.id, scope):
            yield from self.values(call.args[0], scope)
            return
        texts = tuple(self._text_method(call, scope))
        if texts:
            yield from texts
            return
        for callee in self.values(call.callee, scope):
            yield from self.called(callee, call, scope)

    def _text_method(self, call: ir.Call, scope: Scope) -> Iterator[Value]:
        """Methods of a known text: `"openai:gpt-4o".split(":")`, `NAME.strip().lower()`."""
        if not (isinstance(call.callee, ir.Member) and call.callee.name in _TEXT_METHODS):
            return
        for base in self.values(call.callee.base, scope):
            if isinstance(base, Constant) and isinstance(base.value, str):
                arguments = [v.value for arg in call.args for v in self.values(arg, scope)[:1] if isinstance(v, Constant)]
                if len(arguments) == len(call.args):
                    yield from _applied(call.callee.name, base, tuple(arguments), call, scope)
            elif not _is_vague(base) and not isinstance(base, Environment):
                return

    def _looked_up(self, call: ir.Call, scope: Scope) -> Iterator[Value]:
        """`MODELS.get(name, default)` of a dict that the program makes: an item, or the default."""
        match call:
            case ir.Call(callee=ir.Member(base=base, name="get"), args=(key, *defaults)):
                bases = self.values(base, scope)
            case _:
                return
        if bases and all(isinstance(each, Structure) and isinstance(each.expr, ir.Mapping) for each in bases):
            held = self.values(ir.Index(base, key, call.line), scope)
            yield from (value for value in held if not (defaults and isinstance(value, Unresolved)))
            for default in defaults:
                yield from self.values(default, scope)

    def _setting(self, call: ir.Call) -> tuple[Value, ...]:
        """`config.get("CHAT_MODEL")` where a table of the program holds that key: what files set, then the table's default."""
        match call:
            case ir.Call(callee=ir.Member(name="get"), args=(ir.Literal(value=str(key)), *_)) if key in self.program.settings:
                found: list[Value] = list(self.program.config.environment.get(key, ()))
                for expr, scope in self.program.settings[key]:
                    found.extend(_as_origin(value, "default") for value in self.values(expr, scope))
                return tuple(found)
            case _:
                return ()

    def _piped(self, left: ir.Expr, right: ir.Expr, scope: Scope) -> Iterator[Value]:
        """`a | b`: all that is known of either part, since a pipeline answers to the methods of its parts, with the steps of both.

        Beside a part that nothing is known of, a known one also is "<its name>.__or__": whether that makes a model of it, its SDK says.
        """
        before, after = self.values(left, scope), self.values(right, scope)
        vague = any(_is_vague(value) for value in (*before, *after))
        ahead = next((value.steps for value in before if isinstance(value, External)), ())
        behind = next((value.steps for value in after if isinstance(value, External)), ())
        joined = [(value, (*value.steps, *behind)) for value in before if isinstance(value, External)]
        joined += [(value, (*ahead, *value.steps)) for value in after if isinstance(value, External)]
        yield from (External(value.path, steps, value.made) for value, steps in joined if not _is_vague(value))
        for value in (*before, *after):
            if isinstance(value, External) and vague and not _is_vague(value):
                yield External(f"{value.path}.__or__", value.steps, made=True)
            elif isinstance(value, Instance) or (isinstance(value, External) and _is_vague(value)):
                yield value

    def called(self, callee: Value, call: ir.Call, scope: Scope) -> Iterator[Value]:
        """What calling `callee` returns."""
        match callee:
            case External():
                yield from self._external_call(callee, call, scope)
            case Kind(scope=cls):
                yield Instance(cls, call, scope)
            case Routine(scope=function):
                yield from self._results(function)
            case Instance(scope=cls):
                yield from self._called_instance(callee, cls, call, scope)
            case _:
                yield Unresolved(call, scope)

    def _external_call(self, callee: External, call: ir.Call, scope: Scope) -> Iterator[Value]:
        path = callee.path
        if path in ("os.getenv", "os.environ.get", "os.environ.setdefault", "Deno.env.get", "env.str", "environ.Env.str", "decouple.config"):
            yield from self._getenv(call, scope)
            return
        if path == "importlib.import_module" and call.args:
            modules = (value.value for value in self.values(call.args[0], scope) if isinstance(value, Constant))
            yield from (External(module) for module in modules if isinstance(module, str))
            return
        position = deferred(path)
        if path in PREPARING and call.args:
            yield from self._prepared(call, scope)
            return
        if position is not None and len(call.args) > position and not callee.made:
            for target in self.values(call.args[position], scope):
                if isinstance(target, External | Routine | Instance | Kind):
                    yield from self.called(target, call, scope)
            return
        if callee.made:
            path = f"{path}.__call__"
        step = Step(path, call, scope)
        inner = self._passthrough(path)
        if inner is not None:
            yield from self._passed(call, scope, inner, step)
            return
        yield External(path, (*callee.steps, step), made=True)

    def _prepared(self, call: ir.Call, scope: Scope) -> Iterator[Value]:
        """`partial(f, x, k=v)`: the function, with a step that carries what is already given."""
        given = replace(call, args=call.args[1:])
        for target in self.values(call.args[0], scope):
            yield External(target.path, (*target.steps, Step(target.path, given, scope))) if isinstance(target, External) else target

    def _passed(self, call: ir.Call, scope: Scope, position: int, step: Step) -> Iterator[Value]:
        """The argument that a function returns: by position, or the one named as its default."""
        named = [keyword.value for keyword in call.keywords if keyword.name in _PASSING]
        for value in named or call.args[position : position + 1]:
            for each in self.values(value, scope):
                if isinstance(each, Routine) and any(keyword.name == "default_factory" for keyword in call.keywords):
                    yield from self._results(each.scope)
                else:
                    yield External(each.path, (*each.steps, step), each.made) if isinstance(each, External) else each

    def _getenv(self, call: ir.Call, scope: Scope) -> Iterator[Value]:
        name = next((v.value for v in self.values(call.args[0], scope) if isinstance(v, Constant)), None) if call.args else None
        defaults = [*call.args[1:2], *(k.value for k in call.keywords if k.name in ("default", "fallback"))]
        yield from self.environment(str(name or "?"), tuple(defaults), scope, call)

    def environment(self, name: str, defaults: tuple[ir.Expr, ...], scope: Scope, asked: ir.Expr) -> Iterator[Value]:
        """What an environment variable is worth: what shipped files set, then its default in code."""
        found: list[Value] = list(self.program.config.environment.get(name, ()))
        for default in defaults:
            found.extend(_as_origin(value, "default") for value in self.values(default, scope))
        if not found:
            line = getattr(asked, "line", 0)
            found.append(Environment(name, scope.module.path, line))
        yield from found

    def _results(self, function: Scope) -> Iterator[Value]:
        known = False
        for value in (v for expr in (*function.returns, *function.yields) for v in self.values(expr, function)):
            if not isinstance(value, Unresolved) and not (isinstance(value, Constant) and value.value is None):
                known = True
            yield value
        node = function.function
        if not known and node is not None and node.returns is not None:
            yield from self.typed(node.returns, function.parent or function)

    def decorated(self, function: Scope) -> Iterator[External]:
        """What other packages' decorators make of a function, each as if the function were the decorator's result."""
        node = function.function
        for decorator in node.decorators if node is not None else ():
            for value in self.values(decorator, function.parent or function):
                if isinstance(value, External) and not _is_vague(value):
                    yield External(value.path, value.steps, made=True)

    def _called_instance(self, callee: Instance, cls: Scope, call: ir.Call, scope: Scope) -> Iterator[Value]:
        for each in self.lineage(cls):
            for name in ("__call__", "forward"):
                for binding in each.bindings.get(name, ()):
                    if isinstance(binding, Defined):
                        yield from self._results(binding.scope)
                        return
        if callee.call is None and isinstance(call.callee, ir.Name):
            yield Instance(cls, call, scope)  # `cls(...)` in a class method
            return
        for root in self.external_bases(cls):
            path = f"{root.path}.__call__"
            yield External(path, (*self._construction(callee), Step(path, call, scope)), made=True)

    # ---------------------------------------------------------------------------------------- parameters and types

    def _argument(self, argument: Argument, asked: ir.Expr) -> Iterator[Value]:
        parameter = argument.parameter
        found: list[Value] = []
        if parameter.kind == "plain":
            found.extend(self._received(argument))
        found.extend(self._declared_option(argument))
        if parameter.default is not None:
            found.extend(_as_origin(value, "default") for value in self.values(parameter.default, argument.scope.parent or argument.scope))
        useful = [value for value in found if not _is_nothing(value)]
        if parameter.annotation is not None and not any(isinstance(v, External | Instance | Kind) and not _is_vague(v) for v in useful):
            typed = [v for v in self.typed(parameter.annotation, argument.scope) if not isinstance(v, Unresolved)]
            useful = [*typed, *(v for v in useful if not typed or not _is_vague(v))]
        yield from useful
        if not any(not isinstance(value, Constant) or value.value is not None for value in useful):
            yield Received(argument)

    def _received(self, argument: Argument) -> Iterator[Value]:
        for site in self.own_callers(argument.scope):
            for expr, scope in self.passed(argument, site):
                yield from (_as_origin(value, "argument") for value in self.values(expr, scope))

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
        if position < len(site.call.args) and not any(_is_spread(arg) for arg in site.call.args[: position + 1]):
            yield site.call.args[position], site.scope

    def _spread(self, expr: ir.Expr, scope: Scope, name: str, hops: int) -> Iterator[tuple[ir.Expr, Scope]]:
        """What `**expr` hands to a parameter: an entry of a dict, or a keyword that callers put into `**kwargs`."""
        if isinstance(expr, ir.Name):
            for added in scope.entries.get(expr.id, ()):
                if added.key == name:
                    yield added.expr, scope
        for value in self.values(expr, scope) if hops < SPREADS else ():
            match value:
                case Structure(expr=ir.Mapping() as mapping, scope=at):
                    yield from ((v, at) for k, v in mapping.entries if isinstance(k, ir.Literal) and k.value == name)
                case Received(argument=received) if received.parameter.kind == "kwargs":
                    for site in self.own_callers(received.scope):
                        yield from ((k.value, site.scope) for k in site.call.keywords if k.name == name)
                        for keyword in site.call.keywords:
                            if keyword.name is None:
                                yield from self._spread(keyword.value, site.scope, name, hops + 1)
                case _:
                    pass

    def _shift(self, site: Site) -> int:
        """How many leading arguments a deferring call (`to_thread(f, x)`) takes for itself."""
        for value in self.values(site.call.callee, site.scope):
            if isinstance(value, External) and (position := deferred(value.path)) is not None:
                return position + 1
        return 0

    def own_callers(self, function: Scope) -> tuple[Site, ...]:
        """The callers that count for a function: those of its own scope of files where it has any, so that tests say nothing of production."""
        sites = self.callers(function)
        own = tuple(site for site in sites if site.scope.module.scope is function.module.scope)
        return own or sites

    def callers(self, function: Scope) -> tuple[Site, ...]:
        """Call sites that reach a function of the program, at most `CALLERS`, production code first."""
        known = self._callers.get(id(function))
        if known is not None:
            return known
        node = function.function
        if node is None:
            return ()
        key = (id(function), 0)
        draft = self._drafts.get(key, self._depth)
        if draft is not None:
            self._low = min(self._low, draft.low)
            return draft.sites
        if key[0] in self._sought:
            self._low = min(self._low, self._sought[key[0]])
            return ()
        if self._depth > DEPTH - 6:
            self._low = CUT
            return ()
        return self._search(function, node, key)

    def _search(self, function: Scope, node: ir.Function, key: tuple[int, int]) -> tuple[Site, ...]:
        position = 2 * self._depth - 1
        outer, self._low = self._low, FREE
        self._sought[key[0]] = position
        try:
            found = self._sites_reaching(function, node)
        finally:
            del self._sought[key[0]]
            low, self._low = self._low, outer
        self._drafts.settle(position)
        if low >= position or not (self._active or self._sought):
            self._callers[key[0]] = found
        else:
            self._drafts.put(key, Draft(low, self._depth, sites=found))
            self._low = min(outer, low)
        return found

    def _sites_reaching(self, function: Scope, node: ir.Function) -> tuple[Site, ...]:
        name = node.name
        cls = function.parent if function.parent is not None and isinstance(function.parent.node, ir.Class) else None
        names = [name]
        if cls is not None and name in ("__init__", "constructor"):
            names = [cls.name, "self", "__init__", "constructor", "super"]
        elif cls is not None and name in ("__call__", "forward"):
            names = []
        return tuple(site for site in self._candidates(tuple(names)) if self._reaches(site, function, cls))[:CALLERS]

    def _candidates(self, names: tuple[str, ...]) -> tuple[Site, ...]:
        """Sites that could call a function by one of its names, production code and the first names first."""
        known = self._by_names.get(names)
        if known is None:
            ranked = [(rank, site) for rank, name in enumerate(names) for site in self.program.sites_by_name.get(name, ())]
            if len(names) > 1:
                ranked += [(len(names), site) for site in self.program.dynamic_sites]
            ranked.sort(key=lambda each: (each[1].scope.module.scope.value != "production", each[0], each[1].path, each[1].call.line))
            known = tuple(dict.fromkeys(site for _, site in ranked))[: CALLERS * 4]
            self._by_names[names] = known
        return known

    def _reaches(self, site: Site, function: Scope, cls: Scope | None) -> bool:
        if isinstance(site.call.callee, ir.Name):
            plain = self._plainly(site.call.callee.id, site.scope, function)
            if plain is not None:
                return plain
        for callee in (site.call.callee, *self._deferred_target(site)):
            for value in self.values(callee, site.scope):
                match value:
                    case Routine(scope=found) if found is function:
                        return True
                    case Kind(scope=found) if cls is not None and (found is cls or cls in self.lineage(found)):
                        return True
                    case External(path=path) if path.startswith("?."):
                        name = path.rsplit(".", 1)[-1]
                        if cls is not None and name not in _COMMON and len(self.program.definitions.get(name, ())) == 1:
                            return path.count(".") == 1
                    case _:
                        pass
        return False

    def _plainly(self, name: str, scope: Scope, function: Scope) -> bool | None:
        """Whether a plain name is this function, where its bindings are definitions and say so at once; None where they are not."""
        bindings = self.bindings(name, scope)
        if bindings and all(isinstance(binding, Defined) and binding.scope.function is not None for binding in bindings):
            return any(isinstance(binding, Defined) and binding.scope is function for binding in bindings)
        return None

    def _deferred_target(self, site: Site) -> Iterator[ir.Expr]:
        for value in self.values(site.call.callee, site.scope):
            if isinstance(value, External):
                position = deferred(value.path)
                if position is not None and len(site.call.args) > position:
                    yield site.call.args[position]

    def typed(self, annotation: ir.Expr, scope: Scope) -> Iterator[Value]:
        """Instances of the types that an annotation names."""
        match annotation:
            case ir.Choice(options=options):
                for option in options:
                    yield from self.typed(option, scope)
            case ir.Index(base=base, key=key) if _last_name(base) in _WRAPPERS:
                first = key.items[0] if isinstance(key, ir.Sequence) and key.items else key
                yield from self.typed(first, scope)
            case ir.Index(base=base):
                yield from self.typed(base, scope)
            case ir.Name() | ir.Member():
                for value in self.values(annotation, scope):
                    if isinstance(value, Kind):
                        yield Instance(value.scope)
                    elif isinstance(value, External) and not value.path.startswith("typing."):
                        yield External(value.path, value.steps, made=True)
            case _:
                pass


# ------------------------------------------------------------------------------------------------------------ helpers

_DEFERRED: Final = {"to_thread": 0, "submit": 0, "run_in_executor": 1, "partial": 0, "run_in_threadpool": 0, "run_sync": 0, "call_soon": 0}


PREPARING: Final = frozenset({
    "functools.partial", "asgiref.sync.sync_to_async", "asgiref.sync.async_to_sync", "asyncer.asyncify", "asyncer.syncify",
})  # fmt: skip
"""Functions that return the function they are given, with arguments filled in or made to run elsewhere."""
_POOLS: Final = frozenset({"map", "imap", "imap_unordered", "starmap", "apply", "apply_async", "map_async", "starmap_async"})
DEFERRING: Final = frozenset(_DEFERRED) | _POOLS | {"sync_to_async", "async_to_sync", "asyncify", "syncify"}
"""Last words of the functions that call, or prepare, a function which they are given."""


def deferred(path: str) -> int | None:
    """Position of the function that a call hands over for later (`executor.submit(f, ...)`), None for an ordinary call."""
    owner, _, name = path.rpartition(".")
    if name in _POOLS:
        return 0 if owner.endswith(("Pool", "PoolExecutor")) or owner == "builtins" else None
    if name == "run_sync" and not owner.endswith(("to_thread", "from_thread")):
        return None
    return _DEFERRED.get(name) if owner else None


def external_name(node: ir.Import, language: str) -> str:
    """The dotted name that an import of another package binds."""
    if not node.name:
        head = node.module.split(".")[0]
        return head if language == "python" and node.alias == head else node.module
    return f"{node.module}.{node.name}"


_LOADERS: Final = ("yaml.safe_load", "yaml.load", "json.load", "json.loads", "toml.load", "tomllib.load", "tomli.load", "OmegaConf.load", "Dynaconf")


def is_config_loader(path: str) -> bool:
    """Whether a dotted name loads a configuration file."""
    return path.endswith(_LOADERS)


def _standing(bindings: list[Binding], name: ir.Name) -> list[Binding]:
    """The bindings of a name of the same scope that can still hold where it is read."""
    replaced = [at for at, binding in enumerate(bindings) if isinstance(binding, Bound) and 0 < binding.replaces < name.line]
    return bindings[replaced[-1] :] if replaced else bindings


def _as_origin(value: Value, origin: str) -> Value:
    if isinstance(value, Constant) and value.origin == "literal":
        return Constant(value.value, value.path, value.line, origin)
    return value


def _is_of_class(scope: Scope) -> bool:
    """Whether the first parameter hereabouts is the class, not an instance of it."""
    current: Scope | None = scope
    while current is not None and current.parent is not None and not isinstance(current.parent.node, ir.Class):
        current = current.parent
    node = current.function if current is not None else None
    return node is not None and (node.name in ("__new__", "__init_subclass__") or any(_last_name(d) == "classmethod" for d in node.decorators))


def _named_attribute(call: ir.Call) -> ir.Member | None:
    """`getattr(x, "name")` as the member that it reads."""
    match call:
        case ir.Call(callee=ir.Name(id="getattr"), args=(base, ir.Literal(value=str(name)), *_)):
            return ir.Member(base, name, call.line)
        case _:
            return None


def _applied(name: str, base: Constant, arguments: tuple[object, ...], call: ir.Call, scope: Scope) -> Iterator[Value]:
    """What a text method returns; nothing where its arguments do not fit."""
    method = {"trim": "strip", "toLowerCase": "lower", "toUpperCase": "upper"}.get(name, name)
    assert isinstance(base.value, str)
    try:
        result = getattr(base.value, method)(*arguments)
    except (TypeError, ValueError):
        return
    if isinstance(result, str):
        yield Constant(result, base.path, base.line, base.origin)
    else:
        items = tuple(ir.Literal(part, base.line, base.line) for part in result)
        yield Structure(ir.Sequence(items, call.line, call.end_line), scope)


def _dotted(expr: ir.Expr) -> str:
    match expr:
        case ir.Name(id=name):
            return name
        case ir.Member(base=base, name=name):
            return f"{_dotted(base)}.{name}"
        case _:
            return ""


def _is_vague(value: Value) -> bool:
    return isinstance(value, Unresolved | Received) or (isinstance(value, External) and value.path.startswith("?"))


def _is_nothing(value: Value) -> bool:
    return isinstance(value, Constant) and value.value is None


def _is_spread(expr: ir.Expr) -> bool:
    return isinstance(expr, ir.Opaque) and expr.kind == "spread"


def _is_super(call: ir.Call) -> bool:
    return isinstance(call.callee, ir.Name) and call.callee.id == "super"


def _is_property(scope: Scope) -> bool:
    node = scope.function
    return node is not None and any(_last_name(decorator) in ("property", "cached_property", "computed_field", "get") for decorator in node.decorators)


def _last_name(expr: ir.Expr) -> str:
    match expr:
        case ir.Name(id=name) | ir.Member(name=name):
            return name
        case ir.Call(callee=callee):
            return _last_name(callee)
        case _:
            return ""


def _unsubscripted(expr: ir.Expr) -> ir.Expr:
    return expr.base if isinstance(expr, ir.Index) else expr


def _identity(value: Value) -> tuple[object, ...]:
    match value:
        case Constant():
            return ("c", type(value.value), value.value, value.origin)
        case External():
            return ("x", value.path, value.made, *(id(step.call) for step in value.steps))
        case Routine() | Kind():
            return (type(value), id(value.scope))
        case Instance():
            return ("i", id(value.scope), id(value.call))
        case Structure() | Unresolved():
            return (type(value), id(value.expr), id(value.scope))
        case Space():
            return ("s", value.module.path)
        case Received():
            return ("r", id(value.argument.parameter))
        case Environment():
            return ("e", value.name)
        case _:
            assert_never(value)


def _distinct(values: Iterable[Value]) -> tuple[Value, ...]:
    out: dict[tuple[object, ...], Value] = {}
    for value in values:
        out.setdefault(_identity(value), value)
        if len(out) >= WIDTH:
            break
    return tuple(out.values())


Passing = Callable[[str], int | None]
