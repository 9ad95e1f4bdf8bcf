"""Small programs with what observes them: the facts of tracing, redaction and usage, without a repository."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from textwrap import dedent
from typing import Final

from readiness.collect.calls.records import records
from readiness.collect.observation.tracing_observed import Observed, observed
from readiness.knowledge.model_table import ModelTable
from readiness.model import Dependency, ModelCall, Scope
from tests.programs import linked

AS_OF: Final = date(2026, 11, 23)
TABLE: Final = ModelTable.load()


def watch(files: Mapping[str, str], dependencies: Iterable[Dependency] = ()) -> Observed:
    """What is found in files given by path and text; all of them are production."""
    program = linked({path: dedent(text).lstrip("\n") for path, text in files.items()})
    return observed(program, records(program, TABLE, AS_OF), dependencies, frozenset({Scope.PRODUCTION}))


def only_call(seen: Observed) -> ModelCall:
    """The one call of a program."""
    (call,) = seen.calls
    return call


__all__ = ["only_call", "watch"]
