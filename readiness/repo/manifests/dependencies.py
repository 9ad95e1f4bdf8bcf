"""Joining what manifests ask for with what lockfiles fix."""

from __future__ import annotations

import dataclasses
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from readiness.model import Dependency, Gap, Span
from readiness.repo.languages import file_type
from readiness.repo.manifests.found import BROKEN, Found, normalise
from readiness.repo.manifests.registry import reader_of
from readiness.repo.walk import COLLECTOR, ancestors

_MOST: Final = 200_000
"""Entries of all files together; a lockfile of a large monorepo has some 5,000."""


@dataclass(slots=True)
class _Locks:
    """Exact versions by directory and package."""

    found: dict[tuple[str, str, str], list[Found]] = field(default_factory=lambda: defaultdict(list))

    def version(self, wanted: Found, directory: str) -> str | None:
        """The version that the nearest lockfile, in `directory` or above, has for a requirement."""
        for place in (directory, *ancestors(directory)) if directory else ("",):
            if entries := self.found.get((place, wanted.ecosystem, normalise(wanted.ecosystem, wanted.name))):
                same = (entry for entry in entries if entry.requirement and entry.requirement == wanted.requirement)
                return next(same, entries[0]).locked
        return None


def read_dependencies(texts: Iterable[tuple[str, str]]) -> tuple[tuple[Dependency, ...], tuple[Gap, ...]]:
    """The dependencies that manifests and lockfiles name, from pairs of path and text, and a gap for each broken file.

    A requirement gets its own `==` pin, or the exact version of the nearest lockfile of its ecosystem (a `requirements.txt` full of
    pins is one). Entries that only a lockfile has (packages that others pull in) follow, with an empty requirement. Names are
    normalised. `llm` is False throughout.
    """
    wanted, locks, gaps = list[tuple[str, Found]](), _Locks(), list[Gap]()
    fixed = list[tuple[str, Found]]()
    for path, text in texts:
        reader = reader_of(path)
        if reader is None:
            continue
        try:
            found = list(reader(text))
        except BROKEN as error:
            gaps.append(Gap(COLLECTOR, f"manifest cannot be read: {str(error)[:120]}", path))
            continue
        for item in found[:_MOST]:
            (wanted if item.direct else fixed).append((path, item))
    pinned = ((path, item) for path, item in wanted if item.locked and file_type(path).format == "requirements")
    for path, item in (*fixed, *pinned):
        locks.found[path.rpartition("/")[0], item.ecosystem, normalise(item.ecosystem, item.name)].append(item)
    direct = [_dependency(path, item, item.locked or locks.version(item, path.rpartition("/")[0])) for path, item in wanted]
    return (*_unique(direct), *_only_locked(fixed, direct)), tuple(gaps)


def _dependency(path: str, item: Found, locked: str | None) -> Dependency:
    name = normalise(item.ecosystem, item.name)
    return Dependency(Span(path, item.line, item.line), str(item.ecosystem), name, item.requirement, locked)


def _unique(dependencies: Sequence[Dependency]) -> Iterator[Dependency]:
    yield from dict.fromkeys(dependencies)


def _only_locked(fixed: Sequence[tuple[str, Found]], direct: Sequence[Dependency]) -> Iterator[Dependency]:
    """Lockfile entries that no manifest asks for, the first of each name and lockfile."""
    asked = {(item.ecosystem, item.name) for item in direct}
    seen = set[tuple[str, str, str]]()
    for path, item in fixed:
        key = (path, str(item.ecosystem), normalise(item.ecosystem, item.name))
        if key not in seen and key[1:] not in asked:
            seen.add(key)
            yield dataclasses.replace(_dependency(path, item, item.locked), requirement="")


def mark_llm(dependencies: Iterable[Dependency], names: Mapping[str, frozenset[str]]) -> tuple[Dependency, ...]:
    """The dependencies with `llm` set where `names` has the package, or its Maven group.

    `names` maps an ecosystem to package names in any spelling; a Maven name without an artifact stands for its whole group.
    """
    known = {(ecosystem, normalise(ecosystem, name)) for ecosystem, listed in names.items() for name in listed}
    return tuple(
        dataclasses.replace(item, llm=any((item.ecosystem, name) in known for name in _known_as(item))) for item in dependencies
    )


def _known_as(item: Dependency) -> Iterator[str]:
    yield item.name
    if item.ecosystem == "maven":
        group = item.name.partition(":")[0]
        while group:
            yield group
            group = group.rpartition(".")[0]
