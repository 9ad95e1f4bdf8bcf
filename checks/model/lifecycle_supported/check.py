"""Lifecycle: will the models that production calls still answer in 90 days?"""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Final

from readiness.model import Evidence, Facts, Judged, Model, ModelCall, NotApplicable, Shows, State, Verdict, at
from readiness.model.words import counted, share

NOTICE: Final = timedelta(days=90)
"""A migration with its evaluation takes a quarter; vendors announce shutdowns 60 days (Anthropic) to 6 months (OpenAI) ahead."""

CONFIGURED: Final = frozenset({"environment", "config"})
"""Origins of a value that only another deployment's configuration selects; no user of the running application can."""


def assess(facts: Facts) -> Verdict:
    """Judge each hosted model that a production call can use by its announced end on its platform."""
    calls = [call for call in facts.calls(implicit=True) if not call.relays and (call.models or not call.resolved)]
    if not calls:
        return NotApplicable("No production code calls a model, so none can end.")
    hosted = tuple(call for call in calls if not call.local)
    if not hosted:
        return NotApplicable("Every model runs on weights of the application's own; no vendor can switch one off.")
    evidence = _once(item for call in hosted for item in _call(call, facts.as_of))
    ends = sum(item.shows is Shows.UNMET for item in evidence)
    judged = sum(item.shows is not Shows.UNRESOLVED for item in evidence)
    return Judged(
        evidence,
        _state(evidence),
        _summary(ends, judged, len(evidence) - judged, facts.as_of + NOTICE),
        missing=("deployment",) if judged < len(evidence) else (),
    )


def _summary(ends: int, judged: int, untold: int, day: date) -> str:
    if not judged:
        return f"Of {counted(untold, 'model name')} none could be told."
    said = share(ends, judged, "model name", "belongs to a model", "belong to models")
    rest = f" {untold} more could not be told." if untold else ""
    return f"{said} that ended or will end by {day}.{rest}"


def _call(call: ModelCall, today: date) -> Iterator[Evidence]:
    yield from (_model(model, call, today) for model in call.models if not model.local)
    if not call.models or not call.resolved:
        yield at(Shows.UNRESOLVED, call.span, "Which model is called is decided outside what the repository says.", call=call.id)


def _model(model: Model, call: ModelCall, today: date) -> Evidence:
    """A date decides; no date means support only in a table that follows shutdowns."""
    where = "" if model.platform in {"unknown", model.provider} else f" (platform {model.platform})"
    if model.retires is not None and model.retires <= today + NOTICE:
        verb = "ended" if model.retires <= today else "ends"
        other = not model.default and model.origin in CONFIGURED
        shows = Shows.WEAK if other else Shows.UNMET
        note = f"{model.id} {verb} on {model.retires}{where}." + (" Only another configuration selects it." if other else "")
    elif model.retires is not None:
        shows, note = Shows.MET, f"{model.id} is supported until {model.retires}{where}."
    elif model.listed:
        shows, note = Shows.MET, f"{model.id} has no announced end{where}."
    else:
        shows, note = Shows.UNRESOLVED, f"Whether {model.id} has an announced end is not known{where}."
    return at(shows, model.span, note, call=call.id)


def _once(evidence: Iterator[Evidence]) -> tuple[Evidence, ...]:
    """Each place and finding once, however many calls share it."""
    return tuple({(item.span, item.shows, item.note): item for item in evidence}.values())


def _state(evidence: tuple[Evidence, ...]) -> State:
    seen = {item.shows for item in evidence}
    if Shows.UNMET in seen:
        return State.BROKEN
    return State.WIRED if seen & {Shows.MET, Shows.WEAK} else State.EXTERNAL
