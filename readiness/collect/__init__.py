"""From the bytes of files to facts: one tree per file, then links across files."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date
from typing import TYPE_CHECKING, Any

from readiness.collect.memory import uncollected
from readiness.model import Answer, Facts

if TYPE_CHECKING:
    from readiness.collect.workers import Extraction
    from readiness.repo import Repository, Source

__all__ = ["collect", "parse"]

Progress = Callable[[int, int], None]


def collect(
    repository: Repository, *, as_of: date, answers: tuple[Answer, ...] = (), jobs: int = 2, progress: Progress | None = None
) -> Facts:
    """Every fact of a repository.

    Args:
        repository: the inventory.
        as_of: the day for which retirement dates are judged.
        answers: what the engagement file says.
        jobs: worker processes for parsing.
        progress: called with files read and files in all.

    Returns:
        The facts; whatever could not be read is a gap among them.
    """
    from readiness.collect.assemble import assemble  # noqa: PLC0415 - everything heavy is loaded when it is needed

    with uncollected():
        return assemble(repository, parse(repository, jobs=jobs, progress=progress), as_of, answers)


def parse(repository: Repository, *, jobs: int = 2, progress: Progress | None = None) -> Extraction:
    """The first phase alone: the tree of every file, from worker processes within limits."""
    from readiness.collect import workers  # noqa: PLC0415

    return workers.run(
        repository.root, _tasks(repository.sources), file_bytes=repository.limits.file_bytes, jobs=jobs, progress=progress
    )


def _tasks(sources: Iterable[Source]) -> list[Any]:
    from readiness.collect.subject import COVERAGE  # noqa: PLC0415
    from readiness.collect.task import Task  # noqa: PLC0415
    from readiness.model import Scope  # noqa: PLC0415

    skipped = (Scope.VENDORED, Scope.GENERATED)
    return [
        Task(source.path, source.kind.value, source.language, source.format)
        for source in sources
        if source.readable and source.scope not in skipped and source.kind.value in ("code", "config", "document")
        and (source.kind.value != "code" or source.language in COVERAGE or source.language == "shell")
    ]  # fmt: skip
