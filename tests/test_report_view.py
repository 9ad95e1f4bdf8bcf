"""What the report says follows from the assessment, adds up, and shows everything that would hide."""

from __future__ import annotations

import re
from dataclasses import fields, is_dataclass, replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from readiness.model import Assessment, Gap, RepositoryKind, Severity, Shows, State, Unknown, at
from readiness.model.wire import dumps, loads
from readiness.report import ReportView, build_view
from readiness.report.charts import Box
from readiness.report.snippets import COLUMNS, LINES, snippet
from readiness.report.text import clipped, first_sentence, lowered, visible
from tests import report_builder as builder
from tests.assessment_strategies import ASSESSMENTS
from tests.score_builder import assess, failing, passing, saying


def strings(value: Any) -> list[str]:
    """Every string of a view."""
    if isinstance(value, str):
        return [value]
    if isinstance(value, tuple):
        return [text for item in value for text in strings(item)]
    if is_dataclass(value) and not isinstance(value, type):
        return [text for field in fields(value) for text in strings(getattr(value, field.name))]
    return []


@pytest.fixture(scope="module")
def view() -> ReportView:
    return build_view(builder.assessment())


@settings(deadline=None, max_examples=40)
@given(ASSESSMENTS)
def test_any_assessment_has_a_report_and_a_saved_one_has_the_same(assessment: Assessment) -> None:
    assert build_view(loads(dumps(assessment))) == build_view(assessment)


def test_the_attached_document_is_the_assessment(view: ReportView) -> None:
    assert loads(view.document) == builder.assessment()


def test_figures_are_whole_and_sum_to_a_hundred(view: ReportView) -> None:
    proven, unknown, lost, _ = view.summary.figures
    assert int(proven.value) + int(unknown.value) + int(lost.value) == 100


def test_findings_come_in_the_order_of_gates_then_severity_then_points() -> None:
    view = build_view(
        assess(
            failing("model.version-pinned", severity=Severity.HIGH),
            failing("prompt.structured-output", severity=Severity.CRITICAL),
            failing("obs.llm-tracing", severity=Severity.LOW),
            passing("rel.timeouts"),
        )
    )
    assert [finding.id for finding in view.findings] == ["obs.llm-tracing", "prompt.structured-output", "model.version-pinned"]
    assert [finding.gate for finding in view.findings] == ["Gate open", "", ""]


def test_an_open_gate_is_named_in_the_verdict_and_blocks(view: ReportView) -> None:
    assert "not ready for production" in view.summary.verdict
    assert "Two gates are open" in view.summary.verdict
    assert {block.id for block in view.summary.blocks} == {"prompt.change-gated", "sec.system-prompt-taint"}


def test_an_absence_is_not_counted_as_none_of_one(view: ReportView) -> None:
    verdicts = {finding.id: finding.verdict for finding in view.findings}
    assert verdicts["model.version-pinned"] == "Partial 3/5"
    assert [finding.verdict for finding in build_view(assess(failing("prompt.adversarial-tests"))).findings] == ["Fail"]


def test_what_could_not_be_assessed_says_what_would_settle_it(view: ReportView) -> None:
    needs = {check.id: group.needs for group in view.open for check in group.checks}
    assert all("An answer" in need for need in needs["model.residency-endpoint"])
    assert needs["rel.output-and-spend-caps"] == ("access: gateway configuration",)


def test_an_accepted_risk_is_listed_with_its_end(view: ReportView) -> None:
    assert [(row.until, row.owner) for row in view.accepted] == [("2027-02-01", "P. Form, platform")]
    assert "Its points stay lost" in next(finding for finding in view.findings if finding.id == "sec.input-guard").accepted


def test_places_with_one_note_share_a_row(view: ReportView) -> None:
    pinned = next(finding for finding in view.findings if finding.id == "model.version-pinned")
    assert [len(row.places) for row in pinned.places] == [1, 1, 3]
    assert [row.shows for row in pinned.places] == ["not met", "not met", "met"]


def test_long_lists_are_cut_and_say_so() -> None:
    view = build_view(builder.everything_fails())
    assert sum(len(row.places) for row in view.findings[0].places) == 10
    assert view.findings[0].more == "and 13 more places in assessment.json"
    many = replace(builder.assessment(), gaps=tuple(Gap("syntax", "broken", f"src/{n:03}.py") for n in range(200)))
    assert build_view(many).method.gaps_more == "and 175 more in assessment.json"


def test_the_waterfall_ends_at_the_proven_points() -> None:
    assessment = builder.assessment()
    view = build_view(assessment)
    assert view.score is not None
    assert assessment.score is not None
    boxes = [shape for shape in view.score.waterfall.shapes if isinstance(shape, Box)]
    whole, *steps, last = boxes
    assert sum(step.width for step in steps) + last.width == pytest.approx(whole.width, abs=1e-6)


def test_a_repository_without_a_model_says_so_and_is_not_scored() -> None:
    view = build_view(builder.not_llm())
    assert "calls no language model" in view.summary.verdict
    assert (view.score, view.matrix, view.findings, view.open, view.pillars) == (None, None, (), (), ())


def test_an_undetermined_subject_gets_no_level_and_names_the_language() -> None:
    view = build_view(builder.undetermined())
    assert "could not determine" in view.summary.verdict
    assert view.summary.level == "No level named"
    assert any("Go (11,000 lines)" in remark for remark in view.summary.remarks)
    assert view.score is None
    assert [len(group.checks) for group in view.open] == [len(builder.checks())]


def test_too_little_coverage_gets_no_level_and_says_how_little() -> None:
    few = builder.assessment(Unknown("Not read."), kind=RepositoryKind.APPLICATION)
    assert "Too little of Claims Desk could be assessed" in build_view(few).summary.verdict


def test_no_string_of_a_hostile_assessment_hides_anything() -> None:
    view = build_view(builder.hostile())
    text = "".join(strings(view))
    assert "\u2039U+202E\u203a" in text
    assert not re.search("[\u202a-\u202e\u2066-\u2069\u200b-\u200f\ufeff\x00-\x09\x0b-\x1f\x7f]", text)


def test_code_is_cut_to_a_page_and_keeps_every_character_it_shows() -> None:
    source = "\n".join(f"    call({n}, 'a', \"b\")  # é\u200b" + "x" * 400 for n in range(90))
    shown = snippet(builder.span("src/a.py", 7, source), "src/a.py:7")
    assert shown is not None
    assert shown.cut
    assert [line.number for line in shown.lines] == list(range(7, 7 + LINES))
    printed = ["".join(run.text for run in line.runs) for line in shown.lines]
    assert printed == [visible(line[4:])[:COLUMNS] for line in source.split("\n")[:LINES]]


def test_code_without_a_lexer_is_printed_plain() -> None:
    shown = snippet(builder.span("Makefile.odd", 1, "a\tb\n\n  c"), "Makefile.odd:1")
    assert shown is not None
    assert ["".join(run.text for run in line.runs) for line in shown.lines] == ["a    b", "", "  c"]


@given(st.text())
def test_visible_text_stays_visible(text: str) -> None:
    once = visible(text)
    assert visible(once) == once


@given(st.text(), st.integers(5, 80))
def test_clipped_text_is_one_line_of_at_most_its_length(text: str, length: int) -> None:
    assert len(clipped(text, length)) <= length
    assert "\n" not in clipped(text, length)


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("Pin the model. Then test it.", "Pin the model."),
        ("Use gpt-4.1 as served. Later: more.", "Use gpt-4.1 as served."),
        ("Set e.g. a timeout of 20 s.", "Set e.g. a timeout of 20 s."),
        ("No stop", "No stop"),
    ],
)
def test_the_first_sentence_ends_where_a_sentence_does(text: str, first: str) -> None:
    assert first_sentence(text) == first


@pytest.mark.parametrize(
    ("headline", "inside"),
    [("Model calls wait.", "model calls wait"), ("PII reaches a log.", "PII reaches a log"), ("A gate is open", "a gate is open")],
)
def test_a_headline_fits_into_a_sentence(headline: str, inside: str) -> None:
    assert lowered(headline) == inside


def test_code_that_a_finding_has_shown_is_not_shown_again_where_there_is_other(view: ReportView) -> None:
    many = build_view(builder.everything_fails())
    shown = [snippet.place for finding in many.findings for snippet in finding.snippets]
    assert len(set(shown)) > len(many.findings[0].snippets)
    assert shown[:6] == list(dict.fromkeys(shown[:6]))


def test_a_place_that_is_named_twice_is_printed_once() -> None:
    bare, inside = (builder.unmet("src/a.py", 7, "It ends soon.", "call()", symbol) for symbol in ("", "Chat.answer"))
    twice = builder.assessment(builder.said(State.ABSENT, "One place.", bare, inside))
    row = build_view(twice).findings[0].places[0]
    assert [(place.where, place.symbol) for place in row.places] == [("src/a.py:7", "Chat.answer")]


def test_the_inventory_has_production_first_and_what_is_alike_in_one_row(view: ReportView) -> None:
    scopes = [row.scope for row in view.inventory.calls]
    assert scopes == ["Production"] * scopes.count("Production") + [scope for scope in scopes if scope != "Production"]
    again = replace(builder.assessment(), model_calls=builder.assessment().model_calls[:1] * 3)
    call = again.model_calls[0]
    lines = tuple(replace(call, span=replace(call.span, line=line, end_line=line)) for line in (4, 9, 30))
    row, *others = build_view(replace(again, model_calls=lines)).inventory.calls
    assert (row.place, others) == (f"{call.span.path}:4, 9, 30", [])


def test_a_place_that_could_not_be_told_is_what_would_settle_it() -> None:
    untold = tuple(at(Shows.UNRESOLVED, builder.span("src/a.py", line), "Not told.") for line in range(1, 6))
    view = build_view(assess(saying(Unknown("It depends on what runs.", untold))))
    assert view.open[0].needs == ("A look at src/a.py:1, src/a.py:2, src/a.py:3 and two more",)
