"""Evaluation data sets: files of cases, folders with one case each, cases in a tool's configuration, and hosted sets."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Final

from readiness.collect import ir
from readiness.collect.evaluation.datasets_files import DatasetFile, Shape, shape_of_case, shape_of_rows
from readiness.collect.evaluation.datasets_hosted import hosted_calls, hosted_texts
from readiness.collect.evaluation.evals_code import Module, chain, folder, nodes, statements, texts
from readiness.collect.evaluation.evals_scripts import Script, is_eval_path
from readiness.collect.evaluation.evals_tests import ATTACK, ATTACK_NAME, TestFile
from readiness.collect.evaluation.evals_tools import EvalTools
from readiness.collect.lower.config_tree import Tree
from readiness.model import Dataset, Scope, Span

_RESULT: Final = re.compile(
    r"(^|[/_. -])(results?|outputs?|logs?|reports?|runs?|snapshots?|cassettes?|baseline|history|summary)([/_. -]|$)", re.IGNORECASE
)
_MODEL_GRADED: Final = re.compile(
    r"llm|model|rubric|judge|g-eval|factuality|closedqa|relevance|faithfulness|similar|context-|pi$", re.IGNORECASE
)
_DETERMINISTIC: Final = re.compile(
    r"exact|match|intersection|regex|fuzz|rouge|bleu|levenshtein|difflib|contains|includes|findall|search|fullmatch", re.IGNORECASE
)
_EXPECTED_NAME: Final = re.compile(r"expect|answer|truth|reference|ideal|gold|target|correct|rubric|label", re.IGNORECASE)
_VERDICT: Final = re.compile(r"pass|correct", re.IGNORECASE)
_MIN_CASE_FILES: Final = 2


@dataclass(frozen=True, slots=True)
class _Sources:
    """What may read a data set: evaluation and test code with its texts, and configuration beside it."""

    modules: Mapping[str, Module]
    trees: Mapping[str, Tree]
    evaluating: Mapping[str, TestFile | Script | None]
    tools: EvalTools
    texts: Mapping[str, str]
    """All texts of a source, joined."""
    files: tuple[str, ...]
    """Data files."""

    def readers(self, path: str) -> tuple[str, ...]:
        """Files that name a data file, most telling name first."""
        name = PurePosixPath(path).name
        stem = name.split(".")[0]
        named = [source for source, text in self.texts.items() if name in text and source != path]
        if not named and len(stem) > 4:
            named = [source for source, text in self.texts.items() if source != path and _word(stem, text)]
        return tuple(named)


def link_datasets(
    modules: Mapping[str, Module],
    trees: Mapping[str, Tree],
    data: Sequence[DatasetFile],
    tools: EvalTools,
    *,
    evaluating: Mapping[str, TestFile | Script | None],
    scope_of: Callable[[str], Scope],
) -> tuple[Dataset, ...]:
    """Every evaluation data set of a repository, ordered by place.

    Args:
        modules: Source files by path.
        trees: Configuration files by path.
        data: Data files that were read.
        tools: The evaluation tools.
        evaluating: The files that evaluate, with their tests or script.
        scope_of: What a path is for.
    """
    relevant = {
        p: m for p, m in modules.items() if p in evaluating or is_eval_path(p) or scope_of(p) in {Scope.TEST, Scope.NOTEBOOK}
    }
    mentions = {path: "\n".join(_named(module)) for path, module in relevant.items()}
    mentions |= {path: "\n".join(root.texts()) for path, root in trees.items() if is_eval_path(path) or tools.file(path)}
    sources = _Sources(relevant, trees, evaluating, tools, mentions, tuple(item.path for item in data))
    found = [
        *_files(data, trees, sources, scope_of),
        *_folders(trees, sources, scope_of),
        *_tool_cases(trees, sources),
        *_hosted(relevant, sources),
        *_elsewhere(evaluating, sources),
        *_written_out(evaluating),
    ]
    return tuple(sorted(found, key=lambda item: (item.span, item.note)))


def _named(module: Module) -> Iterator[str]:
    """What a source file names: its texts, and the modules it imports, which in TypeScript may be data."""
    yield from (str(text.value) for text in texts(module.code.body))
    yield from (statement.module for statement in statements(module.code.body) if isinstance(statement, ir.Import))


def _candidate(path: str, scope: Scope) -> bool:
    if _RESULT.search(path):
        return False
    words = re.split(r"[/_. -]+", path.lower())
    named = {
        "testset",
        "testcases",
        "groundtruth",
        "truth",
        "qa",
        "cases",
        "golden",
        "goldens",
        "questions",
        "dataset",
        "datasets",
    } & set(words)
    return (
        is_eval_path(path)
        or (scope is Scope.TEST and bool(named or "eval" in words))
        or bool({"golden", "truth", "testset"} & named)
    )


def _files(
    data: Sequence[DatasetFile], trees: Mapping[str, Tree], sources: _Sources, scope_of: Callable[[str], Scope]
) -> Iterator[Dataset]:
    shaped = [(item.path, item.shape) for item in data]
    shaped += [
        (path, shape) for path, root in trees.items() if not sources.tools.file(path) and (shape := shape_of_rows(root)) is not None
    ]
    for path, shape in shaped:
        readers = sources.readers(path)
        if (
            shape.result
            or not shape.asks
            or not (_candidate(path, scope_of(path)) or any(reader in sources.evaluating for reader in readers))
        ):
            continue
        if scope_of(path) is Scope.PRODUCTION and not _candidate(path, scope_of(path)) and not shape.expected:
            continue
        yield _dataset(Span(path, 1, max(1, shape.rows or 1)), shape.rows, shape, readers, sources)


def _dataset(span: Span, rows: int | None, shape: Shape, readers: Collection[str], sources: _Sources) -> Dataset:
    return Dataset(
        span,
        rows,
        expected=shape.expected,
        used=bool(readers),
        asserted=bool(readers) and _asserts((span.path, *readers), sources),
        adversarial=shape.attacks,
        note="read by " + ", ".join(sorted(readers)[:3]) if readers else "",
        public=sources.tools.is_public(PurePosixPath(span.path).name),
    )


def _folders(trees: Mapping[str, Tree], sources: _Sources, scope_of: Callable[[str], Scope]) -> Iterator[Dataset]:
    """Cases kept one to a file: the same file name in sibling folders, or files of one shape in one folder."""
    groups: dict[tuple[str, str], list[tuple[str, Shape]]] = defaultdict(list)
    names: dict[tuple[str, str], int] = defaultdict(int)
    for path in trees:
        names[folder(folder(path)), PurePosixPath(path).name] += 1
    for path, root in trees.items():
        if _candidate(path, scope_of(path)) or scope_of(path) is Scope.TEST:
            name = PurePosixPath(path).name
            shape = shape_of_case(root)
            shared = names[folder(folder(path)), name] >= _MIN_CASE_FILES
            if shape is not None and (shape.asks or (shared and "case" in name)):
                groups[(folder(folder(path)), name) if shared else (folder(path), "")].append((path, shape))
    for (home, name), cases in sorted(groups.items()):
        if len(cases) >= _MIN_CASE_FILES and not sources.tools.file(cases[0][0]):
            first = min(path for path, _ in cases)
            expected = sum(shape.expected for _, shape in cases) * 2 > len(cases)
            shape = Shape(len(cases), asks=True, expected=expected, attacks=any(shape.attacks for _, shape in cases))
            readers = sources.readers(f"{home}/{name}" if name else f"{home}/x") or sources.readers(home)
            yield _dataset(Span(first, 1, 1), len(cases), shape, readers, sources)


def _tool_cases(trees: Mapping[str, Tree], sources: _Sources) -> Iterator[Dataset]:
    """The list of cases in a tool's own configuration."""
    for path, root in trees.items():
        sign = sources.tools.file(path)
        cases = root[sign.cases] if sign and sign.cases else Tree()
        if not cases.is_list or not any(case.children for case in cases.items()):
            continue
        checks = _checks(root, cases)
        expected = bool(checks) or any(_EXPECTED_NAME.search(key) for case in cases.items() for key, _ in case.named())
        asserted = any(not _MODEL_GRADED.search(kind) for kind in checks)
        attacks = bool(sign and sign.attacks_key and root[sign.attacks_key]) or attacking(path, cases)
        span = Span(path, cases.line, cases.end_line)
        yield Dataset(
            span,
            len(cases.items()),
            expected,
            used=True,
            asserted=asserted,
            adversarial=attacks,
            note=f"cases of {sign.tool if sign else ''}",
        )


def _checks(root: Tree, cases: Tree) -> list[str]:
    """The kinds of assertion in a tool's configuration, those for every case included."""
    return [
        leaf.text
        for case in (*cases.items(), root["defaultTest"])
        for check in case["assert"].items()
        for leaf in (check["type"],)
        if leaf
    ]


def attacking(path: str, cases: Tree) -> bool:
    """Whether a list of cases attacks the model: most of them do, or the file is called after attacks and one does."""
    found = [bool(ATTACK.search("\n".join(case.texts()))) for case in cases.items()]
    return any(found) and (2 * sum(found) >= len(found) or bool(ATTACK_NAME.search(PurePosixPath(path).name)))


def _hosted(modules: Mapping[str, Module], sources: _Sources) -> Iterator[Dataset]:
    for path, module in modules.items():
        if path not in sources.evaluating and not is_eval_path(path):
            continue
        seen: dict[str, int] = {}
        for name, line in (*hosted_calls(module, sources.tools), *hosted_texts(module, sources.tools)):
            seen.setdefault(name, line)
        for name, line in seen.items():
            near = [other for other in sources.evaluating if other == path or folder(other) == folder(path)]
            yield Dataset(
                Span(path, line, line),
                None,
                expected=any(_reads_expected(m) for p, m in modules.items() if p == path or p in near),
                used=bool(near),
                asserted=bool(near) and _asserts((path, *near), sources),
                note=name[:120],
                public=sources.tools.is_public(name),
            )


def _reads_expected(module: Module) -> bool:
    """Whether a program takes a reference out of each row: `row["answer"]`, `case.expected_output`."""
    for node in nodes(module.code.body):
        match node:
            case ir.Index(key=ir.Literal(value=str(key))) if _EXPECTED_NAME.search(key):
                return True
            case ir.Member(name=name) if _EXPECTED_NAME.match(name):
                return True
            case ir.Call(callee=ir.Member(name="get"), args=(ir.Literal(value=str(key)), *_)) if _EXPECTED_NAME.search(key):
                return True
            case _:
                pass
    return False


def _asserts(places: Collection[str], sources: _Sources) -> bool:
    """Whether one of the files in or beside `places`, or a test above them, compares answers without a model as judge."""
    homes = {folder(place) for place in places}
    for path, found in sources.evaluating.items():
        if any(home == folder(path) or home.startswith(folder(path) + "/") for home in homes if folder(path)) or path in places:
            match found:
                case TestFile(tests=tests) if any(test.deterministic and not test.mocked for test in tests):
                    return True
                case Script(module=module) if _compares(module):
                    return True
                case _:
                    pass
    if any(_configured(path, sources) for path in places):
        return True
    return any(is_eval_path(path) and path in sources.modules and _compares(sources.modules[path]) for path in places)


def _configured(path: str, sources: _Sources) -> bool:
    """Whether a tool's configuration asserts something without a model as judge."""
    sign, root = sources.tools.file(path), sources.trees.get(path)
    if sign is None or root is None or not sign.cases:
        return False
    return any(not _MODEL_GRADED.search(kind) for kind in _checks(root, root[sign.cases]))


def _compares(module: Module) -> bool:
    """Whether a program compares an answer with its reference, runs a test of it, or fails it on a condition."""
    for node in nodes(module.code.body):
        match node:
            case ir.Opaque(kind="compare", text="==" | "===" | "in" | "not in", parts=(left, right)) if _is_reference(
                left
            ) and _is_variable(right):
                return True
            case ir.Opaque(kind="compare", text="==" | "===" | "in" | "not in", parts=(left, right)) if _is_reference(
                right
            ) and _is_variable(left):
                return True
            case ir.Call(callee=callee, args=args) if _DETERMINISTIC.search(chain(callee)) and any(
                _is_reference(arg) for arg in args
            ):
                return True
            case ir.Opaque(kind="compare", parts=(ir.Member(name="returncode" | "exit_code"), ir.Literal(value=0))):
                return True
            case ir.If(body=body) if any(_fails_case(inner) for inner in nodes(body)):
                return True
            case _:
                pass
    return False


def _is_reference(expr: ir.Expr) -> bool:
    return any(isinstance(node, ir.Name | ir.Member) and _EXPECTED_NAME.search(chain(node)) for node in nodes(expr))


def _is_variable(expr: ir.Expr) -> bool:
    return not isinstance(expr, ir.Literal | ir.Sequence)


def _fails_case(node: ir.Node) -> bool:
    """`Result(passing=False)` or `{"answer_correct": False}` in a branch."""
    match node:
        case ir.Keyword(name=str(name), value=ir.Literal(value=False)) if _VERDICT.search(name):
            return True
        case ir.Mapping(entries=entries):
            return any(
                isinstance(key, ir.Literal)
                and isinstance(value, ir.Literal)
                and value.value is False
                and _VERDICT.search(str(key.value))
                for key, value in entries
            )
        case _:
            return False


_CASES: Final = re.compile(r"(DATA_?SETS?|CASES?|EXERCISES?|QUESTIONS?|PROBLEMS?|GOLDENS?|EXAMPLES?|TEST_?SETS?)(_|$)")


def _elsewhere(evaluating: Mapping[str, TestFile | Script | None], sources: _Sources) -> Iterator[Dataset]:
    """Cases in a place that a constant of a script names and the repository does not hold: another checkout, a mounted folder."""
    for path, script in evaluating.items():
        for statement in script.module.code.body if isinstance(script, Script) else ():
            match statement:
                case ir.Assign(target=ir.Name(id=name), value=ir.Literal(value=str(text), line=line)) if _is_place(name, text):
                    last = text.rstrip("/").rsplit("/", 1)[-1]
                    if not any(f"/{last}/" in f"/{other}/" for other in (*sources.modules, *sources.trees, *sources.files)):
                        span = Span(path, line, line, symbol=name)
                        asserted = _asserts((path,), sources)
                        yield Dataset(
                            span,
                            None,
                            expected=asserted,
                            used=True,
                            asserted=asserted,
                            note=text,
                            public=sources.tools.is_public(text),
                        )
                case _:
                    pass


def _is_place(name: str, text: str) -> bool:
    """Whether a constant is a folder or file of cases."""
    return bool(
        _CASES.search(name) and re.search(r"DIR|PATH|FILE|FOLDER|ROOT|DNAME", name) and re.fullmatch(r"[\w./~-]{3,200}", text)
    )


def _written_out(evaluating: Mapping[str, TestFile | Script | None]) -> Iterator[Dataset]:
    """Cases that a live test lists in its `parametrize`."""
    for path, file in evaluating.items():
        for test in (test for test in file.tests if test.confirmed) if isinstance(file, TestFile) else ():
            for values in _parametrized(test.case.markers) if not test.mocked else ():
                expected = all(isinstance(item, ir.Sequence | ir.Call | ir.Mapping) for item in values.items)
                span = Span(path, values.line, values.end_line, symbol=test.case.name)
                yield Dataset(
                    span,
                    len(values.items),
                    expected,
                    used=True,
                    asserted=test.deterministic,
                    adversarial=test.attack,
                    note="cases of one test",
                )


def _parametrized(markers: Iterable[ir.Expr]) -> Iterator[ir.Sequence]:
    for marker in markers:
        if isinstance(marker, ir.Call) and chain(marker.callee).endswith("parametrize") and len(marker.args) > 1:
            values = marker.args[1]
            if isinstance(values, ir.Sequence) and len(values.items) >= _LEAST_WRITTEN:
                yield values


_LEAST_WRITTEN: Final = 5
"""Cases listed at one test from which on they are a small data set, not variants of one case."""


def _word(stem: str, text: str) -> bool:
    return stem in text and bool(re.search(rf"(?<![\w-]){re.escape(stem)}(?![\w-])", text))
