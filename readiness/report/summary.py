"""The cover and the page that executives read: verdict, figures, gates, five things to do."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from readiness.model.assessment import LEVELS, Assessment, CheckResult, GateState, Score, Site
from readiness.model.claim import PILLARS
from readiness.model.place import LanguageCoverage
from readiness.model.verdict import Outcome, Shows
from readiness.model.words import counted, language
from readiness.report.charts import Chart, ladder
from readiness.report.rows import OPEN_OUTCOMES, faults, place
from readiness.report.text import (
    capitalised,
    clipped,
    clipped_path,
    first_sentence,
    joined,
    long_date,
    lowered,
    number_word,
    percent,
    sentence,
    tenth,
    whole,
)
from readiness.report.words import EFFORT, GATE_NAMES, LEVEL_PROMISE
from readiness.score import COVERAGE, SUBJECT, whole_parts

ACTIONS: Final = 5
BLOCKS: Final = 3
"""Open gates in full on the summary page; more than three are named in a line, so that the page stays one."""
BLOCK: Final = 210
"""Characters under the headline of an open gate: two lines."""


@dataclass(frozen=True, slots=True)
class Field:
    """A label with its value."""

    label: str
    value: str


@dataclass(frozen=True, slots=True)
class Figure:
    """A large number with the words under it."""

    value: str
    words: str


@dataclass(frozen=True, slots=True)
class Block:
    """An open gate in full; `finding` is its number there, 0 for none."""

    id: str
    headline: str
    words: str
    finding: int


@dataclass(frozen=True, slots=True)
class Step:
    """One of the things to do first."""

    number: int
    check: str
    what: str
    why: str
    effort: str
    points: str
    finding: int


@dataclass(frozen=True, slots=True)
class Summary:
    """The executive summary. Without a score there is no ladder and no figure; `remarks` are what every reader must know."""

    verdict: str
    level: str
    promise: str
    ladder: Chart | None
    figures: tuple[Figure, ...]
    blocks: tuple[Block, ...]
    gates: tuple[Field, ...]
    steps: tuple[Step, ...]
    steps_worth: str
    remarks: tuple[str, ...]


def build_summary(assessment: Assessment) -> Summary:
    """The summary of an assessment, scored or not."""
    score = assessment.score
    if score is None:
        return Summary(_unscored(assessment), "Not scored", "", None, (), (), (), (), "", _remarks(assessment))
    steps = _steps(assessment)
    return Summary(
        verdict=_verdict(assessment, score),
        level=level_words(score),
        promise="" if score.level is None else LEVEL_PROMISE[score.level],
        ladder=ladder(score.level),
        figures=_figures(assessment, score),
        blocks=_blocks(assessment, score),
        gates=_gates(assessment, score),
        steps=steps,
        steps_worth=_worth(assessment, len(steps)),
        remarks=_remarks(assessment),
    )


def level_words(score: Score) -> str:
    """The level as every output prints it."""
    return "No level named" if score.level is None else f"Level {score.level} of {len(LEVELS) - 1}, {LEVELS[score.level]}"


def _unscored(assessment: Assessment) -> str:
    name = assessment.engagement.system or assessment.subject.name
    if assessment.subject.llm_application is False:
        return (
            f"{name} calls no language model that we could find, so there is nothing to score. No package, host or model name of a "
            "language model is used in its code. None of the checks of this review applies."
        )
    return (
        f"We could not determine whether {name} calls a language model, so we give neither a score nor a level. "
        "What could be read is listed below."
    )


def _verdict(assessment: Assessment, score: Score) -> str:
    name = assessment.engagement.system or assessment.subject.name
    parts = [_opening(name, assessment, score)]
    open_gates = _in_state(score, GateState.OPEN)
    if open_gates:
        gates = "gate is" if len(open_gates) == 1 else "gates are"
        parts.append(f"{capitalised(number_word(len(open_gates)))} {gates} open, and each alone holds it back.")
    elif score.level is not None and score.held_by:
        parts.append(_held(assessment, score))
    return " ".join(parts)


def _opening(name: str, assessment: Assessment, score: Score) -> str:
    match score.level:
        case None if assessment.subject.llm_application is None:
            return f"We could not determine whether {name} calls a language model, so no readiness level is named."
        case None:
            share = percent(score.coverage)
            return f"Too little of {name} could be assessed to name a readiness level: {share} of the weighted checks."
        case 0:
            return f"{name} is not ready for production, nor for a pilot."
        case 1:
            return f"{name} is ready for a pilot with named users and a person watching, not yet for production."
        case 2:
            return f"{name} is ready for production, within the limits listed here."
        case _:
            return f"{name} is ready for production at scale."


def _held(assessment: Assessment, score: Score) -> str:
    return f"What holds the level: {holders(assessment, score)}."


def holders(assessment: Assessment, score: Score) -> str:
    """What holds the level, in words: the first three, and how many more."""
    names = [lowered(held_words(assessment, score, item)) for item in score.held_by[:3]]
    rest = len(score.held_by) - len(names)
    return "; ".join([*names, f"and {number_word(rest)} more"] if rest else names)


def held_words(assessment: Assessment, score: Score, item: str) -> str:
    """What holds the level, in words: a check's headline, a pillar with its points, or the word as it is."""
    pillar = next((pillar for pillar in score.pillars if pillar.id == item), None)
    if pillar is not None:
        return f"{pillar.title} has {whole(pillar.proven)} points proven"
    if item == SUBJECT:
        return "nobody could tell whether it calls a language model"
    if item == COVERAGE:
        return f"only {percent(score.coverage)} of the weighted checks could be assessed"
    return PILLARS[item][0] if item in PILLARS else _headline(assessment, item)


def _headline(assessment: Assessment, check: str) -> str:
    """A check's headline; the gate's own name where no check exists."""
    found = next((result for result in assessment.results if result.claim.id == check), None)
    if found is None:
        return GATE_NAMES.get(check, check)
    return found.headline if found.outcome in {Outcome.FAIL, Outcome.PARTIAL, Outcome.PASS} else found.claim.title


def _title(assessment: Assessment, check: str) -> str:
    found = next((result for result in assessment.results if result.claim.id == check), None)
    return found.claim.title if found is not None else GATE_NAMES.get(check, check)


def _in_state(score: Score, state: GateState) -> tuple[str, ...]:
    return tuple(gate.check for gate in score.gates if gate.state is state)


def _ranked(assessment: Assessment, checks: Sequence[str]) -> list[str]:
    """Checks in the order of their findings."""
    numbers = finding_numbers(assessment)
    return sorted(checks, key=lambda check: (numbers.get(check, len(numbers) + 1), check))


def _figures(assessment: Assessment, score: Score) -> tuple[Figure, ...]:
    proven, unknown, lost = whole_parts((score.proven, score.open, score.lost))
    undecided = sum(result.outcome in OPEN_OUTCOMES for result in assessment.results)
    failing = len(faults(assessment))
    gates = {state: len(_in_state(score, state)) for state in GateState}
    noun = "gate" if len(score.gates) == 1 else "gates"
    open_words = (
        f"points open: {counted(undecided, 'check')} could not be assessed"
        if undecided
        else "points open: every applicable check was assessed"
    )
    return (
        Figure(str(proven), "of 100 points proven"),
        Figure(str(unknown), open_words),
        Figure(str(lost), f"points lost in {counted(failing, 'finding')}"),
        Figure(
            str(gates[GateState.OPEN]),
            f"of {len(score.gates)} {noun} open, {gates[GateState.TO_CONFIRM]} to confirm",
        ),
    )


def finding_numbers(assessment: Assessment) -> dict[str, int]:
    """The number of each finding by its check's id."""
    return {result.claim.id: number for number, result in enumerate(faults(assessment), 1)}


def _blocks(assessment: Assessment, score: Score) -> tuple[Block, ...]:
    numbers = finding_numbers(assessment)
    by_id = {result.claim.id: result for result in assessment.results}
    ordered = _ranked(assessment, _in_state(score, GateState.OPEN))
    return tuple(
        Block(check, clipped(_headline(assessment, check), 110).rstrip("."), _block_words(by_id[check]), numbers.get(check, 0))
        for check in ordered[:BLOCKS]
        if check in by_id
    )


def _block_words(result: CheckResult) -> str:
    """What was seen, and the first place that shows it where there is one."""
    said = clipped(result.summary, 130)
    first = min(result.sites, key=_telling, default=None)
    if first is None or first.evidence.span is None:
        return said
    where = f"See {clipped_path(place(first.evidence), 60)}"
    room = BLOCK - len(said) - len(where)
    return f"{said} {where}: {clipped(first.evidence.note, room)}" if room > len(first.evidence.note) / 2 else f"{said} {where}."


def _telling(site: Site) -> tuple[bool, bool, str, int]:
    """Faults first, of those the ones that have a place, by place."""
    span = site.evidence.span
    return (site.evidence.shows is not Shows.UNMET, span is None, span.path if span else "", span.line if span else 0)


def _gates(assessment: Assessment, score: Score) -> tuple[Field, ...]:
    cleared = _in_state(score, GateState.CLEARED)
    unread = _in_state(score, GateState.NOT_ASSESSED)
    checked = {result.claim.id for result in assessment.results}
    idle = {result.claim.id for result in assessment.results if result.outcome is Outcome.NOT_APPLICABLE}
    groups = (
        ("Also open", _ranked(assessment, _in_state(score, GateState.OPEN))[BLOCKS:]),
        ("To confirm", _in_state(score, GateState.TO_CONFIRM)),
        ("Not assessed", [check for check in unread if check in checked]),
        ("No check yet", [check for check in unread if check not in checked]),
        ("Risk accepted", _in_state(score, GateState.ACCEPTED)),
        ("Cleared", [check for check in cleared if check not in idle]),
        ("Does not apply", [check for check in cleared if check in idle]),
    )
    return tuple(
        Field(f"{label} ({len(checks)})", "; ".join(_title(assessment, check) for check in checks))
        for label, checks in groups
        if checks
    )


def _steps(assessment: Assessment) -> tuple[Step, ...]:
    numbers = finding_numbers(assessment)
    return tuple(
        Step(
            index,
            action.check,
            first_sentence(action.remedy, 180),
            clipped(action.headline, 110).rstrip("."),
            EFFORT.get(action.effort, action.effort),
            f"+{tenth(action.points)}",
            numbers.get(action.check, 0),
        )
        for index, action in enumerate(assessment.actions[:ACTIONS], 1)
    )


def _worth(assessment: Assessment, shown: int) -> str:
    if not shown:
        return ""
    points = sum(action.points for action in assessment.actions[:shown])
    return f"gates first; together worth {tenth(points)} of 100 points"


def _remarks(assessment: Assessment) -> tuple[str, ...]:
    return tuple(_reach(assessment))


def _reach(assessment: Assessment) -> Iterator[str]:
    """What kept the assessment from seeing everything."""
    unread = [
        stat for stat in assessment.subject.languages
        if stat.programming and stat.names_llm and stat.coverage is not LanguageCoverage.FULL and stat.production_lines
    ]  # fmt: skip
    if unread:
        said = joined([f"{language(stat.name)} ({counted(stat.production_lines, 'line')})" for stat in unread])
        yield (
            f"Part of the code that names a language model is written in {said}, which this rubric does not read in full. "
            "Nothing there is judged absent or present."
        )
    if not assessment.subject.has_ci and assessment.subject.llm_application:
        yield "No CI definition came with the code."


def cover_fields(assessment: Assessment, basis: str) -> tuple[Field, ...]:
    """The lines at the foot of the cover."""
    subject, engagement, identity = assessment.subject, assessment.engagement, assessment.identity
    commit = f" at commit {subject.commit[:12]}" if subject.commit else ", no commit recorded"
    rows: Sequence[tuple[str, str]] = (
        ("Prepared for", engagement.client),
        ("Prepared by", engagement.assessor),
        ("Assessed", f"{subject.name}{commit}: {counted(subject.files, 'file')}, {counted(subject.lines, 'line')}"),
        ("Date", long_date(assessment.as_of)),
        ("Basis", basis),
        ("Rubric", f"{identity.rubric}, profile {identity.profile}; tool {identity.tool}"),
        ("Knowledge", identity.knowledge[:24] + ("…" if len(identity.knowledge) > 24 else "")),
    )
    return tuple(Field(label, clipped(value, 110)) for label, value in rows if value)


def cover_promise(assessment: Assessment) -> str:
    """The sentence under the title."""
    name = assessment.engagement.system or assessment.subject.name
    if assessment.score is None or assessment.subject.llm_application is not True:
        return sentence(f"{name}: what was read, and what it shows")
    return f"{name}: what stands between this system and production, where in the code, and what to do about it."
