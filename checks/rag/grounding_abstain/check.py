"""Grounding: is irrelevant text kept from the prompt, and is there an answer for when nothing relevant was found?"""

from typing import Final

from readiness.model import Abstention, Facts, Judged, NotApplicable, Retrieval, Shows, Span, State, Verdict, absent, at
from readiness.model.words import counted

CUTS: Final = frozenset({"threshold", "rerank_cut", "grading"})
EMPTY: Final = frozenset({"empty_branch", "tested_clause"})


def assess(facts: Facts) -> Verdict:
    """Judge two things together: a cut by relevance, and a path for an empty result."""
    retrievals = facts.production(Retrieval)
    if not retrievals:
        return NotApplicable("No search puts retrieved text in front of a model.")
    found = facts.production(Abstention)
    cuts = _spans([item.threshold for item in retrievals], [item.span for item in found if item.kind in CUTS])
    empty = _spans([item.empty_branch for item in retrievals], [item.span for item in found if item.kind in EMPTY])
    if cuts or empty:
        return _controls(cuts, empty)
    clauses = [item.span for item in found if item.kind == "prompt_clause"]
    if clauses:
        note = "Only this sentence asks the model to say that it does not know; nothing enforces or tests it."
        return Judged(
            tuple(at(Shows.UNMET, span, note) for span in clauses), State.DECLARED_ONLY, "Abstention rests on a sentence alone."
        )
    first = retrievals[0].span
    seen = f"{counted(len(retrievals), 'retrieval')} (the first at {first.path}:{first.line})"
    searched = f"{seen}: no score or rerank cut, grading or empty branch."
    return Judged((absent(searched),), State.ABSENT, "Whatever is nearest goes into the prompt, however far it is.")


def _controls(cuts: tuple[Span, ...], empty: tuple[Span, ...]) -> Judged:
    shows = Shows.MET if cuts and empty else Shows.WEAK
    evidence = (
        *(at(shows, span, "Text below a relevance cut stays out of the prompt.") for span in cuts),
        *(at(shows, span, "An empty result has its own answer.") for span in empty),
    )
    if shows is Shows.MET:
        return Judged(evidence, State.WIRED, "Irrelevant text is cut, and an empty result has its own answer.")
    lacking = "an empty result has no answer of its own" if cuts else "no relevance cut decides what is empty"
    return Judged(evidence, State.WIRED, f"Half of the control stands: {lacking}.")


def _spans(optional: list[Span | None], more: list[Span]) -> tuple[Span, ...]:
    return tuple(sorted({span for span in (*optional, *more) if span is not None}))
