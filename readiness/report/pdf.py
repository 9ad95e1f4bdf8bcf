"""Sets the printed page as a PDF, in a process of its own with limits: what it is fed was written by strangers."""

from __future__ import annotations

import json
import logging
import os
import subprocess
import sys
import tempfile
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from xml.sax.saxutils import escape

from readiness.errors import OutputError
from readiness.report.page import Medium, page
from readiness.report.view import ReportView
from readiness.resources import root

MEMORY: Final = 1 << 30
CPU_SECONDS: Final = 120
WALL_SECONDS: Final = 240
"""A report of forty pages takes a fifth of the memory and a tenth of the time."""

PACKAGES: Final = "apt-get install --no-install-recommends libpangoft2-1.0-0 libharfbuzz-subset0"
NO_LIBRARIES: Final = 4
"""Exit code of the child when Pango cannot be loaded."""

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
    return typeset(page(view, Medium.PRINT), view.document.decode("ascii"), view.date).data


def typeset(html: str, document: str, date: str) -> Sheet:
    """Sets a page in a child process; `date` (ISO) is the only time written into the file.

    Raises:
        OutputError: as `render_pdf`.
    """
    order = json.dumps({"html": html, "document": document, "date": date}).encode()
    with tempfile.TemporaryDirectory(prefix="readiness-") as home:
        try:
            done = subprocess.run(  # noqa: S603 - our own interpreter and module
                [sys.executable, "-P", "-m", "readiness.report.pdf"],
                input=order, capture_output=True, check=False, timeout=WALL_SECONDS, env=_environment(Path(home)), cwd=home,
            )  # fmt: skip
        except subprocess.TimeoutExpired:
            raise OutputError(f"report.pdf: the layout took longer than {WALL_SECONDS} seconds") from None
    complaints = tuple(done.stderr.decode("utf-8", "replace").splitlines())
    if done.returncode == NO_LIBRARIES:
        raise OutputError(f"report.pdf: the Pango libraries are missing; on Debian or Ubuntu: {PACKAGES}")
    if done.returncode != 0 or not done.stdout.startswith(b"%PDF"):
        raise OutputError(f"report.pdf: the layout ended with {_ending(done.returncode)}: {' '.join(complaints[-1:])[:300]}")
    return Sheet(done.stdout, complaints)


def _ending(code: int) -> str:
    return f"signal {-code} (a limit was reached)" if code < 0 else f"exit code {code}"


def _environment(home: Path) -> dict[str, str]:
    """The child's environment: no fonts but ours, no clock zone, no locale, no home."""
    config = home / "fonts.conf"
    config.write_text(_FONTCONFIG.format(fonts=escape(str(root("templates") / "fonts")), cache=escape(str(home))), encoding="utf-8")
    return {**os.environ, "FONTCONFIG_FILE": str(config), "HOME": str(home), "XDG_CACHE_HOME": str(home), "TZ": "UTC", "LC_ALL": "C.UTF-8"}


def main() -> int:
    """The child: reads an order from standard input, writes the PDF to standard output and complaints to standard error."""
    _limit()
    order = json.load(sys.stdin.buffer)
    logging.basicConfig(level=logging.WARNING, format="%(message)s")
    try:
        import weasyprint  # noqa: F401, PLC0415
    except OSError:
        return NO_LIBRARIES
    sys.stdout.buffer.write(_set(order["html"], order["document"], order["date"]))
    return 0


def _limit() -> None:
    """Memory and processor time of this process, where the system can limit them."""
    import resource  # noqa: PLC0415 - POSIX only

    for limit, value in ((resource.RLIMIT_AS, MEMORY), (resource.RLIMIT_CPU, CPU_SECONDS), (resource.RLIMIT_CORE, 0)):
        with suppress(ValueError, OSError):
            resource.setrlimit(limit, (value, value))


def _set(html: str, document: str, date: str) -> bytes:
    from datetime import UTC, datetime  # noqa: PLC0415
    from hashlib import sha256  # noqa: PLC0415

    from weasyprint import HTML, Attachment  # noqa: PLC0415

    from readiness.report.fonts import fetcher, printable  # noqa: PLC0415

    fonts = root("templates") / "fonts"
    day = datetime.fromisoformat(date).replace(tzinfo=UTC)
    page = HTML(string=printable(html, fonts), base_url="about:blank", url_fetcher=fetcher(fonts)).render(pdf_variant="pdf/a-3a")
    attachment = Attachment(
        string=document, name="assessment.json", description="The assessment that this report was made from", created=day, modified=day, relationship="Data"
    )
    page.metadata.attachments.append(attachment)
    data: Any = page.write_pdf(pdf_variant="pdf/a-3a", pdf_identifier=sha256(html.encode()).digest()[:16])
    return bytes(data)


if __name__ == "__main__":
    sys.exit(main())
