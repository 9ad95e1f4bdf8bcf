"""Patterns of dotted names, as the knowledge files write them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Generic, TypeVar

T = TypeVar("T")


class Patterns(Generic[T]):
    """A table from patterns to values: the first pattern that fits a name decides.

    `**.` stands for zero or more leading or middle segments, a final `.**` for zero or more trailing ones, and `*` for part of one
    segment. A name without any of them fits itself alone.
    """

    def __init__(self, rows: Iterable[tuple[str, T]]) -> None:
        self._exact: dict[str, T] = {}
        self._globs: list[tuple[re.Pattern[str], T]] = []
        self._memo: dict[str, T | None] = {}
        for pattern, value in rows:
            if "*" in pattern:
                self._globs.append((_compiled(pattern), value))
            else:
                self._exact.setdefault(pattern, value)

    def get(self, path: str) -> T | None:
        """The value of the first pattern that fits `path`, exact names before all others, or None.

        `import fs from "fs"` and `import * as fs from "fs"` name the same things: a name is also tried without its `default`.
        """
        if path not in self._memo:
            found = self._find(path)
            self._memo[path] = self._find(path.replace(".default.", ".", 1)) if found is None and ".default." in path else found
        return self._memo[path]

    def _find(self, path: str) -> T | None:
        if path in self._exact:
            return self._exact[path]
        return next((value for pattern, value in self._globs if pattern.fullmatch(path)), None)

    def __contains__(self, path: str) -> bool:
        return self.get(path) is not None


def names(patterns: Iterable[str]) -> Patterns[bool]:
    """A set of dotted names, given as patterns."""
    return Patterns((pattern, True) for pattern in patterns)


def _compiled(pattern: str) -> re.Pattern[str]:
    tail = pattern.endswith(".**")
    body = re.escape(pattern.removesuffix(".**") if tail else pattern)
    body = body.replace(r"\*\*\.", r"(?:.+\.)?").replace(r"\*", r"[^.]*")
    return re.compile(body + (r"(?:\..+)?" if tail else ""))
