"""The other CI systems in outline: Azure, CircleCI, Bitbucket, Jenkins, Travis, Drone, Buildkite, Tekton and cloud builders."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Final

from readiness.collect.evaluation.ci_jobs import Job, Step
from readiness.collect.lower.config_tree import Tree

_Reader = Callable[[str, Tree, Mapping[str, Tree]], Iterator[Job]]
_MAX_DEPTH: Final = 3


def other_jobs(path: str, root: Tree, trees: Mapping[str, Tree]) -> Iterator[Job]:
    """The jobs of a file of one of these systems; none when it is no file of theirs."""
    for pattern, reader in _SYSTEMS:
        if re.search(pattern, path):
            yield from reader(path, root, trees)
            return


def _job(system: str, path: str, name: str, node: Tree, steps: Iterable[Step]) -> Job:
    """A job that runs on every change and can fail."""
    return Job(system, path, name, name, node.line, node.end_line, ("push",), tuple(steps), on_change=True, hidden_secrets=True)


def _limited(job: Job, reason: str, allowed: str = "") -> Job:
    """The job with why it does not run on a change and why its failure is accepted, where there is a reason."""
    return replace(job, on_change=not reason, reason=reason, allowed=allowed)


def _env(node: Tree) -> dict[str, str]:
    return {name: child.text for name, child in node.named()}


# ---------------------------------------------------------------------------------------------------------- azure


def _azure(path: str, root: Tree, trees: Mapping[str, Tree]) -> Iterator[Job]:
    if not (root["steps"] or root["jobs"] or root["stages"]):
        return
    manual = root["trigger"].text == "none" and root["pr"].text == "none"
    reason = "`trigger: none`: it is started by hand or on a schedule" if manual else ""
    triggers = tuple(name for name in ("trigger", "pr", "schedules") if root[name] and root[name].text != "none") or ("push",)
    previous = ""
    for number, stage in enumerate(root["stages"].items() or (root,)):
        name = stage["stage"].text or f"stage {number}"
        needs = stage["dependsOn"].texts() or ((previous,) if previous else ())
        jobs = stage["jobs"].items() or ((stage,) if stage["steps"] else ())
        for job in jobs:
            key = job["job"].text or job["deployment"].text or name
            steps = job["steps"] or next(iter(node["steps"] for node in _lifecycle(job["strategy"])), Tree())
            condition = job["condition"].text or stage["condition"].text
            found = _job("azure", path, key, job, (step for item in steps.items() for step in _azure_steps(item, trees, 0)))
            allowed = "`continueOnError` accepts its failure" if job["continueOnError"].text == "true" else ""
            found = replace(found, triggers=triggers, needs=job["dependsOn"].texts() + needs, deploys=bool(job["deployment"]))
            yield _limited(found, reason or _azure_never(condition), allowed)
        previous = name


def _lifecycle(strategy: Tree) -> Iterator[Tree]:
    for _, kind in strategy.named():
        for _, phase in kind.named():
            if phase["steps"]:
                yield phase


def _azure_never(condition: str) -> str:
    plain = condition.replace(" ", "").lower()
    if plain in {"false", "eq(1,0)"}:
        return "`condition: false` switches it off"
    if re.search(r"eq\(variables\['build\.reason'\],'(manual|schedule)'\)", plain):
        return "it runs only when started by hand or on a schedule"
    return ""


def _azure_steps(item: Tree, trees: Mapping[str, Tree], depth: int) -> Iterator[Step]:
    if item["template"] and depth < _MAX_DEPTH:
        name = item["template"].text.lstrip("/")
        for path, tree in trees.items():
            if path == name or path.endswith("/" + name.rsplit("/", 1)[-1]):
                for inner in tree["steps"].items():
                    yield from _azure_steps(inner, trees, depth + 1)
                return
    keys = ("script", "bash", "pwsh", "powershell")
    text = next((item[key] for key in keys if item[key]), item["inputs"]["script"] or item["inputs"]["inlineScript"])
    yield Step(
        text.line or item.line,
        text.text,
        item["displayName"].text,
        item["task"].text,
        _env(item["inputs"]),
        _env(item["env"]),
        item["workingDirectory"].text or item["inputs"]["workingDirectory"].text,
        "`continueOnError` accepts its failure" if item["continueOnError"].text == "true" else "",
        _azure_never(item["condition"].text) or ("`enabled: false` switches it off" if item["enabled"].text == "false" else ""),
    )


# ------------------------------------------------------------------------------------------------------- circleci


def _circle(path: str, root: Tree, _: Mapping[str, Tree]) -> Iterator[Job]:
    for _name, workflow in root["workflows"].named():
        approvals = {name for item in workflow["jobs"].items() for name, node in item.named() if node["type"].text == "approval"}
        for item in workflow["jobs"].items():
            for name, use in item.named() or ((item.text, Tree()),):
                node = root["jobs"][name]
                if not node:
                    continue
                requires = use["requires"].texts()
                reason = "its workflow runs on a schedule only" if _cron(workflow) else ""
                if set(requires) & approvals:
                    reason = reason or "it waits for an approval"
                if use["filters"]["branches"]["ignore"].text in {"/.*/", ".*"}:
                    reason = reason or "it runs on tags only"
                steps = (step for entry in node["steps"].items() for step in _circle_steps(entry, root, _env(node["environment"])))
                yield _limited(replace(_job("circleci", path, name, node, steps), needs=requires), reason)


def _cron(workflow: Tree) -> bool:
    return any(item["schedule"] for item in workflow["triggers"].items())


def _circle_steps(item: Tree, root: Tree, env: Mapping[str, str], depth: int = 0) -> Iterator[Step]:
    run = item["run"]
    if run:
        text = run["command"] if run.children else run
        never = "it runs only after a failure" if run["when"].text == "on_fail" else ""
        inner = {**env, **_env(run["environment"])}
        yield Step(text.line, text.text, run["name"].text, env=inner, cwd=run["working_directory"].text, never=never, pipefail=True)
        return
    names = [name for name, _ in item.named()] or [item.text]
    for name in names:
        for inner_item in root["commands"][name]["steps"].items() if depth < _MAX_DEPTH else ():
            yield from _circle_steps(inner_item, root, env, depth + 1)


# ------------------------------------------------------------------------------------------------ bitbucket, travis


def _bitbucket(path: str, root: Tree, _: Mapping[str, Tree]) -> Iterator[Job]:
    for trigger, section in root["pipelines"].named():
        lists = [section] if section.is_list else [child for _, child in section.named()]
        for items in lists:
            for item in items.items():
                steps = item["parallel"]["steps"].items() or item["parallel"].items() or item["stage"]["steps"].items() or (item,)
                for holder in steps:
                    node = holder["step"]
                    if not node:
                        continue
                    reason = {"custom": "it is started by hand", "tags": "it runs on tags only"}.get(trigger, "")
                    reason = "`trigger: manual`: it is started by hand" if node["trigger"].text == "manual" else reason
                    allowed = "`on-fail: ignore` accepts its failure" if "ignore" in node["on-fail"].texts() else ""
                    script = (Step(leaf.line, leaf.text) for leaf in node["script"].leaves())
                    found = _job("bitbucket", path, node["name"].text or "step", node, script)
                    yield _limited(replace(found, triggers=(trigger,), deploys=bool(node["deployment"])), reason, allowed)


def _travis(path: str, root: Tree, _: Mapping[str, Tree]) -> Iterator[Job]:
    jobs = root["jobs"]["include"].items() or root["matrix"]["include"].items()
    for number, node in enumerate((root, *jobs)):
        lines = [leaf for key in ("before_script", "script", "deploy") for leaf in node[key].leaves()]
        if lines:
            steps = (Step(leaf.line, leaf.text, errexit=False) for leaf in lines)
            yield _job("travis", path, node["name"].text or f"job {number}", node, steps)


# ----------------------------------------------------------------------------- drone, woodpecker, buildkite, tekton


def _drone(path: str, root: Tree, _: Mapping[str, Tree]) -> Iterator[Job]:
    for document in root.items() if root.is_list else (root,):
        events = set(document["trigger"]["event"].texts()) or set(document["when"]["event"].texts())
        reason = f"it runs on {', '.join(sorted(events))} only" if events and not events & {"push", "pull_request"} else ""
        section = document["steps"] or document["pipeline"]
        pairs = [(node["name"].text, node) for node in section.items()] if section.is_list else section.named()
        for name, node in pairs:
            own = set(node["when"]["event"].texts())
            never = f"it runs on {', '.join(sorted(own))} only" if own and not own & {"push", "pull_request"} else ""
            lines = tuple(Step(leaf.line, leaf.text, env=_env(node["environment"])) for leaf in node["commands"].leaves())
            allowed = "`failure: ignore` accepts its failure" if node["failure"].text == "ignore" else ""
            found = replace(_job("drone", path, name, node, lines), triggers=tuple(sorted(events)) or ("push",))
            yield _limited(found, reason or never, allowed)


def _buildkite(path: str, root: Tree, _: Mapping[str, Tree]) -> Iterator[Job]:
    blocked = False
    for number, node in enumerate((root["steps"] or root).items()):
        blocked = blocked or bool(node["block"]) or node.text == "block"
        for step in node["steps"].items() or (node,):
            lines = [leaf for key in ("command", "commands") for leaf in step[key].leaves()]
            if lines:
                allowed = "`soft_fail` accepts its failure" if step["soft_fail"] and step["soft_fail"].text != "false" else ""
                reason = "it waits for somebody to unblock it" if blocked else ""
                text = tuple(Step(leaf.line, leaf.text, env=_env(step["env"])) for leaf in lines)
                yield _limited(_job("buildkite", path, step["label"].text or f"step {number}", step, text), reason, allowed)


def _tekton(path: str, root: Tree, _: Mapping[str, Tree]) -> Iterator[Job]:
    for document in root.items() if root.is_list else (root,):
        if not document["apiVersion"].text.startswith("tekton.dev/"):
            continue
        events = document["metadata"]["annotations"]["pipelinesascode.tekton.dev/on-event"].text
        reason = "" if re.search("pull_request|push", events) else "what starts it is not in the repository"
        specs = [
            document["spec"],
            *(task["taskSpec"] for node in (document["spec"], document["spec"]["pipelineSpec"]) for task in node["tasks"].items()),
        ]
        steps = tuple(
            Step(text.line, text.text or " ".join((*step["command"].texts(), *step["args"].texts())))
            for spec in specs
            for step in spec["steps"].items()
            for text in (step["script"] or step["args"] or step["command"],)
        )
        if steps:
            found = _job("tekton", path, document["metadata"]["name"].text or "task", document, steps)
            yield _limited(replace(found, triggers=(events or "event listener",)), reason)


def _cloud_build(path: str, root: Tree, _: Mapping[str, Tree]) -> Iterator[Job]:
    steps = tuple(
        Step(
            item.line,
            item["script"].text or " ".join((item["entrypoint"].text, *item["args"].texts())),
            item["id"].text,
            item["name"].text,
        )
        for item in root["steps"].items()
    )
    if steps:
        yield replace(_job("cloudbuild", path, "build", root, steps), triggers=("trigger",))


def _code_build(path: str, root: Tree, _: Mapping[str, Tree]) -> Iterator[Job]:
    steps = [
        Step(leaf.line, leaf.text, errexit=False) for _name, phase in root["phases"].named() for leaf in phase["commands"].leaves()
    ]
    if steps:
        yield replace(_job("codebuild", path, "build", root, steps), triggers=("trigger",))


def _appveyor(path: str, root: Tree, _: Mapping[str, Tree]) -> Iterator[Job]:
    lines = [leaf for key in ("before_test", "test_script", "after_test", "deploy_script") for leaf in root[key].leaves()]
    if lines:
        yield _job("appveyor", path, "build", root, (Step(leaf.line, leaf.text) for leaf in lines))


def _jenkins(path: str, root: Tree, _: Mapping[str, Tree]) -> Iterator[Job]:
    previous: tuple[str, ...] = ()
    for name, stage in root["stages"].named():
        when = " ".join(stage["when"].texts())
        reason = "its stage is switched off" if re.search(r"expression\s*\{?\s*(return\s+)?false", when) else ""
        reason = "it runs on tags only" if re.search(r"buildingTag|\btag\b", when) else reason
        reason = "it runs on a timer only" if "TimerTrigger" in when else reason
        reason = "it waits for an approval" if stage["input"] else reason
        allowed = "`catchError` accepts its failure" if stage["catchError"] or stage["warnError"] else ""
        steps = tuple(Step(item.line, item.text) for item in stage["steps"].items())
        found = _job("jenkins", path, name, stage, steps)
        yield _limited(replace(found, needs=previous, triggers=("push", *root["triggers"].texts())), reason, allowed)
        previous = (name,)


_SYSTEMS: Final[tuple[tuple[str, _Reader], ...]] = (
    (r"(^|/)([\w-]+-)?azure-pipelines?[^/]*\.ya?ml$|(^|/)\.?(azure-?pipelines|azure/pipelines|azdo|pipelines)/.*\.ya?ml$", _azure),
    (r"(^|/)\.circleci/[^/]+\.ya?ml$", _circle),
    (r"(^|/)bitbucket-pipelines\.ya?ml$", _bitbucket),
    (r"(^|/)\.travis\.ya?ml$", _travis),
    (r"(^|/)(\.drone|\.woodpecker(/[^/]+)?)\.ya?ml$", _drone),
    (r"(^|/)\.buildkite/.*\.ya?ml$", _buildkite),
    (r"(^|/)\.?tekton/.*\.ya?ml$", _tekton),
    (r"(^|/)cloudbuild[^/]*\.ya?ml$", _cloud_build),
    (r"(^|/)buildspec[^/]*\.ya?ml$", _code_build),
    (r"(^|/)\.?appveyor\.ya?ml$", _appveyor),
    (r"(^|/)[^/]*Jenkinsfile[^/]*$|\.jenkinsfile$", _jenkins),
)
