"""Token cost: is the usage of every call captured, priced and joined to whoever or whatever caused it?"""

from typing import Final

from readiness.model import (
    Evidence,
    Facts,
    Judged,
    ModelCall,
    NotApplicable,
    Shows,
    State,
    Tracer,
    Tracing,
    UsageDimension,
    Verdict,
    absent,
    at,
)

PRICE: Final = "price"
"""The one dimension that turns tokens into money; every other one says whose they are."""


def assess(facts: Facts) -> Verdict:
    """Judge each explicit production call by its usage, and the whole by price and attribution."""
    calls = facts.calls()
    if not calls:
        return NotApplicable("No production code calls a model, so nothing is spent.")
    dimensions = facts.production(UsageDimension)
    names = {item.dimension for item in dimensions}
    attributed = PRICE in names and names != {PRICE}
    metering = frozenset(tracer.tool for tracer in facts.production(Tracer) if tracer.captures_usage)
    used = tuple(_call(call, metering, attributed=attributed) for call in calls)
    counted = sum(item.shows is not Shows.UNMET for item in used)
    if not counted and not dimensions:
        return Judged((absent(_searched(calls)),), State.ABSENT, "No token count of any answer is read or recorded.")
    joined = tuple(at(Shows.MET if attributed else Shows.WEAK, item.span, _found(item.dimension)) for item in dimensions)
    return Judged(
        (*used, *joined),
        _state(used, calls),
        f"The usage of {counted} of {len(calls)} production model calls is captured; {_missing(names)}.",
    )


def _call(call: ModelCall, metering: frozenset[str], *, attributed: bool) -> Evidence:
    traced = call.tracer in metering and call.tracing is not Tracing.NONE
    read = call.usage_span is not None and call.usage_span != call.tracer_span
    if read or ((traced or call.usage_span) and call.tracing is not Tracing.OFF_BY_DEFAULT):
        if attributed:
            return at(Shows.MET, call.span, "Its usage is captured, priced and attributed.", call=call.id)
        return at(Shows.WEAK, call.span, "Its usage is captured, but not both priced and attributed.", call=call.id)
    if traced or call.usage_span:
        return at(Shows.WEAK, call.span, "Its usage is captured only once tracing is turned on.", call=call.id)
    return at(Shows.UNMET, call.span, "Nothing reads its usage.", call=call.id)


def _found(dimension: str) -> str:
    return "Tokens are priced here." if dimension == PRICE else f"Spend is attributed by {dimension}."


def _missing(names: set[str]) -> str:
    owners = sorted(names - {PRICE})
    match (bool(owners), PRICE in names):
        case (True, True):
            return f"it is priced and attributed by {' and '.join(owners)}"
        case (True, False):
            return f"it is attributed by {' and '.join(owners)}, and not priced"
        case (False, True):
            return "it is priced, and attributed to no feature, user or tenant"
        case _:
            return "it is neither priced nor attributed"


def _searched(calls: tuple[ModelCall, ...]) -> str:
    return (
        f"{len(calls)} production model calls: no code reads the usage of an answer, no tracer or gateway captures it, and "
        "no counter or price is kept."
    )


def _state(used: tuple[Evidence, ...], calls: tuple[ModelCall, ...]) -> State:
    tracing = {
        call.tracing
        for call, item in zip(calls, used, strict=True)
        if item.shows is not Shows.UNMET and call.usage_span == call.tracer_span
    }
    return State.OFF_BY_DEFAULT if tracing == {Tracing.OFF_BY_DEFAULT} else State.WIRED
