"""Arguments and options that several commands share."""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, Final, TypeVar

import click

FORMATS: Final = ("json", "pdf", "html", "md")
Command = TypeVar("Command", bound=Callable[..., Any])


class Formats(click.ParamType[tuple[str, ...]]):
    """A comma-separated choice of output formats, or `all`."""

    name = "formats"

    def convert(self, value: str | tuple[str, ...], param: click.Parameter | None, ctx: click.Context | None) -> tuple[str, ...]:
        if isinstance(value, tuple):
            return value
        names = [name.strip() for name in value.split(",")]
        for name in names:
            if name not in {*FORMATS, "all"}:
                self.fail(f"{name!r} is none of {', '.join(FORMATS)} and all.", param, ctx)
        return tuple(name for name in FORMATS if name in names or "all" in names)


class Day(click.ParamType[date]):
    """A calendar day, YYYY-MM-DD."""

    name = "date"

    def convert(self, value: str | date, param: click.Parameter | None, ctx: click.Context | None) -> date:
        if isinstance(value, date):
            return value
        try:
            return datetime.strptime(value, "%Y-%m-%d").replace(tzinfo=UTC).date()
        except ValueError:
            self.fail(f"{value!r} is no day like 2026-11-23.", param, ctx)


def today() -> date:
    """The day in UTC, so that two machines agree."""
    return datetime.now(UTC).date()


def cores() -> int:
    """Processor cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def outputs(command: Command) -> Command:
    """Adds where to write, and what."""
    place = click.option(
        "--out",
        type=click.Path(path_type=Path),
        default=Path("readiness-report"),
        show_default=True,
        metavar="DIR",
        help="Directory to write to; it is made when it is not there.",
    )
    kinds = click.option(
        "--format",
        "formats",
        type=Formats(),
        default="all",
        show_default=True,
        metavar="LIST",
        help="What to write: json, pdf, html, md, comma-separated, or all.",
    )
    return place(kinds(command))


def collecting(command: Command) -> Command:
    """Adds the target and how it is read."""
    target = click.argument("target")
    as_of = click.option(
        "--as-of",
        type=Day(),
        default=today,
        metavar="YYYY-MM-DD",
        help="The day to judge dates by, such as a model's end.  [default: today]",
    )
    jobs = click.option(
        "--jobs", type=click.IntRange(min=1), default=cores, metavar="N", help="Worker processes.  [default: one per core]"
    )
    engagement = click.option(
        "--engagement",
        type=click.Path(exists=True, dir_okay=False, path_type=Path),
        metavar="FILE",
        help="engagement.yaml: the client's name and answers.",
    )
    return target(engagement(jobs(as_of(command))))
