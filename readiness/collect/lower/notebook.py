"""Jupyter notebooks into the tree of `collect.ir`: their Python cells as one module, with lines of the raw file."""

from __future__ import annotations

import json
import re
from typing import Final

from readiness.collect import ir
from readiness.collect.lower import LoweringError
from readiness.collect.lower.python import lower_python
from readiness.collect.syntax import Span, SyntaxNode, parse, significant, spans_of

# A cell under any other `%%` magic holds another language, or text that is written to a file.
_PYTHON_MAGICS: Final = frozenset({"time", "timeit", "capture", "prun", "python", "python3", "memit", "mprun"})
_CELL_MAGIC: Final = re.compile(r"\s*%%(\w+)")
# `%magic`, `!command`, `?help`, `help?` and `name = !command`, none of which is Python.
_LINE_MAGIC: Final = re.compile(r"\s*[%!?]|[\w.,\[\]'\" \t]+=\s*[%!]|\s*[\w.*\[\]'\"]+\?{1,2}\s*$")
_TOKEN: Final = re.compile(r"\"\"\"|'''|\"(?:\\.|[^\"\\])*\"|'(?:\\.|[^'\\])*'|#.*|[()\[\]{}]")
_BRACKETS: Final = {"(": 1, "[": 1, "{": 1, ")": -1, "]": -1, "}": -1}

SourceLine = tuple[str, int]
"""A line of code without its end, and the raw line it is written on."""


def lower_notebook(text: str, path: str) -> ir.Code:
    """Lower one notebook of nbformat 3 or 4.

    Args:
        text: the raw `.ipynb` file.
        path: where it lies, relative to the repository.

    Returns:
        One module of all Python cells, with lines of the raw file; cells are numbered from 1, those without code included.

    Raises:
        LoweringError: it is not a notebook, or not one in Python.
    """
    notebook = _fields(next(iter(significant(parse(text, "json"))), None))
    language = _language(notebook)
    if language not in ("", "python"):
        raise LoweringError(f"a notebook in {language[:40]}, not in Python")
    cells = _cells(notebook)
    spans = spans_of(cells)
    body: list[ir.Statement] = []
    for cell, span in zip(cells, spans, strict=True):
        if _is_python(cell) and (lines := _code(_source(cell, span))):
            # Each on its own, so that what is broken in one cell leaves the others whole.
            body += lower_python("\n".join(line for line, _ in lines), path, [raw for _, raw in lines]).body
    starts = tuple((first, number) for number, (first, _) in enumerate(spans, start=1))
    return ir.Code(path, "python", tuple(body), text.count("\n") + 1, starts)


# ----------------------------------------------------------------------------------------------------- the JSON


def _fields(node: SyntaxNode | None) -> dict[str, SyntaxNode]:
    """The values of a JSON object by key; nothing where it is no object."""
    if node is None or node.kind() != "object":
        return {}
    pairs = [significant(pair) for pair in significant(node) if pair.kind() == "pair"]
    return {_text(pair[0]): pair[1] for pair in pairs if len(pair) > 1}


def _items(node: SyntaxNode | None) -> list[SyntaxNode]:
    return significant(node) if node is not None and node.kind() == "array" else []


def _text(node: SyntaxNode | None) -> str:
    """The value of a JSON string; '' for anything else."""
    if node is None or node.kind() != "string":
        return ""
    try:
        value = json.loads(node.text(), strict=False)
    except ValueError:
        return node.text()[1:-1]
    return value if isinstance(value, str) else ""


def _language(notebook: dict[str, SyntaxNode]) -> str:
    """The kernel's language in lower case, '' where the notebook does not say."""
    metadata = _fields(notebook.get("metadata"))
    named = _text(_fields(metadata.get("language_info")).get("name"))
    return (named or _text(_fields(metadata.get("kernelspec")).get("language"))).lower().removeprefix("i")


def _cells(notebook: dict[str, SyntaxNode]) -> list[SyntaxNode]:
    if "cells" in notebook:
        return _items(notebook["cells"])
    if "worksheets" in notebook:
        return [cell for sheet in _items(notebook["worksheets"]) for cell in _items(_fields(sheet).get("cells"))]
    raise LoweringError("not a notebook: a JSON object with cells was expected")


def _is_python(cell: SyntaxNode) -> bool:
    fields = _fields(cell)
    return _text(fields.get("cell_type")) == "code" and _text(fields.get("language")) in ("", "python")


def _source(cell: SyntaxNode, span: Span) -> list[SourceLine]:
    """The lines of a cell; its source is one string, or a list of strings that each usually hold a line."""
    fields = _fields(cell)
    source = fields.get("source", fields.get("input"))
    strings = [source] if source is not None and source.kind() == "string" else _items(source)
    lines: list[SourceLine] = []
    open_line = False
    spans = [span] * len(strings) if span[0] == span[1] else spans_of(strings)
    for string, (raw, _) in zip(strings, spans, strict=True):
        for piece in _text(string).splitlines(keepends=True):
            if open_line:
                lines[-1] = (lines[-1][0] + piece.rstrip("\r\n"), lines[-1][1])
            else:
                lines.append((piece.rstrip("\r\n"), raw))
            open_line = not piece.endswith(("\n", "\r"))
    return lines


# --------------------------------------------------------------------------------------------------- the magics


def _code(lines: list[SourceLine]) -> list[SourceLine]:
    """The lines of a cell with its magics blanked; nothing of a cell in another language."""
    start = 0
    for index, (line, _) in enumerate(lines):
        magic = _CELL_MAGIC.match(line)
        if magic and magic[1] not in _PYTHON_MAGICS:
            return []
        if magic:
            start = index + 1
        elif line.strip():
            break
    code: list[SourceLine] = []
    quote, depth, continued, magic_continued = "", 0, False, False
    for line, raw in lines[start:]:
        at_start = not quote and depth <= 0 and not continued
        if magic_continued or (at_start and _LINE_MAGIC.match(line)):
            code.append((_blanked(line), raw))
            magic_continued = line.endswith("\\")
            continue
        code.append((line, raw))
        quote, depth = _state(line, quote, depth)
        continued = line.endswith("\\")
    return code


def _blanked(line: str) -> str:
    """What stands for a magic: nothing, or `pass` where a block needs a statement."""
    indentation = line[: len(line) - len(line.lstrip())]
    return indentation + "pass" if indentation else ""


def _state(line: str, quote: str, depth: int) -> tuple[str, int]:
    """The triple quote that is open after `line`, or '', and how many brackets are."""
    position = 0
    while position < len(line):
        if quote:
            closing = line.find(quote, position)
            if closing < 0:
                return quote, depth
            position, quote = closing + 3, ""
            continue
        token = _TOKEN.search(line, position)
        if token is None:
            break
        position = token.end()
        quote = token[0] if token[0] in ('"""', "'''") else ""
        depth += _BRACKETS.get(token[0], 0)
    return quote, depth
