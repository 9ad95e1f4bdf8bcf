"""What every check promises: its words, its size, and cases that its own aggregate rule agrees with."""

from __future__ import annotations

import ast
from pathlib import PurePosixPath

import pytest

from readiness import registry
from readiness.model import Confidence, Evidence, Judged, Outcome, Span, State, Where
from readiness.registry import Check
from readiness.verdicts import decide
from tests.case_files import DECIDED, Case, Mark, parse
from tests.facts_builder import subject

CHECKS = registry.load()
LANGUAGES = {
    ".py": "python",
    ".ipynb": "python",
    ".ts": "typescript",
    ".tsx": "typescript",
    ".js": "typescript",
    ".jsx": "typescript",
}
LONGEST = 80
"""Lines, without imports: the formatter gives each imported name one."""
every_check = pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.claim.id)


def cases(check: Check) -> tuple[Case, ...]:
    return parse(check.examples)


def evidence(mark: Mark) -> Evidence:
    if mark.path is None or mark.line is None:
        return Evidence(mark.shows, "Searched.", None, Where.REPOSITORY)
    return Evidence(mark.shows, "Seen.", Span(mark.path, mark.line, mark.line))


ADDED_UP = [
    pytest.param(check, case, id=f"{check.claim.id}:{case.line}")
    for check in CHECKS
    for case in cases(check)
    if case.verdict in DECIDED
]


@every_check
def test_its_words_are_sentences_that_differ(check: Check) -> None:
    claim = check.claim
    sentences = (claim.holds, claim.fails, claim.partly, claim.why, claim.remedy)
    assert [text for text in sentences if not text.endswith(".") or not text[0].isupper() or "  " in text] == []
    assert len({claim.holds, claim.fails, claim.partly}) == 3
    assert claim.question.endswith("?")
    assert claim.references


@every_check
def test_it_is_short_and_has_one_public_function(check: Check) -> None:
    text = check.cases.with_name("check.py").read_text(encoding="utf-8")
    body = ast.parse(text).body
    imports = sum((node.end_lineno or 0) - node.lineno + 1 for node in body if isinstance(node, ast.Import | ast.ImportFrom))
    assert len(text.splitlines()) - imports <= LONGEST
    functions = [node.name for node in body if isinstance(node, ast.FunctionDef)]
    assert [name for name in functions if not name.startswith("_")] == ["assess"]


@every_check
def test_its_cases_cover_both_languages_and_every_way_it_can_end(check: Check) -> None:
    found = cases(check)
    languages = {LANGUAGES.get(PurePosixPath(path).suffix) for case in found for path, _ in case.files} - {None}
    verdicts = {case.verdict for case in found}
    assert languages == {"python", "typescript"}
    assert {Outcome.PASS, Outcome.FAIL} <= verdicts
    assert verdicts & {Outcome.NOT_APPLICABLE, Outcome.UNKNOWN, Outcome.NEEDS_CONTEXT}
    assert len({case.title for case in found}) == len(found)


@pytest.mark.parametrize(("check", "case"), ADDED_UP)
def test_the_marks_of_a_case_add_up_to_its_verdict(check: Check, case: Case) -> None:
    verdict = Judged(tuple(evidence(mark) for mark in case.marks), State.WIRED, "", Confidence.HIGH)
    assert decide(check.claim, verdict, subject(), ()).outcome is case.verdict
    assert case.state is not None
