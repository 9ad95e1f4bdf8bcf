"""Version pinning: does every production call name one immutable version of its model?"""

from readiness.model import GENERATIVE, Evidence, Facts, Judged, Model, ModelCall, NotApplicable, Pin, Shows, State, Verdict, at
from readiness.model.words import tally


def assess(facts: Facts) -> Verdict:
    """Judge each production call by the loosest name that it can use, but for calls that no shipped setting leads to.

    The embeddings that a store runs by itself count where nothing else is called.
    """
    written = facts.calls() or facts.calls(implicit=True)
    calls = [call for call in written if not call.relays and (call.models or not call.resolved)]
    if not calls:
        return NotApplicable("No production code calls a model, so there is no version to pin.")
    evidence = tuple(_call(call) for call in calls)
    return Judged(
        evidence,
        _state(evidence),
        tally(evidence, "production model call", "names a fixed version.", "name a fixed version."),
        missing=("deployment",) if any(item.shows is Shows.UNRESOLVED for item in evidence) else (),
    )


def _call(call: ModelCall) -> Evidence:
    """One call: its loosest model decides, and a set of models that is not known in full can hold a looser one."""
    rated = [(_model(model, call), model) for model in call.models]
    for shows in (Shows.UNMET, Shows.UNRESOLVED):
        for found, model in rated:
            if found is shows:
                return at(shows, model.span, _note(model, shows), call=call.id)
    if not rated or not call.resolved:
        return at(Shows.UNRESOLVED, call.span, "Which model is called is decided outside what the repository says.", call=call.id)
    shows, model = next((pair for pair in rated if pair[0] is Shows.WEAK), rated[0])
    return at(shows, model.span, _note(model, shows), call=call.id)


def _model(model: Model, call: ModelCall) -> Shows:
    """An embedding or ranking model keeps its weights under its name, or indexes would break; a chat model need not."""
    match model.pin:
        case Pin.SNAPSHOT:
            return Shows.MET
        case Pin.STABLE:
            return Shows.WEAK if call.kind in GENERATIVE else Shows.MET
        case Pin.ALIAS:
            return Shows.UNMET
        case Pin.UNKNOWN:
            return Shows.UNRESOLVED


def _note(model: Model, shows: Shows) -> str:
    words = {
        Shows.MET: f"{model.id} is one fixed version.",
        Shows.WEAK: f"{model.id} has no fixed version to name; log the model that each answer reports.",
        Shows.UNMET: f"{model.id} moves between versions.",
        Shows.UNRESOLVED: f"Whether {model.id} names one fixed version cannot be told from here.",
    }
    return f"{words[shows]} {model.note}".strip()


def _state(evidence: tuple[Evidence, ...]) -> State:
    seen = {item.shows for item in evidence}
    if seen & {Shows.MET, Shows.WEAK}:
        return State.WIRED
    return State.ABSENT if Shows.UNMET in seen else State.EXTERNAL
