"""Listing the files of a tree: no link is followed, no ignored or installed directory is entered."""

from __future__ import annotations

import os
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from readiness.model import Gap
from readiness.repo.encoding import decode
from readiness.repo.files import Unreadable, read_inside
from readiness.repo.ignore import Ignore
from readiness.repo.limits import Limits

COLLECTOR: Final = "inventory"
_IGNORE_BYTES: Final = 200_000

_PRUNED: Final = frozenset({
    ".git", ".hg", ".svn", ".jj", "node_modules", "bower_components", "jspm_packages", "__pycache__", "site-packages", ".venv",
    ".tox", ".nox", ".eggs", ".mypy_cache", ".ruff_cache", ".pytest_cache", ".ipynb_checkpoints", ".next", ".nuxt", ".svelte-kit",
    ".turbo", ".parcel-cache", ".terraform", ".gradle", ".yarn", ".pnpm-store", ".cache", ".DS_Store",
})  # fmt: skip
"""Directories that tools fill: installed packages, caches and repository metadata. Nobody's own source is in them."""


@dataclass(slots=True)
class Listing:
    """Paths found (posix, relative, sorted per directory) and what could not be listed."""

    paths: list[str] = field(default_factory=list)
    gaps: list[Gap] = field(default_factory=list)


def walk(root: Path, limits: Limits, *, ignore: bool) -> Listing:
    """Every regular file under `root`, in a fixed order, within the limits on count and depth.

    With `ignore`, what a `.gitignore` on the way leaves out is left out here, whether or not git tracks it.
    """
    found = Listing()
    pending = [("", Ignore())]
    while pending:
        directory, rules = pending.pop()
        if directory.count("/") >= limits.depth:
            found.gaps.append(Gap(COLLECTOR, f"directories nest deeper than {limits.depth}", directory))
            continue
        entries = _entries(root, directory, found)
        if ignore and any(entry.name == ".gitignore" for entry in entries):
            rules = _with_rules(root, directory, rules)
        below = []
        for entry in entries:
            path = f"{directory}/{entry.name}" if directory else entry.name
            if entry.is_dir(follow_symlinks=False):
                if _enters(entry, path, rules):
                    below.append((path, rules))
            elif entry.is_file(follow_symlinks=False) and not rules.hides(path, directory=False):
                if len(found.paths) >= limits.files:
                    found.gaps.append(Gap(COLLECTOR, f"more than {limits.files:,} files; the rest was not read"))
                    return found
                found.paths.append(path)
        pending.extend(reversed(below))
    return found


def _entries(root: Path, directory: str, found: Listing) -> list[os.DirEntry[str]]:
    """The entries of a directory by name; those whose names cannot be written down become gaps."""
    try:
        with os.scandir(root / directory) as scan:
            entries = sorted(scan, key=lambda entry: entry.name)
    except OSError as error:
        found.gaps.append(Gap(COLLECTOR, f"directory cannot be listed: {os.strerror(error.errno or 0)}", directory or None))
        return []
    odd = [entry for entry in entries if not is_plain(entry.name)]
    found.gaps.extend(Gap(COLLECTOR, "name is not printable UTF-8", printable(f"{directory}/{entry.name}")) for entry in odd)
    return [entry for entry in entries if entry not in odd]


def _enters(entry: os.DirEntry[str], path: str, rules: Ignore) -> bool:
    if entry.name in _PRUNED or rules.hides(path, directory=True):
        return False
    return not os.path.lexists(os.path.join(entry.path, "pyvenv.cfg"))  # noqa: PTH118 - a DirEntry's path is a string


def _with_rules(root: Path, directory: str, rules: Ignore) -> Ignore:
    path = f"{directory}/.gitignore" if directory else ".gitignore"
    try:
        return rules.below(directory, decode(read_inside(root, path, _IGNORE_BYTES)))
    except Unreadable:
        return rules


def is_plain(name: str) -> bool:
    """Whether a file name is valid Unicode without control or direction-changing characters, so that it can be shown anywhere."""
    return not any(unicodedata.category(char) in ("Cc", "Cf", "Cs") for char in name)


def printable(path: str) -> str:
    """`path` with every character that cannot be shown safely written as an escape."""
    return "".join(char if is_plain(char) else f"\\x{ord(char) & 0xFF:02x}" for char in path.strip("/"))


def ancestors(path: str) -> Iterator[str]:
    """The directories above `path`, nearest first, '' (the root) last."""
    while path:
        path = path.rpartition("/")[0]
        yield path
