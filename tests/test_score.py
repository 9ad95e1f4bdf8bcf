"""Points add up, gates decide by confidence, levels say what holds them, and no evidence ever counts backwards."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from readiness.model import (
    LEVELS,
    PILLARS,
    Acceptance,
    Aggregate,
    Assessment,
    CheckResult,
    Confidence,
    Effort,
    GateState,
    LanguageCoverage,
    LanguageStat,
    NotApplicable,
    Outcome,
    Points,
    RepositoryKind,
    Score,
    Severity,
    Shows,
    Status,
    Tier,
    Unknown,
    at,
)
from readiness.model.wire import dumps
from readiness.score import GATES, score, whole_parts, with_points
from tests.facts_builder import facts, span, subject
from tests.score_builder import assess, check, claim, evidence, failing, passing, saying

OUTCOMES = [Outcome.FAIL, Outcome.PARTIAL, Outcome.PASS]


def result(check_id: str, outcome: Outcome = Outcome.PASS, **fields: Any) -> CheckResult:
    """A decided claim; any field of the result or word of the claim may be given."""
    words = {name: fields.pop(name) for name in ("severity", "status", "aggregate") if name in fields}
    credit = {Outcome.PASS: 1.0, Outcome.PARTIAL: 0.5}.get(outcome, 0.0)
    plain = {
        "state": None,
        "confidence": Confidence.HIGH,
        "credit": credit,
        "points": Points(0, 0, 0),
        "headline": "",
        "summary": "",
        "sites": (),
    }
    return CheckResult(claim=claim(check_id, **words), outcome=outcome, **{**plain, **fields})


def scored(*results: CheckResult, **fields: Any) -> Score:
    total = score(with_points(results), subject(**fields))
    assert total is not None
    return total


def level_of(assessment: Assessment) -> int | None:
    assert assessment.score is not None
    return assessment.score.level


def state_of(*results: CheckResult, gate: str = "sec.secrets") -> GateState:
    return next(item.state for item in scored(*results).gates if item.check == gate)


# ------------------------------------------------------------------------------------------------ points


def test_a_critical_claim_is_worth_two_high_ones_or_eight_low_ones() -> None:
    severities = [Severity.CRITICAL, Severity.HIGH, Severity.MEDIUM, Severity.LOW]
    results = with_points([result(f"sec.{severity}", severity=severity) for severity in severities])
    assert [item.points.at_stake for item in results] == pytest.approx([100 * weight / 15 for weight in (8, 4, 2, 1)])


def test_pillars_weigh_as_the_rubric_says_and_one_without_claims_drops_out() -> None:
    every = with_points([result(f"{pillar}.x") for pillar in PILLARS])
    assert {item.claim.pillar: item.points.at_stake for item in every} == pytest.approx({"model": 10, "rag": 10, "prompt": 25, "obs": 20, "sec": 25, "rel": 10})  # fmt: skip
    two = with_points([result("prompt.x"), result("rel.x"), result("sec.x", Outcome.NOT_APPLICABLE)])
    assert [item.points.at_stake for item in two] == pytest.approx([100 * 25 / 35, 100 * 10 / 35, 0])


def test_a_preview_claim_is_shown_and_weighs_nothing() -> None:
    shown = with_points([result("sec.x"), result("sec.y", Outcome.FAIL, status=Status.PREVIEW)])
    assert [item.points.at_stake for item in shown] == [100.0, 0.0]


def test_what_could_not_be_assessed_is_open_and_a_missing_answer_counts_like_it() -> None:
    total = scored(
        result("sec.a"), result("sec.b", Outcome.UNKNOWN), result("sec.c", Outcome.NEEDS_CONTEXT), result("sec.d", Outcome.FAIL)
    )
    assert (total.proven, total.open, total.lost, total.coverage) == pytest.approx((25, 50, 25, 0.5))
    assert (total.pillars[0].proven, total.pillars[0].possible) == pytest.approx((25, 75))


def test_confidence_never_multiplies_points() -> None:
    sure, unsure = (scored(result("sec.a", Outcome.PARTIAL, confidence=level)) for level in (Confidence.HIGH, Confidence.LOW))
    assert sure.proven == unsure.proven == 50


def test_an_application_to_which_nothing_applies_is_all_open() -> None:
    total = scored(result("sec.a", Outcome.NOT_APPLICABLE))
    assert (total.proven, total.open, total.lost, total.level, total.coverage, total.pillars) == (0, 100, 0, None, 0, ())


def test_evidence_of_a_running_system_is_counted_apart() -> None:
    observed = at(Shows.MET, span(), "Answered.", tier=Tier.OBSERVED)
    found = assess(check("sec.secrets", observed), passing("sec.input-guard")).score
    assert found is not None
    assert (found.coverage, found.coverage_runtime) == (1, 0.5)


@pytest.mark.parametrize(
    ("parts", "printed"),
    [
        ([56.2, 10.3, 33.5], (56, 10, 34)),
        ([56.2, 10.4, 33.4], (56, 11, 33)),
        ([100.0, 0.0, 0.0], (100, 0, 0)),
        ([33.4, 33.3, 33.3], (34, 33, 33)),
        ([0.4, 0.4, 99.2], (1, 0, 99)),
        ([29.999999999999996, 70.0, 0.0], (30, 70, 0)),
    ],
)
def test_printed_parts_add_up(parts: list[float], printed: tuple[int, ...]) -> None:
    assert whole_parts(parts) == printed


@given(st.lists(st.integers(0, 1000), min_size=1, max_size=8))
def test_printed_parts_always_add_up_and_are_never_off_by_one(raw: list[int]) -> None:
    assume(sum(raw))
    parts = [100 * part / sum(raw) for part in raw]
    printed = whole_parts(parts)
    assert sum(printed) == 100
    assert all(abs(whole - part) < 1 for whole, part in zip(printed, parts, strict=True))


# ------------------------------------------------------------------------------------------------ gates


@pytest.mark.parametrize(
    ("outcome", "confidence", "state"),
    [
        ("fail", "high", "open"),
        ("fail", "medium", "to_confirm"),
        ("fail", "low", "to_confirm"),
        ("partial", "high", "to_confirm"),
        ("pass", "low", "cleared"),
        ("not_applicable", "high", "cleared"),
        ("unknown", "low", "not_assessed"),
        ("needs_context", "low", "not_assessed"),
    ],
)
def test_a_gate_stands_as_its_verdict_and_confidence_say(outcome: str, confidence: str, state: str) -> None:
    assert state_of(result("sec.secrets", Outcome(outcome), confidence=Confidence(confidence))) == state


def test_there_are_always_ten_gates_and_one_without_a_check_is_not_assessed() -> None:
    gates = scored(result("rel.timeouts")).gates
    assert tuple(gate.check for gate in gates) == GATES
    assert {gate.state for gate in gates} == {GateState.NOT_ASSESSED}


def test_an_accepted_risk_blocks_nothing_earns_nothing_and_caps_the_level() -> None:
    accepted = Acceptance("sec.secrets", "Rotated weekly.", "CISO", date(2027, 1, 1))
    others = [passing(gate) for gate in GATES if gate != "sec.secrets"]
    bare, held = assess(*others, failing("sec.secrets")), assess(*others, failing("sec.secrets"), acceptances=[accepted])
    assert bare.score is not None
    assert held.score is not None
    assert (bare.score.level, held.score.level) == (0, 1)
    assert bare.score.proven == held.score.proven
    assert held.score.held_by == ("sec.secrets",)
    assert [action.check for action in held.actions] == []


# ------------------------------------------------------------------------------------------------ levels


def ready(**worse: Outcome) -> list[CheckResult]:
    """Every gate and twelve claims of every pillar passed, but for those named as `pillar_number`."""
    plain = [
        result(f"{pillar}.{number}", worse.get(f"{pillar}_{number}", Outcome.PASS)) for pillar in PILLARS for number in range(20)
    ]
    return [*(result(gate) for gate in GATES), *plain]


def spoilt(pillar: str, count: int, outcome: Outcome = Outcome.FAIL) -> list[CheckResult]:
    return ready(**{f"{pillar}_{number}": outcome for number in range(count)})


@pytest.mark.parametrize(
    ("results", "level", "held_by"),
    [
        (ready(), 2, tuple(gate for gate in GATES if gate.startswith("sec."))),
        (spoilt("rel", 4), 2, tuple(gate for gate in GATES if gate.startswith("sec."))),
        (spoilt("rel", 8), 2, (*(gate for gate in GATES if gate.startswith("sec.")), "rel")),
        (spoilt("rel", 9), 1, ("rel",)),
        (spoilt("rel", 12), 1, ("rel",)),
        (spoilt("rel", 13), 0, ("rel",)),
        ([*ready()[1:], result("sec.secrets", Outcome.FAIL)], 0, ("sec.secrets",)),
        ([*ready()[1:], result("sec.secrets", Outcome.PARTIAL)], 1, ("sec.secrets",)),
        ([*ready()[1:], result("sec.secrets", Outcome.UNKNOWN)], 1, ("sec.secrets",)),
        (ready()[1:], 1, ("sec.secrets",)),
        ([*spoilt("rel", 13)[1:], result("sec.secrets", Outcome.FAIL)], 0, ("sec.secrets", "rel")),
    ],
)  # fmt: skip
def test_the_level_and_what_holds_it(results: list[CheckResult], level: int, held_by: tuple[str, ...]) -> None:
    total = scored(*results)
    assert (total.level, total.level_name, total.held_by) == (level, LEVELS[level].value, held_by)


def test_the_highest_level_needs_security_gates_that_were_observed() -> None:
    observed = (at(Shows.MET, span(), "Answered.", tier=Tier.OBSERVED),)
    seen = assess(*(check(gate, *observed) for gate in GATES), *(passing(f"{pillar}.x") for pillar in PILLARS)).score
    assert seen is not None
    assert (seen.level, seen.level_name, seen.held_by) == (3, "At scale", ())


def test_coverage_holds_a_level_and_below_half_there_is_none() -> None:
    unread = [result(f"{pillar}.open", Outcome.UNKNOWN, severity=Severity.CRITICAL) for pillar in PILLARS]
    gates = [result(gate, severity=Severity.LOW) for gate in GATES]
    most = [result(f"{pillar}.{number}", severity=Severity.HIGH) for pillar in PILLARS for number in range(4)]
    few = [result(f"{pillar}.x", severity=Severity.HIGH) for pillar in PILLARS]
    held, nothing = scored(*unread, *gates, *most), scored(*unread, *gates, *few)
    assert (held.level, held.held_by) == (1, ("coverage",))
    assert (nothing.level, nothing.level_name, nothing.held_by) == (None, "Not assessed", ("coverage",))


@pytest.mark.parametrize("fields", [{"llm_application": None}, {"kind": RepositoryKind.UNDETERMINED}])
def test_what_may_be_no_llm_application_is_never_called_a_prototype(fields: dict[str, Any]) -> None:
    total = scored(result("sec.secrets", Outcome.FAIL), **fields)
    assert (total.level, total.held_by) == (None, ("subject",))


def test_an_application_in_a_language_we_cannot_read_gets_no_level() -> None:
    go = LanguageStat("go", 40, 9000, 8000, LanguageCoverage.NAMES, names_llm=True)
    assert level_of(assess(*map(failing, GATES), known=facts(languages=(go,)))) is None


# ------------------------------------------------------------------------------------------------ advice


def test_advice_puts_open_gates_first_then_gates_to_confirm_then_what_earns_most() -> None:
    advice = assess(
        failing("rel.timeouts", severity=Severity.CRITICAL),
        failing("prompt.golden-dataset", severity=Severity.LOW),
        check("obs.llm-tracing", *evidence(met=1, unmet=1), severity=Severity.LOW),
        failing("sec.secrets", severity=Severity.LOW),
        passing("sec.input-guard", severity=Severity.CRITICAL),
        saying(Unknown("?"), claim("model.version-pinned")),
    ).actions
    assert [action.check for action in advice] == ["sec.secrets", "obs.llm-tracing", "prompt.golden-dataset", "rel.timeouts"]


def test_advice_of_equal_worth_puts_the_least_effort_first() -> None:
    advice = assess(
        failing("sec.a", effort=Effort.LARGE), failing("sec.b", effort=Effort.SMALL), failing("sec.c", effort=Effort.MEDIUM)
    ).actions
    assert [(action.check, action.effort) for action in advice] == [("sec.b", "S"), ("sec.c", "M"), ("sec.a", "L")]


# ------------------------------------------------------------------------------------------------ properties

NAMES = (*GATES, "prompt.golden-dataset", "rel.timeouts", "rel.retries", "rag.freshness", "model.version-pinned", "obs.latency")
COUNTS = st.tuples(*[st.integers(0, 4)] * 4).filter(any)
DECIDED = st.sampled_from(Outcome)
AGGREGATES = st.sampled_from(Aggregate)


@st.composite
def decided(draw: st.DrawFn, outcomes: st.SearchStrategy[Outcome] = DECIDED) -> list[CheckResult]:
    names = draw(st.lists(st.sampled_from(NAMES), unique=True, min_size=1))
    return [
        result(name, draw(outcomes), severity=draw(st.sampled_from(Severity)), confidence=draw(st.sampled_from(Confidence)))
        for name in names
    ]  # fmt: skip


def changed(results: Sequence[CheckResult], index: int, outcome: Outcome) -> list[CheckResult]:
    credit = {Outcome.PASS: 1.0, Outcome.PARTIAL: 0.5}.get(outcome, 0.0)
    return [replace(item, outcome=outcome, credit=credit) if place == index else item for place, item in enumerate(results)]


@given(decided())
def test_shares_sum_to_a_hundred(results: list[CheckResult]) -> None:
    pointed = with_points(results)
    total = scored(*results)
    assert sum(item.points.at_stake for item in pointed) == pytest.approx(100 if total.pillars else 0, abs=1e-9)
    assert total.proven + total.open + total.lost == pytest.approx(100, abs=1e-9)
    assert sum(pillar.weight * pillar.proven / 100 for pillar in total.pillars) == pytest.approx(total.proven, abs=1e-6)
    assert sum(whole_parts([total.proven, total.open, total.lost])) == 100


@given(decided(), st.data())
def test_settling_an_unknown_as_pass_never_lowers_and_as_fail_never_raises(results: list[CheckResult], data: Any) -> None:
    unread = [index for index, item in enumerate(results) if item.outcome in {Outcome.UNKNOWN, Outcome.NEEDS_CONTEXT}]
    assume(unread)
    index = data.draw(st.sampled_from(unread))
    before, good, bad = (
        scored(*items).proven for items in (results, changed(results, index, Outcome.PASS), changed(results, index, Outcome.FAIL))
    )
    assert bad - 1e-9 <= before <= good + 1e-9


@given(decided(), st.data())
def test_the_level_is_monotone_in_verdicts(results: list[CheckResult], data: Any) -> None:
    judged = [index for index, item in enumerate(results) if item.outcome in OUTCOMES]
    assume(judged)
    index = data.draw(st.sampled_from(judged))
    levels = [scored(*changed(results, index, outcome)).level for outcome in OUTCOMES]
    assert levels in ([None] * 3, sorted(level for level in levels if level is not None))


@given(
    st.lists(st.tuples(st.sampled_from(NAMES), AGGREGATES, COUNTS), unique_by=lambda item: item[0], min_size=1, max_size=6),
    st.data(),
)
def test_taking_away_a_met_site_never_raises_proven(claims: Any, data: Any) -> None:
    """Unresolved sites can hide a verdict until a met one is gone; then what it earns was open before."""
    with_met = [index for index, (_, _, counts) in enumerate(claims) if counts[0] and sum(counts) > 1]
    assume(with_met)
    chosen = data.draw(st.sampled_from(with_met))

    def result_of(*, less: int) -> CheckResult:
        checks = []
        for index, (name, aggregate, (met, *rest)) in enumerate(claims):
            checks.append(check(name, *evidence(met - (less if index == chosen else 0), *rest), aggregate=aggregate))
        return next(item for item in assess(*checks).results if item.claim.id == claims[chosen][0])

    before, after = result_of(less=0).points, result_of(less=1).points
    assert after.proven <= max(before.proven, before.open) + 1e-9


@given(st.lists(st.tuples(st.sampled_from(NAMES), AGGREGATES, COUNTS), unique_by=lambda item: item[0], min_size=1, max_size=6))
def test_the_same_facts_give_the_same_bytes_whatever_the_order_of_checks(claims: Any) -> None:
    checks = [check(name, *evidence(*counts), aggregate=aggregate) for name, aggregate, counts in claims]
    assert dumps(assess(*checks)) == dumps(assess(*checks[::-1]))


@given(st.booleans(), st.text(min_size=1))
def test_every_inapplicable_claim_names_the_fact_that_makes_it_so(llm: bool, reason: str) -> None:
    judged = assess(saying(NotApplicable(reason)), known=facts(llm_application=llm)).results[0]
    assert judged.outcome is Outcome.NOT_APPLICABLE
    assert judged.summary
