"""Data sets that live elsewhere: ids given to a loader, addresses in evaluation code."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from readiness.collect import ir
from readiness.collect.evaluation.evals_code import Module, nodes, texts
from readiness.collect.evaluation.evals_tools import EvalTools, Hosted

_HOSTED_URL: Final = re.compile(r"https?://\S+\.(csv|jsonl?|parquet|tsv)(\?\S*)?", re.IGNORECASE)


def hosted_calls(module: Module, tools: EvalTools) -> Iterator[tuple[str, int]]:
    """Name and line of each data set that a program loads from somewhere else."""
    for node in nodes(module.code.body):
        if isinstance(node, ir.Call):
            dotted = module.dotted(node.callee)
            for hosted in tools.hosted:
                if _named_like(hosted, dotted) and (name := _identifier(module, node, hosted.keyword)):
                    yield name, node.line


def _named_like(hosted: Hosted, dotted: str) -> bool:
    head, star, tail = hosted.name.partition("*")
    return dotted == hosted.name or (bool(star) and dotted.startswith(head.rstrip(".")) and dotted.endswith(tail))


def _identifier(module: Module, call: ir.Call, keyword: str) -> str:
    """The text that names the data set: an argument, or a constant of the file that is one."""
    values = [k.value for k in call.keywords if k.name == keyword] if keyword else list(call.args[:1])
    values += [value for value in call.args[:1] if keyword and not values]
    for value in values:
        if isinstance(value, ir.Literal) and isinstance(value.value, str):
            return value.value if "{" not in value.value else ""
        if isinstance(value, ir.Name):
            for statement in module.code.body:
                match statement:
                    case ir.Assign(target=ir.Name(id=name), value=ir.Literal(value=str(text))) if name == value.id:
                        return text
                    case _:
                        pass
    return ""


def hosted_texts(module: Module, tools: EvalTools) -> Iterator[tuple[str, int]]:
    """Texts that are the address of a data set, with their lines."""
    for text in texts(module.code.body):
        value = str(text.value)
        if value.startswith(tools.hosted_uris) or _HOSTED_URL.fullmatch(value):
            yield value, text.line
