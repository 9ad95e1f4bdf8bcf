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
from readiness.model.words import counted


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
    judged = sum(item.shows is not Shows.UNRESOLVED for item in evidence)
    return Judged(evidence, State.BROKEN if tainted else State.WIRED, _summary(tainted, judged, len(flows) - judged))


def _summary(tainted: int, judged: int, untold: int) -> str:
    if not judged:
        return f"Of {counted(untold, 'value')} reaching the model's instructions none could be told."
    said = (
        f"{tainted} of {counted(judged, 'value')} reaching the model's instructions can be written by somebody who is not trusted."
    )
    return said + (f" {untold:,} more could not be told." if untold else "")


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
            return _sentence(f"{flow.source} reaches {flow.sink}.")
        case "operator" | "constant":
            return _sentence(f"{flow.source} reaches {flow.sink}; no outsider can write it.")
        case _:
            return _sentence(f"{flow.source} reaches {flow.sink}; where it comes from could not be told.")


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:]
