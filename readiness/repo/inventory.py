"""Making the inventory of one tree: every file with its kind, scope, size and digest."""

from __future__ import annotations

import hashlib
import os
import posixpath
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from readiness.errors import ConfigurationError, UsageError
from readiness.model import Gap, Scope
from readiness.repo import ci, shape
from readiness.repo.commit import head_commit
from readiness.repo.encoding import count_lines, decode, is_binary
from readiness.repo.files import Unreadable, read_inside
from readiness.repo.generated import LOCKFILES, longest_line, looks_minified
from readiness.repo.languages import OTHER, FileType, SourceKind, extensionless, file_type
from readiness.repo.limits import Limits
from readiness.repo.manifests import entry_points, is_manifest, read_dependencies
from readiness.repo.scope import Tree, scope_of, survey
from readiness.repo.settings import SETTINGS_FILE, Settings, parse_settings
from readiness.repo.source import Repository, Source
from readiness.repo.walk import COLLECTOR, walk

_HEAD: Final = 4_000
_BYTES_PER_LINE: Final = 40
"""What a line of hand-written code takes on average, to guess the lines of a file that is never read."""
_NOT_OWN: Final = frozenset({Scope.GENERATED, Scope.VENDORED})
_ASIDE: Final = frozenset({Scope.TEST, Scope.EXAMPLE, Scope.DOCS, Scope.NOTEBOOK, Scope.GENERATED, Scope.VENDORED})
"""Where a manifest says nothing of the product."""
_WANTED: Final = frozenset({SourceKind.CODE, SourceKind.CONFIG, SourceKind.DOCUMENT})
"""Kinds whose loss is a gap; data files are listed, and read where an evaluation needs them."""


def take_inventory(root: Path, name: str, limits: Limits, *, ignore: bool) -> Repository:
    """The inventory of the tree at `root`. `ignore` applies `.gitignore` files: for working trees, not for what was shipped.

    Raises:
        UsageError: there is no file in it.
        ConfigurationError: its `readiness.toml` is broken.
    """
    listing = walk(root, limits, ignore=ignore)
    if not listing.paths:
        raise UsageError(f"{name}: nothing to audit, the directory has no files; give the root of a repository")
    settings = _settings(root, listing.paths)
    paths = _covered(listing.paths, settings)
    manifests = _manifests(root, paths, limits)
    reader = _Reader(root, limits, survey(paths, entry_points(manifests, frozenset(paths))), frozenset(paths), [])
    sources = tuple(reader.source(path) for path in paths)
    scopes = shape.production_scopes(sources)
    dependencies, broken = read_dependencies(
        (path, text) for path, text in manifests if reader.scope_around(path) not in _ASIDE - scopes
    )
    return Repository(
        root=root,
        name=name,
        commit=head_commit(root),
        sources=sources,
        dependencies=dependencies,
        gaps=tuple(sorted((*listing.gaps, *reader.gaps, *broken), key=lambda gap: (gap.path or "", gap.reason))),
        shape=shape.kind_of(paths, sources, reader.tree.entries),
        has_ci=any(map(ci.is_pipeline, paths)),
        has_tests=any(source.scope is Scope.TEST and source.kind is SourceKind.CODE for source in sources),
        settings=settings,
        production_scopes=scopes,
        limits=limits,
    )


def _settings(root: Path, paths: Iterable[str]) -> Settings:
    if SETTINGS_FILE not in paths:
        return Settings()
    try:
        return parse_settings(decode(read_inside(root, SETTINGS_FILE, 1_000_000)))
    except Unreadable as error:
        raise ConfigurationError(f"{SETTINGS_FILE}: {error}") from error


def _manifests(root: Path, paths: Iterable[str], limits: Limits) -> list[tuple[str, str]]:
    """Path and text of every manifest and lockfile that can be read; those that cannot become gaps as sources."""
    found = []
    for path in filter(is_manifest, paths):
        with suppress(Unreadable):
            found.append((path, decode(read_inside(root, path, _limit(path, limits)))))
    return found


def _limit(path: str, limits: Limits) -> int:
    return limits.lock_bytes if path.rpartition("/")[2].lower() in LOCKFILES else limits.file_bytes


def _covered(paths: Iterable[str], settings: Settings) -> list[str]:
    """The paths that are audited. What stands outside all service roots still counts where it configures them."""
    excluded = settings.exclusion()
    return [path for path in paths if not excluded(path) and (settings.in_root(path) or file_type(path).kind is SourceKind.CONFIG)]


@dataclass(slots=True)
class _Reader:
    """Turns paths into sources, noting what could not be read."""

    root: Path
    limits: Limits
    tree: Tree
    paths: frozenset[str]
    gaps: list[Gap]

    def source(self, path: str) -> Source:
        kind = file_type(path)
        if kind.kind is SourceKind.OTHER and "." in path.rpartition("/")[2]:
            return self._listed(path, kind)
        limit = _limit(path, self.limits)
        if kind.kind is not SourceKind.CODE and self._size(path) > limit:
            return self._listed(path, FileType(SourceKind.DATA, kind.language, kind.format))
        try:
            content = read_inside(self.root, path, limit)
        except Unreadable as error:
            return self._lost(path, kind, str(error))
        return self._read(path, kind, content)

    def scope_around(self, path: str) -> Scope:
        """The scope that its directory gives to the file at `path`."""
        return scope_of(f"{path.rpartition('/')[0]}/-".removeprefix("/"), OTHER, "", self.tree)

    def _read(self, path: str, kind: FileType, content: bytes) -> Source:
        digest = hashlib.sha256(content).hexdigest()
        if is_binary(content):
            return Source(path, SourceKind.OTHER, "", "", scope_of(path, OTHER, "", self.tree), len(content), 0, digest)
        text = decode(content)
        if kind.kind is SourceKind.OTHER:
            kind = extensionless(path, text[:_HEAD])
        elif kind.kind is SourceKind.CODE and self._is_link(path, text):
            kind = OTHER
        scope = scope_of(path, kind, text[:_HEAD], self.tree)
        if kind.kind is SourceKind.CODE and kind.format != "notebook" and scope not in _NOT_OWN:
            if looks_minified(kind, text):
                scope = Scope.GENERATED
            elif longest_line(text) > self.limits.line_length:
                return self._lost(
                    path, kind, f"minified: a line longer than {self.limits.line_length:,} characters", count_lines(text)
                )
        return Source(path, kind.kind, kind.language, kind.format, scope, len(content), count_lines(text), digest)

    def _is_link(self, path: str, text: str) -> bool:
        """Whether the file is a symbolic link checked out or packed as text: one line that names another file of the tree."""
        if len(text) > 300 or "\n" in text.strip() or ("/" not in text and "." not in text):
            return False
        return posixpath.normpath(posixpath.join(posixpath.dirname(path), text.strip())) in self.paths

    def _listed(self, path: str, kind: FileType) -> Source:
        scope = scope_of(path, kind, "", self.tree)
        return Source(path, kind.kind, kind.language, kind.format, scope, self._size(path), 0)

    def _lost(self, path: str, kind: FileType, reason: str, lines: int | None = None) -> Source:
        """The source of a file that cannot be read, and the gap it leaves; nobody misses generated and vendored files."""
        source = self._listed(path, kind)
        if source.scope not in _NOT_OWN and kind.kind in _WANTED:
            guess = source.size // _BYTES_PER_LINE if lines is None else lines
            self.gaps.append(Gap(COLLECTOR, reason, path, guess, kind.language))
        return source

    def _size(self, path: str) -> int:
        try:
            return os.lstat(self.root / path).st_size
        except OSError:
            return 0
