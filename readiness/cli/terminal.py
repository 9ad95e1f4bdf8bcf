"""What reaches the terminal: eighty columns at most, colours only where they are wanted, nothing invisible."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import click
from rich.console import Console, Group, RenderableType
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn
from rich.theme import Theme

from readiness.cli import parts
from readiness.report.text import visible

WIDTH: Final = 80
_THEME: Final = Theme({"markdown.code": "bold", "markdown.h2": "bold"})
safe = visible


def show(*blocks: RenderableType) -> None:
    """Prints a result on standard output: no markup, no guessing, and no blanks at the ends of lines in a pipe."""
    console = Console(highlight=False, markup=False, emoji=False, theme=_THEME)
    console.width = min(WIDTH, console.width)
    if console.is_terminal:
        console.print(Group(*blocks))
        return
    with console.capture() as captured:
        console.print(Group(*blocks))
    click.echo("\n".join(line.rstrip() for line in captured.get().splitlines()))


@contextmanager
def progress(words: str) -> Iterator[parts.Progress | None]:
    """A bar on standard error while files are read, or None where nobody watches: in a pipe, and in CI."""
    if not sys.stderr.isatty() or os.environ.get("CI"):
        yield None
        return
    columns = TextColumn("{task.description}", markup=False), BarColumn(), MofNCompleteColumn()
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(words, total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)
