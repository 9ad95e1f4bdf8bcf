"""What shape of answer a call enforces, and what sets it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final

from readiness.collect import ir
from readiness.collect.calls.contracts_tools import VALIDATING, Tool, Tools
from readiness.collect.calls.limits_options import is_open
from readiness.collect.link.arguments import argument, within
from readiness.collect.link.found import CallFinder, FoundCall, Link, Variant
from readiness.collect.link.handed import Handed
from readiness.collect.link.scopes import Argument
from readiness.collect.link.spans import span_at
from readiness.collect.link.values import Constant, External, Instance, Kind, Received, Structure, Value
from readiness.model import Contract, Span, Use

_RANK: Final = (
    Contract.FREE_TEXT,
    Contract.UNRESOLVED,
    Contract.TOOLS,
    Contract.SOMETIMES,
    Contract.JSON_MODE,
    Contract.SCHEMA,
)
"""From weak to strong."""
_TEXT_TYPES: Final = frozenset({"str", "String", "string"})
_TEXT_OUTPUTS: Final = ("Output.text", "StrOutputParser", "StringOutputParser", "text")
_JSON_OUTPUTS: Final = ("Output.json",)
_OUTPUTS: Final = (*_TEXT_OUTPUTS, *_JSON_OUTPUTS)
_JSON_METHODS: Final = frozenset({"json_mode", "jsonMode"})
_NO_SCHEMA: Final = frozenset({"no-schema"})

_VALIDATING: Final = (
    "model_validate",
    "model_validate_json",
    "parse_obj",
    "parse_raw",
    "safeParse",
    "validate_json",
    "validate_python",
)


@dataclass(frozen=True, slots=True)
class Enforced:
    """A contract, the place that sets it, and whether the answer itself has that shape (not only the arguments of tools)."""

    contract: Contract
    span: Span | None = None
    shapes_answer: bool = True

    def of_answer(self, uses: tuple[Use, ...]) -> Contract:
        """The contract of what code reads.

        Arguments of tools that code validates are as good as enforced; where tools are all that has a shape, text that is
        parsed beside them has none.
        """
        text = any(use.kind != "tool_arguments" for use in uses)
        validated = any(use.kind == "tool_arguments" and use.note.endswith(_VALIDATING) for use in uses)
        if self.contract is Contract.TOOLS and validated and not text:
            return Contract.SCHEMA
        if self.shapes_answer or not text or self.contract not in (Contract.SCHEMA, Contract.TOOLS):
            return self.contract
        return Contract.FREE_TEXT


_FREE: Final = Enforced(Contract.FREE_TEXT, None, shapes_answer=False)


class Contracts:
    """Answers for the contracts of found calls."""

    def __init__(self, finder: CallFinder) -> None:
        self.finder = finder
        self.resolver = finder.resolver
        self._tools = Tools(finder.resolver)

    def contract(self, found: FoundCall) -> Enforced:
        """The weakest contract over the ways the call can go."""
        ways = [self._variant(variant) for variant in found.variants]
        enforced = next((way for way in ways if way.shapes_answer and way.contract is Contract.SCHEMA), None)
        weakest = min(ways, key=_rank)
        return replace(enforced, contract=Contract.SOMETIMES) if enforced and weakest.contract is Contract.FREE_TEXT else weakest

    def tools(self, found: FoundCall) -> tuple[Tool, ...]:
        """The tools that the call can be handed, as far as they are known."""
        handed = (each for variant in found.variants for each in self.finder.role(variant, "tools").found)
        return tuple(dict.fromkeys(tool for each in handed for tool in self._tools.of(each)))

    def has_tools(self, found: FoundCall) -> bool:
        """Whether the call can be handed tools."""
        return any(self.finder.role(variant, "tools").found for variant in found.variants)

    def _variant(self, variant: Variant) -> Enforced:
        candidates = [*self._by_entry(variant), *self._by_schema(variant), *self._by_format(variant), *self._by_tools(variant)]
        best = max(candidates, key=_rank, default=_FREE)
        if best.contract is Contract.FREE_TEXT and self.finder.role(variant, "format").open and self._is_open(variant):
            return Enforced(Contract.UNRESOLVED)
        return best

    def _is_open(self, variant: Variant) -> bool:
        return any(is_open(self.resolver, link.step.call, link.step.scope) for link in variant.links)

    # ---------------------------------------------------------------------------------------------- names and schemas

    def _by_entry(self, variant: Variant) -> Iterator[Enforced]:
        """What a name enforces by itself: `generateObject`, `with_structured_output`, `.parse`."""
        for link in variant.links:
            if link.entry.contract is not None:
                contract = self._by_method(link)
                prompted = link.entry.contract is Contract.JSON_MODE and variant.path == f"{link.step.path}.__call__"
                yield Enforced(contract, span_at(link.step.scope, link.step.call.line), shapes_answer=not prompted)

    def _by_method(self, link: Link) -> Contract:
        """A structured output that its arguments weaken to JSON of any shape."""
        for place, weak in (("method", _JSON_METHODS), ("output", _NO_SCHEMA)):
            for handed in argument(self.resolver, link.step.call, link.step.scope, place).found:
                if any(isinstance(v, Constant) and v.value in weak for v in self.resolver.values(handed.expr, handed.scope)):
                    return Contract.JSON_MODE
        assert link.entry.contract is not None
        return link.entry.contract

    def _by_schema(self, variant: Variant) -> Iterator[Enforced]:
        """A role that takes a schema, unless another argument weakens it."""
        if any(link.entry.contract is not None and self._by_method(link) is not link.entry.contract for link in variant.links):
            return
        for handed in self.finder.role(variant, "schema").found:
            contract = self._schema(handed)
            if contract is not Contract.FREE_TEXT:
                yield Enforced(contract, span_at(handed.scope, handed.line))

    def _schema(self, handed: Handed) -> Contract:
        if isinstance(handed.expr, ir.Name) and handed.expr.id in _TEXT_TYPES:
            return Contract.FREE_TEXT
        contracts = [
            self._format_object(value.path, handed)
            if isinstance(value, External) and value.path.endswith(_OUTPUTS)
            else Contract.SCHEMA
            for value in self.resolver.values(handed.expr, handed.scope)
            if _says_schema(value)
        ]
        return max(contracts, key=_RANK.index, default=Contract.FREE_TEXT)

    # ------------------------------------------------------------------------------------------------------- formats

    def _by_format(self, variant: Variant) -> Iterator[Enforced]:
        """An argument whose value decides: `response_format`, `format`, `response_mime_type`, `output`."""
        for handed in self.finder.role(variant, "format").found:
            contracts = [self._format(value, handed) for value in self.resolver.values(handed.expr, handed.scope)]
            if contracts:
                weakest = min(contracts, key=_RANK.index)
                left_out = weakest is Contract.FREE_TEXT or self._is_left_out(handed)
                if left_out and Contract.SCHEMA in contracts:
                    weakest = Contract.SOMETIMES
                yield Enforced(weakest, span_at(handed.scope, handed.line), shapes_answer=weakest is not Contract.FREE_TEXT)

    def _is_left_out(self, handed: Handed) -> bool:
        """Whether the argument is a parameter that is none by default and that a known caller does not pass."""
        if not isinstance(handed.expr, ir.Name):
            return False
        return any(
            not any(True for _ in self.resolver.passed(binding, site))
            for binding in self.resolver.bindings(handed.expr.id, handed.scope)
            if isinstance(binding, Argument) and _defaults_to_none(binding.parameter.default)
            for site in self.resolver.own_callers(binding.scope)
        )

    def _format(self, value: Value, handed: Handed) -> Contract:
        match value:
            case Constant(value=None) | Constant(value="") | Constant(value=False):
                return Contract.FREE_TEXT
            case Constant(value=str() as text):
                return Contract.JSON_MODE if "json" in text.lower() else Contract.FREE_TEXT
            case Structure(expr=ir.Mapping(), scope=scope):
                return self._format_mapping(Handed(value.expr, scope))
            case Kind() | Instance():
                return Contract.SCHEMA
            case External(path=path):
                return self._format_object(path, handed)
            case Received(argument=argument_) if _defaults_to_none(argument_.parameter.default):
                return Contract.FREE_TEXT
            case _:
                return Contract.UNRESOLVED

    def _format_object(self, path: str, handed: Handed) -> Contract:
        """`Output.object({...})`, `zodResponseFormat(...)`, `ResponseFormatJSONObject()`."""
        if path.endswith(_TEXT_OUTPUTS):
            return Contract.FREE_TEXT
        if path.endswith(_JSON_OUTPUTS) or "JSONObject" in path:
            return Contract.JSON_MODE
        if path.startswith("?"):
            known = "schema" in path.lower() or "format" in path.rsplit(".", 1)[-1].lower()
            return Contract.SCHEMA if known and not isinstance(handed.expr, ir.Member) else Contract.UNRESOLVED
        return Contract.SCHEMA

    def _format_mapping(self, handed: Handed) -> Contract:
        kinds = {
            value.value
            for inner in within(self.resolver, handed, "type").found
            for value in self.resolver.values(inner.expr, inner.scope)
            if isinstance(value, Constant)
        }
        if kinds & {"json_schema", "grammar", "regex"}:
            return Contract.SCHEMA
        if kinds & {"json_object", "json"}:
            return Contract.SCHEMA if self._has(handed, "schema", "response_schema", "value", "json_schema") else Contract.JSON_MODE
        if "text" in kinds:
            return Contract.FREE_TEXT
        if self._has(handed, "properties", "format", "schema", "json_schema"):
            return Contract.SCHEMA
        return Contract.UNRESOLVED if not kinds else Contract.FREE_TEXT

    def _has(self, handed: Handed, *names: str) -> bool:
        return any(within(self.resolver, handed, name).found for name in names)

    # --------------------------------------------------------------------------------------------------------- tools

    def _by_tools(self, variant: Variant) -> Iterator[Enforced]:
        for handed in self.finder.role(variant, "tools").found:
            contract = self._tools.contract(handed)
            if contract is Contract.TOOLS and variant.entry.sdk in VALIDATING:
                contract = Contract.SCHEMA
            if contract is not None:
                yield Enforced(contract, span_at(handed.scope, handed.line), shapes_answer=False)


def _rank(enforced: Enforced) -> tuple[int, bool]:
    return _RANK.index(enforced.contract), enforced.shapes_answer


def _says_schema(value: Value) -> bool:
    match value:
        case Constant(value=text):
            return bool(text)
        case Received(argument=argument_):
            return not _defaults_to_none(argument_.parameter.default)
        case _:
            return True


def _defaults_to_none(default: ir.Expr | None) -> bool:
    return isinstance(default, ir.Literal) and default.value is None
