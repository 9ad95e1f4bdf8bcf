"""What `compilerOptions.paths` and `baseUrl` of TypeScript configurations make of an import."""

from __future__ import annotations

import posixpath
from collections import defaultdict
from collections.abc import Iterator
from pathlib import PurePosixPath

from readiness.collect.link.settings_files import ConfigIndex


class Aliases:
    """Path aliases by the folder of the configuration that sets them."""

    def __init__(self, config: ConfigIndex) -> None:
        self._bases: dict[str, str] = {}
        self._paths: dict[str, list[tuple[str, str]]] = defaultdict(list)
        for found in config.by_key.values():
            for path, entry in found:
                folder, _, name = path.rpartition("/")
                if not name.startswith(("tsconfig", "jsconfig")) or not isinstance(entry.value, str):
                    continue
                match entry.keys:
                    case ("compilerOptions", "baseUrl"):
                        self._bases[folder] = posixpath.normpath(posixpath.join(folder, entry.value))
                    case ("compilerOptions", "paths", str(pattern), int()):
                        self._paths[folder].append((pattern, entry.value))
                    case _:
                        continue

    def candidates(self, name: str, importer: str) -> Iterator[str]:
        """Paths without suffix that an import can mean, relative to the repository, likeliest first.

        Args:
            name: the module as the import writes it.
            importer: the path of the file that imports it.
        """
        for parent in PurePosixPath(importer).parents:
            folder = "" if str(parent) == "." else str(parent)
            base = self._bases.get(folder)
            matching = [(pattern, target) for pattern, target in self._paths.get(folder, ()) if _fits(name, pattern)]
            for pattern, target in sorted(matching, key=lambda each: -len(each[0].partition("*")[0])):
                head, star, tail = pattern.partition("*")
                inner = name[len(head) : len(name) - len(tail)] if star else ""
                yield _under(base if base is not None else folder, target.replace("*", inner))
            if base is not None and "/" in name:
                yield _under(base, name)


def _fits(name: str, pattern: str) -> bool:
    head, star, tail = pattern.partition("*")
    if not star:
        return name == pattern
    return len(name) >= len(head) + len(tail) and name.startswith(head) and name.endswith(tail)


def _under(folder: str, path: str) -> str:
    joined = posixpath.normpath(posixpath.join(folder, path))
    return "" if joined == "." else joined
