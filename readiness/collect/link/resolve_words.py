"""Bounds of resolution, and what names and values say by themselves."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final, assert_never

from readiness.collect import ir
from readiness.collect.link.scopes import Binding, Bound, Scope
from readiness.collect.link.values import (
    Constant,
    Environment,
    External,
    Instance,
    Kind,
    Received,
    Routine,
    Space,
    Structure,
    Unresolved,
    Value,
)  # fmt: skip

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

_DEFERRED: Final = {
    "to_thread": 0,
    "submit": 0,
    "run_in_executor": 1,
    "partial": 0,
    "run_in_threadpool": 0,
    "run_sync": 0,
    "call_soon": 0,
}


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


_LOADERS: Final = (
    "yaml.safe_load",
    "yaml.load",
    "json.load",
    "json.loads",
    "toml.load",
    "tomllib.load",
    "tomli.load",
    "OmegaConf.load",
    "Dynaconf",
)


def is_config_loader(path: str) -> bool:
    """Whether a dotted name loads a configuration file."""
    return path.endswith(_LOADERS)


def standing(bindings: list[Binding], name: ir.Name) -> list[Binding]:
    """The bindings of a name of the same scope that can still hold where it is read."""
    replaced = [at for at, binding in enumerate(bindings) if isinstance(binding, Bound) and 0 < binding.replaces < name.line]
    return bindings[replaced[-1] :] if replaced else bindings


def as_origin(value: Value, origin: str) -> Value:
    """The same value, said to come from elsewhere where it is written as a plain literal."""
    if isinstance(value, Constant) and value.origin == "literal":
        return Constant(value.value, value.path, value.line, origin)
    return value


def is_of_class(scope: Scope) -> bool:
    """Whether the first parameter hereabouts is the class, not an instance of it."""
    current: Scope | None = scope
    while current is not None and current.parent is not None and not isinstance(current.parent.node, ir.Class):
        current = current.parent
    node = current.function if current is not None else None
    return node is not None and (
        node.name in ("__new__", "__init_subclass__") or any(last_name(d) == "classmethod" for d in node.decorators)
    )


def named_attribute(call: ir.Call) -> ir.Member | None:
    """`getattr(x, "name")` as the member that it reads."""
    match call:
        case ir.Call(callee=ir.Name(id="getattr"), args=(base, ir.Literal(value=str(name)), *_)):
            return ir.Member(base, name, call.line)
        case _:
            return None


def applied(name: str, base: Constant, arguments: tuple[object, ...], call: ir.Call, scope: Scope) -> Iterator[Value]:
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


def dotted(expr: ir.Expr) -> str:
    """A name or chain of members as it is written, '' for anything else."""
    match expr:
        case ir.Name(id=name):
            return name
        case ir.Member(base=base, name=name):
            return f"{dotted(base)}.{name}"
        case _:
            return ""


def is_vague(value: Value) -> bool:
    """Whether a value says nothing of what it is."""
    return isinstance(value, Unresolved | Received) or (isinstance(value, External) and value.path.startswith("?"))


def is_nothing(value: Value) -> bool:
    """Whether a value is null."""
    return isinstance(value, Constant) and value.value is None


def is_spread(expr: ir.Expr) -> bool:
    """Whether an argument is starred."""
    return isinstance(expr, ir.Opaque) and expr.kind == "spread"


def is_super(call: ir.Call) -> bool:
    """Whether a call is `super()`."""
    return isinstance(call.callee, ir.Name) and call.callee.id == "super"


def is_abstract(function: ir.Function) -> bool:
    """Whether a method leaves its work to others: it has no body, `...`, `pass`, a docstring or `raise NotImplementedError`."""
    for statement in function.body:
        match statement:
            case ir.Do(value=ir.Literal()) | ir.Jump() | ir.Raise(value=ir.Name(id="NotImplementedError")):
                continue
            case ir.Raise(value=ir.Call(callee=ir.Name(id="NotImplementedError"))):
                continue
            case _:
                return False
    return True


def is_property(scope: Scope) -> bool:
    """Whether a method is read like an attribute."""
    node = scope.function
    return node is not None and any(
        last_name(decorator) in ("property", "cached_property", "computed_field", "get") for decorator in node.decorators
    )


def last_name(expr: ir.Expr) -> str:
    """The last word of a name, a member or a call's callee, '' for anything else."""
    match expr:
        case ir.Name(id=name) | ir.Member(name=name):
            return name
        case ir.Call(callee=callee):
            return last_name(callee)
        case _:
            return ""


def unsubscripted(expr: ir.Expr) -> ir.Expr:
    """The type under its arguments: `Base` of `Base[T]`."""
    return expr.base if isinstance(expr, ir.Index) else expr


def identity(value: Value) -> tuple[object, ...]:
    """What makes two values the same."""
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


def distinct(values: Iterable[Value]) -> tuple[Value, ...]:
    """The values without repetitions, at most `WIDTH` of them."""
    out: dict[tuple[object, ...], Value] = {}
    for value in values:
        out.setdefault(identity(value), value)
        if len(out) >= WIDTH:
            break
    return tuple(out.values())
