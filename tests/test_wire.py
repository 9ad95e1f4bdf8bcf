"""What is saved is all there is: an equal assessment comes back, and anything else is refused by name and place."""

from __future__ import annotations

import json
from functools import cache
from typing import Any

import pytest
from hypothesis import given, settings
from jsonschema import Draft202012Validator

from readiness import resources
from readiness.model import Assessment, Evidence, Setting, SettingState, Shows, Tier, Where
from readiness.model.wire import WireError, dumps, from_json, loads, to_json
from readiness.model.wire_codec import decode, encode
from tests.assessment_strategies import ASSESSMENTS
from tests.facts_builder import call, facts, span
from tests.score_builder import assess, check


@cache
def schema() -> Draft202012Validator:
    content = json.loads(resources.schema("assessment.v1").read_text(encoding="utf-8"))
    Draft202012Validator.check_schema(content)
    return Draft202012Validator(content)


def document() -> dict[str, Any]:
    """A small document with everything in it, as a reader of the file gets it."""
    weak = Evidence(Shows.WEAK, "JSON mode only.", span(3), tier=Tier.DECLARED, call="c-1")
    absent = Evidence(Shows.UNMET, "Nothing in 12 files.", None, Where.REPOSITORY, Tier.NONE)
    saved: dict[str, Any] = json.loads(dumps(assess(check("prompt.structured-output", weak, absent), known=facts(call(3)))))
    return saved


@settings(deadline=None, max_examples=60)
@given(ASSESSMENTS)
def test_every_assessment_comes_back_equal_and_as_the_same_bytes(assessment: Assessment) -> None:
    written = dumps(assessment)
    assert loads(written) == assessment
    assert dumps(loads(written)) == written


@settings(deadline=None, max_examples=60)
@given(ASSESSMENTS)
def test_the_published_schema_accepts_every_document(assessment: Assessment) -> None:
    document = json.loads(dumps(assessment))
    assert document == to_json(assessment)
    assert [error.json_path for error in schema().iter_errors(document)] == []


def closed(part: Any) -> Any:
    """A schema that refuses every key that it does not name."""
    if isinstance(part, list):
        return [closed(item) for item in part]
    if not isinstance(part, dict):
        return part
    inner = {key: closed(value) for key, value in part.items()}
    return {"additionalProperties": False, **inner} if part.get("type") == "object" and "properties" in part else inner


@settings(deadline=None, max_examples=60)
@given(ASSESSMENTS)
def test_the_published_schema_names_every_key_that_is_written(assessment: Assessment) -> None:
    strict = Draft202012Validator(closed(schema().schema))
    assert [f"{error.json_path}: {error.message}" for error in strict.iter_errors(json.loads(dumps(assessment)))] == []


@given(ASSESSMENTS)
@settings(deadline=None, max_examples=20)
def test_no_control_character_and_nothing_beyond_ascii_is_written(assessment: Assessment) -> None:
    assert all(byte == 10 or 32 <= byte < 128 for byte in dumps(assessment))


@pytest.mark.parametrize("part", ["identity", "subject", "facts", "checks", "context", "gaps", "score", "as_of"])
def test_the_schema_refuses_a_document_that_lacks_a_part(part: str) -> None:
    broken = document()
    del broken[part]
    assert [error.validator for error in schema().iter_errors(broken)] == ["required"]


def test_a_control_that_half_holds_is_written_as_unmet_and_comes_back_weak() -> None:
    saved = document()
    weak, absent = sorted(saved["checks"][0]["evidence"], key=lambda item: item["where"])
    assert (weak["shows"], weak["weak"], weak["path"], weak["line"]) == ("unmet", True, "src/app.py", 3)
    assert (absent["shows"], absent["weak"], absent["path"], absent["line"]) == ("unmet", False, None, None)
    assert saved["checks"][0]["sites"] == {"met": 0, "unmet": 2, "unresolved": 0}
    assert {site.evidence.shows for site in from_json(saved).results[0].sites} == {Shows.WEAK, Shows.UNMET}


def test_an_endless_retry_is_written_as_json_allows() -> None:
    endless = Setting(SettingState.SET, float("inf"))
    assert decode(Setting, json.loads(json.dumps(encode(endless), allow_nan=False)), "") == endless


def test_what_a_newer_tool_adds_is_ignored() -> None:
    newer = document() | {"weather": "fine"}
    newer["checks"][0]["weather"] = "fine"
    assert from_json(newer) == from_json(document())


def changed(*path: Any, to: Any) -> bytes:
    content = document()
    part = content
    for step in path[:-1]:
        part = part[step]
    part[path[-1]] = to
    return json.dumps(content).encode()


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "is not JSON"),
        (b"\xff\xfe", "is not JSON"),
        (b"[" * 100_000, "nested too deeply"),
        (b'{"schema": NaN}', "NaN is no JSON number"),
        (b"[]", "the document: a list is no object"),
        (b"{}", "schema: is None, not 'readiness.assessment/v1'"),
        (changed("schema", to="readiness.assessment/v2"), "schema: is 'readiness.assessment/v2'"),
        (changed("as_of", to="yesterday"), "as_of: 'yesterday' is no date"),
        (changed("checks", to={}), "checks: an object is no list"),
        (changed("checks", 0, to=7), "checks[0]: 7 is no object"),
        (changed("checks", 0, "verdict", to="maybe"), "checks[0].verdict: 'maybe' is no outcome (pass, partial,"),
        (changed("checks", 0, "credit", to=True), "checks[0].credit: True is no float"),
        (changed("checks", 0, "references", to=[{"work": "AISVS"}]), "checks[0].references[0].id: is missing"),
        (changed("checks", 0, "evidence", 1, "line", to="3"), "checks[0].evidence[1].line: '3' is no int"),
        (changed("facts", "model_calls", 0, "timeout", "value", to="\x1b[31m"), "facts.model_calls[0].timeout.value: '\\x1b[31m' is no float"),
        (changed("subject", "languages", 0, to=None), "subject.languages[0]: None is no object"),
        (changed("score", to=[]), "score: a list is no object"),
    ],
)  # fmt: skip
def test_what_is_no_assessment_is_refused_with_its_place(data: bytes, words: str) -> None:
    with pytest.raises(WireError) as refusal:
        loads(data)
    assert words in str(refusal.value)


def test_a_missing_part_is_named() -> None:
    broken = document()
    del broken["facts"]["prompts"]
    with pytest.raises(WireError, match=r"^facts\.prompts: is missing$"):
        from_json(broken)
