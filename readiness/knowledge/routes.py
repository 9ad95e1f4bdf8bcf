"""Which functions a framework calls when somebody outside sends something, by the dotted names of `routes.yaml`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from typing import Any

from readiness.knowledge.dotted import Patterns, names
from readiness.knowledge.tables import read_table


class EntryKind(StrEnum):
    """What arrives at an entry point."""

    HTTP = "http"
    WEBSOCKET = "websocket"
    UI = "ui"
    BOT = "bot"
    QUEUE = "queue"
    TOOL_SERVER = "tool_server"
    CLI = "cli"


@dataclass(frozen=True, slots=True)
class Framework:
    """One way a framework is handed a function. `handler` is the argument that carries it, -1 the functions at the end."""

    name: str
    kind: EntryKind
    handler: str | int = -1
    methods: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Frameworks:
    """The tables of entry points and of what protects them. Build it with `Frameworks.load`."""

    decorators: Patterns[Framework]
    registrations: Patterns[tuple[Framework, ...]]
    classes: Patterns[Framework]
    authentication: Patterns[bool]
    limiting: Patterns[bool]

    @classmethod
    def load(cls) -> Frameworks:
        """Read `routes.yaml`."""
        return _load()


@cache
def _load() -> Frameworks:
    document = read_table("routes")
    registrations: dict[str, tuple[Framework, ...]] = {}
    for row in document["registrations"]:
        for name in row["names"]:
            registrations[name] = (*registrations.get(name, ()), _framework(row))
    return Frameworks(
        Patterns((name, _framework(row)) for row in document["decorators"] for name in row["names"]),
        Patterns(registrations.items()),
        Patterns((name, _framework(row)) for row in document["classes"] for name in row["bases"]),
        names(document["authentication"]),
        names(document["limiting"]),
    )


def _framework(row: Mapping[str, Any]) -> Framework:
    return Framework(row["framework"], EntryKind(row["kind"]), row.get("handler", -1), frozenset(row.get("methods", ())))
