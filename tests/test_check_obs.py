"""The observability claims over hand-made facts."""

from collections.abc import Callable
from functools import partial

import pytest

from checks.obs.llm_tracing.check import assess as llm_tracing
from checks.obs.pii_redaction.check import assess as pii_redaction
from checks.obs.token_cost.check import assess as token_cost
from readiness.model import (
    Answer,
    CallKind,
    Confidence,
    ContentLog,
    Facts,
    NotApplicable,
    NotCollected,
    Redaction,
    Scope,
    State,
    Tracer,
    Tracing,
    UsageDimension,
    Verdict,
)
from tests.facts_builder import call, facts, judged, shown, span

Assess = Callable[[Facts], Verdict]

tracer = partial(Tracer, scope=Scope.PRODUCTION, tool="langfuse", state="on")
mask = partial(Redaction, scope=Scope.PRODUCTION, tool="Langfuse(mask=)", attached="telemetry")
log = partial(ContentLog, scope=Scope.PRODUCTION)
dimension = partial(UsageDimension, scope=Scope.PRODUCTION)
traced = partial(call, tracing=Tracing.ON, tracer="langfuse")
ABSENT = [(None, "unmet")]


@pytest.mark.parametrize("assess", [llm_tracing, pii_redaction, token_cost])
def test_nothing_to_observe_where_nothing_calls_a_model(assess: Assess) -> None:
    assert isinstance(assess(facts()), NotApplicable)
    assert isinstance(assess(facts(call(1, scope=Scope.TEST), call(2, kind=CallKind.EMBEDDING, implicit=True))), NotApplicable)


@pytest.mark.parametrize("assess", [llm_tracing, pii_redaction, token_cost])
def test_nobody_looked_for_tracers(assess: Assess) -> None:
    with pytest.raises(NotCollected):
        assess(facts(call(), without=[Tracer]))


class TestTracing:
    def test_every_call_recorded(self) -> None:
        verdict = llm_tracing(facts(traced(1), traced(2, kind=CallKind.EMBEDDING), tracer(span(9))))
        assert shown(verdict) == [(1, "met"), (2, "met")]
        assert judged(verdict).state is State.WIRED

    def test_one_call_goes_around_the_tracer(self) -> None:
        verdict = llm_tracing(facts(traced(1), call(2)))
        assert shown(verdict) == [(1, "met"), (2, "unmet")]
        assert judged(verdict).summary.startswith("1 of 2 ")

    def test_off_by_default_is_its_own_state(self) -> None:
        verdict = llm_tracing(facts(traced(1, tracing=Tracing.OFF_BY_DEFAULT), call(2)))
        assert shown(verdict) == [(1, "weak"), (2, "unmet")]
        assert judged(verdict).state is State.OFF_BY_DEFAULT

    def test_spans_without_content_are_half_a_trace(self) -> None:
        verdict = llm_tracing(facts(traced(1, tracing=Tracing.METADATA_ONLY)))
        assert shown(verdict) == [(1, "weak")]
        assert judged(verdict).state is State.WIRED

    def test_a_log_of_ones_own_is_half_a_trace(self) -> None:
        verdict = llm_tracing(facts(traced(1, tracer="logging"), tracer(span(9), tool="logging", own_log=True)))
        assert shown(verdict) == [(1, "weak")]

    def test_a_log_beside_a_tracer_costs_nothing(self) -> None:
        verdict = llm_tracing(facts(traced(1), tracer(span(8)), tracer(span(9), tool="logging", own_log=True)))
        assert shown(verdict) == [(1, "met")]

    def test_a_record_that_no_call_is_joined_to_counts_half(self) -> None:
        assert shown(llm_tracing(facts(call(1), tracer(span(9), own_log=True, content="metadata")))) == [(9, "weak")]

    def test_declared_is_not_started(self) -> None:
        verdict = llm_tracing(facts(call(1), tracer(span(3), state="declared")))
        assert shown(verdict) == [(3, "unmet")]
        assert judged(verdict).state is State.DECLARED_ONLY

    def test_nothing_at_all(self) -> None:
        verdict = llm_tracing(facts(call(1), call(2), tracer(span(3), scope=Scope.TEST)))
        assert shown(verdict) == ABSENT
        assert judged(verdict).state is State.ABSENT
        assert "2 production model calls in 1 file:" in judged(verdict).evidence[0].note


class TestRedaction:
    def test_masked_telemetry(self) -> None:
        verdict = pii_redaction(facts(traced(1), tracer(span(2)), mask(span(3))))
        assert shown(verdict) == [(3, "met")]
        assert judged(verdict).state is State.WIRED

    def test_hiding_everything_is_private_and_says_what_it_costs(self) -> None:
        verdict = pii_redaction(facts(traced(1), tracer(span(2)), mask(span(3), hides_all=True)))
        assert shown(verdict) == [(3, "met")]
        assert "no use for diagnosis" in judged(verdict).evidence[0].note

    def test_a_mask_that_waits_for_a_flag(self) -> None:
        verdict = pii_redaction(facts(traced(1), tracer(span(2)), mask(span(3), default_on=False)))
        assert shown(verdict) == [(3, "weak")]
        assert judged(verdict).state is State.OFF_BY_DEFAULT

    def test_an_unmasked_log_beside_a_mask(self) -> None:
        assert shown(pii_redaction(facts(call(1), mask(span(3)), log(span(4))))) == [(3, "met"), (4, "unmet")]

    def test_a_mask_elsewhere_leaves_the_tracer_open(self) -> None:
        verdict = pii_redaction(facts(traced(1), tracer(span(2)), mask(span(3), attached="other")))
        assert shown(verdict) == [(3, "weak"), (2, "unmet")]

    def test_an_optional_mask_elsewhere_is_none(self) -> None:
        verdict = pii_redaction(facts(call(1), log(span(2)), mask(span(3), attached="other", default_on=False)))
        assert shown(verdict) == [(3, "unmet"), (2, "unmet")]

    def test_a_mask_that_nobody_uses(self) -> None:
        verdict = pii_redaction(facts(call(1), log(span(2)), mask(span(3), attached="unused")))
        assert shown(verdict) == [(3, "unmet"), (2, "unmet")]
        assert judged(verdict).state is State.DECLARED_ONLY

    @pytest.mark.parametrize("state", ["on", "off_by_default"])
    def test_a_tracer_that_keeps_what_is_said(self, state: str) -> None:
        assert shown(pii_redaction(facts(traced(1), tracer(span(2), state=state)))) == [(2, "unmet")]

    def test_a_tracer_that_keeps_no_content(self) -> None:
        assert shown(pii_redaction(facts(traced(1), tracer(span(2), content="metadata")))) == [(2, "weak")]

    def test_a_record_of_ones_own_is_kept_unmasked(self) -> None:
        assert shown(pii_redaction(facts(call(1), tracer(span(2), content="metadata", own_log=True)))) == [(2, "unmet")]

    def test_a_declared_tracer_keeps_nothing(self) -> None:
        verdict = pii_redaction(facts(call(1), tracer(span(2), state="declared")))
        assert shown(verdict) == ABSENT
        assert judged(verdict).confidence is Confidence.LOW

    def test_local_and_unkept_text_needs_no_mask(self) -> None:
        assert isinstance(pii_redaction(facts(call(1, zone="local"))), NotApplicable)
        assert shown(pii_redaction(facts(call(1, zone="local"), log(span(2))))) == [(2, "unmet")]
        assert shown(pii_redaction(facts(call(1, zone="local"), call(2)))) == ABSENT

    @pytest.mark.parametrize("value", ["none", ("none", "internal")])
    def test_the_engagement_rules_personal_data_out(self, value: str | tuple[str, ...] | bool) -> None:
        answer = Answer("data.classes", value, "client", "2026-11-20")
        assert isinstance(pii_redaction(facts(call(1), log(span(2)), answer)), NotApplicable)
        assert shown(pii_redaction(facts(call(1, user_input=True), log(span(2)), answer))) == [(2, "unmet")]

    @pytest.mark.parametrize("value", ["personal", ("internal", "phi"), (), True])
    def test_other_answers_rule_nothing_out(self, value: str | tuple[str, ...] | bool) -> None:
        answer = Answer("data.classes", value, "client", "2026-11-20")
        assert shown(pii_redaction(facts(call(1), log(span(2)), answer))) == [(2, "unmet")]


class TestCost:
    def test_captured_priced_and_attributed(self) -> None:
        items = (call(1, usage_span=span(2)), dimension(span(3), dimension="tenant"), dimension(span(4), dimension="price"))
        assert shown(token_cost(facts(*items))) == [(1, "met"), (3, "met"), (4, "met")]

    @pytest.mark.parametrize("name", ["price", "tenant"])
    def test_price_without_owner_and_owner_without_price_count_half(self, name: str) -> None:
        assert shown(token_cost(facts(call(1, usage_span=span(2)), dimension(span(3), dimension=name)))) == [
            (1, "weak"),
            (3, "weak"),
        ]

    def test_one_call_is_not_counted(self) -> None:
        items = (call(1, usage_span=span(2)), call(5), dimension(span(3), dimension="user"), dimension(span(4), dimension="price"))
        verdict = token_cost(facts(*items))
        assert shown(verdict) == [(1, "met"), (5, "unmet"), (3, "met"), (4, "met")]
        assert (
            judged(verdict).summary
            == "The usage of 1 of 2 production model calls is captured; it is priced and attributed by user."
        )

    def test_an_active_tracer_captures_usage(self) -> None:
        verdict = token_cost(facts(traced(1), tracer(span(9))))
        assert shown(verdict) == [(1, "weak")]
        assert judged(verdict).state is State.WIRED

    def test_a_tracer_that_meters_nothing(self) -> None:
        assert shown(token_cost(facts(traced(1), tracer(span(9), captures_usage=False)))) == ABSENT

    def test_usage_that_waits_for_tracing_counts_half_at_best(self) -> None:
        off = traced(1, tracing=Tracing.OFF_BY_DEFAULT, tracer_span=span(9), usage_span=span(9))
        owned = (dimension(span(3), dimension="user"), dimension(span(4), dimension="price"))
        verdict = token_cost(facts(off, *owned))
        assert shown(verdict)[0] == (1, "weak")
        assert judged(verdict).state is State.OFF_BY_DEFAULT

    def test_usage_that_code_reads_needs_no_tracing(self) -> None:
        read = traced(1, tracing=Tracing.OFF_BY_DEFAULT, tracer_span=span(9), usage_span=span(2))
        owned = (dimension(span(3), dimension="user"), dimension(span(4), dimension="price"))
        verdict = token_cost(facts(read, tracer(span(9)), *owned))
        assert shown(verdict)[0] == (1, "met")
        assert judged(verdict).state is State.WIRED

    def test_nothing_at_all(self) -> None:
        verdict = token_cost(facts(call(1), call(2)))
        assert shown(verdict) == ABSENT
        assert judged(verdict).state is State.ABSENT
