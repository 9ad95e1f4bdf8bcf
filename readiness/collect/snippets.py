"""The lines that each span names, so that reports never open a file again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, is_dataclass, replace
from typing import Any, Final

from readiness.model import Span
from readiness.repo import Repository, Unreadable

LINES: Final = 12
WIDTH: Final = 200
"""Lines of a snippet and characters of a line that are kept: what a finding shows."""


def with_snippets(repository: Repository, by_kind: Mapping[type[Any], tuple[Any, ...]]) -> dict[type[Any], tuple[Any, ...]]:
    """The same facts, each span with the text of its lines."""
    lines = _Lines(repository)
    return {kind: tuple(_filled(fact, lines) for fact in found) for kind, found in by_kind.items()}


class _Lines:
    def __init__(self, repository: Repository) -> None:
        self._repository = repository
        self._sources = {source.path: source for source in repository.sources}
        self._texts: dict[str, list[str]] = {}

    def cut(self, span: Span) -> str:
        if span.path not in self._texts:
            try:
                self._texts[span.path] = self._repository.text(self._sources[span.path]).split("\n")
            except (Unreadable, KeyError):
                self._texts[span.path] = []
        lines = self._texts[span.path][span.line - 1 : min(span.end_line, span.line + LINES - 1)]
        return "\n".join(line[:WIDTH] for line in lines)


def _filled(value: Any, lines: _Lines) -> Any:  # noqa: ANN401 - every fact, whatever its kind
    """`value` with a snippet in each span inside it."""
    if isinstance(value, Span):
        return value if value.snippet else replace(value, snippet=lines.cut(value))
    if isinstance(value, tuple):
        return tuple(_filled(item, lines) for item in value)
    if is_dataclass(value) and not isinstance(value, type):
        changed = {item.name: new for item in fields(value) if (new := _filled(old := getattr(value, item.name), lines)) is not old}
        return replace(value, **changed) if changed else value
    return value
