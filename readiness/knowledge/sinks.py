"""Where text turns into action or markup, and which functions models call, by the dotted names of `sinks.yaml`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from readiness.knowledge.dotted import Patterns, names
from readiness.knowledge.tables import read_table

Place = str | int
"""An argument by name or position; -1 is the receiver, or in a tool constructor the last argument."""


@dataclass(frozen=True, slots=True)
class SinkSpec:
    """A function that must not be handed model text. `safety` is none | weak | safe."""

    kind: str
    text: tuple[Place, ...]
    bound: tuple[Place, ...] = ()
    when: str = ""
    unless: tuple[str, ...] = ()
    safety: str = "none"


@dataclass(frozen=True, slots=True)
class Renderer:
    """A component that shows Markdown; `content` are the attributes that carry the text.

    `ambient` holds for one that takes the text of the message around it, whatever it is given.
    """

    content: frozenset[str]
    ambient: bool = False


@dataclass(frozen=True, slots=True)
class ToolNames:
    """How a function becomes a tool: by decorator, by constructor (the arguments that carry it), by base class (the methods)."""

    decorators: Patterns[bool]
    constructors: Patterns[tuple[Place, ...]]
    bases: Patterns[frozenset[str]]


@dataclass(frozen=True, slots=True)
class Sinks:
    """The tables of sinks. Build it with `Sinks.load`."""

    calls: Patterns[tuple[SinkSpec, ...]]
    constructs: Patterns[str]
    renderers: Patterns[Renderer]
    raw_plugins: Patterns[bool]
    clean_plugins: Patterns[bool]
    image_limits: frozenset[str]
    to_html: Patterns[bool]
    safe: Mapping[str, Patterns[bool]]
    weak: Mapping[str, Patterns[bool]]
    approvals: Patterns[bool]
    answers: Patterns[bool]
    tools: ToolNames
    tails: frozenset[str]
    """The last segments of all sink names, to look at few call sites."""

    @classmethod
    def load(cls) -> Sinks:
        """Read `sinks.yaml`."""
        return _load()


@cache
def _load() -> Sinks:
    document = read_table("sinks")
    calls: dict[str, tuple[SinkSpec, ...]] = {}
    for row in document["sinks"]:
        for name in row["names"]:
            calls[name] = (*calls.get(name, ()), _sink(row))
    cleaners = document["sanitisers"].items()
    constructs = [(name, row["kind"]) for row in document["constructs"] for name in row["names"]]
    return Sinks(
        calls=Patterns(calls.items()),
        constructs=Patterns(constructs),
        renderers=Patterns(
            (name, Renderer(frozenset(row.get("content", ())), row.get("ambient", False)))
            for row in document["renderers"]
            for name in row["names"]
        ),
        raw_plugins=names(document["raw_plugins"]),
        clean_plugins=names(document["clean_plugins"]),
        image_limits=frozenset(document["image_limits"]),
        to_html=names(document["to_html"]),
        safe={kind: names(row.get("safe", ())) for kind, row in cleaners},
        weak={kind: names(row.get("weak", ())) for kind, row in cleaners},
        approvals=names(document["approvals"]),
        answers=names(document["answers"]),
        tools=_tools(document["tools"]),
        tails=frozenset(name.rsplit(".", 1)[-1] for name in (*calls, *(name for name, _ in constructs))),
    )


def _sink(row: Mapping[str, Any]) -> SinkSpec:
    return SinkSpec(
        row["kind"],
        tuple(row["text"]),
        tuple(row.get("bound", ())),
        row.get("when", ""),
        tuple(row.get("unless", ())),
        row.get("safety", "none"),
    )


def _tools(document: Mapping[str, Any]) -> ToolNames:
    constructors: dict[str, tuple[Place, ...]] = {}
    for row in document["constructors"]:
        for name in row["names"]:
            constructors[name] = (*constructors.get(name, ()), *row["function"])
    return ToolNames(
        names(document["decorators"]),
        Patterns(constructors.items()),
        Patterns((name, frozenset(row["methods"])) for row in document["bases"] for name in row["names"]),
    )
