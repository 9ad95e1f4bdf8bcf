"""JSON with the liberties that tools allow (comments, trailing commas, single quotes, bare keys), with line numbers."""

from __future__ import annotations

import json
import re
from typing import Final

from readiness.collect.lower import LoweringError
from readiness.collect.lower.config_tree import MAX_ENTRIES, Branch, Leaf, Scalar

_TOKEN: Final = re.compile(
    r"""(?P<space>[\s\ufeff]+|//[^\n]*|\#[^\n]*|/\*.*?\*/)
      | (?P<string>"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*')
      | (?P<mark>[{}\[\],:])
      | (?P<word>[^\s{}\[\],:"'/#]+)""",
    re.VERBOSE | re.DOTALL,
)
_WORDS: Final[dict[str, Scalar]] = {"true": True, "false": False, "null": None}


def read_json(text: str) -> Branch | Leaf:
    """The value of a JSON text, cut after `MAX_ENTRIES` leaves.

    Raises:
        LoweringError: the text is not JSON even with the usual liberties.
    """
    return _Reader().read(text)


class _Reader:
    """An iterative reader: depth costs memory only."""

    def __init__(self) -> None:
        self.root: Branch | Leaf | None = None
        self.open: list[Branch] = []
        self.keys: list[str | None] = []
        self.leaves = 0

    def read(self, text: str) -> Branch | Leaf:
        line, position = 1, 0
        while position < len(text) and self.leaves < MAX_ENTRIES:
            found = _TOKEN.match(text, position)
            if found is None:
                raise LoweringError(f"not valid JSON in line {line}")
            position = found.end()
            self._take(found.lastgroup or "", found.group(), line)
            line += found.group().count("\n")
        if self.root is None or (self.open and self.leaves < MAX_ENTRIES):
            raise LoweringError(f"not valid JSON: ends in line {line} before it is complete")
        return self.root

    def _take(self, kind: str, token: str, line: int) -> None:
        match kind, token:
            case "space", _:
                pass
            case "mark", "{" | "[":
                branch = Branch(line, is_list=token == "[")
                self._value(branch, line)
                self.open.append(branch)
                self.keys.append(None)
            case "mark", "}" | "]":
                if not self.open or self.open[-1].is_list != (token == "]"):
                    raise LoweringError(f"not valid JSON: unexpected {token} in line {line}")
                self.open.pop()
                self.keys.pop()
            case "mark", _:
                pass
            case _:
                self._scalar(_string(token) if kind == "string" else _word(token), line)

    def _scalar(self, value: Scalar, line: int) -> None:
        if self.open and not self.open[-1].is_list and self.keys[-1] is None:
            self.keys[-1] = str(value)
            return
        self.leaves += 1
        self._value(Leaf(value, line), line)

    def _value(self, node: Branch | Leaf, line: int) -> None:
        if not self.open:
            if self.root is not None:
                raise LoweringError(f"not valid JSON: a second value in line {line}")
            self.root = node
            return
        key = self.keys[-1]
        if key is None and not self.open[-1].is_list:
            raise LoweringError(f"not valid JSON: a value without a key in line {line}")
        self.open[-1].add(key or "", node)
        self.keys[-1] = None


def _string(token: str) -> str:
    if token[0] == "'":
        return token[1:-1].replace("\\'", "'")
    try:
        return str(json.loads(token, strict=False))
    except ValueError:
        return token[1:-1]


def _word(token: str) -> Scalar:
    if token in _WORDS:
        return _WORDS[token]
    if re.fullmatch(r"-?[0-9]{1,18}", token):
        return int(token)
    try:
        return float(token)
    except ValueError:
        return token
