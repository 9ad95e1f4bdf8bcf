"""Values that configuration files give to environment variables and keys."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import Final

from readiness.collect import ir
from readiness.collect.link.values import Constant

ENV_NAME: Final = re.compile(r"^[A-Z][A-Z0-9_]{2,}$")
_DEPLOYING: Final = frozenset({"dockerfile", "terraform", "bicep", "procfile"})
_DEPLOYED: Final = frozenset({"helm", "charts", "chart", "k8s", "kubernetes", "deploy", "infra"})
"""Folders of files that deploy."""
_UNSHIPPED: Final = frozenset({
    ".github", "tests", "test", "evals", "eval", "docs", "node_modules", ".vscode", "fixtures", "examples",
    "benchmark", "benchmarks",
})  # fmt: skip
"""Folders of files that set nothing of what runs in production."""
_TOOLING: Final = frozenset({"package.json", "package-lock.json", "tsconfig.json", "mkdocs.yml"})


@dataclass(frozen=True, slots=True)
class ConfigIndex:
    """Environment variables by name, and every leaf of every configuration file by its last key.

    `environment` holds what a shipped file sets: a deployment (compose, Dockerfile, Helm, Terraform) before an example `.env`.
    """

    environment: Mapping[str, tuple[Constant, ...]] = field(default_factory=dict)
    deployed: frozenset[str] = frozenset()
    """Names that a deployment file sets or passes through, even without a value."""
    by_key: Mapping[str, tuple[tuple[str, ir.Entry], ...]] = field(default_factory=dict)

    @classmethod
    def build(cls, files: Iterable[ir.Config]) -> ConfigIndex:
        """Index the entries of configuration files."""
        environment: dict[str, list[tuple[int, Constant]]] = defaultdict(list)
        deployed: set[str] = set()
        by_key: dict[str, list[tuple[str, ir.Entry]]] = defaultdict(list)
        for file in files:
            if file.format == "shell":
                continue  # what a script sets, it sets for what it runs
            deploys = file.format in _DEPLOYING or _is_deployment(file.path)
            for entry in file.entries:
                name, value = _variable(file, entry)
                if name:
                    if deploys:
                        deployed.add(name)
                    if value is not None and not _is_reference(value):
                        constant = Constant(value, file.path, entry.line, "environment")
                        environment[name].append((0 if deploys else 1, constant))
                last = next((key for key in reversed(entry.keys) if isinstance(key, str)), "")
                if last:
                    by_key[last.lower()].append((file.path, entry))
        return cls(
            {name: tuple(constant for _, constant in sorted(found, key=_order)) for name, found in environment.items()},
            frozenset(deployed),
            {key: tuple(found) for key, found in by_key.items()},
        )

    def find(self, keys: tuple[str, ...]) -> tuple[Constant, ...]:
        """Values of the entries whose trailing keys are `keys`, compared without case; at most eight."""
        wanted = tuple(key.lower() for key in keys)
        found = []
        for path, entry in self.by_key.get(wanted[-1], ()) if wanted else ():
            names = tuple(key.lower() for key in entry.keys if isinstance(key, str))
            if names[-len(wanted) :] == wanted:
                found.append(Constant(entry.value, path, entry.line, "config"))
        return tuple(found[:8])


def _order(item: tuple[int, Constant]) -> tuple[int, str, int]:
    return item[0], item[1].path, item[1].line


def _is_deployment(path: str) -> bool:
    name = PurePosixPath(path).name.lower()
    parts = {part.lower() for part in PurePosixPath(path).parts}
    return "compose" in name or name.startswith("values") or bool(parts & _DEPLOYED)


def is_shipped(file: ir.Config) -> bool:
    """Whether a file can set what runs: settings and deployments, not lockfiles, manifests, CI, tests or tool configuration."""
    path = PurePosixPath(file.path)
    parts = {part.lower() for part in path.parts}
    if parts & _UNSHIPPED:
        return False
    return path.name not in _TOOLING and not path.name.endswith((".lock", "-lock.yaml"))


def _variable(file: ir.Config, entry: ir.Entry) -> tuple[str, str | int | float | bool | None]:
    """The environment variable that an entry sets, and its value; ('', None) when it sets none."""
    keys = entry.keys
    last = keys[-1] if keys else ""
    if file.format == "env" and isinstance(last, str):
        return last, entry.value
    if isinstance(entry.value, str) and isinstance(last, int) and "=" in entry.value:
        name, _, value = entry.value.partition("=")
        return (name.strip(), value.strip()) if ENV_NAME.match(name.strip()) else ("", None)
    if isinstance(entry.value, str) and isinstance(last, int) and "environment" in keys and ENV_NAME.match(entry.value):
        return entry.value, None
    if isinstance(last, str) and ENV_NAME.match(last):
        return last, entry.value
    return "", None


def _is_reference(value: str | float | bool) -> bool:  # noqa: FBT001 - a value of a file, not a switch
    if not isinstance(value, str):
        return False
    text = value.strip()
    return not text or text.startswith(("${", "$(", "{{", "<")) or text.lower().startswith(("your", "xxx", "changeme"))
