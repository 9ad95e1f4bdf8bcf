"""Where code consumes an answer as structure: parses it, searches it, branches on it, takes tool arguments from it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Final

from readiness.collect import ir
from readiness.collect.calls.contracts import Contracts, Enforced
from readiness.collect.calls.contracts_readers import Reading, is_envelope_key, is_reasoning, path_of, reading
from readiness.collect.calls.limits_around import dotted
from readiness.collect.link.flow import Flow
from readiness.collect.link.found import FoundCall
from readiness.collect.link.scopes import Argument, Bound, Scope, Site
from readiness.collect.link.spans import span_at, span_of
from readiness.collect.link.values import External, Routine, Structure
from readiness.collect.link.walk import children
from readiness.model import Contract, Use
from readiness.model import Scope as FileScope

HOPS: Final = 2
"""Parameters between an answer and the code that compares it: a helper and its helper. Further on, text is only passed along."""
PARSED: Final = 3
"""Parameters between an answer and the code that parses it: a helper, its parser, and the parser's own helper."""
FUEL: Final = 400
"""Expressions looked at between a reader and an answer, nearest first: what lies further off is another text by then."""
_DEPTH: Final = 6
_EQUALITIES: Final = ("==", "===", "!=", "!==")
_COMPARISONS: Final = (*_EQUALITIES, "in", "not in")
_RAW: Final = "http"
"""The SDK file of requests without an SDK: what is read there first is the API's own envelope."""
_CONTENT: Final = frozenset(
    {"content", "text", "generated_text", "output_text", "completion", "response", "arguments", "parsed", "message", "delta"}
)

_COLLECTIONS: Final = frozenset({"dict", "Dict", "Mapping", "MutableMapping", "list", "List", "set", "Set", "Sequence", "Iterable"})
_ARGUMENTS: Final = frozenset({"arguments", "tool_calls", "function_call", "toolCalls", "tool_use", "args", "input"})


class Uses:
    """Answers where the answers of found calls are consumed as structure."""

    def __init__(self, flow: Flow, contracts: Contracts) -> None:
        self.flow = flow
        self.resolver = flow.resolver
        self.contracts = contracts

    def all(self, calls: Sequence[FoundCall], enforced: dict[str, Enforced]) -> dict[str, tuple[Use, ...]]:
        """Uses by call id, over the whole program.

        Args:
            calls: the found calls.
            enforced: their contracts: an answer that is asked for as structure is used as structure.
        """
        found: dict[str, list[Use]] = defaultdict(list)
        for call in calls:
            found[call.id].extend(self._by_contract(call, enforced[call.id]))
        purposes = {call.site.scope.module.scope for call in calls}
        for scope in self.resolver.program.scopes() if purposes else ():
            if scope.module.scope is FileScope.TEST and FileScope.TEST not in purposes:
                continue
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
        if read is None or self._is_metadata(read.expr, site.scope, 0):
            return
        for call in self._answers(read.expr, site.scope, PARSED):
            if call.call is not site.call and not _only_beside(call, site.scope) and self._is_content(call, read.expr, site.scope):
                yield call.id, Use(self._kind(call, read, site.scope), span_of(site), dotted(site.call.callee)[-60:])

    def _kind(self, call: FoundCall, read: Reading, scope: Scope) -> str:
        """Reading the arguments of a tool call is a use of its own."""
        takes = self.contracts.has_tools(call) and self._takes(read.expr, scope, _ARGUMENTS, 0, {})
        return "tool_arguments" if takes else read.kind

    def _is_metadata(self, expr: ir.Expr, scope: Scope, depth: int) -> bool:
        """Whether an expression is a field of a response that the API writes, by itself or through the name it is bound to."""
        path = path_of(expr)
        if path.is_metadata:
            return True
        if not isinstance(path.base, ir.Name) or depth >= _DEPTH:
            return False
        bound = [binding for binding in self.resolver.bindings(path.base.id, scope) if isinstance(binding, Bound)]
        if path.names:
            return any(path_of(binding.expr).crosses_metadata for binding in bound)
        return bool(bound) and all(self._is_metadata(binding.expr, binding.scope, depth + 1) for binding in bound)

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

    def _answers(self, expr: ir.Expr, scope: Scope, hops: int = HOPS) -> tuple[FoundCall, ...]:
        """The calls whose answer an expression holds; of a field of an object made here, only what that field is given."""
        found: dict[str, FoundCall] = {}
        for each, at in self._fields(expr, scope, 0):
            found.update((call.id, call) for call in self.flow.answers(each, at, hops=hops, fuel=FUEL))
        return tuple(found.values())

    def _fields(self, expr: ir.Expr, scope: Scope, depth: int) -> Iterator[tuple[ir.Expr, Scope]]:
        inner = _field(expr)
        entries: list[tuple[ir.Expr, Scope]] = []
        for value in self.resolver.values(inner[0], scope) if inner is not None and depth < _DEPTH else ():
            if not isinstance(value, Structure) or not isinstance(value.expr, ir.Mapping):
                entries = []
                break
            at = value.scope
            entries.extend(
                (v, at) for k, v in value.expr.entries if isinstance(k, ir.Literal) and inner is not None and k.value == inner[1]
            )
        if not entries:
            yield expr, scope
        for each, at in entries:
            yield from self._fields(each, at, depth + 1)

    def _is_content(self, call: FoundCall, expr: ir.Expr, scope: Scope) -> bool:
        """Whether what is read is what the model wrote: with a raw request, only what is taken out of the API's envelope."""
        raw = call.entry.sdk == _RAW or "invoke_model" in call.variants[0].path or "InvokeModel" in call.variants[0].path
        return not raw or self._takes(expr, scope, _CONTENT, 0, {})

    def _takes(self, expr: ir.Expr, scope: Scope, fields: frozenset[str], depth: int, seen: dict[tuple[int, int], int]) -> bool:
        """Whether an expression is taken out of one of some fields, here or where its names come from.

        `seen` holds the least depth at which each expression was looked at in vain: from as deep, there is nothing more to find.
        """
        key = (id(expr), id(scope))
        if seen.get(key, _DEPTH + 1) <= depth:
            return False
        seen[key] = depth
        for part in self._beside_calls(expr):
            if _selects(part, fields):
                return True
            if depth >= _DEPTH:
                continue
            if isinstance(part, ir.Name):
                origins = self._origins(part, scope)
            elif isinstance(part, ir.Call):
                origins = self._results(part, scope)
            else:
                continue
            if any(self._takes(origin, at, fields, depth + 1, seen) for origin, at in origins):
                return True
        return False

    def _beside_calls(self, expr: ir.Expr) -> Iterator[ir.Expr]:
        """The parts of an expression without what model calls in it are given."""
        stack = [expr]
        while stack:
            part = stack.pop()
            yield part
            if id(part) not in self.flow.by_call:
                stack.extend(reversed(children(part)))

    def _origins(self, name: ir.Name, scope: Scope) -> Iterator[tuple[ir.Expr, Scope]]:
        for binding in self.resolver.bindings(name.id, scope):
            if isinstance(binding, Bound):
                yield binding.expr, binding.scope
            elif isinstance(binding, Argument):
                for site in self.resolver.own_callers(binding.scope):
                    yield from self.resolver.passed(binding, site)

    def _results(self, call: ir.Call, scope: Scope) -> Iterator[tuple[ir.Expr, Scope]]:
        for callee in self.resolver.values(call.callee, scope):
            if isinstance(callee, Routine):
                yield from ((value, callee.scope) for value in (*callee.scope.returns, *callee.scope.yields))

    # -------------------------------------------------------------------------------------------------- comparisons

    def _compared_in(self, scope: Scope) -> Iterator[tuple[str, Use]]:
        # In TypeScript, `in` asks for a key of an object, never for a word of a text.
        compared = _COMPARISONS if scope.module.code.language == "python" else _EQUALITIES
        for part in scope.nodes:
            if isinstance(part, ir.Opaque) and part.kind == "compare" and part.text in compared:
                yield from self._compared(part, scope)
            elif _is_tool_input(part):
                yield from self._tool_input(part, scope)

    def _tool_input(self, part: ir.Expr, scope: Scope) -> Iterator[tuple[str, Use]]:
        """`block.input`, `call["args"]`: the arguments of a tool call, already parsed by the SDK."""
        for call in self._answers(part, scope):
            if self.contracts.has_tools(call) and not _only_beside(call, scope):
                yield call.id, Use("tool_arguments", span_at(scope, part.line), "the arguments of a tool call")

    def _compared(self, part: ir.Opaque, scope: Scope) -> Iterator[tuple[str, Use]]:
        """A test that compares an answer's text with a constant."""
        constants = [
            side.value for side in part.parts if isinstance(side, ir.Literal) and isinstance(side.value, str) and side.value
        ]
        if not constants or any(is_envelope_key(text) or is_reasoning(text) for text in constants):
            return
        for side in part.parts:
            if isinstance(side, ir.Literal) or _is_type_test(side) or self._is_metadata(side, scope, 0):
                continue
            if part.text in ("in", "not in") and (self._is_collection(side, scope) or _is_indexed(side, constants, scope)):
                continue
            if self._is_key(side, scope):
                continue
            for call in self._answers(side, scope):
                if not _only_beside(call, scope) and self._is_content(call, side, scope):
                    kind = self._kind(call, Reading("branched", side), scope)
                    yield call.id, Use(kind, span_at(scope, part.line), part.text)

    def _is_collection(self, side: ir.Expr, scope: Scope) -> bool:
        """Whether a name is a dict, a list or a set, annotated or made so: a key or an item is sought there, no word."""
        bindings = self.resolver.bindings(side.id, scope) if isinstance(side, ir.Name) else []
        return bool(bindings) and all(
            _root(each.parameter.annotation) in _COLLECTIONS
            if isinstance(each, Argument)
            else isinstance(each, Bound) and not each.element and _makes_collection(each.expr)
            for each in bindings
        )

    def _is_key(self, side: ir.Expr, scope: Scope) -> bool:
        """Whether a name is the key of a loop over the items of a dict: what code put there, not what a model wrote."""
        bindings = self.resolver.bindings(side.id, scope) if isinstance(side, ir.Name) else []
        return bool(bindings) and all(isinstance(each, Bound) and each.element and _hands_out_keys(each.expr) for each in bindings)


def _makes_collection(expr: ir.Expr) -> bool:
    made = isinstance(expr, ir.Mapping | ir.Sequence)
    return made or (isinstance(expr, ir.Call) and isinstance(expr.callee, ir.Name) and expr.callee.id in _COLLECTIONS)


def _hands_out_keys(iterable: ir.Expr) -> bool:
    return isinstance(iterable, ir.Call) and isinstance(iterable.callee, ir.Member) and iterable.callee.name in ("items", "keys")


def _is_indexed(side: ir.Expr, keys: list[str], scope: Scope) -> bool:
    """Whether code hereabouts takes an entry out of a name by one of these keys: it is a dict, then, and no text."""
    if not isinstance(side, ir.Name):
        return False
    return any(
        isinstance(node, ir.Index) and node.base == ir.Name(side.id, node.line) and getattr(node.key, "value", None) in keys
        for node in scope.nodes
    )


def _root(annotation: ir.Expr | None) -> str:
    match annotation:
        case ir.Name(id=name) | ir.Index(base=ir.Name(id=name)):
            return name
        case _:
            return ""


def _only_beside(call: FoundCall, scope: Scope) -> bool:
    """Whether code that looks at an answer is a test, a script or an example: it says nothing of what the application does."""
    return scope.module.scope not in (FileScope.PRODUCTION, call.site.scope.module.scope)


def _field(expr: ir.Expr) -> tuple[ir.Expr, str] | None:
    """The object and the name of the field that an expression reads, through methods of what it reads."""
    match expr:
        case ir.Member(base=base, name=name) | ir.Index(base=base, key=ir.Literal(value=str(name))):
            return base, name
        case ir.Call(callee=ir.Member(base=base, name="get"), args=(ir.Literal(value=str(name)), *_)):
            return base, name
        case ir.Call(callee=ir.Member(base=base)):
            return _field(base)
        case _:
            return None


def _is_type_test(side: ir.Expr) -> bool:
    """`typeof x`: what kind of value it is, whatever it says."""
    return isinstance(side, ir.Opaque) and side.text == "typeof"


def _is_tool_input(part: ir.Expr) -> bool:
    match part:
        case ir.Member(name=name) | ir.Index(key=ir.Literal(value=str(name))):
            return name in ("input", "args", "arguments")
        case _:
            return False


def _selects(part: ir.Expr, fields: frozenset[str]) -> bool:
    """`choices[0].message.content`, `data["response"]`, `call.get("arguments")`; `reply.text` may still be the whole envelope."""
    if fields is _ARGUMENTS and _is_tool_input(part):
        return True
    match part:
        case ir.Index(key=ir.Literal(value=str(name))):
            return name in fields
        case ir.Member(base=ir.Member() | ir.Index(), name=name):
            return name in fields
        case ir.Call(callee=ir.Member(name="get"), args=(ir.Literal(value=str(name)), *_)):
            return name in fields
        case _:
            return False
