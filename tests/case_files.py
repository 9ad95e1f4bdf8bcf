"""Reads `cases.md`: literate examples that are tiny repositories with the evidence expected of them marked in place."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath

from readiness.model import Outcome, Shows, State

DECIDED = frozenset({Outcome.PASS, Outcome.PARTIAL, Outcome.FAIL})
"""Verdicts whose marks are all of the evidence; the others mark only what is unresolved."""

_HEADING = re.compile(r"^##\s+(?P<title>.+):\s*(?P<verdict>[a-z_]+)(?:,\s*(?P<state>[a-z_]+))?\s*$")
_FENCE = re.compile(r"^(?P<ticks>`{3,}|~{3,})(?P<info>[^`]*)$")
_WORDS = "|".join(Shows)
_COMMENT = re.compile(rf"\s*(?:#|//|--|/\*|<!--|\{{/\*)\s*(?P<shows>{_WORDS})\s*(?:\*/\}}?|-->)?\s*$")
_LISTED = re.compile(rf"^\s*(?:[-*]\s+)?`?(?P<shows>{_WORDS}):\s+(?P<place>\S+?)`?\s*$")


class CaseError(ValueError):
    """A `cases.md` that is not what it should be; says which line."""


@dataclass(frozen=True, slots=True)
class Mark:
    """One piece of evidence expected; path and line are None for the repository as a whole and for an answer."""

    path: str | None
    line: int | None
    shows: Shows


@dataclass(frozen=True, slots=True)
class Case:
    """One example: what is expected of a check, and the files that it is expected of, without their marks."""

    title: str
    verdict: Outcome
    state: State | None
    line: int
    files: tuple[tuple[str, str], ...] = ()
    marks: tuple[Mark, ...] = ()

    def write(self, root: Path) -> None:
        """Write the files under `root`."""
        for path, text in self.files:
            target = root / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(text, encoding="utf-8")


def parse(text: str) -> tuple[Case, ...]:
    """Every case of one `cases.md`, in its order.

    Raises:
        CaseError: a heading, fence, path or mark that means nothing, with its line.
    """
    cases: list[Case] = []
    lines = iter(enumerate(text.splitlines(), 1))
    for number, line in lines:
        if line.startswith("## "):
            cases.append(_heading(line, number))
        elif match := _FENCE.match(line):
            block = _block(lines, match["ticks"], number)
            if cases:
                cases[-1] = _with_file(cases[-1], _path(match["info"], number), block)
        elif match := _LISTED.match(line):
            if not cases:
                raise CaseError(f"line {number}: a mark before the first case")
            cases[-1] = replace(cases[-1], marks=(*cases[-1].marks, _listed(match, number)))
    return tuple(_checked(case) for case in cases)


def fences(text: str) -> Iterator[tuple[str, list[str]]]:
    """What each fence of a text says of itself, and its lines."""
    lines = iter(enumerate(text.splitlines(), 1))
    for number, line in lines:
        if match := _FENCE.match(line):
            yield match["info"].strip(), _block(lines, match["ticks"], number)


def _heading(line: str, number: int) -> Case:
    match = _HEADING.match(line)
    if match is None:
        raise CaseError(f"line {number}: a case is headed '## Title: verdict' or '## Title: verdict, state'")
    try:
        state = State(match["state"]) if match["state"] else None
        return Case(match["title"].strip(), Outcome(match["verdict"]), state, number)
    except ValueError as error:
        raise CaseError(f"line {number}: {error}") from error


def _block(lines: Iterator[tuple[int, str]], ticks: str, start: int) -> list[str]:
    block: list[str] = []
    for _, line in lines:
        if line.startswith(ticks) and not line.strip(ticks[0] + " "):
            return block
        block.append(line)
    raise CaseError(f"line {start}: the fence is never closed")


def _path(info: str, number: int) -> str:
    """The path in `<language> <path>`, or in a path alone."""
    words = info.split()
    path = PurePosixPath(words[-1]) if words else PurePosixPath()
    if not words or (len(words) == 1 and "." not in words[0]) or path.is_absolute() or ".." in path.parts:
        raise CaseError(f"line {number}: a fence in a case names its file: '<language> <path>', the path inside the repository")
    return str(path)


def _with_file(case: Case, path: str, block: list[str]) -> Case:
    kept: list[str] = []
    marks: list[Mark] = []
    for line in block:
        match = _COMMENT.search(line)
        kept.append(line[: match.start()] if match else line)
        if match:
            marks.append(Mark(path, len(kept), Shows(match["shows"])))
    return replace(case, files=(*case.files, (path, "\n".join(kept) + "\n")), marks=(*case.marks, *marks))


def _listed(match: re.Match[str], number: int) -> Mark:
    shows, place = Shows(match["shows"]), match["place"]
    if place in {"repository", "answer"}:
        return Mark(None, None, shows)
    path, _, line = place.rpartition(":")
    if not path or not line.isdigit():
        raise CaseError(f"line {number}: a listed mark is '<shows>: <path>:<line>', '<shows>: repository' or '<shows>: answer'")
    return Mark(path, int(line), shows)


def _checked(case: Case) -> Case:
    """The case, if its marks point at lines that exist and its verdict can have them."""
    texts = dict(case.files)
    if len(texts) != len(case.files) or not texts:
        raise CaseError(f"line {case.line}: a case has files, each path once")
    for mark in case.marks:
        if mark.path is not None and (mark.path not in texts or not 1 <= (mark.line or 0) <= texts[mark.path].count("\n")):
            raise CaseError(f"line {case.line}: no line {mark.path}:{mark.line} in this case")
    decided = case.verdict in DECIDED
    if decided and not case.marks:
        raise CaseError(f"line {case.line}: a verdict of {case.verdict} needs at least one mark")
    if not decided and any(mark.shows is not Shows.UNRESOLVED for mark in case.marks):
        raise CaseError(f"line {case.line}: a verdict of {case.verdict} marks only what is unresolved")
    return case
