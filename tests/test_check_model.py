"""The three claims on model choice, over hand-made facts."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from checks.model.lifecycle_supported.check import assess as supported
from checks.model.residency_endpoint.check import assess as placed
from checks.model.version_pinned.check import assess as pinned
from readiness.model import (
    Answer,
    CallKind,
    Facts,
    Judged,
    Model,
    ModelCall,
    NeedsContext,
    NotApplicable,
    Pin,
    Scope,
    State,
    Unknown,
    Verdict,
)
from tests.facts_builder import call, facts, shown, span


def model(line: int = 1, pin: Pin = Pin.SNAPSHOT, **fields: Any) -> Model:
    plain: dict[str, Any] = {"id": "m-1", "span": span(line), "origin": "literal", "pin": pin, "listed": True}
    return Model(**{**plain, **fields})


def using(line: int, *models: Model, resolved: bool = True, **fields: Any) -> ModelCall:
    return call(line, models=models, resolved=resolved, **fields)


def residency(value: str) -> Answer:
    return Answer("data.residency.required", value, "A. Consultant", "2026-11-20")


@pytest.mark.parametrize("assess", [pinned, supported, placed])
def test_nothing_to_judge_without_a_production_call(assess: Callable[[Facts], Verdict]) -> None:
    assert isinstance(assess(facts()), NotApplicable)
    assert isinstance(assess(facts(using(1, model(), scope=Scope.TEST))), NotApplicable)


def test_each_call_is_judged_by_its_loosest_model() -> None:
    verdict = pinned(
        facts(
            using(1, model(11)),
            using(2, model(12), model(13, Pin.ALIAS, default=False)),
            using(3, model(14), model(15, Pin.UNKNOWN)),
        )
    )
    assert shown(verdict) == [(11, "met"), (13, "unmet"), (15, "unresolved")]
    assert isinstance(verdict, Judged)
    assert verdict.summary.startswith("1 of 2")
    assert verdict.missing == ("deployment",)


def test_a_name_without_snapshots_is_half_for_text_and_enough_for_embeddings() -> None:
    stable = model(11, Pin.STABLE)
    verdict = pinned(facts(using(1, stable), using(2, stable, kind=CallKind.EMBEDDING), using(3, stable, kind=CallKind.RERANK)))
    assert [word for _, word in shown(verdict)] == ["weak", "met", "met"]


def test_what_is_decided_elsewhere_is_unresolved_unless_something_known_moves() -> None:
    open_set = pinned(facts(using(5, model(11), resolved=False), using(6, resolved=False)))
    assert shown(open_set) == [(5, "unresolved"), (6, "unresolved")]
    assert shown(pinned(facts(using(5, model(11, Pin.ALIAS), resolved=False)))) == [(11, "unmet")]


def test_pinning_states() -> None:
    def state(*pins: Pin) -> State:
        verdict = pinned(facts(*(using(line, model(line, pin)) for line, pin in enumerate(pins, 1))))
        assert isinstance(verdict, Judged)
        return verdict.state

    assert state(Pin.SNAPSHOT, Pin.ALIAS) is State.WIRED
    assert state(Pin.ALIAS) is State.ABSENT
    assert state(Pin.UNKNOWN) is State.EXTERNAL


@pytest.mark.parametrize(
    ("retires", "listed", "word"),
    [
        (date(2026, 10, 23), True, "unmet"),
        (date(2026, 11, 23), True, "unmet"),
        (date(2027, 2, 21), True, "unmet"),  # day 90
        (date(2027, 2, 22), True, "met"),
        (None, True, "met"),
        (None, False, "unresolved"),
    ],
)
def test_ninety_days_decide(retires: date | None, listed: bool, word: str) -> None:
    assert shown(supported(facts(using(1, model(11, retires=retires, listed=listed))))) == [(11, word)]


def test_a_retired_model_that_users_can_choose_counts_in_full_and_another_configuration_by_half() -> None:
    gone = date(2026, 1, 1)
    chosen = model(12, default=False, origin="constant", retires=gone)
    configured = model(13, default=False, origin="environment", retires=gone)
    assert shown(supported(facts(using(1, model(11), chosen, configured)))) == [(11, "met"), (12, "unmet"), (13, "weak")]
    assert shown(supported(facts(using(1, replace(configured, default=True))))) == [(13, "unmet")]


def test_one_place_is_reported_once_for_all_its_calls() -> None:
    shared = model(11, retires=date(2026, 1, 1))
    assert shown(supported(facts(using(1, shared), using(2, shared)))) == [(11, "unmet")]


def test_own_weights_cannot_be_switched_off() -> None:
    own = model(11, local=True, listed=False)
    assert isinstance(supported(facts(using(1, own))), NotApplicable)
    assert isinstance(supported(facts(using(1, model(11), zone="local"))), NotApplicable)
    assert shown(supported(facts(using(1, own), using(2, model(12))))) == [(12, "met")]


def test_a_call_that_no_setting_leads_to_and_a_stores_own_embeddings_count_for_nothing_beside_others() -> None:
    alias = model(11, Pin.ALIAS)
    verdict = pinned(facts(using(1, model(12)), using(2), using(3, alias, kind=CallKind.EMBEDDING, implicit=True)))
    assert [word for _, word in shown(verdict)] == ["met"]
    assert [word for _, word in shown(pinned(facts(using(3, alias, kind=CallKind.EMBEDDING, implicit=True))))] == ["unmet"]


def test_an_unnamed_model_is_unresolved() -> None:
    verdict = supported(facts(using(4, resolved=False), using(5, model(11), resolved=False)))
    assert shown(verdict) == [(4, "unresolved"), (11, "met"), (5, "unresolved")]


def test_residency_needs_an_answer_unless_nothing_leaves() -> None:
    verdict = placed(facts(using(1, model()), using(2, zone="eu")))
    assert isinstance(verdict, NeedsContext)
    assert verdict.missing == ("data.residency.required",)
    assert "1 call in EU; 1 call to a public endpoint" in verdict.reason
    assert shown(placed(facts(using(1, zone="local")))) == [(1, "met")]


def test_residency_answers_that_leave_nothing_to_judge() -> None:
    assert isinstance(placed(facts(using(1), residency("none"))), NotApplicable)
    assert isinstance(placed(facts(using(1), residency("other"))), Unknown)


@pytest.mark.parametrize(
    ("required", "fields", "word"),
    [
        ("EU", {"zone": "eu"}, "met"),
        ("EU", {"zone": "local"}, "met"),
        ("EU", {"zone": "us"}, "unmet"),
        ("EU", {"zone": "uk"}, "unmet"),
        ("EU", {"zone": "ch"}, "unmet"),
        ("UK", {"zone": "uk"}, "met"),
        ("EU", {"zone": "global"}, "unmet"),
        ("EU", {"zone": "unspecified"}, "unmet"),
        ("EU", {"zone": "unresolved"}, "unresolved"),
        ("EU", {"zone": "eu", "host_resolved": False}, "unresolved"),
        ("EU", {"zone": "us", "kind": CallKind.EMBEDDING, "implicit": True}, "unmet"),
    ],
)
def test_the_zone_decides(required: str, fields: dict[str, Any], word: str) -> None:
    assert shown(placed(facts(using(3, **fields), residency(required)))) == [(3, word)]
