"""What the literals of Python source are worth: numbers, and escapes in text."""

from __future__ import annotations

import re
from typing import Final

_ESCAPE: Final = re.compile(r"\\(\n|x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|[0-7]{1,3}|.)", re.DOTALL)
_SIMPLE: Final = {"n": "\n", "t": "\t", "r": "\r", "\n": "", "a": "\a", "b": "\b", "f": "\f", "v": "\v", "0": "\0"}


def number(text: str) -> int | float:
    """The value of a number literal; 0 for one of 30 digits or more, and for what is none."""
    cleaned = text.replace("_", "").lower()
    try:
        return int(cleaned, 0) if len(cleaned) < 30 else 0
    except ValueError:
        try:
            return float(cleaned.rstrip("j"))
        except ValueError:
            return 0


def unescape(text: str) -> str:
    """A text without its backslashes, as Python reads it; what Python rejects stays."""
    return _ESCAPE.sub(_unescape_one, text) if "\\" in text else text


def _unescape_one(match: re.Match[str]) -> str:
    code = match.group(1)
    if code in _SIMPLE:
        return _SIMPLE[code]
    if code[0] in "xuU" and len(code) > 1:
        point = int(code[1:], 16)
        return chr(point) if point < 0x110000 else "\ufffd"
    if code[0] in "01234567":
        return chr(int(code, 8))
    return code if code in "\\'\"" else "\\" + code
