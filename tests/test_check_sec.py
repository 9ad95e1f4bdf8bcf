"""The claims on guards, instructions and sinks over hand-made facts."""

from collections.abc import Callable
from functools import partial

import pytest

from checks.sec.input_guard.check import assess as input_guard
from checks.sec.output_guard.check import assess as output_guard
from checks.sec.output_sinks.check import assess as output_sinks
from checks.sec.system_prompt_taint.check import assess as system_prompt_taint
from readiness.model import (
    CallKind,
    Contract,
    Facts,
    Guard,
    GuardSide,
    NotApplicable,
    OutputSink,
    PrivilegedFlow,
    Scope,
    State,
    Use,
    Verdict,
    Where,
)
from readiness.model.screening import DENY_LIST, PROVIDER_DEFAULT
from tests.facts_builder import call, facts, judged, shown, span

Assess = Callable[[Facts], Verdict]
MakeGuard = Callable[..., Guard]

before = partial(Guard, scope=Scope.PRODUCTION, side=GuardSide.INPUT, tool="moderation", state="on", blocks=True)
behind = partial(Guard, scope=Scope.PRODUCTION, side=GuardSide.OUTPUT, tool="moderation", state="on", blocks=True)
flow = partial(PrivilegedFlow, scope=Scope.PRODUCTION, source="The field persona of the request", sink="the system message")
sink = partial(OutputSink, scope=Scope.PRODUCTION, sink="shell")
ABSENT = [(None, "unmet")]
FIRST, SECOND = call(1), call(2)


@pytest.mark.parametrize("assess", [input_guard, output_guard, output_sinks, system_prompt_taint])
def test_an_embedding_needs_no_protection(assess: Assess) -> None:
    assert isinstance(assess(facts(call(1, kind=CallKind.EMBEDDING))), NotApplicable)
    assert isinstance(assess(facts(call(1, scope=Scope.TEST))), NotApplicable)


@pytest.mark.parametrize(("assess", "guard"), [(input_guard, before), (output_guard, behind)])
class TestGuards:
    def test_a_screen_that_stops_every_call(self, assess: Assess, guard: MakeGuard) -> None:
        verdict = assess(facts(FIRST, guard(span(9), calls=(FIRST.id,))))
        assert shown(verdict) == [(9, "met")]
        assert judged(verdict).state is State.WIRED
        assert judged(verdict).summary.startswith("1 of 1 ")

    def test_one_path_only(self, assess: Assess, guard: MakeGuard) -> None:
        assert shown(assess(facts(FIRST, SECOND, guard(span(9), calls=(FIRST.id,))))) == [(9, "met"), (2, "unmet")]

    def test_a_verdict_that_stops_nothing(self, assess: Assess, guard: MakeGuard) -> None:
        verdict = assess(facts(FIRST, guard(span(9), calls=(FIRST.id,), blocks=False)))
        assert shown(verdict) == [(9, "unmet")]
        assert judged(verdict).state is State.BROKEN

    def test_a_screen_that_nothing_calls(self, assess: Assess, guard: MakeGuard) -> None:
        verdict = assess(facts(FIRST, guard(span(9), state="unused")))
        assert shown(verdict) == [(9, "unmet")]
        assert judged(verdict).state is State.DECLARED_ONLY

    @pytest.mark.parametrize(("state", "word"), [("fails_open", State.BROKEN), ("off_by_default", State.OFF_BY_DEFAULT)])
    def test_half_a_screen(self, assess: Assess, guard: MakeGuard, state: str, word: State) -> None:
        verdict = assess(facts(FIRST, guard(span(9), state=state, calls=(FIRST.id,))))
        assert shown(verdict) == [(9, "weak")]
        assert judged(verdict).state is word
        assert shown(assess(facts(FIRST, guard(span(9), state=state)))) == [(9, "unmet")]

    def test_a_deny_list_is_half_a_screen(self, assess: Assess, guard: MakeGuard) -> None:
        assert shown(assess(facts(FIRST, guard(span(9), tool=DENY_LIST, calls=(FIRST.id,))))) == [(9, "weak")]

    def test_a_screen_of_unknown_calls_is_unresolved(self, assess: Assess, guard: MakeGuard) -> None:
        assert shown(assess(facts(FIRST, guard(span(9))))) == [(9, "unresolved")]

    def test_a_guard_of_a_test_or_of_the_other_side_is_none(self, assess: Assess, guard: MakeGuard) -> None:
        other = behind if guard is before else before
        verdict = assess(facts(FIRST, other(span(8), calls=(FIRST.id,)), guard(span(9), scope=Scope.TEST, calls=(FIRST.id,))))
        assert shown(verdict) == ABSENT
        assert judged(verdict).state is State.ABSENT


def test_the_handled_block_of_a_provider_screens_half_the_input_and_no_output() -> None:
    assert shown(input_guard(facts(FIRST, before(span(9), state=PROVIDER_DEFAULT, calls=(FIRST.id,))))) == [(9, "weak")]
    assert shown(output_guard(facts(FIRST, behind(span(9), state=PROVIDER_DEFAULT, calls=(FIRST.id,))))) == [(9, "unmet")]
    assert judged(input_guard(facts(FIRST, before(span(9), state=PROVIDER_DEFAULT, calls=(FIRST.id,))))).state is State.EXTERNAL


def test_only_calls_that_outsiders_reach_need_an_input_screen() -> None:
    outside = call(1, user_input=True)
    verdict = input_guard(facts(outside, SECOND, before(span(9), calls=(outside.id,))))
    assert shown(verdict) == [(9, "met")]


def test_an_enforced_structure_that_only_branches_needs_no_output_screen() -> None:
    branched = call(1, contract=Contract.SCHEMA, uses=(Use("branched", span(2)), Use("usage", span(3))))
    shown_too = call(1, contract=Contract.SCHEMA, uses=(Use("branched", span(2)), Use("shown", span(3))))
    assert isinstance(output_guard(facts(branched)), NotApplicable)
    assert shown(output_guard(facts(shown_too))) == ABSENT
    assert shown(output_guard(facts(call(1, contract=Contract.SCHEMA)))) == ABSENT
    assert shown(output_guard(facts(call(1, uses=(Use("branched", span(2)),))))) == ABSENT


class TestInstructions:
    @pytest.mark.parametrize(
        ("trust", "shows"), [("untrusted", "unmet"), ("operator", "met"), ("constant", "met"), ("unresolved", "unresolved")]
    )
    def test_trust_decides(self, trust: str, shows: str) -> None:
        verdict = system_prompt_taint(facts(FIRST, flow(span(4), trust=trust)))
        assert shown(verdict) == [(4, shows)]
        assert judged(verdict).state is (State.BROKEN if trust == "untrusted" else State.WIRED)

    def test_no_flow_says_what_was_followed(self) -> None:
        verdict = system_prompt_taint(facts(FIRST, SECOND, flow(span(4), trust="untrusted", scope=Scope.TEST)))
        assert shown(verdict) == [(None, "met")]
        assert judged(verdict).evidence[0].where is Where.REPOSITORY
        assert "2 production model calls" in judged(verdict).evidence[0].note

    def test_the_note_names_source_and_place(self) -> None:
        verdict = system_prompt_taint(facts(FIRST, flow(span(4), trust="untrusted", call=FIRST.id)))
        assert judged(verdict).evidence[0].note == "The field persona of the request reaches the system message."
        assert judged(verdict).evidence[0].call == FIRST.id


class TestSinks:
    @pytest.mark.parametrize(
        ("safety", "shows"),
        [("none", "unmet"), ("approved", "weak"), ("weak", "weak"), ("safe", "met"), ("unresolved", "unresolved")],
    )
    def test_what_stands_between_decides(self, safety: str, shows: str) -> None:
        assert shown(output_sinks(facts(FIRST, sink(span(4), safety=safety)))) == [(4, shows)]

    def test_one_open_sink_among_safe_ones_is_broken(self) -> None:
        verdict = output_sinks(facts(FIRST, sink(span(4), safety="safe"), sink(span(5), safety="none", sink="url")))
        assert shown(verdict) == [(4, "met"), (5, "unmet")]
        assert judged(verdict).state is State.BROKEN
        assert judged(verdict).summary == "Model text turns into action or markup at 2 places: 1 unprotected, 1 safe."

    def test_open_sinks_only(self) -> None:
        assert judged(output_sinks(facts(FIRST, sink(span(5), safety="none")))).state is State.ABSENT

    def test_no_sink_says_what_was_followed(self) -> None:
        verdict = output_sinks(facts(FIRST, sink(span(4), safety="none", scope=Scope.EXAMPLE)))
        assert shown(verdict) == [(None, "met")]
        assert judged(verdict).evidence[0].where is Where.REPOSITORY
