"""Every case of every check: its files are collected, and the check must say exactly what the case marks."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from pathlib import Path
from typing import Final

import pytest

from readiness import registry
from readiness.model import CheckResult, Outcome, Shows, State
from readiness.registry import Check
from tests.case_files import DECIDED, Case, Mark, parse
from tests.one_process import assess

AS_OF: Final = date(2026, 11, 23)
ENGAGEMENT: Final = "engagement.yaml"
CASES = [
    pytest.param(check, case, id=f"{check.claim.id}:{case.line}") for check in registry.load() for case in parse(check.examples)
]


@pytest.mark.parametrize(("check", "case"), CASES)
def test_case(check: Check, case: Case, tmp_path: Path) -> None:
    case.write(tmp_path)
    result = audited(check, tmp_path)
    seen = marks(result) if case.verdict in DECIDED else {mark for mark in marks(result) if mark.shows is Shows.UNRESOLVED}
    assert lines(result.outcome, result.state, seen) == lines(case.verdict, case.state, case.marks), result.summary


def lines(outcome: Outcome, state: State | None, found: Iterable[Mark]) -> list[str]:
    """A verdict and its evidence, one a line, so that a difference is read at a glance."""
    places = {f"{mark.shows}: {mark.path}:{mark.line}" if mark.path else f"{mark.shows}: repository" for mark in found}
    return [f"{outcome}, {state}" if state else str(outcome), *sorted(places)]


def audited(check: Check, root: Path) -> CheckResult:
    """What one check says of the repository in `root`."""
    (result,) = assess(root, (check,), AS_OF, root / ENGAGEMENT).results
    return result


def marks(result: CheckResult) -> set[Mark]:
    """The evidence of a result, as a case would mark it."""
    found = (site.evidence for site in result.sites)
    return {Mark(item.span.path if item.span else None, item.span.line if item.span else None, item.shows) for item in found}
