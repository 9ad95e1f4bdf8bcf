"""The result of one audit: everything that any output prints, as values."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final

from readiness.model.calls import ModelCall
from readiness.model.claim import Claim
from readiness.model.facts import Answer, Prompt
from readiness.model.place import Gap
from readiness.model.subject import Subject
from readiness.model.verdict import Confidence, Evidence, Outcome, State

SCHEMA: Final = "readiness.assessment/v1"


class GateState(StrEnum):
    """How a gate stands."""

    OPEN = "open"
    TO_CONFIRM = "to_confirm"
    NOT_ASSESSED = "not_assessed"
    CLEARED = "cleared"
    ACCEPTED = "accepted"


class Level(StrEnum):
    """Readiness levels by name; their number is their position."""

    PROTOTYPE = "Prototype"
    PILOT = "Pilot"
    PRODUCTION = "Production"
    AT_SCALE = "At scale"


LEVELS: Final = tuple(Level)


@dataclass(frozen=True, slots=True)
class Points:
    """Shares of 100: what the check is worth, what it earned, what could not be assessed."""

    at_stake: float
    proven: float
    open: float


@dataclass(frozen=True, slots=True)
class Site:
    """One piece of evidence with its identities. `fingerprint` survives moved lines, `fingerprint_moved` moved files too."""

    evidence: Evidence
    fingerprint: str
    fingerprint_moved: str


@dataclass(frozen=True, slots=True)
class Acceptance:
    """A risk that somebody accepted, with a reason, until a date."""

    check: str
    reason: str
    owner: str
    until: date


@dataclass(frozen=True, slots=True)
class CheckResult:
    """One claim decided."""

    claim: Claim
    outcome: Outcome
    state: State | None
    confidence: Confidence
    credit: float
    points: Points
    headline: str
    summary: str
    sites: tuple[Site, ...]
    missing: tuple[str, ...] = ()
    accepted: Acceptance | None = None


@dataclass(frozen=True, slots=True)
class PillarScore:
    """One pillar on a scale of 0 to 100: proven, and possible when everything open turned out well."""

    id: str
    title: str
    weight: float
    proven: float
    possible: float


@dataclass(frozen=True, slots=True)
class Gate:
    """One of the ten gates. A gate whose check does not exist yet is not assessed."""

    check: str
    state: GateState


@dataclass(frozen=True, slots=True)
class Score:
    """`proven + open + lost = 100`. `level` is None when too little could be read to name one; `held_by` says what holds it."""

    proven: float
    open: float
    lost: float
    level: int | None
    level_name: str
    held_by: tuple[str, ...]
    coverage: float
    coverage_runtime: float
    gates: tuple[Gate, ...]
    pillars: tuple[PillarScore, ...]


@dataclass(frozen=True, slots=True)
class Identity:
    """What made this assessment; two are compared only where `digest` is equal."""

    rubric: str
    tool: str
    knowledge: str
    profile: str
    sources: tuple[str, ...]
    config: str
    digest: str


@dataclass(frozen=True, slots=True)
class Action:
    """One thing to do, worth `points` of 100 when done."""

    check: str
    headline: str
    remedy: str
    effort: str
    points: float


@dataclass(frozen=True, slots=True)
class Engagement:
    """The consultant's words for the cover; all may be empty."""

    client: str = ""
    system: str = ""
    assessor: str = ""
    notes: str = ""


@dataclass(frozen=True, slots=True)
class Assessment:
    """Everything the outputs are rendered from. `score` is None when the subject calls no model.

    `claims_total` is the size of the catalogue of this rubric: a report says how many of its claims were implemented.
    """

    as_of: date
    identity: Identity
    subject: Subject
    engagement: Engagement
    model_calls: tuple[ModelCall, ...]
    prompts: tuple[Prompt, ...]
    results: tuple[CheckResult, ...]
    context: tuple[Answer, ...]
    gaps: tuple[Gap, ...]
    score: Score | None
    actions: tuple[Action, ...]
    claims_total: int
