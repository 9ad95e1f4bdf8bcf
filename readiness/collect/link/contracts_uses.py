"""Where code consumes an answer as structure: parses it, searches it, branches on it, takes tool arguments from it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Final

from readiness.collect import ir
from readiness.collect.link.contracts import Contracts, Enforced
from readiness.collect.link.contracts_readers import Reading, is_envelope_key, is_metadata, reading
from readiness.collect.link.flow import Flow
from readiness.collect.link.found import FoundCall
from readiness.collect.link.limits_around import dotted
from readiness.collect.link.scopes import Argument, Bound, Scope, Site
from readiness.collect.link.spans import span_at, span_of
from readiness.collect.link.values import External, Routine
from readiness.collect.link.walk import expressions, own, statements
from readiness.model import Contract, Use
from readiness.model import Scope as FileScope

HOPS: Final = 2
"""Parameters between an answer and the code that reads it: a helper and its helper. Further on, text is only passed along."""
_DEPTH: Final = 6
_COMPARISONS: Final = ("in", "==", "===", "not in", "!=", "!==")
_RAW: Final = "http"
"""The SDK file of requests without an SDK: what is read there first is the API's own envelope."""
_CONTENT: Final = frozenset(
    {"content", "text", "generated_text", "output_text", "completion", "response", "arguments", "parsed", "message", "delta"}
)


class Uses:
    """Answers where the answers of found calls are consumed as structure."""

    def __init__(self, flow: Flow, contracts: Contracts) -> None:
        self.flow = flow
        self.resolver = flow.resolver
        self.contracts = contracts

    def all(self, calls: Iterable[FoundCall], enforced: dict[str, Enforced]) -> dict[str, tuple[Use, ...]]:
        """Uses by call id, over the whole program.

        Args:
            calls: the found calls.
            enforced: their contracts: an answer that is asked for as structure is used as structure.
        """
        found: dict[str, list[Use]] = defaultdict(list)
        for call in calls:
            found[call.id].extend(self._by_contract(call, enforced[call.id]))
        for scope in self.resolver.program.scopes():
            for site in scope.sites:
                for call_id, use in self._read(site):
                    found[call_id].append(use)
            for call_id, use in self._compared_in(scope):
                found[call_id].append(use)
        return {call_id: tuple(dict.fromkeys(uses)) for call_id, uses in found.items() if uses}

    def _by_contract(self, call: FoundCall, enforced: Enforced) -> Iterator[Use]:
        if enforced.shapes_answer and enforced.contract in (Contract.SCHEMA, Contract.JSON_MODE):
            yield Use("parsed", enforced.span or span_of(call.site), "the shape is part of the call")
        for tool in self.contracts.tools(call):
            if tool.runs:
                yield Use("tool_arguments", tool.span, "a tool that the framework runs")

    # ------------------------------------------------------------------------------------------------------ readers

    def _read(self, site: Site) -> Iterator[tuple[str, Use]]:
        read = reading(site, self._names(site))
        if read is None or is_metadata(read.expr):
            return
        for call in self.flow.answers(read.expr, site.scope, hops=HOPS):
            if call.call is not site.call and not _only_tested(call, site.scope) and self._is_content(call, read.expr, site.scope):
                yield call.id, Use(self._kind(read), span_of(site), dotted(site.call.callee)[-60:])

    @staticmethod
    def _kind(read: Reading) -> str:
        names = {part.name for part in expressions(read.expr) if isinstance(part, ir.Member)}
        keys = {
            part.key.value for part in expressions(read.expr) if isinstance(part, ir.Index) and isinstance(part.key, ir.Literal)
        }
        return "tool_arguments" if (names | keys) & {"arguments", "tool_calls", "function_call", "toolCalls"} else read.kind

    def _names(self, site: Site) -> tuple[str, ...]:
        """The names a callee goes by; only those of other packages are resolved, and only where the name alone does not tell."""
        match site.call.callee:
            case ir.Name(id=name) if self.resolver.bindings(name, site.scope):
                values = self.resolver.values(site.call.callee, site.scope)
                return tuple(value.path for value in values if isinstance(value, External)) or ("",)
            case ir.Member(base=ir.Name()) as member:
                paths = (
                    v.path
                    for v in self.resolver.values(member.base, site.scope)
                    if isinstance(v, External) and not v.path.startswith("?")
                )
                return (dotted(member), *(f"{path}.{member.name}" for path in paths))
            case _:
                return (dotted(site.call.callee),)

    def _is_content(self, call: FoundCall, expr: ir.Expr, scope: Scope) -> bool:
        """Whether what is read is what the model wrote: with a raw request, only what is taken out of the API's envelope."""
        return call.entry.sdk != _RAW or self._takes_content(expr, scope, 0)

    def _takes_content(self, expr: ir.Expr, scope: Scope, depth: int) -> bool:
        for part in expressions(expr):
            if _selects(part):
                return True
            if depth >= _DEPTH:
                continue
            if isinstance(part, ir.Name):
                for binding in self.resolver.bindings(part.id, scope):
                    if isinstance(binding, Bound) and self._takes_content(binding.expr, binding.scope, depth + 1):
                        return True
                    if isinstance(binding, Argument) and self._passes_content(binding, depth):
                        return True
            elif isinstance(part, ir.Call) and self._returns_content(part, scope, depth):
                return True
        return False

    def _returns_content(self, call: ir.Call, scope: Scope, depth: int) -> bool:
        return any(
            self._takes_content(value, callee.scope, depth + 1)
            for callee in self.resolver.values(call.callee, scope)
            if isinstance(callee, Routine)
            for value in (*callee.scope.returns, *callee.scope.yields)
        )

    def _passes_content(self, argument: Argument, depth: int) -> bool:
        return any(
            self._takes_content(expr, at, depth + 1)
            for site in self.resolver.own_callers(argument.scope)
            for expr, at in self.resolver.passed(argument, site)
        )

    # -------------------------------------------------------------------------------------------------- comparisons

    def _compared_in(self, scope: Scope) -> Iterator[tuple[str, Use]]:
        for statement, _ in statements(scope.node.body):
            for outer in own(statement):
                for part in expressions(outer):
                    if isinstance(part, ir.Opaque) and part.kind == "compare" and part.text in _COMPARISONS:
                        yield from self._compared(part, scope, statement)

    def _compared(self, part: ir.Opaque, scope: Scope, statement: ir.Statement) -> Iterator[tuple[str, Use]]:
        """A test that compares an answer's text with a constant."""
        constants = [
            side.value for side in part.parts if isinstance(side, ir.Literal) and isinstance(side.value, str) and side.value
        ]
        if not constants or any(is_envelope_key(text) for text in constants):
            return
        for side in part.parts:
            if isinstance(side, ir.Literal) or is_metadata(side):
                continue
            for call in self.flow.answers(side, scope, hops=HOPS):
                if not _only_tested(call, scope) and self._is_content(call, side, scope):
                    yield call.id, Use("branched", span_at(scope, statement.line), part.text)


def _only_tested(call: FoundCall, scope: Scope) -> bool:
    """Whether code that looks at an answer is a test of other code: what it expects says nothing of what the application does."""
    return scope.module.scope is FileScope.TEST and call.site.scope.module.scope is not FileScope.TEST


def _selects(part: ir.Expr) -> bool:
    """`choices[0].message.content`, `data["response"]`: a field of the envelope that holds what the model wrote."""
    match part:
        case ir.Index(key=ir.Literal(value=str(name))):
            return name in _CONTENT
        case ir.Member(base=ir.Member() | ir.Index(), name=name):
            return name in _CONTENT
        case ir.Call(callee=ir.Member(name="get"), args=(ir.Literal(value=str(name)), *_)):
            return name in _CONTENT
        case _:
            return False
