"""What the evaluation facts need of one source file: names through its imports, its definitions and its tests."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields
from functools import cache
from pathlib import PurePosixPath
from typing import Final

from readiness.collect import ir


class Flat(tuple[ir.Node, ...]):
    """Every node below a root, walked once for all who ask again."""

    __slots__ = ()


def nodes(root: object) -> Iterator[ir.Node]:
    """Every node below `root`, which may be a node or nested tuples of nodes, in source order, bodies of lambdas included."""
    pending: list[object] = [root]
    while pending:
        current = pending.pop()
        if isinstance(current, Flat):
            yield from current
        elif isinstance(current, tuple):
            pending.extend(current[::-1])
        elif isinstance(current, ir.Node):
            yield current
            names = _parts(type(current))  # type: ignore[arg-type] # a class is hashable, whatever its instances are
            pending.extend([getattr(current, name) for name in names])


@cache
def _parts(kind: type[ir.Node]) -> tuple[str, ...]:
    """The fields of a node class that can hold nodes, last first."""
    plain = {"int", "str", "bool", "str | None", "str | int | float | bool | None", "tuple[str | int, ...]"}
    return tuple(item.name for item in reversed(fields(kind)) if item.type not in plain)  # type: ignore[arg-type]


def statements(body: tuple[ir.Statement, ...]) -> Iterator[ir.Statement]:
    """Every statement below, those of functions and classes included, those of lambdas not."""
    pending = list(reversed(body))
    while pending:
        current = pending.pop()
        yield current
        match current:
            case ir.If(body=inner, orelse=other):
                pending.extend((*reversed(other), *reversed(inner)))
            case ir.Try(body=inner, handlers=handlers, final=final):
                pending.extend((*final, *(s for handler in handlers for s in handler.body), *reversed(inner)))
            case ir.Loop(body=inner) | ir.With(body=inner) | ir.Function(body=inner) | ir.Class(body=inner):
                pending.extend(reversed(inner))
            case _:
                pass


def calls(root: object) -> Iterator[ir.Call]:
    """Every call below `root`."""
    return (node for node in nodes(root) if isinstance(node, ir.Call))


def texts(root: object) -> Iterator[ir.Literal]:
    """Every text literal below `root`."""
    return (node for node in nodes(root) if isinstance(node, ir.Literal) and isinstance(node.value, str))


def last_name(expr: ir.Expr | None) -> str:
    """The identifier that an expression ends in, '' when it ends in none."""
    match expr:
        case ir.Name(id=name) | ir.Member(name=name):
            return name
        case ir.Call(callee=callee):
            return last_name(callee)
        case ir.Await(value=value):
            return last_name(value)
        case ir.Index(base=base):
            return last_name(base)
        case _:
            return ""


def chain(expr: ir.Expr | None) -> str:
    """The dotted spelling of names and members, calls left out; '' where something else stands at the root."""
    match expr:
        case ir.Name(id=name):
            return name
        case ir.Member(base=base, name=name):
            prefix = chain(base)
            return f"{prefix}.{name}" if prefix else name
        case ir.Call(callee=callee):
            return chain(callee)
        case ir.Await(value=value):
            return chain(value)
        case _:
            return ""


@dataclass(frozen=True, slots=True)
class Definition:
    """A function or method: `name` is qualified (`Class.method`), `owner` the class, '' for a function."""

    name: str
    owner: str
    function: ir.Function
    markers: tuple[ir.Expr, ...] = ()
    """Decorators of the enclosing class."""


@dataclass(frozen=True, slots=True)
class Module:
    """One file with the names it binds. `instances` maps a variable to the dotted name that its value was called from."""

    code: ir.Code
    imports: Mapping[str, str]
    definitions: tuple[Definition, ...]
    classes: Mapping[str, ir.Class] = field(default_factory=dict)
    instances: Mapping[str, str] = field(default_factory=dict)

    @property
    def path(self) -> str:
        return self.code.path

    def dotted(self, expr: ir.Expr | None) -> str:
        """The dotted name of an expression as imported: `Client().evaluate` is `langsmith.Client.evaluate`."""
        head, dot, rest = chain(expr).partition(".")
        known = self.imports.get(head) or self.instances.get(head)
        if known:
            return known + dot + rest
        attribute, dot, rest = rest.partition(".")
        known = self.instances.get(f"{head}.{attribute}")
        return known + dot + rest if known else chain(expr)


def read_module(code: ir.Code) -> Module:
    """Index one file."""
    imports = dict(_imports(code))
    module = Module(code, imports, tuple(_definitions(code.body)), {c.name: c for c in code.body if isinstance(c, ir.Class)})
    instances: dict[str, str] = {}
    for node in nodes(code.body) if code.language != "python" and is_test_file(code.path) else statements(code.body):
        if isinstance(node, ir.Assign | ir.With) and node.target is not None:
            made = _constructor(node.value)
            if made is not None:
                instances.setdefault(chain(node.target), module.dotted(made))
    return Module(code, imports, module.definitions, module.classes, instances)


def _imports(code: ir.Code) -> Iterator[tuple[str, str]]:
    for node in statements(code.body):
        if isinstance(node, ir.Import) and node.alias:
            whole = not node.name and node.alias == node.module.split(".")[0]
            yield node.alias, node.alias if whole else f"{node.module}.{node.name}".removesuffix(".")


def _constructor(value: ir.Expr | None) -> ir.Call | None:
    match value:
        case ir.Call() as call:
            return call
        case ir.Await(value=inner):
            return _constructor(inner)
        case _:
            return None


def _definitions(body: tuple[ir.Statement, ...], owner: str = "", markers: tuple[ir.Expr, ...] = ()) -> Iterator[Definition]:
    for statement in body:
        match statement:
            case ir.Function() as function:
                yield Definition(f"{owner}.{function.name}" if owner else function.name, owner, function, markers)
            case ir.Class() as cls:
                yield from _definitions(cls.body, cls.name, (*markers, *cls.decorators))
            case ir.Assign(target=ir.Name(id=name), value=ir.Lambda(function=function)):
                yield Definition(f"{owner}.{name}" if owner else name, owner, function, markers)
            case ir.If(body=inner, orelse=other):
                yield from _definitions((*inner, *other), owner, markers)
            case ir.Try(body=inner):
                yield from _definitions(inner, owner, markers)
            case _:
                pass


@dataclass(frozen=True, slots=True)
class Case:
    """One test: its body, what decorates it and its class, the fixtures it takes; `driven`: it runs for each of many cases."""

    name: str
    line: int
    end_line: int
    body: object
    markers: tuple[ir.Expr, ...] = ()
    fixtures: tuple[str, ...] = ()
    driven: bool = False
    loop: ir.Expr | None = None


_TEST_FILE: Final = re.compile(
    r"(^|/)((test_[^/]*|[^/]*_test|conftest)\.py|[^/]*[._-](test|spec|eval)s?\.[cm]?[jt]sx?)$|(^|/)__tests__/"
)


def is_test_file(path: str) -> bool:
    """Whether a test runner collects the file by its usual naming rules."""
    return bool(_TEST_FILE.search(path))


def test_cases(module: Module) -> tuple[Case, ...]:
    """The tests of a file, whether its name lets a runner collect it or not."""
    if module.code.language == "python":
        return tuple(_python_cases(module))
    return tuple(_script_cases(module.code.body, None))


def _python_cases(module: Module) -> Iterator[Case]:
    for definition in module.definitions:
        function = definition.function
        if function.name.startswith("test"):
            markers = (*definition.markers, *function.decorators)
            yield Case(
                definition.name,
                function.line,
                function.end_line,
                function.body,
                markers,
                tuple(p.name for p in function.parameters if p.name not in {"self", "cls"}),
                driven=any(_many(marker) for marker in markers),
            )


MANY_CASES: Final = 10
"""Cases written out in a list from which on a test counts as driven by data; a smoke test has fewer."""


def _many(marker: ir.Expr) -> bool:
    """Whether a marker runs the test for cases that come from elsewhere, or for a long list."""
    if not isinstance(marker, ir.Call) or last_name(marker.callee) != "parametrize":
        return False
    values = marker.args[1] if len(marker.args) > 1 else next((k.value for k in marker.keywords if k.name == "argvalues"), None)
    if isinstance(values, ir.Sequence):
        return len(values.items) >= MANY_CASES
    return values is not None and not _is_enumeration(values)


def _is_enumeration(values: ir.Expr) -> bool:
    """Whether the values are those of an enumeration or a range: variants of one case, not cases."""
    name = last_name(values)
    return name == "range" or (isinstance(values, ir.Name) and name[:1].isupper() and not name.isupper())


def _script_cases(body: object, loop: ir.Expr | None) -> Iterator[Case]:
    pending: list[tuple[object, ir.Expr | None]] = [(body, loop)]
    while pending:
        current, around = pending.pop()
        match current:
            case tuple():
                pending.extend((item, around) for item in reversed(current))
            case ir.Loop(iterable=iterable, body=inner):
                pending.append((inner, iterable))
            case ir.Call() as call if (case := _script_case(call, around)) is not None:
                yield case
            case ir.Call() as call:
                each = isinstance(call.callee, ir.Member) and call.callee.name in {"forEach", "map"}
                inside = call.callee.base if each and isinstance(call.callee, ir.Member) else around
                pending.extend((argument, inside) for argument in reversed(call.args))
            case ir.Node():
                pending.extend((getattr(current, name), around) for name in reversed(current.__slots__))
            case _:
                pass


def _script_case(call: ir.Call, loop: ir.Expr | None) -> Case | None:
    """A call `test(name, body)`, `it.each(cases)(name, body)`; a `describe` is none."""
    names = chain(call.callee).split(".")
    body = next((argument.function.body for argument in call.args if isinstance(argument, ir.Lambda)), None)
    if names[0] not in {"test", "it", "evalite", "describeEval"} or body is None:
        return None
    if {"skip", "todo", "describe", "beforeEach", "beforeAll", "afterEach", "afterAll", "extend", "use", "step"} & set(names[1:]):
        return None
    title = call.args[0] if call.args else None
    name = str(title.value) if isinstance(title, ir.Literal) else last_name(title)
    cases = _each(call.callee) if loop is None else loop
    return Case(name, call.line, call.end_line, body, driven=cases is not None or "each" in names, loop=cases)


def _each(callee: ir.Expr) -> ir.Expr | None:
    """The cases of `it.each(cases)(name, body)`."""
    match callee:
        case ir.Call(callee=ir.Member(name="each"), args=(cases, *_)):
            return cases
        case _:
            return None


def folder(path: str) -> str:
    """The folder of a path, '' at the root."""
    parent = str(PurePosixPath(path).parent)
    return "" if parent == "." else parent
