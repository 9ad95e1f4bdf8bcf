"""What a check says becomes an outcome: every aggregate rule, and every rule that makes a verdict unknown."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from readiness.audit import hidden_by_gaps
from readiness.fingerprint import identified
from readiness.model import (
    Acceptance,
    Aggregate,
    Answer,
    Confidence,
    Evidence,
    Facts,
    Gap,
    Judged,
    LanguageCoverage,
    LanguageStat,
    NeedsContext,
    NotApplicable,
    Outcome,
    Prompt,
    RepositoryKind,
    Shows,
    Span,
    State,
    Tracer,
    Unknown,
    Verdict,
    Where,
    absent,
    at,
)
from readiness.registry import Check
from readiness.verdicts import gap_share
from tests.facts_builder import call, facts, subject
from tests.score_builder import AS_OF, assess, check, claim, evidence, failing, passing, saying

SHARE, WORST, EXISTENCE = Aggregate.SHARE, Aggregate.WORST, Aggregate.EXISTENCE
PYTHON = LanguageStat("python", 10, 1000, 900, LanguageCoverage.FULL)
GO = LanguageStat("go", 10, 1000, 900, LanguageCoverage.NAMES, names_llm=True)
ABSENT = Judged((absent("Nothing in 12 files."),), State.ABSENT, "No redactor was found.")


@pytest.mark.parametrize(
    ("aggregate", "counts", "outcome", "credit"),
    [
        (SHARE, (1, 0, 0, 0), "pass", 1.0),
        (SHARE, (19, 0, 1, 0), "pass", 1.0),
        (SHARE, (18, 1, 1, 0), "partial", 18.5 / 20),
        (SHARE, (1, 0, 1, 0), "partial", 0.5),
        (SHARE, (0, 2, 0, 0), "partial", 0.5),
        (SHARE, (0, 1, 1, 0), "fail", 0.0),
        (SHARE, (3, 0, 1, 1), "partial", 0.75),
        (SHARE, (19, 0, 0, 1), "pass", 1.0),
        (SHARE, (1, 0, 0, 1), "unknown", 0.0),
        (SHARE, (0, 0, 3, 1), "fail", 0.0),
        (SHARE, (0, 0, 1, 1), "unknown", 0.0),
        (SHARE, (0, 0, 0, 2), "unknown", 0.0),
        (WORST, (2, 0, 0, 0), "pass", 1.0),
        (WORST, (2, 1, 0, 0), "partial", 0.5),
        (WORST, (99, 0, 1, 0), "fail", 0.0),
        (WORST, (0, 1, 1, 5), "fail", 0.0),
        (WORST, (5, 1, 0, 1), "unknown", 0.0),
        (EXISTENCE, (2, 0, 0, 0), "pass", 1.0),
        (EXISTENCE, (1, 0, 1, 0), "partial", 0.5),
        (EXISTENCE, (1, 1, 0, 0), "partial", 0.5),
        (EXISTENCE, (0, 1, 0, 0), "partial", 0.5),
        (EXISTENCE, (0, 1, 3, 0), "partial", 0.5),
        (EXISTENCE, (1, 0, 0, 1), "partial", 0.5),
        (EXISTENCE, (0, 0, 1, 0), "fail", 0.0),
        (EXISTENCE, (0, 0, 1, 1), "unknown", 0.0),
        (EXISTENCE, (0, 0, 0, 1), "unknown", 0.0),
    ],
)  # fmt: skip
def test_sites_add_up_by_the_rule_of_the_claim(
    aggregate: Aggregate, counts: tuple[int, int, int, int], outcome: str, credit: float
) -> None:
    result = assess(check("rel.timeouts", *evidence(*counts), aggregate=aggregate)).results[0]
    assert (result.outcome.value, result.credit) == (outcome, credit)


@pytest.mark.parametrize(
    ("verdict", "outcome", "headline"),
    [
        (Judged(evidence(met=1), State.WIRED, "Seen."), "pass", "It holds."),
        (Judged(evidence(met=1, unmet=1), State.WIRED, "Seen."), "partial", "It holds in part."),
        (ABSENT, "fail", "It fails."),
        (Unknown("Nobody can tell."), "unknown", "Not assessed: Does it hold?"),
        (NeedsContext("Is data personal?", ("data.personal",)), "needs_context", "An answer is needed: Does it hold?"),
        (NotApplicable("Nothing is retrieved."), "not_applicable", "Does not apply: Does it hold?"),
    ],
)
def test_the_headline_is_the_claims_own_sentence(verdict: Verdict, outcome: str, headline: str) -> None:
    result = assess(saying(verdict)).results[0]
    assert (result.outcome.value, result.headline) == (outcome, headline)
    assert result.summary


def test_only_a_judgement_keeps_its_state() -> None:
    states = [assess(saying(verdict)).results[0].state for verdict in (ABSENT, Unknown("?"), NotApplicable("No."))]
    assert states == [State.ABSENT, None, None]


def test_a_kind_nobody_looked_for_leaves_the_claim_unknown() -> None:
    def ask(known: Facts) -> Verdict:
        known.all(Tracer)
        raise AssertionError("not reached")

    result = assess(Check(claim(), ask, Path("cases.md")), known=facts(without=[Tracer])).results[0]
    assert (result.outcome, result.summary) == (Outcome.UNKNOWN, "Not assessed: nobody looked.")


@pytest.mark.parametrize("broken", [lambda _: 1 / 0, lambda _: None])
def test_a_check_that_crashes_is_unknown_and_a_gap_and_the_others_still_run(broken: Any) -> None:
    result = assess(Check(claim("obs.latency"), broken, Path("cases.md")), passing("sec.secrets"))
    assert [item.outcome for item in result.results] == [Outcome.UNKNOWN, Outcome.PASS]
    assert [gap.collector for gap in result.gaps] == ["check obs.latency"]
    assert hidden_by_gaps(result) == pytest.approx(result.results[0].points.at_stake)


def unread(lines: int, language: str = "python", path: str = "src/big.py") -> Gap:
    return Gap("calls", "too large", path, lines, language)


@pytest.mark.parametrize(
    ("gaps", "outcome"),
    [
        ([], "fail"),
        ([unread(45)], "fail"),
        ([unread(46)], "unknown"),
        ([unread(30), unread(16, path="src/other.py")], "unknown"),
        ([unread(30), unread(30)], "fail"),
        ([unread(500, "css")], "fail"),
        ([unread(46, "")], "unknown"),
        ([Gap("inventory", "more than 50,000 files")], "unknown"),
    ],
)
def test_an_absence_is_not_proven_when_too_much_was_not_read(gaps: list[Gap], outcome: str) -> None:
    result = assess(saying(ABSENT), known=facts(gaps=tuple(gaps)))
    assert result.results[0].outcome.value == outcome
    assert (hidden_by_gaps(result) > 0) is (outcome == "unknown")


def test_gaps_leave_alone_what_was_seen() -> None:
    known = facts(gaps=(unread(900),))
    seen = assess(passing("sec.secrets"), check("sec.output-sinks", *evidence(unmet=1)), known=known)
    assert [result.outcome for result in seen.results] == [Outcome.FAIL, Outcome.PASS]


def test_configuration_counts_as_production_lines_and_prose_does_not() -> None:
    yaml = LanguageStat("yaml", 1, 100, 100, LanguageCoverage.FULL, programming=False)
    css = LanguageStat("css", 1, 8000, 8000, LanguageCoverage.FULL, programming=False)
    assert gap_share(subject(languages=(PYTHON, yaml, css)), [unread(50, "yaml")]) == pytest.approx(0.05)


@pytest.mark.parametrize("verdict", [ABSENT, NotApplicable("Nothing is retrieved.")])
def test_nothing_is_absent_where_a_language_that_calls_models_cannot_be_read(verdict: Verdict) -> None:
    result = assess(saying(verdict), known=facts(languages=(PYTHON, GO))).results[0]
    assert result.outcome is Outcome.UNKNOWN
    assert "written in Go" in result.summary


@pytest.mark.parametrize("fields", [{"names_llm": False, "production_lines": 10}, {"coverage": LanguageCoverage.FULL}])
def test_another_language_takes_nothing_away_that_is_small_or_understood(fields: dict[str, Any]) -> None:
    result = assess(saying(ABSENT), known=facts(languages=(PYTHON, replace(GO, **fields)))).results[0]
    assert result.outcome is Outcome.FAIL


def test_what_was_seen_stands_beside_a_language_that_cannot_be_read() -> None:
    known = facts(languages=(PYTHON, GO))
    assert [item.outcome for item in assess(passing("sec.secrets"), check("sec.output-sinks", *evidence(unmet=1)), known=known).results] == [Outcome.FAIL, Outcome.PASS]  # fmt: skip


def test_an_answer_that_makes_a_claim_inapplicable_needs_no_search() -> None:
    answered = NotApplicable("Declared: no personal data.", (Evidence(Shows.MET, "data.personal: no", None, Where.ANSWER),))
    result = assess(saying(answered), known=facts(languages=(PYTHON, GO), gaps=(unread(900),))).results[0]
    assert result.outcome is Outcome.NOT_APPLICABLE


@pytest.mark.parametrize(
    ("kind", "needs", "verdict", "outcome"),
    [
        ("package", "ci", ABSENT, "unknown"),
        ("package", "tests", ABSENT, "unknown"),
        ("package", "ci", Judged(evidence(met=1, unmet=1), State.WIRED, "Seen."), "unknown"),
        ("package", "ci", Judged(evidence(met=1), State.WIRED, "Seen."), "pass"),
        ("package", "ci", NotApplicable("No prompt."), "not_applicable"),
        ("package", "code", ABSENT, "fail"),
        ("application", "ci", ABSENT, "fail"),
        ("library", "tests", ABSENT, "fail"),
    ],
)
def test_a_package_is_not_judged_by_what_it_does_not_ship(kind: str, needs: str, verdict: Verdict, outcome: str) -> None:
    known = facts(kind=RepositoryKind(kind), has_ci=False, has_tests=False)
    assert assess(saying(verdict, claim(needs=needs)), known=known).results[0].outcome.value == outcome


@pytest.mark.parametrize("needs", ["ci", "tests"])
def test_a_package_that_ships_its_ci_and_tests_is_judged_by_them(needs: str) -> None:
    known = facts(kind=RepositoryKind.PACKAGE)
    assert assess(saying(ABSENT, claim(needs=needs)), known=known).results[0].outcome is Outcome.FAIL


def test_where_no_model_is_called_nothing_applies_and_there_is_no_score() -> None:
    known = facts(llm_application=False, kind=RepositoryKind.NOT_LLM, gaps=(unread(900),))
    result = assess(failing("sec.secrets"), passing("obs.llm-tracing"), known=known)
    assert {item.outcome for item in result.results} == {Outcome.NOT_APPLICABLE}
    assert all("10 files" in item.summary for item in result.results)
    assert (result.score, result.actions) == (None, ())


def test_results_stand_in_the_order_of_the_report_whatever_order_they_came_in() -> None:
    names = ["rel.timeouts", "sec.secrets", "model.version-pinned", "sec.input-guard"]
    expected = ["model.version-pinned", "sec.input-guard", "sec.secrets", "rel.timeouts"]
    for order in (names, names[::-1]):
        assert [result.claim.id for result in assess(*map(passing, order)).results] == expected


def test_what_the_facts_say_is_carried_over() -> None:
    answer = Answer("data.personal", value=True, declared_by="A. Person", on="2026-11-20")
    result = assess(passing("sec.secrets"), known=facts(call(3), answer))
    assert [item.span.line for item in result.model_calls] == [3]
    assert (result.context, result.prompts, result.as_of, result.claims_total) == ((answer,), (), AS_OF, 59)
    assert assess(passing("sec.secrets"), known=facts(without=[Prompt])).prompts == ()


@pytest.mark.parametrize(
    ("made", "until", "kept"),
    [
        (failing, AS_OF, True),
        (failing, date(2026, 11, 22), False),
        (passing, date(2027, 1, 1), False),
    ],
)
def test_a_risk_is_accepted_until_its_end_and_only_where_there_is_one(made: Any, until: date, kept: bool) -> None:
    acceptance = Acceptance("sec.secrets", "Rotated weekly.", "CISO", until)
    result = assess(made("sec.secrets"), acceptances=[acceptance]).results[0]
    assert result.accepted == (acceptance if kept else None)


# ------------------------------------------------------------------------------------------------ fingerprints


def prints(*items: Evidence, of: str = "sec.secrets") -> list[tuple[str, str]]:
    return [(site.fingerprint, site.fingerprint_moved) for site in identified(of, items)]


def place(line: int, path: str = "a.py", symbol: str = "f", snippet: str = "x = 1") -> Evidence:
    return at(Shows.UNMET, Span(path, line, line, symbol, snippet), "Here.")


def test_a_fingerprint_survives_moved_lines_and_reindentation() -> None:
    assert prints(place(3)) == prints(place(90, snippet="  x  =\n 1"))


@pytest.mark.parametrize("other", [{"symbol": "g"}, {"snippet": "x = 2"}])
def test_another_symbol_or_text_is_another_site(other: dict[str, Any]) -> None:
    assert not set(prints(place(3))[0]) & set(prints(place(3, **other))[0])


def test_a_moved_file_keeps_the_second_fingerprint_only() -> None:
    (here, anywhere), (there, anywhere_too) = prints(place(3))[0], prints(place(3, path="b.py"))[0]
    assert here != there
    assert anywhere == anywhere_too


def test_equal_sites_are_told_apart_by_their_order() -> None:
    two = prints(place(3), place(9))
    assert len({*two[0], *two[1]}) == 4
    assert prints(place(9), place(3)) == two


def test_another_check_is_another_site_and_an_absence_has_one_name() -> None:
    assert prints(place(3)) != prints(place(3), of="obs.latency")
    assert prints(absent("Nothing in 12 files.")) == prints(absent("Nothing in 13 files."))
    assert prints(absent("Nothing.")) != prints(absent("Nothing."), of="obs.latency")


SITES = (*evidence(met=2, unmet=3, unresolved=1), absent("None."), place(3), place(3), place(4))


@given(st.permutations(SITES))
def test_sites_stand_in_one_order(items: Iterable[Evidence]) -> None:
    ordinary = identified("sec.secrets", SITES)
    assert identified("sec.secrets", items) == ordinary


def test_low_confidence_and_missing_answers_are_kept() -> None:
    judged = Judged(evidence(unmet=1), State.BROKEN, "Seen.", Confidence.LOW, ("data.personal",))
    result = assess(saying(judged)).results[0]
    assert (result.confidence, result.missing, result.state) == (Confidence.LOW, ("data.personal",), State.BROKEN)
