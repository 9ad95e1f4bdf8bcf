"""Turns decided claims into points that add up to 100, ten gates and a level; docs/scoring.md argues every constant."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType
from typing import Final

from readiness.model import (
    LEVELS,
    PILLARS,
    CheckResult,
    Confidence,
    Gate,
    GateState,
    Outcome,
    PillarScore,
    Points,
    RepositoryKind,
    Score,
    Severity,
    Status,
    Subject,
    Tier,
)

WEIGHTS: Final[Mapping[Severity, int]] = MappingProxyType(
    {Severity.CRITICAL: 8, Severity.HIGH: 4, Severity.MEDIUM: 2, Severity.LOW: 1}
)
"""One critical equals two highs equals eight lows."""
GATES: Final = (
    "sec.secrets", "sec.output-sinks", "sec.system-prompt-taint", "sec.tool-least-privilege", "sec.retrieval-authz",
    "sec.endpoint-auth-limits", "model.residency-endpoint", "obs.llm-tracing", "obs.pii-redaction", "prompt.change-gated",
)  # fmt: skip
"""The checks that may block a level, in the order of the report."""
PILOT_PILLAR, PRODUCTION_PILLAR, SCALE_PILLAR = 40.0, 60.0, 80.0
"""Least proven part (0 to 100) of every pillar for levels 1, 2 and 3."""
NAMED_COVERAGE, PRODUCTION_COVERAGE, SCALE_COVERAGE = 0.5, 0.7, 0.85
"""Least coverage (0 to 1) for naming a level at all, and for levels 2 and 3."""
NO_LEVEL: Final = "Not assessed"
COVERAGE: Final = "coverage"
SUBJECT: Final = "subject"
"""What `held_by` says, beside checks and pillars, when too little was assessed or the subject is undetermined."""

_OPEN: Final = frozenset({Outcome.UNKNOWN, Outcome.NEEDS_CONTEXT})
_DUST: Final = 1e-9


def with_points(results: Sequence[CheckResult]) -> tuple[CheckResult, ...]:
    """The results with their shares of 100; a claim that is preview or does not apply is worth nothing."""
    stakes = _stakes(results)
    return tuple(replace(result, points=_points(result, stakes.get(result.claim.id, 0.0))) for result in results)


def score(results: Sequence[CheckResult], subject: Subject) -> Score | None:
    """The score of results that carry their points, or None when the subject calls no model.

    Where nothing applies, all 100 points are open.
    """
    if subject.llm_application is False:
        return None
    gates = tuple(Gate(check, _gate_state(_find(results, check))) for check in GATES)
    pillars = _pillars(results)
    proven = math.fsum(result.points.proven for result in results)
    still_open = math.fsum(result.points.open for result in results) if pillars else 100.0
    coverage = round(1.0 - still_open / 100.0, 9)
    level, held_by = _level(results, gates, pillars, coverage, subject)
    return Score(
        proven=proven,
        open=still_open,
        lost=max(0.0, 100.0 - proven - still_open),
        level=level,
        level_name=NO_LEVEL if level is None else LEVELS[level].value,
        held_by=held_by,
        coverage=coverage,
        coverage_runtime=_coverage_at_run_time(results),
        gates=gates,
        pillars=pillars,
    )


def whole_parts(parts: Sequence[float], total: int = 100) -> tuple[int, ...]:
    """Integers to print for parts (none negative) that add up to `total`: largest-remainder rounding, so they add up too."""
    whole = [math.floor(part + _DUST) for part in parts]
    by_remainder = sorted(range(len(parts)), key=lambda index: (whole[index] - parts[index], index))
    for index in by_remainder[: total - sum(whole)]:
        whole[index] += 1
    return tuple(whole)


def _applies(result: CheckResult) -> bool:
    return result.claim.status is Status.STABLE and result.outcome is not Outcome.NOT_APPLICABLE


def _by_pillar(results: Iterable[CheckResult]) -> dict[str, list[CheckResult]]:
    """The claims that weigh something, by pillar in the order of the report; a pillar without one drops out."""
    pillars = {pillar: [result for result in results if result.claim.pillar == pillar and _applies(result)] for pillar in PILLARS}
    return {pillar: members for pillar, members in pillars.items() if members}


def _weight(members: Iterable[CheckResult]) -> int:
    return sum(WEIGHTS[member.claim.severity] for member in members)


def _stakes(results: Sequence[CheckResult]) -> dict[str, float]:
    pillars = _by_pillar(results)
    whole = sum(PILLARS[pillar][1] for pillar in pillars)
    return {
        member.claim.id: 100.0 * PILLARS[pillar][1] / whole * WEIGHTS[member.claim.severity] / _weight(members)
        for pillar, members in pillars.items()
        for member in members
    }


def _points(result: CheckResult, stake: float) -> Points:
    return Points(stake, stake * result.credit, stake if result.outcome in _OPEN else 0.0)


def _pillars(results: Sequence[CheckResult]) -> tuple[PillarScore, ...]:
    pillars = _by_pillar(results)
    whole = sum(PILLARS[pillar][1] for pillar in pillars)
    return tuple(_pillar(pillar, members, 100.0 * PILLARS[pillar][1] / whole) for pillar, members in pillars.items())


def _pillar(pillar: str, members: Sequence[CheckResult], weight: float) -> PillarScore:
    earned = math.fsum(WEIGHTS[member.claim.severity] * member.credit for member in members)
    unread = _weight(member for member in members if member.outcome in _OPEN)
    total = _weight(members)
    proven, possible = 100.0 * earned / total, 100.0 * (earned + unread) / total
    return PillarScore(pillar, PILLARS[pillar][0], round(weight, 9), round(proven, 9), round(possible, 9))


def _find(results: Iterable[CheckResult], check: str) -> CheckResult | None:
    return next((result for result in results if result.claim.id == check), None)


def _gate_state(result: CheckResult | None) -> GateState:
    """How a gate stands; one whose claim has no object here stands in nobody's way, so it is cleared."""
    match result:
        case None | CheckResult(outcome=Outcome.UNKNOWN | Outcome.NEEDS_CONTEXT):
            return GateState.NOT_ASSESSED
        case CheckResult(outcome=Outcome.PASS | Outcome.NOT_APPLICABLE):
            return GateState.CLEARED
        case CheckResult(accepted=accepted) if accepted is not None:
            return GateState.ACCEPTED
        case CheckResult(outcome=Outcome.FAIL, confidence=Confidence.HIGH):
            return GateState.OPEN
        case _:
            return GateState.TO_CONFIRM


def _level(
    results: Sequence[CheckResult], gates: Sequence[Gate], pillars: Sequence[PillarScore], coverage: float, subject: Subject
) -> tuple[int | None, tuple[str, ...]]:
    """The level and what holds it there: ids of gates and pillars, or that too little was assessed."""
    if subject.llm_application is None or subject.kind is RepositoryKind.UNDETERMINED:
        return None, (SUBJECT,)
    if coverage < NAMED_COVERAGE:
        return None, (COVERAGE,)
    hurdles = (
        (*_gates_in(gates, GateState.OPEN), *_under(pillars, PILOT_PILLAR)),
        (*_not_cleared(gates), *_under(pillars, PRODUCTION_PILLAR), *_thin(coverage, PRODUCTION_COVERAGE)),
        (*_unobserved(results), *_under(pillars, SCALE_PILLAR), *_thin(coverage, SCALE_COVERAGE)),
    )
    for level, held_by in enumerate(hurdles):
        if held_by:
            return level, held_by
    return len(hurdles), ()


def _gates_in(gates: Iterable[Gate], state: GateState) -> tuple[str, ...]:
    return tuple(gate.check for gate in gates if gate.state is state)


def _not_cleared(gates: Iterable[Gate]) -> tuple[str, ...]:
    return tuple(gate.check for gate in gates if gate.state is not GateState.CLEARED)


def _under(pillars: Iterable[PillarScore], least: float) -> tuple[str, ...]:
    return tuple(pillar.id for pillar in pillars if pillar.proven < least)


def _thin(coverage: float, least: float) -> tuple[str, ...]:
    return (COVERAGE,) if coverage < least else ()


def _unobserved(results: Sequence[CheckResult]) -> tuple[str, ...]:
    found = (_find(results, check) for check in GATES if check.startswith("sec."))
    return tuple(result.claim.id for result in found if result and _applies(result) and not _observed(result))


def _observed(result: CheckResult) -> bool:
    return any(site.evidence.tier is Tier.OBSERVED for site in result.sites)


def _coverage_at_run_time(results: Iterable[CheckResult]) -> float:
    seen = (result.points.at_stake for result in results if result.outcome not in _OPEN and _observed(result))
    return round(math.fsum(seen) / 100.0, 9)
