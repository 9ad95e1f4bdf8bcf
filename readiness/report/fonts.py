"""What the bundled fonts can draw."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

PLACEHOLDER: Final = "□"
"""Printed for a character that no bundled font has; report.html shows it in the reader's own fonts."""


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
    from fontTools.ttLib import TTFont  # type: ignore[import-untyped]  # noqa: PLC0415 (comes with the layout engine)

    known: set[int] = set()
    for path in sorted(fonts.glob("*-Regular.ttf")):
        with TTFont(path, lazy=True) as font:
            known |= font.getBestCmap().keys()
    return set(map(chr, known))
