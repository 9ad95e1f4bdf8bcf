"""The CI jobs of a few files."""

from __future__ import annotations

import textwrap
from functools import cache

from readiness.collect import ir
from readiness.collect.evaluation.ci import link_ci
from readiness.collect.evaluation.evals import link_evals
from readiness.collect.evaluation.evals_tools import load_tools
from readiness.collect.lower.config import lower_config
from readiness.collect.lower.python import lower_python
from readiness.model import CiJob, Scope

FORMATS = {"Makefile": "makefile", "Jenkinsfile": "jenkinsfile", "json": "json", "toml": "toml", "ini": "ini", "sh": "shell"}
LIVE = """
import pytest
from app import answer

@pytest.mark.llm
@pytest.mark.parametrize("case", load_cases())
def test_answers(case):
    assert case.expected in answer(case.question)
"""


TOOLS = cache(load_tools)


def jobs(files: dict[str, str], prompts: tuple[str, ...] = ()) -> tuple[CiJob, ...]:
    codes: list[ir.Code] = []
    configs: list[ir.Config] = []
    for path, text in files.items():
        name = path.rsplit("/", 1)[-1]
        kind = FORMATS.get(name) or FORMATS.get(name.rsplit(".", 1)[-1], "yaml")
        if path.endswith(".py"):
            codes.append(lower_python(textwrap.dedent(text), path))
        else:
            configs.append(lower_config(textwrap.dedent(text), path, kind))
    evals = link_evals(codes, configs, lambda path: Scope.TEST if path.startswith("tests/") else Scope.PRODUCTION, tools=TOOLS())
    return link_ci(configs, codes, evals, prompt_paths=prompts)


def workflow(
    run: str, *, on: str = "pull_request", step: str = "", job: str = "", env: str = "OPENAI_API_KEY: ${{ secrets.OPENAI_API_KEY }}"
) -> str:
    lines = textwrap.indent(textwrap.dedent(run).strip(), " " * 10)
    extra = f"\n        {step}" if step else ""
    return f"on: {on}\njobs:\n  check:\n    runs-on: x\n    {job or 'timeout-minutes: 9'}\n    env:\n      {env or 'A: b'}\n    steps:\n      - run: |\n{lines}{extra}\n"


def one(run: str, files: dict[str, str] | None = None, **more: str) -> CiJob:
    found = jobs({".github/workflows/ci.yml": workflow(run, **more), "tests/test_answers.py": LIVE, **(files or {})})
    assert len(found) == 1
    return found[0]
