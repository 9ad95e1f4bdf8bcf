"""Output sinks: does model text reach code, a shell, SQL, a path, a URL or markup without a safe wrapper?"""

from readiness.model import (
    GENERATIVE,
    Confidence,
    Evidence,
    Facts,
    Judged,
    NotApplicable,
    OutputSink,
    Shows,
    State,
    Tier,
    Verdict,
    Where,
    at,
)


def assess(facts: Facts) -> Verdict:
    """Judge every place where model text turns into action or markup by what stands between."""
    calls = facts.calls(*GENERATIVE)
    sinks = facts.production(OutputSink)
    if not calls and not sinks:
        return NotApplicable("No production code lets a model generate text, so none can reach a sink.")
    if not sinks:
        searched = (
            f"Followed the answers and tool arguments of {len(calls)} production model calls: none reaches code execution, a "
            "shell, SQL text, a template, a file path, a fetched URL, a deserialiser, raw HTML or rendered Markdown."
        )
        clean = Evidence(Shows.MET, searched, None, Where.REPOSITORY, Tier.WIRED)
        return Judged((clean,), State.WIRED, "Model text reaches no dangerous sink.", Confidence.MEDIUM)
    evidence = tuple(at(_grade(sink), sink.span, _note(sink), call=sink.call) for sink in sinks)
    counts = {shows: sum(item.shows is shows for item in evidence) for shows in Shows}
    summary = (
        f"Of {len(sinks)} sinks of model text, {counts[Shows.UNMET]} are open, {counts[Shows.WEAK]} are half protected "
        f"and {counts[Shows.MET]} are safe."
    )
    return Judged(evidence, _state(counts), summary)


def _grade(sink: OutputSink) -> Shows:
    match sink.safety:
        case "none":
            return Shows.UNMET
        case "approved" | "weak":
            return Shows.WEAK
        case "safe":
            return Shows.MET
        case _:
            return Shows.UNRESOLVED


def _note(sink: OutputSink) -> str:
    origin = sink.source or "Model text"
    match sink.safety:
        case "none":
            return f"{origin} reaches a {sink.sink} sink with nothing between."
        case "approved":
            return f"{origin} reaches a {sink.sink} sink once a person agrees; nothing bounds what they agree to."
        case "weak":
            return f"{origin} reaches a {sink.sink} sink through a filter that lets dangerous text pass."
        case "safe":
            return f"{origin} reaches a {sink.sink} sink only in a safe form."
        case _:
            return f"What stands between {origin.lower()} and the {sink.sink} sink was not resolved."


def _state(counts: dict[Shows, int]) -> State:
    if not counts[Shows.UNMET]:
        return State.WIRED
    return State.BROKEN if counts[Shows.MET] or counts[Shows.WEAK] else State.ABSENT
