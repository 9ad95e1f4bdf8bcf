"""Who writes what reaches a model's instructions."""

from __future__ import annotations

import pytest

from readiness.collect.trust.taint_room import Trusted
from readiness.knowledge.tables import read_table
from tests.trust_program import python, trust, typescript

CHAT = 'client.chat.completions.create(model="gpt-4o-2024-11-20", messages={})'
SYSTEM = CHAT.format('[{{"role": "system", "content": {}}}]')


def trusts(found: Trusted) -> list[str]:
    return [flow.trust for flow in found.flows]


@pytest.mark.parametrize("name", ["sources", "sinks", "guards", "routes"])
def test_the_shipped_tables_are_what_their_schemas_say(name: str) -> None:
    assert read_table(name, validate=True) == read_table(name)


@pytest.mark.parametrize(
    ("content", "trust_"),
    [
        ('f"Today is {datetime.date.today()}"', ["constant"]),
        ('f"You serve {os.environ["SHOP"]}"', ["operator"]),
        ('"You are brief."', []),
        ("open('rules.txt').read()", ["operator"]),
        ('f"You serve {persona}"', ["untrusted"]),
        ('"You serve {}".format(persona)', ["untrusted"]),
        ('"You serve %s" % persona', ["untrusted"]),
        ('"You serve X".replace("X", persona)', ["untrusted"]),
        ("open(persona).read()", ["untrusted"]),
        ('f"At most {count} words"', ["constant"]),
        ("f'{len(persona)} letters'", []),
        ("RULES[persona]", []),
        ("RULES.get(persona, 'Be brief.')", []),
        ('"Be {tone}".format(tone="kind", unused=persona)', []),
        ("requests.get('https://example.org').text", ["untrusted"]),
        ("house.rules(persona)", ["unresolved"]),
    ],
)
def test_what_a_system_message_is_made_of(content: str, trust_: list[str]) -> None:
    found = python(
        f"""
        import datetime, os, requests, house
        from fastapi import FastAPI
        app = FastAPI()
        RULES = {{"kind": "Be kind.", "brief": "Be brief."}}
        @app.post("/answer")
        def answer(persona: str, count: int):
            return {SYSTEM.format(content)}
        """
    )
    assert trusts(found) == trust_


def test_a_helper_used_for_both_roles_taints_only_the_role_it_is_called_for() -> None:
    found = python(
        f"""
        from fastapi import FastAPI
        app = FastAPI()
        def polished(text):
            return text.strip()
        @app.post("/answer")
        def answer(question: str):
            return {CHAT.format('[{"role": "system", "content": polished("Be brief.")}, {"role": "user", "content": polished(question)}]')}
        """
    )
    assert trusts(found) == []


def test_callers_in_tests_say_nothing_of_production() -> None:
    files = {
        "src/app.py": f"""
            from openai import OpenAI
            client = OpenAI()
            def answer(persona):
                return {SYSTEM.format('f"You are {persona}"')}
            def run():
                return answer("a shop assistant")
            """,
        "tests/test_app.py": """
            from src.app import answer
            def test_it(request: bool) -> None:
                assert answer(request.json["x"])
            """,
    }
    assert trusts(trust(files)) == []


def test_a_value_checked_against_the_programs_own_list_is_no_taint() -> None:
    body = f"""
        from fastapi import FastAPI, HTTPException
        app = FastAPI()
        TONES = ("kind", "formal")
        @app.post("/answer")
        def answer(tone: str):
            CHECK
            return {SYSTEM.format('f"Be {tone}"')}
        """
    checked = "if tone not in TONES:\n                raise HTTPException(400)"
    assert trusts(python(body.replace("CHECK", checked))) == ["constant"]
    assert trusts(python(body.replace("CHECK", "pass"))) == ["untrusted"]


def test_fields_of_a_request_model_are_what_their_types_allow() -> None:
    found = python(
        f"""
        from enum import Enum
        from typing import Literal
        from fastapi import FastAPI
        from pydantic import BaseModel
        app = FastAPI()
        class Tone(str, Enum):
            KIND = "kind"
        class Wish(BaseModel):
            tone: Tone
            place: Literal["shop", "home"]
            persona: str = "an assistant"
        @app.post("/answer")
        def answer(wish: Wish):
            {SYSTEM.format("f'Be {wish.tone}'")}
            {SYSTEM.format("f'At {wish.place}'")}
            {SYSTEM.format("f'As {wish.persona}'")}
        """
    )
    assert trusts(found) == ["constant", "constant", "untrusted"]


@pytest.mark.parametrize(
    ("role", "flows"), [("str", ["untrusted"]), ('Literal["user", "assistant"]', []), ('Literal["user", "system"]', ["untrusted"])]
)
def test_a_client_may_not_choose_the_role_system(role: str, flows: list[str]) -> None:
    found = python(
        f"""
        from typing import Literal
        from fastapi import FastAPI
        from pydantic import BaseModel
        app = FastAPI()
        class Turn(BaseModel):
            role: {role}
            content: str
        class Body(BaseModel):
            messages: list[Turn]
        @app.post("/answer")
        def answer(body: Body):
            return {CHAT.format("body.messages")}
        """
    )
    assert trusts(found) == flows


@pytest.mark.parametrize(
    ("messages", "flows"),
    [
        ("messages", ["untrusted"]),
        ("[{ role: 'system', content: RULES }, ...messages]", ["untrusted"]),
        ("messages.filter((m) => m.role !== 'system')", []),
        ("messages.map((m) => ({ role: 'user', content: m.content }))", []),
        ("messages.map((m) => ({ role: m.role, content: m.content }))", ["untrusted"]),
    ],
)
def test_client_roles_in_typescript(messages: str, flows: list[str]) -> None:
    found = typescript(
        f"""
        import OpenAI from "openai";
        const client = new OpenAI();
        const RULES = "Be brief.";
        export async function POST(request: Request) {{
          const {{ messages }} = await request.json();
          return client.chat.completions.create({{ model: "gpt-4o-2024-11-20", messages: {messages} }});
        }}
        """
    )
    assert trusts(found) == flows


@pytest.mark.parametrize(
    "started", ["def main(persona: str = typer.Option(None, callback=answer)):\n            pass", "typer.run(answer)"]
)
def test_a_function_that_the_command_line_starts_takes_what_it_says(started: str) -> None:
    found = python(
        f"""
        import typer
        def answer(persona: str):
            return {SYSTEM.format("persona")}
        {started}
        """
    )
    assert trusts(found) == ["operator"]


@pytest.mark.parametrize(
    ("history", "flows"),
    [
        ("new SimpleChatHistory({ messages })", ["untrusted"]),
        ("messages", ["untrusted"]),
        ("messages.map((m) => ({ role: 'user', content: m.content }))", []),
    ],
)
def test_client_roles_in_a_history_that_goes_with_the_question(history: str, flows: list[str]) -> None:
    found = typescript(
        f"""
        import {{ ContextChatEngine, SimpleChatHistory }} from "llamaindex";
        const engine = new ContextChatEngine({{ retriever }});
        export async function POST(request: Request) {{
          const {{ messages, message }} = await request.json();
          return engine.chat({{ message, chatHistory: {history} }});
        }}
        """
    )
    assert trusts(found) == flows


@pytest.mark.parametrize(
    ("system", "flows"),
    [
        ("messages.find((m) => m.role === 'system')?.content", ["operator"]),
        ("messages.filter((m) => m.role === 'system').map((m) => m.content).join('\\n')", ["operator"]),
        ("messages.map((m) => m.content).join('\\n')", ["untrusted"]),
    ],
)
def test_instructions_picked_by_role_are_what_messages_of_that_role_say(system: str, flows: list[str]) -> None:
    found = typescript(
        f"""
        import Anthropic from "@anthropic-ai/sdk";
        const client = new Anthropic();
        const rules = (tone: string) => `Be ${{tone}}.`;
        const TONE = process.env.TONE;
        const send = (messages) => {{
          const system = {system};
          return client.messages.create({{ model: "claude-haiku-4-5", max_tokens: 9, system, messages: messages.filter((m) => m.role !== "system") }});
        }};
        export async function POST(request: Request) {{
          const {{ question }} = await request.json();
          return send([{{ role: "system", content: rules(TONE) }}, {{ role: "user", content: question }}]);
        }}
        """
    )
    assert trusts(found) == flows


def test_text_of_an_earlier_answer_and_of_a_database_is_untrusted() -> None:
    found = python(
        f"""
        import sqlite3
        database = sqlite3.connect("x.db")
        def plan(question):
            outline = client.responses.create(model="gpt-4o-2024-11-20", input=question).output_text
            note = database.execute("SELECT text FROM notes").fetchone()[0]
            {SYSTEM.format("outline")}
            {SYSTEM.format("note")}
        """
    )
    assert trusts(found) == ["untrusted", "untrusted"]
    assert "the answer of the model call" in found.flows[0].source


def test_what_a_local_user_types_is_the_operators_but_still_user_input() -> None:
    found = python(
        f"""
        import argparse
        def main():
            parser = argparse.ArgumentParser()
            parser.add_argument("--role")
            args = parser.parse_args()
            {SYSTEM.format("args.role")}
        """
    )
    assert trusts(found) == ["operator"]
    assert list(found.user_input.values()) == [True]


@pytest.mark.parametrize(("text", "expected"), [('"Say hello."', False), ('os.environ["GREETING"]', False), ("question", True)])
def test_user_input_is_false_only_where_every_message_is_constant(text: str, expected: bool) -> None:
    found = python(
        f"""
        import os
        def greet(question):
            return client.responses.create(model="gpt-4o-2024-11-20", input={text})
        """
    )
    assert list(found.user_input.values()) == [expected]


def test_a_tool_description_from_a_request_is_privileged() -> None:
    found = python(
        """
        from fastapi import FastAPI
        app = FastAPI()
        @app.post("/answer")
        def answer(question: str, about: str):
            tools = [{"type": "function", "function": {"name": "look", "description": about, "parameters": {}}}]
            return client.chat.completions.create(model="gpt-4o-2024-11-20", messages=[{"role": "user", "content": question}], tools=tools)
        """
    )
    assert [(flow.trust, flow.sink) for flow in found.flows] == [("untrusted", "a tool description")]


def test_a_message_that_passes_through_an_interface_is_followed_all_the_same() -> None:
    found = trust(
        {
            "src/models.ts": """
                import OpenAI from "openai";
                const client = new OpenAI();
                export abstract class Model { abstract ask(input: { messages: object[] }): Promise<unknown>; }
                export class Hosted extends Model {
                  async ask(input: { messages: object[] }) {
                    return client.chat.completions.create({ model: "gpt-4o-2024-11-20", messages: convert(input.messages) });
                  }
                }
            """,
            "src/app/api/ask/route.ts": """
                import { Model } from "../../../models";
                declare const registry: { pick(name: string): Model };
                export async function POST(req: Request) {
                  const body = await req.json();
                  const model = registry.pick("main");
                  return model.ask({ messages: [{ role: "system", content: `Be kind. ${body.rules}` }, { role: "user", content: "Hi" }] });
                }
            """,
        }
    )
    assert [(flow.span.path, flow.trust, flow.call) for flow in found.flows] == [("src/app/api/ask/route.ts", "untrusted", None)]


def test_without_a_call_of_a_model_a_system_message_is_none() -> None:
    assert trust({"src/app.py": "def log(request):\n    return {'role': 'system', 'content': request.args['text']}\n"}).flows == ()
