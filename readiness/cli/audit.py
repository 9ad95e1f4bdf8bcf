"""`readiness audit`: from a target to its report."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Final

import click

from readiness.audit import audit, hidden_by_gaps
from readiness.cli.finish import finish
from readiness.cli.options import collecting, outputs
from readiness.cli.outputs import prepare
from readiness.cli.parts import Parts
from readiness.cli.terminal import progress
from readiness.identity import config_digest, identify, knowledge_digest
from readiness.model import Assessment, Engagement
from readiness.repo import Repository

_DUST: Final = 1e-9
_EPILOG: Final = """\b
Examples:
  readiness audit .
  readiness audit app-1.2.0.tar.gz --out review --format pdf,json
  readiness audit . --engagement engagement.yaml --fail-under 60
"""


@click.command("audit", epilog=_EPILOG)
@collecting
@outputs
@click.option(
    "--fail-under",
    type=click.FloatRange(0, 100),
    metavar="N",
    help="Exit with 1 when fewer than N of 100 points are proven.",
)
@click.pass_obj
def command(
    parts: Parts,
    target: str,
    *,
    out: Path,
    formats: tuple[str, ...],
    engagement: Path | None,
    fail_under: float | None,
    jobs: int,
    as_of: date,
) -> int:
    """Audit TARGET and write the report.

    TARGET is a directory, a git URL, a source distribution (.tar.gz) or a .zip. Nothing of it is executed.
    """
    assessment = _assess(parts, target, out=out, engagement=engagement, jobs=jobs, as_of=as_of)
    return finish(parts, assessment, out=out, formats=formats, missed=_missed(assessment, fail_under))


def _assess(parts: Parts, target: str, *, out: Path, engagement: Path | None, jobs: int, as_of: date) -> Assessment:
    checks = parts.checks()
    file = parts.engagement(engagement) if engagement else None
    with parts.open_target(target) as opened, progress("Reading") as bar:
        prepare(out)
        repository = _without(opened, out)
        facts = parts.collect(repository, as_of=as_of, answers=file.answers if file else (), jobs=jobs, progress=bar)
    settings = repository.settings
    config = config_digest(
        roots=settings.roots, exclude=settings.exclude, acceptances=settings.acceptances, answers=file.answers if file else ()
    )
    return audit(
        checks,
        facts,
        identity=identify(knowledge=knowledge_digest(), config=config, as_of=as_of),
        engagement=file.words if file else Engagement(),
        acceptances=settings.acceptances,
    )


def _without(repository: Repository, out: Path) -> Repository:
    """The repository without what an earlier run wrote into it."""
    place = out.resolve()
    if not place.is_relative_to(repository.root) or place == repository.root:
        return repository
    inside = f"{place.relative_to(repository.root).as_posix()}/"
    return replace(
        repository,
        sources=tuple(source for source in repository.sources if not source.path.startswith(inside)),
        gaps=tuple(gap for gap in repository.gaps if not (gap.path or "").startswith(inside)),
    )


def _missed(assessment: Assessment, threshold: float | None) -> int:
    """The exit code a threshold asks for: 0 met, 1 missed, 3 missed where gaps of ours might still have lifted it."""
    if threshold is None or assessment.score is None:
        return 0
    lacking = threshold - assessment.score.proven
    if lacking <= _DUST:
        return 0
    return 3 if hidden_by_gaps(assessment) >= lacking - _DUST else 1
