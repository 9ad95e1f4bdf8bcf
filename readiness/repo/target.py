"""From what was named on the command line to an inventory."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from readiness.errors import UsageError
from readiness.repo.inventory import take_inventory
from readiness.repo.limits import Limits
from readiness.repo.source import Repository


@contextmanager
def open_target(target: str, *, limits: Limits | None = None) -> Iterator[Repository]:
    """The inventory of `target`: a directory, a git URL, a `.tar.gz` source distribution or a `.zip`.

    Raises:
        UsageError: there is no such thing, it is empty, refused, or cannot be fetched or unpacked.
        ConfigurationError: its `readiness.toml` is broken.
    """
    limits = limits or Limits()
    path = Path(target).expanduser()
    if path.is_dir():
        root = path.resolve()
        yield take_inventory(root, root.name or "repository", limits, ignore=True)
        return
    raise UsageError(f"{target}: no such directory")
