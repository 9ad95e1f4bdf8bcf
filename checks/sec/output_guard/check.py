"""Output guard: is generated text screened before anybody sees it or anything acts on it?"""

from typing import Final

from readiness.model import (
    GENERATIVE,
    Contract,
    Facts,
    Guard,
    GuardSide,
    Judged,
    ModelCall,
    NotApplicable,
    Shows,
    Span,
    State,
    Verdict,
    absent,
)
from readiness.model.screening import screening
from readiness.model.words import counted

INTERNAL: Final = frozenset({"branched", "usage"})
"""Uses of an answer that neither show it, store it nor act on its text."""


def assess(facts: Facts) -> Verdict:
    """Judge every output guard, and the calls whose text is released without one."""
    calls = facts.calls(*GENERATIVE)
    if not calls:
        return NotApplicable("No production code lets a model generate text, so there is no answer to screen.")
    released = tuple(call for call in calls if not _internal(call))
    if not released:
        return NotApplicable(
            f"All {len(calls)} production answers are enforced structures that only choose a branch: none is shown or kept."
        )
    guards = tuple(guard for guard in facts.production(Guard) if guard.side is GuardSide.OUTPUT)
    if guards:
        return screening(guards, released, provider=Shows.UNMET, bare="The text of this call is released unscreened.")
    searched = (
        f"The text of {counted(len(released), 'production model call')} is released, and no moderation, leakage or policy "
        "screen, output guardrail or gateway post-call guardrail stands behind any of them."
    )
    return Judged((absent(searched),), State.ABSENT, "Nothing screens what the model answers.")


def _internal(call: ModelCall) -> bool:
    """Whether code only chooses by the answer; that its shape is part of the call is no use of its text."""
    kinds = {use.kind for use in call.uses if use.kind != "parsed" or not _inside(use.span, call.span)}
    return call.contract is Contract.SCHEMA and "branched" in kinds and kinds <= INTERNAL


def _inside(inner: Span, outer: Span) -> bool:
    return inner.path == outer.path and outer.line <= inner.line <= outer.end_line
