"""What was read and what was not: coverage, gaps, limits, answers; and the models, calls and prompts found."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from readiness.model.assessment import Assessment
from readiness.model.calls import Model, ModelCall, Pin
from readiness.model.facts import Answer, Subject
from readiness.model.place import LanguageCoverage, RepositoryKind, Span
from readiness.report.summary import Field
from readiness.report.text import (
    DASH,
    capitalised,
    capped,
    clipped,
    clipped_path,
    counted,
    joined,
    long_date,
    more,
    sentence,
    thousands,
)
from readiness.report.words import COVERAGE, KIND, SCOPE, STATE, STATE_MEANING, language

GAPS: Final = 25
CALLS: Final = 60
PROMPTS: Final = 40
MODELS: Final = 30
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
class ModelRow:
    """One model id over all calls that can use it."""

    id: str
    provider: str
    calls: str
    pinned: str
    retires: str


@dataclass(frozen=True, slots=True)
class CallRow:
    """One model call."""

    place: str
    api: str
    kind: str
    provider: str
    models: str
    scope: str


@dataclass(frozen=True, slots=True)
class PromptRow:
    """One prompt."""

    place: str
    role: str
    storage: str
    holes: str
    scope: str


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


@dataclass(frozen=True, slots=True)
class Inventory:
    """The AI parts found in the code."""

    lead: str
    models: tuple[ModelRow, ...]
    models_more: str
    calls: tuple[CallRow, ...]
    calls_more: str
    prompts: tuple[PromptRow, ...]
    prompts_more: str


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
                COVERAGE[stat.coverage],
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
            Field("Rubric", identity.rubric),
            Field("Tool", f"readiness {identity.tool}"),
            Field("Knowledge", identity.knowledge),
            Field("Profile", identity.profile),
            Field("Sources", ", ".join(identity.sources)),
            Field("Configuration", identity.config),
            Field("Commit", subject.commit or "none recorded"),
            Field("As of", long_date(assessment.as_of)),
            Field("Identity", identity.digest),
        ),
    )


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


def build_inventory(assessment: Assessment) -> Inventory:
    """Models, calls and prompts, by place."""
    calls, calls_left = capped(sorted(assessment.model_calls, key=lambda call: _position(call.span)), CALLS)
    prompts, prompts_left = capped(sorted(assessment.prompts, key=lambda prompt: _position(prompt.span)), PROMPTS)
    models, models_left = capped(_models(assessment.model_calls), MODELS)
    return Inventory(
        lead=_lead(assessment),
        models=models,
        models_more=more(models_left),
        calls=tuple(_call(call) for call in calls),
        calls_more=more(calls_left),
        prompts=tuple(
            PromptRow(
                _place(item.span), item.role, item.storage.value, clipped(", ".join(item.holes), 60) or DASH, SCOPE[item.scope]
            )
            for item in prompts
        ),
        prompts_more=more(prompts_left),
    )


def _lead(assessment: Assessment) -> str:
    subject = assessment.subject
    production = sum(call.scope in subject.production_scopes for call in assessment.model_calls)
    total = len(assessment.model_calls)
    prompts = counted(len(assessment.prompts), "prompt")
    return sentence(f"{counted(total, 'model call')}, {thousands(production)} of them in production code, and {prompts} were found")


def _position(span: Span) -> tuple[str, int]:
    return (span.path, span.line)


def _place(span: Span) -> str:
    cell = f" (cell {span.cell})" if span.cell is not None else ""
    return f"{clipped_path(span.path, 70)}:{span.line}{cell}"


def _call(call: ModelCall) -> CallRow:
    ids = [model.id for model in call.models]
    said = ", ".join(dict.fromkeys(ids)) or "not resolved"
    if ids and not call.resolved:
        said += " and others"
    where = call.provider if call.platform in {"unknown", call.provider} else f"{call.provider} on {call.platform}"
    kind = f"{call.kind.value} (implicit)" if call.implicit else call.kind.value
    return CallRow(_place(call.span), clipped(call.api, 60), kind, where, clipped(said, 120), SCOPE[call.scope])


_PINNED: Final = {
    Pin.SNAPSHOT: "snapshot",
    Pin.STABLE: "stable name, no snapshot published",
    Pin.ALIAS: "moving name",
    Pin.UNKNOWN: "not known",
}


def _models(calls: Sequence[ModelCall]) -> Iterator[ModelRow]:
    """One row a model id and provider, the most used first."""
    uses: Counter[tuple[str, str]] = Counter()
    known: dict[tuple[str, str], Model] = {}
    for call in calls:
        for model in {model.id: model for model in call.models}.values():
            uses[model.id, call.provider] += 1
            known.setdefault((model.id, call.provider), model)
    for (name, provider), count in sorted(uses.items(), key=lambda item: (-item[1], item[0])):
        model = known[name, provider]
        retires = model.retires.isoformat() if model.retires else "no date known" if model.listed else "not listed"
        yield ModelRow(
            clipped(name, 80), provider, thousands(count), _PINNED[model.pin], "runs locally" if model.local else retires
        )
