"""GitLab CI: jobs with `extends`, local includes, rules, stages and accepted failures."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from readiness.collect.evaluation.ci_jobs import Job, Step
from readiness.collect.lower.config_tree import Tree

_RESERVED: Final = frozenset({
    "after_script", "before_script", "cache", "default", "image", "include", "services", "spec", "stages", "variables", "workflow",
})  # fmt: skip
_STAGES: Final = (".pre", "build", "test", "deploy", ".post")
_NO_CHANGE_REFS: Final = frozenset({"tags", "schedules", "web", "triggers", "api", "pipelines", "chat", "external"})
_MAX_INCLUDES: Final = 30


def is_gitlab(path: str) -> bool:
    """Whether a file is the root of a GitLab pipeline."""
    return bool(re.fullmatch(r"\.gitlab-ci\.ya?ml", path))


def gitlab_jobs(path: str, root: Tree, trees: Mapping[str, Tree]) -> Iterator[Job]:
    """The jobs of a pipeline and of the files of the repository that it includes."""
    files = _included(path, root, trees)
    nodes = {name: (home, node) for home, tree in reversed(files) for name, node in tree.named()}
    stages = next((tree["stages"].texts() for _, tree in files if tree["stages"]), _STAGES)
    pipeline = _Pipeline({name: node for name, (_, node) in nodes.items()}, stages, root)
    for name, (home, node) in nodes.items():
        if name not in _RESERVED and not name.startswith(".") and node.children and pipeline.get(name, "script", "trigger", "run"):
            yield pipeline.job(name, home, node)


def _included(path: str, root: Tree, trees: Mapping[str, Tree]) -> list[tuple[str, Tree]]:
    """The root and the local files it includes, the root first."""
    found = [(path, _document(root))]
    pending = list(_locals(root))
    while pending and len(found) < _MAX_INCLUDES:
        name = pending.pop(0).lstrip("/")
        pattern = re.escape(name).replace(r"\*\*", ".*").replace(r"\*", "[^/]*")
        for other, tree in trees.items():
            if re.fullmatch(pattern, other) and all(other != known for known, _ in found):
                found.append((other, _document(tree)))
                pending.extend(_locals(tree))
    return found


def _document(root: Tree) -> Tree:
    """The pipeline of a file that may start with a document of inputs."""
    return root.items()[-1] if root.is_list else root


def _locals(root: Tree) -> Iterator[str]:
    for item in _document(root)["include"].items():
        if item["local"]:
            yield item["local"].text
        elif not item.children and "://" not in item.text:
            yield item.text


@dataclass(frozen=True, slots=True)
class _Pipeline:
    nodes: Mapping[str, Tree]
    stages: tuple[str, ...]
    root: Tree

    def get(self, name: str, *keys: str, depth: int = 0) -> Tree:
        """The first of `keys` that a job or what it extends has."""
        node = self.nodes.get(name, Tree())
        for key in keys:
            if node[key]:
                return node[key]
        for parent in reversed(node["extends"].texts()) if depth < 8 else ():
            found = self.get(parent, *keys, depth=depth + 1)
            if found:
                return found
        return Tree()

    def job(self, name: str, path: str, node: Tree) -> Job:
        reason, paths = self._reason(name)
        allowed = self.get(name, "allow_failure")
        accepts = allowed.text == "true" or (bool(allowed.children) and not allowed["exit_codes"])
        rules = self.get(name, "rules").items()
        accepts = accepts or (
            bool(rules) and all(rule["allow_failure"].text == "true" for rule in rules if rule["when"].text != "never")
        )
        stage = self.get(name, "stage").text or "test"
        return Job(
            system="gitlab",
            path=path,
            name=name,
            key=name,
            line=node.line,
            end_line=node.end_line,
            triggers=self._triggers(name),
            steps=tuple(self._steps(name)),
            on_change=not reason,
            reason=reason,
            allowed="`allow_failure` accepts its failure" if accepts else "",
            needs=self._needs(name, stage),
            paths=paths,
            hidden_secrets=True,
            deploys=bool(self.get(name, "environment")),
        )

    def _needs(self, name: str, stage: str) -> tuple[str, ...]:
        needs = self.get(name, "needs")
        if needs:
            return tuple(item["job"].text or item.text for item in needs.items())
        earlier = self.stages[: self.stages.index(stage)] if stage in self.stages else ()
        return tuple(
            other for other in self.nodes if not other.startswith(".") and (self.get(other, "stage").text or "test") in earlier
        )

    def _steps(self, name: str) -> Iterator[Step]:
        env = {key: child.text for source in (self.root["variables"], self.get(name, "variables")) for key, child in source.named()}
        before = self.get(name, "before_script") or self.root["default"]["before_script"] or self.root["before_script"]
        for script in (before, self.get(name, "script")):
            for item in script.items():
                yield from self._item(item, env)

    def _item(self, item: Tree, env: Mapping[str, str]) -> Iterator[Step]:
        """A line of a script; `!reference [job, script]` is a list of a name and keys."""
        texts = item.texts()
        if item.is_list and texts and texts[0] in self.nodes:
            for inner in self.get(texts[0], *texts[1:]).items():
                yield Step(inner.line, inner.text, env=env, pipefail=True)
            return
        for leaf in item.leaves():
            yield Step(leaf.line, leaf.text, env=env, pipefail=True)

    def _triggers(self, name: str) -> tuple[str, ...]:
        conditions = " ".join(rule["if"].text for rule in self.get(name, "rules").items())
        found = re.findall(r"merge_request_event|schedule|CI_COMMIT_TAG|CI_COMMIT_BRANCH|CI_DEFAULT_BRANCH|web|push", conditions)
        return tuple(dict.fromkeys(found or self.get(name, "only").texts() or ("push",)))

    def _reason(self, name: str) -> tuple[str, tuple[str, ...]]:
        """Why a job does not run on a change, '' when it does, and its path filter."""
        when = self.get(name, "when").text
        if when in {"manual", "never", "on_failure"}:
            return f"`when: {when}`: it does not run by itself", ()
        rules = self.get(name, "rules").items()
        if rules:
            return _rules_reason(rules)
        only = set(self.get(name, "only").texts()) if not self.get(name, "only", "refs")["changes"] else set()
        if only and only <= _NO_CHANGE_REFS:
            return f"it runs for {', '.join(sorted(only))} only", ()
        changes = self.get(name, "only")["changes"].texts()
        return "", changes


def _rules_reason(rules: tuple[Tree, ...]) -> tuple[str, tuple[str, ...]]:
    paths: list[str] = []
    reason = "no rule lets it run on a change"
    for rule in rules:
        when, condition = rule["when"].text, rule["if"].text
        if when == "manual":
            reason = "`when: manual`: it does not run by itself"
        elif when in {"never", "on_failure"}:
            continue
        elif re.search(r"CI_COMMIT_TAG|\"?schedule\"?|\"web\"|\"trigger\"|\"api\"", condition) and not re.search(
            r"merge_request|BRANCH|!\s*\$|== null", condition
        ):
            reason = "it runs on tags, schedules or manual starts only"
        else:
            changes = rule["changes"]["paths"].texts() or rule["changes"].texts()
            if not changes:
                return "", ()
            paths.extend(changes)
    return ("", tuple(paths)) if paths else (reason, ())
