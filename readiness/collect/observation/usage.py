"""Usage: what spend can be attributed to, by where the numbers of usage go and by what tracers are told."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from readiness.collect import ir
from readiness.collect.link.arguments import argument
from readiness.collect.link.found import FoundCall
from readiness.collect.link.scopes import Bound, Scope, Site
from readiness.collect.link.spans import span_at, span_of
from readiness.collect.link.values import Constant, Structure
from readiness.collect.link.walk import expressions, own, statements
from readiness.collect.observation.tracing_ground import Ground
from readiness.collect.observation.tracing_reach import Standing
from readiness.collect.observation.tracing_tools import Mechanism
from readiness.collect.observation.usage_reads import Reads
from readiness.collect.observation.usage_words import PRICE, owner, words
from readiness.knowledge.tracers import Tracers
from readiness.model import UsageDimension

_TOLD: Final = ("metadata", "config.metadata", "extra_body.metadata", "experimental_telemetry.metadata", "telemetry.metadata")
_NAMED: Final = {
    "user": "user",
    "safety_identifier": "user",
    "experimental_telemetry.functionId": "feature",
    "telemetry.functionId": "feature",
}
_PREFIX: Final = "langfuse_"


class Dimensions:
    """Finds prices and owners of usage."""

    def __init__(self, ground: Ground, reads: Reads, mechanisms: Iterable[Mechanism], tracers: Tracers) -> None:
        self._linked = ground.linked
        self._resolver = ground.resolver
        self._named = ground.named
        self._reads = reads
        self._mechanisms = tuple(each for each in mechanisms if each.standing is not Standing.NEVER and each.usage)
        self._tracers = tracers

    def found(self) -> tuple[UsageDimension, ...]:
        """Every dimension, ordered by place."""
        found = dict.fromkeys((*self._prices(), *self._joined(), *self._told(), *self._attributes()))
        return tuple(sorted(found, key=lambda each: (each.span.path, each.span.line, each.dimension)))

    # --------------------------------------------------------------------------------------------------------- prices

    def _prices(self) -> Iterator[UsageDimension]:
        for site in self._reads.priced:
            yield UsageDimension(span_of(site), site.scope.module.scope, "price")
        for scope in self._reads.touched.values():
            for statement, _ in statements(scope.node.body):
                for outer in own(statement):
                    if any(self._is_price(part, scope) for part in expressions(outer)):
                        yield UsageDimension(span_at(scope, statement.line), scope.module.scope, "price")

    def _is_price(self, part: ir.Expr, scope: Scope) -> bool:
        """Tokens times a price, or the cost that a gateway has put into the answer."""
        match part:
            case ir.Opaque(kind="arithmetic", parts=parts, text="*"):
                usage = [self._reads.is_usage(each, scope) for each in parts]
                return any(usage) and any(self._is_rate(each, scope) for each, used in zip(parts, usage, strict=True) if not used)
            case (
                ir.Member(name="response_cost")
                | ir.Index(key=ir.Literal(value="response_cost"))
                | ir.Call(args=(ir.Literal(value="response_cost"), *_))
            ):
                return self._reads.is_usage(part, scope)
            case _:
                return False

    def _is_rate(self, expr: ir.Expr, scope: Scope) -> bool:
        parts = [*expressions(expr), *(part for bound in self._bound(expr, scope) for part in expressions(bound))]
        if {word for part in parts for word in words(_name(part))} & PRICE:
            return True
        return any(
            isinstance(value, Constant) and isinstance(value.value, float) and 0 < value.value < 1
            for value in self._resolver.values(expr, scope)
        )

    def _bound(self, expr: ir.Expr, scope: Scope) -> Iterator[ir.Expr]:
        """What a plain name holds: `per_input, per_output = PRICES[model]`."""
        for binding in self._resolver.bindings(expr.id, scope) if isinstance(expr, ir.Name) else ():
            if isinstance(binding, Bound):
                yield binding.expr

    # --------------------------------------------------------------------------------------------------------- owners

    def _joined(self) -> Iterator[UsageDimension]:
        """Calls that are handed usage together with whose it is: labels of a metric, columns of a record."""
        ours = {id(found.call) for found in self._linked.calls}
        for scope in self._reads.touched.values():
            for site in scope.sites:
                args = [*site.call.args, *(keyword.value for keyword in site.call.keywords)]
                if id(site.call) in ours or not any(self._reads.is_usage(arg, scope) for arg in args):
                    continue
                for name in self._names(site):
                    if dimension := owner(name):
                        yield UsageDimension(span_of(site), scope.module.scope, dimension)

    def _names(self, site: Site) -> Iterator[str]:
        """Names of what stands beside usage: keywords and keys, plain variables, and labels in the chain of the call."""
        for expr in (site.call, *(part for part in expressions(site.call.callee) if isinstance(part, ir.Call))):
            for keyword in expr.keywords:
                yield keyword.name or ""
                yield from _keys(keyword.value)
            for arg in expr.args:
                if isinstance(arg, ir.Name | ir.Member):
                    yield _name(arg)
                yield from _keys(arg)

    # ---------------------------------------------------------------------------------------------------------- tracers

    def _told(self) -> Iterator[UsageDimension]:
        """What a recorded call says of itself in metadata, tags or a user field."""
        counted = set(self._reads.by_call) | {call for each in self._mechanisms for call in each.calls}
        for found in self._linked.calls:
            if found.id not in counted:
                continue
            dimensions = set(self._metadata(found)) | set(self._fields(found))
            priced = any(each.prices and found.id in each.calls for each in self._mechanisms)
            for dimension in sorted(dimensions | ({"price"} if dimensions and priced else set())):
                yield UsageDimension(span_of(found.site), found.site.scope.module.scope, dimension)

    def _metadata(self, found: FoundCall) -> Iterator[str]:
        for place in _TOLD:
            for handed in argument(self._resolver, found.call, found.site.scope, place).found:
                for value in self._resolver.values(handed.expr, handed.scope):
                    if isinstance(value, Structure):
                        yield from filter(None, (owner(name.removeprefix(_PREFIX)) for name in _keys(value.expr)))

    def _fields(self, found: FoundCall) -> Iterator[str]:
        for place, dimension in _NAMED.items():
            given = argument(self._resolver, found.call, found.site.scope, place).found
            if given and (place != "user" or found.entry.role("user")):
                yield dimension

    def _attributes(self) -> Iterator[UsageDimension]:
        """Functions that tell a tracer in use whose trace it is."""
        for tool in self._tracers.tools:
            if not any(each.tool == tool.name for each in self._mechanisms):
                continue
            for _, site in self._named.sites(tool.attributes):
                dimensions = {dimension for name in self._names(site) if (dimension := owner(name))}
                for dimension in sorted(dimensions | ({"price"} if dimensions and tool.prices else set())):
                    yield UsageDimension(span_of(site), site.scope.module.scope, dimension)


def _keys(expr: ir.Expr) -> Iterator[str]:
    """Keys of a dict or object literal, and of those inside it."""
    for part in expressions(expr):
        if isinstance(part, ir.Mapping):
            yield from (str(key.value) for key, _ in part.entries if isinstance(key, ir.Literal))
        elif isinstance(part, ir.Call):
            yield from (keyword.name for keyword in part.keywords if keyword.name)


def _name(expr: ir.Expr) -> str:
    match expr:
        case ir.Name(id=name) | ir.Member(name=name):
            return name
        case ir.Literal(value=str(text)):
            return text
        case _:
            return ""
