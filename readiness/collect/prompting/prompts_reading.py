"""How much a text reads as an instruction to a language model: a small score over features of how such texts are written."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Final

from readiness.knowledge.tables import read_table

_HEAD: Final = 8_000
"""Characters that are read: an instruction shows itself early."""

_YOU: Final = re.compile(r"(?i)\byou(?:r|rself)?\b")
_ONE_WORD: Final = re.compile(r"\s*[!-~]+\s*\Z")
_WORD: Final = re.compile(r"[^\W\d_]{2,}")
_WIDE: Final = re.compile(r"[\u3040-\u30ff\u4e00-\u9fff\uac00-\ud7af]")
_BRACES: Final = re.compile(
    r"\{\{-?\s*([\w.]+)[^{}]{0,60}\}\}|(?<!\{)\{([A-Za-z_]\w*)(?:[!:][^{}]{0,20})?\}(?!\})|%\((\w+)\)s|\$\{?([a-z_]\w*)\}?"
)


@dataclass(frozen=True, slots=True)
class Reading:
    """`score` from 0 to about 20: 5 is an instruction wherever it stands. `words` counts the fixed text's words."""

    score: int
    words: int
    foreign: bool
    """SQL, HTML, a script, or one word (a name, a path, a URL): other machines read it."""
    people: bool
    """It opens with an apology, a greeting or a failure: people read it."""
    aside: bool
    """It holds what texts for people hold: a question for yes or no, HTML; a prompt may, too."""
    addressed: bool
    """Speaks to its reader as "you"."""


@dataclass(frozen=True, slots=True)
class _Signals:
    features: tuple[tuple[int, re.Pattern[str]], ...]
    people: re.Pattern[str]
    aside: re.Pattern[str]
    foreign: re.Pattern[str]


@cache
def _signals() -> _Signals:
    document = read_table("prompt_reading")
    features = tuple(
        (each["weight"], re.compile(each["pattern"].replace("{verbs}", document["verbs"]), re.IGNORECASE | re.MULTILINE))
        for each in document["features"]
    )
    others = (re.compile(document[key], re.IGNORECASE) for key in ("people", "aside", "foreign"))
    return _Signals(features, *others)


@lru_cache(maxsize=20_000)
def read(text: str) -> Reading:
    """Score a text whose holes are written in braces."""
    signals = _signals()
    head = text[:_HEAD]
    score = sum(weight for weight, pattern in signals.features if pattern.search(head))
    words = len(_WORD.findall(_BRACES.sub(" ", head))) + len(_WIDE.findall(head)) // 2
    return Reading(
        score,
        words,
        bool(signals.foreign.match(head)) or bool(_ONE_WORD.match(head)),
        bool(signals.people.match(head)),
        bool(signals.aside.search(head)),
        bool(_YOU.search(head)),
    )


def placeholders(text: str) -> tuple[str, ...]:
    """The names of the holes that a template's text leaves open, in order of first appearance; at most 40."""
    names = (next(group for group in match.groups() if group) for match in _BRACES.finditer(text))
    return tuple(dict.fromkeys(names))[:40]
