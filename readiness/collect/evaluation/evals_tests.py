"""Tests that ask a real model: what marks them, what guards them, what they assert, and whether they attack."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from readiness.collect import ir
from readiness.collect.evaluation.evals_code import Case, Definition, Flat, Module, chain, last_name, nodes, test_cases, texts
from readiness.collect.evaluation.evals_guards import body_skips, case_skips, listed, module_skips, variables
from readiness.collect.evaluation.evals_reach import Reach
from readiness.collect.evaluation.evals_tools import EvalTools, Sign

_LIVE_MARKER: Final = re.compile(
    r"(llm|evals?|evaluation|live|chat_?quality|quality|(real|live|requires?|needs?|uses?|with)_\w*(llm|model|openai|anthropic|gemini|api_?key|api))"
    r"(_(tests?|only|required|api|llm))?"
)
_LIVE_VARIABLE: Final = re.compile(
    r"(OPENAI|ANTHROPIC|GEMINI|AZURE|MISTRAL|COHERE|GROQ|BEDROCK|VERTEX|OPENROUTER|TOGETHER|DEEPSEEK|XAI|OLLAMA|GOOGLE_(GENAI|API)|LLM|CHAT|LIVE|EVALS?)"
)
_DOUBLE: Final = re.compile(
    r"mock|patch|stub_?(llm|model|client|chat)|vcr|cassette|respx|httpretty|nock|msw|pytest_httpx|\bresponses\.activate"
    r"|fake_?(llm|model|chat|client|openai|provider)",
    re.IGNORECASE,
)
_PATCHES: Final = re.compile(
    r"(^|\.)(patch|patch\.(object|multiple|dict)|monkeypatch\.(setattr|setitem)|mocker\.patch(\.object)?|(vi|jest)\.(mock|doMock|spyOn)|mock\.module)$"
)
_MODEL_PART: Final = re.compile(
    r"openai|anthropic|llm|model|chat|complet|client|generat|agent|invoke|ask|request|httpx|aiohttp|fetch|post|send|stream|respon|answer|api|"
    r"embed|vcr|cassette|respx|nock|msw",
    re.IGNORECASE,
)
_HARMLESS: Final = re.compile(
    r"(setenv|delenv|patch\.dict|environ|syspath_prepend|chdir|freeze_time|\blogg?(ing|er)?|_log|sleep|datetime|\btime\b|random|uuid|\bcwd|argv|stdout|stderr"
    r"|\bprint|\binput\b|\bopen\b|home|dispatch|PATCH)",
    re.IGNORECASE,
)
_SCORE: Final = re.compile(
    r"(score|accura|correct|grade|metric|rating|judge|evaluat|f1|recall|precision|pass_?rate|similarity|faithful)", re.IGNORECASE
)
ATTACK: Final = re.compile(
    r"\b(ignore|disregard|forget|override|bypass)\b.{0,25}\b(previous|prior|above|earlier|preceding|all|any|your|the|system)\b.{0,30}"
    r"\b(instruction|prompt|rule|direction|guideline|guardrail|message|command)s?\b"
    r"|\b(reveal|print|repeat|show|output|leak|disclose|tell me|give me|what (is|are|was|were))\b.{0,40}"
    r"\b(system prompt|system message|(initial|hidden|secret|original|internal|above) (instructions|prompt))\b"
    r"|\byou are now (DAN|in (developer|god|debug|admin|maintenance) mode|unrestricted|jailbroken|an? (evil|unfiltered))"
    r"|\bdo anything now\b|\bdeveloper mode (enabled|on)\b|\bwithout (any )?(restrictions|filters|safety guidelines)\b"
    r"|<\|im_start\|>\s*system|\[/?INST\]|</?system>.{0,80}|\bnew (system )?instructions?:",
    re.IGNORECASE | re.DOTALL,
)
"""Text that tries to make a model leave its instructions or show them."""
ATTACK_NAME: Final = re.compile(r"red_?-?team|attack|jailbreak|injection|adversar", re.IGNORECASE)
"""What files of attacks are called."""


@dataclass(frozen=True, slots=True)
class LiveTest:
    """One test that asks a model, with the marker names by which a runner selects it and the conditions that skip it."""

    case: Case
    markers: frozenset[str]
    skips: tuple[ir.Expr, ...]
    asserted: bool
    """Whether it asserts something of the answer that can be false."""
    deterministic: bool
    """Whether such an assertion compares the answer itself, not a score."""
    scored: bool
    """Whether it runs for many cases, through an evaluation tool, or asserts a score."""
    attack: bool
    mocked: bool
    confirmed: bool
    """Whether a marker, a guard or a tool says that it is live; otherwise it only would be, given a credential."""
    sign: Sign | None = None


@dataclass(frozen=True, slots=True)
class TestFile:
    """The live tests and attack tests of one file."""

    module: Module
    tests: tuple[LiveTest, ...]
    skips: tuple[ir.Expr, ...]
    constants: Mapping[str, ir.Expr]


@dataclass(frozen=True, slots=True)
class Fixture:
    """What a fixture does to each test that takes it: conditions that skip the test, and stand-ins (`_doubles`)."""

    name: str
    skips: tuple[ir.Expr, ...]
    doubles: tuple[bool, ...]


Fixtures = dict[int, Fixture]
"""The fixtures read so far, by the identity of their definition: thousands of tests can share one."""


@dataclass(frozen=True, slots=True)
class _File:
    module: Module
    reach: Reach
    tools: EvalTools
    constants: Mapping[str, ir.Expr]
    markers: frozenset[str]
    skips: tuple[ir.Expr, ...]
    doubled: bool
    """Whether something stands in for the model in the whole file."""
    attacks: Collection[str]
    """Names of data files that hold attacks."""
    fixtures: Fixtures

    def taken(self, case: Case) -> tuple[Fixture, ...]:
        """The fixtures of a test, those that others take included."""
        return tuple(self._fixture(home, each) for home, each in self.reach.fixtures(self.module, case.fixtures))

    def _fixture(self, home: Module, definition: Definition) -> Fixture:
        if id(definition) not in self.fixtures:
            body = Flat(nodes(definition.function.body))
            self.fixtures[id(definition)] = Fixture(definition.function.name, tuple(body_skips(body)), tuple(_doubles(home, body)))
        return self.fixtures[id(definition)]


def read_tests(
    module: Module, reach: Reach, tools: EvalTools, attacks: Collection[str] = (), fixtures: Fixtures | None = None
) -> TestFile | None:
    """The tests of a file that ask a real model, and those that feed an attack to anything; None when there are none.

    `attacks` are the names of data files that hold attacks; `fixtures` takes up what later files need again.
    """
    constants = {
        a.target.id: a.value for a in module.code.body if isinstance(a, ir.Assign) and isinstance(a.target, ir.Name) and a.value
    }
    skips = tuple(module_skips(module, constants))
    shared = _markers(module, listed(constants.get("pytestmark")))
    doubled = _doubled_throughout(module)
    known: Fixtures = {} if fixtures is None else fixtures
    file = _File(module, reach, tools, constants, shared, skips, doubled, attacks, known)
    tests = tuple(
        test
        for case in test_cases(module)
        if "skip" not in _markers(module, case.markers) and (test := _read(file, case)) is not None
    )
    return TestFile(module, tests, skips, constants) if tests else None


def _read(file: _File, case: Case) -> LiveTest | None:
    module = file.module
    fixtures = file.taken(case)
    written, case = case, replace(case, body=Flat(nodes(case.body)))
    markers = file.markers | _markers(module, case.markers)
    guards = (*file.skips, *case_skips(case), *(guard for fixture in fixtures for guard in fixture.skips))
    sign = _tool(module, case, file.tools)
    attack = _attacks(case, file)
    named = any(_LIVE_MARKER.fullmatch(name.lower()) for name in markers)
    guarded = any(_LIVE_VARIABLE.search(name) for guard in guards for name in variables(guard, file.constants))
    confirmed = sign is not None or named or guarded
    live = confirmed or (file.reach.known and not _doubled(file, case, fixtures) and file.reach.reaches(module, case))
    if not live and not attack:
        return None
    asserted, deterministic, score = _assertions(case.body)
    return LiveTest(
        written,
        markers,
        guards,
        asserted=asserted or (sign is not None and sign.fails),
        deterministic=deterministic,
        scored=case.driven or score or sign is not None,
        attack=attack and asserted,
        mocked=not live,
        confirmed=confirmed,
        sign=sign,
    )


def _markers(module: Module, marks: Collection[ir.Expr]) -> frozenset[str]:
    """Names of pytest markers: `pytest.mark.llm`, `pytest.mark.skipif(...)`, also under a name of their own."""
    return frozenset(last_name(mark) for mark in marks if "mark." in module.dotted(mark) or "mark" in chain(mark))


def _tool(module: Module, case: Case, tools: EvalTools) -> Sign | None:
    """The evaluation tool that a test runs through."""
    for node in (*nodes(case.body), *case.markers):
        if isinstance(node, ir.Call) and (sign := tools.api(module.dotted(node.callee))) is not None:
            return sign
    names = _markers(module, case.markers)
    return next((sign for sign in tools.markers if sign.text in names), None)


def _doubled(file: _File, case: Case, fixtures: Sequence[Fixture]) -> bool:
    """Whether anything in a test or its fixtures stands in for a model or for what leads to it."""
    if file.doubled or any(_DOUBLE.search(name) for name in case.fixtures):
        return True
    if any(True for _ in _doubles(file.module, (case.body, case.markers))):
        return True
    return any(strict or fixture.name in case.fixtures for fixture in fixtures for strict in fixture.doubles)


def _doubled_throughout(module: Module) -> bool:
    """Whether a file sets up a stand-in outside its tests: `vi.mock("ai")`, `pytestmark = pytest.mark.vcr`."""
    if module.code.language != "python":
        return any(_doubles(module, module.code.body))
    outside = tuple(s for s in module.code.body if not isinstance(s, ir.Function | ir.Class | ir.Import))
    return any(_doubles(module, outside))


def _doubles(module: Module, body: object) -> Iterator[bool]:
    """The stand-ins that a body sets up; True for those that by their names stand in for a model or its transport."""
    inside: set[int] = set()
    for node in nodes(body):
        match node:
            case ir.Call(callee=callee, args=args, keywords=keywords) if _PATCHES.search(name := module.dotted(callee)):
                inside.update(id(part) for part in nodes(callee))
                target = _target(name, args)
                if not _HARMLESS.search(target) and not any(keyword.name == "wraps" for keyword in keywords):
                    yield bool(_MODEL_PART.search(target))
            case ir.Name() | ir.Member() if id(node) not in inside:
                name = module.dotted(node)
                if _DOUBLE.search(name) and not _HARMLESS.search(name) and not _PATCHES.search(name):
                    yield bool(_MODEL_PART.search(name)) or not re.search("mock|patch", name, re.IGNORECASE)
            case _:
                pass


def _target(name: str, args: tuple[ir.Expr, ...]) -> str:
    """What a patch replaces: the last parts of its dotted target, or the object and the attribute."""
    parts = [str(arg.value) if isinstance(arg, ir.Literal) else chain(arg) for arg in args[:2]]
    kept = [".".join(part.split(".")[-2:]) for part in parts]
    return ".".join(kept) + (".dict" if name.endswith("patch.dict") else "")


def _assertions(body: object) -> tuple[bool, bool, bool]:
    """Whether a test asserts something that can be false, something of the answer itself, and a score."""
    found = [test for test in _tests(body) if _can_be_false(test)]
    scores = [bool(_SCORE.search(" ".join(_identifiers(test)))) for test in found]
    return bool(found), not all(scores) if found else False, any(scores) or any(_is_share(test) for test in found)


def _is_share(test: ir.Expr) -> bool:
    """Whether a condition holds a quotient against a bound: `right / len(cases) >= 0.9`."""
    return any(isinstance(node, ir.Opaque) and node.kind == "arithmetic" and node.text == "/" for node in nodes(test))


def _tests(body: object) -> Iterator[ir.Expr]:
    """What is asserted: the conditions of `assert`, and whole calls of `expect(...)...` and `assertX(...)`."""
    for node in nodes(body):
        match node:
            case ir.If(test=ir.Opaque(kind="not", parts=(test,)), body=(ir.Raise(value=ir.Name(id="AssertionError")),)):
                yield test
            case ir.If(test=test, body=inner) if any(_fails(n) for n in nodes(inner)):
                yield test
            case ir.Call(callee=callee) if _is_assertion(chain(callee)):
                yield node
            case _:
                pass


def _fails(node: ir.Node) -> bool:
    return isinstance(node, ir.Call) and chain(node.callee) in {"pytest.fail", "self.fail", "fail", "expect.fail", "assert.fail"}


def _is_assertion(name: str) -> bool:
    parts = name.split(".")
    trivial = {
        "toBeDefined",
        "toBeTruthy",
        "assertIsNotNone",
        "assertTrue",
        "assert_called",
        "assert_called_once",
        "toHaveBeenCalled",
    }
    if parts[-1] in trivial - {"assertTrue"}:
        return False
    return (parts[0] == "expect" and len(parts) > 1) or parts[0] == "assert" or parts[-1].startswith(("assert", "expect_"))


def _can_be_false(test: ir.Expr) -> bool:
    """Whether a condition says more than that there is an answer: not `assert out`, `len(out) > 0`, `is not None`, `isinstance`."""
    match test:
        case ir.Opaque(kind="compare", text="is" | "is not"):
            return False
        case ir.Opaque(kind="compare", parts=parts):
            sized = any(isinstance(part, ir.Call) and last_name(part.callee) == "len" for part in parts)
            sized = sized or any(
                isinstance(part, ir.Member) and part.name in {"length", "status_code", "exit_code"} for part in parts
            )
            return not sized
        case ir.Opaque(kind="and" | "not", parts=parts):
            return any(_can_be_false(part) for part in parts)
        case ir.Choice(options=options):
            return any(_can_be_false(option) for option in options)
        case ir.Call(callee=callee, args=args):
            name = last_name(callee)
            if name in {"isinstance", "hasattr", "len", "bool", "toBeGreaterThan"}:
                return name == "toBeGreaterThan" and not any(isinstance(a, ir.Literal) and a.value == 0 for a in args)
            return True
        case ir.Member(name=name) | ir.Index(key=ir.Literal(value=str(name))):
            return bool(_SCORE.search(name)) or name in {"success", "passed", "passing", "ok"}
        case ir.Name(id=name):
            return bool(_SCORE.search(name)) or name in {"success", "passed", "passing"}
        case _:
            return False


def _identifiers(test: ir.Expr) -> Iterator[str]:
    for node in nodes(test):
        match node:
            case ir.Name(id=name) | ir.Member(name=name):
                yield name
            case ir.Index(key=ir.Literal(value=str(name))):
                yield name
            case ir.Call(args=(ir.Literal(value=str(name)), *_), callee=ir.Member(name="get")):
                yield name
            case _:
                pass


def _attacks(case: Case, file: _File) -> bool:
    """Whether a test feeds an attack in; text that only an assertion compares with is none."""
    asserted = {id(text) for test in _tests(case.body) for text in texts(test)}
    fed: list[object] = [case.body, case.markers, case.loop] if case.loop is not None else [case.body, case.markers]
    named = [file.constants[node.id] for node in nodes(tuple(fed)) if isinstance(node, ir.Name) and node.id in file.constants]
    said = [str(text.value) for text in texts((*fed, *named)) if id(text) not in asserted]
    return any(ATTACK.search(text) or text.rsplit("/", 1)[-1] in file.attacks for text in said)
