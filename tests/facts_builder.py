"""Small builders of hand-made facts: every kind is collected and empty unless a test says otherwise."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any, get_args

from readiness.model import (
    CallKind,
    Fact,
    Facts,
    Gap,
    Judged,
    LanguageCoverage,
    LanguageStat,
    ModelCall,
    RepositoryKind,
    Scope,
    Shows,
    Span,
    Subject,
    Verdict,
)

KINDS: tuple[type[Any], ...] = get_args(Fact)


def span(line: int = 1, path: str = "src/app.py") -> Span:
    """One line of a file."""
    return Span(path, line, line)


def call(line: int = 1, path: str = "src/app.py", **fields: Any) -> ModelCall:
    """A production chat call at a place; any field may be given."""
    plain = {"scope": Scope.PRODUCTION, "language": "python", "api": "openai.chat.completions.create", "sdk": "openai"}
    return ModelCall(id=f"c-{path}-{line}", span=span(line, path), **{**plain, "kind": CallKind.CHAT, **fields})


def subject(**fields: Any) -> Subject:
    """An application in Python with CI and tests; any field may be given."""
    python = LanguageStat("python", 10, 1000, 900, LanguageCoverage.FULL)
    plain = {"name": "shop", "commit": None, "kind": RepositoryKind.APPLICATION, "llm_application": True, "languages": (python,)}
    return Subject(**{**plain, "files": 10, "lines": 1000, "has_ci": True, "has_tests": True, **fields})


def facts(*items: Fact, without: Iterable[type[Any]] = (), gaps: tuple[Gap, ...] = (), **fields: Any) -> Facts:
    """Facts of these items; the kinds in `without` were looked for by nobody, and further fields are the subject's."""
    absent = frozenset(without)
    by_kind = {kind: tuple(item for item in items if isinstance(item, kind)) for kind in KINDS if kind not in absent}
    reasons = dict.fromkeys(absent, "nobody looked")
    return Facts(subject(**fields), date(2026, 11, 23), by_kind, gaps, reasons)


def judged(verdict: Verdict) -> Judged:
    """The verdict, which must be a judgement."""
    assert isinstance(verdict, Judged), verdict
    return verdict


def shown(verdict: Verdict) -> list[tuple[int | None, str]]:
    """The evidence of a judgement as (line or None for an absence, what it shows), in its order."""
    return [(item.span.line if item.span else None, item.shows.value) for item in judged(verdict).evidence]


def count(verdict: Verdict, shows: Shows) -> int:
    """How many pieces of evidence show one thing."""
    return sum(item.shows is shows for item in judged(verdict).evidence)
