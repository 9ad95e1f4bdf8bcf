"""`readiness checks`: what is checked, in eighty columns."""

from __future__ import annotations

import click
from rich.table import Table
from rich.text import Text

from readiness.audit import CATALOGUE
from readiness.cli.parts import Parts
from readiness.cli.terminal import show
from readiness.report.words import SEVERITY


@click.command("checks")
@click.pass_obj
def command(parts: Parts) -> None:
    """List the checks: severity, whether it is a gate, and what it asks for."""
    checks = parts.checks()
    table = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False, header_style="bold")
    table.add_column("Check", no_wrap=True)
    table.add_column("Severity", no_wrap=True)
    table.add_column("Gate", no_wrap=True)
    table.add_column("Title")
    for check in checks:
        claim = check.claim
        table.add_row(claim.id, SEVERITY[claim.severity], "gate" if claim.gate else "", Text(claim.title))
    show(table, Text(f"\n{len(checks)} of {CATALOGUE} claims have a check. `readiness explain CHECK` tells more."))
