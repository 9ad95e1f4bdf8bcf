"""What TypeScript literals say: escapes, entities, numbers and JSX text decoded."""

from __future__ import annotations

import html
import re
from typing import Final

TEXT_LIMIT: Final = 40_000
"""Characters kept of one text, as `ir.Literal` promises."""

_ESCAPE: Final = re.compile(r"\\(u\{[0-9a-fA-F]{1,8}\}|u[0-9a-fA-F]{4}|x[0-9a-fA-F]{2}|[0-7]{1,3}|\r\n|.)", re.DOTALL)
_CONTROL: Final = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f", "v": "\v"}
_LINE_ENDS: Final = frozenset({"\n", "\r", "\r\n", "\u2028", "\u2029"})
_LONGEST_NUMBER: Final = 40


def unescape(text: str) -> str:
    """`text` of a string or template literal with its escapes decoded; halves of surrogate pairs are joined."""
    if "\\" not in text:
        return text
    decoded = _ESCAPE.sub(_decoded, text)
    return decoded.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _decoded(match: re.Match[str]) -> str:
    code = match[1]
    if code in _LINE_ENDS:
        return ""
    if code[0] in "ux" and len(code) > 1:
        point = int(code[1:].strip("{}"), 16)
        return chr(point) if point <= 0x10FFFF else "\ufffd"
    if code[0] in "01234567":
        return chr(int(code, 8))
    return _CONTROL.get(code, code)


def number(text: str) -> int | float | None:
    """The value of a number literal, or None where no finite number is meant or it is absurdly long."""
    plain = text.replace("_", "").rstrip("n") if len(text) <= _LONGEST_NUMBER else ""
    try:
        return int(plain, 0)
    except ValueError:
        pass
    try:
        value = float(plain)
    except ValueError:
        return None
    return value if abs(value) != float("inf") else None


def jsx_attribute(text: str) -> str:
    """The value of a quoted JSX attribute, which has HTML entities and no escapes."""
    return html.unescape(text[1:-1])


def jsx_text(text: str) -> str:
    """Text between JSX tags as React renders it: entities decoded, line breaks with their indentation made one space."""
    lines = [line.strip() for line in html.unescape(text).splitlines()] if "\n" in text else [html.unescape(text)]
    return " ".join(line for line in lines if line)
