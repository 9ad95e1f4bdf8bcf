"""Go, .NET, Ruby, Rust and PHP."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from typing import Final

from readiness.repo.manifests.found import Ecosystem, Found, Lines, items, read_json, string, table
from readiness.repo.manifests.python import toml_lock
from readiness.repo.manifests.xml import child, local, parse_xml

_GO: Final = re.compile(r"^(?:require\s+)?(\S+\.\S+)\s+(v\d\S*)\s*(//\s*indirect)?")
_GEM: Final = re.compile(
    r"""^\s*(?:gem|\w+\.add(?:_runtime|_development)?_dependency)[\s(]+["']([\w.-]+)["'](?:\s*,\s*["']([^"']+)["'])?"""
)
_GEM_LOCKED: Final = re.compile(r"^ {4}([\w.-]+) \(([^)]+)\)$")


def go_mod(text: str) -> Iterator[Found]:
    """`go.mod`, whose versions are exact; packages marked indirect are nobody's requirement."""
    inside = ""
    for number, line in enumerate(text.split("\n"), 1):
        stripped = line.strip()
        if stripped.endswith("("):
            inside = stripped.split()[0]
        elif stripped == ")":
            inside = ""
        elif (inside == "require" or stripped.startswith("require ")) and (match := _GO.match(stripped[:500])):
            name, version, indirect = match.groups()
            yield Found(Ecosystem.GO, name, number, "" if indirect else version, version, direct=not indirect)


def nuget_project(text: str) -> Iterator[Found]:
    """`*.csproj`, `Directory.Packages.props`, `packages.config`: package references, central versions."""
    root, lines = parse_xml(text), Lines(text)
    for node in root.iter():
        if local(node) in ("PackageReference", "PackageVersion", "GlobalPackageReference", "package"):
            name = node.get("Include") or node.get("Update") or node.get("id") or ""
            version = node.get("Version") or node.get("version") or node.get("VersionOverride") or child(node, "Version")
            if name:
                yield Found(Ecosystem.NUGET, name, lines.of(name), version)


def nuget_lock(text: str) -> Iterator[Found]:
    """`packages.lock.json`."""
    document, lines = read_json(text), Lines(text)
    for framework in table(document.get("dependencies")).values():
        for name, entry in table(framework).items():
            if version := string(table(entry).get("resolved")):
                yield Found(Ecosystem.NUGET, name, lines.of(name), "", version, direct=False)


def gemfile(text: str) -> Iterator[Found]:
    """`Gemfile` and `*.gemspec`, read as text."""
    for number, line in enumerate(text.split("\n"), 1):
        if match := _GEM.match(line[:500]):
            yield Found(Ecosystem.GEM, match.group(1), number, match.group(2) or "")


def gemfile_lock(text: str) -> Iterator[Found]:
    """`Gemfile.lock`."""
    for number, line in enumerate(text.split("\n"), 1):
        if match := _GEM_LOCKED.match(line[:500]):
            yield Found(Ecosystem.GEM, match.group(1), number, "", match.group(2), direct=False)


def cargo(text: str) -> Iterator[Found]:
    """`Cargo.toml`: all dependency tables, of the workspace and of targets too."""
    document, lines = tomllib.loads(text), Lines(text)
    holders = [document, table(document.get("workspace")), *map(table, table(document.get("target")).values())]
    for holder in holders:
        for section in ("dependencies", "dev-dependencies", "build-dependencies"):
            for name, value in table(holder.get(section)).items():
                package = string(table(value).get("package")) or name
                yield Found(Ecosystem.CARGO, package, lines.of(name), string(value) or string(table(value).get("version")))


def cargo_lock(text: str) -> Iterator[Found]:
    """`Cargo.lock`."""
    return toml_lock(text, Ecosystem.CARGO)


def composer(text: str) -> Iterator[Found]:
    """`composer.json`."""
    document, lines = read_json(text), Lines(text)
    for section in ("require", "require-dev"):
        for name, wanted in table(document.get(section)).items():
            if "/" in name:
                yield Found(Ecosystem.PACKAGIST, name, lines.of(name), string(wanted))


def composer_lock(text: str) -> Iterator[Found]:
    """`composer.lock`."""
    document, lines = read_json(text), Lines(text)
    for section in ("packages", "packages-dev"):
        for entry in map(table, items(document.get(section))):
            if name := string(entry.get("name")):
                yield Found(
                    Ecosystem.PACKAGIST, name, lines.of(name), "", string(entry.get("version")).lstrip("v") or None, direct=False
                )
