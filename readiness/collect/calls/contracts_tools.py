"""What the tools handed to a call enforce of their arguments, and whether code runs them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from readiness.collect import ir
from readiness.collect.calls.limits_around import arguments
from readiness.collect.link.handed import Handed
from readiness.collect.link.resolve import Resolver
from readiness.collect.link.scopes import Scope
from readiness.collect.link.spans import span_at
from readiness.collect.link.values import Constant, External, Instance, Kind, Routine, Structure, Value
from readiness.collect.link.walk import expressions
from readiness.model import Contract, Span

_RUN: Final = frozenset({"execute", "func", "coroutine", "handler", "fn", "on_invoke_tool", "callback", "invoke"})
"""Arguments that give a tool the function that runs it."""
_SCHEMAS: Final = frozenset({"inputSchema", "parameters", "schema", "args_schema", "argsSchema", "input_schema", "zodSchema"})
VALIDATING: Final = frozenset({"vercel_ai", "pydantic_ai", "openai_agents"})
"""SDKs that check the arguments of every tool against its schema before it runs, however it was made."""
_NESTING: Final = 4
_ITEMS: Final = 40


@dataclass(frozen=True, slots=True)
class Tool:
    """One tool: whether its arguments are enforced or validated, whether a framework runs it, and where it is defined."""

    validated: bool
    runs: bool
    span: Span


class Tools:
    """Answers what the tools of an argument are."""

    def __init__(self, resolver: Resolver) -> None:
        self.resolver = resolver

    def of(self, handed: Handed) -> tuple[Tool, ...]:
        """The tools in an argument: an item of a list, an entry of an object, a function, an instance."""
        return tuple(self._tools(handed.expr, handed.scope, 0))

    def contract(self, handed: Handed) -> Contract | None:
        """The contract that tools make, None where there are none."""
        values = self.resolver.values(handed.expr, handed.scope)
        if all(isinstance(value, Constant) and not value.value for value in values) or _is_empty(values):
            return None
        tools = self.of(handed)
        return Contract.SCHEMA if tools and all(tool.validated for tool in tools) else Contract.TOOLS

    def _tools(self, expr: ir.Expr, scope: Scope, depth: int) -> Iterator[Tool]:
        for value in self.resolver.values(expr, scope) if depth < _NESTING else ():
            span = span_at(scope, expr.line)
            match value:
                case Structure(expr=ir.Sequence(items=items), scope=at):
                    for item in items[:_ITEMS]:
                        yield from self._tools(_unspread(item), at, depth + 1)
                case Structure(expr=ir.Mapping() as mapping, scope=at):
                    yield from self._mapping(mapping, at, depth)
                case External(steps=(*_, step)) if value.made:
                    yield self._made(step.path, step.call, step.scope)
                case Routine(scope=function):
                    yield Tool(validated=True, runs=True, span=span_at(function, getattr(function.node, "line", expr.line)))
                case Kind() | Instance():
                    yield Tool(validated=True, runs=isinstance(value, Instance), span=span)
                case _:
                    continue

    def _mapping(self, mapping: ir.Mapping, scope: Scope, depth: int) -> Iterator[Tool]:
        """A tool written as a dict, or an object that holds tools by name."""
        names = {key.value for key, _ in mapping.entries if isinstance(key, ir.Literal)}
        if names & {
            "name",
            "function",
            "type",
            "functionDeclarations",
            "function_declarations",
            "input_schema",
            "toolSpec",
            "description",
        }:
            runs = bool(names & _RUN)
            yield Tool(_is_strict(mapping) or (runs and self._has_schema(mapping)), runs, span_at(scope, mapping.line))
            return
        for _, value in mapping.entries[:_ITEMS]:
            yield from self._tools(value, scope, depth + 1)

    def _made(self, path: str, call: ir.Call, scope: Scope) -> Tool:
        """What a library's function makes: `tool({inputSchema: z.object(...), execute})`, `pydantic_function_tool(Model)`."""
        names = {keyword.name for keyword in call.keywords if keyword.name}
        for part in arguments(call):
            if isinstance(part, ir.Mapping):
                names |= {str(key.value) for key, _ in part.entries if isinstance(key, ir.Literal)}
        strict = any(_is_strict(part) for part in expressions(call))
        of_schema = bool(names & _SCHEMAS) or any(self._is_type(part, scope) for part in arguments(call))
        of_function = any(isinstance(v, Routine) for part in arguments(call) for v in self.resolver.values(part, scope))
        raw = path.endswith(("FunctionDeclaration", "types.Tool", "ChatCompletionToolParam", "FunctionToolParam"))
        return Tool(
            strict or (not raw and (of_schema or of_function)), bool(names & _RUN) or of_function, span_at(scope, call.line)
        )

    def _is_type(self, part: ir.Expr, scope: Scope) -> bool:
        return any(isinstance(value, Kind) for value in self.resolver.values(part, scope))

    @staticmethod
    def _has_schema(mapping: ir.Mapping) -> bool:
        """Whether a schema beside the function that runs the tool is more than a dict."""
        return any(
            isinstance(key, ir.Literal) and key.value in _SCHEMAS and not isinstance(value, ir.Mapping)
            for key, value in mapping.entries
        )


def _is_strict(expr: ir.Expr) -> bool:
    """Whether `strict` is switched on somewhere in an expression."""
    for part in expressions(expr):
        match part:
            case ir.Mapping(entries=entries):
                if any(isinstance(k, ir.Literal) and k.value == "strict" and _is_true(v) for k, v in entries):
                    return True
            case ir.Call(keywords=keywords):
                if any(keyword.name == "strict" and _is_true(keyword.value) for keyword in keywords):
                    return True
            case _:
                pass
    return False


def _is_true(expr: ir.Expr) -> bool:
    return isinstance(expr, ir.Literal) and expr.value is True


def _is_empty(values: tuple[Value, ...]) -> bool:
    return all(
        isinstance(v, Structure) and not (v.expr.items if isinstance(v.expr, ir.Sequence) else getattr(v.expr, "entries", True))
        for v in values
    )


def _unspread(expr: ir.Expr) -> ir.Expr:
    return expr.parts[0] if isinstance(expr, ir.Opaque) and expr.kind == "spread" and expr.parts else expr
