"""What one manifest or lockfile names, and the helpers all readers share."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class Ecosystem(StrEnum):
    """Package ecosystems, by the names that the knowledge files use."""

    PYPI = "pypi"
    NPM = "npm"
    GO = "go"
    MAVEN = "maven"
    NUGET = "nuget"
    GEM = "gem"
    CARGO = "cargo"
    PACKAGIST = "packagist"


@dataclass(frozen=True, slots=True)
class Found:
    """One package in one file. `locked` is an exact version; `direct` is false for entries of a lockfile."""

    ecosystem: Ecosystem
    name: str
    line: int
    requirement: str = ""
    locked: str | None = None
    direct: bool = True


Reader = Callable[[str], Iterator[Found]]
"""From the text of one file to what it names; a broken file raises one of `BROKEN`."""
BROKEN: Final = (ValueError, KeyError, TypeError, AttributeError, IndexError, RecursionError)

_SEPARATORS: Final = re.compile(r"[-_.]+")
_MAJOR: Final = re.compile(r"/v\d+$")


def normalise(ecosystem: str, name: str) -> str:
    """The one spelling of a package name: PEP 503 for PyPI, lower case where the registry ignores case, no major version in Go."""
    match ecosystem:
        case Ecosystem.PYPI:
            return _SEPARATORS.sub("-", name).lower()
        case Ecosystem.NUGET | Ecosystem.NPM | Ecosystem.PACKAGIST:
            return name.lower()
        case Ecosystem.CARGO:
            return name.replace("_", "-")
        case Ecosystem.GO:
            return _MAJOR.sub("", name)
        case _:
            return name


class Lines:
    """Finds the line on which a package is named, in files whose parsers do not say."""

    _WORD: Final = re.compile(r"[\w@][\w@./+-]*")

    def __init__(self, text: str) -> None:
        self._first: dict[str, int] = {}
        for number, line in enumerate(text.split("\n"), 1):
            for word in self._WORD.findall(line[:2000]):
                self._first.setdefault(word, number)

    def of(self, *names: str) -> int:
        """The first line with any of `names` as a word; 1 when there is none."""
        return next((self._first[name] for name in names if name in self._first), 1)


def table(value: object) -> Mapping[str, object]:
    """`value` when it is a table, else an empty one: files of others hold anything."""
    return value if isinstance(value, dict) else {}


def items(value: object) -> list[object]:
    """`value` when it is a list, else an empty one."""
    return value if isinstance(value, list) else []


def string(value: object) -> str:
    """`value` when it is a text, else ''."""
    return value if isinstance(value, str) else ""


def read_json(text: str) -> Mapping[str, object]:
    """The object in a JSON text; comments are not allowed.

    Raises:
        ValueError: it is not JSON.
    """
    return table(json.loads(text))
