"""Line-oriented configuration: .env, .ini, .properties, Dockerfile, Makefile, Procfile and shell scripts."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Final

from readiness.collect.lower.config_tree import Branch, Leaf, Scalar

_ENV: Final = re.compile(r"[ \t]*(?:export[ \t]+)?([A-Za-z_][A-Za-z0-9_.-]*)[ \t]*=[ \t]*")
_ENV_VALUE: Final = re.compile(r'"((?:[^"\\]|\\.)*)"|\'([^\']*)\'|`([^`]*)`|([^\n]*)', re.DOTALL)
_SECTION: Final = re.compile(r"^\[([^\]\n]+)\]")
_INI_KEY: Final = re.compile(r"^([^\s=:\[#;][^=:\n]*?)[ \t]*[=:][ \t]*(.*)$")
_TARGET: Final = re.compile(r"^([^\s:#=][^:#=]*?)[ \t]*::?(?!=)[ \t]*([^=\n]*)$")
_VARIABLE: Final = re.compile(r"^[ \t]*(?:export[ \t]+|override[ \t]+)?([A-Za-z_][\w.-]*)[ \t]*[:?+!]{0,2}=[ \t]*(.*)$")


def read_env(text: str) -> Branch:
    """NAME -> value of an environment file. Commented-out lines are not settings."""
    root = Branch(1)
    position, line = 0, 1
    while position < len(text):
        end = text.find("\n", position)
        end = len(text) if end < 0 else end
        found = _ENV.match(text, position, end)
        if found:
            value = _ENV_VALUE.match(text, found.end())
            assert value is not None
            root.add(found[1], Leaf(_env_value(value), line))
            end = max(end, text.find("\n", value.end()) if "\n" in value.group() else end)
        line += text.count("\n", position, end + 1)
        position = end + 1
    return root


def _env_value(found: re.Match[str]) -> str:
    if found[4] is not None:
        return re.split(r"(?:^|\s)#", found[4], maxsplit=1)[0].strip()
    return next(group for group in found.groups() if group is not None)


def read_ini(text: str) -> Branch:
    """Section -> key -> value; a value of several lines keeps its line breaks and stands where its text starts."""
    root, section = Branch(1), None
    key, parts, start = "", list[str](), 0
    for number, line in enumerate([*text.splitlines(), "[]end"], 1):
        if key and (not line.strip() or line[0] in " \t"):
            parts.append("" if line.lstrip().startswith(("#", ";")) else line.strip())
            continue
        if key:
            (section or root).add(key, _value_of_lines(parts, start))
            key = ""
        if header := _SECTION.match(line):
            section = Branch(number)
            root.add(header[1].strip(), section)
        elif found := _INI_KEY.match(line):
            key, parts, start = found[1].strip(), [found[2].strip()], number
    return root


def _value_of_lines(parts: list[str], line: int) -> Leaf:
    empty = next((position for position, part in enumerate(parts) if part), 0)
    return Leaf("\n".join(parts[empty:]).rstrip(), line + empty)


def read_properties(text: str) -> Branch:
    """Key -> value of a Java properties file; dots stay part of the key."""
    root = Branch(1)
    for number, line in _joined(text):
        stripped = line.strip()
        if stripped and stripped[0] not in "#!":
            key, _, value = re.sub(r"(?<!\\)[=:]", "\0", stripped, count=1).partition("\0")
            root.add(key.strip(), Leaf(value.strip(), number))
    return root


def _joined(text: str) -> Iterator[tuple[int, str]]:
    """Logical lines, with those that end in a backslash joined to the next, and the number of their first line."""
    start, held = 1, ""
    for number, line in enumerate(text.splitlines(), 1):
        start = number if not held else start
        if line.rstrip().endswith("\\"):
            held += line.rstrip()[:-1] + "\n"
            continue
        yield start, held + line
        held = ""
    if held:
        yield start, held


def read_dockerfile(text: str) -> Branch:
    """Instructions: ENV and ARG by name, others by their position. A command in JSON form is joined to one line of words."""
    root = Branch(1)
    for number, line in _joined(_without_comments(text)):
        word, _, rest = line.strip().partition(" ")
        word = word.upper()
        if not word.isalpha():
            continue
        group = next((child for key, child in root.children if key == word and isinstance(child, Branch)), None)
        if group is None:
            group = Branch(number)
            root.add(word, group)
        if word in {"ENV", "ARG"}:
            for name, value in _assignments(rest.strip()):
                group.add(name, Leaf(value, number))
        else:
            group.add(len(group.children), Leaf(_exec_form(rest.strip()), number))
    return root


def _without_comments(text: str) -> str:
    """Comment lines emptied but for a continuation mark, as inside a RUN they do not end it."""
    lines, continued = [], False
    for line in text.splitlines():
        comment = line.lstrip().startswith("#")
        lines.append(("\\" if continued else "") if comment else line)
        continued = continued if comment else line.rstrip().endswith("\\")
    return "\n".join(lines)


def _assignments(text: str) -> Iterator[tuple[str, Scalar]]:
    pairs = re.findall(r"([A-Za-z_]\w*)=(\"(?:[^\"\\]|\\.)*\"|'[^']*'|\S*)", text)
    if pairs:
        for name, value in pairs:
            yield name, value[1:-1] if value[:1] in {'"', "'"} else value
        return
    name, _, value = text.partition(" ")
    yield name, value.strip() or None


def _exec_form(text: str) -> str:
    if text.startswith("["):
        try:
            words = json.loads(text)
        except ValueError:
            return text
        if isinstance(words, list):
            return " ".join(str(word) for word in words)
    return text


def read_makefile(text: str) -> Branch:
    """`targets` -> name -> `needs` and `commands`; `variables` -> name -> value."""
    root, targets, variables = Branch(1), Branch(1), Branch(1)
    root.children = [("targets", targets), ("variables", variables)]
    current: list[Branch] = []
    for number, line in _joined(text):
        if line.startswith("\t"):
            command = line.strip()
            for commands in current if command and not command.startswith("#") else ():
                commands.add(0, Leaf(command, number))
        elif variable := _VARIABLE.match(line):
            variables.add(variable[1], Leaf(variable[2].strip(), number))
        elif found := _TARGET.match(line):
            needs, _, recipe = found[2].partition(";")
            current = [_target(targets, name, needs.strip(), number) for name in found[1].split()]
            for commands in current if recipe.strip() else ():
                commands.add(0, Leaf(recipe.strip(), number))
    return root


def _target(targets: Branch, name: str, needs: str, line: int) -> Branch:
    """Opens a target and gives back its list of commands; target-specific variables and `.PHONY` lines have none."""
    target, commands = Branch(line), Branch(line, is_list=True)
    target.children = [("needs", Leaf(needs.split("#", maxsplit=1)[0].strip() or None, line)), ("commands", commands)]
    targets.add(name, target)
    return commands


def read_procfile(text: str) -> Branch:
    """Process type -> command."""
    root = Branch(1)
    for number, line in enumerate(text.splitlines(), 1):
        name, colon, command = line.partition(":")
        if colon and name.strip().replace("-", "").replace("_", "").isalnum():
            root.add(name.strip(), Leaf(command.strip(), number))
    return root


def read_shell(text: str) -> Branch:
    """`lines` -> the commands of a shell script, continuation lines joined, comments and blank lines left out."""
    root, lines = Branch(1), Branch(1, is_list=True)
    root.add("lines", lines)
    for number, line in _joined(text):
        if line.strip() and not line.lstrip().startswith("#"):
            lines.add(0, Leaf(line.strip(), number))
    return root


def read_lines(text: str) -> Branch:
    """`lines` -> every line that is not blank, as it stands."""
    root, lines = Branch(1), Branch(1, is_list=True)
    root.add("lines", lines)
    for number, line in enumerate(text.splitlines(), 1):
        if line.strip():
            lines.add(0, Leaf(line.strip(), number))
    return root


_STAGE: Final = re.compile(
    r"""\bstage\s*\(\s*(?:name:\s*)?['"](?P<stage>[^'"\n]*)['"]
      | \b(?P<step>sh|bat|pwsh|powershell)\b\s*\(?\s*
        (?:(?P<options>(?:\w+:\s*(?:true|false|'[^'\n]*'|"[^"\n]*")\s*,\s*)*)script:\s*)?
        (?P<text>\"\"\"(?:[^\\]|\\.)*?\"\"\"|'''(?:[^\\]|\\.)*?'''|"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*')(?P<after>[^\n]*)
      | \b(?P<word>when|triggers|catchError|input|parallel|warnError)\b\s*(?:\([^)\n]*\)\s*)?(?P<open>\{[^}]*\}?)
      | (?P<comment>//[^\n]*|/\*.*?\*/)""",
    re.VERBOSE | re.DOTALL,
)


def read_jenkinsfile(text: str) -> Branch:
    """`stages` -> name -> `steps` (shell commands), `when`, `catchError`; `triggers` of the pipeline. A tolerant scan of Groovy."""
    root, stages = Branch(1), Branch(1)
    root.add("stages", stages)
    stage = Branch(1)
    position, line = 0, 1
    while found := _STAGE.search(text, position):
        line += text.count("\n", position, found.start())
        position = found.start()
        end = found.end()
        if found["stage"] is not None:
            stage = Branch(line)
            stages.add(found["stage"], stage)
        elif found["step"]:
            stage.add("steps", _jenkins_step(found, line))
        elif found["word"]:
            target = root if found["word"] == "triggers" else stage
            target.add(found["word"], Leaf(" ".join(found["open"].strip("{}").split())[:200], line))
            end = found.start("open") + 1
        line += text.count("\n", position, end)
        position = end
    for _, child in stages.children:
        _number_steps(child)
    return root


def _jenkins_step(found: re.Match[str], line: int) -> Leaf:
    quoted = found["text"]
    width = 3 if quoted[:3] in {'"""', "'''"} else 1
    body = quoted[width:-width]
    lead = len(body) - len(body.lstrip("\n \t"))
    swallowed = "returnStatus: true" in (found["options"] or "") + found["after"]
    start = line + found.group()[: found.start("text") - found.start()].count("\n") + body[:lead].count("\n")
    return Leaf(body.strip() + (" || true" if swallowed else ""), start)


def _number_steps(stage: Branch | Leaf) -> None:
    """Gathers the steps of a stage into one list."""
    if isinstance(stage, Branch):
        steps = Branch(stage.line, is_list=True)
        for key, child in stage.children:
            if key == "steps":
                steps.add(0, child)
        stage.children = [pair for pair in stage.children if pair[0] != "steps"] + [("steps", steps)]
