"""What could not be assessed: checks that share a reason stand under it once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from readiness.model.assessment import Assessment, CheckResult
from readiness.model.verdict import Shows
from readiness.report.rows import place, unsettled
from readiness.report.text import capped, clipped, joined, number_word, tenth
from readiness.report.words import NEEDS

ROWS: Final = 40
"""Checks that are listed; no rubric has more that could be open at once and still say something."""

PLACES: Final = 3
"""Places that a person is asked to look at; the assessment has them all."""


@dataclass(frozen=True, slots=True)
class OpenCheck:
    """A check that could not be decided."""

    id: str
    title: str
    gate: bool
    points: str


@dataclass(frozen=True, slots=True)
class OpenGroup:
    """Checks that could not be decided for one reason, what would settle them, and their points together."""

    why: str
    needs: tuple[str, ...]
    checks: tuple[OpenCheck, ...]
    points: str


def build_open(assessment: Assessment) -> tuple[OpenGroup, ...]:
    """The checks that nobody could decide by their reason, the costliest first."""
    groups: dict[tuple[str, tuple[str, ...]], list[CheckResult]] = {}
    for result in unsettled(assessment)[:ROWS]:
        groups.setdefault((clipped(result.summary or result.headline, 260), _needs(result)), []).append(result)
    return tuple(_group(why, needs, results) for (why, needs), results in groups.items())


def _group(why: str, needs: tuple[str, ...], results: Sequence[CheckResult]) -> OpenGroup:
    checks = tuple(
        OpenCheck(result.claim.id, result.claim.title, result.claim.gate, tenth(result.points.open)) for result in results
    )
    return OpenGroup(why, needs, checks, tenth(sum(result.points.open for result in results)))


def _needs(result: CheckResult) -> tuple[str, ...]:
    """What is missing in words; where nothing is, a person's look at the places that could not be told."""
    if result.missing:
        return tuple(clipped(NEEDS.get(item, item), 80) for item in result.missing[:4])
    untold = dict.fromkeys(place(site.evidence) for site in result.sites if site.evidence.shows is Shows.UNRESOLVED)
    shown, left = capped(untold, PLACES)
    rest = [f"{number_word(left)} more"] if left else []
    return (f"A look at {joined([*shown, *rest])}",) if shown else ()
