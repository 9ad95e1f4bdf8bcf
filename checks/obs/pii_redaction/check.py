"""Redaction: is personal data masked before a trace, a log or a record of the text keeps it?"""

from typing import Final

from readiness.model import (
    Confidence,
    ContentLog,
    Evidence,
    Facts,
    Judged,
    NotApplicable,
    Redaction,
    Shows,
    State,
    Tracer,
    Verdict,
    absent,
    at,
)
from readiness.model.words import share

HARMLESS: Final = frozenset({"none", "internal"})
"""Values of `data.classes` that hold neither personal nor regulated nor secret data."""

MASKS: Final = {
    ("telemetry", True): (Shows.MET, "masks text before telemetry keeps it"),
    ("telemetry", False): (Shows.WEAK, "masks telemetry once somebody turns it on"),
    ("other", True): (Shows.WEAK, "masks text elsewhere, not what telemetry keeps"),
    ("other", False): (Shows.UNMET, "masks text elsewhere, and only on request"),
}
"""What a mask shows by where it is attached and whether it is on by default; any other is unused."""


def assess(facts: Facts) -> Verdict:
    """Judge every mask by where it is attached, and every place that keeps text without one."""
    calls = facts.calls()
    logs = facts.production(ContentLog)
    tracers = tuple(tracer for tracer in facts.production(Tracer) if tracer.state != "declared")
    masks = facts.production(Redaction)
    kept = logs or any(tracer.content != "metadata" for tracer in tracers)
    if not calls and not kept:
        return NotApplicable("No production code calls a model, and no text of one is kept.")
    if _harmless(facts) and not any(call.user_input for call in calls):
        return NotApplicable("The engagement declares no personal, regulated or secret data, and no free text reaches a model.")
    if not kept and not masks and not tracers and all(call.local for call in calls):
        return NotApplicable(
            "Every model runs locally, and no prompt or answer is traced, logged or stored: no text leaves the process."
        )
    evidence = (
        *map(_mask, masks),
        *_unmasked(tracers, masks),
        *(at(Shows.UNMET, log.span, log.note or "Text is kept unmasked.") for log in logs),
    )
    if not evidence:
        searched = (
            f"{len(calls)} production model calls may carry personal data. No prompt or answer is traced or logged here, and "
            "no masking library, trace hook, log filter or collector rule is wired in for when one is."
        )
        return Judged((absent(searched),), State.ABSENT, "Nothing masks personal data.", Confidence.LOW)
    unmasked = sum(item.shows is Shows.UNMET for item in evidence)
    summary = share(unmasked, len(evidence), "place", "keeping text leaves", "keeping text leave") + " personal data readable."
    return Judged(evidence, _state(masks), summary, Confidence.HIGH if kept else Confidence.MEDIUM)


def _mask(mask: Redaction) -> Evidence:
    shows, words = MASKS.get((mask.attached, mask.default_on), (Shows.UNMET, "is set up, and no tracer or logger uses it"))
    if shows is Shows.MET and mask.hides_all:
        words = "keeps all content out of telemetry: private, and of no use for diagnosis"
    return at(shows, mask.span, f"{mask.tool} {words}.")


def _unmasked(tracers: tuple[Tracer, ...], masks: tuple[Redaction, ...]) -> tuple[Evidence, ...]:
    """Tracers that keep text while no mask is attached to telemetry; those that keep none are half a control."""
    if any(mask.attached == "telemetry" for mask in masks):
        return ()
    return tuple(
        at(Shows.WEAK, tracer.span, f"{tracer.title} keeps no content as it is set up; no mask stands for the day it does.")
        if tracer.content == "metadata" and not tracer.own_log
        else at(Shows.UNMET, tracer.span, f"{tracer.title} keeps what is said, unmasked.")
        for tracer in tracers
    )


def _harmless(facts: Facts) -> bool:
    answer = facts.answer("data.classes")
    if answer is None or isinstance(answer.value, bool | float):
        return False
    classes = {answer.value} if isinstance(answer.value, str) else set(answer.value)
    return bool(classes) and classes <= HARMLESS


def _state(masks: tuple[Redaction, ...]) -> State:
    used = tuple(mask for mask in masks if mask.attached != "unused")
    if not used:
        return State.DECLARED_ONLY if masks else State.ABSENT
    return State.WIRED if any(mask.default_on for mask in used) else State.OFF_BY_DEFAULT
