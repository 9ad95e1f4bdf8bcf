"""Adversarial tests: is the application attacked, automatically, before others do it?"""

from datetime import date, timedelta
from typing import Final

from readiness.model import (
    CiJob,
    Confidence,
    EvalSuite,
    Evidence,
    Facts,
    Judged,
    ModelCall,
    NotApplicable,
    Retrieval,
    Shows,
    State,
    Tier,
    Verdict,
    absent,
    answered,
    at,
)
from readiness.model.words import counted

YEAR: Final = timedelta(days=365)


def assess(facts: Facts) -> Verdict:
    """Judge the best there is: attacks that CI runs, else attacks that somebody may run."""
    calls = [call for call in facts.calls() if call.generative]
    if not calls:
        return NotApplicable("No production code asks a model for text.")
    exposed = [call for call in calls if _untrusted(call)]
    if not exposed and not facts.production(Retrieval):
        return NotApplicable(f"No text of users or third parties reaches the {len(calls)} generative calls.")
    jobs = [job for job in facts.all(CiJob) if job.adversarial or job.evaluates == "adversarial"]
    regular = [job for job in jobs if job.blocking and (job.runs_on_change or "schedule" in job.triggers)]
    if regular:
        return Judged(tuple(_regular(job) for job in regular), State.ENFORCED, "CI attacks the application and checks the outcome.")
    if jobs:
        return Judged(tuple(_toothless(job) for job in jobs), State.WIRED, "CI attacks the application, without a consequence.")
    suites = [suite for suite in facts.all(EvalSuite) if suite.adversarial and suite.live]
    if suites:
        evidence = tuple(
            at(Shows.WEAK, suite.span, "Attacks on the real model, started by hand.", tier=Tier.DECLARED) for suite in suites
        )
        return Judged(evidence, State.DECLARED_ONLY, "Attacks exist, and nothing runs them regularly.")
    report = facts.answer("evidence.redteam_report.date")
    if report is not None and isinstance(report.value, str):
        return _report(report.value, facts.as_of)
    return Judged((absent(_searched(exposed)),), State.ABSENT, "Nobody attacks the application before its users do.")


def _untrusted(call: ModelCall) -> bool:
    return call.user_input or call.has_tools or bool(call.routes)


def _regular(job: CiJob) -> Evidence:
    return at(Shows.MET, job.span, f"The job '{job.name}' attacks the model and fails when one succeeds.", tier=Tier.ENFORCED)


def _toothless(job: CiJob) -> Evidence:
    return at(Shows.WEAK, job.span, job.note or f"The job '{job.name}' attacks the model by hand only, or cannot fail.")


def _report(day: str, today: date) -> Judged:
    """A red team from outside attacks once; after a year it attacked another application."""
    if today - date.fromisoformat(day) <= YEAR:
        said = answered(Shows.WEAK, f"A red-team report of {day} is said to exist; it was not seen.")
    else:
        said = answered(Shows.UNMET, f"The last red-team report is said to be of {day}, more than a year ago.")
    return Judged((said,), State.EXTERNAL, "The application was attacked from outside, and nothing repeats it.", Confidence.LOW)


def _searched(exposed: list[ModelCall]) -> str:
    return (
        f"Text of users or third parties reaches {counted(len(exposed), 'generative call')}: "
        "no red-team configuration, and no injection, jailbreak or leakage case that meets a real model, was "
        "found in tests, evaluations or CI."
    )
