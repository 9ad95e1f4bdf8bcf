"""The command line: what it writes and says, and exit codes that never lie."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from readiness.cli import run
from readiness.cli.outputs import Output, outputs_of
from readiness.cli.parts import Parts
from readiness.errors import OutputError
from readiness.model import (
    Acceptance,
    Answer,
    Assessment,
    Evidence,
    Facts,
    Gap,
    LanguageCoverage,
    LanguageStat,
    RepositoryKind,
    Scope,
    Shows,
    Span,
    at,
)
from readiness.model.wire import dumps, loads
from readiness.registry import Check
from readiness.repo import Repository, Settings, Source, SourceKind
from readiness.score import GATES
from tests.facts_builder import call, facts
from tests.score_builder import assess, check, failing, passing

HOSTILE = "\x1b]0;owned\x07\x1b[31mred\x9b2J\u202egnp\r\n[bold]x[/bold]"
NAMES = ("assessment.json", "comment.md", "report.html", "report.pdf")


@pytest.fixture(autouse=True)
def _plain(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("FORCE_COLOR", "NO_COLOR", "COLUMNS", "READINESS_DEBUG", "TTY_COMPATIBLE"):
        monkeypatch.delenv(name, raising=False)


def outputs(assessment: Assessment, **broken: Exception) -> Mapping[str, Output]:
    """The real outputs of an assessment, but for the PDF, which takes seconds, and for those that fail."""

    def fail(error: Exception) -> bytes:
        raise error

    made = {**outputs_of(assessment), "pdf": Output("report.pdf", lambda: b"%PDF")}
    return made | {name: Output(made[name].file, partial(fail, error)) for name, error in broken.items()}


def parts(
    known: Facts | None = None,
    *checks: Check,
    settings: Settings | None = None,
    broken: Mapping[str, Exception] | None = None,
    **fields: Any,
) -> Parts:
    """The commands over facts that a test made: nothing is read and nothing is fetched."""

    @contextmanager
    def open_target(target: str) -> Iterator[Repository]:
        yield Repository(
            Path(target).resolve(),
            "shop",
            None,
            (),
            (),
            (),
            RepositoryKind.APPLICATION,
            has_ci=True,
            has_tests=True,
            settings=settings or Settings(),
        )

    plain: dict[str, Any] = {
        "open_target": open_target,
        "collect": lambda *_, **__: known or facts(call(3)),
        "checks": lambda: checks or (failing("sec.secrets"), passing("prompt.change-gated")),
        "outputs": lambda assessment: outputs(assessment, **(broken or {})),
    }
    return Parts(**{**plain, **fields})


def raising(error: BaseException) -> Any:
    def collect(*_: object, **__: object) -> Facts:
        raise error

    return collect


def said(capsys: pytest.CaptureFixture[str]) -> tuple[str, str]:
    out, err = capsys.readouterr()
    return out, err


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
    heavy = ["weasyprint", "ast_grep_py", "jinja2", "yaml", "jsonschema", "rich", "pygments", "genai_prices", "readiness.model"]
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
    assert (out, err.count("\n")) == ("", 1)


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
    assert max(map(len, out.splitlines())) <= 80


def test_a_check_that_is_not_there_gets_a_near_one_named(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["explain", "prompt.change-gate"]) == 2
    assert "Did you mean prompt.change-gated" in said(capsys)[1]


def test_a_closed_pipe_is_no_complaint() -> None:
    script = f"{sys.executable} -m readiness explain prompt.change-gated | true; exit ${{PIPESTATUS[0]}}"
    done = subprocess.run(["bash", "-c", script], capture_output=True, text=True, check=False)
    assert done.stderr == ""
    assert done.returncode in {0, 3}
