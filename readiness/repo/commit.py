"""The checked-out commit, read from git's own files: no git program runs in a tree that others control."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

from readiness.repo.files import Unreadable, read_inside

_SHA: Final = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")
_REF: Final = re.compile(r"ref: (refs/[\w./+@=-]{1,200})")
_SMALL: Final = 4_000_000


def head_commit(root: Path) -> str | None:
    """The commit that `HEAD` of the repository at `root` names; None without git metadata or before the first commit."""
    head = _text(root, ".git/HEAD")
    if _SHA.fullmatch(head):
        return head
    match = _REF.fullmatch(head)
    if not match:
        return None
    loose = _text(root, f".git/{match.group(1)}")
    return loose if _SHA.fullmatch(loose) else _packed(root, match.group(1))


def _packed(root: Path, ref: str) -> str | None:
    for line in _text(root, ".git/packed-refs").splitlines():
        commit, _, name = line.partition(" ")
        if name == ref and _SHA.fullmatch(commit):
            return commit
    return None


def _text(root: Path, path: str) -> str:
    try:
        return read_inside(root, path, _SMALL).decode("ascii", errors="replace").strip()
    except Unreadable:
        return ""
