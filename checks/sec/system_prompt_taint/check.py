"""System prompt taint: does untrusted text reach a message, instruction or description that the model obeys?"""

from readiness.model import (
    GENERATIVE,
    Confidence,
    Evidence,
    Facts,
    Judged,
    NotApplicable,
    PrivilegedFlow,
    Shows,
    State,
    Tier,
    Verdict,
    Where,
    at,
)


def assess(facts: Facts) -> Verdict:
    """Judge every value that flows into privileged text by who can write it."""
    calls = facts.calls(*GENERATIVE)
    flows = facts.production(PrivilegedFlow)
    if not calls and not flows:
        return NotApplicable("No production code lets a model generate text, so there are no instructions to protect.")
    if not flows:
        searched = (
            f"Followed the messages of {len(calls)} production model calls: no value flows into a system or developer message, "
            "an instruction or a tool description."
        )
        clean = Evidence(Shows.MET, searched, None, Where.REPOSITORY, Tier.WIRED)
        return Judged((clean,), State.WIRED, "No privileged text is built from data.", Confidence.MEDIUM)
    evidence = tuple(at(_grade(flow), flow.span, _note(flow), call=flow.call) for flow in flows)
    tainted = sum(item.shows is Shows.UNMET for item in evidence)
    summary = f"{tainted} of {len(flows)} values in privileged text can be written by somebody who is not trusted."
    return Judged(evidence, State.BROKEN if tainted else State.WIRED, summary)


def _grade(flow: PrivilegedFlow) -> Shows:
    match flow.trust:
        case "untrusted":
            return Shows.UNMET
        case "operator" | "constant":
            return Shows.MET
        case _:
            return Shows.UNRESOLVED


def _note(flow: PrivilegedFlow) -> str:
    match flow.trust:
        case "untrusted":
            return f"{flow.source} reaches {flow.sink}."
        case "operator" | "constant":
            return f"{flow.sink} takes {flow.source}, which no outsider can write."
        case _:
            return f"Where {flow.source} in {flow.sink} comes from was not resolved."
