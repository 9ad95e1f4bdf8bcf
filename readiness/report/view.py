"""Everything the outputs print, ready to print: one value from which PDF, HTML and Markdown are rendered."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from readiness.model.assessment import Assessment
from readiness.model.wire import dumps
from readiness.report.chapters import (
    AcceptedRow,
    Pillar,
    ScoreChapter,
    build_accepted,
    build_matrix,
    build_pillars,
    build_score,
)
from readiness.report.charts import Chart
from readiness.report.findings import Finding, Proof, build_findings, build_proofs
from readiness.report.inventory import Inventory, build_inventory
from readiness.report.method import Method, basis, build_method
from readiness.report.rows import OPEN_OUTCOMES
from readiness.report.summary import Field, Summary, build_summary, cover_fields, cover_promise
from readiness.report.text import capitalised, cleaned, clipped, number_word
from readiness.report.undecided import OpenGroup, build_open

SHORT_NOTE: Final = 480
"""Characters of the assessor's notes that fit on the contents page; longer ones stand in the method chapter."""

TITLE: Final = "Production readiness review"


@dataclass(frozen=True, slots=True)
class ReportView:
    """A report. Chapters that have nothing to say are None or empty; `document` is assessment.json, byte for byte."""

    name: str
    client: str
    author: str
    notes: str
    long_notes: str
    date: str
    running: str
    footer: str
    promise: str
    cover: tuple[Field, ...]
    summary: Summary
    score: ScoreChapter | None
    matrix: Chart | None
    matrix_lead: str
    open: tuple[OpenGroup, ...]
    accepted: tuple[AcceptedRow, ...]
    pillars: tuple[Pillar, ...]
    findings: tuple[Finding, ...]
    proofs: tuple[Proof, ...]
    method: Method
    inventory: Inventory
    document: bytes
    title: str = TITLE


def build_view(assessment: Assessment) -> ReportView:
    """The report of an assessment; pure, and every string in it is safe to show once it is escaped for its medium."""
    return _view(cleaned(assessment), dumps(assessment))


def _view(assessment: Assessment, document: bytes) -> ReportView:
    subject, identity, score = assessment.subject, assessment.identity, assessment.score
    decided = any(result.outcome not in OPEN_OUTCOMES for result in assessment.results)
    notes = assessment.engagement.notes.strip()
    digest = identity.digest.removeprefix("sha256:")[:12]
    commit = f"commit {subject.commit[:12]}" if subject.commit else "no commit"
    return ReportView(
        name=clipped(assessment.engagement.system or subject.name, 60),
        client=clipped(assessment.engagement.client, 60),
        author=clipped(assessment.engagement.assessor, 60),
        notes=notes if len(notes) <= SHORT_NOTE else "",
        long_notes=notes if len(notes) > SHORT_NOTE else "",
        date=assessment.as_of.isoformat(),
        running=_running(assessment),
        footer=f"{commit} · rubric {identity.rubric} · profile {identity.profile} · identity {digest}",
        promise=cover_promise(assessment),
        cover=cover_fields(assessment, basis(identity.sources)),
        summary=build_summary(assessment),
        score=build_score(assessment, score) if score is not None and decided else None,
        matrix=build_matrix(assessment) if score is not None and assessment.results else None,
        matrix_lead=_matrix_lead(assessment),
        open=build_open(assessment),
        accepted=build_accepted(assessment),
        pillars=build_pillars(assessment) if score is not None and decided else (),
        findings=build_findings(assessment),
        proofs=build_proofs(assessment),
        method=build_method(assessment),
        inventory=build_inventory(assessment),
        document=document,
    )


def _running(assessment: Assessment) -> str:
    name = clipped(assessment.engagement.system or assessment.subject.name, 50)
    client = clipped(assessment.engagement.client, 50)
    return f"{name} · confidential to {client}" if client else name


def _matrix_lead(assessment: Assessment) -> str:
    checks, pillars = len(assessment.results), len({result.claim.pillar for result in assessment.results})
    return (
        f"{capitalised(number_word(checks))} checks in {number_word(pillars)} pillars. A dark corner marks a gate: "
        "a check that alone can hold back a release. Numbers are those of the tables that follow."
    )
