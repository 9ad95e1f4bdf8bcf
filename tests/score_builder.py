"""Checks that say what a test hands them, and assessments made from them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from pathlib import Path

from readiness.audit import audit
from readiness.identity import identify
from readiness.model import (
    Acceptance,
    Aggregate,
    Assessment,
    Claim,
    Confidence,
    Effort,
    Evidence,
    Facts,
    Judged,
    Severity,
    Shows,
    State,
    Status,
    Verdict,
    absent,
    at,
)
from readiness.registry import Check
from tests.facts_builder import facts, span

AS_OF = date(2026, 11, 23)


def claim(
    check_id: str = "prompt.change-gated",
    *,
    severity: Severity = Severity.HIGH,
    aggregate: Aggregate = Aggregate.EXISTENCE,
    status: Status = Status.STABLE,
    needs: str = "code",
    effort: Effort = Effort.MEDIUM,
) -> Claim:
    """A claim whose sentences tell which one was chosen."""
    return Claim(
        id=check_id,
        pillar=check_id.split(".", maxsplit=1)[0],
        title="Change gate",
        question="Does it hold?",
        holds="It holds.",
        fails="It fails.",
        partly="It holds in part.",
        why="It matters.",
        remedy="Do it.",
        severity=severity,
        effort=effort,
        aggregate=aggregate,
        gate=False,
        status=status,
        observes=("repository",),
        needs=needs,
        references=(),
    )


def saying(verdict: Verdict, of: Claim | None = None) -> Check:
    """A check that always says one thing."""
    return Check(of or claim(), lambda _: verdict, Path("cases.md"))


def check(check_id: str, *evidence: Evidence, confidence: Confidence = Confidence.HIGH, **words: object) -> Check:
    """A check that judges by this evidence."""
    return saying(Judged(evidence, State.WIRED, "Seen.", confidence), claim(check_id, **words))  # type: ignore[arg-type]


def evidence(met: int = 0, weak: int = 0, unmet: int = 0, unresolved: int = 0) -> tuple[Evidence, ...]:
    """So many pieces of evidence of each kind, each in a place of its own."""
    counts = {Shows.MET: met, Shows.WEAK: weak, Shows.UNMET: unmet, Shows.UNRESOLVED: unresolved}
    shows = [kind for kind, count in counts.items() for _ in range(count)]
    return tuple(at(kind, span(line), "Seen.") for line, kind in enumerate(shows, start=1))


def passing(check_id: str, **words: object) -> Check:
    return check(check_id, *evidence(met=1), **words)  # type: ignore[arg-type]


def failing(check_id: str, **words: object) -> Check:
    return check(check_id, absent("Nothing in 12 files."), **words)  # type: ignore[arg-type]


def assess(*checks: Check, known: Facts | None = None, acceptances: Iterable[Acceptance] = ()) -> Assessment:
    """The assessment of an application by these checks."""
    identity = identify(knowledge="sha256:k", config="sha256:c", as_of=AS_OF)
    return audit(checks, known or facts(), identity=identity, acceptances=acceptances)
