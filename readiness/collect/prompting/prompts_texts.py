"""Every text that code writes down, with the names it stands under."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from typing import Final

from readiness.collect import ir
from readiness.collect.link.scopes import Scope
from readiness.collect.link.walk import own, statements

_SAME_TEXT: Final = frozenset({
    "strip", "lstrip", "rstrip", "trim", "trimStart", "trimEnd", "dedent", "cleandoc", "format", "format_map", "replace",
    "replaceAll", "substitute", "safe_substitute", "join", "String", "str", "raw", "lower", "expandtabs", "removeprefix",
    "removesuffix", "Template", "fill", "indent", "splitlines", "encode",
})  # fmt: skip
"""Calls that hand on the text they are given, or put values into its holes."""
_BLOCKS: Final = ("shot", "shots", "fewshot", "fewshots", "examples")
ROLES: Final = frozenset({"system", "developer", "user", "human", "assistant", "ai"})
DEPTH: Final = 60


class Tie(StrEnum):
    """How a name holds a text."""

    ASSIGNED = "assigned"
    KEY = "key"
    KEYWORD = "keyword"
    CALLED = "called"
    RETURNED = "returned"
    DEFAULT = "default"
    CLASS = "class"


@dataclass(frozen=True, slots=True)
class Held:
    """One name above a text."""

    tie: Tie
    name: str
    expr: ir.Expr | None = None
    """The call, for `CALLED`; the mapping, for `KEY`."""


@dataclass(frozen=True, slots=True, eq=False)
class Text:
    """A text as written: a literal, a text with holes, a block of example turns. `trail` names what holds it, outermost first."""

    expr: ir.Literal | ir.Template | ir.Sequence
    scope: Scope
    trail: tuple[Held, ...]
    raised: bool = False


def texts(scope: Scope, functions: dict[int, str]) -> Iterator[Text]:
    """The texts of one scope, without those of the definitions inside it.

    Args:
        scope: where to look.
        functions: names for anonymous functions by identity, filled on the way; a function's outer scope must be visited first.
    """
    node = scope.node
    symbol = node.name or functions.get(id(node), "") if isinstance(node, ir.Function) else ""
    outer = (Held(Tie.CLASS, node.name),) if isinstance(node, ir.Class) else ()
    for statement, _ in statements(node.body):
        for expr, trail in _roots(statement, symbol, outer):
            for found in _inside(expr, trail, functions, 0):
                yield Text(found[0], scope, found[1], isinstance(statement, ir.Raise))
    if isinstance(node, ir.Class) and node.docstring is not None:
        yield Text(node.docstring, scope, (Held(Tie.CLASS, node.name, node.docstring),))


def _roots(statement: ir.Statement, symbol: str, outer: tuple[Held, ...]) -> Iterator[tuple[ir.Expr, tuple[Held, ...]]]:
    match statement:
        case ir.Assign(value=value, target=target) if value is not None:
            yield value, (*outer, Held(Tie.ASSIGNED, named(target)))
        case ir.Return(value=value) if value is not None:
            yield value, (Held(Tie.RETURNED, symbol),)
        case ir.Function():
            for decorator in statement.decorators:
                yield decorator, ()
            for parameter in (inner for each in statement.parameters for inner in (each, *each.fields)):
                if parameter.default is not None:
                    yield parameter.default, (Held(Tie.DEFAULT, parameter.name),)
        case ir.Do(value=ir.Literal() | ir.Template()):
            return
        case _:
            for expr in own(statement):
                yield expr, ()


_Found = tuple[ir.Literal | ir.Template | ir.Sequence, tuple[Held, ...]]


def _inside(expr: ir.Expr, trail: tuple[Held, ...], functions: dict[int, str], depth: int) -> Iterator[_Found]:
    if depth > DEPTH:
        return
    match expr:
        case ir.Literal(value=str()) | ir.Template():
            yield expr, trail
        case ir.Sequence() if _is_block(expr, trail):
            yield expr, trail
        case ir.Sequence(items=(ir.Literal(value=str(role)), text)) if role.lower() in ROLES:
            yield from _inside(text, (*trail, Held(Tie.KEY, "content", expr)), functions, depth + 1)
        case ir.Call():
            yield from _call(expr, trail, functions, depth)
        case ir.Mapping():
            for key, value in expr.entries:
                held = Held(Tie.KEY, str(key.value), expr) if isinstance(key, ir.Literal) else Held(Tie.KEY, named(key), expr)
                yield from _inside(value, (*trail, held), functions, depth + 1)
        case ir.Lambda():
            functions.setdefault(id(expr.function), trail[-1].name if trail else "")
        case ir.Opaque() if expr.kind in ("compare", "not"):
            return
        case ir.Index(base=base) | ir.Member(base=base) | ir.Await(value=base):
            yield from _inside(base, trail, functions, depth + 1)
        case ir.Sequence(items=parts) | ir.Choice(options=parts) | ir.Opaque(parts=parts):
            for part in parts:
                yield from _inside(part, trail, functions, depth + 1)
        case _:
            return


def _call(call: ir.Call, trail: tuple[Held, ...], functions: dict[int, str], depth: int) -> Iterator[_Found]:
    name = named(call.callee)
    inner = trail if name in _SAME_TEXT else (*trail, Held(Tie.CALLED, dotted(call.callee), call))
    if isinstance(call.callee, ir.Member):
        yield from _inside(call.callee.base, trail, functions, depth + 1)
    for arg in call.args if name not in ("replace", "replaceAll", "format", "removeprefix", "removesuffix") else ():
        yield from _inside(arg, inner, functions, depth + 1)
    for keyword in call.keywords:
        held = inner if keyword.name is None else (*inner, Held(Tie.KEYWORD, keyword.name))
        yield from _inside(keyword.value, held, functions, depth + 1)


def _is_block(sequence: ir.Sequence, trail: tuple[Held, ...]) -> bool:
    """Whether a list is one block of example messages: named so, or written as turns of user and assistant."""
    records = [item for item in sequence.items if isinstance(item, ir.Mapping | ir.Call)]
    if len(records) < 2 or len(records) < len(sequence.items):
        return False
    words = set(split_name(trail[-1].name)) if trail else set()
    roles = [spoken(item) for item in records]
    return roles.count("assistant") >= 1 and (bool(words & {*_BLOCKS, "example"}) or roles.count("assistant") >= 2)


def spoken(item: ir.Expr) -> str:
    """The role that a message display names, '' when it is none."""
    pairs: list[tuple[object, ir.Expr]] = []
    if isinstance(item, ir.Sequence) and item.items:
        pairs = [("role", item.items[0])]
    elif isinstance(item, ir.Mapping):
        pairs = [(key.value if isinstance(key, ir.Literal) else None, value) for key, value in item.entries]
    elif isinstance(item, ir.Call):
        pairs = [(keyword.name, keyword.value) for keyword in item.keywords]
    for key, value in pairs:
        if key == "role":
            last = value.value if isinstance(value, ir.Literal) else named(value)
            return str(last).lower()
    return ""


def named(expr: ir.Expr | None) -> str:
    """The last name of an expression: of a variable, a member, a key or what is called."""
    match expr:
        case ir.Name(id=name) | ir.Member(name=name):
            return name
        case ir.Index(key=ir.Literal(value=str(key))):
            return key
        case ir.Index(base=inner) | ir.Call(callee=inner) | ir.Await(value=inner):
            return named(inner)
        case _:
            return ""


def dotted(expr: ir.Expr) -> str:
    """The callee as written, calls and keys left out: `PromptTemplate.from_template`."""
    match expr:
        case ir.Name(id=name):
            return name
        case ir.Member(base=base, name=name):
            return f"{dotted(base)}.{name}".lstrip(".")
        case ir.Call(callee=inner) | ir.Index(base=inner) | ir.Await(value=inner):
            return dotted(inner)
        case _:
            return ""


@lru_cache(maxsize=20_000)
def split_name(name: str) -> tuple[str, ...]:
    """The lower-case words of an identifier or path in snake, kebab or camel case."""
    out: list[str] = []
    word = ""
    for previous, letter in zip(" " + name, name, strict=False):
        if not letter.isalnum() or (letter.isupper() and not previous.isupper()):
            out.append(word)
            word = letter if letter.isalnum() else ""
        else:
            word += letter
    out.append(word)
    return tuple(each.lower() for each in out if each)


def written(expr: ir.Expr) -> str:
    """The text, with each hole as its name in braces."""
    match expr:
        case ir.Literal(value=str(value)):
            return value
        case ir.Template(parts=parts):
            return "".join(
                written(part) if isinstance(part, ir.Literal | ir.Template) else f"{{{named(part) or 'value'}}}" for part in parts
            )
        case ir.Sequence(items=items):
            return "\n".join(written(item) for item in items)
        case ir.Mapping(entries=entries):
            return "\n".join(written(value) for _, value in entries)
        case ir.Call(args=args, keywords=keywords):
            return "\n".join(written(part) for part in (*args, *(keyword.value for keyword in keywords)))
        case _:
            return ""
