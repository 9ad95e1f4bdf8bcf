"""Reading one file inside a root without ever leaving it."""

from __future__ import annotations

import os
import stat
from pathlib import Path, PurePosixPath

_DIRECTORY = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_FILE = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC


class Unreadable(Exception):  # noqa: N818 - a condition to record, not a fault
    """A file could not be read; the message is the reason, fit for a gap."""


def read_inside(root: Path, path: str, limit: int) -> bytes:
    """The bytes of the regular file at `path` (posix, relative) under `root`.

    Every component is opened relative to the one before and none may be a symbolic link, so that nothing outside the root can be
    read even while the tree is being changed.

    Raises:
        Unreadable: it is missing, no regular file, behind a link, outside the root, or longer than `limit` bytes.
    """
    parts = PurePosixPath(path).parts
    if not parts or path.startswith("/") or ".." in parts:
        raise Unreadable("path leaves the repository")
    try:
        return _read(_open(root, parts), limit)
    except OSError as error:
        raise Unreadable(f"cannot be read: {os.strerror(error.errno or 0)}") from error


def _open(root: Path, parts: tuple[str, ...]) -> int:
    here = os.open(root, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        for part in parts[:-1]:
            below = os.open(part, _DIRECTORY, dir_fd=here)
            os.close(here)
            here = below
        return os.open(parts[-1], _FILE, dir_fd=here)
    finally:
        os.close(here)


def _read(descriptor: int, limit: int) -> bytes:
    with os.fdopen(descriptor, "rb") as file:
        status = os.fstat(file.fileno())
        if not stat.S_ISREG(status.st_mode):
            raise Unreadable("not a regular file")
        if status.st_size > limit:
            raise Unreadable(f"larger than {limit:,} bytes")
        content = file.read(limit + 1)
    if len(content) > limit:
        raise Unreadable(f"larger than {limit:,} bytes")
    return content
