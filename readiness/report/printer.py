"""Has the printed page set as a PDF by a process of its own: what it is fed was written by strangers."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from xml.sax.saxutils import escape

from readiness.errors import OutputError
from readiness.report.page import Medium, page
from readiness.report.view import ReportView
from readiness.resources import root

WALL_SECONDS: Final = 240
"""The child's own limits of memory and processor time are in `pdf`; this one also ends a child that only waits."""

ATTACHABLE: Final = 32 << 20
"""Bytes of assessment.json that are attached; a larger one stays beside the PDF only, so that it cannot cost the PDF."""

PACKAGES: Final = "apt-get install --no-install-recommends libpangoft2-1.0-0 libharfbuzz-subset0"
NO_LIBRARIES: Final = 4
"""Exit code of the child (`pdf`) when Pango cannot be loaded."""

_FONTCONFIG: Final = """<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "urn:fontconfig:fonts.dtd">
<fontconfig><dir>{fonts}</dir><cachedir>{cache}</cachedir></fontconfig>
"""


@dataclass(frozen=True, slots=True)
class Sheet:
    """A finished PDF, and what the layout engine complained of: nothing, when all is well."""

    data: bytes
    complaints: tuple[str, ...]


def render_pdf(view: ReportView) -> bytes:
    """The report as a tagged PDF/A with assessment.json attached; the same bytes for the same view.

    Raises:
        OutputError: the libraries are missing, or the layout failed or reached a limit.
    """
    document = view.document.decode("ascii") if len(view.document) <= ATTACHABLE else ""
    return typeset(page(view, Medium.PRINT), document, view.date).data


def typeset(html: str, document: str, date: str) -> Sheet:
    """Sets a page in a child process; an empty `document` is not attached; `date` (ISO) is the only time in the file.

    Raises:
        OutputError: as `render_pdf`.
    """
    order = json.dumps({"html": html, "document": document, "date": date}).encode()
    with tempfile.TemporaryDirectory(prefix="readiness-") as home:
        try:
            done = subprocess.run(
                [sys.executable, "-P", "-m", "readiness.report.pdf"],
                input=order, capture_output=True, check=False, timeout=WALL_SECONDS, env=_environment(Path(home)), cwd=home,
            )  # fmt: skip
        except subprocess.TimeoutExpired:
            raise OutputError(f"the layout took longer than {WALL_SECONDS} seconds") from None
    complaints = tuple(done.stderr.decode("utf-8", "replace").splitlines())
    if done.returncode == NO_LIBRARIES:
        raise OutputError(f"the Pango libraries are missing; on Debian or Ubuntu: {PACKAGES}")
    if done.returncode != 0 or not done.stdout.startswith(b"%PDF"):
        raise OutputError(f"the layout ended with {_ending(done.returncode)}: {' '.join(complaints[-1:])[:300]}")
    return Sheet(done.stdout, complaints)


def _ending(code: int) -> str:
    return f"signal {-code} (a limit was reached)" if code < 0 else f"exit code {code}"


def _environment(home: Path) -> dict[str, str]:
    """The child's environment: no fonts but ours, no clock zone, no locale, no home."""
    config = home / "fonts.conf"
    config.write_text(_FONTCONFIG.format(fonts=escape(str(root("templates") / "fonts")), cache=escape(str(home))), encoding="utf-8")
    return {
        **os.environ,
        "FONTCONFIG_FILE": str(config),
        "HOME": str(home),
        "XDG_CACHE_HOME": str(home),
        "TZ": "UTC",
        "LC_ALL": "C.UTF-8",
    }
