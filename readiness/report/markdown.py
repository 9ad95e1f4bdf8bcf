"""The report in short, as a comment under a pull request: Markdown in which nothing of a repository is markup."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from readiness.model.words import counted
from readiness.report.findings import Finding
from readiness.report.text import MINUS, clipped
from readiness.report.view import ReportView

MARKER: Final = "<!-- readiness:assessment v1 -->"
"""Lets a bot find its own comment again."""

FINDINGS: Final = 10
OPEN: Final = 8
LONGEST: Final = 60_000
"""Characters; a comment of more than 65,536 is refused by GitHub."""

_SPECIAL: Final = re.compile(r"([\\`*_{}\[\]<>#|~&@$]|:(?=\S)|^(?:[-+=]|\d+(?=[.)])))")


def render_markdown(view: ReportView) -> bytes:
    """The comment as UTF-8: level, points, gates, what to do first, the costliest findings."""
    text = "\n".join(_lines(view))
    return f"{text}\n".encode()


def escaped(text: str, length: int = 200) -> str:
    """Text on one line in which every character that could start markup, a mention, a link or an issue number stands for itself."""
    line = clipped(text, length)
    return _SPECIAL.sub(lambda match: f"&#{ord(match[1][0])};{match[1][1:]}", line).replace("www.", "www&#46;")


def code(text: str, length: int = 120) -> str:
    """Text in a code span that it cannot end: a fence longer than any in it, and no pipe, which would end a table's cell."""
    line = clipped(text, length).replace("|", "¦") or " "
    fence = "`" * (max((len(run) for run in re.findall("`+", line)), default=0) + 1)
    pad = " " if line[0] == "`" or line[-1] == "`" else ""
    return f"{fence}{pad}{line}{pad}{fence}"


def _lines(view: ReportView) -> Iterator[str]:
    yield MARKER
    yield f"### Readiness of {escaped(view.name, 60)}: {escaped(view.summary.level)}"
    yield ""
    yield escaped(view.summary.verdict, 900)
    yield ""
    if view.summary.figures:
        proven, unknown, lost, *_ = view.summary.figures
        yield f"**{proven.value} proven** · {unknown.value} open · {lost.value} lost, of 100"
        yield ""
    yield from _gates(view)
    yield from _found(view)
    yield from _steps(view)
    yield from _findings(view)
    yield from _open(view)
    yield from (f"> {escaped(remark, 400)}\n" for remark in view.summary.remarks)
    yield f"<sub>{escaped(view.method.basis)}. Same files, rubric and date give the same result. {escaped(view.footer, 200)}</sub>"


def _gates(view: ReportView) -> Iterator[str]:
    if view.summary.blocks:
        yield "**Open gates**"
        yield ""
        yield from (f"- {escaped(block.headline)} ({code(block.id)}): {escaped(block.words)}" for block in view.summary.blocks)
        yield ""
    if view.summary.gates:
        yield " · ".join(f"**{escaped(field.label)}** {escaped(field.value, 400)}" for field in view.summary.gates)
        yield ""


def _found(view: ReportView) -> Iterator[str]:
    yield f"{escaped(view.method.read, 300)} {escaped(view.inventory.lead, 200)}"
    yield ""
    if view.inventory.models:
        yield "Models: " + ", ".join(code(row.id, 60) for row in view.inventory.models[:12])
        yield ""


def _steps(view: ReportView) -> Iterator[str]:
    if not view.summary.steps:
        return
    yield "**To do first**"
    yield ""
    yield from (
        f"{step.number}. {escaped(step.what)} ({escaped(step.effort)}, {escaped(step.points)})" for step in view.summary.steps
    )
    yield ""


def _findings(view: ReportView) -> Iterator[str]:
    if not view.findings:
        return
    yield "| | Finding | Verdict | Severity | Points | Where |"
    yield "|---:|---|---|---|---:|---|"
    yield from map(_row, view.findings[:FINDINGS])
    yield ""
    if len(view.findings) > FINDINGS:
        yield f"{counted(len(view.findings) - FINDINGS, 'more finding')} in the report."
        yield ""


def _row(finding: Finding) -> str:
    where = code(finding.places[0].places[0].where, 90) if finding.places else ""
    gate = f"<br><sub>{escaped(finding.gate)}</sub>" if finding.gate else ""
    cells = (
        str(finding.number),
        f"{escaped(finding.headline, 120)}{gate}",
        escaped(finding.verdict),
        escaped(finding.severity),
        f"{MINUS}{finding.points}",
        where,
    )
    return f"| {' | '.join(cells)} |"


def _open(view: ReportView) -> Iterator[str]:
    if not view.open:
        return
    checks = sum(len(group.checks) for group in view.open)
    yield f"<details><summary>{counted(checks, 'check')} could not be assessed</summary>"
    yield ""
    for group in view.open[:OPEN]:
        names = ", ".join(f"{escaped(check.title)} ({escaped(check.points)})" for check in group.checks)
        needs = f" Needed: {escaped('; '.join(group.needs), 300)}." if group.needs else ""
        yield f"- {names}: {escaped(group.why, 260)}{needs}"
    yield ""
    yield "</details>"
    yield ""
