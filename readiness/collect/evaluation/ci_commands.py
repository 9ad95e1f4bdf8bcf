"""What a command does to prompts: evaluates, tests a live model, runs unit tests, attacks, deploys."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from readiness.collect.evaluation.ci_expand import Run
from readiness.collect.evaluation.evals import EvalFacts, Runnable
from readiness.collect.evaluation.evals_code import is_test_file
from readiness.collect.evaluation.evals_guards import skipped
from readiness.collect.evaluation.evals_tests import LiveTest
from readiness.collect.evaluation.evals_tools import Sign
from readiness.collect.lower.config_tree import Tree

_JS_RUNNERS: Final = frozenset({"vitest", "jest", "mocha", "ava", "playwright", "cypress", "tap", "node:test"})
_OTHER_RUNNERS: Final = re.compile(
    r"""(go\ (test|vet)|cargo\ (test|nextest)|(\./)?mvnw?\ .*(test|verify|install|package)|(\./)?gradlew?\ .*(test|build|check)
        |dotnet\ test|ctest|rspec|phpunit|sbt\ test|mix\ test|swift\ test|unittest|python\ -m\ unittest|bats|rails\ test
        |rake\ (test|spec))\b""",
    re.VERBOSE,
)
_DEPLOYS: Final = re.compile(
    r"""^(
      (npm|pnpm|yarn|bun|poetry|uv|cargo|hatch|flit|pdm)\ publish | twine\ upload | docker\ (image\ )?push
      | docker\ buildx\ build\b.*--push | vercel\b(?!.*\b(pull|build|env|lint)\b) | netlify\ deploy | azd\ (up|deploy|provision)
      | kubectl\ (apply|set\ image|rollout) | helm\ (upgrade|install) | terraform\ apply | pulumi\ up | cdk\ deploy
      | gcloud\ (run|app|functions)\ deploy | aws\ (ecs\ update-service|lambda\ update-function|s3\ sync|cloudformation\ deploy)
      | (serverless|sls)\ deploy | fly(ctl)?\ deploy | wrangler\ (deploy|publish) | goreleaser\ release | modal\ deploy
      | railway\ up | sam\ deploy | eb\ deploy | skaffold\ run | az\ (webapp|containerapp|functionapp)\ \w+ | firebase\ deploy
      | gh\ release\ create | ansible-playbook
    )\b""",
    re.VERBOSE,
)
_DEPLOY_ACTIONS: Final = re.compile(
    r"""pypi-publish|gh-release|create-release|webapps-deploy|container-apps-deploy|functions-action|deploy-cloudrun|deploy-appengine
      |ecs-deploy|lambda-deploy|vercel-action|flyctl|wrangler-action|goreleaser-action|helm-deploy|k8s-deploy|release-action|firebase.*deploy""",
    re.IGNORECASE | re.VERBOSE,
)
_CREDENTIAL: Final = re.compile(
    r"""(^|_)(OPENAI|ANTHROPIC|CLAUDE|GEMINI|GOOGLE_(API|GENAI|AI)|AZURE_(OPENAI|AI|API|INFERENCE)|MISTRAL|COHERE|GROQ|OPENROUTER|TOGETHER|DEEPSEEK
        |XAI|NVIDIA|HUGGINGFACE|HUGGING_FACE|HF|REPLICATE|FIREWORKS|PERPLEXITY|LITELLM|LLM|MODEL|AI|AI_GATEWAY|BEDROCK|VERTEX(AI)?|OLLAMA)
        (COM|HUB)?_?(\w+_)?(KEY|TOKEN|SECRET|CREDENTIALS?|ENDPOINT|HOST|BASE_URL)$|^secrets$""",
    re.IGNORECASE | re.VERBOSE,
)
_CLOUD: Final = re.compile(
    r"^(AWS_(ACCESS_KEY_ID|ROLE\w*)|AZURE_CREDENTIALS|GOOGLE_APPLICATION_CREDENTIALS|GCP_\w+)$", re.IGNORECASE
)
_LOGIN_ACTIONS: Final = re.compile(
    r"^(aws-actions/configure-aws-credentials|google-github-actions/auth|azure/login)", re.IGNORECASE
)
_PLACEHOLDER: Final = re.compile(
    r"^(|test|fake|dummy|mock|placeholder|xxx+|sk-(test|fake|dummy|xxx).*|your[-_].*|not[-_ ]?needed|none|null|foo|bar|key)$",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Effect:
    """What one command does. Kind: eval | live_tests | unit_tests | adversarial. `cannot_fail` says why a bad result passes."""

    kind: str
    cannot_fail: str = ""
    attacks: bool = False
    what: str = ""


def deploys(run: Run) -> bool:
    """Whether a command brings something to where users get it."""
    return bool(_DEPLOYS.search(run.command.text)) and "--dry-run" not in run.words


def action_deploys(uses: str, inputs: str) -> bool:
    """Whether an action of GitHub does; `inputs` is what it is given."""
    return bool(_DEPLOY_ACTIONS.search(uses.partition("@")[0])) or ("build-push-action" in uses and "true" in inputs.split())


def has_credential(env: Mapping[str, str], uses: Collection[str]) -> bool | None:
    """Whether a step is given a key of a model provider; None where it has one of a cloud, which may serve models or not."""
    given = [name for name, value in env.items() if not _PLACEHOLDER.fullmatch(value.strip())]
    if any(_CREDENTIAL.search(name) for name in given):
        return True
    return None if any(_CLOUD.search(name) for name in given) or any(_LOGIN_ACTIONS.search(name) for name in uses) else False


class Classifier:
    """Tells what commands do, by the evaluations of the repository."""

    def __init__(self, evals: EvalFacts, pytest_settings: Tree) -> None:
        """Take the repository's evaluations and what its pytest configuration says (`testpaths`, `addopts`, ...)."""
        self._evals = evals
        self._settings = pytest_settings
        self._markers = frozenset(
            name for item in evals.runnables if item.tests for test in item.tests.tests for name in test.markers
        )

    def effect(self, run: Run, env: Mapping[str, str], *, credential: bool | None) -> Effect | None:
        """What a command does, None when it is nothing of this.

        Args:
            run: The command.
            env: The variables that are set for it.
            credential: Whether it is given a key of a model provider; None where keys are kept outside the file, when only tests
                that say so are taken to ask a model.
        """
        words = run.words
        if not words:
            return None
        sign = self._evals.tools.command(words)
        if sign is not None:
            effect = self.tool(sign, env)
            return replace(effect, kind="adversarial", attacks=True) if self._attacks(run) else effect
        name = words[0].rsplit("/", 1)[-1]
        if name in {"pytest", "py.test"}:
            return self._tests(self._pytest(run), env, credential=credential)
        if name in _JS_RUNNERS or words[:2] in {("bun", "test"), ("node", "--test"), ("deno", "test")}:
            return self._tests(self._script_tests(run), env, credential=credential)
        if _OTHER_RUNNERS.match(run.command.text):
            return Effect("unit_tests", what=run.command.text[:60])
        return self._program(run)

    def tool(self, sign: Sign, env: Mapping[str, str]) -> Effect:
        """What a tool does where the variables `env` are set for it."""
        silent = next((item for item in sign.silenced if env.get(item.partition("=")[0]) == item.partition("=")[2]), "")
        fails = sign.fails or sign.fails_with in self._evals.called
        reason = (
            f"`{silent}` makes it exit with zero"
            if silent
            else ""
            if fails
            else f"{sign.tool} exits with zero however bad the scores are"
        )
        return Effect("adversarial" if sign.attacks else "eval", reason, sign.attacks, sign.tool)

    def _attacks(self, run: Run) -> bool:
        """Whether a tool is given a configuration whose cases are attacks."""
        return any(
            item.kind == "adversarial" and item.script is None and item.tests is None and _within(item.path, word, run.cwd)
            for item in self._evals.runnables
            for word in run.words
            if word.endswith((".yaml", ".yml", ".json"))
        )

    def _program(self, run: Run) -> Effect | None:
        """A program of the repository that evaluates: `python evals/run.py`, a module, `tsx evals/run.ts`."""
        for runnable in self._evals.runnables:
            if runnable.script is not None and any(_is_file(word, runnable.path, run.cwd) for word in run.words[:4]):
                suite = runnable.suite
                reason = "" if suite.can_fail else f"{suite.span.path} prints its scores and exits with zero however bad they are"
                return Effect(runnable.kind, reason, suite.adversarial, suite.span.path)
        return None

    def _tests(
        self, chosen: Sequence[tuple[Runnable, Sequence[LiveTest]]], env: Collection[str], *, credential: bool | None
    ) -> Effect:
        """The strongest of what the chosen live tests are, where they are not skipped."""
        found: list[tuple[Runnable, list[LiveTest]]] = []
        for runnable, tests in chosen:
            assert runnable.tests is not None
            constants = runnable.tests.constants
            running = [test for test in tests if not any(skipped(guard, constants, env) for guard in test.skips)]
            if running:
                found.append((runnable, running))
        live = [
            (runnable, [test for test in tests if not test.mocked and (credential or (credential is None and test.confirmed))])
            for runnable, tests in found
        ]
        live = [(runnable, tests) for runnable, tests in live if tests]
        attacks = any(test.attack for _, tests in live for test in tests)
        if not live:
            return Effect("unit_tests", what="tests without a model")
        asserting = [(runnable, tests) for runnable, tests in live if any(test.asserted for test in tests)]
        scored = next((runnable for runnable, _ in asserting if runnable.kind == "eval"), None)
        first = scored or (asserting or live)[0][0]
        kind = "eval" if scored else first.kind if first.kind == "adversarial" else "live_tests"
        return Effect(kind, "" if asserting else "its tests assert nothing of the answers", attacks, first.path)

    def _pytest(self, run: Run) -> list[tuple[Runnable, Sequence[LiveTest]]]:
        options = self._settings["addopts"].texts()
        words = (*run.words[1:], *(word for text in options for word in _split(text)))
        paths = [word.partition("::")[0] for word in _positional(run.words[1:])]
        roots = paths or [word for text in self._settings["testpaths"].texts() for word in text.split()]
        ignored = [value.rstrip("/") for option, value in _options(words) if option in {"--ignore", "--ignore-glob", "--deselect"}]
        markers = next((value for option, value in _options(words) if option == "-m"), "")
        keyword = next((value for option, value in _options(words) if option == "-k"), "")
        chosen: list[tuple[Runnable, Sequence[LiveTest]]] = []
        for runnable in self._evals.runnables:
            if (
                runnable.tests is None
                or not runnable.path.endswith(".py")
                or any(_within(runnable.path, item, run.cwd) for item in ignored)
            ):
                continue
            named = any(_within(runnable.path, path, run.cwd) for path in roots)
            if not (named if roots else _within(runnable.path, ".", run.cwd)) or not (
                is_test_file(runnable.path) or runnable.path in paths
            ):
                continue
            tests = [
                test
                for test in runnable.tests.tests
                if selected(markers, test.markers, self._markers) and _keyword(keyword, test, runnable.path)
            ]
            if tests:
                chosen.append((runnable, tests))
        return chosen

    def _script_tests(self, run: Run) -> list[tuple[Runnable, Sequence[LiveTest]]]:
        filters = [word for word in _positional(run.words[1:]) if word not in {"run", "test", "watch", "--test"}]
        return [
            (runnable, runnable.tests.tests)
            for runnable in self._evals.runnables
            if runnable.tests is not None
            and not runnable.path.endswith(".py")
            and (any(_names(text, runnable.path) for text in filters) if filters else _within(runnable.path, ".", run.cwd))
        ]


def _split(text: str) -> list[str]:
    return [part.strip("\"'") for part in re.findall(r"\"[^\"]*\"|'[^']*'|\S+", text)]


_VALUED: Final = frozenset({
    "--config", "--confcutdir", "--cov", "--cov-config", "--cov-report", "--deselect", "--dist", "--durations",
    "--ignore", "--ignore-glob", "--junit-xml", "--junitxml", "--maxfail", "--numprocesses", "--project",
    "--reporter", "--reruns", "--rootdir", "--tb", "--testTimeout", "--timeout", "-W", "-c", "-k", "-m", "-n", "-o",
    "-p", "-t",
})  # fmt: skip
"""Options of test runners that take the next word."""


def _positional(words: Sequence[str]) -> Iterator[str]:
    skip = False
    for word in words:
        if skip:
            skip = False
        elif word.startswith("-"):
            skip = word in _VALUED
        elif not word.startswith(("$", ">", "<", "2>")):
            yield word


def _options(words: Sequence[str]) -> Iterator[tuple[str, str]]:
    for position, word in enumerate(words):
        option, equals, value = word.partition("=")
        if option.startswith("-"):
            yield option, value if equals else (words[position + 1] if position + 1 < len(words) else "")


def _within(path: str, pattern: str, cwd: str) -> bool:
    home = "" if pattern.startswith("/") else cwd
    wanted = "/".join(part for part in f"{home}/{pattern}".split("/") if part not in {"", "."})
    if "*" in wanted:
        return bool(re.match(re.escape(wanted).replace(r"\*\*", ".*").replace(r"\*", "[^/]*"), path))
    return not wanted or path == wanted or path.startswith(f"{wanted}/")


def _names(text: str, path: str) -> bool:
    """Whether a filter of a JavaScript runner, a part of a path, chooses a file."""
    return text.strip("./").replace("**/", "").replace("*", "") in path


def _is_file(word: str, path: str, cwd: str) -> bool:
    if word.endswith((".py", ".ts", ".js", ".mjs", ".tsx")):
        return _within(path, word, cwd) or (path == word.removeprefix("./"))
    dotted = path.rpartition(".")[0].replace("/", ".").removesuffix(".__main__")
    return bool(re.fullmatch(r"\w+(\.\w+)+", word)) and (dotted == word or dotted.endswith("." + word))


def selected(expression: str, markers: frozenset[str], known: frozenset[str]) -> bool:
    """Whether a pytest `-m` expression may choose a test.

    `markers` are those the source shows; a name outside `known`, the markers of all tests, is given while tests are collected, and
    may hold. An expression that cannot be read chooses everything.
    """
    return _chooses(expression, lambda name: True if name in markers else False if name in known else None)


def _keyword(expression: str, test: LiveTest, path: str) -> bool:
    """Whether a pytest `-k` expression may choose a test."""
    names = f"{path} {test.case.name}".lower()
    return _chooses(expression.lower(), lambda name: name in names or (None if test.case.driven else False))


def _chooses(expression: str, holds: Callable[[str], bool | None]) -> bool:
    if not expression or "$" in expression:
        return True
    value, rest = _or(re.findall(r"\(|\)|[\w.-]+", expression), holds)
    return bool(rest) or value is not False


_Parsed = tuple[bool | None, list[str]]


def _or(tokens: list[str], holds: Callable[[str], bool | None], depth: int = 0) -> _Parsed:
    value, tokens = _and(tokens, holds, depth)
    while tokens and tokens[0] == "or":
        other, tokens = _and(tokens[1:], holds, depth)
        value = True if True in {value, other} else None if None in {value, other} else False
    return value, tokens


def _and(tokens: list[str], holds: Callable[[str], bool | None], depth: int) -> _Parsed:
    value, tokens = _not(tokens, holds, depth)
    while tokens and tokens[0] == "and":
        other, tokens = _not(tokens[1:], holds, depth)
        value = False if False in {value, other} else None if None in {value, other} else True
    return value, tokens


def _not(tokens: list[str], holds: Callable[[str], bool | None], depth: int) -> _Parsed:
    if not tokens or depth > _MAX_NESTING:
        return None, []
    if tokens[0] == "not":
        value, rest = _not(tokens[1:], holds, depth + 1)
        return None if value is None else not value, rest
    if tokens[0] == "(":
        value, rest = _or(tokens[1:], holds, depth + 1)
        return value, rest[1:]
    return holds(tokens[0]), tokens[1:]


_MAX_NESTING: Final = 50
