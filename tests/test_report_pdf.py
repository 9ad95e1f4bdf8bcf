"""The PDF: the same bytes every time, complete, quiet, and closed to whatever a repository puts in it."""

from __future__ import annotations

import io
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from pypdf import PdfReader

from readiness.errors import OutputError
from readiness.report import ReportView, build_view, printer, render_pdf
from readiness.report.fonts import PLACEHOLDER, printable
from readiness.report.page import Medium, page
from readiness.report.pdf import fetcher
from readiness.report.printer import PACKAGES, Sheet, typeset
from readiness.report.summary import Field
from readiness.resources import root
from tests import report_builder as builder

FONTS = root("templates") / "fonts"


def set_sheet(name: str) -> Sheet:
    return set_view(build_view(getattr(builder, name)()))


def set_view(view: ReportView) -> Sheet:
    return typeset(page(view, Medium.PRINT), view.document.decode("ascii"), view.date)


def reader(sheet: Sheet) -> PdfReader:
    return PdfReader(io.BytesIO(sheet.data))


def plain(item: Any) -> Any:
    """A PDF object as the mapping it is, which the reader's types do not say."""
    return item


def objects(document: PdfReader) -> list[Any]:
    """Every dictionary of a PDF."""
    every: list[Any] = [document.get_object(number) for number in range(1, plain(document.trailer)["/Size"])]
    return [item for item in every if isinstance(item, dict)]


def catalogue(sheet: Sheet) -> Any:
    """The root of a PDF's objects."""
    return plain(reader(sheet).trailer["/Root"])


@pytest.fixture(scope="module")
def sheet() -> Sheet:
    return set_sheet("assessment")


def test_the_layout_engine_has_nothing_to_complain_of(sheet: Sheet) -> None:
    assert sheet.complaints == ()


def test_the_same_assessment_gives_the_same_bytes(sheet: Sheet, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("TZ", "Pacific/Auckland")
    monkeypatch.setenv("PYTHONHASHSEED", "7")
    monkeypatch.setenv("LANG", "de_DE.UTF-8")
    monkeypatch.chdir(tmp_path)
    assert render_pdf(build_view(builder.assessment())) == sheet.data


def test_three_pages_for_those_who_decide(sheet: Sheet) -> None:
    cover, contents, summary, after, *_ = (re.sub(r"\s+", " ", found.extract_text()) for found in reader(sheet).pages)
    assert "Production readiness review" in cover
    assert "Harbour & Lane Insurance Ltd" in cover
    assert "23 November 2026" in cover
    assert "Contents" in contents
    assert "Claims Desk is not ready for production" in summary
    assert "Five things to do first" in summary
    assert "You are here" in summary
    assert "How the score is made" in after


def test_every_finding_is_printed_with_its_evidence(sheet: Sheet) -> None:
    text = re.sub(r"\s+", " ", "".join(found.extract_text() for found in reader(sheet).pages))
    assert "src/claims/chat.py:38" in text
    assert 'f"You help with {policy.product}' in text
    for finding in build_view(builder.assessment()).findings:
        assert f"FINDING {finding.number} · {finding.id}" in text
        assert finding.headline in text


def test_it_is_tagged_titled_and_bookmarked(sheet: Sheet) -> None:
    document = reader(sheet)
    assert catalogue(sheet)["/MarkInfo"]["/Marked"].value is True
    assert catalogue(sheet)["/Lang"] == "en"
    assert document.metadata is not None
    assert document.metadata.title == "Production readiness review: Claims Desk"
    assert b'pdfaid:part="3"' in catalogue(sheet)["/Metadata"].get_data()
    headers = [item for item in objects(document) if item.get("/S") == "/TH"]
    assert {item["/A"]["/Scope"] for item in headers} == {"/Column", "/Row"}
    assert {"Executive summary", "Findings", "AI inventory"} <= {getattr(item, "title", "") for item in document.outline}


def test_the_assessment_is_attached(sheet: Sheet) -> None:
    assert reader(sheet).attachments["assessment.json"] == [build_view(builder.assessment()).document]


def test_only_bundled_fonts_are_in_it(sheet: Sheet) -> None:
    fonts = [font for found in reader(sheet).pages for font in plain(found["/Resources"])["/Font"].values()]
    names = {str(plain(font)["/BaseFont"]).partition("+")[2] for font in fonts}
    assert {name.partition("-")[0] for name in names} == {"Readiness"}


def test_the_fullest_summary_is_still_one_page() -> None:
    view = build_view(builder.everything_fails())
    short = tuple(replace(finding, places=(), snippets=(), remedy=()) for finding in view.findings)
    rows = tuple(Field(f"Not assessed ({n})", "Retrieval respects who is asking; " * 3) for n in range(5))
    steps = tuple(replace(step, what=f"{step.what} {'and more of it ' * 9}"[:180]) for step in view.summary.steps)
    fullest = replace(view.summary, gates=rows, steps=steps)
    sheet = set_view(replace(view, summary=fullest, findings=short, pillars=view.pillars[:1]))
    summary, after = (found.extract_text() for found in reader(sheet).pages[2:4])
    assert "five things to do first" in re.sub(r"\s+", " ", summary).lower()
    assert "How the score is made" in after
    assert sheet.complaints == ()


def test_a_hostile_repository_is_printed_as_it_is() -> None:
    sheet = set_sheet("hostile")
    text = "".join(found.extract_text() for found in reader(sheet).pages)
    assert sheet.complaints == ()
    assert "<script>alert(1)</script>" in re.sub(r"\s+", "", text)
    assert "\u2039U+202E\u203a" in text
    assert "{{7*7}}" in text
    assert PLACEHOLDER * 3 in text


@pytest.mark.parametrize("name", ["not_llm", "undetermined"])
def test_a_subject_without_a_score_has_a_report_too(name: str) -> None:
    sheet = set_sheet(name)
    assert "Method and limits" in "".join(found.extract_text() for found in reader(sheet).pages)
    assert sheet.complaints == ()


@pytest.mark.parametrize("url", ["file:///etc/hostname", "data:text/plain,x", "http://169.254.169.254/", "font:../print.css.j2"])
def test_nothing_but_our_fonts_is_fetched(url: str) -> None:
    with pytest.raises(ValueError, match="may not be read"):
        fetcher(FONTS).fetch(url)
    assert fetcher(FONTS).fetch("font:Inter-Regular.ttf").read().startswith(b"\x00\x01\x00\x00")


def test_an_address_in_the_page_is_refused() -> None:
    sheet = typeset(
        '<p>x</p><img alt="" src="file:///etc/hostname"><link rel="attachment" href="file:///etc/hostname">', "", "2026-11-23"
    )
    assert sum("may not be read" in line for line in sheet.complaints) == 2
    assert not reader(sheet).attachments


def test_a_character_that_no_font_has_is_marked() -> None:
    assert printable("a ≥ b 日 ✓ …", FONTS) == f"a ≥ b {PLACEHOLDER} ✓ …"


def test_the_fonts_have_every_character_of_the_templates() -> None:
    for file in root("templates").glob("*.j2"):
        text = file.read_text(encoding="utf-8")
        assert printable(text, FONTS) == text, file.name


def engine(folder: Path, monkeypatch: pytest.MonkeyPatch, source: str) -> None:
    """Another layout engine for the child."""
    (folder / "weasyprint.py").write_text(source)
    monkeypatch.setenv("PYTHONPATH", str(folder))


def test_missing_libraries_are_named_with_the_command_that_installs_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    engine(tmp_path, monkeypatch, "raise OSError(\"cannot load library 'libgobject-2.0-0'\")")
    with pytest.raises(OutputError, match=re.escape(PACKAGES)):
        typeset("<p>x</p>", "", "2026-11-23")


def test_a_layout_that_never_ends_is_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    engine(tmp_path, monkeypatch, "import time; time.sleep(60)")
    monkeypatch.setattr(printer, "WALL_SECONDS", 1)
    with pytest.raises(OutputError, match="longer than 1 seconds"):
        typeset("<p>x</p>", "", "2026-11-23")


def test_a_layout_that_eats_the_memory_is_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    engine(tmp_path, monkeypatch, "x = b'x' * (2 << 30)")
    with pytest.raises(OutputError, match="MemoryError"):
        typeset("<p>x</p>", "", "2026-11-23")
