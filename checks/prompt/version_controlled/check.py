"""Version control: does every text that instructs a model in production resolve to a reviewed, immutable version?"""

from typing import Final

from readiness.model import (
    Confidence,
    Dependency,
    Evidence,
    Facts,
    Judged,
    ModelCall,
    NotApplicable,
    Prompt,
    PromptSource,
    Shows,
    State,
    Storage,
    Verdict,
    at,
)
from readiness.model.words import counted

KEPT: Final = {
    Storage.INLINE: "written in the code",
    Storage.CONSTANT: "a constant",
    Storage.FILE: "a file of its own",
    Storage.CONFIG: "a configuration file",
    Storage.DATABASE: "a seeded record",
    Storage.REGISTRY: "a mirrored registry entry",
}
"""Where a prompt's text lives, in a reader's words."""


def assess(facts: Facts) -> Verdict:
    """Judge every prompt in the repository, every store that serves one, and else what the frameworks bring along."""
    calls = [call for call in facts.calls() if call.generative]
    if not calls:
        return NotApplicable("No production code asks a model for text.")
    kept = [at(Shows.MET, prompt.span, f"In the repository ({KEPT[prompt.storage]}).") for prompt in facts.production(Prompt)]
    served = [_source(source) for source in facts.production(PromptSource)]
    if kept or served:
        evidence = (*kept, *served)
        loose = sum(item.shows is not Shows.MET for item in served)
        return Judged(
            evidence,
            _state(evidence),
            _summary(len(kept), loose),
        )
    foreign = [call for call in calls if call.builtin_prompt]
    if foreign:
        locked = {item.name.lower(): item for item in facts.all(Dependency) if item.locked is not None}
        evidence = tuple(_framework(call, locked) for call in foreign)
        return Judged(evidence, _state(evidence), "The only instructions are those that a framework brings along.", Confidence.LOW)
    note = "No stored template reaches this call: what it says is written in the code or comes from its caller."
    evidence = tuple(at(Shows.MET, call.span, note, call=call.id) for call in calls)
    return Judged(evidence, State.WIRED, "No prompt is loaded from anywhere outside the repository.", Confidence.LOW)


def _summary(kept: int, loose: int) -> str:
    inside = f"{counted(kept, 'prompt')} {'is' if kept == 1 else 'are'} kept in the repository"
    rest = f"{counted(loose, 'place')} {'loads' if loose == 1 else 'load'} one that can change outside it" if loose else ""
    return f"{inside}, and {rest or 'none is loaded from where it could change outside it'}."


def _source(source: PromptSource) -> Evidence:
    if source.pinned:
        return at(Shows.MET, source.span, source.note or f"Loaded from a {source.kind} by a fixed version.")
    if source.seeded:
        return at(
            Shows.WEAK, source.span, source.note or f"The repository seeds it, but the copy in the {source.kind} is what runs."
        )
    return at(Shows.UNMET, source.span, source.note or f"Loaded at run time from a {source.kind} that changes without review.")


def _framework(call: ModelCall, locked: dict[str, Dependency]) -> Evidence:
    """A framework's own prompt is as fixed as the framework's version."""
    family = call.sdk.lower().replace("_", "-")
    pin = next((item for name, item in sorted(locked.items()) if _of_family(name, family)), None)
    if pin is None:
        return at(Shows.UNMET, call.span, f"Its instructions are those of {call.sdk}, whose version floats.", call=call.id)
    return at(Shows.MET, call.span, f"Its instructions are those of {pin.name} {pin.locked}, fixed by the lock.", call=call.id)


def _of_family(name: str, family: str) -> bool:
    plain = name.removeprefix("@").replace("_", "-")
    return plain == family or plain.startswith((f"{family}-", f"{family}/"))


def _state(evidence: tuple[Evidence, ...]) -> State:
    return State.WIRED if any(item.shows in {Shows.MET, Shows.WEAK} for item in evidence) else State.EXTERNAL
