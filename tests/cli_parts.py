"""The command line over facts that a test made: nothing is read, nothing is fetched, and the PDF is not set."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from readiness.cli.outputs import Output, outputs_of
from readiness.cli.parts import Parts
from readiness.model import (
    Assessment,
    Facts,
    RepositoryKind,
)
from readiness.registry import Check
from readiness.repo import Repository, Settings
from tests.facts_builder import call, facts
from tests.score_builder import failing, passing

HOSTILE = "\x1b]0;owned\x07\x1b[31mred\x9b2J\u202egnp\r\n[bold]x[/bold]"
NAMES = ("assessment.json", "comment.md", "report.html", "report.pdf")


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


def plain(monkeypatch: pytest.MonkeyPatch) -> None:
    """No wish of whoever runs the tests decides how a terminal looks."""
    for name in ("FORCE_COLOR", "NO_COLOR", "COLUMNS", "READINESS_DEBUG", "TTY_COMPATIBLE"):
        monkeypatch.delenv(name, raising=False)


def said(capsys: pytest.CaptureFixture[str]) -> tuple[str, str]:
    out, err = capsys.readouterr()
    return out, err
