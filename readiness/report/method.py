"""What was read and what was not: coverage, gaps, limits, answers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from readiness.model.assessment import Assessment
from readiness.model.facts import Answer
from readiness.model.place import LanguageCoverage, RepositoryKind
from readiness.model.subject import LanguageStat, Subject
from readiness.model.words import counted, language
from readiness.report.summary import Field
from readiness.report.text import (
    capitalised,
    capped,
    clipped,
    clipped_path,
    joined,
    long_date,
    more,
    thousands,
)
from readiness.report.words import COVERAGE, KIND, STATE, STATE_MEANING
from readiness.verdicts import CONFIGURATION

GAPS: Final = 25
ANSWERS: Final = 60


@dataclass(frozen=True, slots=True)
class LanguageRow:
    """How much of one language there is and how well it was read."""

    name: str
    files: str
    lines: str
    production: str
    coverage: str


@dataclass(frozen=True, slots=True)
class GapRow:
    """Something that should have been read and was not."""

    place: str
    collector: str
    reason: str


@dataclass(frozen=True, slots=True)
class AnswerRow:
    """An answer of the engagement."""

    question: str
    answer: str
    by: str


@dataclass(frozen=True, slots=True)
class Method:
    """What was read, how, and what was left out."""

    basis: str
    read: str
    languages: tuple[LanguageRow, ...]
    limits: tuple[str, ...]
    gaps: tuple[GapRow, ...]
    gaps_more: str
    answers: tuple[AnswerRow, ...]
    words: tuple[Field, ...]
    identity: tuple[Field, ...]


def basis(sources: Sequence[str]) -> str:
    """What the assessment rests on, in words."""
    names = {
        "repository": "static reading",
        "deployment": "probes of a deployment",
        "traces": "recorded traces",
        "engagement": "answers of the client",
    }
    if set(sources) <= {"repository"}:
        return "Static reading only: nothing was run"
    said = joined([names.get(source, source) for source in sources])
    return said[:1].upper() + said[1:]


_WORDS: Final = (
    *(Field(STATE[state], capitalised(f"{meaning}.")) for state, meaning in STATE_MEANING.items()),
    Field("Confidence", "How sure the verdict is. Low confidence asks a person to look; it never changes points."),
)


def build_method(assessment: Assessment) -> Method:
    """The chapter on method and limits."""
    subject, identity = assessment.subject, assessment.identity
    gaps, left = capped(assessment.gaps, GAPS)
    return Method(
        basis=basis(identity.sources),
        read=_read(subject),
        languages=tuple(
            LanguageRow(
                language(stat.name),
                thousands(stat.files),
                thousands(stat.lines),
                thousands(stat.production_lines),
                _coverage(stat),
            )
            for stat in sorted(subject.languages, key=lambda stat: (-stat.lines, stat.name))
        ),
        limits=tuple(_limits(assessment)),
        gaps=tuple(
            GapRow(clipped_path(gap.path) if gap.path else "whole repository", gap.collector, clipped(gap.reason, 160))
            for gap in gaps
        ),
        gaps_more=more(left),
        answers=tuple(_answer(answer) for answer in assessment.context[:ANSWERS]),
        words=_WORDS,
        identity=(
            Field("Rubric", f"{identity.rubric}, profile {identity.profile}, read by readiness {identity.tool}"),
            Field("Knowledge", identity.knowledge),
            Field("Sources", ", ".join(identity.sources)),
            Field("Configuration", identity.config),
            Field("Commit", subject.commit or "none recorded"),
            Field("As of", long_date(assessment.as_of)),
            Field("Identity", identity.digest),
        ),
    )


def _coverage(stat: LanguageStat) -> str:
    """How well a language was read: a format of settings has values and no calls."""
    if stat.coverage is LanguageCoverage.NAMES and stat.name in CONFIGURATION:
        return "Read as settings: names and values"
    return COVERAGE[stat.coverage]


def _read(subject: Subject) -> str:
    at = f" at commit {subject.commit[:12]}" if subject.commit else ""
    return f"{subject.name}{at}, {KIND[subject.kind]}: {counted(subject.files, 'file')}, {counted(subject.lines, 'line')}."


def _limits(assessment: Assessment) -> Iterator[str]:
    """What the reader must not take this report for."""
    subject = assessment.subject
    if set(assessment.identity.sources) <= {"repository"}:
        yield (
            "Nothing was executed, installed or called: this is a reading of files. Behaviour under load, answers of the models "
            "and settings kept outside the repository were not seen."
        )
    yield (
        "Only production code counts in verdicts. Tests, examples, scripts, generated and vendored files are listed and "
        "not judged, unless the repository holds nothing else."
    )
    yield (
        "A practice that is absent fails; a practice that could be kept elsewhere, or code that could not be read, is open. "
        "An absence is only claimed where every language that could hold the practice was read."
    )
    if subject.kind is RepositoryKind.PACKAGE and not subject.has_ci:
        yield "The package came without CI definitions, so nothing is said about its CI."
    if not subject.has_tests:
        yield "The code came without tests, so nothing is said about how it is tested."
    unread = [stat for stat in subject.languages if stat.programming and stat.coverage is not LanguageCoverage.FULL]
    partly = [language(stat.name) for stat in unread if stat.production_lines]
    if partly:
        yield f"{joined(partly)}: not read in full; see the table."
    yield (
        "The same files, rubric, configuration and date give the same report, byte for byte. Points of two reports compare "
        "only where their identity is equal."
    )


def _answer(answer: Answer) -> AnswerRow:
    match answer.value:
        case bool():
            said = "yes" if answer.value else "no"
        case tuple():
            said = ", ".join(answer.value) or "none"
        case float():
            said = f"{answer.value:g}"
        case _:
            said = answer.value
    by = ", ".join(part for part in (answer.declared_by, answer.on) if part)
    return AnswerRow(clipped(answer.question, 60), clipped(said, 160), clipped(by, 60))
