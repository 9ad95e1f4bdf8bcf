"""The one door to the parser: concrete syntax trees of the languages that have a front end."""

from __future__ import annotations

from typing import Final, Literal

from ast_grep_py import SgNode, SgRoot

__all__ = [
    "Grammar",
    "Span",
    "SyntaxNode",
    "end_line_of",
    "parse",
    "parts",
    "significant",
    "span_of",
    "spans_of",
]

Grammar = Literal["python", "typescript", "tsx", "json"]

SyntaxNode = SgNode

Span = tuple[int, int]
"""The 1-based first and last line of a node."""

# Extras may stand between any two tokens, so every list of children may hold them.
_EXTRAS: Final = frozenset({"comment", "line_continuation", "html_comment"})


def parse(text: str, grammar: Grammar) -> SyntaxNode:
    """Parse `text`; never fails, since what cannot be parsed becomes ERROR nodes. Lone surrogates are read as "?"."""
    try:
        return SgRoot(text, grammar).root()
    except UnicodeEncodeError:
        return SgRoot(text.encode("utf-8", "replace").decode("utf-8"), grammar).root()


def significant(node: SyntaxNode) -> list[SyntaxNode]:
    """The children that carry meaning: those the grammar names (no keywords or punctuation), without comments."""
    return [child for child in node.named_children() if child.kind() not in _EXTRAS]


def parts(node: SyntaxNode) -> list[tuple[str, SyntaxNode]]:
    """All children in order, each with its kind, without comments: one pass instead of several `field` look-ups."""
    return [(kind, child) for child in node.children() if (kind := child.kind()) not in _EXTRAS]


def end_line_of(node: SyntaxNode) -> int:
    """The 1-based line on which `node` ends; as slow as `span_of`."""
    return node.range().end.line + 1


def span_of(node: SyntaxNode) -> Span:
    """The 1-based first and last line of `node`.

    The parser counts the characters before the node on its line, so this is slow on very long lines: what is inside a
    node that begins and ends on one line is on that line, and siblings are cheaper to ask for together with `spans_of`.
    """
    extent = node.range()
    return extent.start.line + 1, extent.end.line + 1


def spans_of(nodes: list[SyntaxNode]) -> list[Span]:
    """The 1-based first and last line of each of `nodes`, which must be in source order and not overlap (siblings, say).

    Where the first and the last of a run start on one line, so do all between: a minified line costs a few look-ups.
    """
    spans: list[Span | None] = [None] * len(nodes)
    runs = [(0, len(nodes) - 1)] if nodes else []
    while runs:
        low, high = runs.pop()
        first = spans[low] = spans[low] or span_of(nodes[low])
        last = spans[high] = spans[high] or span_of(nodes[high])
        if high - low < 2:
            continue
        if first[0] == last[0]:
            spans[low + 1 : high] = [first] * (high - low - 1)
        else:
            middle = (low + high) // 2
            runs += ((low, middle), (middle, high))
    return [span for span in spans if span is not None]
