"""What a check says: graded evidence, or a reason why it cannot or need not judge."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from readiness.model.place import Span


class Outcome(StrEnum):
    """The verdict printed for a claim."""

    PASS = "pass"
    PARTIAL = "partial"
    FAIL = "fail"
    UNKNOWN = "unknown"
    NOT_APPLICABLE = "not_applicable"
    NEEDS_CONTEXT = "needs_context"


class Shows(StrEnum):
    """What one piece of evidence shows. `WEAK` is a control that half holds (JSON mode, off by default); it is written as unmet."""

    MET = "met"
    WEAK = "weak"
    UNMET = "unmet"
    UNRESOLVED = "unresolved"


class Tier(StrEnum):
    """How strong evidence is: none, declared, wired on a production path, enforced, observed at run time."""

    NONE = "E0"
    DECLARED = "E1"
    WIRED = "E2"
    ENFORCED = "E3"
    OBSERVED = "E4"


class State(StrEnum):
    """The one word for how a control stands."""

    ENFORCED = "enforced"
    WIRED = "wired"
    OFF_BY_DEFAULT = "off_by_default"
    BROKEN = "broken"
    DECLARED_ONLY = "declared_only"
    EXTERNAL = "external"
    ABSENT = "absent"


class Confidence(StrEnum):
    """How sure the verdict is; decides what may block, never the points."""

    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"


class Where(StrEnum):
    """The five kinds of place that evidence has."""

    FILE = "file"
    REPOSITORY = "repository"
    EXCHANGE = "exchange"
    TRACE = "trace"
    ANSWER = "answer"


@dataclass(frozen=True, slots=True)
class Evidence:
    """One site. `span` is None for a place that is not a file; an absence says in `note` what was searched and where."""

    shows: Shows
    note: str
    span: Span | None = None
    where: Where = Where.FILE
    tier: Tier = Tier.WIRED
    call: str | None = None


def at(shows: Shows, span: Span, note: str, *, tier: Tier = Tier.WIRED, call: str | None = None) -> Evidence:
    """Evidence at a place in a file."""
    return Evidence(shows, note, span, Where.FILE, tier, call)


def absent(note: str) -> Evidence:
    """Evidence that a search of the whole repository found nothing; `note` names what was searched for and in what."""
    return Evidence(Shows.UNMET, note, None, Where.REPOSITORY, Tier.NONE)


def answered(shows: Shows, note: str) -> Evidence:
    """Evidence that rests on an answer of the engagement: said, not seen."""
    return Evidence(shows, note, None, Where.ANSWER, Tier.DECLARED)


@dataclass(frozen=True, slots=True)
class Judged:
    """Graded evidence; the claim's aggregate rule turns it into an outcome.

    Raises:
        ValueError: there is no evidence at all.
    """

    evidence: tuple[Evidence, ...]
    state: State
    summary: str
    confidence: Confidence = Confidence.HIGH
    missing: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if not self.evidence:
            raise ValueError("a judgement needs at least one piece of evidence")


@dataclass(frozen=True, slots=True)
class NotApplicable:
    """The claim has no object here; `reason` names the fact that makes it so."""

    reason: str
    evidence: tuple[Evidence, ...] = ()


@dataclass(frozen=True, slots=True)
class Unknown:
    """The claim applies but cannot be decided; `missing` are the questions or accesses that would settle it."""

    reason: str
    evidence: tuple[Evidence, ...] = ()
    missing: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class NeedsContext:
    """An answer of the engagement is missing; `missing` are the ids of the questions."""

    reason: str
    missing: tuple[str, ...]
    evidence: tuple[Evidence, ...] = ()


Verdict = Judged | NotApplicable | Unknown | NeedsContext


def sites(evidence: Iterable[Evidence], shows: Shows) -> tuple[Evidence, ...]:
    """The evidence that shows one thing."""
    return tuple(item for item in evidence if item.shows is shows)
