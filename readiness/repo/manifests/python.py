"""Python manifests and lockfiles."""

from __future__ import annotations

import configparser
import re
import tomllib
from collections.abc import Iterator, Mapping
from typing import Final

from readiness.repo.manifests.found import Ecosystem, Found, Lines, items, read_json, string, table

_REQUIREMENT: Final = re.compile(r"^([A-Za-z0-9](?:[\w.-]*[A-Za-z0-9])?)\s*(?:\[[^\]]{0,200}\])?\s*(.*)$")
_EXACT: Final = re.compile(r"^={2,3}\s*([\w.!+-]+)$")
_EGG: Final = re.compile(r"[#&]egg=([\w.-]+)")
_BLOCK: Final = re.compile(r"^\[\[(?:package|packages)\]\]\s*$")
_FIELD: Final = re.compile(r'^(name|version) = "([^"]+)"')
_LISTS: Final = re.compile(
    r"(?i)\b\w{0,40}(?:requires?|requirements|dependencies|extras)\w{0,40}\s{0,40}(?::[^=\n]{0,60})?=\s{0,40}([\[{])"
)
_QUOTED: Final = re.compile(r"""(["'])((?:(?!\1)[^\\\n]){1,200})\1""")
_CONDA: Final = re.compile(r"^(?:[\w-]+::)?([A-Za-z0-9][\w.-]*)\s*(?:(=|==)\s*([\w.]+)(?:=.*)?|(.*))$")


def requirement(text: str, line: int) -> Found | None:
    """The package that one PEP 508 requirement names, without marker and comment; None when it names none."""
    text = re.split(r"\s#|;|\s--hash|\s\\$", text, maxsplit=1)[0].strip()
    if egg := _EGG.search(text):
        return Found(Ecosystem.PYPI, egg.group(1), line, text[:200])
    match = _REQUIREMENT.match(text)
    if not match:
        return None
    name, rest = match.group(1), match.group(2).strip(" ()")
    if rest and rest[0] not in "=<>!~@,":
        return None
    exact = _EXACT.match(rest)
    return Found(Ecosystem.PYPI, name, line, rest[:200], exact.group(1) if exact else None)


def requirements(text: str) -> Iterator[Found]:
    """`requirements.txt`, `requirements.in`, `constraints.txt`."""
    for number, line in enumerate(text.split("\n"), 1):
        if line.startswith((" ", "\t")) and not line.strip():
            continue
        stripped = re.sub(r"^\s*(?:-e|--editable)[ =]", "", line).strip().removesuffix("\\")
        if not stripped.startswith(("#", "-")) and (found := requirement(stripped, number)):
            yield found


def pyproject(text: str) -> Iterator[Found]:
    """`pyproject.toml`: PEP 621 and 735 tables, and those of poetry, pdm, uv and hatch."""
    document, lines = tomllib.loads(text), Lines(text)
    project, tools = table(document.get("project")), table(document.get("tool"))
    poetry = table(tools.get("poetry"))
    lists = [
        project.get("dependencies"),
        *table(project.get("optional-dependencies")).values(),
        *table(document.get("dependency-groups")).values(),
        *table(table(tools.get("pdm")).get("dev-dependencies")).values(),
        table(tools.get("uv")).get("dev-dependencies"),
        *(table(env).get("dependencies") for env in table(table(tools.get("hatch")).get("envs")).values()),
    ]
    for entry in (entry for listed in lists for entry in items(listed)):
        if found := requirement(string(entry), 1):
            yield Found(found.ecosystem, found.name, lines.of(found.name), found.requirement, found.locked)
    groups = [poetry, *map(table, table(poetry.get("group")).values())]
    for group in groups:
        yield from _by_name(table(group.get("dependencies")), lines)
        yield from _by_name(table(group.get("dev-dependencies")), lines)


def _by_name(dependencies: Mapping[str, object], lines: Lines) -> Iterator[Found]:
    """Tables of poetry and Pipfile: name to requirement, or to a table or list of tables with a version."""
    for name, value in dependencies.items():
        if name.lower() == "python":
            continue
        first = items(value)[0] if items(value) else value
        wanted = string(first) or string(table(first).get("version"))
        exact = _EXACT.match(wanted) or re.match(r"^(\d[\w.]*)$", wanted)
        yield Found(Ecosystem.PYPI, name, lines.of(name), wanted, exact.group(1) if exact else None)


def pipfile(text: str) -> Iterator[Found]:
    """`Pipfile`."""
    document, lines = tomllib.loads(text), Lines(text)
    for section in ("packages", "dev-packages"):
        yield from _by_name(table(document.get(section)), lines)


def pipfile_lock(text: str) -> Iterator[Found]:
    """`Pipfile.lock`."""
    document, lines = read_json(text), Lines(text)
    for section in ("default", "develop"):
        for name, entry in table(document.get(section)).items():
            version = string(table(entry).get("version")).lstrip("=")
            yield Found(Ecosystem.PYPI, name, lines.of(name), "", version or None, direct=False)


def toml_lock(text: str, ecosystem: Ecosystem = Ecosystem.PYPI) -> Iterator[Found]:
    """`poetry.lock`, `uv.lock`, `pdm.lock`, `pylock.toml`, `Cargo.lock`: one block per package, name before version."""
    inside, name, at = False, "", 0
    for number, line in enumerate(text.split("\n"), 1):
        if line.startswith("["):
            inside, name = bool(_BLOCK.match(line)), ""
        elif inside and (match := _FIELD.match(line)):
            if match.group(1) == "name":
                name, at = match.group(2), number
            elif name:
                yield Found(ecosystem, name, at, "", match.group(2), direct=False)
                name = ""


def setup_cfg(text: str) -> Iterator[Found]:
    """`setup.cfg`: `install_requires` and the extras."""
    parser = configparser.RawConfigParser(strict=False)
    try:
        parser.read_string(text)
    except configparser.Error as error:
        raise ValueError(str(error)) from error
    lines = Lines(text)
    listed = [parser.get("options", key, fallback="") for key in ("install_requires", "tests_require")]
    if parser.has_section("options.extras_require"):
        listed.extend(value for _, value in parser.items("options.extras_require"))
    for entry in (entry for value in listed for entry in value.split("\n")):
        if found := requirement(entry.strip(), 1):
            yield Found(found.ecosystem, found.name, lines.of(found.name), found.requirement, found.locked)


def setup_py(text: str) -> Iterator[Found]:
    """`setup.py`, read as text and never run: literal strings of lists whose name speaks of requirements."""
    for match in _LISTS.finditer(text):
        end = _closing(text, match.start(1))
        for quoted in _QUOTED.finditer(text, match.start(1), end):
            if text[quoted.end() : quoted.end() + 20].lstrip().startswith(":"):
                continue  # the key of an extra
            if found := requirement(quoted.group(2), text.count("\n", 0, quoted.start()) + 1):
                yield found


def _closing(text: str, start: int) -> int:
    """Where the bracket at `start` closes, at most 20,000 characters on; brackets in strings count, which extras balance."""
    depth = 0
    for index in range(start, min(len(text), start + 20_000)):
        depth += (text[index] in "[{") - (text[index] in "]}")
        if depth == 0:
            return index
    return min(len(text), start + 20_000)


def environment(text: str) -> Iterator[Found]:
    """`environment.yml` of conda, with its pip section."""
    import yaml  # noqa: PLC0415 - heavy

    try:
        document = table(yaml.safe_load(text))
    except yaml.YAMLError as error:
        raise ValueError("not YAML") from error
    lines = Lines(text)
    for entry in items(document.get("dependencies")):
        for line in items(table(entry).get("pip")):
            if found := requirement(string(line), 1):
                yield Found(found.ecosystem, found.name, lines.of(found.name), found.requirement, found.locked)
        if (match := _CONDA.match(string(entry))) and match.group(1) not in ("python", "pip"):
            name, _, exact, other = match.groups()
            wanted = f"=={exact}" if exact else (other or "").strip()
            yield Found(Ecosystem.PYPI, name, lines.of(name), wanted, exact)


def pkg_info(text: str) -> Iterator[Found]:
    """`PKG-INFO` of a source distribution: the `Requires-Dist` headers."""
    for number, line in enumerate(text.split("\n\n", 1)[0].split("\n"), 1):
        key, _, value = line.partition(":")
        if key == "Requires-Dist" and (found := requirement(value.strip(), number)):
            yield found
