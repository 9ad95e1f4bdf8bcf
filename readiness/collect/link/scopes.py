"""Scopes of a program: which name is bound to what, where, and every call with the context it stands in."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Final

from readiness.collect import ir
from readiness.collect.link.walk import Context, expressions, own, statements
from readiness.model import Scope as FileScope

_EMPTY: Final = Context()


@dataclass(eq=False, slots=True, repr=False)
class Scope:
    """One lexical scope: a module, a class or a function (a Lambda's body is one too). Filled once by `index_module`."""

    module: Module
    node: ir.Code | ir.Class | ir.Function
    parent: Scope | None
    name: str
    bindings: dict[str, list[Binding]] = field(default_factory=lambda: defaultdict(list))
    attributes: dict[str, list[Binding]] = field(default_factory=lambda: defaultdict(list))
    """For a class: what methods assign to `self.name`."""
    entries: dict[str, list[Added]] = field(default_factory=lambda: defaultdict(list))
    """What `name["key"] = value` and `name.key = value` add to a dict or object named here."""
    merged: dict[str, list[Added]] = field(default_factory=lambda: defaultdict(list))
    """What `name.update(other)` takes over into a dict named here; the key is ''."""
    shared: dict[tuple[str, str], list[Binding]] = field(default_factory=lambda: defaultdict(list))
    """What is put on an object's object (`app.state.model = value`, `st.session_state["chain"] = value`), by its last two names."""
    returns: list[ir.Expr] = field(default_factory=list)
    yields: list[ir.Expr] = field(default_factory=list)
    nodes: list[ir.Expr] = field(default_factory=list)
    """Every expression of its statements, outermost first; bodies of Lambdas and of definitions are scopes of their own."""
    sites: list[Site] = field(default_factory=list)
    children: list[Scope] = field(default_factory=list)
    context: Context = _EMPTY
    """Where a definition stands in its parent."""

    @property
    def symbol(self) -> str:
        """Dotted name inside the module, '' at top level."""
        names: list[str] = []
        current: Scope | None = self
        while current is not None and current.parent is not None:
            if current.name:
                names.append(current.name)
            current = current.parent
        return ".".join(reversed(names))

    @property
    def function(self) -> ir.Function | None:
        return self.node if isinstance(self.node, ir.Function) else None

    @property
    def cls(self) -> Scope | None:
        """The class whose method this is, looking out through nested functions."""
        current: Scope | None = self
        while current is not None:
            if isinstance(current.node, ir.Class):
                return current
            current = current.parent
        return None


@dataclass(eq=False, frozen=True, slots=True, repr=False)
class Module:
    """One code file of the program."""

    path: str
    code: ir.Code
    scope: FileScope
    top: list[Scope] = field(default_factory=list)
    held: set[str] = field(default_factory=set)
    """Keys under which object literals hold something that may be called."""

    @property
    def root(self) -> Scope:
        return self.top[0]


@dataclass(frozen=True, slots=True)
class Added:
    """One `name["key"] = value` or `name.key = value`, and where it stands."""

    key: str
    expr: ir.Expr
    context: Context
    line: int


@dataclass(frozen=True, slots=True)
class Bound:
    """A name bound to the value of an expression. `element` means to one item of it (a loop); `entered` to its context manager."""

    expr: ir.Expr
    scope: Scope
    element: bool = False
    annotation: ir.Expr | None = None
    augmented: bool = False
    part: tuple[int, ...] = ()
    """Positions inside an element that unpacking picks: `for name, model in pairs`."""
    replaces: int = 0
    """Last line of an assignment that always runs and does not read what the name held before; 0 for the others."""


@dataclass(frozen=True, slots=True)
class Imported:
    """A name bound by an import."""

    node: ir.Import
    scope: Scope


@dataclass(frozen=True, slots=True)
class Argument:
    """A name that is a parameter; `position` does not count `self`."""

    parameter: ir.Parameter
    scope: Scope
    position: int
    field_of: ir.Parameter | None = None


@dataclass(frozen=True, slots=True)
class Declared:
    """A name that is declared with a type and no value."""

    annotation: ir.Expr
    scope: Scope


@dataclass(frozen=True, slots=True)
class Defined:
    """A name that is a function or class of the program."""

    scope: Scope


Binding = Bound | Imported | Argument | Declared | Defined


@dataclass(eq=False, frozen=True, slots=True, repr=False)
class Site:
    """One call expression: where it stands, and the statement whose value it is part of."""

    call: ir.Call
    scope: Scope
    context: Context
    statement: ir.Statement

    @property
    def path(self) -> str:
        return self.scope.module.path


def index_module(code: ir.Code, scope: FileScope) -> Module:
    """Build the scopes of one file."""
    module = Module(code.path, code, scope)
    root = Scope(module, code, None, "")
    module.top.append(root)
    _fill(root, code.body)
    return module


def _fill(scope: Scope, body: tuple[ir.Statement, ...]) -> None:
    seen: set[int] = set()
    for statement, context in statements(body):
        _bind(scope, statement, context)
        for expr in own(statement):
            _visit(scope, expr, context, statement, seen)


def _visit(scope: Scope, expr: ir.Expr, context: Context, statement: ir.Statement, seen: set[int]) -> None:
    """Enter what an expression holds; `{a, b} = f()` is two statements that share one call."""
    nodes = list(expressions(expr))
    scope.nodes.extend(nodes)
    for node in nodes:
        if isinstance(node, ir.Call | ir.Lambda):
            if id(node) in seen:
                continue
            seen.add(id(node))
        if isinstance(node, ir.Call):
            scope.sites.append(Site(node, scope, context, statement))
            _merge(scope, node, context)
        elif isinstance(node, ir.Lambda):
            _enter(scope, node.function, context)
        elif isinstance(node, ir.Mapping):
            scope.module.held.update(_held(node))
        elif isinstance(node, ir.Opaque) and node.kind == "yield":
            scope.yields.extend(node.parts)


def _merge(scope: Scope, call: ir.Call, context: Context) -> None:
    match call.callee:
        case ir.Member(base=ir.Name(id=name), name="update"):
            scope.merged[name].extend(Added("", each, context, call.line) for each in call.args[:1])
            for keyword in call.keywords:
                if keyword.name is not None:
                    scope.entries[name].append(Added(keyword.name, keyword.value, context, call.line))
        case _:
            pass


def _held(mapping: ir.Mapping) -> Iterator[str]:
    for key, value in mapping.entries:
        if isinstance(key, ir.Literal) and isinstance(key.value, str) and isinstance(value, ir.Name | ir.Member | ir.Call):
            yield key.value


def _enter(scope: Scope, node: ir.Function | ir.Class, context: Context) -> Scope:
    inner = Scope(scope.module, node, scope, node.name, context=context)
    scope.children.append(inner)
    if isinstance(node, ir.Function):
        _bind_parameters(inner, node)
    _fill(inner, node.body)
    return inner


def _bind_parameters(scope: Scope, node: ir.Function) -> None:
    position = 0
    for parameter in node.parameters:
        if parameter.name == "self" and position == 0 and scope.parent is not None and isinstance(scope.parent.node, ir.Class):
            continue
        if parameter.fields:
            for item in parameter.fields:
                scope.bindings[item.name].append(Argument(item, scope, position, field_of=parameter))
        else:
            scope.bindings[parameter.name].append(Argument(parameter, scope, position))
        position += 1


def _bind(scope: Scope, statement: ir.Statement, context: Context) -> None:
    match statement:
        case ir.Import() as node:
            if node.alias:
                scope.bindings[node.alias].append(Imported(node, scope))
        case ir.Assign() as node:
            _bind_target(scope, node.target, node, context)
        case ir.Loop() as node if node.target is not None:
            _bind_element(scope, node.target, node.iterable)
        case ir.With() as node if node.target is not None:
            _bind_value(scope, node.target, Bound(node.value, scope))
        case ir.Return() as node if node.value is not None:
            scope.returns.append(node.value)
        case ir.Function() | ir.Class():
            inner = _enter(scope, statement, context)
            scope.bindings[statement.name].append(Defined(inner))
        case _:
            pass


def _bind_target(scope: Scope, target: ir.Expr, node: ir.Assign, context: Context) -> None:
    if node.value is not None:
        match target:
            case ir.Index(base=ir.Name(id=name), key=ir.Literal(value=str(key))):
                scope.entries[name].append(Added(key, node.value, context, node.line))
            case ir.Member(base=ir.Name(id=name), name=key) if name != "self":
                scope.entries[name].append(Added(key, node.value, context, node.line))
            case _:
                pass
        replaces = node.end_line if _replaces(target, node, context) else 0
        bound = Bound(node.value, scope, annotation=node.annotation, augmented=node.augmented, replaces=replaces)
        _bind_value(scope, target, bound)
    elif node.annotation is not None:
        _store(scope, target, Declared(node.annotation, scope))


def _replaces(target: ir.Expr, node: ir.Assign, context: Context) -> bool:
    if node.augmented or node.value is None or not isinstance(target, ir.Name):
        return False
    if context.tests or context.loops or context.tries or context.handler:
        return False
    return not any(isinstance(part, ir.Lambda) or _is_name(part, target.id) for part in expressions(node.value))


def _is_name(expr: ir.Expr, name: str) -> bool:
    return isinstance(expr, ir.Name) and expr.id == name


def _bind_element(scope: Scope, target: ir.Expr, iterable: ir.Expr) -> None:
    """A loop's target; `enumerate`, `zip`, `.items()` and `.values()` hand on the items of what they are given."""
    match target, iterable:
        case ir.Sequence(items=(count, item)), ir.Call(callee=ir.Name(id="enumerate"), args=(inner, *_)):
            _bind_value(scope, count, Bound(iterable, scope))
            _bind_element(scope, item, inner)
        case ir.Sequence(items=targets), ir.Call(callee=ir.Name(id="zip"), args=args) if len(targets) == len(args):
            for each, inner in zip(targets, args, strict=True):
                _bind_element(scope, each, inner)
        case ir.Sequence(items=(key, item)), ir.Call(callee=ir.Member(base=mapping, name="items"), args=()):
            _bind_value(scope, key, Bound(iterable, scope, element=True))
            _bind_element(scope, item, mapping)
        case ir.Sequence(items=(key, item)), ir.Call(callee=ir.Member(base=ir.Name(id="Object"), name="entries"), args=(mapping,)):
            _bind_value(scope, key, Bound(iterable, scope, element=True))
            _bind_element(scope, item, mapping)
        case _, ir.Call(callee=ir.Member(base=mapping, name="values"), args=()):
            _bind_element(scope, target, mapping)
        case _, ir.Call(callee=ir.Member(base=ir.Name(id="Object"), name="values"), args=(mapping,)):
            _bind_element(scope, target, mapping)
        case _:
            _bind_value(scope, target, Bound(iterable, scope, element=True))


def _bind_value(scope: Scope, target: ir.Expr, bound: Bound) -> None:
    """Unpacking binds each name to the matching item where the value is a display, else to an index of it."""
    if not isinstance(target, ir.Sequence):
        _store(scope, target, bound)
        return
    items = bound.expr.items if isinstance(bound.expr, ir.Sequence) and not bound.element else None
    for position, part in enumerate(target.items):
        inner = part.parts[0] if isinstance(part, ir.Opaque) and part.kind == "spread" and part.parts else part
        if items is not None and len(items) == len(target.items):
            _bind_value(scope, inner, Bound(items[position], scope))
        elif bound.element:
            _bind_value(scope, inner, replace(bound, part=(*bound.part, position)))
        else:
            key = ir.Literal(position, target.line, target.line)
            _bind_value(scope, inner, Bound(ir.Index(bound.expr, key, target.line), scope))


def _store(scope: Scope, target: ir.Expr, binding: Binding) -> None:
    match target:
        case ir.Name(id=name):
            scope.bindings[name].append(binding)
        case ir.Member(base=ir.Name(id="self"), name=name):
            cls = scope.cls
            if cls is not None:
                cls.attributes[name].append(binding)
        case (
            ir.Member(base=ir.Member(name=owner), name=name) | ir.Index(base=ir.Member(name=owner), key=ir.Literal(value=str(name)))
        ):
            scope.shared[owner, name].append(binding)
        case _:
            pass
