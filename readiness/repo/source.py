"""The inventory of one repository as values, and the only way to a file's bytes."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from readiness.model import Dependency, Gap, RepositoryKind, Scope
from readiness.repo.encoding import decode
from readiness.repo.files import read_inside
from readiness.repo.languages import SourceKind
from readiness.repo.limits import Limits
from readiness.repo.settings import Settings


@dataclass(frozen=True, slots=True)
class Source:
    """One file of the repository.

    `path` is posix and relative to the root; `size` is in bytes; `lines` counts text lines and is 0 for binary files and for
    files that are listed only; `digest` is the SHA-256 of the content in hexadecimal, '' for files that are listed only.
    """

    path: str
    kind: SourceKind
    language: str
    format: str
    scope: Scope
    size: int
    lines: int
    digest: str = ""

    @property
    def readable(self) -> bool:
        """Whether `Repository.read` returns its content as text worth parsing."""
        return bool(self.digest) and self.kind is not SourceKind.OTHER


@dataclass(frozen=True, slots=True)
class Repository:
    """Everything known of a repository before any file is parsed. Picklable: workers read by root and path, in the same bounds.

    `commit` is the checked-out commit where git metadata tells it; `shape` is application, library or package;
    `production_scopes` are the scopes that count as production (a repository of notebooks or scripts has nothing else).
    """

    root: Path
    name: str
    commit: str | None
    sources: tuple[Source, ...]
    dependencies: tuple[Dependency, ...]
    gaps: tuple[Gap, ...]
    shape: RepositoryKind
    has_ci: bool
    has_tests: bool
    settings: Settings
    production_scopes: frozenset[Scope] = frozenset({Scope.PRODUCTION})
    limits: Limits = field(default_factory=Limits)

    def read(self, source: Source) -> bytes:
        """The content of `source`, at most as long as the limits allow.

        Raises:
            Unreadable: the file is gone, has grown beyond the limit, or lies behind a link.
        """
        return read_inside(self.root, source.path, max(self.limits.file_bytes, self.limits.lock_bytes))

    def text(self, source: Source) -> str:
        r"""The content of `source` as text with line ends as `\n`.

        Raises:
            Unreadable: as `read`.
        """
        return decode(self.read(source))
