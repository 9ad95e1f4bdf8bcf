"""The evaluations of a few files."""

from __future__ import annotations

import textwrap
from functools import cache

from readiness.collect import ir
from readiness.collect.evaluation.datasets_files import DatasetFile, read_dataset
from readiness.collect.evaluation.evals import EvalFacts, link_evals
from readiness.collect.evaluation.evals_tools import load_tools
from readiness.collect.lower.config import lower_config
from readiness.collect.lower.python import lower_python
from readiness.collect.lower.typescript import lower_typescript
from readiness.model import Dataset, EvalSuite, Scope

TOOLS = cache(load_tools)


def scope_of(path: str) -> Scope:
    return Scope.TEST if "test" in path else Scope.PRODUCTION


def facts(files: dict[str, str], sites: tuple[tuple[str, int], ...] = ()) -> EvalFacts:
    codes: list[ir.Code] = []
    configs: list[ir.Config] = []
    data: list[DatasetFile] = []
    for path, text in files.items():
        plain = textwrap.dedent(text)
        suffix = path.rsplit(".", 1)[-1]
        if suffix == "py":
            codes.append(lower_python(plain, path))
        elif suffix in {"ts", "tsx"}:
            codes.append(lower_typescript(plain, path))
        elif suffix in {"jsonl", "csv"}:
            found = read_dataset(plain.encode(), path, suffix)
            data.extend([found] if found else [])
        else:
            configs.append(lower_config(plain, path, {"yml": "yaml"}.get(suffix, suffix)))
    return link_evals(codes, configs, scope_of, data, model_sites=sites, tools=TOOLS())


def suite(files: dict[str, str]) -> EvalSuite:
    found = facts(files).suites
    assert len(found) == 1
    return found[0]


def dataset(files: dict[str, str]) -> Dataset:
    found = facts(files).datasets
    assert len(found) == 1
    return found[0]
