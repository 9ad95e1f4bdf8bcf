"""Audits a directory as the tool does, but without worker processes."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from readiness.audit import audit
from readiness.collect import collect, ir, workers
from readiness.collect.engagement import load
from readiness.collect.extract import extract
from readiness.collect.lower import LoweringError
from readiness.collect.task import Task
from readiness.identity import identify
from readiness.model import Assessment, Gap
from readiness.registry import Check
from readiness.repo import decode, open_target
from readiness.repo.files import read_inside

__all__ = ["assess", "in_process"]


def assess(root: Path, checks: Sequence[Check], as_of: date, engagement: Path | None = None) -> Assessment:
    """What checks say of the repository in a directory."""
    answers = load(engagement).answers if engagement is not None and engagement.exists() else ()
    with pytest.MonkeyPatch.context() as patch, open_target(str(root)) as repository:
        patch.setattr(workers, "run", in_process)
        patch.setattr(yaml, "safe_load", _document)
        facts = collect(repository, as_of=as_of, answers=answers, jobs=1)
    return audit(tuple(checks), facts, identity=identify(knowledge="", config="", as_of=as_of))


def in_process(root: Path, tasks: Sequence[Task], *, file_bytes: int, **_: object) -> workers.Extraction:
    """What the workers make of the files, without a process for each of hundreds of small repositories."""
    files, gaps = [], []
    for task in sorted(tasks, key=lambda task: task.path):
        try:
            files.append(_tree(decode(read_inside(root, task.path, file_bytes)), task))
        except LoweringError as error:
            gaps.append(Gap(task.kind, str(error), task.path))
    return workers.Extraction(tuple(files), tuple(gaps))


@lru_cache(maxsize=500)
def _tree(text: str, task: Task) -> ir.FileFacts:
    """The tree of one file; most of a mutated application is as it was."""
    return extract(text, task)


def _document(text: str) -> Any:
    """A document of the tool's own knowledge, read by the loader in C: dozens of audits read it again."""
    return yaml.load(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
