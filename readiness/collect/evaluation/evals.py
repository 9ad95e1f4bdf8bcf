"""Evaluation facts: what evaluates or attacks the application's prompts and models, and with which cases."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

from readiness.collect import ir
from readiness.collect.evaluation.datasets import attacking, link_datasets
from readiness.collect.evaluation.datasets_files import DatasetFile
from readiness.collect.evaluation.evals_code import Module, is_test_file, read_module
from readiness.collect.evaluation.evals_reach import Reach
from readiness.collect.evaluation.evals_scripts import Script, is_eval_path, read_script
from readiness.collect.evaluation.evals_tests import ATTACK, ATTACK_NAME, Fixtures, LiveTest, TestFile, read_tests
from readiness.collect.evaluation.evals_tools import EvalTools, Sign, load_tools
from readiness.collect.lower.config_tree import Tree, tree
from readiness.model import Dataset, EvalSuite, Scope, Span

_OUTSIDE = frozenset({Scope.VENDORED, Scope.GENERATED, Scope.DOCS})


@dataclass(frozen=True, slots=True)
class Runnable:
    """A suite with what decides which command runs it. Kind: eval | live_tests | adversarial."""

    suite: EvalSuite
    kind: str
    confirmed: bool = True
    """False for tests that would ask a model where a credential is given, and that nothing marks as such."""
    tests: TestFile | None = None
    script: Script | None = None

    @property
    def path(self) -> str:
        return self.suite.span.path


@dataclass(frozen=True, slots=True)
class EvalFacts:
    """The suites and data sets of a repository; `runnables` and `tools` are for finding them in CI."""

    suites: tuple[EvalSuite, ...]
    datasets: tuple[Dataset, ...]
    runnables: tuple[Runnable, ...]
    tools: EvalTools
    called: frozenset[str] = frozenset()
    """Which of the names that make a tool fail on bad scores the repository uses."""


def link_evals(
    codes: Sequence[ir.Code],
    configs: Sequence[ir.Config],
    scope_of: Callable[[str], Scope],
    data: Sequence[DatasetFile] = (),
    *,
    model_sites: Collection[tuple[str, int]] = (),
    tools: EvalTools | None = None,
) -> EvalFacts:
    """Find the evaluations of a repository.

    Args:
        codes: Every source file.
        configs: Every configuration file.
        scope_of: What a path is for.
        data: What `datasets.read_dataset` made of the data files.
        model_sites: Path and line of each of the repository's own calls of generative models. A test without marker or guard is
            live when it reaches one of them and nothing in it is a double; with none given, only marked and guarded tests are.
        tools: What `load_tools` gave, when it is at hand.

    Raises:
        ConfigurationError: the knowledge file of evaluation tools is broken.
    """
    tools = tools or load_tools()
    modules = {code.path: read_module(code) for code in codes if scope_of(code.path) not in _OUTSIDE}
    reach = Reach(modules, model_sites)
    trees = {config.path: tree(config.entries) for config in configs if scope_of(config.path) not in _OUTSIDE}
    attacks = frozenset(PurePosixPath(path).name for path in _of_attacks(data, trees))
    runnables = [*_configured(trees, tools), *_coded(modules, scope_of, reach, tools, attacks)]
    runnables.sort(key=lambda item: item.suite.span)
    datasets = link_datasets(modules, trees, data, tools, evaluating=_evaluating(runnables), scope_of=scope_of)
    return EvalFacts(
        tuple(item.suite for item in runnables if item.confirmed), datasets, tuple(runnables), tools, _called(modules, tools)
    )


def _of_attacks(data: Sequence[DatasetFile], trees: Mapping[str, Tree]) -> Iterator[str]:
    """Data files that are called after attacks and hold one."""
    yield from (item.path for item in data if item.shape.attacks and ATTACK_NAME.search(item.path))
    yield from (path for path, root in trees.items() if ATTACK_NAME.search(path) and ATTACK.search("\n".join(root.texts())))


def _called(modules: Mapping[str, Module], tools: EvalTools) -> frozenset[str]:
    wanted = {sign.fails_with for sign in tools.commands if sign.fails_with}
    imported = {name for module in modules.values() for name in module.imports.values()}
    return frozenset(name for name in wanted if name in imported)


def _evaluating(runnables: Sequence[Runnable]) -> Mapping[str, TestFile | Script | None]:
    """The evaluating files by path."""
    return {item.path: item.tests or item.script for item in runnables}


def _configured(trees: Mapping[str, Tree], tools: EvalTools) -> Iterator[Runnable]:
    for path, root in trees.items():
        sign = tools.file(path)
        if sign is None or not (
            root["prompts"] or root["providers"] or root["targets"] or (sign.cases and root[sign.cases]) or root[sign.attacks_key]
        ):
            continue
        planned = sign.attacks or bool(sign.attacks_key and root[sign.attacks_key])
        written = attacking(path, root[sign.cases])
        attacks = planned or written
        line = root[sign.attacks_key].line if planned and root[sign.attacks_key] else root[sign.cases].line or 1
        kind = "adversarial" if written or (planned and not root[sign.cases]) else "eval"
        suite = EvalSuite(
            Span(path, line, max(line, root.end_line)),
            sign.tool,
            f"{sign.tool} -c {path}",
            live=True,
            can_fail=_asserts(root, sign),
            adversarial=attacks,
        )
        yield Runnable(suite, kind)


def _asserts(root: Tree, sign: Sign) -> bool:
    """Whether a configuration asserts anything of the answers; cases kept in another file are taken to."""
    cases = root[sign.cases]
    external = bool(cases) and not cases.children
    keys = {key for case in cases.items() for key, _ in case.named()} | {key for key, _ in root["defaultTest"].named()}
    return (
        external
        or bool(keys & {"assert", "threshold", "expected", "expected_output"})
        or any("file:" in t or t.endswith((".csv", ".yaml", ".jsonl")) for t in cases.texts())
        or bool(sign.attacks_key and root[sign.attacks_key])
    )


def _coded(
    modules: Mapping[str, Module], scope_of: Callable[[str], Scope], reach: Reach, tools: EvalTools, attacks: Collection[str]
) -> Iterator[Runnable]:
    fixtures: Fixtures = {}
    for path, module in modules.items():
        scope = scope_of(path)
        if is_test_file(path) or scope is Scope.TEST:
            file = read_tests(module, reach, tools, attacks, fixtures)
            if file is not None:
                yield from _suites(file)
                continue
        if scope is not Scope.PRODUCTION or is_eval_path(path):
            script = read_script(module, reach, tools)
            if script is not None:
                yield _script(script)


def _suites(file: TestFile) -> Iterator[Runnable]:
    """One suite for the live tests of a file, and one for its attacks on doubles."""
    live = [test for test in file.tests if not test.mocked]
    if live:
        scored = sum(test.scored and test.asserted for test in live)
        kind = "eval" if 2 * scored >= len(live) else "live_tests"
        attacks = [test for test in live if test.attack]
        kind = "adversarial" if len(attacks) == len(live) else kind
        yield Runnable(_suite(file, live, live=True), kind, any(test.confirmed for test in live), tests=file)
    mocked = [test for test in file.tests if test.mocked and test.attack]
    if mocked:
        yield Runnable(_suite(file, mocked, live=False), "adversarial", tests=file)


def _suite(file: TestFile, tests: Sequence[LiveTest], *, live: bool) -> EvalSuite:
    path = file.module.path
    first = next((test for test in tests if test.asserted), tests[0])
    sign = next((test.sign for test in tests if test.sign is not None), None)
    runner = "pytest" if file.module.code.language == "python" else "test runner"
    return EvalSuite(
        Span(path, first.case.line, first.case.end_line, symbol=first.case.name),
        sign.tool if sign else "own tests",
        f"{runner} {path}",
        live=live,
        can_fail=any(test.asserted for test in tests),
        adversarial=any(test.attack or (test.sign is not None and test.sign.attacks) for test in tests),
    )


def _script(script: Script) -> Runnable:
    path = script.module.path
    interpreter = "python" if script.module.code.language == "python" else "node"
    suite = EvalSuite(
        Span(path, script.line, script.line),
        script.sign.tool if script.sign else "own script",
        f"{interpreter} {path}",
        live=True,
        can_fail=script.can_fail,
        adversarial=script.attacks,
    )
    return Runnable(suite, "adversarial" if script.attacks else "eval", script=script)
