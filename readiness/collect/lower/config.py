"""Configuration files of every format, flattened to entries with their keys and lines."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import PurePosixPath
from types import MappingProxyType
from typing import Final

from readiness.collect import ir
from readiness.collect.lower import LoweringError
from readiness.collect.lower.config_blocks import read_bicep, read_terraform
from readiness.collect.lower.config_json import read_json
from readiness.collect.lower.config_text import (
    read_dockerfile,
    read_env,
    read_ini,
    read_jenkinsfile,
    read_lines,
    read_makefile,
    read_procfile,
    read_properties,
    read_shell,
)
from readiness.collect.lower.config_toml import read_toml
from readiness.collect.lower.config_tree import Branch, Leaf, flatten
from readiness.collect.lower.config_xml import read_xml
from readiness.collect.lower.config_yaml import read_yaml, scan_yaml_template

_READERS: Final[Mapping[str, Callable[[str], Branch | Leaf]]] = MappingProxyType(
    {
        "bicep": read_bicep,
        "dockerfile": read_dockerfile,
        "env": read_env,
        "groovy": read_lines,
        "ini": read_ini,
        "jenkinsfile": read_jenkinsfile,
        "json": read_json,
        "makefile": read_makefile,
        "procfile": read_procfile,
        "properties": read_properties,
        "requirements": read_lines,
        "shell": read_shell,
        "terraform": read_terraform,
        "text": read_lines,
        "toml": read_toml,
        "xml": read_xml,
        "yaml": read_yaml,
    }
)
_NAMES: Final[Mapping[str, str]] = MappingProxyType({"jenkinsfile": "jenkinsfile", "procfile": "procfile"})
FORMATS: Final = frozenset(_READERS)
"""The formats that `lower_config` reads."""


def lower_config(text: str, path: str, format: str) -> ir.Config:  # noqa: A002 - the word of `ir.Config`
    """One configuration file as flat entries in file order; lines are 1-based, long texts are cut at 40,000 characters.

    Keys are mapping keys and list positions; those of a stream of several YAML documents start with the document's position.
    Dockerfiles, Makefiles, Jenkinsfiles and shell scripts get the keys that their reader's docstring names. A YAML file that
    is a template (Helm, Jinja) is scanned line by line instead. A file without keys (`text`, `groovy`) is its lines.

    Raises:
        LoweringError: the text is not of this format, or the format is none of `FORMATS`.
    """
    name = PurePosixPath(path).name.lower().split(".")[0]
    reader = _READERS.get(_NAMES.get(name, format))
    if reader is None:
        raise LoweringError(f"no reader for the format {format!r} of {PurePosixPath(path).name}")
    return ir.Config(path, format, flatten(_read(reader, text)), text.count("\n") + 1)


def _read(reader: Callable[[str], Branch | Leaf], text: str) -> Branch | Leaf:
    try:
        return reader(text)
    except LoweringError:
        if reader is read_yaml and "{{" in text:
            return scan_yaml_template(text)
        raise
