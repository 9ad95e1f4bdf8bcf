"""Input guard: is untrusted text screened before the model reads it, and can the screen stop the request?"""

from readiness.model import GENERATIVE, Facts, Guard, GuardSide, Judged, NotApplicable, Shows, State, Verdict, absent
from readiness.model.screening import screening
from readiness.model.words import counted


def assess(facts: Facts) -> Verdict:
    """Judge every input guard, and the calls that untrusted text reaches without one."""
    calls = facts.calls(*GENERATIVE)
    if not calls:
        return NotApplicable("No production code lets a model generate text, so there is no request to screen.")
    exposed = tuple(call for call in calls if call.user_input) or calls
    guards = tuple(guard for guard in facts.production(Guard) if guard.side is GuardSide.INPUT)
    if guards:
        return screening(guards, exposed, provider=Shows.WEAK, bare="No screen stands before this call.")
    searched = (
        f"Outside text reaches {counted(len(exposed), 'production model call')}, and no classifier, moderation call, guardrail "
        "library, agent or gateway guardrail stands before any of them."
    )
    return Judged((absent(searched),), State.ABSENT, "Nothing screens what the model is asked.")
