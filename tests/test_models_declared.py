"""Which ids an application declares as its models, and which tables only talk about models."""

from __future__ import annotations

from datetime import date

import pytest

from readiness.collect import ir
from readiness.collect.calls.models_declared import declared_models
from readiness.collect.calls.models_used import ModelsUsed
from readiness.knowledge.model_table import ModelTable
from readiness.model import Scope
from tests.programs import linked, lowered, only


def declared(files: dict[str, str]) -> list[tuple[str, bool]]:
    configs = [tree for path, text in files.items() if isinstance(tree := lowered(path, text), ir.Config)]
    found = declared_models(linked(files).finder.resolver.program, configs, frozenset({Scope.PRODUCTION}))
    return sorted((item.id, item.default) for item in found)


@pytest.mark.parametrize(
    ("path", "text", "expected"),
    [
        ("a.py", "DEFAULT_MODEL = 'gpt-4o'\n", [("gpt-4o", True)]),
        ("a.py", "def ask(text, model='gpt-4o'): pass\n", [("gpt-4o", True)]),
        ("a.py", "chat_models = ['gpt-4o', 'claude-sonnet-4-5']\n", [("claude-sonnet-4-5", False), ("gpt-4o", False)]),
        ("a.py", "default_models = ['gpt-4o']\n", [("gpt-4o", True)]),
        ("a.py", "Settings(chat_model='gpt-4o')\n", [("gpt-4o", True)]),
        ("a.py", "parser.add_argument('--model', default='gpt-4o')\n", [("gpt-4o", True)]),
        ("a.ts", "export const models = [{ id: 'openai/gpt-4o', name: 'GPT' }];\n", [("openai/gpt-4o", False)]),
        ("a.ts", "const GPT: LLM = { modelId: 'gpt-4o', provider: 'openai' };\n", [("gpt-4o", False)]),
        ("a.ts", "yargs.option('modelString', { type: 'string', default: 'openai:gpt-4o' });\n", [("openai:gpt-4o", True)]),
        (".env.example", "CHAT_MODEL=gpt-4o\n", [("gpt-4o", True)]),
        ("config.yaml", "llm:\n  model: gpt-4o\n", [("gpt-4o", True)]),
    ],
)
def test_a_declared_model_is_found(path: str, text: str, expected: list[tuple[str, bool]]) -> None:
    assert declared({path: text}) == expected


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("a.py", "MODEL_PRICES = {'gpt-4o': 2.5}\n"),
        ("a.py", "MODEL_LIMITS = ['gpt-4o']\n"),
        ("a.py", "LEGACY_MODELS = ['gpt-4o']\n"),
        ("a.ts", "const modelInfo = [{ model: 'gpt-4o', maxPromptLength: 128000 }];\n"),
        ("a.py", "TITLE = 'gpt-4o'\n"),
        ("a.py", "# DEFAULT_MODEL = 'gpt-4o'\n"),
        ("tests/config.yaml", "model: gpt-4o\n"),
        ("config.yaml", "prices:\n  model: gpt-4o\n"),
        ("pricing.py", "MODELS = [{'id': 'gpt-4o'}]\n"),
        ("rate_limits.ts", "export const models = [{ id: 'gpt-4o' }];\n"),
        ("a.ts", "export const models = [{ key: 'fast', name: 'GPT-4o' }];\n"),
    ],
)
def test_a_table_about_models_declares_none(path: str, text: str) -> None:
    assert declared({path: text}) == []


def test_a_request_that_can_go_to_several_hosts_is_not_local_because_one_is() -> None:
    code = """
const send = (url: string, body: object) => fetch(url, { method: "POST", body: JSON.stringify(body) });
export const here = (messages: object[]) => send("http://127.0.0.1:11434/v1/chat/completions", { messages });
export const there = (messages: object[]) => send("https://api.openai.com/v1/chat/completions", { messages });
"""
    program = linked({"a.ts": code})
    place = ModelsUsed(program.finder, ModelTable.load(), date(2026, 11, 23)).place(only(program))
    assert (place.host, place.platform) == ("https://api.openai.com/v1/chat/completions", "openai")


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ({}, "openai"),
        ({"Dockerfile": "FROM python:3.12\nENV API_TYPE=azure\n"}, "azure"),
    ],
)
def test_a_call_goes_where_it_goes_with_nothing_configured(files: dict[str, str], expected: str) -> None:
    code = """import os
from openai import AzureOpenAI, OpenAI
def client():
    if os.getenv("API_TYPE", "openai") == "azure":
        return AzureOpenAI()
    return OpenAI()
def ask(text):
    return client().chat.completions.create(model="gpt-4o", messages=text)
"""
    program = linked({"a.py": code, **files})
    assert ModelsUsed(program.finder, ModelTable.load(), date(2026, 11, 23)).place(only(program)).platform == expected


def test_a_call_goes_where_no_condition_sends_it_elsewhere() -> None:
    code = """from openai import AzureOpenAI, OpenAI
def client(kind):
    if kind == "azure":
        return AzureOpenAI()
    return OpenAI()
def ask(text, kind):
    return client(kind).chat.completions.create(model="gpt-4o", messages=text)
"""
    program = linked({"a.py": code})
    assert ModelsUsed(program.finder, ModelTable.load(), date(2026, 11, 23)).place(only(program)).platform == "openai"


def used(code: str) -> tuple[str, list[tuple[str, str]]]:
    """The platform of the one call of a module, and its models with theirs."""
    program = linked({"a.ts" if "import {" in code else "a.py": code})
    answers = ModelsUsed(program.finder, ModelTable.load(), date(2026, 11, 23))
    place = answers.place(only(program))
    return place.platform, [(model.id, model.platform) for model in answers.models(only(program), place)[0]]


def test_of_a_table_of_providers_the_one_that_the_id_names_is_called() -> None:
    code = """import { createAzure } from "@ai-sdk/azure";
import { createOpenAI } from "@ai-sdk/openai";
import { generateText } from "ai";
const providers = { azure: createAzure, openai: createOpenAI };
export const ask = (text: string, name: string) => {
  const provider = providers[name];
  return generateText({ model: provider({})("openai:gpt-4.1-mini"), prompt: text });
};
"""
    assert used(code) == ("openai", [("openai:gpt-4.1-mini", "openai")])


def test_of_a_table_of_clients_the_one_counts_that_the_default_model_names() -> None:
    code = """import { createAzure } from "@ai-sdk/azure";
import { createOpenAI } from "@ai-sdk/openai";
import { generateText } from "ai";
const DEFAULT_MODEL = "openai:gpt-4.1-mini";
const providers = { azure: createAzure, openai: createOpenAI };
export const ask = (text: string, model: string) => {
  const [provider, name] = model.split(":");
  return generateText({ model: providers[provider]({})(name), prompt: text });
};
"""
    program = linked({"a.ts": code})
    offered = declared_models(program.finder.resolver.program, (), frozenset({Scope.PRODUCTION}))
    place = ModelsUsed(program.finder, ModelTable.load(), date(2026, 11, 23), offered).place(only(program))
    assert (place.provider, place.platform) == ("openai", "openai")


def test_a_vendor_answers_for_no_other_vendors_model() -> None:
    code = """from langchain_anthropic import ChatAnthropic
from langchain_openai import ChatOpenAI
def client(name, **options):
    if name == "anthropic":
        return ChatAnthropic(**options)
    return ChatOpenAI(**options)
def ask(text, name):
    return client(name, model="gpt-5.4-2026-03-05").invoke(text)
"""
    assert used(code)[1] == [("gpt-5.4-2026-03-05", "openai")]


@pytest.mark.parametrize(
    ("client", "expected"),
    [
        ("new OpenAI()", ["gpt-4o"]),
        ("new OpenAI({ baseURL: 'http://localhost:8000/v1' })", []),
    ],
)
def test_a_call_is_offered_what_its_server_can_write_with(client: str, expected: list[str]) -> None:
    code = f"""import OpenAI from "openai";
const EMBEDDING_MODEL = "text-embedding-3-small";
const MODELS = ["gpt-4o"];
export const ask = (model: string) => {client}.chat.completions.create({{ model, messages: [] }});
"""
    program = linked({"a.ts": code})
    offered = declared_models(program.finder.resolver.program, (), frozenset({Scope.PRODUCTION}))
    used = ModelsUsed(program.finder, ModelTable.load(), date(2026, 11, 23), offered)
    assert [model.id for model in used.models(only(program), used.place(only(program)))[0]] == expected


def test_a_row_that_people_pick_from_offers_its_model_whatever_else_it_says() -> None:
    row = (
        "export const MODELS = [{ name: 'gpt-4o', title: 'GPT', contextWindow: 128000 }, { name: 'o3', contextWindow: 200000 }];\n"
    )
    assert declared({"a.ts": row}) == [("gpt-4o", False)]


GATEWAY = """
model_list:
  - model_name: gpt-4.1
    litellm_params:
      model: openai/gpt-4o
"""


@pytest.mark.parametrize(
    ("client", "expected"),
    [
        ("new OpenAI()", []),
        ("new OpenAI({ baseURL: process.env.PROXY_URL })", ["openai/gpt-4o"]),
    ],
)
def test_models_behind_a_gateway_answer_for_calls_that_can_pass_it(client: str, expected: list[str]) -> None:
    code = f'import OpenAI from "openai";\nexport const ask = (model: string) => {client}.chat.completions.create({{ model, messages: [] }});\n'
    config = lowered("litellm-config.yaml", GATEWAY)
    assert isinstance(config, ir.Config)
    program = linked({"a.ts": code})
    offered = declared_models(program.finder.resolver.program, (config,), frozenset({Scope.PRODUCTION}))
    used = ModelsUsed(program.finder, ModelTable.load(), date(2026, 11, 23), offered)
    assert [model.id for model in used.models(only(program), used.place(only(program)))[0]] == expected
