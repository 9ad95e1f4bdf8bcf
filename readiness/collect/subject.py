"""What the repository is: whether it calls models, and how far each of its languages is understood."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Final

from readiness.collect import ir
from readiness.collect.link.walk import statements
from readiness.knowledge.packages import ForeignPackages
from readiness.model import Dependency, LanguageCoverage, ModelCall, RepositoryKind, Scope, Subject
from readiness.repo import Repository, Source, SourceKind, Unreadable, is_programming, language_stats

COVERAGE: Final = {"python": LanguageCoverage.FULL, "typescript": LanguageCoverage.FULL}
_OWN: Final = frozenset({Scope.PRODUCTION, Scope.SCRIPT, Scope.NOTEBOOK, Scope.EXAMPLE})
_FILES: Final = 4_000
"""Files of a language without a collector that are read for names; larger trees are judged by their first ones."""


def describe(
    repository: Repository,
    calls: tuple[ModelCall, ...],
    codes: Iterable[ir.Code],
    dependencies: tuple[Dependency, ...],
    roots: frozenset[str],
) -> Subject:
    """The subject of the audit.

    In a language with a collector its calls and imports decide; in any other, code that names a model's package or host decides
    together with a dependency, and alone leaves the question open.
    """
    foreign = set(_foreign(repository))
    stats = tuple(replace(stat, names_llm=stat.name in foreign) for stat in language_stats(repository, COVERAGE))
    found = _decide(calls, codes, dependencies, foreign, roots)
    return Subject(
        name=repository.name,
        commit=repository.commit,
        kind=_kind(found, repository),
        llm_application=found,
        languages=stats,
        files=len(repository.sources),
        lines=sum(stat.lines for stat in stats),
        has_ci=repository.has_ci,
        has_tests=repository.has_tests,
        production_scopes=repository.production_scopes,
    )


def _decide(
    calls: tuple[ModelCall, ...],
    codes: Iterable[ir.Code],
    dependencies: tuple[Dependency, ...],
    foreign: set[str],
    roots: frozenset[str],
) -> bool | None:
    if any(call.scope in _OWN for call in calls) or _imports(codes, roots):
        return True
    if foreign:
        return True if any(dependency.llm for dependency in dependencies) else None
    return False


def _imports(codes: Iterable[ir.Code], roots: frozenset[str]) -> bool:
    """Whether code imports an SDK whose only purpose is to call models."""
    for code in codes:
        for statement, _ in statements(code.body):
            if isinstance(statement, ir.Import) and _packages(statement.module) & roots:
                return True
    return False


def _packages(module: str) -> set[str]:
    """The names that an imported module's package can have: `openai` of `openai.types` and `openai/types`, `@x/y` of `@x/y/z`."""
    scoped = module.startswith("@")
    return {module, module.split(".", 1)[0], "/".join(module.split("/")[: 2 if scoped else 1])}


def _kind(found: bool | None, repository: Repository) -> RepositoryKind:  # noqa: FBT001 - three states, of which one is None
    if found is None:
        return RepositoryKind.UNDETERMINED
    return repository.shape if found else RepositoryKind.NOT_LLM


def _foreign(repository: Repository) -> Iterator[str]:
    packages = ForeignPackages.load()
    for source in _uncovered(repository):
        try:
            text = repository.text(source)
        except Unreadable:
            continue
        if packages.named_in(text, source.language):
            yield source.language


def _uncovered(repository: Repository) -> list[Source]:
    return [
        source
        for source in repository.sources
        if source.kind is SourceKind.CODE and source.readable and source.scope in repository.production_scopes
        and source.language not in COVERAGE and is_programming(source.language)
    ][:_FILES]  # fmt: skip
