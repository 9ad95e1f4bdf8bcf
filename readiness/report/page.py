"""The report as one HTML page, for paper and for the screen, from the same templates."""

from __future__ import annotations

import base64
from collections.abc import Callable
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from readiness.report.charts import Box, Stroke, Text
from readiness.report.view import ReportView
from readiness.resources import root

if TYPE_CHECKING:
    from markupsafe import Markup

SCREEN_FONTS: Final = {
    "inter_regular": "Inter-Regular-latin.woff2",
    "inter_semibold": "Inter-SemiBold-latin.woff2",
    "serif_regular": "SourceSerif4-Regular.woff2",
    "serif_semibold": "SourceSerif4-Semibold.woff2",
}
"""Fonts that the HTML report carries inside; a browser falls back to its own for what they lack."""


class Medium(StrEnum):
    """What the page is for; the two differ in style sheet and navigation."""

    PRINT = "print"
    SCREEN = "screen"


def page(view: ReportView, medium: Medium) -> str:
    """The HTML of a report. The template engine escapes whatever it prints, in every file."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined  # noqa: PLC0415 - only a report needs it

    environment = Environment(
        loader=FileSystemLoader(root("templates")),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["css_string"] = css_string
    environment.tests |= {"box": _is(Box), "label": _is(Text), "stroke": _is(Stroke)}
    fonts = {} if medium is Medium.PRINT else {name: _data(file) for name, file in SCREEN_FONTS.items()}
    return environment.get_template("report.html.j2").render(view=view, medium=medium.value, fonts=fonts)


def css_string(text: str) -> Markup:
    """`text` as a CSS string that nothing in it can leave: whatever is not a letter, digit or space is written as its number."""
    from markupsafe import Markup  # noqa: PLC0415

    return Markup('"' + "".join(c if c.isascii() and (c.isalnum() or c == " ") else f"\\{ord(c):x} " for c in text) + '"')  # noqa: S704 - see above


def _is(kind: type[object]) -> Callable[[object], bool]:
    return lambda value: isinstance(value, kind)


def _data(name: str) -> str:
    return base64.b64encode((root("templates") / "fonts" / name).read_bytes()).decode("ascii")


def render_html(view: ReportView) -> bytes:
    """The report as one HTML file that loads nothing: styles and fonts are inside, there is no script."""
    return page(view, Medium.SCREEN).encode()
