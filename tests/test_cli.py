"""The command line: what it writes and says, and exit codes that never lie."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from readiness.cli import run
from readiness.cli.parts import Parts
from readiness.errors import OutputError
from readiness.model import (
    Acceptance,
    Answer,
    Facts,
    Gap,
    RepositoryKind,
    Scope,
)
from readiness.model.wire import loads
from readiness.repo import Repository, Settings, Source, SourceKind
from tests.cli_parts import HOSTILE, NAMES, parts, plain, raising, said
from tests.facts_builder import facts
from tests.score_builder import passing


@pytest.fixture(autouse=True)
def _plain(monkeypatch: pytest.MonkeyPatch) -> None:
    plain(monkeypatch)


# ------------------------------------------------------------------------------------------------ help


def test_help_names_every_command_and_every_exit_code(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["--help"]) == 0
    out, _ = said(capsys)
    for word in ("audit", "report", "facts", "checks", "explain", "130", "Examples:"):
        assert word in out


@pytest.mark.parametrize("command", ["audit", "report", "facts", "checks", "explain"])
def test_every_command_has_help_in_eighty_columns(capsys: pytest.CaptureFixture[str], command: str) -> None:
    assert run([command, "--help"]) == 0
    out, _ = said(capsys)
    assert out.startswith(f"Usage: readiness {command}")
    assert max(map(len, out.splitlines())) <= 80


def test_help_loads_nothing_heavy() -> None:
    script = "import sys; from readiness.cli import run; run(['--help']); print(sorted(set(sys.argv[1:]) & set(sys.modules)), file=sys.stderr)"
    heavy = ["weasyprint", "ast_grep_py", "jinja2", "yaml", "jsonschema", "rich", "pygments", "readiness.model"]
    done = subprocess.run([sys.executable, "-c", script, *heavy], capture_output=True, text=True, check=True)
    assert done.stderr.strip() == "[]"


def test_it_runs_as_a_module_and_tells_its_version() -> None:
    done = subprocess.run([sys.executable, "-m", "readiness", "--version"], capture_output=True, text=True, check=True)
    assert done.stdout.startswith("readiness 0.")
    assert "rubric" in done.stdout


# ------------------------------------------------------------------------------------------------ audit


def test_an_audit_writes_every_format_and_says_so(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["audit", "shop", "--out", str(tmp_path / "new" / "out")], parts()) == 0
    assert sorted(file.name for file in (tmp_path / "new" / "out").iterdir()) == sorted(NAMES)
    out, err = said(capsys)
    assert "Level 0, Prototype, held there by sec.secrets and the pillar Security" in out
    assert "50 proven  0 open  50 lost" in out
    assert f"Written to {tmp_path / 'new' / 'out'}:\n  assessment.json, report.pdf, report.html, comment.md\n" in out
    assert err == ""


def test_only_what_was_asked_for_is_written(tmp_path: Path) -> None:
    assert run(["audit", "shop", "--out", str(tmp_path), "--format", "md, json"], parts()) == 0
    assert sorted(file.name for file in tmp_path.iterdir()) == ["assessment.json", "comment.md"]


@pytest.mark.parametrize(
    ("threshold", "known", "code"),
    [
        ("50", facts(), 0),
        ("50.5", facts(), 1),
        ("100", facts(), 1),
        ("50.5", facts(gaps=(Gap("calls", "too large", "a.py", 400, "python"),)), 3),
        ("50.5", facts(gaps=(Gap("calls", "too large", "a.py", 4, "python"),)), 1),
        ("99", facts(llm_application=False, kind=RepositoryKind.NOT_LLM), 0),
    ],
)
def test_a_threshold_is_met_missed_or_missed_for_want_of_what_could_not_be_read(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], threshold: str, known: Facts, code: int
) -> None:
    found = run(["audit", "shop", "--out", str(tmp_path), "--format", "json", "--fail-under", threshold], parts(known))
    assert found == code
    assert ("threshold" in said(capsys)[1]) is (code != 0)


def test_a_crashed_check_never_reads_as_a_missed_threshold(tmp_path: Path) -> None:
    broken = replace(passing("sec.input-guard"), assess=lambda _: 1 / 0)  # type: ignore[arg-type,return-value]
    whole = parts(None, broken, passing("prompt.change-gated"))
    assert run(["audit", "shop", "--out", str(tmp_path), "--format", "json", "--fail-under", "60"], whole) == 3


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["audit"],
        ["audti", "."],
        ["audit", ".", "--colour", "red"],
        ["audit", ".", "--format", "docx"],
        ["audit", ".", "--format", ""],
        ["audit", ".", "--as-of", "yesterday"],
        ["audit", ".", "--as-of", "2026-02-30"],
        ["audit", ".", "--fail-under", "101"],
        ["audit", ".", "--jobs", "0"],
        ["audit", ".", "--engagement", "nowhere.yaml"],
        ["report", "nowhere.json"],
        ["explain", "rel.nothing"],
    ],
)
def test_what_is_called_wrongly_exits_with_two_and_says_why(capsys: pytest.CaptureFixture[str], arguments: list[str]) -> None:
    assert run(arguments, parts()) == 2
    assert said(capsys)[1].strip()


@pytest.mark.parametrize("make", [lambda path: path / "nowhere", lambda path: path])
def test_a_target_that_is_not_there_or_empty_is_a_usage_error(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], make: Any
) -> None:
    elsewhere = tmp_path.parent / f"{tmp_path.name}-out"
    assert run(["audit", str(make(tmp_path)), "--out", str(elsewhere)], Parts()) == 2
    out, err = said(capsys)
    assert (out, err.count("\n"), elsewhere.exists()) == ("", 1, False)


def test_a_crash_is_one_line_and_exit_three(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = parts(collect=raising(RuntimeError(f"lost\n{HOSTILE}")))
    assert run(["audit", "shop", "--out", str(tmp_path)], broken) == 3
    _, err = said(capsys)
    assert err.startswith("readiness: internal error: RuntimeError: lost")
    assert (err.count("\n"), "\x1b" in err, "Traceback" in err) == (1, False, False)
    monkeypatch.setenv("READINESS_DEBUG", "1")
    assert run(["audit", "shop", "--out", str(tmp_path)], broken) == 3
    assert "Traceback" in said(capsys)[1]


def test_an_interrupt_is_exit_130(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["audit", "shop", "--out", str(tmp_path)], parts(collect=raising(KeyboardInterrupt()))) == 130
    assert said(capsys)[1] == "readiness: interrupted\n"


@pytest.mark.parametrize("error", [OutputError("Pango is missing"), ValueError("broken"), OSError(28, "No space left on device")])
def test_an_output_that_cannot_be_written_takes_no_other_with_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], error: Exception
) -> None:
    (tmp_path / "report.html").write_text("of an earlier run", encoding="utf-8")
    assert run(["audit", "shop", "--out", str(tmp_path)], parts(broken={"html": error})) == 3
    assert sorted(file.name for file in tmp_path.iterdir()) == ["assessment.json", "comment.md", "report.pdf"]
    out, err = said(capsys)
    assert "report.html: could not be written" in err
    assert "report.html" not in out


def test_a_missed_threshold_is_no_excuse_for_a_missing_output(tmp_path: Path) -> None:
    arguments = ["audit", "shop", "--out", str(tmp_path), "--fail-under", "99"]
    assert run(arguments, parts(broken={"pdf": OutputError("Pango is missing")})) == 3


def test_a_directory_that_cannot_be_made_is_known_before_the_work(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    untouched = parts(collect=raising(AssertionError("not reached")))
    assert run(["audit", "shop", "--out", str(tmp_path / "file" / "out")], untouched) == 3
    assert "cannot be written to" in said(capsys)[1]


def test_where_no_model_is_called_every_output_says_so(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    known = facts(llm_application=False, kind=RepositoryKind.NOT_LLM)
    assert run(["audit", "shop", "--out", str(tmp_path), "--format", "json,md,html"], parts(known)) == 0
    assert "Not an LLM application" in said(capsys)[0]
    saved = json.loads((tmp_path / "assessment.json").read_bytes())
    assert (saved["score"], {item["verdict"] for item in saved["checks"]}) == (None, {"not_applicable"})


def test_what_an_earlier_run_wrote_into_the_repository_is_not_audited(tmp_path: Path) -> None:
    seen: list[str] = []

    @contextmanager
    def open_target(target: str) -> Iterator[Repository]:
        files = [
            Source(path, SourceKind.CODE, "python", "", Scope.PRODUCTION, 1, 1) for path in ("app.py", "out/old.py", "outer.py")
        ]
        yield Repository(Path(target), "shop", None, tuple(files), (), (Gap("size", "too large", "out/report.pdf"),), RepositoryKind.APPLICATION, has_ci=True, has_tests=True, settings=Settings())  # fmt: skip

    def collect(repository: Repository, **_: object) -> Facts:
        seen.extend([*(source.path for source in repository.sources), *(str(gap.path) for gap in repository.gaps)])
        return facts()

    run(
        ["audit", str(tmp_path), "--out", str(tmp_path / "out"), "--format", "json"],
        parts(open_target=open_target, collect=collect),
    )
    assert seen == ["app.py", "outer.py"]


def test_the_engagement_reaches_facts_report_and_identity(tmp_path: Path) -> None:
    file = tmp_path / "engagement.yaml"
    file.write_text("engagement: {client: ACME}\n", encoding="utf-8")
    given: list[tuple[Answer, ...]] = []

    def collect(_: Repository, *, answers: tuple[Answer, ...], as_of: date, **__: object) -> Facts:
        given.append(answers)
        return replace(facts(*answers), as_of=as_of)

    whole = parts(
        collect=collect, settings=Settings(acceptances=(Acceptance("sec.secrets", "Rotated.", "CISO", date(2099, 1, 1)),))
    )
    arguments = ["audit", "shop", "--format", "json", "--as-of", "2026-11-23", "--out"]
    assert run([*arguments, str(tmp_path / "a"), "--engagement", str(file)], whole) == 0
    assert run([*arguments, str(tmp_path / "b")], parts(collect=collect)) == 0
    with_words, without = (loads((tmp_path / name / "assessment.json").read_bytes()) for name in "ab")
    assert (with_words.engagement.client, without.engagement.client, given) == ("ACME", "", [(), ()])
    assert with_words.as_of == date(2026, 11, 23)
    assert {item.claim.id for item in with_words.results if item.accepted} == {"sec.secrets"}
    assert with_words.identity.config != without.identity.config
    assert with_words.identity.digest != without.identity.digest
