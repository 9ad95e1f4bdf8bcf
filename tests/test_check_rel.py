"""The reliability claims, over facts made by hand."""

import math
from collections.abc import Callable

import pytest

from checks.rel.output_and_spend_caps.check import assess as caps
from checks.rel.retries.check import assess as retries
from checks.rel.timeouts.check import assess as timeouts
from readiness.model import (
    Answer,
    CallKind,
    Facts,
    NotApplicable,
    NotCollected,
    Quota,
    Scope,
    Setting,
    SettingState,
    State,
    Unknown,
    Verdict,
)
from tests.facts_builder import call, facts, judged, shown, span

Assess = Callable[[Facts], Verdict]

SET, LIBRARY, DISABLED, UNRESOLVED = SettingState


@pytest.mark.parametrize(
    ("setting", "expected"),
    [
        (Setting(SET, 30.0), "met"),
        (Setting(SET, None), "met"),
        (Setting(SET, 1.0), "met"),
        (Setting(SET, 599.9), "met"),
        (Setting(SET, 600.0), "weak"),
        (Setting(SET, 0.03), "unmet"),
        (Setting(LIBRARY, 60.0), "weak"),
        (Setting(LIBRARY, 120.0), "weak"),
        (Setting(LIBRARY, 600.0), "unmet"),
        (Setting(LIBRARY), "unmet"),
        (Setting(DISABLED), "unmet"),
        (Setting(UNRESOLVED), "unresolved"),
    ],
)
def test_a_deadline_is_judged_by_where_it_comes_from_and_how_long_it_is(setting: Setting, expected: str) -> None:
    assert shown(timeouts(facts(call(7, timeout=setting)))) == [(7, expected)]


def test_a_batch_may_take_as_long_as_it_says() -> None:
    assert shown(timeouts(facts(call(1, timeout=Setting(SET, 3600.0), interactive=False)))) == [(1, "met")]


def test_the_engagement_can_say_that_all_work_is_batch() -> None:
    slow = call(1, timeout=Setting(SET, 3600.0))
    assert shown(timeouts(facts(slow, Answer("workload.mode", "batch", "A. Sessor", "")))) == [(1, "met")]
    assert shown(timeouts(facts(slow, Answer("workload.mode", "interactive", "A. Sessor", "")))) == [(1, "weak")]


def test_every_kind_of_explicit_production_call_needs_a_deadline() -> None:
    verdict = timeouts(
        facts(
            call(1, timeout=Setting(SET, 20.0)),
            call(2, kind=CallKind.EMBEDDING),
            call(3, kind=CallKind.EMBEDDING, implicit=True),
            call(4, scope=Scope.TEST),
        )
    )
    assert shown(verdict) == [(1, "met"), (2, "unmet")]


@pytest.mark.parametrize(
    ("setting", "state"),
    [(Setting(SET, 20.0), State.WIRED), (Setting(SET, 0.03), State.BROKEN), (Setting(LIBRARY), State.ABSENT)],
)
def test_the_state_tells_a_mistaken_deadline_from_none(setting: Setting, state: State) -> None:
    verdict = timeouts(facts(call(timeout=setting)))
    assert judged(verdict).state is state


def test_a_note_says_where_the_limit_stands_and_what_is_known_of_it() -> None:
    setting = Setting(SET, 30.0, "client", span(4, "src/llm.py"), "from settings")
    assert judged(timeouts(facts(call(7, timeout=setting)))).evidence[0].note == "Bounded to 30 s (from settings; src/llm.py:4)."
    assert judged(timeouts(facts(call(7, timeout=Setting(SET, 30.0))))).evidence[0].note == "Bounded to 30 s."


@pytest.mark.parametrize("assess", [timeouts, retries, caps])
def test_without_a_production_call_nothing_applies(assess: Assess) -> None:
    assert isinstance(assess(facts(call(scope=Scope.TEST))), NotApplicable)


@pytest.mark.parametrize(
    ("setting", "expected"),
    [
        (Setting(LIBRARY, 2), "met"),
        (Setting(LIBRARY, 0), "unmet"),
        (Setting(LIBRARY), "unresolved"),
        (Setting(DISABLED), "unmet"),
        (Setting(UNRESOLVED), "unresolved"),
        (Setting(SET, None), "met"),
        (Setting(SET, 0), "unmet"),
        (Setting(SET, 3), "met"),
        (Setting(SET, 8), "met"),
        (Setting(SET, 9), "weak"),
        (Setting(SET, 3, flaw="unfiltered"), "weak"),
        (Setting(SET, 29, flaw="unfiltered"), "unmet"),
        (Setting(SET, math.inf), "unmet"),
    ],
)
def test_retries_help_when_they_are_bounded_and_filtered(setting: Setting, expected: str) -> None:
    assert shown(retries(facts(call(7, retries=setting)))) == [(7, expected)]


def test_models_in_the_process_need_no_retries() -> None:
    assert isinstance(retries(facts(call(zone="local"))), NotApplicable)
    assert shown(retries(facts(call(1, zone="local"), call(2, retries=Setting(LIBRARY, 2))))) == [(2, "met")]


@pytest.mark.parametrize(
    ("setting", "state"),
    [(Setting(SET, math.inf), State.BROKEN), (Setting(SET, 0), State.ABSENT), (Setting(LIBRARY, 2), State.WIRED)],
)
def test_the_state_tells_endless_retries_from_none(setting: Setting, state: State) -> None:
    verdict = retries(facts(call(retries=setting)))
    assert judged(verdict).state is state


@pytest.mark.parametrize(
    ("setting", "expected"),
    [
        (Setting(SET, 500), "met"),
        (Setting(SET, None), "met"),
        (Setting(SET, 32_000), "met"),
        (Setting(SET, 32_001), "weak"),
        (Setting(LIBRARY, 1024), "met"),
        (Setting(LIBRARY, 65_536), "weak"),
        (Setting(LIBRARY), "unmet"),
        (Setting(DISABLED), "unmet"),
        (Setting(UNRESOLVED), "unresolved"),
    ],
)
def test_a_cap_counts_where_it_cuts_something_off(setting: Setting, expected: str) -> None:
    assert shown(caps(facts(call(7, cap=setting)))) == [(7, expected)]


def test_only_generative_calls_write_tokens() -> None:
    assert isinstance(caps(facts(call(kind=CallKind.EMBEDDING))), NotApplicable)


def test_a_quota_half_makes_up_for_missing_caps_and_for_nothing_else() -> None:
    calls = (call(1), call(2, cap=Setting(UNRESOLVED)), call(3, cap=Setting(SET, 500)))
    on = Quota(span(9), Scope.PRODUCTION, "requests", "user")
    off = Quota(span(9), Scope.PRODUCTION, "requests", "user", state="off_by_default")
    assert shown(caps(facts(*calls, on))) == [(1, "weak"), (2, "unresolved"), (3, "met")]
    assert shown(caps(facts(*calls, off))) == [(1, "unmet"), (2, "unresolved"), (3, "met")]


@pytest.mark.parametrize(("value", "expected"), [(True, "weak"), (False, "unmet")])
def test_a_spend_limit_at_the_provider_counts_as_a_quota(value: bool, expected: str) -> None:
    answer = Answer("workload.budget_per_month.hard_cap_at_provider", value, "A. Sessor", "")
    assert shown(caps(facts(call(1), answer))) == [(1, expected)]


def test_capacity_of_ones_own_is_not_spent_but_its_cap_counts() -> None:
    assert isinstance(caps(facts(call(zone="local"))), NotApplicable)
    assert shown(caps(facts(call(1, zone="local", cap=Setting(SET, 256))))) == [(1, "met")]
    assert shown(caps(facts(call(1, zone="local"), call(2)))) == [(2, "unmet")]


def test_where_nobody_looked_for_quotas_a_missing_cap_is_not_judged() -> None:
    with pytest.raises(NotCollected):
        caps(facts(call(), without=[Quota]))
    assert not isinstance(caps(facts(call())), Unknown)
