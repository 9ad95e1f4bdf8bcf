"""Structured output: wherever code reads an answer as structure, is its shape enforced?"""

from typing import Final

from readiness.model import Contract, Evidence, Facts, Judged, ModelCall, NotApplicable, Shows, State, Verdict, at
from readiness.model.words import tally

STRUCTURAL: Final = frozenset({"parsed", "branched", "tool_arguments"})
"""Uses of an answer that break when its shape does; text for people and counters do not."""


def assess(facts: Facts) -> Verdict:
    """Judge each generative production call whose answer code consumes as structure by the contract it enforces."""
    calls = [call for call in facts.calls() if call.generative]
    if not calls:
        return NotApplicable("No production code asks a model for text.")
    read = [call for call in calls if _uses(call)]
    if not read:
        return NotApplicable(
            f"No code parses or branches on an answer: what the {len(calls)} generative calls return is text for people."
        )
    evidence = tuple(_call(call) for call in read)
    held = any(item.shows in {Shows.MET, Shows.WEAK} for item in evidence)
    summary = tally(evidence, "answer", "read as structure is held to a schema.", "read as structure are held to a schema.")
    return Judged(evidence, State.WIRED if held else State.ABSENT, summary)


def _uses(call: ModelCall) -> frozenset[str]:
    return STRUCTURAL & {use.kind for use in call.uses}


def _call(call: ModelCall) -> Evidence:
    uses = _uses(call)
    match call.contract:
        case Contract.SCHEMA:
            return at(Shows.MET, call.span, "A schema is enforced by the provider or the SDK.", call=call.id)
        case Contract.JSON_MODE:
            return at(
                Shows.WEAK,
                call.span,
                "JSON is asked for, but no schema is enforced: fields may be missing or renamed.",
                call=call.id,
            )
        case Contract.SOMETIMES:
            return at(
                Shows.WEAK,
                call.span,
                "A schema is enforced only where a caller passes one; otherwise free text is read.",
                call=call.id,
            )
        case Contract.TOOLS if "tool_arguments" in uses:
            return at(Shows.WEAK, call.span, "Tool arguments follow a schema that is neither strict nor validated.", call=call.id)
        case Contract.TOOLS | Contract.FREE_TEXT:
            read = (use for use in call.uses if use.kind in STRUCTURAL)
            place = min(read, key=lambda use: (use.kind == "branched", use.span.path != call.span.path)).span
            note = (
                f"Free text that {place.path}:{place.line} reads as structure; only the wording of the prompt asks for its shape."
            )
            return at(Shows.UNMET, call.span, note, call=call.id)
        case Contract.UNRESOLVED:
            return at(Shows.UNRESOLVED, call.span, "Which contract reaches this call was not resolved.", call=call.id)
