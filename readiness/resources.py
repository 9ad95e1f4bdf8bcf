"""Where the folders that ship beside the code are: inside a wheel, or beside the package in a checkout."""

from __future__ import annotations

from pathlib import Path
from typing import Final

_PACKAGE: Final = Path(__file__).parent


def root(name: str) -> Path:
    """The directory of a shipped folder, `checks` or `templates`."""
    bundled = _PACKAGE / "_bundled" / name
    return bundled if bundled.is_dir() else _PACKAGE.parent / name


def schema(name: str) -> Path:
    """The file of a published JSON Schema, such as `assessment.v1`."""
    return _PACKAGE / "schemas" / f"{name}.json"
