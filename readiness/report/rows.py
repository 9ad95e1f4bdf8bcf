"""One check as the report's tables show it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from readiness.model.assessment import Assessment, CheckResult, GateState
from readiness.model.claim import PILLARS, Severity, Status
from readiness.model.verdict import Evidence, Outcome, Shows, Where
from readiness.report.text import DASH, clipped_path, joined, number_word, numbered, tenth
from readiness.report.words import STATE, TONE, VERDICT

OPEN_OUTCOMES: Final = frozenset({Outcome.UNKNOWN, Outcome.NEEDS_CONTEXT})
FAULTS: Final = frozenset({Outcome.FAIL, Outcome.PARTIAL})

SEVERITIES: Final = tuple(Severity)
"""From the costliest."""


@dataclass(frozen=True, slots=True)
class CheckRow:
    """A line of a pillar's table. `number` is the check's tile in the matrix; `finding` its number there, 0 for none."""

    number: int
    id: str
    title: str
    gate: bool
    preview: bool
    tone: str
    verdict: str
    ratio: str
    state: str
    confidence: str
    earned: str
    at_stake: str
    summary: str
    finding: int


def check_row(number: int, result: CheckResult, finding: int) -> CheckRow:
    """The line of one check."""
    scored = result.outcome is not Outcome.NOT_APPLICABLE
    return CheckRow(
        number=number,
        id=result.claim.id,
        title=result.claim.title,
        gate=result.claim.gate,
        preview=result.claim.status is Status.PREVIEW,
        tone=TONE[result.outcome],
        verdict=VERDICT[result.outcome],
        ratio=ratio(result),
        state=STATE[result.state] if result.state is not None else DASH,
        confidence=result.confidence.value.capitalize() if scored and result.outcome not in OPEN_OUTCOMES else DASH,
        earned=DASH if not scored or result.outcome in OPEN_OUTCOMES else tenth(result.points.proven),
        at_stake=tenth(result.points.at_stake) if scored else DASH,
        summary=result.summary,
        finding=finding,
    )


def ratio(result: CheckResult) -> str:
    """`k/n` of the places judged, '' where nothing was counted: an absence is not 0 of 1."""
    judged = [site.evidence for site in result.sites if site.evidence.shows is not Shows.UNRESOLVED]
    if result.outcome in OPEN_OUTCOMES | {Outcome.NOT_APPLICABLE} or all(item.where is Where.REPOSITORY for item in judged):
        return ""
    counted = [item for item in judged if item.where is not Where.REPOSITORY]
    met = sum(item.shows is Shows.MET for item in counted)
    return f"{met}/{len(counted)}"


def lost(result: CheckResult) -> float:
    """Points of 100 that the check cost."""
    return max(result.points.at_stake - result.points.proven - result.points.open, 0.0)


def place(evidence: Evidence) -> str:
    """Where a piece of evidence stands: `path:12` or `path:12-20`, or a word for a place that is not a file."""
    if evidence.span is None:
        return "whole repository" if evidence.where is Where.REPOSITORY else evidence.where.value
    span = evidence.span
    cell = f" (cell {span.cell})" if span.cell is not None else ""
    return f"{clipped_path(span.path)}:{numbered(span.line, span.end_line)}{cell}"


def in_pillar(assessment: Assessment, pillar: str) -> tuple[CheckResult, ...]:
    """A pillar's results in the assessment's order: the order of tiles and tables."""
    return tuple(result for result in assessment.results if result.claim.pillar == pillar)


def faults(assessment: Assessment) -> tuple[CheckResult, ...]:
    """The findings in the order of the report: open gates, then severity, then points lost, then id."""
    states = {gate.check: gate.state for gate in assessment.score.gates} if assessment.score else {}

    def order(result: CheckResult) -> tuple[bool, int, float, str]:
        blocked = states.get(result.claim.id) is GateState.OPEN
        return (not blocked, SEVERITIES.index(result.claim.severity), -lost(result), result.claim.id)

    return tuple(sorted((result for result in assessment.results if result.outcome in FAULTS), key=order))


def unsettled(assessment: Assessment) -> tuple[CheckResult, ...]:
    """The checks that could not be decided, those worth most first."""
    open_ = (result for result in assessment.results if result.outcome in OPEN_OUTCOMES)
    return tuple(sorted(open_, key=lambda result: (-result.points.open, result.claim.id)))


def pillars_present(assessment: Assessment) -> tuple[str, ...]:
    """Ids of the pillars that have a check, in the order of the report."""
    present = {result.claim.pillar for result in assessment.results}
    return (*(pillar for pillar in PILLARS if pillar in present), *sorted(present - PILLARS.keys()))


def pillar_title(pillar: str) -> str:
    """A pillar's name, or its id where this tool does not know it."""
    return PILLARS[pillar][0] if pillar in PILLARS else pillar


def tally(results: Iterable[CheckResult]) -> Counter[str]:
    """How many checks stand how: by tone."""
    return Counter(TONE[result.outcome] for result in results)


def counts(results: Sequence[CheckResult]) -> str:
    """`3 pass · 2 partial · 1 fail · 1 open`, without what there is none of."""
    found = tally(results)
    words = (("pass", "pass"), ("partial", "partial"), ("fail", "fail"), ("open", "open"))
    return " · ".join(f"{found[tone]} {word}" for tone, word in words if found[tone]) or "not applicable"


def counts_sentence(results: Sequence[CheckResult]) -> str:
    """Two checks pass, one holds in part, three fail and one could not be assessed."""
    found = tally(results)
    words = (
        ("pass", "passes", "pass"), ("partial", "holds in part", "hold in part"), ("fail", "fails", "fail"),
        ("open", "could not be assessed", "could not be assessed"), ("none", "does not apply", "do not apply"),
    )  # fmt: skip
    parts = [f"{number_word(found[tone])} {one if found[tone] == 1 else many}" for tone, one, many in words if found[tone]]
    if not parts:
        return ""
    noun = " check" if parts[0].startswith("one ") else " checks"
    head, _, tail = parts[0].partition(" ")
    return joined([f"{head}{noun} {tail}", *parts[1:]])
