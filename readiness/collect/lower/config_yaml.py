"""YAML, read from parser events without building objects, so that neither tags, depth nor aliases can hurt."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Final

from readiness.collect.lower import LoweringError
from readiness.collect.lower.config_tree import Branch, Leaf, Scalar

_INTEGER: Final = re.compile(r"[-+]?(0|[1-9][0-9]{0,17})")
_FLOAT: Final = re.compile(r"[-+]?(\.[0-9]+|[0-9]+\.[0-9]*)([eE][-+]?[0-9]+)?")
_NULLS: Final = frozenset({"", "~", "null", "Null", "NULL"})
_BOOLEANS: Final = {"true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False}
_MAX_NODES: Final = 300_000
_MAX_MERGED: Final = 100_000


def plain(text: str) -> Scalar:
    """The value of an unquoted scalar by the core schema of YAML 1.2: `on`, `yes` and `1:30` stay text."""
    if text in _NULLS:
        return None
    if text in _BOOLEANS:
        return _BOOLEANS[text]
    if _INTEGER.fullmatch(text):
        return int(text)
    return float(text) if _FLOAT.fullmatch(text) else text


def read_yaml(text: str) -> Branch | Leaf:
    """The document of a YAML text; of several, a list of them. Merge keys and aliases are resolved.

    A block scalar (`|`, `>`) stands on its first line of text, any other value where it is written.

    Raises:
        LoweringError: the text is not YAML.
    """
    documents = _Builder().build(_events(text))
    if len(documents) == 1:
        return documents[0]
    stream = Branch(1, is_list=True)
    for document in documents:
        stream.add(0, document)
    return stream


def _events(text: str) -> Iterator[Any]:
    import yaml  # noqa: PLC0415 - heavy

    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        yield from yaml.parse(text, Loader=loader)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f" in line {mark.line + 1}" if mark else ""
        raise LoweringError(f"not valid YAML{where}: {getattr(error, 'problem', None) or 'unreadable characters'}") from None


class _Builder:
    """Nodes from events. An alias of an anchor that is still open (a cycle) is an empty value."""

    def __init__(self) -> None:
        self.documents: list[Branch | Leaf] = []
        self.anchors: dict[str, Branch | Leaf] = {}
        self.open: list[tuple[Branch, str | None]] = []
        self.keys: list[str | None] = []
        self.merged = 0

    def build(self, events: Iterator[Any]) -> list[Branch | Leaf]:
        for count, event in enumerate(events):
            if count > _MAX_NODES:
                break
            self._take(event)
        while self.open:
            self._close()
        return self.documents

    def _take(self, event: Any) -> None:  # noqa: ANN401 - PyYAML's events share no typed base
        line = event.start_mark.line + 1
        match type(event).__name__:
            case "ScalarEvent":
                self._add(_leaf(event, line), event.anchor)
            case "AliasEvent":
                self._add(self.anchors.get(event.anchor, Leaf(None, line)), None)
            case "MappingStartEvent" | "SequenceStartEvent" as kind:
                self.open.append((Branch(line, is_list=kind == "SequenceStartEvent"), event.anchor))
                self.keys.append(None)
            case "MappingEndEvent" | "SequenceEndEvent":
                self._close()
            case _:
                pass

    def _close(self) -> None:
        branch, anchor = self.open.pop()
        self.keys.pop()
        if self.merged and not branch.is_list:
            branch.children = list(dict(branch.children).items())
        self._add(branch, anchor)

    def _add(self, node: Branch | Leaf, anchor: str | None) -> None:
        if anchor:
            self.anchors[anchor] = node
        if not self.open:
            self.documents.append(node)
            return
        parent, _ = self.open[-1]
        if parent.is_list:
            parent.add(0, node)
        elif self.keys[-1] is None:
            self.keys[-1] = _key(node)
        else:
            self._pair(parent, self.keys[-1], node)
            self.keys[-1] = None

    def _pair(self, parent: Branch, key: str, node: Branch | Leaf) -> None:
        if key != "<<" or isinstance(node, Leaf):
            parent.add(key, node)
            return
        known = {name for name, _ in parent.children}
        for source in [child for _, child in node.children] if node.is_list else [node]:
            for name, child in source.children if isinstance(source, Branch) else ():
                self.merged += 1
                if name not in known and self.merged < _MAX_MERGED:
                    known.add(name)
                    parent.add(name, child)


def _leaf(event: Any, line: int) -> Leaf:  # noqa: ANN401
    if event.style in {"|", ">"}:
        return Leaf(event.value, line + 1)
    return Leaf(plain(event.value) if event.implicit[0] and not event.style else event.value, line)


def _key(node: Branch | Leaf) -> str:
    if isinstance(node, Branch):
        return "?"
    return str(node.value).lower() if isinstance(node.value, bool | None) else str(node.value)


_LINE: Final = re.compile(r"^(?P<indent> *)(?P<dash>(?:- +)*)(?:(?P<key>[A-Za-z0-9_./$\"'-]+): *)?(?P<value>.*)$")


def scan_yaml_template(text: str) -> Branch:
    """The `key: value` lines of a template that is YAML only once rendered, nested by indentation; directive lines are left out."""
    root = Branch(1)
    stack: list[tuple[int, Branch]] = [(-1, root)]
    block: tuple[int, list[str], int, str] | None = None
    for number, line in enumerate([*text.splitlines(), ""], 1):
        indent = len(line) - len(line.lstrip())
        if block and (not line.strip() or indent > block[0]):
            block[1].append(line.strip())
            continue
        if block:
            stack[-1][1].add(block[3], Leaf("\n".join(block[1]), block[2]))
            block = None
        found = _LINE.match(line)
        if not found or not line.strip() or line.lstrip().startswith(("#", "{{", "---")):
            continue
        indent += len(found["dash"])
        while stack[-1][0] >= indent:
            stack.pop()
        block = _template_line(stack, found, indent, number)
    if block:
        stack[-1][1].add(block[3], Leaf("\n".join(block[1]), block[2]))
    return root


def _template_line(
    stack: list[tuple[int, Branch]], found: re.Match[str], indent: int, number: int
) -> tuple[int, list[str], int, str] | None:
    """Adds one line to the innermost open mapping; gives back an open block scalar (indent, lines, first line, key)."""
    parent = stack[-1][1]
    key, value = found["key"], found["value"].strip()
    if key is None:
        if found["dash"] and value:
            parent.add(str(len(parent.children)), Leaf(_unquoted(value), number))
        return None
    key = key.strip("\"'")
    if value in {"|", ">", "|-", ">-", "|+", ">+"}:
        return indent, [], number + 1, key
    if value and not value.startswith("#"):
        parent.add(key, Leaf(_unquoted(value), number))
        return None
    child = Branch(number)
    parent.add(key, child)
    stack.append((indent, child))
    return None


def _unquoted(value: str) -> Scalar:
    if len(value) > 1 and value[0] == value[-1] and value[0] in "\"'":
        return value[1:-1]
    return plain(value.split(" #", maxsplit=1)[0].strip())
