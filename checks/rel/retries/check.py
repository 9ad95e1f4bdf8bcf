"""Retries: are transient failures of a provider retried, a bounded number of times, and only where that can help?"""

import math
from typing import Final

from readiness.model import Evidence, Facts, Judged, ModelCall, NotApplicable, SettingState, Shows, State, Verdict, at
from readiness.model.words import tally

MOST: Final = 8
"""Retries after the first attempt, all layers multiplied: three attempts of an SDK under three of the application make nine."""


def assess(facts: Facts) -> Verdict:
    """Judge each explicit production call that leaves the machine by the retries that stand around it."""
    calls = [call for call in facts.calls() if not call.relays or call.retries.state is SettingState.SET]
    if not calls:
        return NotApplicable("No production code calls a model.")
    remote = [call for call in calls if not call.local]
    if not remote:
        return NotApplicable("Every model runs in or beside the application: there is no provider whose failures could pass.")
    evidence = tuple(_call(call) for call in remote)
    return Judged(
        evidence,
        _state(evidence, remote),
        tally(evidence, "call", "to a provider is retried within bounds.", "to a provider are retried within bounds."),
    )


def _call(call: ModelCall) -> Evidence:
    shows, note = _retries(call)
    return at(shows, call.span, call.retries.explained(note), call=call.id)


def _retries(call: ModelCall) -> tuple[Shows, str]:
    value = call.retries.value
    match call.retries.state:
        case SettingState.DISABLED:
            return Shows.UNMET, "Retries are switched off, and nothing else catches a passing failure."
        case SettingState.UNRESOLVED:
            return Shows.UNRESOLVED, "Which retries reach this call was not resolved."
        case SettingState.LIBRARY if value is None:
            return Shows.UNRESOLVED, "Whether the library retries by itself is not known."
        case SettingState.LIBRARY if value:
            return Shows.MET, f"The library retries {value:g} times by default, with backoff."
        case SettingState.LIBRARY:
            return Shows.UNMET, "The library does not retry, and neither does the code around it."
        case SettingState.SET:
            return _chosen(value, unfiltered=call.retries.flaw == "unfiltered")


def _chosen(value: float | None, *, unfiltered: bool) -> tuple[Shows, str]:
    if value == 0:
        return Shows.UNMET, "Retries are set to none, and nothing else catches a passing failure."
    if value is not None and math.isinf(value):
        return Shows.UNMET, "The retries never end: an outage becomes a storm of paid requests."
    many = value is not None and value > MOST
    if many and unfiltered:
        return Shows.UNMET, f"Up to {value:g} retries of every error, those that cannot pass included."
    if many:
        return Shows.WEAK, f"Up to {value:g} retries, all layers multiplied, amplify an outage."
    if unfiltered:
        return Shows.WEAK, "Bounded, but errors that cannot pass (400, 401) are retried as well."
    return Shows.MET, "Bounded." if value is None else f"Bounded to {value:g} retries."


def _state(evidence: tuple[Evidence, ...], calls: list[ModelCall]) -> State:
    if any(item.shows in {Shows.MET, Shows.WEAK} for item in evidence):
        return State.WIRED
    return State.BROKEN if any(call.retries.state is SettingState.SET and call.retries.value for call in calls) else State.ABSENT
