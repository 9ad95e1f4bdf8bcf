"""The rooms that the commands call, behind one seam: each is imported when it is first used, and a test hands in its own."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from readiness.cli.outputs import Output
    from readiness.collect.engagement import EngagementFile
    from readiness.model import Answer, Assessment, Facts
    from readiness.registry import Check
    from readiness.repo import Repository

Progress = Callable[[int, int], None]
"""Told how many files are done, and of how many."""


class Collect(Protocol):
    """From a repository to its facts."""

    def __call__(
        self, repository: Repository, *, as_of: date, answers: tuple[Answer, ...], jobs: int, progress: Progress | None
    ) -> Facts: ...


def _open_target(target: str) -> AbstractContextManager[Repository]:
    from readiness.repo import open_target  # noqa: PLC0415

    return open_target(target)


def _collect(repository: Repository, *, as_of: date, answers: tuple[Answer, ...], jobs: int, progress: Progress | None) -> Facts:
    from readiness.collect import collect  # noqa: PLC0415

    return collect(repository, as_of=as_of, answers=answers, jobs=jobs, progress=progress)


def _engagement(file: Path) -> EngagementFile:
    from readiness.collect.engagement import load  # noqa: PLC0415

    return load(file)


def _checks() -> tuple[Check, ...]:
    from readiness.registry import load  # noqa: PLC0415

    return load()


def _outputs(assessment: Assessment) -> Mapping[str, Output]:
    from readiness.cli.outputs import outputs_of  # noqa: PLC0415

    return outputs_of(assessment)


@dataclass(frozen=True, slots=True)
class Parts:
    """What the commands are made of."""

    open_target: Callable[[str], AbstractContextManager[Repository]] = _open_target
    collect: Collect = _collect
    engagement: Callable[[Path], EngagementFile] = _engagement
    checks: Callable[[], tuple[Check, ...]] = _checks
    outputs: Callable[[Assessment], Mapping[str, Output]] = _outputs
