"""How much of each language a repository holds."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping

from readiness.model import LanguageCoverage, LanguageStat, Scope
from readiness.repo.languages import SourceKind, is_programming
from readiness.repo.source import Repository, Source

_COUNTED = frozenset({SourceKind.CODE, SourceKind.CONFIG})
_NOT_OWN = frozenset({Scope.GENERATED, Scope.VENDORED})


def language_stats(repository: Repository, coverage: Mapping[str, LanguageCoverage]) -> tuple[LanguageStat, ...]:
    """One record per language of code and configuration, most lines first, without generated and vendored files.

    `coverage` says how well a language is understood (names only, unless it is listed). `names_llm` is False: it takes the code.
    """
    groups = defaultdict[str, list[Source]](list)
    for source in repository.sources:
        if source.kind in _COUNTED and source.language and source.scope not in _NOT_OWN:
            groups[source.language].append(source)
    stats = (_stat(name, sources, repository.production_scopes, coverage) for name, sources in groups.items())
    return tuple(sorted(stats, key=lambda stat: (-stat.lines, stat.name)))


def _stat(name: str, sources: list[Source], production: frozenset[Scope], coverage: Mapping[str, LanguageCoverage]) -> LanguageStat:
    return LanguageStat(
        name=name,
        files=len(sources),
        lines=sum(source.lines for source in sources),
        production_lines=sum(source.lines for source in sources if source.scope in production),
        coverage=coverage.get(name, LanguageCoverage.NAMES),
        programming=is_programming(name),
    )
