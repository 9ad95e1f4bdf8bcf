"""Golden dataset: is there an evaluation set large and real enough to notice that answers got worse?"""

from typing import Final

from readiness.model import (
    Confidence,
    Dataset,
    Evidence,
    Facts,
    Judged,
    NotApplicable,
    Shows,
    State,
    Tier,
    Verdict,
    absent,
    answered,
    at,
)
from readiness.model.words import counted

ENOUGH: Final = 30
"""Cases with a reference, the least for one task: a pass rate of nine in ten is then known to about eleven points either way."""

SOME: Final = 10
"""Below it a set is a smoke test."""

ELSEWHERE: Final = ("evidence.golden_set_location", "evidence.eval_platform_url")
"""Questions of the engagement that name a set kept outside the repository."""


def assess(facts: Facts) -> Verdict:
    """Judge the best set there is: a smoke test beside a good set takes nothing from it."""
    if not any(call.generative for call in facts.calls()):
        return NotApplicable("No production code asks a model for text.")
    graded = [_grade(dataset) for dataset in facts.all(Dataset) if not dataset.adversarial]
    places = [answer for question in ELSEWHERE if (answer := facts.answer(question)) is not None]
    if places and not any(item.shows in {Shows.MET, Shows.WEAK} for item in graded):
        evidence = tuple(
            answered(Shows.WEAK, f"The set is said to be kept at {answer.value}; it was not seen.") for answer in places
        )
        return Judged(evidence, State.EXTERNAL, "A set is kept outside the repository, and was not seen.", Confidence.LOW)
    if not graded:
        searched = "No file, folder or hosted set of cases with reference answers or rubrics was found in tests or evaluations."
        return Judged((absent(searched),), State.ABSENT, "There is no evaluation set.")
    best = next(shows for shows in (Shows.MET, Shows.WEAK, Shows.UNMET) if any(item.shows is shows for item in graded))
    evidence = tuple(item for item in graded if item.shows is best)
    hosted = any(item.rows is None for item in facts.all(Dataset))
    return Judged(evidence, _state(best, evidence), evidence[0].note, Confidence.MEDIUM if hosted else Confidence.HIGH)


def _grade(dataset: Dataset) -> Evidence:
    size = "Hosted cases" if dataset.rows is None else counted(dataset.rows, "case")
    if not dataset.used:
        return at(Shows.UNMET, dataset.span, f"{size} that no evaluation reads.", tier=Tier.DECLARED)
    if not dataset.expected:
        return at(Shows.UNMET, dataset.span, f"{size} without a reference answer or a rubric.")
    if dataset.rows is not None and dataset.rows < SOME:
        return at(Shows.UNMET, dataset.span, f"{size}: a smoke test, too few to notice a regression.")
    if dataset.rows is not None and dataset.rows < ENOUGH:
        return at(Shows.WEAK, dataset.span, f"{size} with references: fewer than {ENOUGH}, so only gross regressions show.")
    if dataset.public:
        return at(Shows.WEAK, dataset.span, f"{size} of a public benchmark, which is not this application's task.")
    if not dataset.asserted:
        return at(Shows.WEAK, dataset.span, f"{size} that only a model judges: no deterministic assertion anchors the score.")
    return at(Shows.MET, dataset.span, f"{size} with references that an evaluation scores.")


def _state(best: Shows, evidence: tuple[Evidence, ...]) -> State:
    if best is not Shows.UNMET:
        return State.WIRED
    return State.DECLARED_ONLY if all(item.tier is Tier.DECLARED for item in evidence) else State.ABSENT
