"""TOML: values from the standard library, line numbers from a scan of the keys."""

from __future__ import annotations

import re
import tomllib
from typing import Final

from readiness.collect.lower import LoweringError
from readiness.collect.lower.config_tree import Branch, Key, Leaf

_PART: Final = r"(?:[A-Za-z0-9_-]+|\"(?:[^\"\\\n]|\\.)*\"|'[^'\n]*')"
_HEADER: Final = re.compile(rf"[ \t]*(\[\[?)[ \t]*({_PART}(?:[ \t]*\.[ \t]*{_PART})*)[ \t]*\]\]?")
_ASSIGNMENT: Final = re.compile(rf"[ \t]*({_PART}(?:[ \t]*\.[ \t]*{_PART})*)[ \t]*=[ \t]*")
_VALUE: Final = re.compile(
    r'"""(?:[^\\]|\\.)*?"{3,5}' r"|'''.*?'{3,5}" r'|"(?:[^"\\\n]|\\.)*"' r"|'[^'\n]*'" r"|#[^\n]*|[\[\]{},\n]|[^\[\]{},\n#\"']+",
    re.DOTALL,
)


def read_toml(text: str) -> Branch:
    """The tables of a TOML text. A value stands on the line where it is written, an item of a list on its own.

    Raises:
        LoweringError: the text is not TOML.
    """
    try:
        values = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise LoweringError(f"not valid TOML: {error}") from None
    return _branch(values, (), _lines(text), 1)


def _branch(values: object, keys: tuple[Key, ...], lines: dict[tuple[Key, ...], int], line: int) -> Branch:
    branch = Branch(line, is_list=isinstance(values, list))
    pairs = enumerate(values) if isinstance(values, list) else values.items() if isinstance(values, dict) else ()
    for key, value in pairs:
        path = (*keys, key)
        at = lines.get(path, line)
        if isinstance(value, dict | list):
            branch.add(key, _branch(value, path, lines, at))
        else:
            branch.add(key, Leaf(value if isinstance(value, str | int | float | bool) else str(value), at))
    return branch


def _lines(text: str) -> dict[tuple[Key, ...], int]:
    """The line of every key and of every item of a list that is a key's whole value."""
    lines: dict[tuple[Key, ...], int] = {}
    arrays: dict[tuple[Key, ...], int] = {}
    table: tuple[Key, ...] = ()
    position, line = 0, 1
    while position < len(text):
        if header := _HEADER.match(text, position):
            table = _table(_parts(header[2]), arrays, array=header[1] == "[[")
            lines.setdefault(table, line)
            end = text.find("\n", header.end())
        elif key := _ASSIGNMENT.match(text, position):
            path = (*table, *_parts(key[1]))
            lines[path] = line
            end = _skip_value(text, key.end(), path, lines, line)
        else:
            end = text.find("\n", position)
        end = len(text) if end < 0 else end + 1
        line += text.count("\n", position, end)
        position = end
    return lines


def _parts(dotted: str) -> tuple[str, ...]:
    return tuple(part[1:-1] if part[0] in "\"'" else part for part in re.findall(_PART, dotted))


def _table(parts: tuple[str, ...], arrays: dict[tuple[Key, ...], int], *, array: bool) -> tuple[Key, ...]:
    """The path of a header: names, with the current position wherever a name is an array of tables."""
    path: tuple[Key, ...] = ()
    for position, part in enumerate(parts):
        path = (*path, part)
        if array and position == len(parts) - 1:
            arrays[path] = arrays.get(path, -1) + 1
        if path in arrays:
            path = (*path, arrays[path])
    return path


def _skip_value(text: str, start: int, path: tuple[Key, ...], lines: dict[tuple[Key, ...], int], line: int) -> int:
    """The position of the newline that ends a value; notes where the items of an outermost list stand."""
    depth, item, position = 0, 0, start
    while found := _VALUE.match(text, position):
        token = found.group()
        if token == "\n" and depth == 0:
            return position
        position = found.end()
        if token in {"[", "{"}:
            depth += 1
        elif token in {"]", "}"}:
            depth -= 1
        elif token == "," and depth == 1:
            item += 1
        if depth >= 1 and token.strip(" \t\n,[]") and token[0] != "#":
            lines.setdefault((*path, item), line)
        line += token.count("\n")
    return text.find("\n", position)
