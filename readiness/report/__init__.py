"""Renders an assessment: one view of it, and one renderer for each format."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from readiness.report.markdown import render_markdown
from readiness.report.page import render_html
from readiness.report.printer import render_pdf
from readiness.report.view import ReportView, build_view

__all__ = ["RENDERERS", "Renderer", "ReportView", "build_view", "render_html", "render_json", "render_markdown", "render_pdf"]


@dataclass(frozen=True, slots=True)
class Renderer:
    """The file that a format is written to, and the function that makes its bytes."""

    file: str
    render: Callable[[ReportView], bytes]


def render_json(view: ReportView) -> bytes:
    """assessment.json, which every other format is made from."""
    return view.document


RENDERERS: Final[Mapping[str, Renderer]] = MappingProxyType({
    "json": Renderer("assessment.json", render_json),
    "pdf": Renderer("report.pdf", render_pdf),
    "html": Renderer("report.html", render_html),
    "md": Renderer("comment.md", render_markdown),
})  # fmt: skip
"""Every format by the name that `--format` knows it by; only `pdf` can fail (`OutputError`)."""
