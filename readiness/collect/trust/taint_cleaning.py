"""Substitutions that take the separators of a path out of a text, whatever it was."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from typing import Final

from readiness.collect import ir
from readiness.collect.link.resolve import Resolver
from readiness.collect.link.scopes import Scope
from readiness.collect.link.values import Constant, External
from readiness.collect.link.walk import expressions

NO_SEPARATOR: Final = "?.without-separator"
"""What a text is said to have passed when no separator can be left in it."""
_SEPARATOR: Final = "/"
_CLASS: Final = re.compile(r"\[(\^?)((?:\\.|[^\]\\])+)\][+*]?")
_ITEM: Final = re.compile(r"(\\.|[^\\])(?:-(\\.|[^\\]))?", re.DOTALL)
_TOKEN: Final = re.compile(r"\[(?:\\.|[^\]\\])*\]|\\.|.", re.DOTALL)
_REGEX: Final = re.compile(r"/(.+)/([a-z]*)", re.DOTALL)
_WIDE: Final = frozenset({r"\W", r"\S", r"\D"})
"""Escapes of a class that hold the separator among many others."""
_LETTERS: Final = frozenset({"isalnum", "isalpha", "isdigit", "isidentifier"})


def cleaned(call: ir.Call, scope: Scope, targets: Iterable[External], resolver: Resolver) -> tuple[str, ...]:
    """`NO_SEPARATOR` where a call of another package or of a string leaves none in its result, or nothing."""
    removes = any(_substitutes(call, scope, target, resolver) for target in targets)
    return (
        (NO_SEPARATOR,) if removes or any(_replaces(each, scope, resolver) or _keeps_letters(each) for each in _chain(call)) else ()
    )


def _chain(call: ir.Call) -> Iterator[ir.Call]:
    """A call and those that its receiver is made of: `text.replace("/", "-").strip()` is two."""
    current: ir.Expr = call
    while isinstance(current, ir.Call):
        yield current
        current = current.callee.base if isinstance(current.callee, ir.Member) else current.callee


def _substitutes(call: ir.Call, scope: Scope, target: External, resolver: Resolver) -> bool:
    """`re.sub(pattern, "", text)` and `PATTERN.sub("", text)`."""
    if target.path in ("re.sub", "regex.sub") and len(call.args) > 1:
        return _texts(call.args[0], scope, resolver, _removes) and _texts(call.args[1], scope, resolver, _is_clean)
    if target.path in ("re.compile.sub", "regex.compile.sub") and target.steps and target.steps[-1].call.args and call.args:
        made = target.steps[-1]
        return _texts(made.call.args[0], made.scope, resolver, _removes) and _texts(call.args[0], scope, resolver, _is_clean)
    return False


def _replaces(call: ir.Call, scope: Scope, resolver: Resolver) -> bool:
    """`text.replace("/", "-")`, and in TypeScript `text.replace(/[^a-z]/g, "-")` and `text.replaceAll("/", "-")`."""
    if not isinstance(call.callee, ir.Member) or call.callee.name not in ("replace", "replaceAll") or len(call.args) != 2:
        return False
    what, by = call.args
    every = call.callee.name == "replaceAll" or scope.module.code.language == "python"
    if isinstance(what, ir.Opaque):
        match = _REGEX.fullmatch(what.text)
        removes = match is not None and "g" in match[2] and _removes(match[1])
    else:
        removes = every and isinstance(what, ir.Literal) and what.value == _SEPARATOR
    return removes and _texts(by, scope, resolver, _is_clean)


def _keeps_letters(call: ir.Call) -> bool:
    """`"".join(c for c in text if c.isalnum() or c in "-_")`."""
    match call:
        case ir.Call(
            callee=ir.Member(name="join", base=ir.Literal(value=str(glue))), args=(ir.Opaque(kind="comprehension") as each,)
        ):
            parts = tuple(expressions(each))
            named = any(isinstance(part, ir.Member) and part.name in _LETTERS for part in parts)
            return named and _is_clean(glue) and all(_is_clean(str(part.value)) for part in parts if isinstance(part, ir.Literal))
        case _:
            return False


def _texts(expr: ir.Expr, scope: Scope, resolver: Resolver, holds: Callable[[str], bool]) -> bool:
    values = resolver.values(expr, scope)
    return bool(values) and all(isinstance(v, Constant) and isinstance(v.value, str) and holds(v.value) for v in values)


def _is_clean(text: str) -> bool:
    return _SEPARATOR not in text


def _removes(pattern: str) -> bool:
    """Whether a pattern matches every separator, by itself or as one of a class of characters."""
    return any(
        choice in (_SEPARATOR, r"\/") or ((match := _CLASS.fullmatch(choice)) is not None and _has_separator(match[1], match[2]))
        for choice in _choices(pattern)
    )


def _choices(pattern: str) -> list[str]:
    """The alternatives of a pattern, as far as no group holds them."""
    choices = [""]
    for token in _TOKEN.findall(pattern):
        if token == "|":
            choices.append("")
        else:
            choices[-1] += token
    return choices


def _has_separator(negated: str, body: str) -> bool:
    inside = False
    for first, last in _ITEM.findall(body):
        if first in _WIDE:
            inside = True
        elif last:
            inside = inside or first[-1] <= _SEPARATOR <= last[-1]
        else:
            inside = inside or first[-1] == _SEPARATOR
    return inside != bool(negated)
