"""How models travel through frameworks: pipes, factories, tables, shared state, decorators, what a program sets for all."""

from __future__ import annotations

from datetime import date

import pytest

from readiness.collect.calls.models_used import ModelsUsed
from readiness.knowledge.model_table import ModelTable
from tests.programs import linked

MODEL = "from langchain_openai import ChatOpenAI\n"


def calls(files: dict[str, str]) -> dict[str, list[str]]:
    """The models of each call, by "file:line"."""
    program = linked(files)
    used = ModelsUsed(program.finder, ModelTable.load(), date(2026, 11, 26))
    return {
        f"{call.site.path}:{call.call.line}": [model.id for model in used.models(call, used.place(call))[0]]
        for call in program.calls
    }


def test_a_wrapper_that_a_class_method_makes_holds_every_model_its_branches_choose() -> None:
    provider = """class Provider:
    def __init__(self, llm):
        self.llm = llm
    @classmethod
    def make(cls, name, **kwargs):
        if name == "a":
            from langchain_openai import ChatOpenAI
            llm = ChatOpenAI(**kwargs)
        else:
            from langchain_anthropic import ChatAnthropic
            llm = ChatAnthropic(model="claude-opus-4-1")
        return cls(llm)
    async def ask(self, text):
        return await self.llm.ainvoke(text)
"""
    use = "from provider import Provider\nProvider.make('a', model='gpt-4o')\n"
    assert calls({"provider.py": provider, "use.py": use}) == {"provider.py:14": ["claude-opus-4-1", "gpt-4o"]}


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        (
            "M = [ChatOpenAI(model='gpt-4o'), ChatOpenAI(model='gpt-4.1')]\nfor i, m in enumerate(M):\n    m.invoke(i)",
            {"a.py:4": ["gpt-4.1", "gpt-4o"]},
        ),
        ("M = [ChatOpenAI(model='gpt-4o')]\nfor q, m in zip(['x'], M):\n    m.invoke(q)", {"a.py:4": ["gpt-4o"]}),
        ("M = {'x': ChatOpenAI(model='gpt-4o')}\nfor name, m in M.items():\n    m.invoke(name)", {"a.py:4": ["gpt-4o"]}),
        ("M = {'x': ChatOpenAI(model='gpt-4o')}\nfor m in M.values():\n    m.invoke('x')", {"a.py:4": ["gpt-4o"]}),
        ("m = ChatOpenAI(model='gpt-4o')\ngetattr(m, 'invoke')('x')", {"a.py:3": ["gpt-4o"]}),
        ("m = ChatOpenAI(model='gpt-4o')\nout = list(map(m.invoke, ['x']))", {"a.py:3": ["gpt-4o"]}),
        ("import functools\nf = functools.partial(ChatOpenAI(model='gpt-4o').invoke, config={})\nf('x')", {"a.py:4": ["gpt-4o"]}),
        ("def go(pool, m):\n    pool.submit(m.invoke, 'x')\ngo(p, ChatOpenAI(model='gpt-4o'))", {"a.py:3": ["gpt-4o"]}),
        (
            "async def go(m):\n    await m.bind(stop=['x']).with_retry().ainvoke('x')\ngo(ChatOpenAI(model='gpt-4o'))",
            {"a.py:3": ["gpt-4o"]},
        ),
        ("def go(table):\n    for m in table.values():\n        m.run('x')\ngo(load())", {}),
    ],
)
def test_a_model_is_called_through_whatever_hands_it_out(code: str, expected: dict[str, list[str]]) -> None:
    assert calls({"a.py": MODEL + code + "\n"}) == expected


def test_what_code_puts_into_shared_state_is_there_for_other_code() -> None:
    start = MODEL + "from fastapi import FastAPI\napp = FastAPI()\ndef start():\n    app.state.llm = ChatOpenAI(model='gpt-4o')\n"
    route = "def ask(request):\n    request.app.state.llm.invoke('x')\n    return request.app.state.store.invoke('x')\n"
    session = (
        MODEL + "import streamlit as st\nst.session_state['bot'] = ChatOpenAI(model='gpt-4.1')\nst.session_state.bot.invoke('x')\n"
    )
    assert calls({"start.py": start, "route.py": route, "ui.py": session}) == {"route.py:2": ["gpt-4o"], "ui.py:4": ["gpt-4.1"]}


PIPE = """from langchain_core.output_parsers import StrOutputParser
from langchain_core.prompts import ChatPromptTemplate
prompt = ChatPromptTemplate.from_template("x")
"""


def test_a_pipe_answers_for_the_models_it_can_hold_and_for_an_unknown_one_beside_a_prompt() -> None:
    code = (
        PIPE
        + MODEL
        + "a = ChatOpenAI(model='gpt-4o') if fast else ChatOpenAI(model='gpt-4.1')\n(prompt | a | StrOutputParser()).invoke({})\n"
    )
    unknown = PIPE + "def go(llm):\n    return (prompt | llm | StrOutputParser()).invoke({})\n"
    plain = PIPE + "(prompt | StrOutputParser()).invoke({})\ndef clean(f, g):\n    return (f | g).invoke('x')\n"
    assert calls({"a.py": code, "b.py": unknown, "c.py": plain}) == {"a.py:6": ["gpt-4.1", "gpt-4o"], "b.py:5": []}


def test_a_model_set_for_the_program_or_the_block_is_that_of_calls_that_name_none() -> None:
    code = """import dspy
dspy.configure(lm=dspy.LM("openai/gpt-4o"))
ask = dspy.Predict("q -> a")
ask(q="x")
with dspy.context(lm=dspy.LM("openai/o3")):
    ask(q="x")
ask(q="x", lm=dspy.LM("openai/o4-mini"))
"""
    assert calls({"a.py": code}) == {"a.py:4": ["openai/gpt-4o"], "a.py:6": ["openai/o3"], "a.py:7": ["openai/o4-mini"]}


def test_a_name_picks_one_of_the_models_that_a_provider_holds() -> None:
    code = """import { customProvider, generateText } from "ai";
import { openai } from "@ai-sdk/openai";
const mine = customProvider({ languageModels: { big: openai("gpt-4o"), small: openai("gpt-4o-mini") } });
generateText({ model: mine.languageModel("small"), prompt: "x" });
generateText({ model: mine.languageModel(name), prompt: "x" });
"""
    assert calls({"a.ts": code}) == {"a.ts:4": ["gpt-4o-mini"], "a.ts:5": ["gpt-4o", "gpt-4o-mini"]}


def test_a_decorated_function_is_a_call_only_where_its_decorator_makes_it_one() -> None:
    code = """from functools import cache
from mirascope import llm
@llm.call("openai/gpt-4o")
def recommend(genre): ...
@cache
def add(a, b): return a + b
recommend("x")
add(1, 2)
"""
    assert calls({"a.py": code}) == {"a.py:7": ["openai/gpt-4o"]}


def test_an_answer_does_not_depend_on_which_question_came_first() -> None:
    """Functions that call each other in a circle leave no half answers behind."""
    code = MODEL + "class A:\n    def __init__(self, llm):\n        self.llm = llm\n"
    code += "    def copy(self):\n        return A(self.llm)\n    def ask(self):\n        return self.llm.invoke('x')\n"
    code += "def main():\n    a = A(ChatOpenAI(model='gpt-4o'))\n    return a.copy().copy().ask()\n"
    for reverse in (False, True):
        program = linked({"a.py": code})
        finder = program.finder
        fresh = type(finder)(type(finder.resolver)(finder.resolver.program, finder.catalog), finder.catalog, finder.endpoints)
        for site in sorted(fresh.resolver.program.sites(), key=lambda site: site.call.line, reverse=reverse):
            fresh.resolver.values(site.call.callee, site.scope)
        used = ModelsUsed(fresh, ModelTable.load(), date(2026, 11, 26))
        assert [[m.id for m in used.models(c, used.place(c))[0]] for c in fresh.find()] == [["gpt-4o"]]
