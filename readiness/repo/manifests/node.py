"""JavaScript manifests and lockfiles."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Final

from readiness.repo.manifests.found import Ecosystem, Found, Lines, read_json, string, table

_SECTIONS: Final = ("dependencies", "devDependencies", "peerDependencies", "optionalDependencies")
_NAME: Final = r"@?[\w.~-]+(?:/[\w.~-]+)?"
_PNPM_PACKAGE: Final = re.compile(rf"^  ['\"]?/?({_NAME})[@/](\d[^(:'\"_\s]*)")
_PNPM_DIRECT: Final = re.compile(rf"^ +['\"]?({_NAME})['\"]?:(?: +(\d[^(\s]*).*)?$")
_PNPM_VALUE: Final = re.compile(r"^ +(specifier|version): ['\"]?([^('\"\s]*)")
_YARN_KEY: Final = re.compile(rf"['\"]?({_NAME})@(?:npm:)?([^,'\":]+)")
_YARN_VERSION: Final = re.compile(r"^  version:? \"?([^\"\s]+)")
_BUN: Final = re.compile(rf"^\s{{1,20}}\"[^\"]{{1,300}}\": \[\"({_NAME})@(\d[^\"]*)\"")


def package_json(text: str) -> Iterator[Found]:
    """`package.json`: all four kinds of dependency."""
    document, lines = read_json(text), Lines(text)
    for section in _SECTIONS:
        for name, wanted in table(document.get(section)).items():
            yield Found(Ecosystem.NPM, name, lines.of(name), string(wanted))


def package_lock(text: str) -> Iterator[Found]:
    """`package-lock.json` and `npm-shrinkwrap.json`, versions 1 to 3; the copy nearest the root comes first."""
    document, lines = read_json(text), Lines(text)
    packages = table(document.get("packages"))
    for path in sorted((path for path in packages if "node_modules/" in path), key=lambda path: path.count("node_modules/")):
        name = path.rpartition("node_modules/")[2]
        if version := string(table(packages[path]).get("version")):
            yield Found(Ecosystem.NPM, name, lines.of(path, f"node_modules/{name}", name), "", version, direct=False)
    if not packages:
        yield from _nested(table(document.get("dependencies")), lines)


def _nested(dependencies: Mapping[str, object], lines: Lines) -> Iterator[Found]:
    """Version 1 nests the packages inside each other; breadth first, so that the nearest comes first."""
    level = [dependencies]
    while level:
        below = []
        for name, entry in (pair for tree in level for pair in tree.items()):
            if version := string(table(entry).get("version")):
                yield Found(Ecosystem.NPM, name, lines.of(name), "", version, direct=False)
            below.append(table(table(entry).get("dependencies")))
        level = [tree for tree in below if tree]


def pnpm_lock(text: str) -> Iterator[Found]:
    """`pnpm-lock.yaml`, versions 5 to 9: what the importers resolved to, then every package."""
    section, name, wanted, seen = "", "", "", list[Found]()
    for number, line in enumerate(text.split("\n"), 1):
        if line and not line[0].isspace():
            section = line.rstrip(": ")
        elif section == "packages" and (match := _PNPM_PACKAGE.match(line)):
            seen.append(Found(Ecosystem.NPM, match.group(1), number, "", match.group(2), direct=False))
        elif value := _PNPM_VALUE.match(line):
            wanted = value.group(2) if value.group(1) == "specifier" else wanted
            if value.group(1) == "version" and name and section in ("importers", *_SECTIONS):
                yield Found(Ecosystem.NPM, name, number - 2, wanted, value.group(2), direct=False)
        elif section in ("importers", *_SECTIONS) and (match := _PNPM_DIRECT.match(line)):
            name = match.group(1)
            if match.group(2):
                yield Found(Ecosystem.NPM, name, number, "", match.group(2), direct=False)
    yield from seen


def yarn_lock(text: str) -> Iterator[Found]:
    """`yarn.lock`, classic and berry: one block per version, under all the requirements that it satisfies."""
    keys, at = list[tuple[str, str]](), 0
    for number, line in enumerate(text.split("\n"), 1):
        if line and not line[0].isspace() and line.endswith(":") and not line.startswith(("#", "__metadata")):
            keys, at = [(match.group(1), match.group(2)) for match in _YARN_KEY.finditer(line[:2_000])], number
        elif match := _YARN_VERSION.match(line):
            for name, wanted in keys:
                yield Found(Ecosystem.NPM, name, at, wanted, match.group(1), direct=False)
            keys = []


def bun_lock(text: str) -> Iterator[Found]:
    """`bun.lock`: one line per package."""
    for number, line in enumerate(text.split("\n"), 1):
        if match := _BUN.match(line[:500]):
            yield Found(Ecosystem.NPM, match.group(1), number, "", match.group(2), direct=False)
