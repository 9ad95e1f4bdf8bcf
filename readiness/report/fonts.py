"""The fonts that the PDF is set in, and nothing else: no file, no network, no font of the machine."""

from __future__ import annotations

import re
from functools import reduce
from pathlib import Path
from typing import Any, Final

PLACEHOLDER: Final = "□"
"""Printed for a character that no bundled font has; report.html shows it in the reader's own fonts."""


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


def printable(html: str, fonts: Path) -> str:
    """`html` with a placeholder for each character that none of the fonts can draw, so that no blank is printed unseen."""
    characters = set(html) - set(map(chr, range(0x20, 0x7F))) - {"\n"}
    if not characters:
        return html
    missing = sorted(characters - _drawn(fonts))
    if not missing:
        return html
    return re.sub(f"[{re.escape(''.join(missing))}]", PLACEHOLDER, html)


def _drawn(fonts: Path) -> set[str]:
    """The characters of all bundled fonts together."""
    from fontTools.ttLib import TTFont  # noqa: PLC0415 - comes with the layout engine

    known = (set(TTFont(path, lazy=True).getBestCmap()) for path in sorted(fonts.glob("*-Regular.ttf")))
    return set(map(chr, reduce(set.union, known, set())))
