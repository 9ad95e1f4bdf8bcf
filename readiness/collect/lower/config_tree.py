"""What every configuration reader builds, how it becomes flat entries, and how those become a tree again."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from readiness.collect import ir

Scalar = str | int | float | bool | None
Key = str | int

MAX_ENTRIES: Final = 50_000
"""Leaves kept of one file: above any hand-written configuration, below what would slow a run down."""
MAX_DEPTH: Final = 60
MAX_TEXT: Final = 40_000
"""Characters kept of one value, as for `ir.Literal`."""


@dataclass(frozen=True, slots=True)
class Leaf:
    """A value and the line on which its text starts."""

    value: Scalar
    line: int


@dataclass(slots=True)
class Branch:
    """A mapping or list while it is read: its children in order, list positions as integer keys."""

    line: int
    children: list[tuple[Key, Branch | Leaf]] = field(default_factory=list)
    is_list: bool = False

    def add(self, key: Key, child: Branch | Leaf) -> None:
        self.children.append((len(self.children) if self.is_list else key, child))


def flatten(root: Branch | Leaf) -> tuple[ir.Entry, ...]:
    """The leaves below `root` in file order; an empty mapping or list is one entry without a value.

    Shared nodes (YAML aliases) are written out wherever they are used, up to `MAX_ENTRIES` leaves and `MAX_DEPTH` levels.
    """
    entries: list[ir.Entry] = []
    visits = 0
    pending: list[tuple[tuple[Key, ...], Branch | Leaf]] = [((), root)]
    while pending and len(entries) < MAX_ENTRIES and visits < 8 * MAX_ENTRIES:
        keys, node = pending.pop()
        visits += 1
        if isinstance(node, Leaf):
            entries.append(ir.Entry(keys, _cut(node.value), node.line))
        elif not node.children or len(keys) >= MAX_DEPTH:
            entries.extend([ir.Entry(keys, None, node.line)] if keys else [])
        else:
            room = MAX_ENTRIES - len(entries)
            pending.extend(((*keys, key), child) for key, child in reversed(node.children[:room]))
    return tuple(entries)


def _cut(value: Scalar) -> Scalar:
    return value[:MAX_TEXT] if isinstance(value, str) else value


@dataclass(frozen=True, slots=True)
class Tree:
    """A node of a flattened file: its value when it is a leaf, its children when it is not, and its first line (0 when absent)."""

    value: Scalar = None
    line: int = 0
    children: Mapping[Key, Tree] = field(default_factory=dict)

    def __bool__(self) -> bool:
        """Whether the node exists in the file."""
        return self.line > 0

    def __getitem__(self, key: Key) -> Tree:
        """The child, or an absent node."""
        return self.children.get(key, _ABSENT)

    def get(self, *keys: Key) -> Tree:
        """The node at the end of a path of keys, or an absent node."""
        node = self
        for key in keys:
            node = node[key]
        return node

    @property
    def text(self) -> str:
        """The value as text; '' for none, `true` and `false` as configuration files spell them."""
        match self.value:
            case None:
                return ""
            case bool():
                return str(self.value).lower()
            case _:
                return str(self.value)

    @property
    def is_list(self) -> bool:
        return any(isinstance(key, int) for key in self.children)

    def named(self) -> tuple[tuple[str, Tree], ...]:
        """The children of a mapping."""
        return tuple((key, child) for key, child in self.children.items() if isinstance(key, str))

    def items(self) -> tuple[Tree, ...]:
        """The elements of a list, or the node itself when it is a single value: `branches: main` is `branches: [main]`."""
        if self.is_list:
            return tuple(child for key, child in self.children.items() if isinstance(key, int))
        return (self,) if self else ()

    def texts(self) -> tuple[str, ...]:
        """The texts of the leaves below, in order."""
        return tuple(leaf.text for leaf in self.leaves() if leaf.text)

    def leaves(self) -> Iterator[Tree]:
        """Every leaf below, in order."""
        if not self.children:
            if self:
                yield self
            return
        for child in self.children.values():
            yield from child.leaves()

    @property
    def end_line(self) -> int:
        """The last line of the last leaf below."""
        return max((leaf.line + leaf.text.rstrip("\n").count("\n") for leaf in self.leaves()), default=self.line)


_ABSENT: Final = Tree()


def tree(entries: Iterable[ir.Entry]) -> Tree:
    """The tree that a file's entries came from; of two equal paths the later one counts."""
    root = Tree(line=1, children={})
    for entry in entries:
        _place(root, entry)
    return root


def _place(root: Tree, entry: ir.Entry) -> None:
    node = root
    for key in entry.keys[:-1]:
        children = _mutable(node)
        found = children.get(key)
        if found is None:
            found = children[key] = Tree(line=entry.line, children={})
        node = found
    if entry.keys:
        _mutable(node)[entry.keys[-1]] = Tree(entry.value, entry.line, {})


def _mutable(node: Tree) -> dict[Key, Tree]:
    assert isinstance(node.children, dict)
    return node.children
