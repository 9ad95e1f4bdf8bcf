"""Where something stands: spans, scopes and languages."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Scope(StrEnum):
    """What a file is for. Only production counts in verdicts, unless nothing else exists."""

    PRODUCTION = "production"
    TEST = "test"
    EXAMPLE = "example"
    SCRIPT = "script"
    NOTEBOOK = "notebook"
    DOCS = "docs"
    GENERATED = "generated"
    VENDORED = "vendored"


class RepositoryKind(StrEnum):
    """What the audited tree is as a whole."""

    APPLICATION = "application"
    LIBRARY = "library"
    PACKAGE = "package"
    NOT_LLM = "not_llm"
    UNDETERMINED = "undetermined"


class LanguageCoverage(StrEnum):
    """How much of a language is understood: everything, calls only, or package and model names."""

    FULL = "full"
    CALLS = "calls"
    NAMES = "names"


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """Lines of one file; both ends are included and counted from 1. `symbol` is the enclosing definition, '' at top level.

    Lines of a notebook are lines of the raw `.ipynb` file; `cell` is its code cell, counted from 1.
    """

    path: str
    line: int
    end_line: int
    symbol: str = ""
    snippet: str = ""
    cell: int | None = None


@dataclass(frozen=True, slots=True, order=True)
class Gap:
    """Something that was meant to be read and could not be."""

    collector: str
    reason: str
    path: str | None = None
    lines: int = 0
    language: str = ""
