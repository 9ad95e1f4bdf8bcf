"""CI facts: every job of every system, what it runs in the end, when, and whether a bad result stops a change."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from fnmatch import fnmatchcase
from typing import Final

from readiness.collect import ir
from readiness.collect.evaluation.ci_commands import Classifier, Effect, action_deploys, deploys, has_credential
from readiness.collect.evaluation.ci_expand import Project, Run, expand, project
from readiness.collect.evaluation.ci_github import github_jobs, is_workflow
from readiness.collect.evaluation.ci_gitlab import gitlab_jobs, is_gitlab
from readiness.collect.evaluation.ci_jobs import Job, Step
from readiness.collect.evaluation.ci_shell import parse
from readiness.collect.evaluation.ci_systems import other_jobs
from readiness.collect.evaluation.evals import EvalFacts
from readiness.collect.evaluation.evals_scripts import is_eval_path
from readiness.collect.lower.config_tree import Tree, tree
from readiness.model import CiJob, Span

_KINDS: Final = ("eval", "adversarial", "live_tests", "unseen", "unit_tests")
_KEPT_ELSEWHERE: Final = re.compile(r"[\w.-]+/[\w.-]+/(?P<path>\.github/workflows/[\w.-]+\.ya?ml)@.+")
_MAX_TEXTS: Final = 60


def link_ci(
    configs: Sequence[ir.Config], codes: Sequence[ir.Code], evals: EvalFacts, *, prompt_paths: Collection[str] = ()
) -> tuple[CiJob, ...]:
    """The jobs of a repository's CI definitions, ordered by place.

    A job that evaluates in several ways is listed once for each kind, at the step that does it; any other job once, at its start.

    Args:
        configs: Every configuration file, shell scripts (format `shell`) and Makefiles among them.
        codes: Every source file.
        evals: The repository's evaluations, from `link_evals`.
        prompt_paths: Files that hold prompts, or call models where no prompt is known: a path filter that leaves out all of them
            is no gate.
    """
    trees = {config.path: tree(config.entries) for config in configs}
    jobs = list(_jobs(trees))
    known = project(trees, codes)
    classifier = Classifier(evals, _pytest_settings(trees))
    judge = _Judge(jobs, known, classifier, evals, prompt_paths)
    return tuple(sorted((fact for job in jobs for fact in judge.facts(job)), key=lambda fact: (fact.span, fact.evaluates)))


def _jobs(trees: Mapping[str, Tree]) -> Iterator[Job]:
    for path, root in trees.items():
        if is_workflow(path):
            yield from github_jobs(path, root, trees)
        elif is_gitlab(path):
            yield from gitlab_jobs(path, root, trees)
        else:
            yield from other_jobs(path, root, trees)


def _pytest_settings(trees: Mapping[str, Tree]) -> Tree:
    """The pytest configuration of the root folder, in pytest's own order."""
    places = (
        ("pytest.ini", ("pytest",)),
        (".pytest.ini", ("pytest",)),
        ("pyproject.toml", ("tool", "pytest", "ini_options")),
        ("tox.ini", ("pytest",)),
        ("setup.cfg", ("tool:pytest",)),
    )
    return next((found for path, keys in places if (found := trees.get(path, Tree()).get(*keys))), Tree())


class _Judge:
    """Judges one job in the light of all."""

    def __init__(
        self, jobs: Sequence[Job], known: Project, classifier: Classifier, evals: EvalFacts, prompt_paths: Collection[str]
    ) -> None:
        self._known = known
        self._classifier = classifier
        self._evals = evals
        self._prompts = prompt_paths
        self._deploying = {(job.path, job.key) for job in jobs if self._deploys(job)}
        self._jobs = {(job.path, job.key): job for job in jobs}

    def facts(self, job: Job) -> Iterator[CiJob]:
        """The facts of one job: one for each way in which it evaluates, else one."""
        runs = [(step, run) for step in job.steps for run in self._runs(step)]
        effects = list(self._effects(job, runs))
        on_change = job.on_change or self._gates_deploy(job)
        after, filtered = self._after_deploy(job), self._filter(job)
        reasons = tuple(reason for reason in (job.allowed, after, filtered, "" if on_change else job.reason) if reason)
        base = CiJob(
            span=Span(job.path, job.line, job.end_line),
            system=job.system,
            name=job.name,
            triggers=job.triggers,
            commands=tuple(dict.fromkeys(run.command.text[:200] for _, run in runs))[:_MAX_TEXTS],
            runs_on_change=on_change and not filtered,
            blocking=not job.allowed and not after,
            deploys=(job.path, job.key) in self._deploying,
            note=_note(f"The job '{job.name}'", reasons),
        )
        kinds = [kind for kind in _KINDS if any(effect.kind == kind for _, _, effect in effects)]
        chosen = [kind for kind in kinds if kind != "unit_tests"] or kinds
        if not chosen:
            yield base
        for kind in chosen:
            yield _evaluating(base, job, [item for item in effects if item[2].kind == kind], reasons)

    # ------------------------------------------------------------------------------------------------- commands

    def _runs(self, step: Step) -> Iterator[Run]:
        text = re.sub(
            r"\$\{\{\s*env\.(\w+)\s*\}\}|\$\{?(\w+)\}?",
            lambda found: self._plain(step, found[1] or found[2]) or found.group(),
            step.text,
        )
        yield from expand(parse(text, errexit=step.errexit, pipefail=step.pipefail), step.cwd.strip("./"), self._known)

    @staticmethod
    def _plain(step: Step, name: str) -> str:
        value = step.env.get(name, "")
        return value if re.fullmatch(r"[\w ./:=,@-]{1,200}", value) else ""

    def _effects(self, job: Job, runs: Sequence[tuple[Step, Run]]) -> Iterator[tuple[Step, Run | None, Effect]]:
        uses = [step.uses for step in job.steps if step.uses]
        for step in job.steps:
            sign = self._evals.tools.action(step.uses) if step.uses else None
            if sign is not None:
                yield step, None, self._classifier.tool(sign, step.env)
            called = _KEPT_ELSEWHERE.fullmatch(step.uses)
            if called and (is_eval_path(called["path"]) or is_eval_path(job.key)):
                yield step, None, Effect("unseen", what=step.uses)
        for step, run in runs:
            env = {**dict.fromkeys(run.command.sets, ""), **step.env}
            given = has_credential(step.env, uses)
            credential = None if given is False and job.hidden_secrets else given
            effect = self._classifier.effect(run, env, credential=credential)
            if effect is not None:
                yield step, run, effect

    # ------------------------------------------------------------------------------------------------ deployment

    def _deploys(self, job: Job) -> bool:
        if job.deploys:
            return True
        if any(step.uses and action_deploys(step.uses, " ".join(step.inputs.values())) for step in job.steps):
            return True
        return any(deploys(run) for step in job.steps for run in self._runs(step))

    def _needed(self, job: Job) -> set[tuple[str, str]]:
        """The jobs that a job waits for, directly or through others."""
        found: set[tuple[str, str]] = set()
        pending = [(job.path, need) for need in job.needs]
        while pending:
            key = pending.pop()
            if key not in found and key in self._jobs:
                found.add(key)
                pending.extend((key[0], need) for need in self._jobs[key].needs)
        return found

    def _gates_deploy(self, job: Job) -> bool:
        """Whether every deployment of the definition waits for the job: then nothing reaches users past it."""
        deploying = [self._jobs[key] for key in self._deploying if key[0] == job.path and key != (job.path, job.key)]
        return (
            bool(deploying)
            and not job.reason.startswith("`if")
            and all((job.path, job.key) in self._needed(other) for other in deploying)
        )

    def _after_deploy(self, job: Job) -> str:
        pull_request = {"pull_request", "merge_request_event", "pr"} & set(job.triggers)
        before = self._needed(job) & self._deploying
        return (
            f"it runs after '{self._jobs[min(before)].name}' has deployed what it should stop"
            if before and not pull_request
            else ""
        )

    # --------------------------------------------------------------------------------------------------- filters

    def _filter(self, job: Job) -> str:
        """Why a path filter keeps the job from running on any change of a prompt, '' when it does not or no prompt is known."""
        if not self._prompts or not (job.paths or job.ignored_paths):
            return ""
        included = [
            path for path in self._prompts if (not job.paths or _matches(path, job.paths)) and not _matches(path, job.ignored_paths)
        ]
        return "" if included else "its path filter leaves out every file with prompts"


_Found = tuple[Step, Run | None, Effect]


def _evaluating(base: CiJob, job: Job, effects: Sequence[_Found], reasons: tuple[str, ...]) -> CiJob:
    """The fact for one kind of evaluation, by the command of it that comes nearest to a gate."""
    step, run, effect = min(effects, key=lambda item: len(_weaknesses(*item)) + 2 * bool(item[0].never))
    weak = _weaknesses(step, run, effect)
    line = step.line + (run.command.line if run else 0)
    where = step.path or job.path
    own = (*weak, *([step.never] if step.never else []))
    name = step.name or (run.command.text[:60] if run else step.uses)
    return replace(
        base,
        span=Span(where, line, line, symbol=job.key if where == job.path else ""),
        runs_on_change=base.runs_on_change and not step.never,
        blocking=base.blocking and not weak,
        evaluates=effect.kind,
        adversarial=any(item[2].attacks for item in effects),
        note=_note(f"The step '{name}' of the job '{job.name}'", (*own, *reasons)) if own else base.note,
    )


def _weaknesses(step: Step, run: Run | None, effect: Effect) -> tuple[str, ...]:
    """Why a bad result of a command would not make its job fail."""
    found = (step.allowed, run.command.swallowed if run else "", effect.cannot_fail, _leaves_early(step))
    return tuple(text for text in found if text)


def _note(subject: str, reasons: Sequence[str]) -> str:
    return f"{subject}: {'; '.join(reasons)}." if reasons else ""


def _matches(path: str, patterns: Sequence[str]) -> bool:
    """Whether the last pattern that matches a path is not a negated one."""
    matched = False
    for pattern in patterns:
        negated = pattern.startswith("!")
        plain = pattern.lstrip("!").removeprefix("./")
        plain = f"{plain}**" if plain.endswith("/") else plain
        candidates = {plain, plain.replace("**/", ""), plain.removesuffix("/**") + "/*"}
        if any(fnmatchcase(path, candidate) for candidate in candidates):
            matched = not negated
    return matched


_MISSING_KEY: Final = re.compile(
    r"""if\s+\[+\s*(?:-z\s+|!\s+-n\s+)"?\$\{?\{?\s*(?:secrets\.|env\.)?(\w*(?:KEY|TOKEN|SECRET)\w*)[^\n]*?(?:\n|;)"""
    r"""(?:(?!\bfi\b)[\s\S]){0,400}?\bexit\ 0\b"""
)


def _leaves_early(step: Step) -> str:
    """Why a script ends well before it has evaluated: a key is missing."""
    found = _MISSING_KEY.search(step.text)
    return f"it ends with `exit 0` where {found[1]} is missing" if found else ""
