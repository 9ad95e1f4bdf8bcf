"""What the command line prints: eighty columns, nothing of a repository that moves the terminal, the same report again."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from readiness.cli import run
from readiness.model import (
    Answer,
    Assessment,
    Evidence,
    Gap,
    LanguageCoverage,
    LanguageStat,
    RepositoryKind,
    Shows,
    Span,
    at,
)
from readiness.model.wire import dumps
from readiness.score import GATES
from tests.cli_parts import HOSTILE, parts, plain, said
from tests.facts_builder import call, facts
from tests.score_builder import assess, check, failing, passing


@pytest.fixture(autouse=True)
def _plain(monkeypatch: pytest.MonkeyPatch) -> None:
    plain(monkeypatch)


# ------------------------------------------------------------------------------------------------ what is printed


def hostile() -> Assessment:
    stat = LanguageStat(HOSTILE, 1, 1, 1, LanguageCoverage.FULL)
    unmet = at(Shows.UNMET, Span(HOSTILE, 1, 1, HOSTILE, HOSTILE), HOSTILE)
    known = facts(call(1, HOSTILE, api=HOSTILE), gaps=(Gap(HOSTILE, HOSTILE, HOSTILE),), name=HOSTILE, languages=(stat,))
    return assess(check("sec.secrets", unmet), *map(failing, GATES[1:]), failing("rel.timeouts"), known=known)


@pytest.mark.parametrize("colour", [False, True])
def test_nothing_of_a_repository_moves_the_terminal(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, colour: bool
) -> None:
    if colour:
        monkeypatch.setenv("FORCE_COLOR", "1")
        monkeypatch.setenv("TERM", "xterm")
    file = tmp_path / "saved.json"
    file.write_bytes(dumps(hostile()))
    assert run(["report", str(file), "--out", str(tmp_path), "--format", "json"], parts()) == 0
    out, _ = said(capsys)
    assert "U+001B\u203a]0;owned\u2039U+0007" in out
    assert not set(out) & {"\x07", "\x9b", "\r", "\u202e"}
    assert ("\x1b" in out) is colour
    assert "\x1b]" not in out
    assert "[bold]x[/bold]" in out


def test_the_summary_fits_eighty_columns(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.chdir(tmp_path)
    assert run(["audit", "shop", "--out", "out"], parts(None, *map(failing, GATES), failing("rel.timeouts"))) == 0
    lines = said(capsys)[0].splitlines()
    assert max(map(len, lines)) <= 80
    assert [line for line in lines if line != line.rstrip()] == []


def test_the_summary_says_when_there_is_no_level(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    known = facts(llm_application=None, kind=RepositoryKind.UNDETERMINED)
    assert run(["audit", "shop", "--out", str(tmp_path), "--format", "json"], parts(known)) == 0
    assert "Not assessed: whether it is an LLM application could not be determined." in said(capsys)[0]


# ------------------------------------------------------------------------------------------------ report


def test_every_output_is_the_same_again_from_the_saved_assessment_alone(tmp_path: Path) -> None:
    formats = ["--format", "json,html,md"]
    known = facts(
        call(3),
        Answer("data.personal", value=True, declared_by="A. Person", on="2026-11-20"),
        gaps=(Gap("calls", "crash", "a.py"),),
    )
    weak = Evidence(Shows.WEAK, "Off by default.", Span("a.py", 3, 4, "f", "x = 1"))
    assert (
        run(
            ["audit", "shop", "--out", str(tmp_path / "a"), *formats],
            parts(known, check("obs.llm-tracing", weak), failing("sec.secrets")),
        )
        == 0
    )
    assert run(["report", str(tmp_path / "a" / "assessment.json"), "--out", str(tmp_path / "b"), *formats]) == 0
    first, again = ({file.name: file.read_bytes() for file in (tmp_path / name).iterdir()} for name in "ab")
    assert len(first) == 3
    assert first == again


def changed() -> bytes:
    saved = json.loads(dumps(assess(passing("sec.secrets"))))
    saved["score"]["proven"] = 101
    return json.dumps(saved).encode()


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"{", "is not JSON"),
        (b"{}", "schema: is None"),
        (b"\xff", "is not JSON"),
        (changed(), "score.proven: 101 is greater than the maximum of 100"),
    ],
)
def test_what_is_no_assessment_is_refused_by_name_and_place(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], content: bytes, words: str
) -> None:
    file = tmp_path / "assessment.json"
    file.write_bytes(content)
    assert run(["report", str(file), "--out", str(tmp_path / "out")]) == 2
    _, err = said(capsys)
    assert err.startswith(f"readiness: {file}: {words}")
    assert not (tmp_path / "out").exists()


# ------------------------------------------------------------------------------------------------ facts, checks, explain


def test_facts_are_shown_before_any_judgement(capsys: pytest.CaptureFixture[str]) -> None:
    known = facts(call(3, api="openai.chat.completions.create"), gaps=(Gap("calls", "crash", HOSTILE),))
    assert run(["facts", "shop"], parts(known)) == 0
    out, _ = said(capsys)
    assert "src/app.py:3" in out
    assert "openai.chat.completions.create" in out
    assert "None found: prompt" in out
    assert max(map(len, out.splitlines())) <= 80
    assert "\x1b" not in out


def test_facts_can_be_had_as_json(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["facts", "shop", "--json"], parts(facts(call(3), name=HOSTILE))) == 0
    found = json.loads(said(capsys)[0])
    assert found["facts"]["model_call"][0]["span"]["line"] == 3
    assert (found["subject"]["name"], found["facts"]["prompt"]) == (HOSTILE, [])


def test_checks_are_listed_in_eighty_columns(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    assert run(["checks"]) == 0
    out, _ = said(capsys)
    assert "prompt.change-gated" in out
    assert max(map(len, out.splitlines())) <= 80


@pytest.mark.parametrize("name", ["prompt.change-gated", "change-gated"])
def test_a_check_explains_itself_with_its_examples(capsys: pytest.CaptureFixture[str], name: str) -> None:
    assert run(["explain", name]) == 0
    out, _ = said(capsys)
    for words in ("prompt.change-gated", "Holds", "Fails", "Why", "Remedy", "Examples", "# met"):
        assert words in out
    assert "Only talked about" not in out
    assert max(map(len, out.splitlines())) <= 80


def test_a_check_that_is_not_there_gets_a_near_one_named(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["explain", "prompt.change-gate"]) == 2
    assert "Did you mean prompt.change-gated" in said(capsys)[1]


def test_a_closed_pipe_is_no_complaint() -> None:
    script = f"{sys.executable} -m readiness explain prompt.change-gated | true; exit ${{PIPESTATUS[0]}}"
    done = subprocess.run(["bash", "-c", script], capture_output=True, text=True, check=False)
    assert done.stderr == ""
    assert done.returncode in {0, 3}
