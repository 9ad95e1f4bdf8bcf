"""Files that a manifest declares as entry points: production, wherever they lie."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Iterator
from typing import Final

from readiness.repo.manifests.found import BROKEN, read_json, string, table

_CONSOLE: Final = re.compile(r"""(?m)(?:^|["'])[ \t]*[\w.-]{1,80}\s*=\s*([\w.]{1,200})\s*:\s*\w""")
_SECTION: Final = re.compile(r"(?:console_scripts|gui_scripts)")


def entry_points(texts: Iterable[tuple[str, str]], paths: frozenset[str]) -> frozenset[str]:
    """Paths of the repository that the given manifests (pairs of path and text) install as commands."""
    found = set[str]()
    for path, text in texts:
        directory, _, name = path.rpartition("/")
        try:
            found.update(
                place for candidate in _candidates(name, text) for place in _places(directory, candidate) if place in paths
            )
        except BROKEN:
            continue  # reported once, as a broken manifest
    return frozenset(found)


def _candidates(name: str, text: str) -> Iterator[str]:
    """Paths relative to the manifest, as it declares them."""
    match name:
        case "pyproject.toml":
            document = tomllib.loads(text)
            project, poetry = table(document.get("project")), table(table(document.get("tool")).get("poetry"))
            for scripts in (project.get("scripts"), project.get("gui-scripts"), poetry.get("scripts")):
                yield from map(_module, map(string, table(scripts).values()))
        case "setup.py" | "setup.cfg":
            if section := _SECTION.search(text):
                yield from (_module(target) for target in _CONSOLE.findall(text[section.end() : section.end() + 5_000]))
        case "package.json":
            declared = read_json(text).get("bin")
            yield from (string(target).removeprefix("./") for target in (table(declared).values() or [declared]))
        case _:
            return


def _module(target: str) -> str:
    return target.partition(":")[0].strip().replace(".", "/")


def _places(directory: str, candidate: str) -> Iterator[str]:
    """Where a declared path or module can lie."""
    if not candidate or ".." in candidate:
        return
    for prefix in ("", "src/", "lib/"):
        for suffix in ("", ".py", "/__init__.py", "/__main__.py"):
            yield f"{directory}/{prefix}{candidate}{suffix}".removeprefix("/")
