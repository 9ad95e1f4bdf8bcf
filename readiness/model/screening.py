"""How the guards of one side stand to the model calls they should screen."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from readiness.model.calls import ModelCall
from readiness.model.facts import Guard
from readiness.model.verdict import Judged, Shows, State, at
from readiness.model.words import share

DENY_LIST: Final = "deny-list"
"""The `tool` of a hand-written list of forbidden words or patterns: it stops what it names and nothing else."""

PROVIDER_DEFAULT: Final = "provider_default"
"""The `state` of a provider's own filter whose block the application handles: nobody here chose or tested it."""

_REASONS: Final = {
    "unused": "is defined, and nothing calls it",
    "fails_open": "lets everything through when it fails itself",
    "off_by_default": "is off in the shipped configuration",
    PROVIDER_DEFAULT: "is the provider's default filter, of which the application only handles the block",
}
_WORDS: Final = {
    "unused": State.DECLARED_ONLY,
    "fails_open": State.BROKEN,
    "off_by_default": State.OFF_BY_DEFAULT,
    PROVIDER_DEFAULT: State.EXTERNAL,
}


def screening(guards: Iterable[Guard], calls: Iterable[ModelCall], *, provider: Shows, bare: str) -> Judged:
    """Judge the guards of one side over the calls that need one.

    Args:
        guards: At least one guard, all of one side.
        calls: The calls whose input or output ought to be screened.
        provider: What a provider's own filter counts for on this side.
        bare: The note for a call that no standing guard screens.

    Raises:
        ValueError: there is no guard.
    """
    graded = [(guard, _grade(guard, provider)) for guard in guards]
    standing = [guard for guard, shows in graded if shows in {Shows.MET, Shows.WEAK}]
    screened = {call for guard in standing for call in guard.calls}
    evidence = [at(shows, guard.span, _note(guard)) for guard, shows in graded]
    needing = tuple(calls)
    if standing:
        evidence += [at(Shows.UNMET, call.span, bare, call=call.id) for call in needing if call.id not in screened]
    covered = sum(call.id in screened for call in needing)
    return Judged(
        tuple(evidence),
        _state(graded),
        share(
            covered,
            len(needing),
            "model call",
            "stands behind a screen that can stop it.",
            "stand behind a screen that can stop them.",
        ),
    )


def _grade(guard: Guard, provider: Shows) -> Shows:
    if not guard.blocks or guard.state == "unused":
        return Shows.UNMET
    if guard.state == PROVIDER_DEFAULT:
        return provider
    if guard.state == "on" and guard.calls:
        return Shows.WEAK if guard.tool == DENY_LIST else Shows.MET
    if guard.state == "on":
        return Shows.UNRESOLVED
    return Shows.WEAK if guard.calls else Shows.UNMET


def _note(guard: Guard) -> str:
    if guard.note:
        return guard.note
    if not guard.blocks:
        return f"The result of {guard.tool} stops nothing."
    if reason := _REASONS.get(guard.state):
        return f"{guard.tool} {reason}."
    return (
        f"{guard.tool} can stop the text."
        if guard.calls
        else f"{guard.tool} can stop the text, but which model call it screens was not resolved."
    )


def _state(graded: list[tuple[Guard, Shows]]) -> State:
    """The word of the best guard."""
    order = (Shows.MET, Shows.WEAK, Shows.UNRESOLVED, Shows.UNMET)
    best, shows = min(graded, key=lambda pair: order.index(pair[1]))
    if best.state in _WORDS:
        return _WORDS[best.state]
    return State.BROKEN if shows is Shows.UNMET else State.WIRED
