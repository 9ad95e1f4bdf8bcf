"""The YAML tables of this package, read fast; their schemas are for the tests and for whoever writes them."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

import yaml

from readiness import resources
from readiness.documents import read_yaml

FOLDER: Final = Path(__file__).parent


def read_table(name: str, *, validate: bool = False) -> dict[str, Any]:
    """The content of `<name>.yaml`.

    Args:
        name: the file's name without its ending; its schema is `schemas/<name>.schema.json`.
        validate: hold it to its schema; the shipped files are validated by the tests, not on each run.

    Raises:
        ConfigurationError: with `validate`, where the file is not what its schema says; names file and line.
    """
    path = FOLDER / f"{name}.yaml"
    document = read_yaml(path, resources.schema(f"{name}.schema")) if validate else read_shipped(path)
    assert isinstance(document, dict)
    return document


def read_shipped(path: Path) -> object:
    """The content of a shipped YAML file as it is, by the loader in C where there is one."""
    loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    return yaml.load(path.read_text(encoding="utf-8"), Loader=loader)  # noqa: S506 - both are safe loaders
