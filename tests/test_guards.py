"""Screens before and after model calls: what they can stop, when they give way, which calls they stand at."""

from __future__ import annotations

import pytest

from readiness.collect.trust.taint_room import Trusted
from readiness.model import GuardSide
from tests.trust_program import ASK, python, trust, typescript

MODERATE = "verdict = client.moderations.create(model='omni-moderation-latest', input=question)"
INPUT, OUTPUT = GuardSide.INPUT, GuardSide.OUTPUT


def guards(found: Trusted) -> list[tuple[GuardSide, str, bool, int]]:
    return [(guard.side, guard.state, guard.blocks, len(guard.calls)) for guard in found.guards]


def screened(*lines: str) -> list[tuple[GuardSide, str, bool, int]]:
    body = "\n".join(f"    {line}" for line in lines)
    head = (
        "import os\nfrom fastapi import FastAPI, HTTPException\napp = FastAPI()\n@app.post('/answer')\ndef answer(question: str):\n"
    )
    return guards(python(f"{head}{body}\n    return {ASK.format('question')}\n"))


def test_text_that_grows_is_no_switch() -> None:
    lines = ("text = ''", "for word in question.split():", "    text += word", "    if text.strip():")
    found = screened(*lines, f"        {MODERATE}", "        if verdict.results[0].flagged:", "            return 'No.'")
    assert [state for _, state, _, _ in found] == ["on"]


@pytest.mark.parametrize(
    ("handler", "blocks"),
    [("raise HTTPException(400)", True), ("return 'Blocked.'", True), ("return question", False), ("print('odd')", False)],
)
def test_an_error_that_a_screen_raises_stops_the_text_where_its_handler_does(handler: str, blocks: bool) -> None:
    found = screened(
        "from guardrails import Guard", "try:", "    Guard().use(x).validate(question)", "except Exception:", f"    {handler}"
    )
    assert [(side, stops) for side, _, stops, _ in found] == [(INPUT, blocks)]


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ((MODERATE, "if verdict.results[0].flagged:", "    raise HTTPException(400)"), [(INPUT, "on", True, 1)]),
        ((MODERATE, "if verdict.results[0].flagged:", "    return 'No.'"), [(INPUT, "on", True, 1)]),
        ((MODERATE, "if verdict.results[0].flagged:", "    print('flagged')"), [(INPUT, "on", False, 1)]),
        ((MODERATE, "print(verdict)"), [(INPUT, "on", False, 1)]),
        (
            (
                "try:",
                f"    {MODERATE}",
                "    if verdict.results[0].flagged:",
                "        return 'No.'",
                "except Exception:",
                "    pass",
            ),
            [(INPUT, "fails_open", True, 1)],
        ),
        (
            (
                "try:",
                f"    {MODERATE}",
                "    if verdict.results[0].flagged:",
                "        return 'No.'",
                "except Exception:",
                "    raise",
            ),
            [(INPUT, "on", True, 1)],
        ),
        (
            ("if os.getenv('SCREEN', ''):", f"    {MODERATE}", "    if verdict.results[0].flagged:", "        return 'No.'"),
            [(INPUT, "off_by_default", True, 1)],
        ),
        (
            ("if any(w in question for w in ['ignore all instructions', 'your prompt']):", "    return 'No.'"),
            [(INPUT, "on", True, 1)],
        ),
        (("if any(w in question for w in ['.pdf', '.txt']):", "    return 'No.'"), []),
        (("if len(question) > 2000:", "    raise HTTPException(400)"), []),
    ],
)
def test_a_screen_before_a_call(lines: tuple[str, ...], expected: list[tuple[GuardSide, str, bool, int]]) -> None:
    assert screened(*lines) == expected


def test_a_screen_of_the_answer_stands_behind_the_call_it_answers() -> None:
    found = python(
        f"""
        def answer(question):
            text = {ASK.format("question")}
            if client.moderations.create(model="omni-moderation-latest", input=text).results[0].flagged:
                return "Withheld."
            return text
        def other(question):
            return {ASK.format("question")}
        """
    )
    assert guards(found) == [(OUTPUT, "on", True, 1)]


def test_a_helper_that_raises_screens_what_its_callers_do_next() -> None:
    found = python(
        f"""
        def check(question):
            {MODERATE}
            if verdict.results[0].flagged:
                raise ValueError("refused")
        def answer(question):
            check(question)
            return {ASK.format("question")}
        def other(question):
            return {ASK.format("question")}
        """
    )
    assert guards(found) == [(INPUT, "on", True, 1)]


def test_a_helper_that_nobody_calls_is_unused() -> None:
    found = python(
        f"def check(question):\n    {MODERATE}\n    if verdict.results[0].flagged:\n        raise ValueError('refused')\n"
    )
    assert guards(found) == [(INPUT, "unused", True, 0)]


def test_guardrails_of_an_agent() -> None:
    agent = "from agents import Agent, Runner\nfrom rails import rail\ndesk = Agent(name='desk', instructions='Be brief.', {})\ndef go(q):\n    return Runner.run_sync(desk, q)\n"
    assert guards(trust({"src/a.py": agent.format("input_guardrails=[rail]")})) == [(INPUT, "on", True, 1)]
    assert guards(trust({"src/a.py": agent.format("output_guardrails=[rail]")})) == [(OUTPUT, "on", True, 1)]
    assert guards(trust({"src/a.py": agent.format("input_guardrails=[]")})) == []


def test_a_guard_model_is_a_screen_and_not_one_of_the_screened() -> None:
    found = python(
        """
        def answer(question):
            verdict = client.chat.completions.create(model="meta-llama/Llama-Guard-4-12B", messages=[{"role": "user", "content": question}])
            if "unsafe" in verdict.choices[0].message.content:
                return "No."
            return client.responses.create(model="gpt-4o", input=question).output_text
        """
    )
    assert guards(found) == [(INPUT, "on", True, 1)]


def test_a_providers_own_block_is_handled_at_the_calls_it_concerns() -> None:
    found = python(
        f"""
        from openai import BadRequestError
        def answer(question):
            try:
                return {ASK.format("question")}
            except BadRequestError as error:
                if error.code == "content_filter":
                    return "Blocked."
                raise
        def other(question):
            reply = client.chat.completions.create(model="gpt-4o", messages=[{{"role": "user", "content": question}}])
            if reply.choices[0].finish_reason == "content_filter":
                return "Blocked."
            return reply
        """
    )
    assert guards(found) == [(INPUT, "provider_default", True, 1), (OUTPUT, "provider_default", True, 1)]


def test_typescript_screens_and_lists() -> None:
    found = typescript(
        """
        import OpenAI from "openai";
        const client = new OpenAI();
        export async function POST(request: Request) {
          const { question } = await request.json();
          const verdict = await client.moderations.create({ input: question });
          if (verdict.results[0].flagged) return new Response("no", { status: 400 });
          const reply = await client.responses.create({ model: "gpt-4o", input: question });
          return Response.json({ text: reply.output_text });
        }
        """
    )
    assert guards(found) == [(INPUT, "on", True, 1)]
