"""`readiness report`: every output again from a saved assessment alone."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import click

from readiness.cli.finish import finish
from readiness.cli.options import outputs
from readiness.cli.outputs import prepare
from readiness.cli.parts import Parts
from readiness.documents import refusal
from readiness.errors import UsageError
from readiness.model import Assessment
from readiness.model.wire import WireError, from_json, parse
from readiness.resources import schema

_EPILOG: Final = """\b
Examples:
  readiness report review/assessment.json --out review --format pdf
  readiness report assessment.json --out again
"""


@click.command("report", epilog=_EPILOG)
@click.argument("assessment", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@outputs
@click.pass_obj
def command(parts: Parts, assessment: Path, *, out: Path, formats: tuple[str, ...]) -> int:
    """Write the outputs again from ASSESSMENT, an assessment.json.

    The same assessment gives the same bytes.
    """
    saved = _read(assessment)
    prepare(out)
    return finish(parts, saved, out=out, formats=formats)


def _read(file: Path) -> Assessment:
    try:
        document = parse(file.read_bytes())
        saved = from_json(document)
    except OSError as error:
        raise UsageError(f"{file}: cannot be read: {error.strerror}") from None
    except WireError as error:
        raise UsageError(f"{file}: {error}") from None
    wrong = refusal(document, schema("assessment.v1"))
    if wrong:
        raise UsageError(f"{file}: {wrong}")
    return saved
