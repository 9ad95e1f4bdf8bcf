"""The facts of a few files, collected in this process."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from pathlib import Path

import pytest

from readiness.collect import collect, workers
from readiness.model import Facts
from readiness.repo import open_target
from tests.one_process import in_process


def facts_of(root: Path, files: Mapping[str, str]) -> Facts:
    """Write `files` under `root`, and collect them as one repository."""
    for path, text in files.items():
        target = root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch, open_target(str(root)) as repository:
        patch.setattr(workers, "run", in_process)
        return collect(repository, as_of=date(2026, 11, 23), jobs=1)
