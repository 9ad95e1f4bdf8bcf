"""`readiness explain`: the words of a check and its literate examples."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator
from typing import Final

import click
from rich.console import RenderableType
from rich.markdown import Markdown
from rich.rule import Rule
from rich.table import Table
from rich.text import Text

from readiness.cli.parts import Parts
from readiness.cli.terminal import safe, show
from readiness.errors import UsageError
from readiness.model import Claim
from readiness.registry import Check
from readiness.report.words import EFFORT, SEVERITY

_EPILOG: Final = """\b
Examples:
  readiness explain prompt.change-gated
  readiness explain timeouts
"""
_FENCE: Final = re.compile(r"^```(\w+) (\S+)$", re.MULTILINE)


@click.command("explain", epilog=_EPILOG)
@click.argument("check")
@click.pass_obj
def command(parts: Parts, check: str) -> None:
    """Explain CHECK: what it asks, why it matters, what to do, and examples of each verdict.

    CHECK is an id such as rel.timeouts, or the part of it behind the dot.
    """
    found = _find(parts.checks(), check)
    show(*_blocks(found.claim), Rule("Examples", style="dim"), Text(), _examples(found))


def _find(checks: tuple[Check, ...], name: str) -> Check:
    wanted = [check for check in checks if name in {check.claim.id, check.claim.id.partition(".")[2]}]
    if len(wanted) == 1:
        return wanted[0]
    names = [check.claim.id for check in checks]
    near = [check.claim.id for check in wanted] or difflib.get_close_matches(name, names, n=3, cutoff=0.4)
    hint = f"Did you mean {' or '.join(near)}?" if near else "`readiness checks` lists them all."
    raise UsageError(f"there is no check {name!r}. {hint}")


def _blocks(claim: Claim) -> Iterator[RenderableType]:
    gate = ", a gate" if claim.gate else ""
    yield Text(f"{claim.title}", "bold")
    yield Text(f"{claim.id}: {SEVERITY[claim.severity].lower()} severity{gate}, remedied in {EFFORT[claim.effort]}", "dim")
    yield Text()
    yield Text(claim.question)
    yield Text()
    table = Table.grid(padding=(0, 2, 1, 0))
    rows = ("Holds", claim.holds), ("In part", claim.partly), ("Fails", claim.fails), ("Why", claim.why), ("Remedy", claim.remedy)
    for label, words in rows:
        table.add_row(Text(label, "bold"), Text(words))
    if claim.references:
        table.add_row(Text("Asked by", "bold"), Text("\n".join(f"{item.work}, {item.id}" for item in claim.references)))
    yield table


def _examples(check: Check) -> RenderableType:
    """The examples as they stand in `cases.md`, with the name of each file above it."""
    text = safe(check.examples)
    return Markdown(_FENCE.sub(r"`\2`\n\n```\1", text), code_theme="ansi_dark", hyperlinks=False)
