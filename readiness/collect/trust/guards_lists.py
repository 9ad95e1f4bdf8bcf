"""Guards that are written by hand: lists of forbidden phrases, and branches on a provider's own block."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, Protocol

from readiness.collect import ir
from readiness.collect.link.resolve import Resolver
from readiness.collect.link.scopes import Bound, Scope, Site
from readiness.collect.link.spans import span_at
from readiness.collect.link.values import Constant, Structure
from readiness.collect.link.walk import Context, expressions, statements
from readiness.collect.trust.sinks_text import Texts
from readiness.knowledge.guards import Guards
from readiness.model import Guard, GuardSide
from readiness.model.screening import DENY_LIST, PROVIDER_DEFAULT

_FILTER: Final = "the provider's content filter"


class Order(Protocol):
    """Tells which calls stand behind a place, are made under some sites, or answer in an expression."""

    def behind(self, places: list[tuple[Scope, int]]) -> tuple[str, ...]: ...

    def under(self, sites: list[Site]) -> tuple[str, ...]: ...

    def answering(self, expr: ir.Expr, scope: Scope) -> tuple[str, ...]: ...


def _ends(body: tuple[ir.Statement, ...]) -> bool:
    return any(isinstance(statement, ir.Return | ir.Raise) for statement, _ in statements(body))


class DenyLists:
    """Finds branches that refuse a text for a phrase in it."""

    def __init__(self, texts: Texts, order: Order) -> None:
        self.texts = texts
        self.resolver = texts.flow.resolver
        self.order = order

    def find(self) -> Iterator[Guard]:
        """Every such branch before or behind a call."""
        for scope in self.resolver.program.scopes():
            if isinstance(scope.node, ir.Class):
                continue
            for statement, context in statements(scope.node.body):
                if isinstance(statement, ir.If) and _ends(statement.body):
                    text = self._tested(statement.test, scope, context)
                    if text is not None:
                        yield from self._guard(text, statement, scope)

    def _guard(self, text: ir.Expr, statement: ir.If, scope: Scope) -> Iterator[Guard]:
        if self._returns_text(statement, scope):
            return
        answers = tuple(dict.fromkeys(found.call for found in self.texts.of(text, scope) if found.call is not None))
        side = GuardSide.OUTPUT if answers else GuardSide.INPUT
        calls = answers or self.order.behind([(scope, statement.line)])
        if calls:
            yield Guard(span_at(scope, statement.line), scope.module.scope, side, DENY_LIST, "on", blocks=True, calls=calls)

    def _returns_text(self, branch: ir.If, scope: Scope) -> bool:
        """Whether the branch returns model text all the same: trimmed, say, and not withheld."""
        returned = (s.value for s, _ in statements(branch.body) if isinstance(s, ir.Return) and s.value is not None)
        return any(self.texts.of(value, scope) for value in returned)

    def _tested(self, test: ir.Expr, scope: Scope, context: Context) -> ir.Expr | None:
        """The text that is searched for phrases of a constant list."""
        for part in expressions(test):
            match part:
                case ir.Opaque(kind="comprehension", parts=(ir.Opaque(kind="compare", text="in", parts=(_, text)), phrases, *_)):
                    if self._are_phrases(phrases, scope):
                        return text
                case ir.Call(callee=ir.Member(base=phrases, name="some"), args=(ir.Lambda(function=function), *_)):
                    searched = _searched(function)
                    if searched is not None and self._are_phrases(phrases, scope):
                        return searched
                case ir.Opaque(kind="compare", text="in", parts=(_, text)):
                    if any(self._are_phrases(loop.iterable, scope) for loop in context.loops):
                        return text
                case ir.Call(callee=ir.Member(name="search" | "match"), args=(_, text, *_)):
                    if any(self._are_phrases(loop.iterable, scope) for loop in context.loops):
                        return text
                case _:
                    continue
        return None

    def _are_phrases(self, expr: ir.Expr, scope: Scope) -> bool:
        """A constant list of texts of which one at least has several words."""
        for value in self.resolver.values(expr, scope):
            if isinstance(value, Structure) and isinstance(value.expr, ir.Sequence):
                known = [
                    v.value for item in value.expr.items for v in self.resolver.values(item, value.scope) if isinstance(v, Constant)
                ]
                texts = [text for text in known if isinstance(text, str)]
                if texts and len(texts) == len(known) and any(" " in text.strip() or r"\s" in text for text in texts):
                    return True
        return False


def _searched(function: ir.Function) -> ir.Expr | None:
    """`(phrase) => text.toLowerCase().includes(phrase)`: the text."""
    for statement in function.body:
        if isinstance(statement, ir.Return) and isinstance(statement.value, ir.Call):
            match statement.value:
                case ir.Call(callee=ir.Member(base=text, name="includes" | "match" | "search")):
                    return text
                case ir.Call(callee=ir.Member(name="test"), args=(text, *_)):
                    return text
                case _:
                    continue
    return None


class ProviderBlocks:
    """Finds branches on what a provider reports when its own filter blocked a request or an answer."""

    def __init__(self, resolver: Resolver, guards: Guards, order: Order) -> None:
        self.resolver = resolver
        self.guards = guards
        self.order = order

    def find(self) -> Iterator[Guard]:
        """Every such branch; in the handler of an error it stands before the call, else behind it."""
        for scope in self.resolver.program.scopes():
            if isinstance(scope.node, ir.Class):
                continue
            for statement, context in statements(scope.node.body):
                if isinstance(statement, ir.If) and self._reads_block(statement.test, scope):
                    error = context.handler is not None or self._on_error(statement.test, scope)
                    calls = self._refused(scope, context.handler) if error else self.order.answering(statement.test, scope)
                    if calls:
                        side = GuardSide.INPUT if error else GuardSide.OUTPUT
                        yield Guard(
                            span_at(scope, statement.line),
                            scope.module.scope,
                            side,
                            _FILTER,
                            PROVIDER_DEFAULT,
                            blocks=True,
                            calls=calls,
                        )

    def _refused(self, scope: Scope, handler: ir.Handler | None) -> tuple[str, ...]:
        """The calls whose errors are handled here, or where this function is called from a handler."""
        if handler is not None:
            return self._tried(scope, handler)
        found = [
            call
            for site in self.resolver.own_callers(scope)
            for call in (
                self._tried(site.scope, site.context.handler) if site.context.handler else self.order.behind([(site.scope, 0)])
            )
        ]
        return tuple(dict.fromkeys(found))

    def _tried(self, scope: Scope, handler: ir.Handler) -> tuple[str, ...]:
        sites = [site for site in scope.sites if any(handler in attempt.handlers for attempt in site.context.tries)]
        return self.order.under(sites)

    def _reads_block(self, test: ir.Expr, scope: Scope) -> bool:
        for part in expressions(test):
            if isinstance(part, ir.Opaque) and part.kind == "compare" and part.text in ("==", "===", "in"):
                for side in part.parts:
                    if isinstance(side, ir.Literal | ir.Name | ir.Sequence) and self._is_block(side, scope):
                        return any(
                            isinstance(other, ir.Member | ir.Name | ir.Call | ir.Index) for other in part.parts if other is not side
                        )
        return False

    def _is_block(self, expr: ir.Expr, scope: Scope) -> bool:
        parts = expr.items if isinstance(expr, ir.Sequence) else (expr,)
        return any(
            isinstance(value, Constant) and value.value in self.guards.provider_blocks
            for part in parts
            for value in self.resolver.values(part, scope)
        )

    def _on_error(self, test: ir.Expr, scope: Scope) -> bool:
        """Whether the test reads an error: a parameter or variable of an exception type, or its `code`."""
        for part in expressions(test):
            if isinstance(part, ir.Member) and part.name == "code":
                return True
            if isinstance(part, ir.Name):
                for binding in self.resolver.bindings(part.id, scope):
                    annotation = getattr(getattr(binding, "parameter", None), "annotation", None)
                    if (
                        isinstance(annotation, ir.Name)
                        and annotation.id.endswith(("Exception", "Error"))
                        and not isinstance(binding, Bound)
                    ):
                        return True
        return False
