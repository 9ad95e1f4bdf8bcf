"""The evaluation and red-team tools of `knowledge/evals.yaml`, and what names, commands and files of them look like."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path, PurePosixPath
from typing import Any, Final

_FILE: Final = Path(__file__).parents[2] / "knowledge" / "evals.yaml"
_SIGN: Final[Mapping[str, object]] = {
    "type": "object",
    "additionalProperties": False,
    "properties": {
        **{key: {"type": "string"} for key in ("run", "name", "cases", "attacks_key", "fails_with")},
        "silenced": {"type": "array", "items": {"type": "string"}},
        **{key: {"type": "boolean"} for key in ("attacks", "asserts", "fails")},
    },
}
_TEXTS: Final[Mapping[str, object]] = {"type": "array", "items": {"type": "string"}}
_SCHEMA: Final[Mapping[str, object]] = {
    "type": "object",
    "additionalProperties": False,
    "required": ["tools", "hosted", "hosted_uris", "public"],
    "properties": {
        "tools": {
            "type": "array",
            "items": {
                "type": "object",
                "additionalProperties": False,
                "required": ["id"],
                "properties": {
                    "id": {"type": "string"},
                    "attacks": {"type": "boolean"},
                    **{key: {"type": "array", "items": _SIGN} for key in ("commands", "files", "apis")},
                    **dict.fromkeys(("actions", "scores", "markers"), _TEXTS),
                },
            },
        },
        "hosted": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["name"],
                "properties": {"name": {"type": "string"}, "keyword": {"type": "string"}},
            },
        },
        "hosted_uris": _TEXTS,
        "public": _TEXTS,
    },
}


@dataclass(frozen=True, slots=True)
class Sign:
    """One way in which a tool shows: `text` is a command, a dotted name, a file name or an action."""

    tool: str
    text: str
    attacks: bool = False
    fails: bool = True
    """Whether a bad score makes the use fail by itself."""
    cases: str = ""
    attacks_key: str = ""
    fails_with: str = ""
    """A dotted name whose use makes a bad score fail after all."""
    silenced: tuple[str, ...] = ()
    """Variables with the values that make it exit with zero."""


@dataclass(frozen=True, slots=True)
class Hosted:
    """A call that loads a hosted data set, named by its first argument or by `keyword`."""

    name: str
    keyword: str = ""


@dataclass(frozen=True, slots=True)
class Names:
    """Signs that are dotted names, exact ones by name."""

    exact: Mapping[str, Sign]
    globs: tuple[tuple[str, Sign], ...]
    """Each glob with its text before the first `*`."""

    def find(self, dotted: str) -> Sign | None:
        """The sign that a dotted name is, or None."""
        globs = (sign for head, sign in self.globs if dotted.startswith(head) and fnmatchcase(dotted, sign.text))
        return self.exact.get(dotted) or next(globs, None)


@dataclass(frozen=True, slots=True)
class EvalTools:
    """All signs of all tools."""

    commands: tuple[Sign, ...]
    actions: tuple[Sign, ...]
    files: tuple[Sign, ...]
    apis: Names
    scores: Names
    markers: tuple[Sign, ...]
    hosted: tuple[Hosted, ...]
    hosted_uris: tuple[str, ...]
    public: frozenset[str]

    def api(self, dotted: str) -> Sign | None:
        """The evaluation that a dotted name runs, or None."""
        return self.apis.find(dotted)

    def score(self, dotted: str) -> Sign | None:
        """The single metric that a dotted name is, or None."""
        return self.scores.find(dotted)

    def file(self, path: str) -> Sign | None:
        """The tool whose configuration a file is by its name, or None."""
        name = PurePosixPath(path).name
        return next((sign for sign in self.files if fnmatchcase(name, sign.text)), None)

    def action(self, uses: str) -> Sign | None:
        """The tool that a step's `uses:` runs, or None."""
        name = uses.partition("@")[0].lower()
        return next((sign for sign in self.actions if name == sign.text or name.startswith(sign.text + "/")), None)

    def command(self, words: tuple[str, ...]) -> Sign | None:
        """The tool that a command line without its runner starts, the longest match first, or None."""
        named = (re.sub(r"(?<=.)@[\w.^~-]+$", "", words[0]).rsplit("/", 1)[-1], *words[1:]) if words else ()
        found = [sign for sign in self.commands if named[: len(sign.text.split())] == tuple(sign.text.split())]
        return max(found, key=lambda sign: len(sign.text), default=None)

    def is_public(self, text: str) -> bool:
        """Whether a file name, id or address names a public benchmark."""
        plain = re.sub(r"[^a-z0-9]+", "", text.lower())
        words = {re.sub(r"[^a-z0-9]+", "", word) for word in re.split(r"[/\s_.-]+", text.lower())}
        return any(name in words or (len(name) > 5 and name in plain) for name in self.public)


def load_tools() -> EvalTools:
    """Read `knowledge/evals.yaml`.

    Raises:
        ConfigurationError: the file breaks its schema; names file and line.
    """
    from readiness.documents import parse_yaml  # noqa: PLC0415 - heavy

    content = parse_yaml(_FILE.read_text(encoding="utf-8"), _FILE.name, _SCHEMA)
    assert isinstance(content, dict)
    tools: list[dict[str, Any]] = content["tools"]
    return EvalTools(
        commands=_signs(tools, "commands", "run"),
        actions=_signs(tools, "actions", ""),
        files=_signs(tools, "files", "name"),
        apis=_names(_signs(tools, "apis", "name")),
        scores=_names(_signs(tools, "scores", "")),
        markers=_signs(tools, "markers", ""),
        hosted=tuple(Hosted(item["name"], item.get("keyword", "")) for item in content["hosted"]),
        hosted_uris=tuple(content["hosted_uris"]),
        public=frozenset(content["public"]),
    )


def _names(signs: tuple[Sign, ...]) -> Names:
    return Names(
        {sign.text: sign for sign in signs if "*" not in sign.text},
        tuple((sign.text.partition("*")[0], sign) for sign in signs if "*" in sign.text),
    )


def _signs(tools: list[dict[str, Any]], kind: str, key: str) -> tuple[Sign, ...]:
    return tuple(_sign(tool, item if key else {"": item}, key) for tool in tools for item in tool.get(kind, ()))


def _sign(tool: dict[str, Any], item: dict[str, Any], key: str) -> Sign:
    return Sign(
        tool=tool["id"],
        text=item[key],
        attacks=item.get("attacks", tool.get("attacks", False)),
        fails=item.get("asserts", False) if key == "name" else item.get("fails", True),
        cases=item.get("cases", ""),
        attacks_key=item.get("attacks_key", ""),
        fails_with=item.get("fails_with", ""),
        silenced=tuple(item.get("silenced", ())),
    )
