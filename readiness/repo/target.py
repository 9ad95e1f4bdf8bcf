"""From what was named on the command line to an inventory."""

from __future__ import annotations

import dataclasses
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from readiness.errors import UsageError
from readiness.model import Gap
from readiness.repo.archive import unpack_sdist, unpack_zip
from readiness.repo.git import clone, is_git_url, repository_name, without_credentials
from readiness.repo.inventory import take_inventory
from readiness.repo.limits import Limits
from readiness.repo.source import Repository

_SUFFIXES = (".tar.gz", ".tgz", ".zip")


@contextmanager
def open_target(target: str, *, limits: Limits = Limits()) -> Iterator[Repository]:  # noqa: B008 - frozen
    """The inventory of `target`: a directory, a git URL, a `.tar.gz` source distribution or a `.zip`.

    What had to be fetched or unpacked is deleted when the context ends.

    Raises:
        UsageError: there is no such thing, it is empty, refused, or cannot be fetched or unpacked.
        ConfigurationError: its `readiness.toml` is broken.
    """
    path = Path(target).expanduser()
    if is_git_url(target) and not path.exists():
        with tempfile.TemporaryDirectory(prefix="readiness-") as scratch:
            yield _cloned(target, Path(scratch), limits)
    elif path.is_dir():
        root = path.resolve()
        yield take_inventory(root, root.name or "repository", limits, ignore=not (root / "PKG-INFO").is_file())
    elif path.is_file() and (suffix := _suffix(path)):
        with tempfile.TemporaryDirectory(prefix="readiness-") as scratch:
            yield _unpacked(path, suffix, Path(scratch), limits)
    elif path.exists():
        raise UsageError(f"{target}: not a directory, git URL, .tar.gz or .zip; give one of these")
    else:
        raise UsageError(
            f"{without_credentials(target)}: no such file or directory; give a directory, a git URL, a .tar.gz or a .zip"
        )


def _suffix(path: Path) -> str:
    return next((suffix for suffix in _SUFFIXES if path.name.lower().endswith(suffix)), "")


def _cloned(url: str, scratch: Path, limits: Limits) -> Repository:
    tree = scratch / "tree"
    tree.mkdir()
    fetched = clone(url, scratch, tree, limits)
    found = take_inventory(tree, repository_name(url), limits, ignore=False)
    return dataclasses.replace(found, commit=fetched.commit, gaps=_joined(found, fetched.gaps))


def _unpacked(archive: Path, suffix: str, scratch: Path, limits: Limits) -> Repository:
    unpack: Callable[[Path, Path, Limits], list[Gap]] = unpack_zip if suffix == ".zip" else unpack_sdist
    gaps = unpack(archive, scratch, limits)
    found = take_inventory(_top(scratch), archive.name[: -len(suffix)], limits, ignore=False)
    return dataclasses.replace(found, gaps=_joined(found, gaps))


def _top(directory: Path) -> Path:
    """The one directory that an archive holds everything in, or `directory` itself."""
    entries = list(directory.iterdir())
    return entries[0] if len(entries) == 1 and entries[0].is_dir() and not entries[0].is_symlink() else directory


def _joined(found: Repository, gaps: list[Gap] | tuple[Gap, ...]) -> tuple[Gap, ...]:
    return tuple(sorted((*found.gaps, *gaps), key=lambda gap: (gap.path or "", gap.reason)))
