"""The repository's own `readiness.toml`: service roots, exclusions and accepted risks."""

from __future__ import annotations

import difflib
import tomllib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Final, NoReturn

from readiness.errors import ConfigurationError
from readiness.model import Acceptance
from readiness.repo.ignore import is_usable, pattern_matcher

SETTINGS_FILE: Final = "readiness.toml"
_KEYS: Final = ("roots", "exclude", "accept")
_ACCEPT_KEYS: Final = ("check", "reason", "owner", "until")


@dataclass(frozen=True, slots=True)
class Settings:
    """What the repository says of itself.

    `roots` are the directories of its services (empty: the whole tree); `exclude` are paths or patterns in `.gitignore` syntax
    that are not audited; `acceptances` are risks somebody accepted by name, with a reason and an end.
    """

    roots: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    acceptances: tuple[Acceptance, ...] = field(default=())

    def in_root(self, path: str) -> bool:
        """Whether the file at `path` is inside a service root."""
        return not self.roots or any(root == "." or path.startswith(root + "/") for root in self.roots)

    def exclusion(self) -> Callable[[str], bool]:
        """A test whether the repository asks not to audit the file at a path."""
        return pattern_matcher(self.exclude)


def parse_settings(text: str) -> Settings:
    """The settings in the text of a `readiness.toml`.

    Raises:
        ConfigurationError: it is not TOML, has an unknown or missing key, or a value of the wrong kind; the message has the line.
    """
    try:
        table = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise ConfigurationError(f"{SETTINGS_FILE} is not valid TOML: {error}") from error
    reader = _Reader(text)
    reader.known(table, _KEYS)
    return Settings(
        roots=tuple(_path(reader, root) for root in reader.strings(table, "roots")),
        exclude=_patterns(reader, reader.strings(table, "exclude")),
        acceptances=tuple(_acceptance(reader, item, index) for index, item in enumerate(reader.tables(table, "accept"))),
    )


def _path(reader: _Reader, root: str) -> str:
    if root.startswith("/") or ".." in root.split("/"):
        reader.fail(f"roots: {root!r} leaves the repository", root)
    return root.removeprefix("./").rstrip("/") or "."


def _patterns(reader: _Reader, patterns: tuple[str, ...]) -> tuple[str, ...]:
    for pattern in patterns:
        if not is_usable(pattern):
            reader.fail(f"exclude: {pattern!r} is not a pattern in .gitignore syntax", pattern)
    return patterns


def _acceptance(reader: _Reader, item: Mapping[str, object], index: int) -> Acceptance:
    reader.known(item, _ACCEPT_KEYS, index)
    words = {key: item.get(key) for key in _ACCEPT_KEYS[:3]}
    for key, value in words.items():
        if not isinstance(value, str) or not value.strip():
            reader.fail(
                f"accept: {key!r} must be a text; an accepted risk needs check, reason, owner and until", "[[accept]]", index
            )
    until = item.get("until")
    if isinstance(until, str):
        until = _iso(until)
    if not isinstance(until, date) or isinstance(until, datetime):
        reader.fail("accept: 'until' must be a date such as 2027-06-30", "until", index)
    return Acceptance(str(words["check"]), str(words["reason"]).strip(), str(words["owner"]).strip(), until)


def _iso(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


@dataclass(frozen=True, slots=True)
class _Reader:
    """Typed access to the parsed tables, with the line of the text in every complaint."""

    text: str

    def known(self, table: Mapping[str, object], keys: Iterable[str], block: int | None = None) -> None:
        for key in table:
            if key not in keys:
                near = difflib.get_close_matches(key, keys, n=1, cutoff=0.5)
                hint = f"did you mean {near[0]!r}?" if near else f"known keys: {', '.join(keys)}"
                self.fail(f"unknown key {key!r}; {hint}", key, block)

    def strings(self, table: Mapping[str, object], key: str) -> tuple[str, ...]:
        value = table.get(key, [])
        if not isinstance(value, list) or not all(isinstance(item, str) and item for item in value):
            self.fail(f"{key!r} must be a list of texts", key)
        return tuple(value)

    def tables(self, table: Mapping[str, object], key: str) -> list[Mapping[str, object]]:
        value = table.get(key, [])
        if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
            self.fail(f"{key!r} must be written as [[{key}]] tables", key)
        return value

    def fail(self, message: str, near: str, block: int | None = None) -> NoReturn:
        raise ConfigurationError(f"{SETTINGS_FILE}:{self.line(near, block)}: {message}")

    def line(self, near: str, block: int | None) -> int:
        """The first line that has `near`, from the start of the given [[accept]] block on."""
        lines = self.text.splitlines()
        heads = [number for number, line in enumerate(lines) if line.replace(" ", "").startswith("[[accept]]")]
        start = heads[block] if block is not None and block < len(heads) else 0
        return next((number + 1 for number in range(start, len(lines)) if near in lines[number]), start + 1)
