"""Where values come from: answers of models and outside values, followed through the program."""

from __future__ import annotations

import pytest

from readiness.collect.calls.records import Linked
from readiness.collect.link.scopes import Site
from readiness.collect.link.values import External, Received
from tests.programs import linked

HEAD = "import json\nfrom openai import OpenAI\nclient = OpenAI()\ndef call(text):\n    return client.chat.completions.create(model='m', messages=[{'role': 'user', 'content': text}])\n"


def called(program: Linked, name: str) -> Site:
    """The first call of a function."""
    sites = (site for scope in program.finder.resolver.program.scopes() for site in scope.sites)
    return next(site for site in sites if getattr(site.call.callee, "id", "") == name)


def reaching(program: Linked, name: str = "sink") -> list[int]:
    """Lines of the model calls whose answers reach the first argument of `sink(...)`."""
    site = called(program, name)
    return sorted(found.call.line for found in program.flow.answers(site.call.args[0], site.scope))


@pytest.mark.parametrize(
    "code",
    [
        "sink(call('x').choices[0].message.content)",
        "reply = call('x')\ntext = reply.choices[0].message.content\nsink(text.strip().lower())",
        "sink(f'<p>{call(1).choices[0].message.content}</p>')",
        "parts = []\nfor chunk in call('x'):\n    parts.append(chunk.choices[0].delta.content)\nsink(''.join(parts))",
        "text = ''\nfor chunk in call('x'):\n    text += chunk.choices[0].delta.content\nsink(text)",
        "class Bot:\n    def ask(self):\n        self.last = call('x')\n    def show(self):\n        sink(self.last.choices[0])",
        "def show(text):\n    sink(text)\nshow(call('x').choices[0].message.content)",
        "state = {}\nstate['answer'] = call('x')\nsink(state['answer'])",
        "def stream():\n    for chunk in call('x'):\n        yield chunk.choices[0].delta.content\nfor piece in stream():\n    sink(piece)",
    ],
)
def test_an_answer_is_followed_to_where_it_is_used(code: str) -> None:
    assert reaching(linked({"a.py": HEAD + code + "\n"})) == [5]


@pytest.mark.parametrize(
    "code",
    ["text = input()\ncall(text)\nsink(text)", "sink('call(1)')", "sink(call(1).id == 'x')", "sink(len([]))"],
)
def test_what_goes_into_a_call_or_a_test_does_not_come_out_of_it(code: str) -> None:
    assert reaching(linked({"a.py": HEAD + code + "\n"})) == []


@pytest.mark.parametrize(("key", "lines"), [("answer", [5]), ("question", [])])
def test_what_is_put_under_one_key_is_not_read_under_another(key: str, lines: list[int]) -> None:
    code = f"def show(request):\n    state = request.json\n    state['answer'] = call('x')\n    sink(state['{key}'])\n"
    assert reaching(linked({"a.py": HEAD + code})) == lines


def test_a_leaf_tells_what_it_passed_and_how_far_it_came() -> None:
    code = "import html\ndef show(text):\n    sink(html.escape(text))\ndef route(body):\n    show(body.text)\n"
    program = linked({"a.py": code})
    site = called(program, "sink")
    leaves = program.flow.leaves(site.call.args[0], site.scope)
    received = [leaf for leaf in leaves if isinstance(leaf.value, Received)]
    assert [(leaf.through, leaf.hops) for leaf in received] == [(("html.escape",), 1)]
    assert [leaf.value.path for leaf in leaves if isinstance(leaf.value, External)] == ["html.escape"]


def test_few_hops_see_less() -> None:
    code = HEAD + "def a(x):\n    sink(x)\ndef b(y):\n    a(y)\nb(call(1))\n"
    program = linked({"a.py": code})
    site = called(program, "sink")
    assert [len(program.flow.answers(site.call.args[0], site.scope, hops=hops)) for hops in (0, 1, 2)] == [0, 0, 1]


def test_the_answer_of_typescript_is_followed_through_await_and_destructuring() -> None:
    code = """import OpenAI from "openai";
const ai = new OpenAI();
async function ask(text: string) {
  const { choices } = await ai.chat.completions.create({ model: "m", messages: [] });
  return choices[0].message.content;
}
async function main() {
  const answer = await ask("x");
  sink(answer ?? "");
}
"""
    assert reaching(linked({"a.ts": code})) == [4]
