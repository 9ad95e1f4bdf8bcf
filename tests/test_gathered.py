"""A room that breaks is recorded, and takes nothing else with it."""

from __future__ import annotations

from datetime import date

import pytest

from readiness.collect.gathered import Gathered, Kinds
from readiness.model import CiJob, Dataset, Facts, ModelCall, NotCollected, Prompt
from tests.facts_builder import subject


def broken(known: Kinds) -> Kinds:
    raise RecursionError("too deep")


def test_what_a_broken_room_would_have_found_is_not_collected(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("READINESS_DEBUG", raising=False)
    gathered = Gathered({ModelCall: ()})
    gathered.run("evaluations", (CiJob, Dataset), broken)
    gathered.run("prompts", (Prompt,), lambda known: {Prompt: ()})
    facts = Facts(subject(), date(2026, 11, 26), gathered.by_kind, tuple(gathered.gaps), gathered.missing)
    assert [(gap.collector, "RecursionError" in gap.reason) for gap in facts.gaps] == [("evaluations", True)]
    assert facts.all(Prompt) == ()
    with pytest.raises(NotCollected, match="reading of evaluations broke"):
        facts.all(CiJob)


def test_a_developer_sees_the_error_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("READINESS_DEBUG", "1")
    with pytest.raises(RecursionError):
        Gathered({}).run("evaluations", (CiJob,), broken)
