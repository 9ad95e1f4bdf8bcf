"""CI systems beside GitHub, and the shell text that all of them run."""

from __future__ import annotations

import pytest

from readiness.collect.evaluation.ci_commands import selected
from readiness.collect.evaluation.ci_expand import unwrapped
from readiness.collect.evaluation.ci_shell import parse
from tests.ci_of import jobs, one

GITLAB = "stages: [test, deploy]\nevals:\n  stage: test\n  {more}\n  script:\n    - promptfoo eval\n"


@pytest.mark.parametrize(
    ("more", "on_change", "blocking"),
    [
        ("tags: [x]", True, True),
        ("allow_failure: true", True, False),
        ("when: manual", False, True),
        ("rules: [{if: '$CI_PIPELINE_SOURCE == \"merge_request_event\"'}]", True, True),
        ("rules: [{if: '$CI_PIPELINE_SOURCE == \"schedule\"'}]", False, True),
        ("rules: [{if: $CI_COMMIT_TAG}]", False, True),
        ("only: [tags]", False, True),
        ("extends: .base", True, False),
    ],
)
def test_gitlab(more: str, on_change: bool, blocking: bool) -> None:
    text = GITLAB.replace("{more}", more) + ".base:\n  allow_failure: true\n"
    found = jobs({".gitlab-ci.yml": text})
    assert [(job.name, job.evaluates, job.runs_on_change, job.blocking) for job in found] == [
        ("evals", "eval", on_change, blocking)
    ]


def test_gitlab_includes_of_the_repository() -> None:
    files = {".gitlab-ci.yml": "include:\n  - local: /ci/*.yml\n", "ci/evals.yml": "evals:\n  script: [promptfoo eval]\n"}
    assert [(job.name, job.span.path) for job in jobs(files)] == [("evals", "ci/evals.yml")]


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("azure-pipelines.yml", "trigger: [main]\nsteps:\n  - script: promptfoo eval\n"),
        (
            "azure-pipelines.yml",
            "stages:\n  - stage: A\n    jobs:\n      - job: b\n        steps:\n          - bash: promptfoo eval\n",
        ),
        (
            ".circleci/config.yml",
            "jobs:\n  e:\n    steps:\n      - run: {command: promptfoo eval}\nworkflows:\n  w:\n    jobs: [e]\n",
        ),
        ("bitbucket-pipelines.yml", "pipelines:\n  pull-requests:\n    '**':\n      - step:\n          script: [promptfoo eval]\n"),
        (".travis.yml", "script: promptfoo eval\n"),
        (".drone.yml", "kind: pipeline\nsteps:\n  - name: e\n    commands: [promptfoo eval]\n"),
        (".buildkite/pipeline.yml", "steps:\n  - command: promptfoo eval\n"),
        ("cloudbuild.yaml", "steps:\n  - name: node\n    entrypoint: npx\n    args: [promptfoo, eval]\n"),
        ("Jenkinsfile", "pipeline { stages { stage('E') { steps { sh 'promptfoo eval' } } } }"),
    ],
)
def test_other_systems(path: str, text: str) -> None:
    assert [(job.evaluates, job.runs_on_change, job.blocking) for job in jobs({path: text})] == [("eval", True, True)]


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("azure-pipelines.yml", "trigger: none\npr: none\nsteps:\n  - script: promptfoo eval\n"),
        ("azure-pipelines.yml", "steps:\n  - script: promptfoo eval\n    continueOnError: true\n"),
        (".circleci/config.yml", "jobs:\n  e:\n    steps:\n      - run: promptfoo eval || true\nworkflows:\n  w:\n    jobs: [e]\n"),
        ("bitbucket-pipelines.yml", "pipelines:\n  custom:\n    e:\n      - step:\n          script: [promptfoo eval]\n"),
        (".buildkite/pipeline.yml", "steps:\n  - command: promptfoo eval\n    soft_fail: true\n"),
        (
            "Jenkinsfile",
            "pipeline { stages { stage('E') { steps { catchError(buildResult: 'SUCCESS') { sh 'promptfoo eval' } } } } }",
        ),
    ],
)
def test_other_systems_without_a_gate(path: str, text: str) -> None:
    assert [(job.evaluates, job.runs_on_change and job.blocking) for job in jobs({path: text})] == [("eval", False)]


def test_words_that_only_look_like_evaluation() -> None:
    assert one("make retrieval\nruby -e 'eval(x)'\npython retrieval.py\nmodel.eval").evaluates == ""


def test_shell_text_is_taken_apart() -> None:
    found = parse("A=1 cmd 'a b' # why\ncat <<EOF\nnot a command\nEOF\nfor x in a; do run $x; done\ny=$(inner)\n")
    assert [(command.text, command.line, command.sets) for command in found] == [
        ("cmd a b", 0, ("A",)),
        ("cat", 1, ()),
        ("run $x", 4, ()),
        ("inner", 5, ()),
    ]


def test_runners_are_stripped() -> None:
    assert unwrapped(("uv", "run", "--with", "x", "python", "-m", "pytest", "-q")) == ("pytest", "-q")
    assert unwrapped(("timeout", "10m", "npx", "-y", "evalite")) == ("evalite",)
    assert unwrapped(("docker", "build", ".")) == ("docker", "build", ".")


@pytest.mark.parametrize(
    ("expression", "chosen"),
    [
        ("", True),
        ("llm", True),
        ("not llm", False),
        ("slow", False),
        ("llm and not slow", True),
        ("(slow or llm) and later", True),
        ("((", True),
    ],
)
def test_marker_expressions(expression: str, chosen: bool) -> None:
    assert selected(expression, frozenset({"llm"}), frozenset({"llm", "slow"})) is chosen
