"""Languages of nested blocks, Terraform and Bicep: dotted keys by a tolerant scan that never fails."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final, NamedTuple

from readiness.collect.lower.config_tree import Branch, Leaf, Scalar
from readiness.collect.lower.config_yaml import plain

_TOKEN: Final = re.compile(
    r"""(?P<comment>//[^\n]*|\#[^\n]*|/\*.*?\*/)
      | (?P<heredoc><<[-~]?\s*["']?(?P<tag>\w+)["']?[^\n]*\n.*?^\s*(?P=tag)\b)
      | (?P<long>'''.*?''')
      | (?P<string>"(?:\$\{[^}\n]*\}|[^"\\\n]|\\.)*"|'(?:\$\{[^}\n]*\}|[^'\\\n]|\\.)*')
      | (?P<newline>\n)
      | (?P<mark>[{}\[\]=:,()])
      | (?P<word>[\w.$*/@-]+)
      | (?P<other>[ \t\r]+|.)""",
    re.VERBOSE | re.DOTALL | re.MULTILINE,
)
_DECLARATIONS: Final = frozenset({"resource", "module", "param", "var", "output"})
_OPERATORS: Final = frozenset("?+-*/%<>!&|.=")


class _Token(NamedTuple):
    kind: str
    text: str
    line: int
    start: int
    end: int


def read_terraform(text: str) -> Branch:
    """Block words -> nested keys -> values of HCL; an expression is its text inside `${}`."""
    return _Reader(text, bicep=False).read()


def read_bicep(text: str) -> Branch:
    """Declaration -> name -> nested keys -> values; the type of a resource is its key `type`. Expressions as for Terraform."""
    return _Reader(text, bicep=True).read()


def _tokens(text: str) -> Iterator[_Token]:
    line = 1
    for found in _TOKEN.finditer(text):
        kind = found.lastgroup or ""
        kind = "heredoc" if kind == "tag" else kind
        if kind != "comment" and (kind != "other" or found.group().strip()):
            yield _Token(kind, found.group(), line, found.start(), found.end())
        line += found.group().count("\n")


class _Reader:
    """A stack of open blocks and lists, and the words read since the last value."""

    def __init__(self, text: str, *, bicep: bool) -> None:
        self.text = text
        self.tokens = list(_tokens(text))
        self.position = 0
        self.bicep = bicep
        self.stack: list[Branch] = [Branch(1)]
        self.head: list[_Token] = []

    def read(self) -> Branch:
        while self.position < len(self.tokens):
            token = self.tokens[self.position]
            self.position += 1
            match token.text if token.kind == "mark" else token.kind:
                case "{" | "[" if self.stack[-1].is_list or token.text == "{":
                    self._open(self._path(), token)
                case "}" | "]":
                    self.head = self._item()
                    if len(self.stack) > 1:
                        self.stack.pop()
                case "=" | ":" if not self.stack[-1].is_list:
                    self._assign(token)
                case "newline" | ",":
                    self.head = self._item()
                case _:
                    self.head.append(token)
        return self.stack[0]

    def _path(self) -> list[str]:
        """The keys that the words before a value name."""
        words = [_unquote(token) for token in self.head if token.kind in {"word", "string"}]
        return words if not self.stack[-1].is_list else []

    def _item(self) -> list[_Token]:
        """Takes the words before a separator as an item of the open list; elsewhere they mean nothing without a value."""
        if self.stack[-1].is_list and self.head:
            self.stack[-1].add(0, Leaf(self._scalar(self.head), self.head[0].line))
        elif self.bicep and len(self.head) >= 2 and self.head[0].text == "param":
            self._child("param", self.head[0].line).add(self.head[1].text, Leaf(None, self.head[0].line))
        return []

    def _assign(self, token: _Token) -> None:
        path = self._path() or ["?"]
        branch = self.stack[-1]
        line = self.head[0].line if self.head else token.line
        if self.bicep and len(self.stack) == 1 and path[0] in _DECLARATIONS and len(path) > 1:
            branch = self._child(path[0], line)
            if path[0] in {"resource", "module"} and len(path) > 2:
                declared = Branch(line)
                branch.add(path[1], declared)
                declared.add("type", Leaf(path[2], line))
                self._declared(declared)
                return
            path = [path[1]]
        self._value(branch, path[-1] if self.bicep else ".".join(path))

    def _declared(self, branch: Branch) -> None:
        """Skips to the braces of a Bicep declaration, past `existing`, `if (...)`, `[for ... :`."""
        self.head = []
        while self.position < len(self.tokens) and self.tokens[self.position].text not in {"{", "}"}:
            self.position += 1
        self.position += 1
        self.stack.append(branch)

    def _value(self, branch: Branch, key: str) -> None:
        self.head = []
        start = self.position
        depth = 0
        while self.position < len(self.tokens):
            token = self.tokens[self.position]
            opens = token.kind == "mark" and token.text in "{["
            if opens and self.position == start:
                self.position += 1
                self._push(branch, key, token)
                return
            if depth == 0 and self._ends(token, start):
                break
            depth += (token.kind == "mark" and token.text in "{[(") - (token.kind == "mark" and token.text in "}])")
            self.position += 1
        value = self.tokens[start : self.position]
        if value:
            branch.add(key, Leaf(self._scalar(value), _text_line(value[0])))

    def _ends(self, token: _Token, start: int) -> bool:
        if token.kind == "newline":
            previous = self.tokens[self.position - 1].text if self.position > start else ""
            following = self.tokens[self.position + 1].text if self.position + 1 < len(self.tokens) else ""
            return previous[-1:] not in _OPERATORS and following[:1] not in {"?", ":", "&", "|"}
        return token.kind == "mark" and token.text in "}],"

    def _open(self, path: list[str], token: _Token) -> None:
        """Opens a block named by words (`resource "a" "b" {`), or an item of a list."""
        self.head = []
        branch = self.stack[-1]
        for word in path[:-1]:
            branch = self._child(word, token.line, branch)
        self._push(branch, path[-1] if path else "?", token)

    def _push(self, branch: Branch, key: str, token: _Token) -> None:
        opened = Branch(token.line, is_list=token.text == "[")
        branch.add(key, opened)
        self.stack.append(opened)

    def _scalar(self, tokens: list[_Token]) -> Scalar:
        if len(tokens) == 1 and tokens[0].kind != "word":
            return _unquote(tokens[0])
        value = plain(tokens[0].text) if len(tokens) == 1 else self.text[tokens[0].start : tokens[-1].end].strip()
        return f"${{{value}}}" if isinstance(value, str) else value

    def _child(self, key: str, line: int, branch: Branch | None = None) -> Branch:
        """The block of that name, opened anew if there is none yet."""
        branch = branch or self.stack[-1]
        for name, child in reversed(branch.children[-200:]):
            if name == key and isinstance(child, Branch):
                return child
        created = Branch(line)
        branch.add(key, created)
        return created


def _unquote(token: _Token) -> str:
    match token.kind:
        case "string":
            return token.text[1:-1]
        case "long":
            return token.text[3:-3].removeprefix("\n")
        case "heredoc":
            return token.text.split("\n", 1)[1].rsplit("\n", 1)[0]
        case _:
            return token.text


def _text_line(token: _Token) -> int:
    starts_below = token.kind == "heredoc" or (token.kind == "long" and token.text.startswith("'''\n"))
    return token.line + (1 if starts_below else 0)
