"""Where text comes from and who can write it, by the dotted names of `sources.yaml`."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from functools import cache

from readiness.knowledge.dotted import Patterns, names
from readiness.knowledge.tables import read_table


class Trust(StrEnum):
    """Who can write a value. A file is as trusted as its path."""

    UNTRUSTED = "untrusted"
    OPERATOR = "operator"
    CONSTANT = "constant"
    UNRESOLVED = "unresolved"
    FILE = "file"


@dataclass(frozen=True, slots=True)
class Source:
    """What is known of the values behind a dotted name."""

    trust: Trust
    text: str


@dataclass(frozen=True, slots=True)
class Sources:
    """The table of sources. Build it with `Sources.load`."""

    known: Patterns[Source]
    transparent: Patterns[bool]
    methods: frozenset[str]
    scalars: frozenset[str]

    def get(self, path: str) -> Source | None:
        """What stands behind a dotted name, or None when it only hands on or is not known."""
        return self.known.get(path)

    def hands_on(self, path: str) -> bool:
        """Whether a function returns nothing but what it is given."""
        return path.rsplit(".", 1)[-1] in self.methods or path in self.transparent

    @classmethod
    def load(cls) -> Sources:
        """Read `sources.yaml`."""
        return _load()


@cache
def _load() -> Sources:
    document = read_table("sources")
    rows = ((name, Source(Trust(group["trust"]), group["text"])) for group in document["groups"] for name in group["names"])
    return Sources(Patterns(rows), names(document["transparent"]), frozenset(document["methods"]), frozenset(document["scalars"]))
