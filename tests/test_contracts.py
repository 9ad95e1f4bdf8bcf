"""What shape an answer is held to, and what code reads as structure: each story is one call and what is done with its answer."""

from __future__ import annotations

from datetime import date

import pytest

from readiness.collect.calls.records import records
from readiness.knowledge.model_table import ModelTable
from readiness.model import Contract, ModelCall, Scope
from tests.programs import linked

HEAD = "import json, re, requests\nfrom openai import OpenAI\nfrom pydantic import BaseModel\nclient = OpenAI()\nclass T(BaseModel):\n    n: int\n"
ASK = "client.chat.completions.create(model='gpt-4o', messages=[])"
TEXT = f"text = {ASK}.choices[0].message.content\n"
JS = 'import { generateText, generateObject, streamText, tool, Output } from "ai";\nimport { openai } from "@ai-sdk/openai";\nimport { z } from "zod";\n'


def call(files: dict[str, str], scopes: dict[str, Scope] | None = None) -> ModelCall:
    """The record of the one call of a program."""
    (found,) = records(linked(files, scopes), ModelTable.load(), date(2026, 11, 23))
    return found


def kinds(code: str, *, js: bool = False) -> set[str]:
    """The kinds of use of the one answer."""
    return {use.kind for use in call({"a.ts": JS + code} if js else {"a.py": HEAD + code}).uses}


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        (r"re.split(r'(?s)(```.+?```|`[^`\n]+?`)', text)", set()),
        (r"re.split(r'```json', text)", {"parsed"}),
        (r"re.split(r'(a)|(b)', text)", {"parsed"}),
    ],
)
def test_cutting_text_into_pieces_that_are_all_kept_reads_nothing(code: str, expected: set[str]) -> None:
    assert kinds(f"{TEXT}{code}\n") == expected


# --------------------------------------------------------------------------------------------------------- contracts


@pytest.mark.parametrize(
    ("arguments", "contract"),
    [
        ("", Contract.FREE_TEXT),
        (", response_format=None", Contract.FREE_TEXT),
        (", response_format={'type': 'text'}", Contract.FREE_TEXT),
        (", response_format={'type': 'json_object'}", Contract.JSON_MODE),
        (", response_format={'type': 'json_schema', 'json_schema': {}}", Contract.SCHEMA),
        (", response_format=T", Contract.SCHEMA),
        (", tools=[]", Contract.FREE_TEXT),
        (", tools=[{'type': 'function', 'function': {'name': 'f', 'parameters': {}}}]", Contract.TOOLS),
        (", tools=[{'type': 'function', 'function': {'name': 'f', 'strict': True, 'parameters': {}}}]", Contract.SCHEMA),
    ],
)
def test_an_argument_decides_the_contract(arguments: str, contract: Contract) -> None:
    assert call({"a.py": f"{HEAD}{ASK[:-1]}{arguments})\n"}).contract is contract


def test_the_weakest_of_the_ways_a_call_can_go_is_its_contract() -> None:
    branch = "shape = {'type': 'json_schema', 'json_schema': {}} if strict else {'type': 'json_object'}\n"
    assert call({"a.py": f"{HEAD}{branch}{ASK[:-1]}, response_format=shape)\n"}).contract is Contract.JSON_MODE


def test_a_format_is_unknown_only_where_callers_outside_may_pass_it() -> None:
    code = f"{HEAD}def ask(**options):\n    return {ASK[:-1]}, **options)\n"
    assert call({"a.py": code}).contract is Contract.UNRESOLVED
    assert call({"a.py": code + "ask(user='u')\n"}).contract is Contract.FREE_TEXT
    assert call({"a.py": code + "ask(response_format=T)\n"}).contract is Contract.SCHEMA


LANGCHAIN = "from langchain_openai import ChatOpenAI\nfrom pydantic import BaseModel\nclass T(BaseModel):\n    n: int\nmodel = ChatOpenAI(model='gpt-4o')\n"


@pytest.mark.parametrize(
    ("code", "contract"),
    [
        ("model.with_structured_output(T).invoke('x')", Contract.SCHEMA),
        ("model.with_structured_output(T, method='json_mode').invoke('x')", Contract.JSON_MODE),
        (
            "from langchain_core.output_parsers import JsonOutputParser\n(model | JsonOutputParser()).invoke('x')",
            Contract.JSON_MODE,
        ),
        ("from langchain_core.output_parsers import StrOutputParser\n(model | StrOutputParser()).invoke('x')", Contract.FREE_TEXT),
    ],
)
def test_what_stands_around_a_model_object_counts(code: str, contract: Contract) -> None:
    assert call({"a.py": f"{LANGCHAIN}{code}\n"}).contract is contract


@pytest.mark.parametrize(
    ("code", "contract", "uses"),
    [
        ("export const f = () => generateObject({ model: openai('gpt-4o'), schema: z.object({ n: z.number() }), prompt: 'x' });", Contract.SCHEMA, {"parsed"}),
        ("export const f = () => generateObject({ model: openai('gpt-4o'), output: 'no-schema', prompt: 'x' });", Contract.JSON_MODE, {"parsed"}),
        ("export const f = () => streamText({ model: openai('gpt-4o'), output: Output.array({ element: z.string() }), prompt: 'x' });", Contract.SCHEMA, {"parsed"}),
        ("export const f = () => streamText({ model: openai('gpt-4o'), output: Output.text(), prompt: 'x' });", Contract.FREE_TEXT, set()),
        (
            ("const t = tool({ inputSchema: z.object({ n: z.number() }), execute: async ({ n }) => n });\n"
            "export const f = () => generateText({ model: openai('gpt-4o'), tools: { t }, prompt: 'x' });"),
            Contract.SCHEMA,
            {"tool_arguments"},
        ),
    ],
)  # fmt: skip
def test_contracts_in_javascript(code: str, contract: Contract, uses: set[str]) -> None:
    found = call({"a.ts": JS + code})
    assert (found.contract, {use.kind for use in found.uses}) == (contract, uses)


def test_tools_give_no_shape_to_text_that_is_parsed() -> None:
    tools = "tools=[{'type': 'function', 'function': {'name': 'f', 'strict': True}}]"
    code = f"{HEAD}json.loads({ASK[:-1]}, {tools}).choices[0].message.content)\n"
    assert call({"a.py": code}).contract is Contract.FREE_TEXT


# -------------------------------------------------------------------------------------------------------------- uses


PARSED = {
    "json": TEXT + "json.loads(text)\n",
    "alias": "from json import loads as read\n" + TEXT + "read(text)\n",
    "yaml": "import yaml\n" + TEXT + "yaml.safe_load(text.strip())\n",
    "literal": "import ast\n" + TEXT + "ast.literal_eval(text)\n",
    "xml": "import xml.etree.ElementTree as tree\n" + TEXT + "tree.fromstring(text)\n",
    "validated": TEXT + "T.model_validate_json(text)\n",
    "pattern": TEXT + "re.findall('```(.*?)```', text)\n",
    "compiled": "FENCE = re.compile('```')\n" + TEXT + "FENCE.search(text)\n",
    "fence": TEXT + "code = text.split('```')[1]\n",
    "lines": TEXT + "queries = [q.strip() for q in text.split('\\n')]\n",
    "number": TEXT + "score = float(text)\n",
    "helper": "def read(raw):\n    return clean(raw)\ndef clean(raw):\n    return json.loads(raw)\n" + TEXT + "read(text)\n",
}


@pytest.mark.parametrize("code", PARSED.values(), ids=PARSED)
def test_text_that_is_taken_apart_is_parsed(code: str) -> None:
    assert kinds(code) == {"parsed"}


@pytest.mark.parametrize("test", ["'yes' in text.lower()", "text == 'yes'", "text.startswith('YES')"])
def test_text_that_decides_is_branched_on(test: str) -> None:
    assert kinds(f"{TEXT}if {test}:\n    print('ok')\n") == {"branched"}


NOT_READ = {
    "shown": TEXT + "print(text.strip())\n",
    "counted": TEXT + "words = len(text.split())\n",
    "printed by line": TEXT + "print(text.split('\\n'))\n",
    "words": TEXT + "for word in text.split(' '):\n    print(word)\n",
    "usage": f"answer = {ASK}\nif int(answer.usage.total_tokens) > 5:\n    print('long')\n",
    "reason": f"answer = {ASK}\nif answer.choices[0].finish_reason == 'length':\n    print('cut')\n",
    "reason through a name": f"reason = {ASK}.choices[0].finish_reason\nif reason == 'content_filter':\n    print('cut')\n",
    "key": f"answer = {ASK}\nif 'choices' in answer:\n    print('ok')\n",
    "another field": TEXT + "result = {'state': 'done', 'answer': text}\nif result['state'] == 'finished':\n    print('ok')\n",
    "a copy": TEXT + "copied = json.loads(json.dumps({'answer': text}))\nprint(copied)\n",
    "the question": "q = json.loads(input())\n" + TEXT + "print(text)\n",
    "an event": f"for event in {ASK}:\n    kind = event.get('type')\n    if kind == 'response.output_text.delta' or kind == 'function_call_output':\n        print(event)\n",
    "thoughts": TEXT
    + "if '<think>' in text:\n    text = text.split('</think>')[1]\nprint(re.findall(r'<think>.*?</think>', text))\n",
}


@pytest.mark.parametrize("code", NOT_READ.values(), ids=NOT_READ)
def test_text_that_is_carried_trimmed_or_shown_is_not_read(code: str) -> None:
    assert kinds(code) == set()


def test_a_test_s_reading_is_not_the_application_s() -> None:
    files = {
        "a.py": f"{HEAD}def ask():\n    return {ASK}.choices[0].message.content\n",
        "tests/t.py": "import json\nfrom a import ask\njson.loads(ask())\n",
    }
    assert call(files, {"tests/t.py": Scope.TEST}).uses == ()
    assert call(files, {"tests/t.py": Scope.SCRIPT}).uses == ()
    assert call(files, {"tests/t.py": Scope.SCRIPT, "a.py": Scope.SCRIPT}).uses
    assert len(call(files).uses) == 1


def test_a_key_of_a_dict_that_holds_an_answer_decides_nothing_about_it() -> None:
    use = "def walk(table: {}):\n    return 'start' in table\n" + f"{TEXT}walk({{'text': text}})\n"
    assert kinds(use.replace("{}", "dict[str, str]")) == set()
    assert kinds(f"{TEXT}table = {{'text': text}}\nif 'start' in table:\n    print(table['start'])\n") == set()
    assert kinds(f"{TEXT}for key, value in {{'text': text}}.items():\n    if key == 'name':\n        print(value)\n") == set()


def test_the_body_of_a_model_service_is_no_answer_yet() -> None:
    code = """import json
import boto3
request = json.dumps({"prompt": given["messages"][0]["content"]})
reply = boto3.client("bedrock-runtime").invoke_model(modelId="anthropic.claude-3-haiku-20240307-v1:0", body=request)
body = json.loads(reply["body"].read())
"""
    assert call({"a.py": code}).uses == ()
    assert {use.kind for use in call({"a.py": code + 'json.loads(body["content"][0]["text"])\n'}).uses} == {"parsed"}


RAW = "import json, requests\nreply = requests.post('https://api.openai.com/v1/chat/completions', json={'model': 'gpt-4o'}, timeout=5)\n"


@pytest.mark.parametrize(
    ("code", "uses"),
    [
        ("data = json.loads(reply.text)\nprint(data['choices'][0]['message']['content'])\n", set()),
        ("for line in reply.iter_lines():\n    if line.startswith('data:'):\n        json.loads(line[5:])\n", set()),
        ("data = json.loads(reply.text)\njson.loads(data['choices'][0]['message']['content'])\n", {"parsed"}),
        ("text = reply.json()['choices'][0]['message']['content']\njson.loads(text)\n", {"parsed"}),
    ],
)
def test_the_envelope_of_a_raw_request_is_not_the_answer(code: str, uses: set[str]) -> None:
    assert {use.kind for use in call({"a.py": RAW + code}).uses} == uses


TOOL = "tools=[{'name': 'f', 'input_schema': {'type': 'object'}}]"
CLAUDE = "import anthropic\nfrom pydantic import BaseModel\nclass T(BaseModel):\n    n: int\n"


@pytest.mark.parametrize(
    ("use", "contract"), [("run(block.input)", Contract.TOOLS), ("T.model_validate(block.input)", Contract.SCHEMA)]
)
def test_arguments_that_code_validates_are_held_to_their_schema(use: str, contract: Contract) -> None:
    code = (
        f"{CLAUDE}answer = anthropic.Anthropic().messages.create(model='claude-sonnet-4-6', max_tokens=9, messages=[], {TOOL})\n"
        f"for block in answer.content:\n    if block.type == 'tool_use':\n        {use}\n"
    )
    found = call({"a.py": code})
    assert ({each.kind for each in found.uses}, found.contract) == ({"tool_arguments"}, contract)


def test_arguments_of_a_tool_call_are_a_use_of_their_own() -> None:
    code = (
        f"answer = {ASK[:-1]}, tools=[{{'type': 'function', 'function': {{'name': 'f'}}}}])\n"
        "for each in answer.choices[0].message.tool_calls:\n    raw = each.function.arguments\n    json.loads(raw)\n"
    )
    assert kinds(code) == {"tool_arguments"}
    assert kinds(code.replace("json.loads(raw)", "print('INVALID' in raw)")) == {"tool_arguments"}


@pytest.mark.parametrize(
    ("code", "uses"),
    [
        ("export async function f() { const { text } = await generateText({ model: openai('gpt-4o'), prompt: 'x' }); return JSON.parse(text); }", {"parsed"}),
        ("export async function f() { const { text } = await generateText({ model: openai('gpt-4o'), prompt: 'x' }); return text.match(/```(.*)```/); }", {"parsed"}),
        ("export async function f() { const { text } = await generateText({ model: openai('gpt-4o'), prompt: 'x' }); return /yes/.test(text); }", {"branched"}),
        ("export async function f() { const { text } = await generateText({ model: openai('gpt-4o'), prompt: 'x' }); return text.includes('yes'); }", {"branched"}),
        ("export async function f() { const { text } = await generateText({ model: openai('gpt-4o'), prompt: 'x' }); return text.trim(); }", set()),
        ("export async function f() { const { text } = await generateText({ model: openai('gpt-4o'), prompt: 'x' }); return /<think>.*<\\/think>/.test(text); }", set()),
        ("export async function f() { const { text } = await generateText({ model: openai('gpt-4o'), prompt: 'x' }); return typeof text === 'bigint'; }", set()),
        ("export async function f() { const reply = await generateText({ model: openai('gpt-4o'), prompt: 'x' }); return 'verdict' in reply; }", set()),
        (
            ("export async function f() {\n  const { fullStream } = streamText({ model: openai('gpt-4o'), prompt: 'x' });\n"
            "  for await (const part of fullStream) { const { type } = part; if (type === 'text-delta') console.log(part.text); }\n}"),
            set(),
        ),
    ],
)  # fmt: skip
def test_uses_in_javascript(code: str, uses: set[str]) -> None:
    assert kinds(code, js=True) == uses
