"""From bytes to text in whatever encoding a file is in."""

from __future__ import annotations

import codecs
import re
from typing import Final

_BOMS: Final = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_COOKIE: Final = re.compile(rb"^[ \t\f]*#.*?coding[:=][ \t]*([-\w.]+)")
_SNIFF: Final = 8192
_TEXT_ENCODINGS: Final = re.compile(
    r"(?i)^(?:utf|latin|iso|cp|windows|ascii|us-ascii|koi8|big5|gb|euc|shift|sjis|mac|hz|johab|tis|viscii)"
)


def is_binary(content: bytes) -> bool:
    """Whether `content` is no text: a NUL byte near its start, and no byte order mark that explains it (git's own rule)."""
    return b"\0" in content[:_SNIFF] and not content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE, codecs.BOM_UTF32_BE))


def decode(content: bytes) -> str:
    r"""`content` as text with line ends as `\n`: by byte order mark, PEP 263 cookie, UTF-8, and latin-1 when all else fails.

    Never raises: latin-1 has a character for every byte.
    """
    return _decode(content).replace("\r\n", "\n").replace("\r", "\n")


def _decode(content: bytes) -> str:
    for mark, name in _BOMS:
        if content.startswith(mark):
            return content[len(mark) :].decode(name, errors="replace")
    for name in (_cookie(content), "utf-8"):
        try:
            return content.decode(name)
        except (UnicodeDecodeError, LookupError):
            continue
    return content.decode("latin-1")


def _cookie(content: bytes) -> str:
    """The encoding that one of the first two lines declares; only encodings of text count, never `zlib` or `unicode_escape`."""
    for line in content[:400].split(b"\n", 2)[:2]:
        if match := _COOKIE.match(line):
            name = match.group(1).decode("ascii", errors="replace")
            return name if _TEXT_ENCODINGS.match(name) else "utf-8"
    return "utf-8"


def count_lines(text: str) -> int:
    r"""Lines of `text`, the last one counted also without its `\n`."""
    return text.count("\n") + (not text.endswith("\n") and bool(text))
