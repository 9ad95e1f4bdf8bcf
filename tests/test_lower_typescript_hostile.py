"""What the TypeScript front end makes of hostile, deep and minified files."""

from __future__ import annotations

import pickle
from collections.abc import Iterator

import pytest

from readiness.collect import ir
from readiness.collect.lower.typescript import lower_typescript


def nodes(root: ir.Node) -> Iterator[ir.Node]:
    todo: list[object] = [root]
    while todo:
        node = todo.pop()
        if isinstance(node, ir.Node):
            yield node
            todo += [getattr(node, name) for name in node.__slots__]
        elif isinstance(node, tuple):
            todo += node


HOSTILE = {
    "parentheses": "x=" + "(" * 3000 + "1" + ")" * 3000,
    "open parentheses": "x=" + "(" * 20_000,
    "sum": "x=" + "a+" * 20_000 + "f()",
    "alternating operators": "x=" + "a+b-" * 5000 + "1",
    "choice": "x=" + "a??" * 20_000 + "f()",
    "member chain": "x=a" + ".b" * 20_000,
    "call chain": "x=a" + ".b(c)" * 5000,
    "arrays": "x=" + "[" * 3000 + "]" * 3000,
    "objects": "x=" + "{a:" * 3000 + "1" + "}" * 3000,
    "blocks": "{" * 3000 + "}" * 3000,
    "ifs": "if(a)" * 3000 + "b();",
    "functions": "function f(){" * 2000 + "}" * 2000,
    "arrows": "x=" + "a=>" * 3000 + "1",
    "calls": "f(" * 3000 + ")" * 3000,
    "ternaries": "x=" + "a?b:" * 3000 + "c",
    "negations": "x=" + "!" * 5000 + "a",
    "templates": "x=" + "`${" * 3000 + "1" + "}`" * 3000,
    "assignments": "a=" * 3000 + "1",
    "generics": "type T=" + "A<" * 3000 + "B" + ">" * 3000,
    "union": "type T=" + "|".join(["'a'"] * 20_000),
    "patterns": "const " + "{a:" * 3000 + "b" + "}" * 3000 + "=x",
    "parameters": "function f(" + "{a:" * 3000 + "b" + "}" * 3000 + "){}",
    "classes": "class A{m(){" * 2000 + "}}" * 2000,
    "namespaces": "namespace A{" * 2000 + "}" * 2000,
    "elements": "x=" + "<a>" * 3000 + "</a>" * 3000,
    "handlers": "try{" * 2000 + "}catch(e){}" * 2000,
    "loops": "for(;;)" * 2000 + ";",
    "bases": "class A extends " + "B(" * 2000 + ")" * 2000 + "{}",
    "requires": "const x=" + "(" * 3000 + "require('a')" + ")" * 3000,
    "numbers": "x=[" + "9" * 100_000 + ",0x" + "f" * 10_000 + ",08,1__0]",
    "escapes": r"x='\u{ffffffff}\ud83d'",
    "lone surrogate": "x='\ud800'",
    "nul": "a\0b()\0" * 100,
    "comment": "/*" * 10_000,
    "nothing": "",
}


@pytest.mark.parametrize("source", HOSTILE.values(), ids=HOSTILE)
@pytest.mark.parametrize("path", ["a.ts", "a.tsx"])
def test_hostile_source_is_lowered_and_can_be_passed_on(source: str, path: str) -> None:
    code = lower_typescript(source, path)
    assert pickle.loads(pickle.dumps(code)) == code
    hash(code)


def test_beyond_the_budget_an_expression_is_opaque() -> None:
    assert any(node == ir.Opaque("other", (), 1) for node in nodes(lower_typescript(HOSTILE["arrays"], "a.ts")))


def test_a_long_sum_keeps_every_operand() -> None:
    assert sum(isinstance(node, ir.Name) and node.id == "a" for node in nodes(lower_typescript(HOSTILE["sum"], "a.ts"))) == 20_000


def test_a_long_call_chain_keeps_its_root_and_every_argument() -> None:
    found = [node.id for node in nodes(lower_typescript(HOSTILE["call chain"], "a.ts")) if isinstance(node, ir.Name)]
    assert found.count("c") == 5000
    assert "a" in found


def test_a_long_ladder_of_branches_keeps_every_one() -> None:
    for source in ("if(a){f()}" + "else if(a){f()}" * 999, "switch(a){" + "case 1:f();break;" * 1000 + "}"):
        found = list(nodes(lower_typescript(source, "a.ts")))
        assert sum(isinstance(node, ir.If) for node in found) == 1000
        assert sum(isinstance(node, ir.Call) for node in found) == 1000


LONG_LINES = {
    "statements": "f(1);" * 5000 + "\ng()",
    "items": "x=[\n" + "f(1)," * 5000 + "\n2]",
    "entries": "x={\n" + "a:f(1)," * 5000 + "\nb:2}",
    "holes": "x=`\n" + "${f(1)}b" * 5000 + "\n`",
    "branches": "if(a){\n}" + "else if(a){f(1)}" * 5000 + "\n{\n}",
    "members": "class A{\n" + "a=f(1);" * 5000 + "\n}",
    "defaults": "const {a,\n" + "b=f(1)," * 5000 + "\nc}=x",
}


@pytest.mark.parametrize("source", LONG_LINES.values(), ids=LONG_LINES)
def test_a_minified_line_is_lowered_whole(source: str) -> None:
    code = lower_typescript(source, "a.ts")
    calls = {node.line for node in nodes(code) if isinstance(node, ir.Call) and len(node.args) == 1}
    assert calls == {1 if source.startswith("f(") else 2}
