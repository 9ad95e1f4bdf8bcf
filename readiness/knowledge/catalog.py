"""The SDK files of `knowledge/sdks`: which dotted names are models, clients and calls, and which arguments carry what."""

from __future__ import annotations

import fnmatch
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

from readiness import resources
from readiness.documents import read_yaml
from readiness.knowledge.tables import read_shipped
from readiness.model import CallKind, Contract

Roles = Mapping[str, tuple[str | int, ...]]
"""For each role the names or positions of the arguments that may carry it, first found first; a dot goes into a nested value."""

GENERAL: Final = frozenset(
    {
        "transformers",
        "torch",
        "sentence-transformers",
        "boto3",
        "botocore",
        "google-cloud-aiplatform",
        "huggingface-hub",
        "huggingface_hub",
        "requests",
        "httpx",
        "aiohttp",
        "axios",
    }
)
"""Packages that much else is done with: importing one says nothing."""

PLAIN: Final = frozenset({"http", "defaults", "callbacks"})
"""Files that know general libraries, not models."""

_FOLDER: Final = Path(__file__).parent / "sdks"


@dataclass(frozen=True, slots=True)
class Entry:
    """What one dotted name is: a call (`kind`), a step on the way to one (`returns`), or a constructor (`is_type`)."""

    sdk: str
    name: str
    kind: CallKind | None = None
    roles: Roles = None  # type: ignore[assignment]
    defaults: Mapping[str, float | str | None] = None  # type: ignore[assignment]
    returns: str = ""
    contract: Contract | None = None
    implicit: bool = False
    distinctive: bool = False
    is_type: bool = False
    provider: str = ""
    platform: str = ""
    passes: int | None = None
    runs: int | None = None
    local: bool = False
    builtin_prompt: bool = False
    relays: bool = False
    """Whether it may only run functions of the program, where no model is handed to it."""
    needs: str = ""
    """A role without which the name is no call to a model: an index without a text search, say."""
    distinctive_with: tuple[str, ...] = ()
    """Roles that a call on an unknown receiver must carry before its name is believed."""
    kinds: Mapping[str, Mapping[str, CallKind | None]] = None  # type: ignore[assignment]
    """By role, the kinds that an argument's value decides, as patterns of lower-case text; None: no call to a model."""
    platforms: Mapping[str, str] = None  # type: ignore[assignment]
    """By argument, the platform that it switches a client to: `vertexai=True`."""
    ambient: str = ""
    """On a call: it uses the model set program-wide under this name. On what is no call: setting it, or calling it with a client,
    sets that."""
    receiver: int | None = None
    """Position of the argument whose method of the same name is meant: `client.send(command)` is `command.send()`."""

    def role(self, name: str) -> tuple[str | int, ...]:
        return (self.roles or {}).get(name, ())

    def default(self, name: str) -> float | str | None:
        return (self.defaults or {}).get(name)

    def kind_by(self, role: str, texts: Iterable[str]) -> tuple[CallKind | None] | None:
        """The kind that a role's values decide (None: no call to a model), in a tuple; no tuple where they decide nothing."""
        table = (self.kinds or {}).get(role, {})
        return next(
            ((kind,) for text in texts for pattern, kind in table.items() if fnmatch.fnmatchcase(text.lower(), pattern)), None
        )


@dataclass(frozen=True, slots=True)
class Type:
    """A client, model, chain or agent, under all the names it goes by, and its members."""

    id: str
    entry: Entry
    patterns: tuple[str, ...]
    members: Mapping[str, Entry]
    extends: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Sdk:
    """One SDK file: its packages by ecosystem and its literate cases."""

    id: str
    title: str
    packages: Mapping[str, tuple[str, ...]]
    cases: tuple[Mapping[str, Any], ...]
    framework: bool


@dataclass(frozen=True, slots=True)
class Match:
    """What a dotted name means: the entry of its end, and the entries met on the way with the length of the name at each."""

    entry: Entry | None
    steps: tuple[tuple[str, Entry], ...]
    type: str = ""


class Catalog:
    """All SDK files, indexed by dotted name. Build it with `Catalog.load`."""

    def __init__(self, sdks: Iterable[Sdk], types: Iterable[Type], functions: Iterable[tuple[tuple[str, ...], Entry]]) -> None:
        self.sdks = {sdk.id: sdk for sdk in sdks}
        self.types = {each.id: each for each in types}
        self._matched: dict[str, Match | None] = {}
        self._exact: dict[str, tuple[Entry, str]] = {}
        self._globs: dict[str, list[tuple[str, Entry, str]]] = defaultdict(list)
        self._members: dict[str, dict[str, Entry]] = {}
        setters: set[str] = set()
        for each in self.types.values():
            self._members[each.id] = dict(self._inherited(each.id))
            for pattern in each.patterns:
                self._index(pattern, each.entry, each.id)
            setters.update(_setters(each.patterns, each.entry))
        for names, entry in functions:
            for name in names:
                self._index(name, entry, entry.returns)
            setters.update(_setters(names, entry))
        self._setters = frozenset(setters)
        self._distinctive = sorted(
            ((name, entry, each.id) for each in self.types.values() for name, entry in each.members.items() if entry.distinctive),
            key=lambda item: (-item[0].count("."), -len(item[0]), item[2]),
        )

    def _inherited(self, type_id: str, hops: int = 0) -> Iterator[tuple[str, Entry]]:
        each = self.types.get(type_id)
        if each is None or hops > 6:
            return
        for parent in each.extends:
            yield from self._inherited(parent, hops + 1)
        yield from each.members.items()

    def _index(self, pattern: str, entry: Entry, type_id: str) -> None:
        if "*" in pattern:
            self._globs[pattern.split("*", 1)[0].split(".", 1)[0].split("/", 1)[0]].append((pattern, entry, type_id))
        else:
            self._exact[pattern] = (entry, type_id)

    def packages(self) -> Mapping[str, frozenset[str]]:
        """Package names that make a repository an LLM application, by ecosystem."""
        found: dict[str, set[str]] = defaultdict(set)
        for sdk in self.sdks.values():
            for ecosystem, names in sdk.packages.items():
                found[ecosystem].update(names)
        return {ecosystem: frozenset(names) for ecosystem, names in found.items()}

    def roots(self, ecosystem: str) -> frozenset[str]:
        """Module roots that only code calling models imports: those of SDKs and frameworks whose names are their own."""
        return self.packages().get(ecosystem, frozenset()) - GENERAL

    def setters(self) -> frozenset[str]:
        """Last names of what sets a model for a whole program or block."""
        return self._setters

    def called_names(self, *, plain: bool = False) -> frozenset[str]:
        """The last words of all dotted names that are calls to a model, or that hand one on.

        With `plain`, only those that need no SDK: requests to an endpoint, and names that nobody else uses.
        """
        entries = [(name, entry) for each in self.types.values() for name, entry in self._members[each.id].items()]
        entries += [(name, entry) for name, (entry, _) in self._exact.items()]
        entries += [(name, entry) for found in self._globs.values() for name, entry, _ in found]
        return frozenset(
            name.rsplit(".", 1)[-1]
            for name, entry in entries
            if (entry.kind is not None or entry.receiver is not None)
            and (not plain or entry.distinctive or entry.needs == "endpoint")
        )

    def serves(self, modules: Iterable[str]) -> bool:
        """Whether any of the imported modules is one of an SDK, HTTP clients left aside."""
        heads = {part for module in modules for part in (module, module.split(".", 1)[0], module.split("/", 1)[0])}
        exact = {name.split(".", 1)[0] for name, (entry, _) in self._exact.items() if entry.sdk not in PLAIN}
        return bool(heads & exact) or any(head.startswith(prefix) for prefix in self._globs if prefix for head in heads)

    def passthrough(self, path: str) -> int | None:
        """Position of the argument that a function returns, changed or not (`wrap(client)`), None for all others."""
        match = self.match(path)
        return match.entry.passes if match is not None and match.entry is not None else None

    def runs(self, path: str) -> int | None:
        """Position of the argument that a function calls, returning what that returns (-1: its last), None for all others."""
        match = self.match(path)
        return match.entry.runs if match is not None and match.entry is not None else None

    def match(self, path: str) -> Match | None:
        """What a dotted name means; None when no SDK file knows any head of it."""
        if path not in self._matched:
            self._matched[path] = self._match(path)
        return self._matched[path]

    def _match(self, path: str) -> Match | None:
        parts = path.split(".")
        if parts[0] == "?":
            return self._distinct(".".join(parts[1:]))
        for end in range(len(parts), 0, -1):
            head = ".".join(parts[:end])
            found = self._named(head)
            if found is not None:
                return self._walk(head, found[0], found[1], parts[end:])
        return None

    def _named(self, head: str) -> tuple[Entry, str] | None:
        exact = self._exact.get(head)
        if exact is not None:
            return exact
        for root in (head.split(".", 1)[0].split("/", 1)[0], ""):
            for pattern, entry, type_id in self._globs.get(root, ()):
                if _matches(head, pattern):
                    return entry, type_id
        for prefix, patterns in self._globs.items():
            if prefix and head.startswith(prefix) and prefix not in (head.split(".", 1)[0], head.split("/", 1)[0]):
                for pattern, entry, type_id in patterns:
                    if _matches(head, pattern):
                        return entry, type_id
        return None

    def _walk(self, head: str, entry: Entry, type_id: str, rest: list[str]) -> Match | None:
        steps: list[tuple[str, Entry]] = [(head, entry)]
        current = type_id
        while rest:
            members = self._members.get(current, {})
            length = next((n for n in range(len(rest), 0, -1) if ".".join(rest[:n]) in members), 0)
            if not length:
                return Match(None, tuple(steps), current)
            found = members[".".join(rest[:length])]
            head = f"{head}.{'.'.join(rest[:length])}"
            steps.append((head, found))
            rest = rest[length:]
            entry = found
            current = (current if found.returns == "self" else found.returns) if found.returns else ""
            if not current and rest:
                return Match(None, tuple(steps), "")
        return Match(entry, tuple(steps), current)

    def _distinct(self, tail: str) -> Match | None:
        """An unknown receiver is of the type that a member's distinctive name belongs to; what follows is walked from there."""
        dotted = f".{tail}."
        for name, entry, type_id in self._distinctive:
            before, known, after = dotted.rpartition(f".{name}.")
            returned = type_id if entry.returns == "self" else entry.returns
            if known and (returned or not after):
                return self._walk(f"?{before}.{name}", entry, returned, [part for part in after.split(".") if part])
        return None

    @classmethod
    def load(cls, folder: Path = _FOLDER, *, validate: bool = False) -> Catalog:
        """Read every SDK file.

        Args:
            folder: where the files lie.
            validate: hold each to `schemas/sdk.schema.json`; the shipped files are validated by the tests, not on each run.

        Raises:
            UsageError: a file is not what the schema says; names file and line.
        """
        sdks: list[Sdk] = []
        types: list[Type] = []
        functions: list[tuple[tuple[str, ...], Entry]] = []
        for file in sorted(folder.glob("*.yaml")):
            document = read_yaml(file, resources.schema("sdk.schema")) if validate else _quick(file)
            assert isinstance(document, dict)
            sdks.append(_sdk(document))
            types.extend(_types(document))
            functions.extend(_functions(document))
        return cls(sdks, types, functions)


def _setters(names: Iterable[str], entry: Entry) -> Iterator[str]:
    """Last names of a call or constructor that sets a model for others; what itself calls a model sets none."""
    if entry.ambient and entry.kind is None and entry.role("client"):
        yield from (name.rsplit(".", 1)[-1] for name in names)


@cache
def _quick(file: Path) -> object:
    return read_shipped(file)


def _matches(head: str, pattern: str) -> bool:
    """`**.` stands for zero or more segments, `*` for any part of one, `[A-Z]` for one of those characters."""
    return _expression(pattern).fullmatch(head) is not None


@cache
def _expression(pattern: str) -> re.Pattern[str]:
    pieces = re.split(r"(\*\*\.|\*|\[[^]]+\])", pattern)
    known = {"**.": r"(?:[^.]+\.)*", "*": r"[^.]*"}
    return re.compile("".join(known.get(piece) or (piece if piece.startswith("[") else re.escape(piece)) for piece in pieces))


def _sdk(document: Mapping[str, Any]) -> Sdk:
    packages = {ecosystem: tuple(names) for ecosystem, names in document.get("packages", {}).items()}
    return Sdk(
        document["sdk"], document["title"], packages, tuple(document.get("cases", ())), bool(document.get("framework", False))
    )


def _types(document: Mapping[str, Any]) -> Iterator[Type]:
    sdk = document["sdk"]
    for name, body in document.get("types", {}).items():
        entry = _entry(document, name, body, is_type=True)
        members = {member: _entry(document, member, spec) for member, spec in body.get("members", {}).items()}
        extends = tuple(_full(sdk, parent) for parent in body.get("extends", ()))
        yield Type(f"{sdk}.{name}", entry, tuple(body["names"]), members, extends)


def _functions(document: Mapping[str, Any]) -> Iterator[tuple[tuple[str, ...], Entry]]:
    for body in document.get("functions", ()):
        yield tuple(body["names"]), _entry(document, body["names"][0], body)


def _entry(document: Mapping[str, Any], name: str, body: Mapping[str, Any], *, is_type: bool = False) -> Entry:
    sdk = document["sdk"]
    returns = body.get("returns", "")
    return Entry(
        sdk=sdk,
        name=name,
        kind=CallKind(body["kind"]) if "kind" in body else None,
        roles={role: tuple(places) for role, places in body.get("roles", {}).items()},
        defaults=dict(body.get("defaults", {})),
        returns=_full(sdk, returns) if returns else "",
        contract=Contract(body["contract"]) if "contract" in body else None,
        implicit=body.get("implicit", False),
        distinctive=bool(body.get("distinctive", False)),
        distinctive_with=tuple(body["distinctive"]) if isinstance(body.get("distinctive"), list) else (),
        is_type=is_type,
        provider=body.get("provider", document.get("provider", "")),
        platform=body.get("platform", document.get("platform", "")),
        passes=body.get("passes"),
        runs=body.get("runs"),
        local=body.get("local", document.get("local", False)),
        builtin_prompt=body.get("builtin_prompt", False),
        relays=body.get("relays", False),
        needs=body.get("needs", ""),
        kinds={
            role: {text: CallKind(kind) if kind else None for text, kind in table.items()}
            for role, table in body.get("kinds", {}).items()
        },
        platforms=dict(body.get("platforms", {})),
        receiver=body.get("receiver"),
        ambient=body.get("ambient", ""),
    )


def _full(sdk: str, reference: str) -> str:
    return reference if reference == "self" or "." in reference else f"{sdk}.{reference}"
