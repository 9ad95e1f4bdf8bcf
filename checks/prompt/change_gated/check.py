"""Change gate: does a change of a prompt or a model have to pass an evaluation before it can be merged?"""

from readiness.model import CiJob, EvalSuite, Evidence, Facts, Judged, NotApplicable, Shows, State, Tier, Verdict, absent, at
from readiness.model.words import counted

SCORED = "eval"
ASSERTED = frozenset({"live_tests", "adversarial"})


def assess(facts: Facts) -> Verdict:
    """Judge the best gate there is: what stands beside a gate that holds does not weaken it."""
    calls = [call for call in facts.calls() if call.generative]
    if not calls:
        return NotApplicable("No production code asks a model for text.")
    jobs = facts.all(CiJob)
    gates = [job for job in jobs if job.runs_on_change and job.blocking]
    scored = [job for job in gates if job.evaluates == SCORED]
    protection = facts.answer("evidence.branch_protection")
    if scored and protection is not None and protection.value is False:
        evidence = tuple(_gate(Shows.WEAK, job, "evaluates every change, but the branch does not require it") for job in scored)
        return Judged(evidence, State.WIRED, "CI evaluates every change, and a failure does not keep it from being merged.")
    if scored:
        evidence = tuple(
            _gate(Shows.MET, job, "evaluates real answers on every change, and a bad result stops it") for job in scored
        )
        return Judged(evidence, State.ENFORCED, "A change has to pass an evaluation in CI.")
    live = [job for job in gates if job.evaluates in ASSERTED]
    if live:
        evidence = tuple(
            _gate(Shows.WEAK, job, "calls real models and can stop a change, but scores no evaluation set") for job in live
        )
        return Judged(evidence, State.WIRED, "Tests against real models can stop a change; nothing scores the answers.")
    unseen = [job for job in jobs if job.evaluates == "unseen"]
    if unseen:
        evidence = tuple(at(Shows.UNRESOLVED, job.span, "What this job runs is kept in another repository.") for job in unseen)
        return Judged(evidence, State.EXTERNAL, "CI hands the evaluation to something kept elsewhere.")
    return _no_gate(jobs, [suite for suite in facts.all(EvalSuite) if suite.live and not suite.adversarial])


def _gate(shows: Shows, job: CiJob, does: str) -> Evidence:
    return at(shows, job.span, f"The job '{job.name}' {does}.", tier=Tier.ENFORCED)


def _no_gate(jobs: tuple[CiJob, ...], suites: list[EvalSuite]) -> Judged:
    tried = [job for job in jobs if job.evaluates == SCORED or job.evaluates in ASSERTED]
    if tried:
        evidence = tuple(at(Shows.UNMET, job.span, _why(job), tier=Tier.DECLARED) for job in tried)
        return Judged(evidence, State.BROKEN, "CI runs an evaluation that cannot stop a change.")
    if suites:
        note = "No CI job runs this evaluation: it is started by hand."
        evidence = tuple(at(Shows.UNMET, suite.span, note, tier=Tier.DECLARED) for suite in suites)
        return Judged(evidence, State.DECLARED_ONLY, "An evaluation exists, and CI does not run it.")
    return Judged((absent(_searched(jobs)),), State.ABSENT, "No evaluation of prompts or models exists in CI.")


def _why(job: CiJob) -> str:
    if job.note:
        return job.note
    if job.runs_on_change:
        return f"The job '{job.name}' evaluates, but its failure stops nothing."
    return f"The job '{job.name}' evaluates, but not on a change of a prompt (it runs on {', '.join(job.triggers) or 'nothing'})."


def _searched(jobs: tuple[CiJob, ...]) -> str:
    if not jobs:
        return "No CI definition of any system was found, and no evaluation."
    tests = sum(job.evaluates == "unit_tests" for job in jobs)
    return f"{counted(len(jobs), 'CI job')}: {tests} with tests that ask no real model, none that evaluates prompts or answers."
