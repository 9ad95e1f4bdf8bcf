"""The result of a run in eighty columns: level, points, gates, and what to do first."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from readiness.model import PILLARS, Action, Assessment, CheckResult, Gate, GateState, Outcome, Score, Subject
from readiness.model.words import counted, language
from readiness.report.text import cleaned, joined, percent, tenth
from readiness.report.words import EFFORT, GATE, KIND, VERDICT
from readiness.score import COVERAGE, SUBJECT, whole_parts

ACTIONS: Final = 5
"""Actions shown; the report has them all."""
LANGUAGES: Final = 4
HELD: Final = 3
"""Names of what holds the level in one line; more are counted."""

_STYLE: Final = {
    GateState.OPEN: "bold red",
    GateState.TO_CONFIRM: "yellow",
    GateState.ACCEPTED: "yellow",
    GateState.NOT_ASSESSED: "dim",
}
_LEVEL_STYLE: Final = ("bold red", "bold yellow", "bold green", "bold green")
_NO_LEVEL: Final = {
    COVERAGE: "less than half of what applies could be decided.",
    SUBJECT: "whether it is an LLM application could not be determined.",
}
_HELD_BY: Final = {COVERAGE: "thin coverage", **{pillar: f"the pillar {title}" for pillar, (title, _) in PILLARS.items()}}


def summary(assessment: Assessment) -> Iterator[RenderableType]:
    """What the terminal shows of an assessment; safe to print whatever the repository holds."""
    yield from _blocks(cleaned(assessment))


def _blocks(assessment: Assessment) -> Iterator[RenderableType]:
    yield Text(_about(assessment.subject))
    yield Text()
    if assessment.score is None:
        yield Text("Not an LLM application: no file calls a model. No check applies, and there is no score.", "bold")
    else:
        yield from _judged(assessment, assessment.score)
    if assessment.gaps:
        yield Text()
        yield Text(f"{counted(len(assessment.gaps), 'gap')}: not everything could be read; the report says what.", "yellow")


def _judged(assessment: Assessment, score: Score) -> Iterator[RenderableType]:
    yield _level(score)
    yield _points(score)
    yield Text(_claims(assessment))
    yield Text()
    yield Text("Gates", "bold")
    yield _gates(score.gates, assessment.results)
    if assessment.actions:
        yield Text()
        yield Text("What to do first", "bold")
        yield _actions(assessment.actions[:ACTIONS])


def _about(subject: Subject) -> str:
    production = sorted((stat for stat in subject.languages if stat.programming), key=lambda stat: (-stat.lines, stat.name))
    names = [language(stat.name) for stat in production[:LANGUAGES]]
    size = f"{counted(subject.files, 'file')}, {counted(subject.lines, 'line')}"
    return f"{subject.name}, {KIND[subject.kind]}: {size}{f' ({joined(names)})' if names else ''}"


def _level(score: Score) -> Text:
    if score.level is None:
        return Text.assemble((score.level_name, "bold"), f": {_NO_LEVEL[SUBJECT if SUBJECT in score.held_by else COVERAGE]}")
    held = _held(score.held_by)
    name = (f"Level {score.level}, {score.level_name}", _LEVEL_STYLE[score.level])
    return Text.assemble(name, f", held there by {joined(held)}" if held else "")


def _held(items: Sequence[str]) -> list[str]:
    """What holds the level; where there is much, how many gates (they are listed below) and pillars."""
    if len(items) <= HELD:
        return [_HELD_BY.get(item, item) for item in items]
    pillars = sum(item in PILLARS for item in items)
    others = [_HELD_BY[item] for item in items if item in {COVERAGE, SUBJECT} and item in _HELD_BY]
    gates = len(items) - pillars - len(others)
    counts = [counted(gates, "gate")] if gates else []
    return [*counts, *([counted(pillars, "pillar")] if pillars else []), *others]


def _points(score: Score) -> Text:
    proven, unread, lost = whole_parts([score.proven, score.open, score.lost])
    return Text.assemble(
        (f"{proven} proven", "green"), "  ", (f"{unread} open", "yellow"), "  ", (f"{lost} lost", "red"),
        f"  of 100; coverage {percent(score.coverage)}, at run time {percent(score.coverage_runtime)}",
    )  # fmt: skip


def _claims(assessment: Assessment) -> str:
    count = Counter(result.outcome for result in assessment.results)
    shown = [f"{count[outcome]} {VERDICT[outcome].lower()}" for outcome in Outcome if count[outcome]]
    return f"{len(assessment.results)} of {assessment.claims_total} claims: {', '.join(shown)}"


def _gates(gates: Sequence[Gate], results: Sequence[CheckResult]) -> RenderableType:
    checked = {result.claim.id for result in results}
    inapplicable = {result.claim.id for result in results if result.outcome is Outcome.NOT_APPLICABLE}
    table = _grid()
    for state in GateState:
        names = [gate.check for gate in gates if gate.state is state and gate.check in checked - inapplicable]
        if names:
            table.add_row(Text(GATE[state], _STYLE.get(state, "green")), Text(", ".join(names)))
    unchecked = [gate.check for gate in gates if gate.check not in checked]
    if unchecked:
        table.add_row(Text("No check yet", "dim"), Text(", ".join(unchecked)))
    if inapplicable & {gate.check for gate in gates}:
        table.add_row(Text("Not applicable", "dim"), Text(", ".join(gate.check for gate in gates if gate.check in inapplicable)))
    return table


def _actions(actions: Iterable[Action]) -> RenderableType:
    table = _grid()
    for action in actions:
        points = Text(f"+{tenth(action.points)}", "bold", justify="right")
        words = Text.assemble(action.headline, (f"\n{action.check}, {EFFORT[action.effort]}", "dim"))
        table.add_row(points, words)
    return table


def _grid() -> Table:
    table = Table.grid(padding=(0, 2, 0, 0))
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    return table
