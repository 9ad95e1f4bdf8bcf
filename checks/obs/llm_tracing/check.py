"""Tracing: is every production model call recorded with what went in and what came out?"""

from readiness.model import (
    Evidence,
    Facts,
    Judged,
    ModelCall,
    NotApplicable,
    Shows,
    State,
    Tier,
    Tracer,
    Tracing,
    Verdict,
    absent,
    at,
)
from readiness.model.words import counted, share


def assess(facts: Facts) -> Verdict:
    """Judge each explicit production call by what records it, else the tracers that no call could be joined to."""
    calls = facts.calls()
    if not calls:
        return NotApplicable("No production code calls a model, so there is nothing to trace.")
    tracers = facts.production(Tracer)
    logs = frozenset(tracer.tool for tracer in tracers if tracer.own_log)
    if any(call.tracing is not Tracing.NONE for call in calls):
        evidence = tuple(_call(call, logs) for call in calls)
    else:
        evidence = _loose(tracers) or (absent(_searched(calls)),)
    recorded = sum(call.tracing is Tracing.ON for call in calls)
    return Judged(
        evidence,
        _state(evidence, calls),
        share(recorded, len(calls), "production model call", "is", "are") + " recorded with prompt and answer by default.",
    )


def _call(call: ModelCall, logs: frozenset[str]) -> Evidence:
    """A log of the application's own is half a trace: no spans, no correlation, no view on it."""
    tracer = f"the application's {call.tracer}" if call.tracer in logs else call.tracer or "a tracer"
    match call.tracing:
        case Tracing.ON if call.tracer in logs:
            return at(Shows.WEAK, call.span, f"Written to {tracer}: no spans, no correlation.", call=call.id)
        case Tracing.ON:
            return at(Shows.MET, call.span, f"Recorded with its content by {tracer}.", call=call.id)
        case Tracing.OFF_BY_DEFAULT:
            return at(Shows.WEAK, call.span, f"Covered by {tracer}, which the shipped configuration leaves off.", call=call.id)
        case Tracing.METADATA_ONLY:
            return at(Shows.WEAK, call.span, f"Covered by {tracer}, which keeps neither the prompt nor the answer.", call=call.id)
        case Tracing.NONE:
            return at(Shows.UNMET, call.span, "Nothing records this call.", call=call.id)


def _loose(tracers: tuple[Tracer, ...]) -> tuple[Evidence, ...]:
    """What tracers show when no call is known to be covered."""
    return tuple(
        at(Shows.UNMET, tracer.span, f"{tracer.tool} is imported or installed and never started.", tier=Tier.DECLARED)
        if tracer.state == "declared"
        else at(
            Shows.WEAK, tracer.span, tracer.note or f"{tracer.tool} records part of the work, and none of the model calls in full."
        )
        for tracer in tracers
    )


def _searched(calls: tuple[ModelCall, ...]) -> str:
    files = len({call.span.path for call in calls})
    return (
        f"{counted(len(calls), 'production model call')} in {counted(files, 'file')}: "
        "no tracing SDK is started, no instrumented client, callback, recording proxy or "
        "zero-code agent is configured, and no code logs both the prompt and the answer."
    )


def _state(evidence: tuple[Evidence, ...], calls: tuple[ModelCall, ...]) -> State:
    seen = {item.shows for item in evidence}
    if seen == {Shows.UNMET}:
        return State.DECLARED_ONLY if any(item.tier is Tier.DECLARED for item in evidence) else State.ABSENT
    on = any(call.tracing in {Tracing.ON, Tracing.METADATA_ONLY} for call in calls)
    off = any(call.tracing is Tracing.OFF_BY_DEFAULT for call in calls)
    return State.OFF_BY_DEFAULT if off and not on else State.WIRED
