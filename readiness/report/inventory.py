"""The AI inventory: the models, calls and prompts found, production first, and what is alike in one row."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final, TypeVar

from readiness.model.assessment import Assessment
from readiness.model.calls import Model, ModelCall, Pin
from readiness.model.facts import Prompt
from readiness.model.place import Span
from readiness.model.words import counted
from readiness.report.text import DASH, capped, clipped, clipped_path, more, sentence, thousands
from readiness.report.words import SCOPE

CALLS: Final = 60
PROMPTS: Final = 40
MODELS: Final = 30
"""Rows of each table."""

IDS: Final = 2
LINES: Final = 8
"""Model ids and line numbers in one cell."""

UNKNOWN: Final = "not known"

_PINNED: Final = {
    Pin.SNAPSHOT: "snapshot",
    Pin.STABLE: "stable name, no snapshot published",
    Pin.ALIAS: "moving name",
    Pin.UNKNOWN: UNKNOWN,
}

Item = TypeVar("Item")


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
    """Model calls of one file that differ in their lines only."""

    place: str
    api: str
    kind: str
    provider: str
    models: str
    scope: str


@dataclass(frozen=True, slots=True)
class PromptRow:
    """The prompts of one file."""

    place: str
    role: str
    storage: str
    holes: str
    scope: str


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


def build_inventory(assessment: Assessment) -> Inventory:
    """Models by use; calls and prompts by place, those of production first."""
    scopes = assessment.subject.production_scopes
    calls = sorted(assessment.model_calls, key=lambda call: (call.scope not in scopes, _position(call.span)))
    prompts = sorted(assessment.prompts, key=lambda prompt: (prompt.scope not in scopes, _position(prompt.span)))
    call_rows, calls_left = capped(_alike((_call(call), call) for call in calls), CALLS)
    prompt_rows, prompts_left = capped(_alike(((item.span.path, item.scope), item) for item in prompts), PROMPTS)
    models, models_left = capped(_models(assessment.model_calls), MODELS)
    return Inventory(
        lead=_lead(assessment),
        models=models,
        models_more=more(models_left, "model"),
        calls=tuple(_call(alike[0], tuple(call.span for call in alike)) for alike in call_rows),
        calls_more=more(calls_left, "row"),
        prompts=tuple(map(_prompts, prompt_rows)),
        prompts_more=more(prompts_left, "file"),
    )


def _alike(items: Iterable[tuple[object, Item]]) -> list[tuple[Item, ...]]:
    """Items by their key, in the order of the first of each."""
    groups: dict[object, list[Item]] = {}
    for key, item in items:
        groups.setdefault(key, []).append(item)
    return [tuple(group) for group in groups.values()]


def _lead(assessment: Assessment) -> str:
    subject = assessment.subject
    production = sum(call.scope in subject.production_scopes for call in assessment.model_calls)
    total = len(assessment.model_calls)
    prompts = counted(len(assessment.prompts), "prompt")
    return sentence(f"{counted(total, 'model call')}, {thousands(production)} of them in production code, and {prompts} were found")


def _position(span: Span) -> tuple[str, int]:
    return (span.path, span.line)


def _place(spans: Sequence[Span]) -> str:
    """`path:12` or `path:12, 30, 41`; a path alone where no span is given."""
    path = clipped_path(spans[0].path, 70)
    lines, left = capped(dict.fromkeys(_line(span) for span in spans), LINES)
    return f"{path}:{', '.join(lines)}{f' and {left} more' if left else ''}"


def _line(span: Span) -> str:
    return f"{span.line} (cell {span.cell})" if span.cell is not None else str(span.line)


def _call(call: ModelCall, spans: Sequence[Span] = ()) -> CallRow:
    """The row of calls at the given places; without any, what makes a call alike to another."""
    ids = list(dict.fromkeys(model.id for model in call.models))
    said = ", ".join(ids[:IDS]) or "not resolved"
    if len(ids) > IDS:
        said += f" and {len(ids) - IDS} more"
    elif ids and not call.resolved:
        said += " and others"
    provider = _known(call.provider)
    where = provider if call.platform in {"unknown", call.provider} else f"{provider} on {call.platform}"
    kind = f"{call.kind.value} (implicit)" if call.implicit else call.kind.value
    place = _place(spans) if spans else call.span.path
    return CallRow(place, clipped(call.api, 60), kind, where, clipped(said, 120), SCOPE[call.scope])


def _known(word: str) -> str:
    return UNKNOWN if word == "unknown" else word


def _prompts(prompts: Sequence[Prompt]) -> PromptRow:
    roles = sorted({prompt.role for prompt in prompts} - {"unknown"})
    kept = sorted({prompt.storage.value for prompt in prompts})
    holes = dict.fromkeys(hole for prompt in prompts for hole in prompt.holes)
    return PromptRow(
        _place([prompt.span for prompt in prompts]),
        ", ".join(roles) or UNKNOWN,
        ", ".join(kept),
        clipped(", ".join(holes), 90) or DASH,
        SCOPE[prompts[0].scope],
    )


def _models(calls: Sequence[ModelCall]) -> Iterator[ModelRow]:
    """One row a model id, the most used first."""
    uses: dict[str, list[ModelCall]] = {}
    known: dict[str, Model] = {}
    for call in calls:
        for model in {model.id: model for model in call.models}.values():
            uses.setdefault(model.id, []).append(call)
            known.setdefault(model.id, model)
    for name, using in sorted(uses.items(), key=lambda item: (-len(item[1]), item[0])):
        model = known[name]
        retires = model.retires.isoformat() if model.retires else "no date known" if model.listed else "not listed"
        yield ModelRow(
            clipped(name, 80),
            _known(clipped(model.provider, 60)),
            thousands(len(using)),
            _PINNED[model.pin],
            "runs locally" if model.local else retires,
        )
