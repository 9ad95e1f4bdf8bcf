"""The end of every run that has an assessment: write the outputs, print the result, say how it went."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Final

import click

from readiness.cli.outputs import write
from readiness.cli.parts import Parts
from readiness.cli.summary import summary
from readiness.cli.terminal import safe, show
from readiness.model import Assessment

UNWRITTEN: Final = 3
_THRESHOLD: Final = {
    1: "The threshold of --fail-under is missed.",
    3: "The threshold of --fail-under is missed, but what could not be read might have met it.",
}


def finish(parts: Parts, assessment: Assessment, *, out: Path, formats: Iterable[str], missed: int = 0) -> int:
    """Writes and prints an assessment; returns the exit code, which is `missed` unless an output could not be written."""
    written, failures = write(parts.outputs(assessment), formats, out)
    show(*summary(assessment))
    if written:  # a long path is not broken: it is there to be copied
        click.echo(f"\nWritten to {safe(str(out))}:\n  {', '.join(file.name for file in written)}")
    for failure in failures:
        click.echo(f"readiness: {safe(failure)}", err=True)
    if missed:
        click.echo(f"readiness: {_THRESHOLD[missed]}", err=True)
    return UNWRITTEN if failures else missed
