"""Shell text taken apart into the commands it runs, with whether a failure of each would be noticed."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final

_TOKEN: Final = re.compile(
    r"""(?P<space>[ \t\r]+|\\\n|(?<!\S)\#[^\n]*)
      | (?P<operator>&&|\|\||;;|;|\|&|\||(?<![<>])&(?![>&])|\n|[()])
      | (?P<word>(?:"(?:[^"\\]|\\.)*"|'[^']*'|\$\((?:[^()]|\([^()]*\))*\)|\$\{\{.{0,500}?\}\}|`[^`]*`|\\.
        |[^\s"'`\\;&|()]|&(?=>)|(?<=[<>])&)+)
      | (?P<other>.)""",
    re.VERBOSE | re.DOTALL,
)
_KEYWORDS: Final = frozenset(
    {"if", "then", "else", "elif", "do", "while", "until", "!", "{", "time", "exec", "sudo", "command", "nohup"}
)
_CLOSING: Final = frozenset({"fi", "done", "esac", "}", "for", "case", "function", "in", "select"})
_HEREDOC: Final = re.compile(r"<<-?\s*[\"']?(\w+)[\"']?[^\n]*\n.*?^\s*\1\s*$", re.DOTALL | re.MULTILINE)
_ASSIGNMENT: Final = re.compile(r"[A-Za-z_]\w*=.*", re.DOTALL)
_MAX_COMMANDS: Final = 400
_RESPECTED: Final = re.compile(r"\bexit\s+(?:[1-9]|\$|\"\$)|\breturn\s+(?:[1-9]|\$)|core\.setFailed|\bfalse\b")


@dataclass(frozen=True, slots=True)
class Command:
    """One command: its words unquoted, without variables set before it; the line of the text it stands on, counted from 0.

    `swallowed` says why its failure would pass unnoticed, '' when it would not. `sets` are the variables set for it.
    """

    words: tuple[str, ...]
    line: int
    swallowed: str = ""
    sets: tuple[str, ...] = ()
    last: bool = False

    @property
    def text(self) -> str:
        return " ".join(self.words)


@dataclass(frozen=True, slots=True)
class _Part:
    words: tuple[str, ...]
    line: int
    before: str
    after: str
    condition: bool
    negated: bool


def parse(text: str, *, errexit: bool = True, pipefail: bool = False) -> tuple[Command, ...]:
    """The simple commands of a shell text, in order, at most 400.

    Args:
        text: The script.
        errexit: Whether the shell stops at the first failing command (`-e`), as CI systems start it.
        pipefail: Whether a pipeline fails when any of its commands does.
    """
    text = _HEREDOC.sub(lambda found: found.group().split("<<")[0] + "\n" * found.group().count("\n"), text[:200_000])
    parts = list(_parts(text))
    pipefail = pipefail or "pipefail" in text
    ignoring = False
    found: list[Command] = []
    for position, part in enumerate(parts[:_MAX_COMMANDS]):
        if part.words[:1] == ("set",):
            flags = "".join(part.words[1:])
            errexit = errexit or ("-" in flags and "e" in flags.split("-", 1)[-1].split("o")[0])
            ignoring = ("+e" in flags) or (ignoring and "-e" not in flags)
        rest = parts[position + 1 :]
        reason = _swallowed(part, rest, text, pipefail=pipefail)
        if not reason and rest and (ignoring or not errexit) and part.after in {";", "\n", "&&"} and not _is_checked(rest):
            reason = "the script goes on after a failure"
        sets, words = _split(part.words)
        if words:
            found.append(Command(words, part.line, reason, sets))
        else:
            found.extend(replace(inner, line=part.line) for inner in _substituted(part.words))
    return tuple(replace(command, last=position == len(found) - 1) for position, command in enumerate(found))


def _parts(text: str) -> Iterator[_Part]:
    words: list[str] = []
    line, start, before = 0, 0, "\n"
    condition = negated = False
    for token in _TOKEN.finditer(text + "\n"):
        if token["word"] is not None:
            word = token["word"]
            if not words and word in _KEYWORDS:
                condition = condition or word in {"if", "elif", "while", "until"}
                negated = negated or word == "!"
            elif not words and word in _CLOSING:
                words.append("")
            else:
                start = start if words else line
                words.append(_unquoted(word))
        elif token["operator"] is not None:
            if words and words[0]:
                yield _Part(tuple(words), start, before, token["operator"], condition, negated)
            if words or token["operator"] not in {"\n", ";"}:
                before = token["operator"]
            if token["operator"] in {";", "\n"}:
                condition = negated = False
            words = []
        line += token.group().count("\n")


def _unquoted(word: str) -> str:
    return re.sub(r"\"((?:[^\"\\]|\\.)*)\"|'([^']*)'", lambda m: m[1] if m[1] is not None else m[2] or "", word)


def _split(words: tuple[str, ...]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Variables set in front of a command (also by `env`), and its own words."""
    count = 0
    while count < len(words) and (_ASSIGNMENT.fullmatch(words[count]) or (words[count] == "env" and count + 1 < len(words))):
        count += 1
    return tuple(word.split("=", 1)[0] for word in words[:count] if "=" in word), words[count:]


def _substituted(words: tuple[str, ...]) -> Iterator[Command]:
    """The commands whose output a variable takes: `x=$(command)` fails with the command."""
    for word in words:
        found = re.fullmatch(r"\w+=\$\((.*)\)", word, re.DOTALL)
        if found:
            yield from parse(found[1])


def _swallowed(part: _Part, rest: list[_Part], text: str, *, pipefail: bool) -> str:
    if part.after == "&":
        return "it runs in the background"
    if part.after in {"|", "|&"} and not pipefail:
        return "its exit code is lost in a pipe"
    if part.condition or part.negated:
        return "" if _RESPECTED.search(text) else "a condition takes its exit code"
    for follower in rest:
        if part.after == "||" or follower.before == "||":
            return "" if _fails(follower, rest) else f"`|| {' '.join(follower.words[:2])}` takes its exit code"
        if follower.before not in {"&&", "|"}:
            break
    return ""


def _fails(part: _Part, rest: list[_Part]) -> bool:
    """Whether what follows `||` ends with an error: `exit 1`, or a group that does."""
    after = rest[rest.index(part) :] if part.before != "||" else [part, *rest]
    group = list(after[:6])
    return any(_RESPECTED.search(" ".join(follower.words)) for follower in group) and part.words[0] not in {"true", ":"}


def _is_checked(rest: list[_Part]) -> bool:
    """Whether a later command hands an exit code on: `exit $status`."""
    return any(part.words[0] in {"exit", "return"} and part.words[1:] and part.words[1] != "0" for part in rest)
