"""The child process that sets a page as a PDF: limited, without network or files, in no fonts but ours."""

from __future__ import annotations

import json
import logging
import sys
from contextlib import suppress
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

from readiness.report.fonts import printable
from readiness.report.printer import NO_LIBRARIES
from readiness.resources import root

MEMORY: Final = 1 << 30
CPU_SECONDS: Final = 120
"""A report of forty pages takes a fifth of the memory and a tenth of the time."""

VARIANT: Final = "pdf/a-3a"
"""Tagged for screen readers, fit for archives, and may carry attachments."""


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
    from weasyprint import HTML, Attachment  # noqa: PLC0415

    fonts = root("templates") / "fonts"
    day = datetime.fromisoformat(date).replace(tzinfo=UTC)
    page = HTML(string=printable(html, fonts), base_url="about:blank", url_fetcher=fetcher(fonts)).render(pdf_variant=VARIANT)
    attachment = Attachment(
        string=document,
        name="assessment.json",
        description="The assessment that this report was made from",
        created=day,
        modified=day,
        relationship="Data",
    )
    if document:
        page.metadata.attachments.append(attachment)
    data: Any = page.write_pdf(pdf_variant=VARIANT, pdf_identifier=sha256(html.encode()).digest()[:16], finisher=_scoped)
    return bytes(data)


def _scoped(_document: Any, pdf: Any) -> None:  # noqa: ANN401 - untyped values of the layout engine
    """Says of each header cell whether it heads a column or a row; the engine tags the cell and leaves that out."""

    def parent(item: Any) -> Any:  # noqa: ANN401
        return pdf.objects[int(item["P"].split()[0])]

    for item in pdf.objects:
        if isinstance(item, dict) and item.get("S") == "/TH":
            item["A"]["Scope"] = "/Column" if parent(parent(item))["S"] == "/THead" else "/Row"


def fetcher(fonts: Path) -> Any:  # noqa: ANN401 - the base class is untyped
    """A URL fetcher that serves `font:NAME` from a folder and refuses every other address."""
    from weasyprint.urls import URLFetcher, URLFetcherResponse  # noqa: PLC0415

    class FontsOnly(URLFetcher):  # type: ignore[misc]
        """Serves our fonts."""

        def __init__(self) -> None:
            super().__init__(allowed_protocols=(), allow_redirects=False)
            self._known = {f"font:{path.name}": path for path in fonts.glob("*.ttf")}

        def fetch(self, url: str, headers: Any = None) -> Any:  # noqa: ANN401, ARG002 - the base class decides
            if url not in self._known:
                raise ValueError("this address may not be read")
            return URLFetcherResponse(url, self._known[url].read_bytes(), {"Content-Type": "font/ttf"})

    return FontsOnly()


if __name__ == "__main__":
    sys.exit(main())
