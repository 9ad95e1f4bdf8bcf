"""A claim: the words of a check and how its evidence adds up."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Final


class Severity(StrEnum):
    """What a failure costs."""

    CRITICAL = "critical"
    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"


class Aggregate(StrEnum):
    """How sites decide the outcome: by their share, by the worst of them, or by the control existing where it applies."""

    SHARE = "share"
    WORST = "worst"
    EXISTENCE = "existence"


class Effort(StrEnum):
    """What the remedy costs: hours, days, weeks."""

    SMALL = "S"
    MEDIUM = "M"
    LARGE = "L"


class Status(StrEnum):
    """Preview claims are shown and weigh nothing."""

    PREVIEW = "preview"
    STABLE = "stable"


@dataclass(frozen=True, slots=True)
class Reference:
    """An outside requirement: the work with its edition, and the id inside it."""

    work: str
    id: str


@dataclass(frozen=True, slots=True)
class Claim:
    """The words and rules of one check, from its `check.yaml`. `partly` is the headline of a partial verdict."""

    id: str
    pillar: str
    title: str
    question: str
    holds: str
    fails: str
    partly: str
    why: str
    remedy: str
    severity: Severity
    effort: Effort
    aggregate: Aggregate
    gate: bool
    status: Status
    observes: tuple[str, ...]
    needs: str
    """What must be there for an absence to be provable: code | ci | tests."""
    references: tuple[Reference, ...]


PILLARS: Final[Mapping[str, tuple[str, int]]] = MappingProxyType({
    "model": ("Model choice", 10),
    "rag": ("Retrieval and fine-tuning", 10),
    "prompt": ("Prompt engineering", 25),
    "obs": ("Observability", 20),
    "sec": ("Security", 25),
    "rel": ("Reliability and operations", 10),
})  # fmt: skip
"""Title and weight of each pillar, in the order of the report; docs/scoring.md argues the weights."""
