"""The shape of a file of cases: how many, whether they ask something, whether they say what is expected."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from readiness.collect.evaluation.evals_tests import ATTACK
from readiness.collect.lower.config_tree import Tree

FORMATS: Final = frozenset({"jsonl", "csv", "tsv", "parquet"})
"""The formats that `read_dataset` reads; JSON and YAML come as configuration."""
SAMPLE: Final = 50
_READ: Final = 20_000
"""Characters of a sample that are read for attacks: whole answers and web pages stand beside the questions in some data sets."""
"""Rows looked into; the rest are only counted."""
_ASKS: Final = re.compile(
    r"(user_?)?(question|query|quer(y|ies)_?text|input|inputs|prompt|problem|instruction|request|utterance|messages?|conversation|user_input|ask|task|vars|scenario|goal|search_query|turns)s?"
)
_GIVEN: Final = re.compile(
    r"(source_?)?(document|text|content|passage|article|e?mail|ticket|review|transcript|invoice|snippet|code)s?"
)
"""What a model is given to work on: a case only beside what is expected of it."""
_EXPECTS: Final = re.compile(
    r"(expected|expect|ideal|gold|golden|reference|ground_?truth|groundtruth|correct|target|desired|true)(_.*)?|truth|answers?|rubrics?|criteria|assert(ions?)?|labels?|solution|final_answer|best_answer|.*_(ground_truth|reference|rubric)|should_.*|must_.*"
)
_RESULTS: Final = re.compile(
    r"(eval(uation)?_)?(score|grade|passed|prediction|predicted|actual(_output)?|latency(_\w+)?|cost|run_id|generated_answer|model_output|metrics?)|outputs\..*|gpt_.*"
)


@dataclass(frozen=True, slots=True)
class Shape:
    """What a set of cases looks like; `rows` is None where they were not counted."""

    rows: int | None
    asks: bool
    expected: bool
    attacks: bool = False
    result: bool = False
    """Whether the columns are those of a finished run."""


@dataclass(frozen=True, slots=True)
class DatasetFile:
    """One data file that holds rows with named columns."""

    path: str
    shape: Shape


def read_dataset(data: bytes, path: str, format: str) -> DatasetFile | None:  # noqa: A002 - as in `lower_config`
    """The shape of a data file, or None when it holds no rows with names; never raises.

    Args:
        data: The whole file, so that rows can be counted.
        path: Where it is.
        format: One of `FORMATS`.
    """
    match format:
        case "jsonl":
            shape = _jsonl(data)
        case "csv" | "tsv":
            shape = _table(data, "\t" if format == "tsv" else ",")
        case "parquet":
            from readiness.collect.evaluation.datasets_parquet import parquet_shape  # noqa: PLC0415 - rare

            found = parquet_shape(data)
            shape = _shape(found[1], found[0], "") if found else None
        case _:
            shape = None
    return DatasetFile(path, shape) if shape is not None else None


def _jsonl(data: bytes) -> Shape | None:
    lines = [line for line in data.split(b"\n") if line.strip()]
    rows = []
    for line in lines[:SAMPLE]:
        try:
            row = json.loads(line)
        except (ValueError, RecursionError):
            return None
        if isinstance(row, dict):
            rows.append(row)
    if not rows:
        return None
    columns = {name for row in rows for name in _columns(row)}
    return _shape(columns, len(lines), "\n".join(_said(rows)))


def _said(rows: object) -> Iterator[str]:
    """Every text in decoded JSON."""
    pending = [rows]
    while pending:
        match pending.pop():
            case str() as text:
                yield text
            case list() as items:
                pending.extend(items)
            case dict() as items:
                pending.extend(items.values())
            case _:
                pass


def _columns(row: Mapping[str, object]) -> Iterable[str]:
    """Names of a row, and of mappings directly inside it (`inputs.question`)."""
    for name, value in row.items():
        yield str(name)
        if isinstance(value, dict):
            yield from (str(inner) for inner in value)


def _table(data: bytes, delimiter: str) -> Shape | None:
    reader = csv.reader(io.StringIO(data.decode(errors="replace"), newline=""), delimiter=delimiter)
    try:
        header = next(reader, [])
        sample, count = "", 0
        for row in reader:
            count += bool(row)
            sample += " ".join(row) + "\n" if count <= SAMPLE else ""
    except csv.Error:
        return None
    return _shape(header, count, sample) if len(header) > 1 or _asks(header) else None


def _shape(columns: Iterable[str], rows: int | None, sample: str) -> Shape:
    names = [_normal(column) for column in columns]
    expected = any(_EXPECTS.fullmatch(name) for name in names)
    return Shape(
        rows,
        asks=_asks(names) or (expected and any(_GIVEN.fullmatch(name) for name in names)),
        expected=expected,
        attacks=bool(ATTACK.search(sample[:_READ])),
        result=any(_RESULTS.fullmatch(name) for name in names),
    )


def _asks(names: Iterable[str]) -> bool:
    return any(_ASKS.fullmatch(_normal(name)) for name in names)


def _normal(name: str) -> str:
    return re.sub(r"([a-z])([A-Z])", r"\1_\2", name.strip()).lower().replace(" ", "_").replace("-", "_")


def shape_of_rows(root: Tree) -> Shape | None:
    """The shape of a configuration or JSON file that is a list of cases, or holds one under a single key; None for any other."""
    lists = [
        node
        for node in (root, *(child for _, child in root.named()))
        if node.is_list and all(item.children for item in node.items()[:SAMPLE])
    ]
    rows = max(lists, key=lambda node: len(node.items()), default=None)
    if rows is None or not rows.items():
        return None
    sample = rows.items()[:SAMPLE]
    columns = {key for row in sample for key, _ in row.named()} | {
        key for row in sample for _, child in row.named() for key, _ in child.named()
    }
    return _shape(columns, len(rows.items()), _text(sample))


def shape_of_case(root: Tree) -> Shape | None:
    """The shape of a file that is one case; None when it says neither what is asked nor what is expected."""
    shape = _shape([key for key, _ in root.named()], 1, _text((root,)))
    return shape if shape.expected and not shape.result else None


def _text(nodes: Iterable[Tree]) -> str:
    return "\n".join(text for node in nodes for text in node.texts())[:200_000]
