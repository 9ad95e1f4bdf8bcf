"""What a call hands on of its arguments, and what a parameter takes up."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from readiness.collect import ir
from readiness.collect.link.resolve import Resolver
from readiness.collect.link.scopes import Argument, Declared, Scope
from readiness.collect.link.values import Constant, External, Structure

_FILLERS: Final = frozenset(
    {"format", "render", "substitute", "safe_substitute", "format_messages", "format_prompt", "render_async"}
)
_LOOKUPS: Final = frozenset({"get", "pop"})
_MODELS: Final = frozenset({"BaseModel", "TypedDict", "SQLModel", "BaseSettings", "Schema", "Struct", "NamedTuple"})
_INJECTORS: Final = frozenset({"Depends", "Security"})


class Parts:
    """Tells which parts of a call of another package flow into its result."""

    def __init__(self, resolver: Resolver) -> None:
        self.resolver = resolver

    def of(self, call: ir.Call, scope: Scope) -> list[ir.Expr]:
        """Arguments and receiver, but never the key of a look-up, nor a value that a known template does not use."""
        callee = call.callee
        if isinstance(callee, ir.Member) and callee.name in _LOOKUPS and call.args:
            return [callee.base, *call.args[1:]]
        arguments: list[ir.Expr] = [*call.args, *(keyword.value for keyword in call.keywords)]
        if isinstance(callee, ir.Member):
            text = self._template(callee.base, scope) if callee.name in _FILLERS else None
            if text is not None:
                arguments = [*call.args, *self._used(call, text, scope)]
            if not self._is_package(callee.base, scope):
                arguments.append(callee.base)
        return arguments

    def _is_package(self, expr: ir.Expr, scope: Scope) -> bool:
        """Whether an expression names another package's module or class, which carries no data."""
        values = self.resolver.values(expr, scope)
        return all(isinstance(value, External) and not value.steps and not value.path.startswith("?") for value in values)

    def _template(self, expr: ir.Expr, scope: Scope) -> str | None:
        """The whole text of a template that is filled here, or None where any part of it is not known."""
        texts: list[str] = []
        for value in self.resolver.values(expr, scope):
            match value:
                case Constant(value=str(text)):
                    texts.append(text)
                case External(steps=steps, made=True) if steps and steps[-1].call.args:
                    inner = self._template(steps[-1].call.args[0], steps[-1].scope)
                    if inner is None:
                        return None
                    texts.append(inner)
                case _:
                    return None
        return "\n".join(texts)

    def _used(self, call: ir.Call, text: str, scope: Scope) -> Iterator[ir.Expr]:
        for keyword in call.keywords:
            if keyword.name is not None:
                if mentions(text, keyword.name):
                    yield keyword.value
                continue
            yield from self._spread(keyword.value, text, scope)

    def _spread(self, expr: ir.Expr, text: str, scope: Scope) -> Iterator[ir.Expr]:
        for value in self.resolver.values(expr, scope):
            if isinstance(value, Structure) and isinstance(value.expr, ir.Mapping) and value.scope is scope:
                yield from (v for k, v in value.expr.entries if not isinstance(k, ir.Literal) or mentions(text, str(k.value)))
            else:
                yield expr
                return


def mentions(text: str, name: str) -> bool:
    """Whether a template uses a variable: its name stands inside braces."""
    return re.search(rf"\{{[^{{}}]*\b{re.escape(name)}\b|\$\{{?{re.escape(name)}\b", text) is not None


def is_record(resolver: Resolver, cls: Scope) -> bool:
    """Whether instances are data: a model, a typed dict, or a class that only declares fields."""
    if any(base.path.rsplit(".", 1)[-1] in _MODELS for base in resolver.external_bases(cls)):
        return True
    return not cls.attributes and any(isinstance(each, Declared) for found in cls.bindings.values() for each in found)


def collected(argument: Argument, call: ir.Call) -> Iterator[ir.Expr]:
    """What `*args` and `**kwargs` take up."""
    node = argument.scope.function
    if node is None:
        return
    if argument.parameter.kind == "args":
        yield from call.args[argument.position :]
    elif argument.parameter.kind == "kwargs":
        own = {parameter.name for parameter in node.parameters}
        yield from (keyword.value for keyword in call.keywords if keyword.name not in own)


def annotated(argument: Argument) -> Iterator[ir.Call]:
    """The injections of a parameter (`= Depends(f)`, `Annotated[T, Depends(f)]`): a framework calls `f` to fill it."""
    for expr in (argument.parameter.default, argument.parameter.annotation):
        parts = expr.key.items if isinstance(expr, ir.Index) and isinstance(expr.key, ir.Sequence) else (expr,)
        for part in parts:
            if isinstance(part, ir.Call) and isinstance(part.callee, ir.Name | ir.Member):
                name = part.callee.id if isinstance(part.callee, ir.Name) else part.callee.name
                if name in _INJECTORS:
                    yield part
