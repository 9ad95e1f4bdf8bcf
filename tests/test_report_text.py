"""HTML and Markdown: whatever a repository says stays text."""

from __future__ import annotations

import re
from html import unescape
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from readiness.report import RENDERERS, build_view, render_html, render_markdown
from readiness.report.markdown import LONGEST, MARKER, code, escaped
from readiness.report.page import css_string
from tests import report_builder as builder

VOID = frozenset({"meta", "br", "col"})


class Outline(HTMLParser):
    """Tags in use, whether they nest, and what the page would load or run."""

    def __init__(self) -> None:
        super().__init__()
        self.stack: list[str] = []
        self.tags: set[str] = set()
        self.headings: list[int] = []
        self.addresses: set[str] = set()
        self.ids: list[str] = []
        self.bare_headers = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given_attributes = dict(attrs)
        self.tags.add(tag)
        self.addresses |= {str(given_attributes[name]) for name in ("href", "src", "action", "data") if name in given_attributes}
        self.ids += [str(given_attributes["id"])] if "id" in given_attributes else []
        self.bare_headers += tag == "th" and "scope" not in given_attributes
        if re.fullmatch("h[1-6]", tag):
            self.headings.append(int(tag[1]))
        assert not any(name.startswith("on") for name in given_attributes)
        if tag not in VOID and not self.get_starttag_text().endswith("/>"):  # type: ignore[union-attr]
            self.stack.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag not in VOID and self.stack and self.stack[-1] == tag:
            self.stack.pop()


@pytest.fixture(scope="module", params=["assessment", "hostile", "not_llm", "undetermined"])
def html(request: pytest.FixtureRequest) -> str:
    return render_html(build_view(getattr(builder, request.param)())).decode()


def test_the_page_is_well_formed_and_loads_nothing(html: str) -> None:
    outline = Outline()
    outline.feed(html)
    assert outline.stack == []
    assert not outline.tags & {"script", "img", "iframe", "object", "embed", "link", "form", "base"}
    assert all(address.startswith("#") for address in outline.addresses)
    assert {address[1:] for address in outline.addresses} <= set(outline.ids)
    assert len(outline.ids) == len(set(outline.ids))


def test_the_page_can_be_read_by_those_who_cannot_see_it(html: str) -> None:
    outline = Outline()
    outline.feed(html)
    assert '<html lang="en"' in html
    assert outline.bare_headers == 0
    assert all(after - before <= 1 for before, after in zip(outline.headings, outline.headings[1:], strict=False))
    assert html.count("<svg") == html.count("<title id=")


def test_the_same_assessment_gives_the_same_bytes() -> None:
    one, two = build_view(builder.assessment()), build_view(builder.assessment())
    assert render_html(one) == render_html(two)
    assert render_markdown(one) == render_markdown(two)


def test_the_comment_says_what_decides() -> None:
    comment = render_markdown(build_view(builder.assessment())).decode()
    assert comment.startswith(MARKER)
    assert "Level 0 of 3, Prototype" in comment
    assert re.search(r"\*\*\d+ proven\*\* · \d+ open · \d+ lost, of 100", comment)
    assert "`prompt.change-gated`" in comment
    assert "| 1 |" in comment
    assert "`gpt-4o`" in comment


def test_a_hostile_comment_has_no_markup_but_ours() -> None:
    comment = render_markdown(build_view(builder.hostile())).decode()
    assert len(comment) < LONGEST
    outside = re.sub(r"(`+)(?!`).+?(?<!`)\1(?!`)", "", comment)
    ours = re.sub(r"</?(sub|details|summary)>|<br>|<!-- readiness:assessment v1 -->", "", outside)
    assert not re.search(r"[<`@]|\]\(|https?:", ours)
    rows = [line for line in comment.splitlines() if line.startswith("| ")]
    assert all(line.count("|") == 7 for line in rows)


@given(st.text(alphabet="`|@<>![]()#*_~&$:\\-+1. x\n"))
def test_escaped_text_reads_the_same_and_starts_nothing(text: str) -> None:
    written = escaped(text)
    assert unescape(written) == " ".join(text.split())
    assert not re.search(r"[\\`*_{}\[\]<>#|~@$]", re.sub(r"&#\d+;", "", written))
    assert not re.match(r"[-+=]|\d+[.)]", written)


@given(st.text(alphabet="`|a ", min_size=1))
def test_a_code_span_cannot_be_ended_from_inside(text: str) -> None:
    span = code(text)
    fence = re.match("`+", span)
    assert fence is not None
    assert span.endswith(fence[0])
    inner = span[len(fence[0]) : -len(fence[0])]
    assert fence[0] not in re.findall("`+", inner)
    assert "|" not in inner


@given(st.text())
def test_a_css_string_cannot_be_left(text: str) -> None:
    assert re.fullmatch(r'"(?:[A-Za-z0-9 ]|\\[0-9a-f]+ )*"', str(css_string(text)))


def test_every_format_has_a_file() -> None:
    assert {name: renderer.file for name, renderer in RENDERERS.items()} == {
        "json": "assessment.json",
        "pdf": "report.pdf",
        "html": "report.html",
        "md": "comment.md",
    }
