"""CI jobs: what they run in the end, when, and whether a bad result stops a change."""

from __future__ import annotations

import json

import pytest

from tests.ci_of import LIVE, jobs, one, workflow


def test_an_evaluation_on_pull_requests_is_a_gate_at_its_own_line() -> None:
    job = one("pip install x\npromptfoo eval")
    assert (job.evaluates, job.runs_on_change, job.blocking, job.note) == ("eval", True, True, "")
    assert (job.span.path, job.span.line) == (".github/workflows/ci.yml", 11)
    assert job.commands == ("pip install x", "promptfoo eval")


@pytest.mark.parametrize(
    ("run", "more", "reason"),
    [
        ("promptfoo eval || true", {}, "|| true"),
        ("promptfoo eval || echo no", {}, "|| echo"),
        ("promptfoo eval", {"step": "continue-on-error: true"}, "continue-on-error"),
        ("promptfoo eval", {"job": "continue-on-error: true"}, "continue-on-error"),
        ("set +e\npromptfoo eval\necho done", {}, "goes on"),
        ("promptfoo eval | tee out.txt", {}, "pipe"),
        ("promptfoo eval &", {}, "background"),
        ("if promptfoo eval; then echo ok; fi", {}, "condition"),
        ("inspect eval task.py", {}, "however bad"),
        ('if [ -z "$OPENAI_API_KEY" ]; then\n  exit 0\nfi\npromptfoo eval', {}, "OPENAI_API_KEY is missing"),
    ],
)
def test_an_evaluation_that_cannot_fail_its_job_blocks_nothing(run: str, more: dict[str, str], reason: str) -> None:
    job = one(run, None, **more)
    assert (job.evaluates, job.runs_on_change, job.blocking) == ("eval", True, False)
    assert reason in job.note


@pytest.mark.parametrize(
    "run",
    [
        "promptfoo eval || exit 1",
        "set +e\npromptfoo eval\ncode=$?\nexit $code",
        "set -o pipefail\npromptfoo eval | tee x",
        "if ! promptfoo eval; then\n  exit 1\nfi",
    ],
)
def test_an_exit_code_that_is_handed_on_blocks(run: str) -> None:
    assert one(run).blocking


@pytest.mark.parametrize(
    "on",
    [
        "workflow_dispatch",
        "{schedule: [{cron: '0 0 * * *'}]}",
        "{push: {tags: ['v*']}}",
        "{release: {types: [published]}}",
        "issue_comment",
        "{pull_request: {types: [labeled]}}",
        "workflow_run",
    ],
)
def test_an_evaluation_that_no_change_starts_is_no_gate(on: str) -> None:
    job = one("promptfoo eval", on=on)
    assert (job.runs_on_change, job.blocking) == (False, True)
    assert job.note


@pytest.mark.parametrize(
    "condition",
    ["false", "${{ false }}", "github.event_name == 'schedule'", "contains(github.event.pull_request.labels.*.name, 'eval')"],
)
def test_a_condition_that_no_change_meets(condition: str) -> None:
    assert not one("promptfoo eval", step=f"if: {condition}").runs_on_change
    assert not one("promptfoo eval", job=f"if: {condition}").runs_on_change


@pytest.mark.parametrize("condition", ["always()", "github.event_name == 'pull_request'", "github.repository == 'a/b'"])
def test_a_condition_that_a_change_can_meet(condition: str) -> None:
    assert one("promptfoo eval", step=f"if: {condition}").runs_on_change


def test_a_path_filter_that_leaves_out_every_prompt_is_no_gate() -> None:
    text = workflow("promptfoo eval", on="{pull_request: {paths: ['src/**', '!src/prompts/**']}}")
    assert not jobs({".github/workflows/ci.yml": text}, ("src/prompts/a.txt",))[0].runs_on_change
    assert jobs({".github/workflows/ci.yml": text}, ("src/prompts/a.txt", "src/app.py"))[0].runs_on_change


def test_a_later_step_can_turn_an_accepted_failure_into_one() -> None:
    text = """
    on: push
    jobs:
      check:
        steps:
          - id: evals
            continue-on-error: true
            run: promptfoo eval
          - if: steps.evals.outcome == 'failure'
            run: exit 1
    """
    assert [job.blocking for job in jobs({".github/workflows/a.yml": text}) if job.evaluates] == [True]


def test_live_tests_run_where_a_key_is_given() -> None:
    assert one("pytest").evaluates == "eval"
    assert one("pytest", env="").evaluates == "unit_tests"
    assert one("pytest", env="OPENAI_API_KEY: test").evaluates == "unit_tests"


@pytest.mark.parametrize(
    ("command", "kind"),
    [
        ("pytest tests/test_answers.py", "eval"),
        ("pytest tests/unit", "unit_tests"),
        ("pytest -m 'not llm'", "unit_tests"),
        ("pytest -m 'llm and easy'", "eval"),
        ("uv run --group test pytest -m llm", "eval"),
        ("python -m pytest -k answers", "eval"),
        ("pytest --ignore=tests", "unit_tests"),
        ("docker compose run --rm app pytest tests", "eval"),
    ],
)
def test_what_pytest_chooses(command: str, kind: str) -> None:
    assert one(command).evaluates == kind


def test_a_test_that_is_skipped_without_a_variable() -> None:
    guarded = LIVE.replace("@pytest.mark.llm", '@pytest.mark.skipif(not os.getenv("RUN_LLM"), reason="slow")').replace(
        "import pytest", "import os, pytest"
    )
    assert one("pytest", {"tests/test_answers.py": guarded}).evaluates == "unit_tests"
    assert one("RUN_LLM=1 pytest", {"tests/test_answers.py": guarded}).evaluates == "eval"


def test_keys_kept_outside_the_file_serve_tests_that_say_so() -> None:
    files = {".gitlab-ci.yml": "evals:\n  script: [pytest]\n", "tests/test_answers.py": LIVE}
    assert [job.evaluates for job in jobs(files)] == ["eval"]


def test_a_tool_that_is_told_to_pass() -> None:
    assert not one("promptfoo eval", env="PROMPTFOO_FAILED_TEST_EXIT_CODE: 0").blocking


def test_a_tool_that_fails_only_with_a_reporter_of_the_repository() -> None:
    assert not one("npx braintrust eval").blocking
    assert one("npx braintrust eval", {"evals/report.py": "from braintrust import Reporter\nReporter('x')\n"}).blocking


def test_a_mocked_test_is_a_unit_test() -> None:
    mocked = "def test_answer(mock_openai):\n    assert answer('x') == 'y'\n"
    assert one("pytest", {"tests/test_answers.py": mocked}).evaluates == "unit_tests"


@pytest.mark.parametrize(
    ("command", "files"),
    [
        ("make evals", {"Makefile": "TOOL = promptfoo\nevals: build\n\t@$(TOOL) eval\nbuild:\n\techo b\n"}),
        ("make check", {"Makefile": "check: evals\nevals:\n\tpromptfoo eval\n"}),
        ("npm run evals", {"package.json": '{"scripts": {"evals": "npm run inner", "inner": "promptfoo eval -c x"}}'}),
        ("npm test", {"package.json": '{"scripts": {"test": "echo", "posttest": "promptfoo eval"}}'}),
        ("cd web && pnpm evals", {"web/package.json": '{"scripts": {"evals": "promptfoo eval"}}'}),
        ("pnpm --filter @x/web evals", {"apps/web/package.json": '{"name": "@x/web", "scripts": {"evals": "promptfoo eval"}}'}),
        ("turbo run evals", {"apps/web/package.json": '{"scripts": {"evals": "promptfoo eval"}}'}),
        ("tox -e evals", {"tox.ini": "[testenv:evals]\ncommands =\n    promptfoo eval\n"}),
        ("nox -s evals", {"noxfile.py": "import nox\n@nox.session\ndef evals(session):\n    session.run('promptfoo', 'eval')\n"}),
        ("poe evals", {"pyproject.toml": '[tool.poe.tasks]\nevals = "promptfoo eval"\n'}),
        ("hatch run ci:evals", {"pyproject.toml": '[tool.hatch.envs.ci.scripts]\nevals = "promptfoo eval"\n'}),
        ("bash scripts/evals.sh", {"scripts/evals.sh": "set -e\npromptfoo eval\necho ok\n"}),
        ("./scripts/evals.sh", {"scripts/evals.sh": "promptfoo eval\n"}),
        ("bash -c 'promptfoo eval'", {}),
        ("npx --yes promptfoo@latest eval", {}),
    ],
)
def test_commands_are_followed_to_what_they_run(command: str, files: dict[str, str]) -> None:
    job = one(command, files)
    assert (job.evaluates, job.blocking, job.span.line) == ("eval", True, 10)


@pytest.mark.parametrize(
    ("command", "files"),
    [
        ("make evals", {"Makefile": "evals:\n\t-promptfoo eval\n"}),
        ("npm run evals", {"package.json": '{"scripts": {"evals": "promptfoo eval; echo done"}}'}),
        ("bash scripts/evals.sh", {"scripts/evals.sh": "promptfoo eval\necho done\n"}),
        ("make evals || true", {"Makefile": "evals:\n\tpromptfoo eval\n"}),
    ],
)
def test_a_failure_lost_on_the_way_blocks_nothing(command: str, files: dict[str, str]) -> None:
    assert not one(command, files).blocking


def test_indirections_without_end_are_bounded() -> None:
    scripts = {f"s{n}": " && ".join([f"npm run s{n + 1}"] * 200) for n in range(6)} | {"s6": "cd x"}
    assert one("npm run s0", {"package.json": json.dumps({"scripts": scripts})}).evaluates == ""
    assert one("make t0", {"Makefile": "".join(f"t{n}: " + f"t{n + 1} " * 50 + "\n" for n in range(40))}).evaluates == ""
    assert one("npm run a", {"package.json": '{"scripts": {"a": "npm run a"}}'}).evaluates == ""


def test_a_script_that_prints_its_scores_cannot_fail() -> None:
    script = "import requests\n\ndef main():\n    score = requests.post('http://x', json={}).json()['score']\n    print(score)\n\nif __name__ == '__main__':\n    main()\n"
    job = one("python evals/run.py", {"evals/run.py": script})
    assert (job.evaluates, job.blocking) == ("eval", False)
    strict = script.replace("    print(score)\n", "    if score < 0.8:\n        raise SystemExit(1)\n")
    assert one("python -m evals.run", {"evals/run.py": strict}).blocking


def test_reusable_workflows_and_own_actions_are_followed() -> None:
    files = {
        ".github/workflows/ci.yml": "on: pull_request\njobs:\n  call:\n    uses: ./.github/workflows/evals.yml\n    secrets: inherit\n",
        ".github/workflows/evals.yml": "on: workflow_call\njobs:\n  evals:\n    steps:\n      - uses: ./.github/actions/run\n        with:\n          suite: eval\n",
        ".github/actions/run/action.yml": "runs:\n  using: composite\n  steps:\n    - run: promptfoo ${{ inputs.suite }}\n      shell: bash\n",
    }
    found = jobs(files)
    assert [(job.name, job.evaluates, job.runs_on_change) for job in found] == [("call / evals", "eval", True)]


def test_matrix_values_are_filled_in() -> None:
    text = "on: push\njobs:\n  a:\n    strategy:\n      matrix:\n        what: [lint, eval]\n    steps:\n      - run: promptfoo ${{ matrix.what }}\n"
    assert [job.evaluates for job in jobs({".github/workflows/a.yml": text})] == ["eval"]


def test_an_evaluation_that_every_deployment_waits_for_is_a_gate() -> None:
    text = "on:\n  push:\n    tags: ['*']\njobs:\n  evals:\n    steps:\n      - run: promptfoo eval\n  ship:\n    needs: {needs}\n    steps:\n      - run: npm publish\n"
    gated = {job.name: job for job in jobs({".github/workflows/a.yml": text.replace("{needs}", "evals")})}
    assert (gated["evals"].runs_on_change, gated["ship"].deploys) == (True, True)
    assert not next(job for job in jobs({".github/workflows/a.yml": text.replace("{needs}", "[]")}) if job.evaluates).runs_on_change


def test_an_evaluation_after_the_deployment_stops_nothing() -> None:
    text = "on: push\njobs:\n  ship:\n    steps:\n      - run: npm publish\n  evals:\n    needs: ship\n    steps:\n      - run: promptfoo eval\n"
    job = next(job for job in jobs({".github/workflows/a.yml": text}) if job.evaluates)
    assert not job.blocking
    assert "after 'ship'" in job.note


def test_attacks_are_told_apart() -> None:
    found = jobs({".github/workflows/ci.yml": workflow("promptfoo eval\npromptfoo redteam run\ngarak --model_type x")})
    assert [(job.evaluates, job.adversarial) for job in found] == [("eval", False), ("adversarial", True)]


@pytest.mark.parametrize(
    ("key", "uses", "kind"),
    [
        ("check", "acme/workflows/.github/workflows/prompt-evaluation.yml@v3", "unseen"),
        ("evals", "acme/workflows/.github/workflows/python.yml@main", "unseen"),
        ("check", "acme/workflows/.github/workflows/python.yml@main", ""),
        ("evals", "./.github/workflows/gone.yml", ""),
    ],
)
def test_a_workflow_of_another_repository_may_evaluate_where_its_name_says_so(key: str, uses: str, kind: str) -> None:
    found = jobs({".github/workflows/a.yml": f"on: pull_request\njobs:\n  {key}:\n    uses: {uses}\n"})
    assert {job.evaluates for job in found} <= {kind}
    assert bool(found) or not kind


def test_an_action_that_evaluates() -> None:
    text = "on: pull_request\njobs:\n  a:\n    steps:\n      - uses: promptfoo/promptfoo-action@v1\n"
    assert [(job.evaluates, job.span.line) for job in jobs({".github/workflows/a.yml": text})] == [("eval", 5)]
