"""Output sinks: does model text reach code, a shell, SQL, a path, a URL or markup without a safe wrapper?"""

from typing import Final

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
from readiness.model.words import counted

SINKS: Final = {
    "code": "code that is executed",
    "deserialise": "a deserialiser that can run code",
    "html": "raw HTML",
    "markdown": "rendered Markdown",
    "path": "a file path",
    "shell": "a shell",
    "sql": "the text of a SQL statement",
    "template": "a template that is executed",
    "url": "a URL that the server fetches",
}
"""Where text turns into action or markup, in a reader's words."""


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
    return Judged(evidence, _state(counts), _summary(counts))


def _summary(counts: dict[Shows, int]) -> str:
    words = {Shows.UNMET: "unprotected", Shows.WEAK: "half protected", Shows.MET: "safe", Shows.UNRESOLVED: "not told"}
    said = ", ".join(f"{counts[shows]} {word}" for shows, word in words.items() if counts[shows])
    return f"Model text turns into action or markup at {counted(sum(counts.values()), 'place')}: {said}."


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
            return f"{origin} reaches {_place(sink)} with nothing between."
        case "approved":
            return f"{origin} reaches {_place(sink)} once a person agrees; nothing bounds what they agree to."
        case "weak":
            return f"{origin} reaches {_place(sink)} through a filter that lets dangerous text pass."
        case "safe":
            return f"{origin} reaches {_place(sink)} only in a safe form."
        case _:
            return f"What stands between {origin.lower()} and {_place(sink)} was not resolved."


def _place(sink: OutputSink) -> str:
    return SINKS.get(sink.sink, f"a {sink.sink}")


def _state(counts: dict[Shows, int]) -> State:
    if not counts[Shows.UNMET]:
        return State.WIRED
    return State.BROKEN if counts[Shows.MET] or counts[Shows.WEAK] else State.ABSENT
