"""The claims on prompts, over facts made by hand."""

from collections.abc import Callable
from typing import Any

import pytest

from checks.prompt.adversarial_tests.check import assess as adversarial
from checks.prompt.change_gated.check import assess as gated
from checks.prompt.golden_dataset.check import assess as golden
from checks.prompt.structured_output.check import assess as structured
from checks.prompt.version_controlled.check import assess as versioned
from readiness.model import (
    Answer,
    CallKind,
    CiJob,
    Confidence,
    Contract,
    Dataset,
    Dependency,
    EvalSuite,
    Facts,
    ModelCall,
    NotApplicable,
    Prompt,
    PromptSource,
    Retrieval,
    Scope,
    Shows,
    State,
    Storage,
    Use,
    Verdict,
    Where,
)
from tests.facts_builder import call, facts, judged, shown, span

Assess = Callable[[Facts], Verdict]


def reading(line: int, contract: Contract, *kinds: str) -> ModelCall:
    return call(line, contract=contract, uses=tuple(Use(kind, span(line + 1)) for kind in kinds))


def job(
    line: int,
    evaluates: str = "",
    *,
    on_change: bool = True,
    blocking: bool = True,
    triggers: tuple[str, ...] = ("pull_request",),
    **fields: Any,
) -> CiJob:
    return CiJob(
        span(line, ".github/workflows/ci.yml"),
        "github",
        f"job-{line}",
        triggers,
        ("run",),
        on_change,
        blocking,
        evaluates=evaluates,
        **fields,
    )


def suite(line: int, *, adversarial: bool = False, live: bool = True) -> EvalSuite:
    return EvalSuite(span(line, "evals/run.py"), "own", "python evals/run.py", live=live, can_fail=True, adversarial=adversarial)


def cases(
    line: int, rows: int | None, *, expected: bool = True, used: bool = True, asserted: bool = True, **fields: Any
) -> Dataset:
    return Dataset(span(line, "evals/cases.jsonl"), rows, expected, used, asserted, **fields)


def state(verdict: Verdict) -> State:
    return judged(verdict).state


@pytest.mark.parametrize("assess", [adversarial, gated, golden, structured, versioned])
def test_nothing_applies_where_nothing_is_generated(assess: Assess) -> None:
    assert isinstance(assess(facts(call(kind=CallKind.EMBEDDING), call(2, scope=Scope.TEST))), NotApplicable)


# ------------------------------------------------------------------------------------------- structured output


@pytest.mark.parametrize(
    ("contract", "use", "expected"),
    [
        (Contract.SCHEMA, "parsed", "met"),
        (Contract.JSON_MODE, "parsed", "weak"),
        (Contract.TOOLS, "tool_arguments", "weak"),
        (Contract.TOOLS, "parsed", "unmet"),
        (Contract.FREE_TEXT, "branched", "unmet"),
        (Contract.UNRESOLVED, "parsed", "unresolved"),
    ],
)
def test_a_call_is_judged_by_its_contract_where_code_reads_the_answer(contract: Contract, use: str, expected: str) -> None:
    assert shown(structured(facts(reading(3, contract, "usage", use)))) == [(3, expected)]


def test_prose_for_people_is_not_counted() -> None:
    prose = reading(1, Contract.FREE_TEXT, "shown", "stored", "usage")
    assert isinstance(structured(facts(prose)), NotApplicable)
    assert shown(structured(facts(prose, reading(5, Contract.SCHEMA, "parsed")))) == [(5, "met")]


def test_an_unmet_call_says_where_its_text_is_read() -> None:
    verdict = structured(facts(reading(3, Contract.FREE_TEXT, "parsed")))
    assert "src/app.py:4" in judged(verdict).evidence[0].note
    assert judged(verdict).state is State.ABSENT


# ------------------------------------------------------------------------------------------ version controlled


def prompt(line: int, scope: Scope = Scope.PRODUCTION) -> Prompt:
    return Prompt(span(line), scope, Storage.CONSTANT)


def store(line: int, **fields: Any) -> PromptSource:
    return PromptSource(span(line), Scope.PRODUCTION, "db", **fields)


def test_what_the_repository_holds_is_under_version_control() -> None:
    assert shown(versioned(facts(call(), prompt(4), prompt(9, Scope.TEST)))) == [(4, "met")]


@pytest.mark.parametrize(("fields", "expected"), [({"pinned": True}, "met"), ({"seeded": True}, "weak"), ({}, "unmet")])
def test_a_store_is_as_good_as_its_pin(fields: dict[str, Any], expected: str) -> None:
    assert shown(versioned(facts(call(), prompt(4), store(8, **fields)))) == [(4, "met"), (8, expected)]


def test_a_store_alone_is_outside() -> None:
    assert state(versioned(facts(call(), store(8)))) is State.EXTERNAL


@pytest.mark.parametrize(("name", "locked", "expected"), [
    ("langchain", "0.3.27", "met"),
    ("langchain-openai", "0.3.1", "met"),
    ("@langchain/core", "0.3.1", "met"),
    ("langchain", None, "unmet"),
    ("langchainhub", "0.1.0", "unmet"),
])  # fmt: skip
def test_a_frameworks_own_prompt_is_as_fixed_as_its_version(name: str, locked: str | None, expected: str) -> None:
    dependency = Dependency(span(1, "requirements.txt"), "pypi", name, "", locked)
    verdict = versioned(facts(call(3, sdk="langchain", builtin_prompt=True), dependency))
    assert shown(verdict) == [(3, expected)]
    assert judged(verdict).confidence is Confidence.LOW


def test_a_call_that_no_store_reaches_says_only_what_is_in_the_code() -> None:
    verdict = versioned(facts(call(3)))
    assert shown(verdict) == [(3, "met")]
    assert judged(verdict).confidence is Confidence.LOW


# ------------------------------------------------------------------------------------------------ change gated


def test_the_best_gate_decides() -> None:
    verdict = gated(facts(call(), job(1, "eval"), job(2, "live_tests"), job(3, "eval", blocking=False), suite(1)))
    assert shown(verdict) == [(1, "met")]
    assert state(verdict) is State.ENFORCED


@pytest.mark.parametrize(("protected", "expected"), [(True, "met"), (False, "weak")])
def test_a_branch_that_does_not_require_the_gate_leaves_half_of_it(protected: bool, expected: str) -> None:
    answer = Answer("evidence.branch_protection", protected, "A. Sessor", "")
    assert shown(gated(facts(call(), job(1, "eval"), answer))) == [(1, expected)]


def test_an_evaluation_kept_elsewhere_is_not_judged_where_nothing_better_stands() -> None:
    assert shown(gated(facts(call(), job(1, "unseen"), suite(5)))) == [(1, "unresolved")]
    assert shown(gated(facts(call(), job(1, "unseen"), job(2, "eval")))) == [(2, "met")]


@pytest.mark.parametrize("kind", ["live_tests", "adversarial"])
def test_live_tests_without_a_score_are_half_a_gate(kind: str) -> None:
    assert shown(gated(facts(call(), job(2, kind), job(3, "unit_tests")))) == [(2, "weak")]


@pytest.mark.parametrize(("fields", "why"), [
    ({"blocking": False}, "stops nothing"),
    ({"on_change": False, "triggers": ("workflow_dispatch",)}, "workflow_dispatch"),
    ({"on_change": False, "triggers": ("release",)}, "release"),
    ({"blocking": False, "note": "The script exits with zero."}, "The script exits with zero."),
])  # fmt: skip
def test_an_evaluation_that_cannot_stop_a_change_is_a_broken_gate(fields: dict[str, Any], why: str) -> None:
    verdict = gated(facts(call(), job(2, "eval", **fields)))
    assert shown(verdict) == [(2, "unmet")]
    assert state(verdict) is State.BROKEN
    assert why in judged(verdict).evidence[0].note


def test_attacks_and_tests_on_a_double_are_no_evaluation_of_changes() -> None:
    assert shown(gated(facts(call(), suite(5, adversarial=True), suite(6, live=False)))) == [(None, "unmet")]


def test_an_evaluation_started_by_hand_is_only_declared() -> None:
    verdict = gated(facts(call(), suite(5), job(2, "unit_tests")))
    assert shown(verdict) == [(5, "unmet")]
    assert state(verdict) is State.DECLARED_ONLY


@pytest.mark.parametrize(("jobs", "words"), [((), "No CI definition"), ((job(2, "unit_tests"), job(3)), "2 CI jobs: 1 with tests")])
def test_unit_tests_are_no_gate(jobs: tuple[CiJob, ...], words: str) -> None:
    verdict = gated(facts(call(), *jobs))
    assert shown(verdict) == [(None, "unmet")]
    assert words in judged(verdict).evidence[0].note


# ---------------------------------------------------------------------------------------------- golden dataset


@pytest.mark.parametrize(
    ("dataset", "expected"),
    [
        (cases(1, 30), "met"),
        (cases(1, None), "met"),
        (cases(1, 29), "weak"),
        (cases(1, 10), "weak"),
        (cases(1, 9), "unmet"),
        (cases(1, 300, asserted=False), "weak"),
        (cases(1, 4000, public=True), "weak"),
        (cases(1, 300, expected=False), "unmet"),
        (cases(1, 300, used=False), "unmet"),
    ],
)
def test_a_set_is_judged_by_size_reference_use_and_scoring(dataset: Dataset, expected: str) -> None:
    assert shown(golden(facts(call(), dataset))) == [(1, expected)]


def test_a_smoke_test_takes_nothing_from_a_good_set() -> None:
    assert shown(golden(facts(call(), cases(1, 3), cases(2, 40), cases(3, 12)))) == [(2, "met")]


def test_attacks_are_no_golden_set_and_an_absence_says_so() -> None:
    verdict = golden(facts(call(), cases(1, 50, adversarial=True)))
    assert shown(verdict) == [(None, "unmet")]
    assert state(verdict) is State.ABSENT


@pytest.mark.parametrize("question", ["evidence.golden_set_location", "evidence.eval_platform_url"])
def test_a_set_that_is_said_to_be_elsewhere_half_counts_where_none_is_here(question: str) -> None:
    answer = Answer(question, "the data team", "A. Sessor", "")
    verdict = golden(facts(call(), cases(1, 3), answer))
    assert [(item.where, item.shows) for item in judged(verdict).evidence] == [(Where.ANSWER, Shows.WEAK)]
    assert state(verdict) is State.EXTERNAL
    assert shown(golden(facts(call(), cases(1, 40), answer))) == [(1, "met")]


def test_a_set_that_nothing_reads_is_only_declared() -> None:
    assert state(golden(facts(call(), cases(1, 50, used=False)))) is State.DECLARED_ONLY
    assert state(golden(facts(call(), cases(1, 50, used=False), cases(2, 3)))) is State.ABSENT


# ------------------------------------------------------------------------------------------- adversarial tests

EXPOSED = call(1, user_input=True)


@pytest.mark.parametrize("exposure", [{"user_input": True}, {"has_tools": True}, {"routes": ("POST /ask",)}])
def test_exposed_calls_want_attacks(exposure: dict[str, Any]) -> None:
    verdict = adversarial(facts(call(1, **exposure)))
    assert shown(verdict) == [(None, "unmet")]
    assert judged(verdict).evidence[0].where is Where.REPOSITORY


def test_constants_alone_need_none_and_retrieved_text_does() -> None:
    assert isinstance(adversarial(facts(call())), NotApplicable)
    assert shown(adversarial(facts(call(), Retrieval(span(4), Scope.PRODUCTION, "search")))) == [(None, "unmet")]


@pytest.mark.parametrize("attack", [
    job(2, "adversarial"),
    job(2, "eval", adversarial=True),
    job(2, "adversarial", on_change=False, triggers=("schedule",)),
])  # fmt: skip
def test_attacks_that_run_by_themselves_and_can_fail_hold(attack: CiJob) -> None:
    verdict = adversarial(facts(EXPOSED, attack, suite(5, adversarial=True)))
    assert shown(verdict) == [(2, "met")]
    assert state(verdict) is State.ENFORCED


@pytest.mark.parametrize("fields", [{"blocking": False}, {"on_change": False, "triggers": ("workflow_dispatch",)}])
def test_attacks_without_consequence_half_hold(fields: dict[str, Any]) -> None:
    verdict = adversarial(facts(EXPOSED, job(2, "adversarial", **fields)))
    assert shown(verdict) == [(2, "weak")]


def test_attacks_that_nobody_schedules_half_hold() -> None:
    verdict = adversarial(facts(EXPOSED, suite(5, adversarial=True), suite(6), job(2, "eval")))
    assert shown(verdict) == [(5, "weak")]
    assert state(verdict) is State.DECLARED_ONLY


@pytest.mark.parametrize(("day", "expected"), [("2026-05-04", "weak"), ("2025-11-23", "weak"), ("2025-11-22", "unmet")])
def test_a_report_from_outside_half_counts_for_a_year(day: str, expected: str) -> None:
    answer = Answer("evidence.redteam_report.date", day, "A. Sessor", "")
    verdict = adversarial(facts(EXPOSED, answer))
    assert [(item.where, item.shows.value) for item in judged(verdict).evidence] == [(Where.ANSWER, expected)]
    assert state(verdict) is State.EXTERNAL
    assert shown(adversarial(facts(EXPOSED, answer, job(2, "adversarial")))) == [(2, "met")]


def test_attacks_on_a_mock_are_none() -> None:
    assert shown(adversarial(facts(EXPOSED, suite(5, adversarial=True, live=False)))) == [(None, "unmet")]
