"""The consultant's file: answers, words, and errors that name the line."""

from __future__ import annotations

from pathlib import Path

import pytest

from readiness.collect.engagement import load
from readiness.errors import ConfigurationError
from readiness.model import Answer, Engagement

EXAMPLE = Path(__file__).parent.parent / "docs" / "engagement.example.yaml"


def written(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "engagement.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def test_answers_carry_who_and_when(tmp_path: Path) -> None:
    text = "engagement: {client: Shop, assessor: A. Consultant, date: 2026-11-20}\ndata:\n  residency: {required: EU}\n  classes: [personal, pci]\n"
    found = load(written(tmp_path, text))
    assert found.answers == (
        Answer("data.classes", ("personal", "pci"), "A. Consultant", "2026-11-20"),
        Answer("data.residency.required", "EU", "A. Consultant", "2026-11-20"),
    )
    assert found.words == Engagement(client="Shop", assessor="A. Consultant")


def test_a_no_is_an_answer_and_a_blank_is_none(tmp_path: Path) -> None:
    text = 'knowledge: {citations_required: false}\nevidence: {golden_set_location: "", redteam_report: {url: ""}}\ndata: {classes: []}\n'
    assert load(written(tmp_path, text)).answers == (Answer("knowledge.citations_required", False, "", ""),)


def test_the_example_is_valid_and_answers_every_kind() -> None:
    found = load(EXAMPLE)
    asked = {answer.question for answer in found.answers}
    assert {"data.residency.required", "data.classes", "system.users", "workload.mode", "knowledge.citations_required"} <= asked
    assert found.words.client


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("data:\n  residancy:\n    required: EU\n", r":2: unknown key 'residancy'; did you mean 'residency'\?"),
        ("dta: {}\n", r":1: unknown key 'dta'; did you mean 'data'\?"),
        ("zzzzzz: 1\n", r":1: unknown key 'zzzzzz'; known here: data, engagement"),
        ("data:\n  residency:\n    required: Mars\n", r":3: data: residency: required: 'Mars' is not one of"),
        ("data:\n  classes: personal\n", r":2: data: classes: 'personal' is not of type 'array'"),
        ("data:\n  classes: [personal\nsystem: {}\n", r"engagement\.yaml:3:\d+: "),
        ("a: b: c\n", r"engagement\.yaml:1:5: "),
        ("data: {}\ndata: {}\n", r":2: 'data' is said twice"),
        ("engagement: {date: soon}\n", r"engagement\.date: 'soon' is no day; write YYYY-MM-DD"),
        ("- 1\n", r"is not of type 'object'"),
        ("", r"is not of type 'object'"),
        ("\x00", r"is not YAML"),
    ],
)
def test_a_broken_file_says_where(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(ConfigurationError, match=said) as caught:
        load(written(tmp_path, text))
    assert caught.value.exit_code == 2


def test_a_file_that_is_missing_huge_or_not_text(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="cannot be read"):
        load(tmp_path / "absent.yaml")
    with pytest.raises(ConfigurationError, match="larger than"):
        load(written(tmp_path, "#" * 1_000_001))
    (tmp_path / "binary.yaml").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(ConfigurationError, match="cannot be read"):
        load(tmp_path / "binary.yaml")
