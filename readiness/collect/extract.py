"""The first phase of collection: the bytes of one file to its tree, seeing no other file."""

from __future__ import annotations

from typing import Final

from readiness.collect import ir
from readiness.collect.lower import LoweringError
from readiness.collect.lower.config import lower_config
from readiness.collect.lower.notebook import lower_notebook
from readiness.collect.lower.python import lower_python
from readiness.collect.lower.typescript import lower_typescript
from readiness.collect.task import Task

DOCUMENT_LIMIT: Final = 200_000
"""Characters of a document that are kept; the longest prompts in the field stay under 60,000."""


def extract(text: str, task: Task) -> ir.FileFacts:
    """The tree of one file.

    Raises:
        LoweringError: the file is not what its name says, or has no front end.
    """
    if task.kind == "code" and task.language != "shell":
        return _code(text, task)
    if task.kind in ("code", "config"):
        return lower_config(text, task.path, task.format)
    return ir.Document(task.path, task.format, text[:DOCUMENT_LIMIT], text.count("\n") + 1)


def _code(text: str, task: Task) -> ir.Code:
    if task.format == "notebook":
        return lower_notebook(text, task.path)
    match task.language:
        case "python":
            return lower_python(text, task.path)
        case "typescript":
            return lower_typescript(text, task.path)
        case other:
            raise LoweringError(f"no front end for {other}")
