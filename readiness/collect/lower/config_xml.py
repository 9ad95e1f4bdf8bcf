"""XML as nested keys, by a tolerant scan: no entities are expanded and nothing outside the file is read."""

from __future__ import annotations

import re
from typing import Final

from readiness.collect.lower.config_tree import MAX_DEPTH, Branch, Leaf

_TOKEN: Final = re.compile(
    r"""<!--(?:(?!-->).)*(?:-->|$) | <!\[CDATA\[(?P<data>(?:(?!\]\]>).)*)(?:\]\]>|$) | <[?!][^>]*>?
      | <(?P<close>/)?(?P<name>[\w.:-]+)(?P<attributes>(?:[^<>"']|"[^"]*"|'[^']*')*)> | (?P<text>[^<]+) | <""",
    re.VERBOSE | re.DOTALL,
)
_ATTRIBUTE: Final = re.compile(r"""([\w.:-]+)\s*=\s*(?:"([^"]*)"|'([^']*)')""")


def read_xml(text: str) -> Branch:
    """Element names -> values; attributes are keys too. An element with text alone is a leaf, repeated ones repeat their key."""
    root = Branch(1)
    stack: list[tuple[str, Branch, list[tuple[str, int]]]] = [("", root, [])]
    line = 1
    for token in _TOKEN.finditer(text):
        if token["name"] and not token["close"] and len(stack) <= MAX_DEPTH:
            _open(stack, token, line)
        elif token["name"] and token["close"] and any(name == token["name"] for name, _, _ in stack[1:]):
            while _close(stack) != token["name"]:
                pass
        elif value := (token["data"] or token["text"] or "").strip():
            lead = token.group().index(value)
            stack[-1][2].append((value, line + token.group().count("\n", 0, lead)))
        line += token.group().count("\n")
    while len(stack) > 1:
        _close(stack)
    return root


def _open(stack: list[tuple[str, Branch, list[tuple[str, int]]]], token: re.Match[str], line: int) -> None:
    branch = Branch(line)
    for name, double, single in _ATTRIBUTE.findall(token["attributes"]):
        branch.add(name, Leaf(double or single, line))
    stack.append((token["name"], branch, []))
    if token["attributes"].rstrip().endswith("/"):
        _close(stack)


def _close(stack: list[tuple[str, Branch, list[tuple[str, int]]]]) -> str:
    """Adds the innermost element to the one around it, and gives back its name."""
    name, branch, texts = stack.pop()
    parent = stack[-1][1]
    if texts and not branch.children:
        parent.add(name, Leaf(" ".join(value for value, _ in texts), texts[0][1]))
    else:
        for value, line in texts:
            branch.add("text", Leaf(value, line))
        parent.add(name, branch)
    return name
