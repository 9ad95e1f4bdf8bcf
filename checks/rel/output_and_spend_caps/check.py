"""Output and spend caps: is the worst case of one request, and of one user, bounded by code or configuration?"""

from typing import Final

from readiness.model import Evidence, Facts, Judged, ModelCall, NotApplicable, Quota, SettingState, Shows, State, Verdict, at
from readiness.model.words import tally

HIGHEST: Final = 32_000
"""Output tokens. Above it a cap is at or beyond what current chat models can write at all (16k to 64k), so it cuts nothing off."""


def assess(facts: Facts) -> Verdict:
    """Judge each generative production call by its cap; a quota half makes up for the caps that are missing."""
    calls = [call for call in facts.calls() if call.generative and not call.relays]
    if not calls:
        return NotApplicable("No production code asks a model for text.")
    metered = [call for call in calls if call.cap.state is SettingState.SET or not call.local]
    if not metered:
        return NotApplicable("Every generative model runs on capacity of the application's own: there is no spend to cap.")
    limit = _limit(facts)
    evidence = tuple(_call(call, limit) for call in metered)
    held = any(item.shows in {Shows.MET, Shows.WEAK} for item in evidence)
    said = tally(evidence, "generative call", "caps the length of the answer.", "cap the length of the answer.")
    return Judged(evidence, State.WIRED if held else State.ABSENT, f"{said} {limit}".strip())


def _limit(facts: Facts) -> str:
    """What bounds the use as a whole, as a sentence; '' when nothing does."""
    quota = next((quota for quota in facts.production(Quota) if quota.state == "on"), None)
    if quota is not None:
        return f"The quota at {quota.span.path}:{quota.span.line} limits the {quota.unit} per {quota.per}."
    answer = facts.answer("workload.budget_per_month.hard_cap_at_provider")
    return "The provider stops at a spend limit, as the engagement says." if answer is not None and answer.value is True else ""


def _call(call: ModelCall, limit: str) -> Evidence:
    shows, note = _cap(call)
    note = call.cap.explained(note)
    if shows is Shows.UNMET and limit:
        shows, note = Shows.WEAK, f"{note} {limit}"
    return at(shows, call.span, note, call=call.id)


def _cap(call: ModelCall) -> tuple[Shows, str]:
    value = call.cap.value
    match call.cap.state:
        case SettingState.SET | SettingState.LIBRARY if value is not None and value > HIGHEST:
            return Shows.WEAK, f"The cap of {value:g} tokens is about all that a model can write."
        case SettingState.SET:
            return Shows.MET, "The answer is capped." if value is None else f"The answer is capped at {value:g} tokens."
        case SettingState.LIBRARY if value is not None:
            return Shows.MET, f"The library caps the answer at {value:g} tokens by default."
        case SettingState.LIBRARY:
            return Shows.UNMET, "Nothing caps the answer short of the model's own maximum."
        case SettingState.DISABLED:
            return Shows.UNMET, "The cap is passed as none, so only the model's own maximum applies."
        case SettingState.UNRESOLVED:
            return Shows.UNRESOLVED, "Whether a cap reaches this call was not resolved."
