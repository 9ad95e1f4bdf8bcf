"""Residency: where are prompts processed, and is that where they must be?"""

from collections import Counter
from typing import Final

from readiness.model import Evidence, Facts, Judged, ModelCall, NeedsContext, NotApplicable, Shows, State, Unknown, Verdict, at
from readiness.model.words import counted, share

QUESTION: Final = "data.residency.required"

VAGUE: Final = {
    "global": "the provider may process it in any region",
    "unspecified": "the public endpoint promises no place",
}

WHERE: Final = {
    "global": "to an endpoint that may answer from any region",
    "local": "inside the application's own process or network",
    "unresolved": "to an endpoint that could not be told",
    "unspecified": "to a public endpoint that promises no region",
}
"""Where calls go while nobody has said where they must; any other zone is named."""


def assess(facts: Facts) -> Verdict:
    """Judge each production call, implicit embeddings included, by the zone that answers it."""
    calls = facts.calls(implicit=True)
    if not calls:
        return NotApplicable("No production code calls a model, so no prompt leaves.")
    answer = facts.answer(QUESTION)
    required = str(answer.value) if answer else ""
    if required == "none":
        return NotApplicable("The engagement requires no place of processing.")
    if not required and not all(call.local for call in calls):
        return NeedsContext(f"Nobody has said where prompts must be processed. Today: {_where(calls)}.", (QUESTION,))
    if required == "other":
        return Unknown("The required zone is not one that an endpoint can be held against.", missing=(QUESTION,))
    evidence = tuple(_call(call, required) for call in calls)
    inside = sum(item.shows is Shows.MET for item in evidence)
    unread = any(item.shows is Shows.UNRESOLVED for item in evidence)
    return Judged(
        evidence,
        _state(evidence),
        share(inside, len(calls), "production model call", "is", "are")
        + f" answered inside the required zone ({required or 'any'}).",
        missing=("deployment",) if unread else (),
    )


def _call(call: ModelCall, required: str) -> Evidence:
    place = call.host or call.platform
    if call.local:
        return at(Shows.MET, call.span, "Answered in the application's own process or network.", call=call.id)
    if not call.host_resolved or call.zone == "unresolved":
        return at(Shows.UNRESOLVED, call.span, f"Where {place} answers is decided outside what the repository says.", call=call.id)
    if call.zone == required.lower():
        return at(Shows.MET, call.span, f"{place} answers in {required}.", call=call.id)
    why = VAGUE.get(call.zone, f"it answers in {call.zone.upper()}")
    return at(Shows.UNMET, call.span, f"Nothing binds {place} to {required}: {why}.", call=call.id)


def _where(calls: tuple[ModelCall, ...]) -> str:
    zones = Counter("local" if call.local else call.zone for call in calls)
    return "; ".join(f"{counted(count, 'call')} {WHERE.get(zone, f'in {zone.upper()}')}" for zone, count in sorted(zones.items()))


def _state(evidence: tuple[Evidence, ...]) -> State:
    seen = {item.shows for item in evidence}
    if Shows.MET in seen:
        return State.WIRED
    return State.ABSENT if Shows.UNMET in seen else State.EXTERNAL
