"""Timeouts: is every model call bounded well below what a waiting person or platform bears?"""

from typing import Final

from readiness.model import Evidence, Facts, Judged, ModelCall, NotApplicable, SettingState, Shows, State, Verdict, at
from readiness.model.words import tally

LONGEST: Final = 600.0
"""Seconds. What the openai and anthropic SDKs and LiteLLM wait by themselves: a bound no tighter than that adds nothing."""

BEARABLE: Final = 120.0
"""Seconds. An SDK that gives up within two minutes by default bounds the call, though nobody chose the bound."""

SHORTEST: Final = 1.0
"""Seconds. Below it no generation finishes: the value was meant in another unit (SDKs differ in seconds and milliseconds)."""


def assess(facts: Facts) -> Verdict:
    """Judge each explicit production call, of any kind of model, by the deadline that reaches it."""
    calls = tuple(call for call in facts.calls() if not call.relays or call.timeout.state is SettingState.SET)
    if not calls:
        return NotApplicable("No production code calls a model.")
    mode = facts.answer("workload.mode")
    waiting = mode is None or mode.value != "batch"
    evidence = tuple(_call(call, waiting=waiting and call.interactive) for call in calls)
    return Judged(
        evidence,
        _state(evidence, calls),
        tally(evidence, "model call", "has a deadline of its own.", "have a deadline of their own."),
    )


def _call(call: ModelCall, *, waiting: bool) -> Evidence:
    value = call.timeout.value
    match call.timeout.state:
        case SettingState.SET:
            shows, note = _chosen(value, waiting=waiting)
        case SettingState.LIBRARY if value is not None and value <= BEARABLE:
            shows, note = Shows.WEAK, f"Only the library's own default of {value:g} s bounds it."
        case SettingState.LIBRARY:
            wait = f"waits {value:g} s by default" if value is not None else "may wait for ever"
            shows, note = Shows.UNMET, f"No deadline is set: the library {wait}."
        case SettingState.DISABLED:
            shows, note = Shows.UNMET, "The deadline is switched off."
        case SettingState.UNRESOLVED:
            shows, note = Shows.UNRESOLVED, "Whether a deadline reaches this call was not resolved."
    return at(shows, call.span, call.timeout.explained(note), call=call.id)


def _chosen(value: float | None, *, waiting: bool) -> tuple[Shows, str]:
    """A deadline that somebody set; a batch may take as long as it says."""
    if value is None:
        return Shows.MET, "A deadline is set."
    if value < SHORTEST:
        return Shows.UNMET, f"The deadline is {value * 1000:g} ms, in which no answer arrives: the unit was mistaken."
    if waiting and value >= LONGEST:
        return Shows.WEAK, f"The deadline of {value:g} s is no tighter than what the SDK would do by itself."
    return Shows.MET, f"Bounded to {value:g} s."


def _state(evidence: tuple[Evidence, ...], calls: tuple[ModelCall, ...]) -> State:
    if any(item.shows in {Shows.MET, Shows.WEAK} for item in evidence):
        return State.WIRED
    return State.BROKEN if any(call.timeout.state is SettingState.SET for call in calls) else State.ABSENT
