"""Where token usage is read, what it is joined to, and what stops it."""

from __future__ import annotations

import pytest

from readiness.collect.observation.usage_words import owner, words
from readiness.knowledge.quotas import Quotas
from readiness.model import Quota, UsageDimension
from tests.observed_parts import only_call, watch


def test_the_table_is_what_its_schema_says() -> None:
    assert Quotas.load(validate=True).limiters


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("user_id", "user"),
        ("tenantId", "tenant"),
        ("user_message", ""),
        ("sessionKey", "session"),
        ("model", ""),
        ("chat_history", ""),
        ("id", ""),
    ],
)
def test_a_name_identifies_an_owner_by_all_its_words(name: str, expected: str) -> None:
    assert owner(name) == expected


def test_words_of_an_identifier() -> None:
    assert words("maxTokens_perUSER2") == ("max", "tokens", "per", "user", "2")


CHAT = """
from openai import OpenAI
client = OpenAI()
def ask(text, user_id):
    reply = client.chat.completions.create(model="gpt-4o", messages=[{{"role": "user", "content": text}}]{options})
    {body}
"""


def usage(body: str, options: str = "") -> tuple[bool, set[str]]:
    seen = watch({"src/app.py": CHAT.format(body=body, options=options)})
    return only_call(seen).usage_span is not None, {each.dimension for each in seen.by_kind[UsageDimension]}


@pytest.mark.parametrize(
    ("body", "options", "expected"),
    [
        ("return reply.choices[0].message.content", "", (False, set())),
        ("print(reply.usage.total_tokens)", "", (True, set())),
        ('print(getattr(reply, "usage", None))', "", (True, set())),
        ("for chunk in reply: print(chunk.usage)", ", stream=True", (False, set())),
        ("for chunk in reply: print(chunk.usage)", ', stream=True, stream_options={"include_usage": True}', (True, set())),
        ("used = reply.usage.total_tokens; store(user_id=user_id, used=used)", "", (True, {"user"})),
        ("store(used=reply.usage.total_tokens * 0.00002)", "", (True, {"price"})),
        ("store(used=reply.usage.prompt_tokens + reply.usage.completion_tokens)", "", (True, set())),
    ],
)
def test_usage_and_what_it_is_joined_to(body: str, options: str, expected: tuple[bool, set[str]]) -> None:
    assert usage(body, options) == expected


def test_usage_is_followed_through_a_function() -> None:
    body = "record(user_id, reply.usage)\n\ndef record(user_id, usage):\n    ledger.add(user_id=user_id, cost=usage.total_tokens * PRICE)\nPRICE = 0.001\n"
    assert usage(body) == (True, {"user", "price"})


def test_a_finish_callback_reads_usage() -> None:
    code = """
    import { streamText } from "ai";
    import { openai } from "@ai-sdk/openai";
    export const ask = (prompt: string) => streamText({ model: openai("gpt-4o"), prompt, onFinish: ({ usage }) => save(usage) });
    """
    assert only_call(watch({"src/ask.ts": code})).usage_span is not None


def test_a_callback_block_counts_what_runs_inside_it() -> None:
    code = """
    from langchain_community.callbacks import get_openai_callback
    from langchain_openai import ChatOpenAI
    model = ChatOpenAI(model="gpt-4o")
    def answer(text):
        return model.invoke(text)
    def ask(text):
        with get_openai_callback() as used:
            return answer(text)
    """
    assert only_call(watch({"src/app.py": code})).usage_span is not None


def test_metadata_for_a_tracer_that_prices_is_an_owner_and_a_price() -> None:
    code = """
    from langfuse import propagate_attributes
    from langfuse.openai import OpenAI
    client = OpenAI()
    def ask(text, user):
        with propagate_attributes(user_id=user):
            return client.responses.create(model="gpt-4o", input=text)
    """
    assert {each.dimension for each in watch({"src/app.py": code}).by_kind[UsageDimension]} == {"user", "price"}


QUOTA = """
from fastapi import HTTPException
from openai import OpenAI
client = OpenAI()
LIMIT = 50
def ask(text, user_id):
    {test}
        {refusal}
    return client.responses.create(model="gpt-4o", input=text)
"""


@pytest.mark.parametrize(
    ("test", "refusal", "expected"),
    [
        ("if count_messages(user_id) >= LIMIT:", "raise HTTPException(429)", [("requests", "user")]),
        ("if spent_cost() > LIMIT:", 'raise RuntimeError("budget exceeded")', [("money", "application")]),
        ("if len(text) > LIMIT:", 'raise ValueError("limit")', []),
        ("if count_tokens(text) > LIMIT:", 'raise ValueError("token limit")', []),
        ("if count_messages(user_id) >= LIMIT:", 'print("limit")', []),
    ],
)
def test_a_quota_refuses_by_what_was_used_before(test: str, refusal: str, expected: list[tuple[str, str]]) -> None:
    found = watch({"src/app.py": QUOTA.format(test=test, refusal=refusal)}).by_kind[Quota]
    assert [(each.unit, each.per) for each in found] == expected
