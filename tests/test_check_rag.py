"""The retrieval claims, over facts made by hand."""

from collections.abc import Callable

import pytest

from checks.rag.grounding_abstain.check import assess as grounding
from checks.rag.source_attribution.check import assess as attribution
from readiness.model import (
    Abstention,
    Answer,
    Attribution,
    Facts,
    NotApplicable,
    NotCollected,
    Retrieval,
    Scope,
    Span,
    State,
    Verdict,
    Where,
)
from tests.facts_builder import call, facts, judged, shown, span

Assess = Callable[[Facts], Verdict]


def retrieval(line: int = 1, scope: Scope = Scope.PRODUCTION, **spans: Span | None) -> Retrieval:
    return Retrieval(span(line), scope, "langchain.similarity_search", **spans)


def source(line: int, origin: str, scope: Scope = Scope.PRODUCTION) -> Attribution:
    return Attribution(span(line), scope, origin, "response field")


def abstention(line: int, kind: str) -> Abstention:
    return Abstention(span(line), Scope.PRODUCTION, kind)


@pytest.mark.parametrize("assess", [attribution, grounding])
def test_nothing_applies_without_retrieval_in_production(assess: Assess) -> None:
    assert isinstance(assess(facts(call(), retrieval(scope=Scope.EXAMPLE))), NotApplicable)
    with pytest.raises(NotCollected):
        assess(facts(call(), without=[Retrieval]))


def test_sources_from_retrieval_hold_whatever_the_model_writes_besides() -> None:
    verdict = attribution(facts(call(), retrieval(), source(3, "retrieval"), source(4, "model")))
    assert shown(verdict) == [(3, "met")]


def test_sources_that_the_model_writes_are_none() -> None:
    verdict = attribution(facts(call(), retrieval(), source(4, "model"), source(5, "retrieval", Scope.TEST)))
    assert shown(verdict) == [(4, "unmet")]
    assert judged(verdict).state is State.DECLARED_ONLY


@pytest.mark.parametrize(("metadata", "word"), [(None, "dropped"), (span(2), "never reaches the answer")])
def test_dropped_metadata_is_an_absence_that_says_what_became_of_it(metadata: Span | None, word: str) -> None:
    verdict = attribution(facts(call(), retrieval(metadata_span=metadata)))
    assert [item.where for item in judged(verdict).evidence] == [Where.REPOSITORY]
    assert word in judged(verdict).evidence[0].note
    assert "src/app.py:1" in judged(verdict).evidence[0].note


def test_nobody_needs_to_name_sources_where_none_are_asked_for_but_invented_ones_stay_wrong() -> None:
    answer = Answer("knowledge.citations_required", False, "A. Sessor", "")
    verdict = attribution(facts(call(), retrieval(), answer))
    assert isinstance(verdict, NotApplicable)
    assert [item.where for item in verdict.evidence] == [Where.ANSWER]
    assert shown(attribution(facts(call(), retrieval(), answer, source(4, "model")))) == [(4, "unmet")]
    assert shown(attribution(facts(call(), retrieval(), Answer("knowledge.citations_required", True, "", "")))) == [(None, "unmet")]


@pytest.mark.parametrize("cut", ["threshold", "rerank_cut", "grading"])
@pytest.mark.parametrize("empty", ["empty_branch", "tested_clause"])
def test_a_cut_and_a_path_for_nothing_hold_together(cut: str, empty: str) -> None:
    assert shown(grounding(facts(call(), retrieval(), abstention(2, cut), abstention(5, empty)))) == [(2, "met"), (5, "met")]
    assert shown(grounding(facts(call(), retrieval(), abstention(2, cut)))) == [(2, "weak")]
    assert shown(grounding(facts(call(), retrieval(), abstention(5, empty)))) == [(5, "weak")]


def test_the_retrieval_itself_can_carry_both_and_a_place_counts_once() -> None:
    whole = retrieval(threshold=span(2), empty_branch=span(5))
    assert shown(grounding(facts(call(), whole, abstention(2, "threshold")))) == [(2, "met"), (5, "met")]


def test_a_sentence_alone_is_no_control() -> None:
    verdict = grounding(facts(call(), retrieval(), abstention(7, "prompt_clause")))
    assert shown(verdict) == [(7, "unmet")]
    assert judged(verdict).state is State.DECLARED_ONLY


def test_a_sentence_beside_a_cut_neither_helps_nor_harms() -> None:
    assert shown(grounding(facts(call(), retrieval(), abstention(2, "threshold"), abstention(7, "prompt_clause")))) == [(2, "weak")]


def test_nothing_at_all_is_an_absence() -> None:
    verdict = grounding(facts(call(), retrieval(), retrieval(4)))
    assert shown(verdict) == [(None, "unmet")]
    assert judged(verdict).state is State.ABSENT
    assert "2 retrievals" in judged(verdict).evidence[0].note
