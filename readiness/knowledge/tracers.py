"""The table of `tracers.yaml`: tools that record model calls, and how each is started."""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Final

from readiness import resources
from readiness.documents import read_yaml
from readiness.knowledge.tables import read_shipped

_FILE: Final = Path(__file__).parent / "tracers.yaml"
Settings = Mapping[str, frozenset[str]]
"""Environment variables, each with the values that count."""


@dataclass(frozen=True, slots=True)
class Start:
    """A call or a command that instruments some families of SDKs; without one of the `needs` it instruments nothing."""

    names: tuple[str, ...]
    instruments: tuple[str, ...]
    needs: tuple[str, ...] = ()
    environment: Settings | None = None


@dataclass(frozen=True, slots=True)
class Switch:
    """What changes whether content is recorded: environment variables, or arguments of the start."""

    environment: Settings
    arguments: Mapping[str, bool]


@dataclass(frozen=True, slots=True)
class Tool:
    """One tracer; every field is explained in the schema."""

    name: str
    prices: bool
    content: str
    packages: Mapping[str, frozenset[str]]
    keys: frozenset[str]
    required: Settings
    disabled_by: Settings
    environment: tuple[str, ...]
    keyed_images: tuple[str, ...]
    needs_start: bool
    starts: tuple[Start, ...]
    commands: tuple[Start, ...]
    clients: tuple[str, ...]
    wraps: frozenset[str]
    decorators: frozenset[str]
    spans: frozenset[str]
    forced: frozenset[str]
    callbacks: frozenset[str]
    exporters: frozenset[str]
    hosts: tuple[re.Pattern[str], ...]
    litellm: frozenset[str]
    attributes: frozenset[str]
    shown_by: Switch
    hidden_by: Switch

    def is_client(self, path: str) -> bool:
        """Whether a dotted name goes through one of its drop-in clients."""
        return any(fnmatch.fnmatchcase(path, pattern.replace("**", "*")) for pattern in self.clients)


@dataclass(frozen=True, slots=True)
class Telemetry:
    """Telemetry that each call opts into."""

    tool: str
    options: tuple[str, ...]
    enabled: str
    content: tuple[str, ...]
    exporters: frozenset[str]


@dataclass(frozen=True)
class Tracers:
    """All tracers. Build it with `Tracers.load`."""

    tools: tuple[Tool, ...]
    families: Mapping[str, tuple[str, ...]]
    telemetry: Telemetry
    callback_options: tuple[str, ...]

    @classmethod
    def load(cls, file: Path = _FILE, *, validate: bool = False) -> Tracers:
        """Read the table; only the tests hold the shipped file to its schema.

        Raises:
            ConfigurationError: the file is not what the schema says; names file and line.
        """
        document: Any = read_yaml(file, resources.schema("tracers.schema")) if validate else read_shipped(file)
        own = document["telemetry"]
        telemetry = Telemetry(
            own["tool"], tuple(own["options"]), own["enabled"], tuple(own["content"]), frozenset(own["exporters"])
        )
        families = {name: tuple(globs) for name, globs in document["families"].items()}
        return cls(tuple(map(_tool, document["tools"])), families, telemetry, tuple(document["callback_options"]))

    @cached_property
    def exporters(self) -> frozenset[str]:
        """Names that send the spans of others somewhere."""
        return self.telemetry.exporters.union(*(tool.exporters for tool in self.tools))

    def reaches(self, instruments: Iterable[str], names: Iterable[str]) -> bool:
        """Whether an instrumentation of some families covers a call that goes by any of `names`."""
        globs = [glob for family in instruments for glob in self.families.get(family, (family,))]
        return any(fnmatch.fnmatchcase(name, glob) for name in names for glob in globs)


def _tool(row: Mapping[str, Any]) -> Tool:
    return Tool(
        name=row["tool"],
        prices=row.get("prices", False),
        content=row.get("content", "full"),
        packages={ecosystem: frozenset(names) for ecosystem, names in row.get("packages", {}).items()},
        keys=frozenset(row.get("keys", ())),
        required=_settings(row.get("required", {})),
        disabled_by=_settings(row.get("disabled_by", {})),
        environment=tuple(row.get("environment", ())),
        keyed_images=tuple(row.get("keyed_images", ())),
        needs_start=row.get("needs_start", False),
        starts=tuple(
            Start(tuple(each["names"]), tuple(each["instruments"]), tuple(each.get("needs", ()))) for each in row.get("starts", ())
        ),
        commands=tuple(
            Start((each["word"],), tuple(each["instruments"]), environment=_settings(each.get("needs", {})))
            for each in row.get("commands", ())
        ),
        clients=tuple(row.get("clients", ())),
        wraps=frozenset(row.get("wraps", ())),
        decorators=frozenset(row.get("decorators", ())),
        spans=frozenset(row.get("spans", ())),
        forced=frozenset(row.get("forced", ())),
        callbacks=frozenset(row.get("callbacks", ())),
        exporters=frozenset(row.get("exporters", ())),
        hosts=tuple(re.compile(pattern) for pattern in row.get("hosts", ())),
        litellm=frozenset(row.get("litellm", ())),
        attributes=frozenset(row.get("attributes", ())),
        shown_by=_switch(row.get("shown_by", {})),
        hidden_by=_switch(row.get("hidden_by", {})),
    )


def _settings(row: Mapping[str, list[str]]) -> Settings:
    return {name: frozenset(values) for name, values in row.items()}


def _switch(row: Mapping[str, Any]) -> Switch:
    return Switch(_settings(row.get("environment", {})), dict(row.get("arguments", {})))
