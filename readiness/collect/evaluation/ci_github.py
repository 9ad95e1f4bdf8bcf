"""GitHub Actions: workflows, reusable workflows and composite actions of the repository."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import product
from typing import Final

from readiness.collect.evaluation.ci_jobs import Job, Step
from readiness.collect.lower.config_tree import Tree

_CHANGES: Final = frozenset({"pull_request", "pull_request_target", "push", "merge_group"})
_CHANGE_TYPES: Final = frozenset({"opened", "synchronize", "reopened", "ready_for_review", "edited"})
_EXPRESSION: Final = re.compile(r"\$\{\{\s*(.*?)\s*\}\}", re.DOTALL)
_EVENT: Final = re.compile(r"github\.event_name\s*(==|!=)\s*'(\w+)'")
_MAX_MATRIX: Final = 24
_MAX_DEPTH: Final = 3


def is_workflow(path: str) -> bool:
    """Whether a file is a workflow of GitHub, Gitea or Forgejo."""
    return bool(re.search(r"(^|/)\.(github|gitea|forgejo)/workflows/[^/]+\.ya?ml$", path))


def github_jobs(path: str, root: Tree, trees: Mapping[str, Tree]) -> Iterator[Job]:
    """The jobs of one workflow; those of the reusable workflows it calls are its own. A workflow that is only called has none."""
    trigger = _Trigger(root["on"])
    if trigger.events != ("workflow_call",):
        yield from _Workflow(path, root, trigger, trees).jobs()


class _Trigger:
    """The `on:` of a workflow: its events, and whether a change of the code is one."""

    def __init__(self, on: Tree) -> None:
        self.events = tuple(self._events(on))
        self.on_change, self.reason = False, f"it runs on {', '.join(self.events) or 'nothing'} only"
        self.paths: tuple[str, ...] = ()
        self.ignored: tuple[str, ...] = ()
        for event in _CHANGES & set(self.events):
            node = on[event]
            types = {item.text for item in node["types"].items()}
            if event == "push" and (node["tags"] or node["tags-ignore"]) and not (node["branches"] or node["branches-ignore"]):
                continue
            if types and not types & _CHANGE_TYPES:
                self.reason = f"it runs on pull requests only when {', '.join(sorted(types))}"
                continue
            paths = node["paths"].texts()
            self.paths = paths if not self.on_change else (self.paths + paths if self.paths and paths else ())
            self.ignored = node["paths-ignore"].texts() if not self.on_change else ()
            self.on_change, self.reason = True, ""

    @staticmethod
    def _events(on: Tree) -> Iterator[str]:
        if on.is_list or not on.children:
            yield from on.texts()
            return
        for event, node in on.named():
            tags_only = event == "push" and node["tags"] and not node["branches"] and not node["branches-ignore"]
            yield "tag" if tags_only else event


@dataclass(frozen=True, slots=True)
class _Workflow:
    """A workflow under one trigger, `depth` calls away from the one that has it."""

    path: str
    root: Tree
    trigger: _Trigger
    trees: Mapping[str, Tree]
    depth: int = 0

    def jobs(self) -> Iterator[Job]:
        for key, node in self.root["jobs"].named():
            base = self._job(key, node)
            called = node["uses"].text
            if called.startswith("./") and self.depth < _MAX_DEPTH:
                yield from self._called(base, node, called[2:].partition("@")[0])
            else:
                yield replace(base, steps=_gated(tuple(self._steps(node)), node))

    def _job(self, key: str, node: Tree) -> Job:
        never = _never(node["if"].text, self.trigger.events)
        environment = node["environment"]
        return Job(
            system="github",
            path=self.path,
            name=node["name"].text or key,
            key=key,
            line=node.line,
            end_line=node.end_line,
            triggers=self.trigger.events,
            steps=(),
            on_change=self.trigger.on_change and not never,
            reason=never or self.trigger.reason,
            allowed=_allowed(node["continue-on-error"]),
            needs=node["needs"].texts(),
            paths=self.trigger.paths,
            ignored_paths=self.trigger.ignored,
            deploys=bool(environment) and not re.search("test|eval|ci", " ".join(environment.texts()), re.IGNORECASE),
        )

    def _called(self, base: Job, node: Tree, path: str) -> Iterator[Job]:
        """The jobs of a reusable workflow as if they stood where it is called; secrets handed over are their variables."""
        secrets = _env(node["secrets"]) if node["secrets"].children else {"secrets": "inherit"} if node["secrets"] else {}
        root = self.trees.get(path, Tree())
        for job in _Workflow(path, root, self.trigger, self.trees, self.depth + 1).jobs():
            yield replace(
                base,
                name=f"{base.name} / {job.name}",
                steps=tuple(replace(step, path=step.path or path, env={**secrets, **step.env}) for step in job.steps),
                on_change=base.on_change and job.on_change,
                reason=base.reason or job.reason,
                allowed=base.allowed or job.allowed,
                deploys=job.deploys,
            )

    def _steps(self, node: Tree) -> Iterator[Step]:
        defaults = (node["defaults"]["run"], self.root["defaults"]["run"])
        base = Step(
            node.line,
            env={**_env(self.root["env"]), **_env(node["env"])},
            cwd=next((run["working-directory"].text for run in defaults if run["working-directory"]), ""),
            pipefail=any(run["shell"].text == "bash" for run in defaults),
        )
        if node["uses"]:
            yield replace(base, line=node["uses"].line, uses=node["uses"].text)
        for item in node["steps"].items():
            for step in _step(item, base, self.trigger.events, self.trees):
                yield from (replace(step, text=text) for text in _matrix(step.text, node["strategy"]["matrix"]))


def _env(node: Tree) -> dict[str, str]:
    return {name: child.text for name, child in node.named()}


def _step(item: Tree, base: Step, events: tuple[str, ...], trees: Mapping[str, Tree], depth: int = 0) -> Iterator[Step]:
    """One step, preceded by the steps of the repository's own action that it runs."""
    run, shell = item["run"], item["shell"].text
    step = replace(
        base,
        line=run.line or item["uses"].line or item.line,
        text=run.text,
        name=item["name"].text or item["id"].text,
        uses=item["uses"].text,
        inputs=_env(item["with"]),
        env={**base.env, **_env(item["env"])},
        cwd=item["working-directory"].text or base.cwd,
        allowed=base.allowed or _allowed(item["continue-on-error"]),
        never=base.never or _never(item["if"].text, events),
        pipefail=base.pipefail if not shell else shell == "bash" or "pipefail" in shell,
    )
    if step.uses.startswith("./") and depth < _MAX_DEPTH:
        home = step.uses[2:].strip("/")
        for path in (f"{home}/action.yml".lstrip("/"), f"{home}/action.yaml".lstrip("/")):
            for inner_item in trees.get(path, Tree()).get("runs", "steps").items():
                for inner in _step(inner_item, replace(step, path=path, cwd="", name=""), events, trees, depth + 1):
                    yield replace(inner, text=_filled(inner.text, step.inputs))
    yield step


def _filled(text: str, inputs: Mapping[str, str]) -> str:
    """A text of an action with the inputs it is given."""
    return _EXPRESSION.sub(lambda found: inputs.get(found[1].removeprefix("inputs."), found.group()), text)


def _allowed(node: Tree) -> str:
    return "`continue-on-error` accepts its failure" if _EXPRESSION.sub(r"\1", node.text).strip().lower() == "true" else ""


def _never(condition: str, events: tuple[str, ...]) -> str:
    """Why a condition is false for every change of the code; '' when it may hold."""
    plain = _EXPRESSION.sub(r"\1", condition).strip()
    if plain.lower() in {"false", "0"} or re.match(r"false\s*&&", plain):
        return "`if: false` switches it off"
    if "||" not in plain:
        for operator, event in _EVENT.findall(plain):
            if operator == "==" and event not in _CHANGES:
                return f"it runs on {event} only"
        if re.search(r"pull_request\.labels|event\.label\.name|comment\.body|review\.state", plain):
            return "it runs only when somebody asks for it (a label or a comment)"
        if re.search(r"startsWith\(\s*github\.ref\s*,\s*'refs/tags|github\.ref_type\s*==\s*'tag'", plain):
            return "it runs on tags only"
        if re.fullmatch(r"failure\(\)|cancelled\(\)", plain):
            return "it runs only after a failure"
        if re.search(r"(^|&&)\s*(github\.event\.)?inputs\.", plain) and "workflow_dispatch" in events:
            return "it runs only when an input of a manual start asks for it"
    return ""


def _matrix(text: str, matrix: Tree) -> tuple[str, ...]:
    """A text for each combination of the matrix values it names; itself when it names none."""
    names = list(dict.fromkeys(re.findall(r"\$\{\{\s*matrix\.([\w-]+)\s*\}\}", text)))
    values = [matrix[name].texts() or tuple(row[name].text for row in matrix["include"].items() if row[name]) for name in names]
    if not names or not all(values):
        return (text,)
    found = []
    for combination in list(product(*values))[:_MAX_MATRIX]:
        filled = text
        for name, value in zip(names, combination, strict=True):
            filled = re.sub(rf"\$\{{\{{\s*matrix\.{re.escape(name)}\s*\}}\}}", value.replace("\\", r"\\"), filled)
        found.append(filled)
    return tuple(found)


def _gated(steps: tuple[Step, ...], node: Tree) -> tuple[Step, ...]:
    """Steps whose accepted failure a later step turns into one of the job: `if: steps.evals.outcome == 'failure'` with `exit 1`."""
    checked: set[str] = set()
    for item in node["steps"].items():
        whole = " ".join(item.texts())
        if re.search(r"\bexit\s+[1-9$]|core\.setFailed", whole):
            checked.update(re.findall(r"steps\.([\w-]+)\.(?:outcome|conclusion)", whole))
    lines = {item["run"].line or item["uses"].line for item in node["steps"].items() if item["id"].text in checked}
    return tuple(replace(step, allowed="") if step.line in lines else step for step in steps)
