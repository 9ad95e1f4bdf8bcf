"""The chapters between the summary and the findings: how the score is made, the matrix, the pillars."""

from __future__ import annotations

from dataclasses import dataclass

from readiness.model.assessment import LEVELS, Assessment, CheckResult, PillarScore, Score
from readiness.model.verdict import Outcome
from readiness.report.charts import Chart, Loss, Paint, Tile, balance, matrix, pillar_bars, waterfall
from readiness.report.rows import (
    CheckRow,
    check_row,
    counts,
    counts_sentence,
    in_pillar,
    lost,
    pillar_title,
    pillars_present,
)
from readiness.report.summary import finding_numbers, holders
from readiness.report.text import capitalised, clipped, lowered, percent, tenth, whole
from readiness.report.words import LEVEL_PROMISE, LEVEL_RULE, TONE


@dataclass(frozen=True, slots=True)
class LevelRow:
    """One level with its meaning and its rule."""

    name: str
    promise: str
    rule: str
    here: bool


@dataclass(frozen=True, slots=True)
class ScoreChapter:
    """How the score is made."""

    balance: Chart
    pillars: Chart
    waterfall: Chart
    weights: str
    levels: tuple[LevelRow, ...]
    held_by: str
    coverage: str
    claims: str


@dataclass(frozen=True, slots=True)
class AcceptedRow:
    """A risk that somebody accepted."""

    title: str
    reason: str
    owner: str
    until: str


@dataclass(frozen=True, slots=True)
class Pillar:
    """One pillar: two sentences and its table."""

    id: str
    title: str
    score: str
    judgement: str
    rows: tuple[CheckRow, ...]


def build_score(assessment: Assessment, score: Score) -> ScoreChapter:
    """The chapter that explains the numbers."""
    bars = [(pillar, counts(in_pillar(assessment, pillar.id))) for pillar in score.pillars]
    done = len(assessment.results)
    return ScoreChapter(
        balance=balance(score),
        pillars=pillar_bars(bars),
        waterfall=waterfall(_losses(assessment), score.proven),
        weights=", ".join(f"{pillar.title} {tenth(pillar.weight).removesuffix('.0')}" for pillar in score.pillars),
        levels=tuple(
            LevelRow(f"{index} {name}", LEVEL_PROMISE[index], capitalised(LEVEL_RULE[index]), index == score.level)
            for index, name in enumerate(LEVELS)
        ),
        held_by=holders(assessment, score),
        coverage=f"{percent(score.coverage)} of the weighted checks could be assessed, "
        f"{percent(score.coverage_runtime)} by run-time evidence.",
        claims=f"{done} of {assessment.claims_total} claims of this rubric have a check. "
        "A claim without a check has no points and is not counted as open.",
    )


def _losses(assessment: Assessment) -> tuple[Loss, ...]:
    """What each check takes away, the largest first: lost points, and apart from them the open ones."""
    paints = {Outcome.FAIL: Paint.FAIL, Outcome.PARTIAL: Paint.PARTIAL}
    taken = [
        (lost(result) + result.points.open, result, paints.get(result.outcome, Paint.OPEN))
        for result in assessment.results
        if result.points.at_stake - result.points.proven > 0.005
    ]
    taken.sort(key=lambda item: (-item[0], item[1].claim.id))
    return tuple(Loss(result.claim.title, points, paint) for points, result, paint in taken)


def build_matrix(assessment: Assessment) -> Chart:
    """The tiles of every check."""
    return matrix([
        (
            pillar_title(pillar),
            [
                Tile(number, TONE[result.outcome], result.claim.gate, result.claim.title)
                for number, result in enumerate(in_pillar(assessment, pillar), 1)
            ],
        )
        for pillar in pillars_present(assessment)
    ])  # fmt: skip


def build_accepted(assessment: Assessment) -> tuple[AcceptedRow, ...]:
    """The accepted risks, those that end first before the others."""
    taken = [(result.accepted, result) for result in assessment.results if result.accepted is not None]
    taken.sort(key=lambda item: (item[0].until, item[0].check))
    return tuple(
        AcceptedRow(result.claim.title, clipped(accepted.reason, 240), clipped(accepted.owner, 60), accepted.until.isoformat())
        for accepted, result in taken
    )


def build_pillars(assessment: Assessment) -> tuple[Pillar, ...]:
    """Every pillar that has a check."""
    scores = {pillar.id: pillar for pillar in assessment.score.pillars} if assessment.score else {}
    numbers = finding_numbers(assessment)
    return tuple(_pillar(assessment, pillar, scores.get(pillar), numbers) for pillar in pillars_present(assessment))


def _pillar(assessment: Assessment, pillar: str, score: PillarScore | None, numbers: dict[str, int]) -> Pillar:
    results = in_pillar(assessment, pillar)
    rows = tuple(check_row(number, result, numbers.get(result.claim.id, 0)) for number, result in enumerate(results, 1))
    return Pillar(pillar, pillar_title(pillar), _standing(score), _judgement(results), rows)


def _standing(score: PillarScore | None) -> str:
    """45 proven, up to 58."""
    if score is None:
        return "not applicable"
    reach = f", up to {whole(score.possible)}" if score.possible - score.proven >= 1 else ""
    return f"{whole(score.proven)} proven{reach}"


def _judgement(results: tuple[CheckResult, ...]) -> str:
    """How the checks stand, and what costs most."""
    said = capitalised(counts_sentence(results))
    worst = max(results, key=lambda result: (lost(result), result.claim.id), default=None)
    if worst is None or lost(worst) < 0.05:
        undecided = max(results, key=lambda result: result.points.open, default=None)
        if undecided is None or undecided.points.open < 0.05:
            return f"{said}. No points are lost here."
        title, points = lowered(undecided.claim.title), tenth(undecided.points.open)
        return f"{said}. Nothing is lost. What counts most among the open: {title} ({points} points)."
    return f"{said}. The costliest finding: {lowered(worst.headline)}. It takes {tenth(lost(worst))} of 100 points."
