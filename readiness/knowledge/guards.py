"""Screens of text before or after a model call, by the dotted names of `guards.yaml`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from readiness.knowledge.dotted import Patterns
from readiness.knowledge.tables import read_table
from readiness.model import GuardSide

Place = str | int
"""An argument by name or position."""

BOTH = (GuardSide.INPUT, GuardSide.OUTPUT)


@dataclass(frozen=True, slots=True)
class Screen:
    """A call whose result says whether a text is acceptable. Two sides: decided by the text that is screened."""

    tool: str
    sides: tuple[GuardSide, ...]
    text: tuple[Place, ...]
    raises: bool = False


@dataclass(frozen=True, slots=True)
class Attachment:
    """A guard that a constructor or call is handed under one of `keywords`."""

    tool: str
    sides: tuple[GuardSide, ...]
    keywords: frozenset[str] = frozenset()
    when: Mapping[str, tuple[str, ...]] | None = None


@dataclass(frozen=True, slots=True)
class Guards:
    """The tables of guards. Build it with `Guards.load`."""

    screens: Patterns[Screen]
    attachments: Patterns[tuple[Attachment, ...]]
    middleware: Patterns[Attachment]
    runtimes: Patterns[str]
    models: re.Pattern[str]
    provider_blocks: frozenset[str]
    judged: re.Pattern[str]
    tails: frozenset[str]
    """The last segments of all names of screens, to look at few call sites."""

    @classmethod
    def load(cls) -> Guards:
        """Read `guards.yaml`."""
        return _load()


@cache
def _load() -> Guards:
    document = read_table("guards")
    attachments: dict[str, tuple[Attachment, ...]] = {}
    for row in document["attachments"]:
        for name in row["names"]:
            made = Attachment(row["tool"], _sides(row["side"]), frozenset(row["keywords"]))
            attachments[name] = (*attachments.get(name, ()), made)
    screens = [(name, row) for row in document["screens"] for name in row["names"]]
    return Guards(
        Patterns(
            (name, Screen(row["tool"], _sides(row["side"]), tuple(row["text"]), row.get("raises", False))) for name, row in screens
        ),
        Patterns(attachments.items()),
        Patterns(
            (name, Attachment(row["tool"], _sides(row["side"]), when={k: tuple(v) for k, v in row.get("when", {}).items()}))
            for row in document["middleware"]
            for name in row["names"]
        ),
        Patterns((name, row["tool"]) for row in document["runtimes"] for name in row["names"]),
        re.compile(document["models"], re.IGNORECASE),
        frozenset(document["provider_blocks"]),
        re.compile(document["judged"], re.IGNORECASE),
        frozenset(name.rsplit(".", 1)[-1] for name, _ in screens),
    )


def _sides(word: str) -> tuple[GuardSide, ...]:
    return BOTH if word in ("either", "both") else (GuardSide(word),)
