"""Small repositories on disk, and their inventories."""

from __future__ import annotations

from pathlib import Path

from readiness.repo import (
    Limits,
    Repository,
    Source,
    open_target,
)


def build(root: Path, files: dict[str, str | bytes]) -> Path:
    for name, content in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return root


def inventory(root: Path, files: dict[str, str | bytes], limits: Limits | None = None) -> Repository:
    with open_target(str(build(root, files)), limits=limits or Limits()) as repository:
        return repository


def source(repository: Repository, path: str) -> Source:
    return next(item for item in repository.sources if item.path == path)
