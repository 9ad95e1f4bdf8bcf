"""Reads the consultant's `engagement.yaml`: words for the cover and answers to what code cannot tell."""

from __future__ import annotations

import datetime as dt
import difflib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import yaml

from readiness import resources
from readiness.documents import parse_yaml
from readiness.errors import ConfigurationError
from readiness.model import Answer, Engagement

LARGEST: Final = 1_000_000
"""Bytes. A questionnaire of a dozen answers is a thousand times smaller."""

WORDS: Final = "engagement"
"""The section that is for the cover and answers no question."""

_DATES: Final = frozenset({"engagement.date", "evidence.redteam_report.date"})


@dataclass(frozen=True, slots=True)
class EngagementFile:
    """What the consultant handed in. A question's id is the dotted path of its key; a blank answer is none."""

    answers: tuple[Answer, ...] = ()
    words: Engagement = field(default_factory=Engagement)


def load(path: Path) -> EngagementFile:
    """The answers and the words of an engagement file, answers by question.

    Raises:
        ConfigurationError: the file cannot be read, is not YAML (named by line and column), asks an unknown question (by line,
            with the nearest known one) or gives an answer that is not one.
    """
    text = _text(path)
    schema = json.loads(resources.schema("engagement.schema").read_text(encoding="utf-8"))
    for key, known in _unknown(_compose(text, path), schema):
        near = difflib.get_close_matches(str(key.value), known, 1, 0.5)
        hint = f"did you mean {near[0]!r}?" if near else f"known here: {', '.join(sorted(known))}"
        raise ConfigurationError(f"{path}:{key.start_mark.line + 1}: unknown key {key.value!r}; {hint}")
    content = parse_yaml(text, str(path), schema)
    assert isinstance(content, dict)
    values = {question: _plain(question, value, path) for question, value in _leaves(content, "")}
    words = {name: str(values.get(f"{WORDS}.{name}", "")) for name in ("client", "system", "assessor", "notes")}
    who, when = words["assessor"], str(values.get(f"{WORDS}.date", ""))
    answers = (
        Answer(question, value, who, when) for question, value in sorted(values.items()) if not question.startswith(WORDS + ".")
    )
    return EngagementFile(tuple(answers), Engagement(**words))


def _text(path: Path) -> str:
    try:
        if path.stat().st_size > LARGEST:
            raise ConfigurationError(f"{path}: is larger than {LARGEST} bytes, which no questionnaire is")
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"{path}: cannot be read: {error}") from None


def _compose(text: str, path: Path) -> yaml.Node | None:
    """The tree of the file with its lines."""
    try:
        return yaml.compose(text, yaml.SafeLoader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        place = f"{mark.line + 1}:{mark.column + 1}" if mark else "1:1"
        raise ConfigurationError(f"{path}:{place}: {error.problem or error.context}") from None
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise ConfigurationError(f"{path}: is not YAML: {error}") from None


def _unknown(node: yaml.Node | None, schema: Mapping[str, Any]) -> Iterator[tuple[yaml.ScalarNode, list[str]]]:
    """Keys that the schema does not know, each with those it knows there."""
    properties = schema.get("properties", {})
    if not isinstance(node, yaml.MappingNode) or not properties:
        return
    for key, value in node.value:
        if not isinstance(key, yaml.ScalarNode) or key.value not in properties:
            if isinstance(key, yaml.ScalarNode):
                yield key, list(properties)
        else:
            yield from _unknown(value, properties[key.value])


def _leaves(content: Mapping[str, Any], path: str) -> Iterator[tuple[str, Any]]:
    for key, value in content.items():
        if isinstance(value, dict):
            yield from _leaves(value, f"{path}{key}.")
        elif value not in ("", None, []):
            yield f"{path}{key}", value


def _plain(question: str, value: object, path: Path) -> str | bool | float | tuple[str, ...]:
    """A leaf as the value of an answer: lists become tuples, days ISO text."""
    if question in _DATES:
        return _day(question, value, path)
    if isinstance(value, list):
        return tuple(str(item) for item in value)
    return value if isinstance(value, bool | float) else str(value)


def _day(question: str, value: object, path: Path) -> str:
    if isinstance(value, dt.datetime):
        value = value.date()
    try:
        return dt.date.fromisoformat(str(value)).isoformat()
    except ValueError:
        raise ConfigurationError(f"{path}: {question}: {value!r} is no day; write YYYY-MM-DD") from None
