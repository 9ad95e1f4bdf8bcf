"""Evaluation scripts: programs that run cases through the application and score the answers, by a tool or on their own."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Final

from readiness.collect import ir
from readiness.collect.evaluation.evals_code import Case, Module, chain, nodes
from readiness.collect.evaluation.evals_reach import Reach
from readiness.collect.evaluation.evals_tools import EvalTools, Sign

_EVAL_WORD: Final = re.compile(
    r"evals?|evaluat(e|es|ed|ing|ion|ions|or|ors)|benchmarks?|golden|regressions?|redteam(ing)?|red|judges?|ragas|deepeval|promptfoo|scoring"
)
_SCORE: Final = re.compile(
    r"(accuracy|score|scores|correct|correctness|grade|metric|metrics|pass_rate|passed|precision|recall|f1|hits?)"
)
_HTTP: Final = re.compile(r"^(requests|httpx|aiohttp)\.|(^|\.)(fetch|urlopen)$|^axios\b|\b(session|client|http)\.post$")


def is_eval_path(path: str) -> bool:
    """Whether a whole word of a folder or file name speaks of evaluation: `evals/run.py`, `run_eval.py`, not `retrieval.py`."""
    pure = PurePosixPath(path)
    parts = [*pure.parts[:-1], pure.name.split(".")[0] if not pure.name.startswith(".") else ""]
    parts += pure.name.split(".")[1:-1]
    for part in parts:
        words = re.sub(r"([a-z])([A-Z])", r"\1_\2", part).lower().replace("-", "_").split("_")
        if any(_EVAL_WORD.fullmatch(word) and word != "red" for word in words) or {"red", "team"} <= set(words):
            return True
    return False


@dataclass(frozen=True, slots=True)
class Script:
    """An evaluation script, at the line of its evaluating call or of its entry point."""

    module: Module
    line: int
    sign: Sign | None
    can_fail: bool
    attacks: bool


def read_script(module: Module, reach: Reach, tools: EvalTools) -> Script | None:
    """The evaluation that a program runs, or None when it is none."""
    used = next(_uses(module, tools), None)
    if used is not None and (_entry(module) or is_eval_path(module.path) or _at_top(module, used[0])):
        call, sign = used
        return Script(module, call.line, sign, sign.fails or _exits_on_score(module), sign.attacks)
    line = _entry(module) or _asking(module, reach)
    if not line or not is_eval_path(module.path) or not _scores(module, tools) or not _asks(module, reach):
        return None
    return Script(module, line, None, _exits_on_score(module), attacks=False)


def _uses(module: Module, tools: EvalTools) -> Iterator[tuple[ir.Call, Sign]]:
    found = [
        (node, sign)
        for node in nodes(module.code.body)
        if isinstance(node, ir.Call) and (sign := tools.api(module.dotted(node.callee))) is not None
    ]
    yield from sorted(found, key=lambda item: (not item[1].attacks, item[0].line))


def _at_top(module: Module, call: ir.Call) -> bool:
    """Whether a call runs when the file does."""
    outside = tuple(s for s in module.code.body if not isinstance(s, ir.Function | ir.Class))
    return any(node is call for node in nodes(outside))


def _entry(module: Module) -> int:
    """The line where a program starts; 0 for a file that is only imported."""
    for statement in module.code.body:
        match statement:
            case ir.If(test=test, line=line) if any(isinstance(n, ir.Name) and n.id == "__name__" for n in nodes(test)):
                return line
            case ir.Do(value=value, line=line) if module.code.language == "typescript" and isinstance(value, ir.Call | ir.Await):
                return line
            case _:
                pass
    return 0


def _asking(module: Module, reach: Reach) -> int:
    """The line of the first statement outside of functions that reaches a model; 0 for a file that asks nothing by itself."""
    for statement in module.code.body:
        if not isinstance(statement, ir.Function | ir.Class | ir.Import):
            line = min((node.line for node in nodes(statement) if isinstance(node, ir.Call)), default=0)
            if line and reach.reaches(module, Case("", line, line, (statement,))):
                return line
    return 0


def _scores(module: Module, tools: EvalTools) -> bool:
    for node in nodes(module.code.body):
        match node:
            case ir.Name(id=name) | ir.Member(name=name) if _SCORE.fullmatch(name.lower()) or _SCORE.search(
                name.lower().partition("_")[2]
            ):
                return True
            case ir.Literal(value=str(text)) if _SCORE.fullmatch(text.lower()):
                return True
            case ir.Call(callee=callee) if tools.score(module.dotted(callee)):
                return True
            case _:
                pass
    return False


def _asks(module: Module, reach: Reach) -> bool:
    """Whether the program reaches a model: in the repository's code, or over HTTP where the application runs."""
    if any(isinstance(node, ir.Call) and _HTTP.search(module.dotted(node.callee)) for node in nodes(module.code.body)):
        return True
    bodies = tuple(definition.function.body for definition in module.definitions)
    return reach.reaches(module, Case("", 1, module.code.lines, (module.code.body, *bodies)))


def _exits_on_score(module: Module) -> bool:
    """Whether a condition on a score ends the program with an error: `sys.exit(1)`, `raise`, `assert`, `process.exit(1)`."""
    return any(
        isinstance(node, ir.If) and _about_score(node.test) and any(_ends(n) for n in nodes(node.body))
        for node in nodes(module.code.body)
    )


def _about_score(test: ir.Expr) -> bool:
    names = [chain(node).lower() for node in nodes(test) if isinstance(node, ir.Name | ir.Member)]
    names += [str(node.value).lower() for node in nodes(test) if isinstance(node, ir.Literal)]
    compared = any(isinstance(node, ir.Opaque) and node.kind in {"compare", "not"} for node in nodes(test))
    return any(re.search(r"score|accura|pass|fail|threshold|rate|correct|regress|metric|grade", name) for name in names) and (
        compared or len(names) == 1
    )


def _ends(node: ir.Node) -> bool:
    match node:
        case ir.Raise():
            return True
        case ir.Call(callee=callee, args=args) if chain(callee) in {"sys.exit", "exit", "process.exit", "os._exit", "quit"}:
            return bool(args) and not (isinstance(args[0], ir.Literal) and args[0].value in {0, None})
        case ir.Assign(target=target) if chain(target) == "process.exitCode":
            return True
        case _:
            return False
