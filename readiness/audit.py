"""Runs every check over the facts of one subject and adds up what they say."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from readiness.advise import advise
from readiness.fingerprint import identified
from readiness.model import (
    PILLARS,
    Acceptance,
    Answer,
    Assessment,
    CheckResult,
    Claim,
    Engagement,
    Facts,
    Gap,
    Identity,
    Judged,
    ModelCall,
    NeedsContext,
    NotApplicable,
    NotCollected,
    Outcome,
    Points,
    Prompt,
    Unknown,
    Verdict,
)
from readiness.registry import Check
from readiness.score import score, with_points
from readiness.verdicts import Decision, decide, unread

CATALOGUE: Final = 59
"""Claims in the catalogue of this rubric, whether they have a check yet or not."""
_CHECK: Final = "check "
_LONGEST_REASON: Final = 200


def audit(
    checks: Iterable[Check],
    facts: Facts,
    *,
    identity: Identity,
    engagement: Engagement = Engagement(),  # noqa: B008 (frozen)
    acceptances: Iterable[Acceptance] = (),
    claims_total: int = CATALOGUE,
) -> Assessment:
    """The assessment of one subject; the same checks and facts give an equal one.

    A check that crashes, or asks for facts that nobody collected, leaves its claim unknown; a crash is recorded as a gap besides.
    Acceptances that ended before the date of the facts, and those of claims that hold, have no effect.
    """
    accepted = {item.check: item for item in acceptances if item.until >= facts.as_of}
    ordered = sorted(checks, key=lambda check: (list(PILLARS).index(check.claim.pillar), check.claim.id))
    runs = [(check.claim, *_run(check, facts)) for check in ordered]
    gaps = tuple(sorted((*facts.gaps, *(crash for *_, crash in runs if crash)), key=_place))
    decisions = [(claim, decide(claim, verdict, facts.subject, facts.gaps)) for claim, verdict, _ in runs]
    results = with_points([_result(claim, decision, accepted.get(claim.id)) for claim, decision in decisions])
    total = score(results, facts.subject)
    return Assessment(
        as_of=facts.as_of,
        identity=identity,
        subject=facts.subject,
        engagement=engagement,
        model_calls=facts.by_kind.get(ModelCall, ()),
        prompts=facts.by_kind.get(Prompt, ()),
        results=results,
        context=facts.by_kind.get(Answer, ()),
        gaps=gaps,
        score=total,
        actions=advise(results, total) if total else (),
        claims_total=claims_total,
    )


def hidden_by_gaps(assessment: Assessment) -> float:
    """Points of 100 that gaps of ours keep open: claims whose check crashed, or every unknown one where too much was not read."""
    crashed = {gap.collector.removeprefix(_CHECK) for gap in assessment.gaps if gap.collector.startswith(_CHECK)}
    blind = unread(assessment.subject, [gap for gap in assessment.gaps if not gap.collector.startswith(_CHECK)])
    return sum(
        result.points.open
        for result in assessment.results
        if result.claim.id in crashed or (blind and result.outcome is Outcome.UNKNOWN)
    )


def _run(check: Check, facts: Facts) -> tuple[Verdict, Gap | None]:
    if facts.subject.llm_application is False:
        return NotApplicable(f"No file of this repository calls a model ({facts.subject.files} files were read)."), None
    try:
        verdict = check.assess(facts)
        if not isinstance(verdict, Judged | NotApplicable | Unknown | NeedsContext):
            raise TypeError(f"a check returns a verdict, not {type(verdict).__name__}")  # noqa: TRY301 (handled as any crash of a check)
    except NotCollected as missing:
        return Unknown(f"Not assessed: {missing.reason.removesuffix('.')}."), None
    except Exception as error:  # noqa: BLE001 (a crash of one check must not take the others with it)
        reason = f"{type(error).__name__}: {error}"[:_LONGEST_REASON]
        return Unknown("The check itself failed; this is a defect of the tool."), Gap(f"{_CHECK}{check.claim.id}", reason)
    return verdict, None


def _place(gap: Gap) -> tuple[str, str, str, int]:
    return gap.path or "", gap.collector, gap.reason, gap.lines


def _result(claim: Claim, decision: Decision, acceptance: Acceptance | None) -> CheckResult:
    return CheckResult(
        claim=claim,
        outcome=decision.outcome,
        state=decision.state,
        confidence=decision.confidence,
        credit=decision.credit,
        points=Points(0.0, 0.0, 0.0),
        headline=_headline(claim, decision.outcome),
        summary=decision.summary,
        sites=identified(claim.id, decision.evidence),
        missing=decision.missing,
        accepted=acceptance if decision.outcome in {Outcome.FAIL, Outcome.PARTIAL} else None,
    )


def _headline(claim: Claim, outcome: Outcome) -> str:
    match outcome:
        case Outcome.PASS:
            return claim.holds
        case Outcome.PARTIAL:
            return claim.partly
        case Outcome.FAIL:
            return claim.fails
        case Outcome.UNKNOWN:
            return f"Not assessed: {claim.question}"
        case Outcome.NEEDS_CONTEXT:
            return f"An answer is needed: {claim.question}"
        case Outcome.NOT_APPLICABLE:
            return f"Does not apply: {claim.question}"
