"""Where the token usage of answers is read, and where the numbers go from there."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from readiness.collect import ir
from readiness.collect.link.arguments import argument
from readiness.collect.link.found import FoundCall
from readiness.collect.link.scopes import Argument, Scope, Site
from readiness.collect.link.spans import span_at, span_of
from readiness.collect.link.values import Constant, Instance, Routine, Structure
from readiness.collect.link.walk import expressions, statements
from readiness.collect.observation.tracing_ground import Ground
from readiness.model import Span

FIELDS: Final = frozenset(
    {"usage", "usage_metadata", "usageMetadata", "token_usage", "tokenUsage", "totalUsage", "total_usage",
    "prompt_eval_count", "eval_count", "inputTokenCount", "billed_units",
     "response_cost", "total_tokens", "totalTokens"}
)  # fmt: skip
"""Fields of an answer that tell what it used."""
_FINISHERS: Final = ("onFinish", "onStepFinish", "onEnd", "onCompletion", "on_finish")
_BLOCKS: Final = frozenset(
    f"{module}.{name}"
    for module in (
        "langchain_community.callbacks",
        "langchain_community.callbacks.manager",
        "langchain.callbacks",
        "langchain_core.callbacks",
        "langchain_core.callbacks.usage",
    )
    for name in ("get_openai_callback", "get_usage_metadata_callback", "get_bedrock_anthropic_callback")
)
_PRICERS: Final = frozenset(
    {"litellm.completion_cost", "litellm.cost_calculator.completion_cost", "litellm.cost_per_token",
    "litellm.utils.completion_cost", "tokencost.calculate_cost_by_tokens",
     "tokencost.calculate_all_costs_and_tokens", "genai_prices.calc_price", "tokencost.calculate_completion_cost"}
)  # fmt: skip
_HANDLERS: Final = ("callbacks", "config.callbacks")
SCOPES: Final = 300
"""Functions through which usage is followed."""


class Reads:
    """All readings of usage, and how far the numbers spread. Built once."""

    def __init__(self, ground: Ground) -> None:
        self._linked = ground.linked
        self._resolver = ground.resolver
        self._named = ground.named
        self._reach = ground.reach
        self.by_call: dict[str, Span] = {}
        self.priced: list[Site] = []
        """Calls of functions that turn usage into money."""
        self._exprs: set[int] = set()
        self._keys: set[tuple[int, str]] = set()
        self._calls: set[int] = set()
        self.touched: dict[int, Scope] = {}
        """Functions and modules in which usage is read or passed on."""
        self._members()
        self._finishers()
        self._blocks()
        self._pricers()
        self._handlers()
        self._spread()

    def is_usage(self, expr: ir.Expr, scope: Scope) -> bool:
        """Whether an expression holds numbers of usage."""
        return any(self._is(part, scope) for part in expressions(expr))

    def _is(self, part: ir.Expr, scope: Scope) -> bool:
        if id(part) in self._exprs or (isinstance(part, ir.Call) and id(part) in self._calls):
            return True
        key = self._key(part, scope)
        return key is not None and key in self._keys

    @staticmethod
    def _key(part: ir.Expr, scope: Scope) -> tuple[int, str] | None:
        match part:
            case ir.Name(id=name) if name != "self":
                current: Scope | None = scope
                while current is not None:
                    if name in current.bindings:
                        return id(current), name
                    current = current.parent
                return None
            case ir.Member(base=ir.Name(id="self"), name=name):
                return (id(scope.cls), f"self.{name}") if scope.cls is not None else None
            case _:
                return None

    # ---------------------------------------------------------------------------------------------------------- reads

    def _members(self) -> None:
        for scope in self._resolver.program.scopes():
            for part in scope.nodes:
                base = _field_of(part)
                if base is not None:
                    self._read(part, base, scope)

    def _read(self, part: ir.Expr, base: ir.Expr, scope: Scope) -> None:
        calls = [found for found in self._linked.flow.answers(base, scope) if not self._silent(found)]
        if calls:
            self._exprs.add(id(part))
            self.touched[id(scope)] = scope
            for found in calls:
                self.by_call.setdefault(found.id, span_at(scope, part.line))

    def _silent(self, found: FoundCall) -> bool:
        """A stream of OpenAI's chat API carries usage only where it is asked for."""
        entry = found.entry
        if entry.sdk != "openai" or not entry.role("usage"):
            return False
        streams = self._linked.finder.role(found.variants[0], "stream")
        usage = self._linked.finder.role(found.variants[0], "usage")
        streaming = any(
            isinstance(v, Constant) and v.value is True for h in streams.found for v in self._resolver.values(h.expr, h.scope)
        )
        plain = any(
            isinstance(v, Constant) and v.value is False for h in streams.found for v in self._resolver.values(h.expr, h.scope)
        )
        return streaming and not plain and not usage.found and not usage.open

    def _finishers(self) -> None:
        for found in self._linked.calls:
            for name in _FINISHERS:
                for handed in argument(self._resolver, found.call, found.site.scope, name).found:
                    for value in self._resolver.values(handed.expr, handed.scope):
                        if isinstance(value, Routine):
                            self._finisher(found, value.scope)

    def _finisher(self, found: FoundCall, function: Scope) -> None:
        node = function.function
        assert node is not None
        fields = {each.name for parameter in node.parameters for each in parameter.fields} & FIELDS
        for name in fields:
            self._keys.add((id(function), name))
        reads = [part for part in function.nodes if _field_of(part) is not None]
        if fields or reads:
            self._exprs.update(id(part) for part in reads)
            self.touched[id(function)] = function
            line = reads[0].line if reads else node.line
            self.by_call.setdefault(found.id, span_at(function, line))

    def _blocks(self) -> None:
        blocks = {id(site.call): site for _, site in self._named.sites(_BLOCKS)}
        for found in self._linked.calls if blocks else ():
            for frame in self._reach.frames(found):
                for block in frame.site.context.withs:
                    if id(block) in blocks:
                        self.by_call.setdefault(found.id, span_of(blocks[id(block)]))
                        self._exprs.add(id(block))

    def _pricers(self) -> None:
        for _, site in self._named.sites(_PRICERS):
            args = [*site.call.args, *(keyword.value for keyword in site.call.keywords)]
            calls = {found.id: found for arg in args for found in self._linked.flow.answers(arg, site.scope)}
            for call in calls:
                self.by_call.setdefault(call, span_of(site))
            if calls or any(self.is_usage(arg, site.scope) for arg in args):
                self._calls.add(id(site.call))
                self.priced.append(site)
                self.touched[id(site.scope)] = site.scope

    def _handlers(self) -> None:
        """Callback handlers of the repository's own that read what an answer used."""
        for found in self._linked.calls:
            for variant in found.variants:
                for link in variant.links:
                    for name in _HANDLERS:
                        for handed in argument(self._resolver, link.step.call, link.step.scope, name).found:
                            for cls in self._classes(handed.expr, handed.scope):
                                self._handler(found, cls)

    def _classes(self, expr: ir.Expr, scope: Scope) -> Iterator[Scope]:
        for value in self._resolver.values(expr, scope):
            if isinstance(value, Instance):
                yield value.scope
            elif isinstance(value, Structure) and isinstance(value.expr, ir.Sequence):
                for item in value.expr.items:
                    yield from (each.scope for each in self._resolver.values(item, value.scope) if isinstance(each, Instance))

    def _handler(self, found: FoundCall, cls: Scope) -> None:
        for method in cls.children:
            for part in method.nodes:
                if _field_of(part) is not None:
                    self._exprs.add(id(part))
                    self.touched[id(method)] = method
                    self.by_call.setdefault(found.id, span_at(method, part.line))

    # --------------------------------------------------------------------------------------------------------- spread

    def _spread(self) -> None:
        """Follow usage through assignments, parameters, returned values and attributes."""
        queue = list(self.touched.values())
        visits = 0
        while queue and visits < SCOPES:
            visits += 1
            scope = queue.pop(0)
            before = len(self._keys) + len(self._calls)
            queue.extend(self._pass_on(scope))
            if len(self._keys) + len(self._calls) > before:
                queue.append(scope)

    def _pass_on(self, scope: Scope) -> Iterator[Scope]:
        for statement, _ in statements(scope.node.body):
            match statement:
                case ir.Assign(target=target, value=value) if value is not None and self.is_usage(value, scope):
                    yield from self._assign(target, scope)
                case ir.Return(value=value) if value is not None and scope.function is not None and self.is_usage(value, scope):
                    yield from self._return(scope)
                case _:
                    pass
        for site in scope.sites:
            yield from self._hand(site)

    def _assign(self, target: ir.Expr, scope: Scope) -> Iterator[Scope]:
        for part in target.items if isinstance(target, ir.Sequence) else (target,):
            key = self._key(part, scope)
            if key is not None and key not in self._keys:
                self._keys.add(key)
                if isinstance(part, ir.Member) and scope.cls is not None:
                    for method in scope.cls.children:
                        yield from self._touch(method)

    def _return(self, function: Scope) -> Iterator[Scope]:
        for site in self._resolver.callers(function):
            if id(site.call) not in self._calls:
                self._calls.add(id(site.call))
                yield from self._touch(site.scope)

    def _hand(self, site: Site) -> Iterator[Scope]:
        args = [*site.call.args, *(keyword.value for keyword in site.call.keywords)]
        if not any(self.is_usage(arg, site.scope) for arg in args):
            return
        for value in self._resolver.values(site.call.callee, site.scope):
            if isinstance(value, Routine):
                for name, bindings in value.scope.bindings.items():
                    for binding in bindings:
                        if isinstance(binding, Argument) and any(
                            self.is_usage(expr, at) for expr, at in self._resolver.passed(binding, site)
                        ):
                            self._keys.add((id(value.scope), name))
                            yield from self._touch(value.scope)

    def _touch(self, scope: Scope) -> Iterator[Scope]:
        if id(scope) not in self.touched:
            self.touched[id(scope)] = scope
            yield scope


def _field_of(part: ir.Expr) -> ir.Expr | None:
    """What a usage field is read of, None for any other expression."""
    match part:
        case ir.Member(base=base, name=name) if name in FIELDS:
            return base
        case ir.Index(base=base, key=ir.Literal(value=name)) if name in FIELDS:
            return base
        case ir.Call(callee=ir.Member(base=base, name="get"), args=(ir.Literal(value=name), *_)) if name in FIELDS:
            return base
        case ir.Call(callee=ir.Name(id="getattr"), args=(base, ir.Literal(value=name), *_)) if name in FIELDS:
            return base
        case _:
            return None
