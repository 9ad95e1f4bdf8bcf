"""The table of `redactors.yaml`: what masks personal data, and where it has to be attached."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from readiness import resources
from readiness.documents import read_yaml
from readiness.knowledge.tables import read_shipped

_FILE: Final = Path(__file__).parent / "redactors.yaml"


@dataclass(frozen=True, slots=True)
class Mask:
    """An argument by which one of `tracers` masks; with `handed`, what is made must be handed to the tracer."""

    tool: str
    names: tuple[str, ...]
    arguments: tuple[str | int, ...]
    tracers: frozenset[str]
    handed: bool
    hides_all: bool


@dataclass(frozen=True, slots=True)
class Hiding:
    """Environment variables that keep content out of some tracers."""

    tool: str
    settings: Mapping[str, frozenset[str]]
    tracers: frozenset[str]


@dataclass(frozen=True, slots=True)
class Library:
    """A package that takes personal data out of a text; `roots` are modules that do nothing else."""

    tool: str
    roots: frozenset[str]
    names: frozenset[str]


@dataclass(frozen=True, slots=True)
class Redactors:
    """All of it. Build it with `Redactors.load`."""

    masks: tuple[Mask, ...]
    switches: Mapping[str, tuple[str, bool]]
    """Attributes that mask when true: the tool's name, and whether content is dropped altogether."""
    hiding: tuple[Hiding, ...]
    collector: frozenset[str]
    libraries: tuple[Library, ...]
    personal: tuple[str, ...]

    @classmethod
    def load(cls, file: Path = _FILE, *, validate: bool = False) -> Redactors:
        """Read the table; only the tests hold the shipped file to its schema.

        Raises:
            ConfigurationError: the file is not what the schema says; names file and line.
        """
        raw: Any = read_yaml(file, resources.schema("redactors.schema")) if validate else read_shipped(file)
        return cls(
            tuple(
                Mask(
                    row["tool"],
                    tuple(row["names"]),
                    tuple(row["arguments"]),
                    frozenset(row["tracers"]),
                    row.get("handed", False),
                    row.get("hides_all", False),
                )
                for row in raw["masks"]
            ),
            {row["name"]: (row["tool"], row.get("hides_all", False)) for row in raw["assignments"]},
            tuple(
                Hiding(
                    row["tool"], {name: frozenset(values) for name, values in row["settings"].items()}, frozenset(row["tracers"])
                )
                for row in raw["environment"]
            ),
            frozenset(raw["collector"]),
            tuple(Library(row["tool"], frozenset(row["roots"]), frozenset(row["names"])) for row in raw["libraries"]),
            tuple(raw["personal"]),
        )
