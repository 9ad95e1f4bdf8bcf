"""What shape of answer a call enforces, and where code consumes that answer."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import Final

from readiness.collect import ir
from readiness.collect.link.arguments import Handed, within
from readiness.collect.link.flow import Flow
from readiness.collect.link.found import CallFinder, FoundCall, Variant
from readiness.collect.link.scopes import Scope, Site
from readiness.collect.link.spans import span_at, span_of
from readiness.collect.link.values import Constant, External, Instance, Kind, Structure, Value
from readiness.collect.link.walk import expressions, own, statements
from readiness.model import Contract, Span, Use
from readiness.model import Scope as Purpose

HOPS: Final = 2
"""Parameters between an answer and the code that reads its structure: a helper and its helper. Further on, text is only passed along."""

_RANK: Final = (Contract.FREE_TEXT, Contract.UNRESOLVED, Contract.TOOLS, Contract.JSON_MODE, Contract.SCHEMA)
"""From weak to strong."""

PARSERS: Final = frozenset({
    "json.loads", "json.load", "JSON.parse", "yaml.safe_load", "yaml.load", "ast.literal_eval", "json_repair.loads", "json_repair.repair_json",
    "orjson.loads", "ujson.loads", "json5.loads", "demjson3.decode", "partial_json_parser.loads", "xml.etree.ElementTree.fromstring",
    "jsonrepair.jsonrepair", "toml.loads", "tomllib.loads", "best-effort-json-parser.parse", "partial-json.parse",
})  # fmt: skip
MATCHERS: Final = frozenset({"re.search", "re.match", "re.findall", "re.finditer", "re.fullmatch", "re.split"})
_VALIDATORS: Final = frozenset({"model_validate_json", "parse_raw", "model_validate", "parse_obj", "safeParse"})
_SPLITTERS: Final = frozenset(
    {"split", "splitlines", "partition", "startswith", "endswith", "startsWith", "endsWith", "match", "matchAll", "rsplit"}
)
_TOOL_ARGUMENTS: Final = frozenset({"arguments", "tool_calls", "function_call", "toolCalls"})
_STRUCTURE_MAKERS: Final = (
    "model_json_schema",
    "schema",
    "zodResponseFormat",
    "zodTextFormat",
    "zodOutputFormat",
    "zodToJsonSchema",
    "json_schema",
)


class Contracts:
    """Answers for the contracts and uses of found calls."""

    def __init__(self, finder: CallFinder, flow: Flow) -> None:
        self.finder = finder
        self.resolver = finder.resolver
        self.flow = flow

    # ---------------------------------------------------------------------------------------------------- contract

    def contract(self, found: FoundCall) -> tuple[Contract, Span | None]:
        """The weakest contract over the ways the call can go, with the place that sets it."""
        results = [self._variant(variant) for variant in found.variants]
        return min(results, key=lambda result: _RANK.index(result[0]))

    def _variant(self, variant: Variant) -> tuple[Contract, Span | None]:
        candidates = [*self._by_entry(variant), *self._by_schema(variant), *self._by_format(variant), *self._by_tools(variant)]
        best = max(candidates, key=lambda item: _RANK.index(item[0]), default=(Contract.FREE_TEXT, None))
        if best[0] is Contract.FREE_TEXT and self.finder.role(variant, "format").open and variant.entry.role("format"):
            return Contract.UNRESOLVED, None
        return best

    def _by_entry(self, variant: Variant) -> Iterator[tuple[Contract, Span | None]]:
        for link in variant.links:
            if link.entry.contract is not None:
                yield link.entry.contract, span_at(link.step.scope, link.step.call.line)

    def _by_schema(self, variant: Variant) -> Iterator[tuple[Contract, Span | None]]:
        for handed in self.finder.role(variant, "schema").found:
            if self._is_schema(handed):
                yield Contract.SCHEMA, span_at(handed.scope, handed.line)

    def _is_schema(self, handed: Handed) -> bool:
        return any(
            not isinstance(v, Constant) or v.value is not None for v in self.resolver.values(handed.expr, handed.scope)
        ) and not (self._is_plain_text(handed))

    def _is_plain_text(self, handed: Handed) -> bool:
        return isinstance(handed.expr, ir.Name) and handed.expr.id == "str"

    def _by_format(self, variant: Variant) -> Iterator[tuple[Contract, Span | None]]:
        """An argument whose value decides: `response_format`, `format`, `response_mime_type`."""
        for handed in self.finder.role(variant, "format").found:
            span = span_at(handed.scope, handed.line)
            for value in self.resolver.values(handed.expr, handed.scope):
                yield self._format_value(value, handed), span

    def _format_value(self, value: Value, handed: Handed) -> Contract:
        match value:
            case Constant(value=None) | Constant(value=""):
                return Contract.FREE_TEXT
            case Constant(value=str() as text):
                return Contract.JSON_MODE if "json" in text.lower() else Contract.FREE_TEXT
            case Structure(expr=ir.Mapping(), scope=scope):
                return self._format_mapping(Handed(value.expr, scope))
            case Kind() | Instance():
                return Contract.SCHEMA
            case External(path=path):
                tail = path.rsplit(".", 1)[-1]
                if tail in _STRUCTURE_MAKERS or tail.endswith("Schema"):
                    return Contract.SCHEMA
                return Contract.UNRESOLVED if path.startswith("?") else Contract.SCHEMA
            case _:
                return Contract.UNRESOLVED

    def _format_mapping(self, handed: Handed) -> Contract:
        kinds = {
            v.value
            for h in within(self.resolver, handed, "type").found
            for v in self.resolver.values(h.expr, h.scope)
            if isinstance(v, Constant)
        }
        if "json_schema" in kinds or "grammar" in kinds:
            return Contract.SCHEMA
        if "json_object" in kinds:
            nested = within(self.resolver, handed, "schema").found or within(self.resolver, handed, "response_schema").found
            return Contract.SCHEMA if nested else Contract.JSON_MODE
        if "text" in kinds:
            return Contract.FREE_TEXT
        if within(self.resolver, handed, "properties").found or within(self.resolver, handed, "format").found:
            return Contract.SCHEMA
        return Contract.UNRESOLVED if not kinds else Contract.FREE_TEXT

    def _by_tools(self, variant: Variant) -> Iterator[tuple[Contract, Span | None]]:
        handed = self.finder.role(variant, "tools").found
        for tools in handed:
            if all(isinstance(v, Constant) and v.value is None for v in self.resolver.values(tools.expr, tools.scope)):
                continue
            strict = any(self._is_strict(part, tools.scope) for part in expressions(tools.expr))
            yield (Contract.SCHEMA if strict else Contract.TOOLS), span_at(tools.scope, tools.line)

    def _is_strict(self, part: ir.Expr, scope: Scope) -> bool:
        if isinstance(part, ir.Mapping):
            return any(
                isinstance(k, ir.Literal) and k.value == "strict" and isinstance(v, ir.Literal) and v.value is True
                for k, v in part.entries
            )
        return isinstance(part, ir.Call) and any(
            k.name == "strict" and isinstance(k.value, ir.Literal) and k.value.value is True for k in part.keywords
        )

    def has_tools(self, found: FoundCall) -> bool:
        """Whether the call can be handed tools."""
        return any(self.finder.role(variant, "tools").found for variant in found.variants)

    # -------------------------------------------------------------------------------------------------------- uses

    def object_use(self, found: FoundCall) -> tuple[Use, ...]:
        """That an answer bound to a schema is an object in the code, for where nothing else says how it is read."""
        contract, span = self.contract(found)
        if contract is not Contract.SCHEMA or span is None or self.has_tools(found):
            return ()
        return (Use("parsed", span, "bound to a schema"),)

    def uses(self) -> dict[str, tuple[Use, ...]]:
        """Where answers are consumed as structure, by call id: the sites of parsers, matchers and branches over the whole program."""
        found: dict[str, list[Use]] = defaultdict(list)
        for site in self.resolver.program.sites():
            consumed = self._consumer(site)
            if consumed is not None:
                kind, expr = consumed
                for call in self.flow.answers(expr, site.scope, hops=HOPS):
                    if call.call is not site.call and not _only_tested(call, site.scope):
                        found[call.id].append(Use(self._kind(kind, expr), span_of(site), _label(site.call.callee)))
        for scope in self.resolver.program.scopes():
            for call_id, use in self._branches(scope):
                found[call_id].append(use)
        return {call_id: tuple(dict.fromkeys(uses)) for call_id, uses in found.items()}

    @staticmethod
    def _kind(kind: str, expr: ir.Expr) -> str:
        if kind == "parsed" and any(isinstance(part, ir.Member) and part.name in _TOOL_ARGUMENTS for part in expressions(expr)):
            return "tool_arguments"
        return kind

    def _consumer(self, site: Site) -> tuple[str, ir.Expr] | None:
        call = site.call
        label = _dotted(call.callee)
        if not call.args and not isinstance(call.callee, ir.Member):
            return None
        if label in PARSERS and call.args:
            return "parsed", call.args[0]
        if label in MATCHERS and len(call.args) > 1:
            return "parsed", call.args[1]
        if isinstance(call.callee, ir.Member):
            name = call.callee.name
            if name in _VALIDATORS and call.args:
                return "parsed", call.args[0]
            if name in _SPLITTERS and call.args:
                return "parsed", call.callee.base
        elif label.endswith(("repair_json", "parse_json", "extract_json")) and call.args and self._is_external(site):
            return "parsed", call.args[0]
        if label not in PARSERS and call.args and self._is_parser(site):
            return "parsed", call.args[0]
        return None

    def _is_external(self, site: Site) -> bool:
        return any(isinstance(value, External) for value in self.resolver.values(site.call.callee, site.scope))

    def _is_parser(self, site: Site) -> bool:
        """An alias of a parser (`from json import loads`)."""
        if not isinstance(site.call.callee, ir.Name) or not site.scope.module.root.bindings.get(site.call.callee.id):
            return False
        return any(
            isinstance(value, External) and value.path in PARSERS for value in self.resolver.values(site.call.callee, site.scope)
        )

    def _branches(self, scope: Scope) -> Iterator[tuple[str, Use]]:
        """Tests that compare an answer's text with constants."""
        body = scope.node.body
        for statement, _ in statements(body):
            if not isinstance(statement, ir.If | ir.Return | ir.Assign):
                continue
            for outer in own(statement):
                for part in expressions(outer):
                    yield from self._compared(part, scope, statement)

    def _compared(self, part: ir.Expr, scope: Scope, statement: ir.Statement) -> Iterator[tuple[str, Use]]:
        if not (isinstance(part, ir.Opaque) and part.kind == "compare" and part.text in ("in", "==", "===", "not in", "!=", "!==")):
            return
        if not any(isinstance(side, ir.Literal) and isinstance(side.value, str) and side.value for side in part.parts):
            return
        for side in part.parts:
            if isinstance(side, ir.Literal) or _is_metadata(side):
                continue
            for call in self.flow.answers(side, scope, hops=HOPS):
                if _only_tested(call, scope):
                    continue
                yield call.id, Use("branched", span_at(scope, statement.line), part.text)


def _only_tested(call: FoundCall, scope: Scope) -> bool:
    """Whether code that looks at an answer is a test of other code: what it expects says nothing of what the application does."""
    return scope.module.scope is Purpose.TEST and call.site.scope.module.scope is not Purpose.TEST


_METADATA: Final = frozenset(
    {"finish_reason", "type", "role", "status", "stop_reason", "finishReason", "event", "name", "object", "id", "status_code", "ok"}
)


def _is_metadata(expr: ir.Expr) -> bool:
    """Fields of a response that the API, not the model, writes."""
    match expr:
        case ir.Member(name=name):
            return name in _METADATA
        case ir.Index(key=ir.Literal(value=name)):
            return name in _METADATA
        case ir.Call(callee=ir.Member(base=base)):
            return _is_metadata(base)
        case _:
            return False


def _dotted(expr: ir.Expr) -> str:
    match expr:
        case ir.Name(id=name):
            return name
        case ir.Member(base=base, name=name):
            head = _dotted(base)
            return f"{head}.{name}" if head else name
        case _:
            return ""


def _label(expr: ir.Expr) -> str:
    return _dotted(expr)[-60:]
