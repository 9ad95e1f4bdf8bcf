"""Which files `.gitignore` leaves out, with or without git."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Final

from pathspec import GitIgnoreSpec

_MAX_PATTERNS: Final = 5_000
_MAX_LENGTH: Final = 1_000
_MAX_STARS: Final = 3
_STAR_RUN: Final = re.compile(r"\*+")


@dataclass(frozen=True, slots=True)
class Ignore:
    """The rules in force in one directory: its own `.gitignore` first, then those above, as git reads them."""

    rules: tuple[tuple[str, GitIgnoreSpec], ...] = field(default=())

    def below(self, directory: str, text: str) -> Ignore:
        """These rules and those of the `.gitignore` with content `text` in `directory` (posix, relative, '' for the root)."""
        spec = GitIgnoreSpec.from_lines(_patterns(text.splitlines()))
        return Ignore(((directory + "/" if directory else "", spec), *self.rules)) if len(spec) else self

    def hides(self, path: str, *, directory: bool) -> bool:
        """Whether the file or directory at `path` is left out; a deeper rule overrides one above it."""
        for base, spec in self.rules:
            verdict = spec.check_file(path.removeprefix(base) + "/" * directory).include
            if verdict is not None:
                return verdict
        return False


def _patterns(lines: Iterable[str]) -> list[str]:
    return [line for line in list(lines)[:_MAX_PATTERNS] if is_usable(line)]


def is_usable(pattern: str) -> bool:
    """Whether `pattern` is valid and has so few wildcards that no file name can make matching it expensive."""
    stars = max(len(_STAR_RUN.findall(part)) for part in pattern.split("/"))
    if len(pattern) > _MAX_LENGTH or stars > _MAX_STARS or pattern.count("**") > _MAX_STARS:
        return False
    try:
        GitIgnoreSpec.from_lines([pattern])
    except (ValueError, re.error):
        return False
    return True


def pattern_matcher(patterns: Iterable[str]) -> Callable[[str], bool]:
    """A test whether a file path matches any of `patterns` (`.gitignore` syntax)."""
    return GitIgnoreSpec.from_lines(_patterns(patterns)).match_file
