"""Turns what a check says into the outcome that is printed: the aggregate rules, and every rule that makes a verdict unknown."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Final, assert_never

from readiness.model import (
    Aggregate,
    Claim,
    Confidence,
    Evidence,
    Gap,
    Judged,
    LanguageCoverage,
    NeedsContext,
    NotApplicable,
    Outcome,
    RepositoryKind,
    Shows,
    State,
    Subject,
    Unknown,
    Verdict,
    Where,
)
from readiness.model.words import language

SHARE_PASS: Final = 0.95
SHARE_PARTIAL: Final = 0.5
"""Least share of met sites for a pass and a partial verdict of a `share` claim; DESIGN section 5 sets both."""
GAP_LIMIT: Final = 0.05
"""Largest share of relevant production lines that may be gaps while an absence still counts as proven; DESIGN section 2."""
CONFIGURATION: Final = frozenset(
    {"yaml", "toml", "json", "env", "ini", "dockerfile", "terraform", "bicep", "helm", "xml", "properties"}
)
"""Formats that decide how a system runs, so their production lines are relevant beside those of programming languages."""


@dataclass(frozen=True, slots=True)
class Decision:
    """An outcome with what it rests on. `credit` is 0 to 1."""

    outcome: Outcome
    credit: float
    state: State | None
    confidence: Confidence
    summary: str
    evidence: tuple[Evidence, ...]
    missing: tuple[str, ...] = ()


def decide(claim: Claim, verdict: Verdict, subject: Subject, gaps: tuple[Gap, ...]) -> Decision:
    """The outcome of a claim, given what its check says, what was audited and what could not be read."""
    match verdict:
        case Judged():
            return _doubt(claim, _judge(claim.aggregate, verdict), subject, gaps)
        case NotApplicable(reason, evidence):
            decision = Decision(Outcome.NOT_APPLICABLE, 0.0, None, Confidence.HIGH, reason, evidence)
            return _doubt(claim, decision, subject, gaps)
        case Unknown(reason, evidence, missing):
            return Decision(Outcome.UNKNOWN, 0.0, None, Confidence.LOW, reason, evidence, missing)
        case NeedsContext(reason, missing, evidence):
            return Decision(Outcome.NEEDS_CONTEXT, 0.0, None, Confidence.LOW, reason, evidence, missing)
        case _:
            assert_never(verdict)


def gap_share(subject: Subject, gaps: Iterable[Gap]) -> float:
    """Share (0 to 1) of the relevant production lines that were not read: gaps, and languages without a collector.

    A file counts once, whatever failed on it.
    """
    relevant = {stat.name for stat in subject.languages if stat.programming} | CONFIGURATION
    lost: dict[str, int] = {}
    for gap in gaps:
        if gap.path is not None and (gap.language in relevant or not gap.language):
            lost[gap.path] = max(lost.get(gap.path, 0), gap.lines)
    total = sum(stat.production_lines for stat in subject.languages if stat.name in relevant)
    unread = sum(
        stat.production_lines for stat in subject.languages if stat.programming and stat.coverage is LanguageCoverage.NAMES
    )
    missed = sum(lost.values()) + unread
    return missed / max(total, missed) if missed else 0.0


def unread(subject: Subject, gaps: Iterable[Gap]) -> str:
    """Why an absence is not proven here, or nothing: too many lines were not read, or a gap of no one file has no bounds."""
    gaps = tuple(gaps)
    share = gap_share(subject, gaps)
    if share > GAP_LIMIT:
        return f"{share:.0%} of the production lines could not be read"
    return "a part of the repository could not be read" if any(gap.path is None for gap in gaps) else ""


def unread_languages(subject: Subject) -> tuple[str, ...]:
    """Languages whose production code names an LLM package, host or model and in which an absence is not yet provable."""
    return tuple(stat.name for stat in subject.languages if stat.names_llm and stat.coverage is not LanguageCoverage.FULL)


def _judge(aggregate: Aggregate, judged: Judged) -> Decision:
    count = Counter(item.shows for item in judged.evidence)
    met, weak, unmet, unresolved = (count[shows] for shows in (Shows.MET, Shows.WEAK, Shows.UNMET, Shows.UNRESOLVED))
    match aggregate:
        case Aggregate.SHARE:
            outcome = _by_share(met, weak, unmet, unresolved)
        case Aggregate.WORST:
            outcome = _by_worst(weak, unmet, unresolved)
        case Aggregate.EXISTENCE:
            outcome = _by_existence(met, weak, unmet, unresolved)
        case _:
            assert_never(aggregate)
    decision = Decision(
        outcome, 0.0, judged.state, judged.confidence, judged.summary, judged.evidence, judged.missing,
    )  # fmt: skip
    if outcome is Outcome.UNKNOWN:
        reason = f"What {_sites(unresolved)} would show, if it could be told, could change the verdict."
        return _unknown(decision, f"{reason} {decision.summary}")
    return replace(decision, credit=_credit(aggregate, outcome, met, weak, unmet))


def _by_share(met: int, weak: int, unmet: int, unresolved: int) -> Outcome:
    best = _share_outcome(met + unresolved + 0.5 * weak, met + weak + unmet + unresolved)
    worst = _share_outcome(met + 0.5 * weak, met + weak + unmet + unresolved)
    return best if best is worst else Outcome.UNKNOWN


def _share_outcome(met: float, total: int) -> Outcome:
    if met / total >= SHARE_PASS:
        return Outcome.PASS
    return Outcome.PARTIAL if met / total >= SHARE_PARTIAL else Outcome.FAIL


def _by_worst(weak: int, unmet: int, unresolved: int) -> Outcome:
    if unmet:
        return Outcome.FAIL
    if unresolved:
        return Outcome.UNKNOWN
    return Outcome.PARTIAL if weak else Outcome.PASS


def _by_existence(met: int, weak: int, unmet: int, unresolved: int) -> Outcome:
    if not met and not weak:
        return Outcome.UNKNOWN if unresolved else Outcome.FAIL
    return Outcome.PASS if not (weak or unmet or unresolved) else Outcome.PARTIAL


def _credit(aggregate: Aggregate, outcome: Outcome, met: int, weak: int, unmet: int) -> float:
    if outcome is Outcome.PARTIAL:
        return (met + 0.5 * weak) / (met + weak + unmet) if aggregate is Aggregate.SHARE else 0.5
    return 1.0 if outcome is Outcome.PASS else 0.0


def _doubt(claim: Claim, decision: Decision, subject: Subject, gaps: tuple[Gap, ...]) -> Decision:
    """The decision, or unknown where what was not seen could overturn it. A pass that rests on what was seen stands."""
    if decision.outcome is Outcome.UNKNOWN or subject.llm_application is False:
        return decision
    unseen = "" if decision.outcome is Outcome.PASS else _unseen(claim, decision, subject)
    if unseen:
        return _unknown(decision, unseen)
    if _rests_on_absence(decision):
        languages = unread_languages(subject)
        if languages or subject.llm_application is None:
            where = f"in {', '.join(map(language, languages))}" if languages else "here"
            return _unknown(
                decision, f"Nothing was found, but code that is written {where} cannot be read yet, so an absence is not proven."
            )
        hidden = unread(subject, gaps)
        if hidden:
            return _unknown(decision, f"Nothing was found, but {hidden}.")
    return decision


def _unseen(claim: Claim, decision: Decision, subject: Subject) -> str:
    if subject.kind is not RepositoryKind.PACKAGE or decision.outcome is Outcome.NOT_APPLICABLE:
        return ""
    match claim.needs:
        case "ci" if not subject.has_ci:
            return "A package was audited that ships no CI definitions."
        case "tests" if not subject.has_tests:
            return "A package was audited that ships no tests."
        case _:
            return ""


def _rests_on_absence(decision: Decision) -> bool:
    if decision.outcome is Outcome.NOT_APPLICABLE:
        return all(item.where is not Where.ANSWER for item in decision.evidence)
    deciding = {Outcome.PASS: Shows.MET, Outcome.FAIL: Shows.UNMET}.get(decision.outcome)
    found = [item for item in decision.evidence if item.shows is deciding]
    return deciding is not None and all(item.where is Where.REPOSITORY for item in found)


def _unknown(decision: Decision, reason: str) -> Decision:
    return replace(decision, outcome=Outcome.UNKNOWN, credit=0.0, state=None, confidence=Confidence.LOW, summary=reason)


def _sites(count: int) -> str:
    return "one place" if count == 1 else f"{count} places"
