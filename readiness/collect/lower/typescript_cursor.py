"""Where a lowering stands: how deep, on which line, and what it owes the statement it is in."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from readiness.collect import ir
from readiness.collect.syntax import Span, SyntaxNode, end_line_of, span_of, spans_of

DEPTH: Final = 90
"""Levels of the resulting tree: human code stays under 50, and each costs at most seven interpreter frames of the default 1,000."""


class Cursor:
    """State shared by all layers of the TypeScript front end; one instance lowers one file."""

    def __init__(self) -> None:
        self.depth = 0
        self.flat: Span | None = None
        """The line of the innermost construct that begins and ends on one line: everything inside it is there."""
        self.pending: list[ir.Statement] = []
        """Statements that an expression gave rise to, due before the statement it is in."""

    def span(self, node: SyntaxNode) -> Span:
        return self.flat or span_of(node)

    def line(self, node: SyntaxNode) -> int:
        return self.span(node)[0]

    def end(self, node: SyntaxNode) -> int:
        return self.flat[1] if self.flat else end_line_of(node)

    def each(self, nodes: list[SyntaxNode]) -> Iterator[tuple[SyntaxNode, Span]]:
        """Siblings in source order, each with its span and with the cursor on its line if it has one to itself."""
        if flat := self.flat:
            for node in nodes:
                yield node, flat
            return
        for node, span in zip(nodes, spans_of(nodes), strict=True):
            self.flat = span if span[0] == span[1] else None
            yield node, span
        self.flat = None


def opaque(line: int, inner: tuple[ir.Expr, ...] = ()) -> ir.Opaque:
    """An expression of no particular kind."""
    return ir.Opaque("other", inner, line)
