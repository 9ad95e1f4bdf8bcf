"""Every case of every SDK file: marked lines are calls of that kind and model, all others are none."""

from __future__ import annotations

import re
from datetime import date
from functools import cache
from pathlib import Path
from typing import Final

import pytest

from readiness import resources
from readiness.collect.calls.models_used import ModelsUsed
from readiness.collect.link.found import CallFinder, FoundCall
from readiness.collect.link.program import Program
from readiness.collect.link.resolve import Resolver
from readiness.collect.link.settings_files import ConfigIndex
from readiness.collect.lower.python import lower_python
from readiness.collect.lower.typescript import lower_typescript
from readiness.documents import read_yaml
from readiness.knowledge import catalog
from readiness.knowledge.catalog import Catalog
from readiness.knowledge.endpoints import Endpoints
from readiness.knowledge.model_table import ModelTable
from readiness.model import Scope

AS_OF: Final = date(2026, 11, 26)
MARK: Final = re.compile(r"\s*(?:#|//) (chat|completion|embedding|rerank|image|audio|moderation|agent)\b(.*)$")
FILES: Final = sorted((Path(catalog.__file__).parent / "sdks").glob("*.yaml"))


@cache
def known() -> tuple[Catalog, Endpoints, ModelTable]:
    return Catalog.load(), Endpoints.load(), ModelTable.load()


CASES: Final = [pytest.param(case, id=f"{sdk.id}: {case['title']}") for sdk in known()[0].sdks.values() for case in sdk.cases]


def unmarked(code: str) -> tuple[str, dict[int, tuple[str, tuple[str, ...]]]]:
    """The code without its marks, and by line the kind and model ids that they say."""
    marks: dict[int, tuple[str, tuple[str, ...]]] = {}
    lines: list[str] = []
    for number, line in enumerate(code.splitlines(), 1):
        mark = MARK.search(line)
        if mark:
            marks[number] = (mark[1], tuple(sorted(mark[2].split())))
        lines.append(line[: mark.start()] if mark else line)
    return "\n".join(lines), marks


def finder(code: str, language: str) -> CallFinder:
    lowered = lower_python(code, "a.py") if language == "python" else lower_typescript(code, "a.tsx")
    knowledge, endpoints, _ = known()
    program = Program([(lowered, Scope.PRODUCTION)], ConfigIndex())
    return CallFinder(Resolver(program, knowledge), knowledge, endpoints)


def ids(found: FoundCall, used: ModelsUsed) -> tuple[str, ...]:
    return tuple(sorted(model.id for model in used.models(found, used.place(found))[0]))


@pytest.mark.parametrize("file", FILES, ids=[file.stem for file in FILES])
def test_an_sdk_file_is_what_the_schema_says(file: Path) -> None:
    document = read_yaml(file, resources.schema("sdk.schema"))
    assert isinstance(document, dict)
    assert document["sdk"] == file.stem


@pytest.mark.parametrize("case", CASES)
def test_the_marked_lines_are_the_calls(case: dict[str, str]) -> None:
    code, marks = unmarked(case["code"])
    calls = finder(code, case["language"])
    used = ModelsUsed(calls, known()[2], AS_OF)
    found = {call.call.line: (call.kind.value, ids(call, used)) for call in calls.find()}
    assert {line: kind for line, (kind, _) in found.items()} == {line: kind for line, (kind, _) in marks.items()}
    assert {line: found[line][1] for line, (_, models) in marks.items() if models} == {
        line: models for line, (_, models) in marks.items() if models
    }
