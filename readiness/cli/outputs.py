"""Writes the outputs of an assessment: each on its own, so that one that fails takes no other with it."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path

from readiness.errors import OutputError, ReadinessError
from readiness.model import Assessment
from readiness.model.wire import dumps
from readiness.report import RENDERERS, Renderer, ReportView, build_view


@dataclass(frozen=True, slots=True)
class Output:
    """One file to write, and what makes its bytes."""

    file: str
    make: Callable[[], bytes]


def outputs_of(assessment: Assessment) -> Mapping[str, Output]:
    """Every format of an assessment; nothing is made yet, and the view that most are rendered from is built once."""
    view = cache(partial(build_view, assessment))
    rendered = {name: Output(renderer.file, partial(_render, renderer, view)) for name, renderer in RENDERERS.items()}
    return {**rendered, "json": Output(RENDERERS["json"].file, partial(dumps, assessment))}


def _render(renderer: Renderer, view: Callable[[], ReportView]) -> bytes:
    return renderer.render(view())


def prepare(directory: Path) -> None:
    """Makes the directory, before anything long is begun.

    Raises:
        OutputError: it cannot be made or written to.
    """
    try:
        directory.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputError(f"{directory}: cannot be written to: {error.strerror}") from None
    if not os.access(directory, os.W_OK | os.X_OK):
        raise OutputError(f"{directory}: cannot be written to: permission denied")


def write(outputs: Mapping[str, Output], formats: Iterable[str], directory: Path) -> tuple[tuple[Path, ...], tuple[str, ...]]:
    """Writes every format it can; returns the files written, and a sentence on each that could not be."""
    written, failures = [], []
    for name in formats:
        file = directory / outputs[name].file
        try:
            _put(file, outputs[name].make())
        except Exception as error:  # noqa: BLE001 (the other outputs are still worth having)
            failures.append(f"{file}: could not be written: {_reason(error)}")
            with suppress(OSError):
                file.unlink(missing_ok=True)  # an earlier run's file would pass for this one's
        else:
            written.append(file)
    return tuple(written), tuple(failures)


def _put(file: Path, content: bytes) -> None:
    """Never leaves half a file."""
    part = file.with_name(f".{file.name}.part")
    try:
        part.write_bytes(content)
        part.replace(file)
    finally:
        part.unlink(missing_ok=True)


def _reason(error: Exception) -> str:
    match error:
        case ReadinessError():
            return str(error)
        case OSError(strerror=str() as reason):
            return reason
        case _:
            return f"{type(error).__name__}: {error}"
