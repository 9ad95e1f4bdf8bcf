"""Words and numbers as they are printed: nothing invisible, nothing endless, sums that add up."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import fields, is_dataclass, replace
from datetime import date
from typing import Any, Final, TypeVar, cast

from readiness.model.words import counted

T = TypeVar("T")

LONGEST: Final = 20_000
"""Characters of one string that any output looks at; no field of an assessment needs more to be understood."""

INVISIBLE: Final = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
"""Unicode categories that print nothing, or turn the text around them: controls, bidi and zero-width characters, strays."""

DASH: Final = "\u2013"
"""An en dash: between the ends of a range, and for "nothing here"."""

MINUS: Final = "\u2212"
"""The minus sign of a printed number."""

_PLAIN: Final = re.compile(r"[\n\x20-\x7e]*")


def visible(text: str) -> str:
    """`text` with every character that would not show written as its code point; tabs become spaces, line ends one kind."""
    if _PLAIN.fullmatch(text):
        return text
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\t", "    ")
    return "".join(_shown(character) for character in text)


def _shown(character: str) -> str:
    if character == "\n" or unicodedata.category(character) not in INVISIBLE:
        return character
    return f"\u2039U+{ord(character):04X}\u203a"


def cleaned(value: T) -> T:
    """A copy of a value of frozen dataclasses and tuples in which every plain string is visible and at most `LONGEST` long."""
    return cast("T", _cleaned(value))


def _cleaned(value: Any) -> Any:  # noqa: ANN401 - walks a tree of any dataclasses
    if type(value) is str:
        return visible(value[:LONGEST])
    if isinstance(value, tuple):
        return tuple(_cleaned(item) for item in value)
    if is_dataclass(value) and not isinstance(value, type):
        return replace(value, **{field.name: _cleaned(getattr(value, field.name)) for field in fields(value)})
    return value


def clipped(text: str, length: int) -> str:
    """`text` on one line, cut to `length` characters with an ellipsis at a word's end where there is one near."""
    line = " ".join(text.split())
    if len(line) <= length:
        return line
    cut = line[: length - 1]
    space = cut.rfind(" ", length // 2)
    return (cut[:space] if space > 0 else cut).rstrip(" ,;:.") + "…"


def clipped_path(path: str, length: int = 90) -> str:
    """A path cut in its middle, so that its folder and its file name both stay."""
    line = " ".join(path.split())
    if len(line) <= length:
        return line
    tail = length * 2 // 3
    return f"{line[: length - tail - 1]}…{line[-tail:]}"


def first_sentence(text: str, length: int = 170) -> str:
    """The first sentence of a text, on one line and at most `length` characters long."""
    line = " ".join(text.split())
    end = re.search(r"(?<=[a-z0-9)`\"”])\.(?=\s+[A-Z`“\"])", line)
    return clipped(line[: end.end()] if end else line, length)


def sentence(text: str) -> str:
    """A text that ends like a sentence."""
    line = text.strip()
    return line if not line or line[-1] in ".!?…" else f"{line}."


def lowered(text: str) -> str:
    """A headline as it stands inside a sentence: without its full stop, and lower case unless it begins with a name."""
    line = text.strip().rstrip(".")
    second = line[1:2]
    return line[:1].lower() + line[1:] if second.islower() or second in {" ", "'", "\u2019"} else line


def joined(items: Sequence[str]) -> str:
    """Items as English says them: a, b and c."""
    if len(items) < 2:
        return "".join(items)
    return f"{', '.join(items[:-1])} and {items[-1]}"


_SMALL: Final = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")


def number_word(count: int) -> str:
    """A count as prose writes it: words up to twelve, figures above."""
    return _SMALL[count] if 0 <= count < len(_SMALL) else thousands(count)


def capitalised(text: str) -> str:
    """A text whose first letter is upper case; the rest stays."""
    return text[:1].upper() + text[1:]


def thousands(count: int) -> str:
    """A whole number with commas."""
    return f"{count:,}"


def tenth(value: float) -> str:
    """A number with one decimal; never -0.0."""
    return f"{round(value, 1) + 0.0:.1f}"


def percent(share: float) -> str:
    """A share of 0 to 1 as whole per cent. Rounded down, so that 100 % is only printed of everything."""
    return f"{int(share * 100 + 1e-9)} %"


def whole(value: float) -> str:
    """A number of 0 to 100 without decimals, rounded down: 59.9 has not reached 60."""
    return str(int(value + 1e-9))


_MONTHS: Final = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December",
)  # fmt: skip


def long_date(day: date) -> str:
    """A date as English writes it, whatever the machine's locale: 26 November 2026."""
    return f"{day.day} {_MONTHS[day.month - 1]} {day.year}"


def numbered(first: int, last: int) -> str:
    """Line numbers as a reader wants them: one, or first and last."""
    return str(first) if last <= first else f"{first}{DASH}{last}"


def capped(items: Iterable[T], limit: int) -> tuple[tuple[T, ...], int]:
    """The first `limit` items, and how many were left off."""
    every = tuple(items)
    return every[:limit], max(len(every) - limit, 0)


def more(count: int, noun: str = "", plural: str = "") -> str:
    """The line under a list that was cut; '' when it was not. `noun` says of what there is more."""
    what = counted(count, f"more {noun}", plural and f"more {plural}") if noun else f"{thousands(count)} more"
    return f"and {what} in assessment.json" if count else ""
