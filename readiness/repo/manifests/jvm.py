"""Maven and Gradle."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from typing import Final

from readiness.repo.manifests.found import Ecosystem, Found, Lines, string, table
from readiness.repo.manifests.xml import child, local, parse_xml

_PROPERTY: Final = re.compile(r"\$\{([\w.-]{1,100})\}")
_GRADLE: Final = re.compile(r"""["']([\w.-]+):([\w.-]+)(?::([^"':@\s]+))?(?:[:@][^"']*)?["']""")
_GRADLE_MAP: Final = re.compile(
    r"""group\s*[:=]\s*["']([\w.-]+)["']\s*,\s*name\s*[:=]\s*["']([\w.-]+)["'](?:\s*,\s*version\s*[:=]\s*["']([^"']+)["'])?"""
)
_GRADLE_VARIABLE: Final = re.compile(
    r"""^[ \t]*(?:(?:val|def|var|ext\.|set\()[ \t]*)?["']?([\w.]+)["']?\s*(?:=|,)\s*["'](\d[\w.-]*)["']""", re.MULTILINE
)
_DECLARES: Final = re.compile(
    r"(?i)^\s*(?:\w*(?:implementation|api|compileOnly|runtimeOnly|annotationProcessor|developmentOnly|kapt|ksp|compile|runtime|classpath|bom)|platform|mavenBom)\b"
)
_LOCK: Final = re.compile(r"^([\w.-]+):([\w.-]+):([^=\s]+)=")


def pom(text: str) -> Iterator[Found]:
    """`pom.xml`: dependencies, managed dependencies and plugins' are left out; versions through the file's own properties."""
    root, lines = parse_xml(text), Lines(text)
    properties = {local(item): (item.text or "").strip() for block in root if local(block) == "properties" for item in block}
    properties["project.version"] = child(root, "version")
    for node in root.iter():
        if local(node) != "dependency":
            continue
        group, artifact = child(node, "groupId"), child(node, "artifactId")
        version = _filled(child(node, "version"), properties)
        exact = version if re.fullmatch(r"\d[\w.-]*", version) else None
        yield Found(Ecosystem.MAVEN, f"{_filled(group, properties)}:{artifact}", lines.of(artifact), version, exact)


def _filled(value: str, properties: Mapping[str, str]) -> str:
    """`value` with the properties it names, three levels deep."""
    for _ in range(3):
        value = _PROPERTY.sub(lambda match: properties.get(match.group(1), match.group(0)), value)[:300]
    return value


def gradle(text: str) -> Iterator[Found]:
    """`build.gradle` and `build.gradle.kts`, read as text: coordinates on lines that declare a dependency."""
    variables = dict(_GRADLE_VARIABLE.findall(text))
    for number, line in enumerate(text.split("\n"), 1):
        if not _DECLARES.match(line[:1000]) and "group" not in line:
            continue
        match = _GRADLE_MAP.search(line[:1000]) or _GRADLE.search(line[:1000])
        if match:
            version = _variable(match.group(3) or "", variables)
            exact = version if re.fullmatch(r"\d[\w.-]*", version) and "+" not in version else None
            yield Found(Ecosystem.MAVEN, f"{match.group(1)}:{match.group(2)}", number, version, exact)


def _variable(version: str, variables: Mapping[str, str]) -> str:
    name = version.strip("${}")
    return variables.get(name, variables.get(name.rpartition(".")[2], version)) if version.startswith("$") else version


def version_catalogue(text: str) -> Iterator[Found]:
    """`libs.versions.toml`."""
    document, lines = tomllib.loads(text), Lines(text)
    versions = table(document.get("versions"))
    for value in table(document.get("libraries")).values():
        entry = table(value)
        module = string(entry.get("module")) or ":".join(string(entry.get(key)) for key in ("group", "name"))
        version = entry.get("version")
        if isinstance(value, str):
            module, _, version = value.rpartition(":")
        wanted = string(version) or string(versions.get(string(table(version).get("ref"))))
        exact = wanted if re.fullmatch(r"\d[\w.-]*", wanted) else None
        if module.strip(":"):
            yield Found(Ecosystem.MAVEN, module, lines.of(module, module.rpartition(":")[2]), wanted, exact)


def gradle_lock(text: str) -> Iterator[Found]:
    """`gradle.lockfile`."""
    for number, line in enumerate(text.split("\n"), 1):
        if match := _LOCK.match(line[:1000]):
            yield Found(Ecosystem.MAVEN, f"{match.group(1)}:{match.group(2)}", number, "", match.group(3), direct=False)
