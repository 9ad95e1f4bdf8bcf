"""Answers that leave out a question still in progress: good until that question is answered, and no longer."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import Final

from readiness.collect import ir
from readiness.collect.link.scopes import Site
from readiness.collect.link.values import Value

FREE: Final = 1 << 30
"""Position of no question: nothing was left out."""
CUT: Final = -2
"""Position outside all questions: a bound cut the answer short."""


@dataclass(frozen=True, slots=True)
class Draft:
    """An answer, the position of the outermost question that it leaves out, and the depth at which it was found."""

    low: int
    depth: int
    expr: ir.Expr | None = None
    values: tuple[Value, ...] = ()
    sites: tuple[Site, ...] = ()


class Drafts:
    """The drafts of the question that is being answered, by what they answer."""

    def __init__(self) -> None:
        self._found: dict[tuple[int, int], Draft] = {}
        self._by_head: dict[int, list[tuple[int, int]]] = defaultdict(list)

    def get(self, key: tuple[int, int], depth: int) -> Draft | None:
        """A draft that holds at this depth: one that a bound cut short says nothing of a place with more room."""
        draft = self._found.get(key)
        return draft if draft is not None and (draft.low != CUT or depth >= draft.depth) else None

    def put(self, key: tuple[int, int], draft: Draft) -> None:
        self._found[key] = draft
        self._by_head[draft.low].append(key)

    def settle(self, position: int) -> None:
        """The question at `position` is answered: what left it out can be answered better now."""
        for key in self._by_head.pop(position, ()):
            self._found.pop(key, None)

    def clear(self) -> None:
        if self._found:
            self._found.clear()
            self._by_head.clear()
