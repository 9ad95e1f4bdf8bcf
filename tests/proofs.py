"""Reads the proof at the end of `cases.md`: how to take a control out of an application, and how to only talk of it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import yaml

from tests.case_files import CaseError, fences

_TAKEN_OUT: Final = re.compile(r"## Taken out of (\S+)")
_TALK: Final = "## Only talked about"


@dataclass(frozen=True, slots=True)
class Hunk:
    """One replacement of whole lines in one file."""

    path: str
    old: str
    new: str


@dataclass(frozen=True, slots=True)
class Removal:
    """The hunks that take a control out of a bundled application."""

    app: str
    hunks: tuple[Hunk, ...]


@dataclass(frozen=True, slots=True)
class Talk:
    """A control as talk: its code as text, an import of it in either language, and its packages."""

    text: str
    python: str
    typescript: str
    pypi: str
    npm: str


@dataclass(frozen=True, slots=True)
class Proof:
    """What holds a check to its control."""

    removals: tuple[Removal, ...]
    talk: Talk


def parse_proof(text: str) -> Proof:
    """The proof that a text is.

    Raises:
        CaseError: a part of it means nothing, or is missing.
    """
    removals: list[Removal] = []
    talk: Talk | None = None
    for section in re.split(r"(?m)^(?=## )", text)[1:]:
        heading = section.splitlines()[0]
        if match := _TAKEN_OUT.fullmatch(heading):
            removals.append(Removal(match[1], tuple(_hunks(section))))
        elif heading == _TALK:
            talk = _talk(section)
        else:
            raise CaseError(f"a part of a proof is '## Taken out of <application>' or '{_TALK}', not {heading!r}")
    if not removals or talk is None:
        raise CaseError("a proof takes the control out of at least one application and says how it is only talked about")
    return Proof(tuple(removals), talk)


def _hunks(section: str) -> Iterator[Hunk]:
    """The hunks of every fence, which names its file; several in one file are parted by `@@`."""
    for info, block in fences(section):
        for hunk in "\n".join(block).split("\n@@\n"):
            lines = hunk.split("\n")
            old = "".join(f"{line[1:]}\n" for line in lines if line[:1] in {"-", " "})
            new = "".join(f"{line[1:]}\n" for line in lines if line[:1] in {"+", " "})
            if not old or old == new:
                raise CaseError(f"{info}: a hunk replaces lines: '-' what goes, '+' what comes, ' ' what stays")
            yield Hunk(info.split()[-1], old, new)


def _talk(section: str) -> Talk:
    (_, block), *_ = fences(section)
    words = yaml.safe_load("\n".join(block))
    return Talk(words["text"], words["python"], words["typescript"], words["packages"]["pypi"], words["packages"]["npm"])
