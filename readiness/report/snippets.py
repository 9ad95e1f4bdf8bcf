"""Source text as it may be printed: cut, dedented, made visible and coloured."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath
from types import MappingProxyType
from typing import Final

from readiness.model.place import Span
from readiness.report.text import visible

COLUMNS: Final = 160
LINES: Final = 40
"""A page shows no more, and layout time grows with the square of a line's length (200,000 characters: minutes)."""

LEXERS: Final[Mapping[str, str]] = MappingProxyType({
    ".py": "python", ".pyi": "python", ".ipynb": "json", ".ts": "typescript", ".tsx": "tsx", ".js": "javascript",
    ".jsx": "javascript", ".mjs": "javascript", ".cjs": "javascript", ".go": "go", ".java": "java", ".kt": "kotlin",
    ".cs": "csharp", ".rb": "ruby", ".rs": "rust", ".yml": "yaml", ".yaml": "yaml", ".json": "json", ".toml": "toml",
    ".tf": "terraform", ".sh": "bash", ".sql": "sql", ".ini": "ini",
})  # fmt: skip
"""A closed list: a lexer is never chosen by what an audited file says of itself."""


@dataclass(frozen=True, slots=True)
class Run:
    """Characters of one kind: '' plain, k keyword, s string, c comment, n number."""

    text: str
    kind: str = ""


@dataclass(frozen=True, slots=True)
class Line:
    """One numbered line of code."""

    number: int
    runs: tuple[Run, ...]


@dataclass(frozen=True, slots=True)
class Snippet:
    """Code under its place; `cut` says that lines or characters were left off."""

    place: str
    lines: tuple[Line, ...]
    cut: bool


def snippet(span: Span, place: str, lines: int = LINES) -> Snippet | None:
    """The span's source text, at most `lines` by `COLUMNS`; None when there is none."""
    source = visible(span.snippet).rstrip("\n")
    if not source.strip():
        return None
    every = textwrap.dedent(source).split("\n")
    kept = [line[:COLUMNS].rstrip() for line in every[: min(lines, LINES)]]
    cut = len(every) > len(kept) or any(len(line) > COLUMNS for line in every[: len(kept)])
    coloured = tuple(Line(span.line + index, runs) for index, runs in enumerate(_coloured("\n".join(kept), span.path)))
    return Snippet(place, coloured, cut)


def _coloured(source: str, path: str) -> Iterator[tuple[Run, ...]]:
    """Each line of `source` as runs; exactly the characters that went in."""
    name = LEXERS.get(PurePosixPath(path).suffix.lower())
    if name is None:
        yield from (_line([Run(line)]) for line in source.split("\n"))
        return
    from pygments.lexers import get_lexer_by_name  # noqa: PLC0415 (heavy; only code needs it)

    line: list[Run] = []
    lexer = get_lexer_by_name(name, stripnl=False, ensurenl=False)
    for token, text in lexer.get_tokens(source):
        head, *tail = text.split("\n")
        line.append(Run(head, _kind(str(token))))
        for part in tail:
            yield _line(line)
            line = [Run(part, _kind(str(token)))]
    yield _line(line)


def _line(runs: list[Run]) -> tuple[Run, ...]:
    return tuple(run for run in runs if run.text)


def _kind(token: str) -> str:
    """The report's four colours from Pygments' token types."""
    for prefix, kind in (
        ("Token.Comment", "c"),
        ("Token.Keyword", "k"),
        ("Token.Name.Tag", "k"),
        ("Token.Literal.String", "s"),
        ("Token.Literal.Number", "n"),
    ):
        if token.startswith(prefix):
            return kind
    return "k" if token == "Token.Operator.Word" else ""
