"""Texts that flow into a model call: the literals behind its messages, its system text and its prompt."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from readiness.collect import ir
from readiness.collect.link.flow import Flow, Leaf
from readiness.collect.link.found import CallFinder, FoundCall
from readiness.collect.link.scopes import Scope
from readiness.model import CallKind

ROLES: Final = ("system", "messages", "prompt")
KINDS: Final = frozenset({CallKind.CHAT, CallKind.COMPLETION, CallKind.AGENT, CallKind.IMAGE})
"""Kinds of call that follow instructions; what is embedded, spoken or moderated is content."""


class TextFlow(Flow):
    """A flow whose leaves are the texts that the program itself writes down."""

    def _walk(self, expr: ir.Expr, scope: Scope, seen: set[tuple[int, int]], depth: int) -> Iterator[Leaf]:
        if isinstance(expr, ir.Literal) and isinstance(expr.value, str):
            yield Leaf(None, None, expr, scope)
        elif isinstance(expr, ir.Template):
            yield Leaf(None, None, expr, scope)
            for part in expr.parts:
                if not isinstance(part, ir.Literal):
                    yield from self._walk(part, scope, seen, depth + 1)
        else:
            yield from super()._walk(expr, scope, seen, depth)


def reached(finder: CallFinder, calls: Sequence[FoundCall]) -> dict[int, str]:
    """The role under which each literal or template, by identity, first reaches a model: system | messages | prompt."""
    flow = TextFlow(finder.resolver, calls)
    out: dict[int, str] = {}
    for found in calls:
        if found.kind not in KINDS:
            continue
        for variant in found.variants:
            for role in ROLES:
                for handed in finder.role(variant, role).found:
                    for leaf in flow.leaves(handed.expr, handed.scope):
                        if isinstance(leaf.expr, ir.Literal | ir.Template) and leaf.value is None and leaf.answer is None:
                            out.setdefault(id(leaf.expr), role)
    return out
