"""What was audited: the repository, its kind and its languages."""

from __future__ import annotations

from dataclasses import dataclass

from readiness.model.place import LanguageCoverage, RepositoryKind, Scope


@dataclass(frozen=True, slots=True)
class LanguageStat:
    """How much of one language there is, in all scopes and in production, and how well it is understood."""

    name: str
    files: int
    lines: int
    production_lines: int
    coverage: LanguageCoverage
    names_llm: bool = False
    """Whether a production file of it names an LLM package, host or model id in code."""
    programming: bool = True


@dataclass(frozen=True, slots=True)
class Subject:
    """What was audited. `llm_application` is None when it could not be determined."""

    name: str
    commit: str | None
    kind: RepositoryKind
    llm_application: bool | None
    languages: tuple[LanguageStat, ...]
    files: int
    lines: int
    has_ci: bool
    has_tests: bool
    production_scopes: frozenset[Scope] = frozenset({Scope.PRODUCTION})
    """Scopes that count as production here: a repository of notebooks or scripts has nothing else."""
