"""What bounds a call: each story sets a limit at another layer and expects it, with its unit, at the call."""

from __future__ import annotations

import math

import pytest

from readiness.collect.calls.limits import Limits
from readiness.model import Setting, SettingState
from tests.programs import linked, only

OPENAI = "import asyncio, os, time, httpx, signal\nfrom openai import OpenAI, AsyncOpenAI\n"
ASK = "client.chat.completions.create(model='gpt-4o', messages=[])"
JS = 'import OpenAI from "openai";\nimport { generateText } from "ai";\nimport { openai } from "@ai-sdk/openai";\n'
NO_RETRIES = OPENAI + "client = OpenAI(max_retries=0)\n"


def timeout(files: dict[str, str]) -> Setting:
    program = linked(files)
    return Limits(program.finder).timeout(only(program))


def retries(files: dict[str, str], provider: str = "openai") -> Setting:
    program = linked(files)
    return Limits(program.finder).retries(only(program), provider)


def cap(files: dict[str, str]) -> Setting:
    program = linked(files)
    return Limits(program.finder).cap(only(program))


# ---------------------------------------------------------------------------------------------------------- timeouts


@pytest.mark.parametrize(
    ("code", "seconds"),
    [
        (f"client = OpenAI()\n{ASK[:-1]}, timeout=12)", 12),
        (f"client = OpenAI(timeout=30)\n{ASK}", 30),
        (f"client = OpenAI(timeout=30)\n{ASK[:-1]}, timeout=5)", 5),
        (f"client = OpenAI().with_options(timeout=7)\n{ASK}", 7),
        (f"client = OpenAI(timeout=httpx.Timeout(30, read=60))\n{ASK}", 60),
        (f"client = OpenAI(http_client=httpx.Client(timeout=9))\n{ASK}", 9),
        (f"client = OpenAI(timeout=2 * 15)\n{ASK}", 30),
        (f"client = OpenAI(timeout=float(os.getenv('T', '45')))\n{ASK}", 45),
        (f"client = OpenAI()\ndef f():\n    signal.alarm(20)\n    {ASK}", 20),
    ],
)
def test_a_timeout_counts_wherever_it_is_set(code: str, seconds: float) -> None:
    found = timeout({"a.py": OPENAI + code + "\n"})
    assert (found.state, found.value) == (SettingState.SET, seconds)


@pytest.mark.parametrize(
    ("code", "seconds"),
    [
        ("const client = new OpenAI({ timeout: 20_000 });\nexport const f = () => client.chat.completions.create({ model: 'gpt-4o', messages: [] });", 20),
        ("export const f = () => generateText({ model: openai('gpt-4o'), prompt: 'x', abortSignal: AbortSignal.timeout(15 * 1000) });", 15),
        (
            "export const f = (s: AbortSignal) => generateText({ model: openai('gpt-4o'), prompt: 'x', abortSignal: AbortSignal.any([s, AbortSignal.timeout(8000)]) });",
            8,
        ),
        (
            ("export async function f() {\n  const c = new AbortController();\n  setTimeout(() => c.abort(), 25000);\n"
            "  return generateText({ model: openai('gpt-4o'), prompt: 'x', abortSignal: c.signal });\n}"),
            25,
        ),
        (
            ("export async function f() {\n  return Promise.race([generateText({ model: openai('gpt-4o'), prompt: 'x' }),\n"
            "    new Promise((_, reject) => setTimeout(() => reject(new Error('late')), 12000))]);\n}"),
            12,
        ),
        (
            ("function withTimeout(p: Promise<any>, ms: number) {\n  const timer = new Promise((_, no) => setTimeout(no, ms));\n  return Promise.race([p, timer]);\n}\n"
            "export const f = () => withTimeout(generateText({ model: openai('gpt-4o'), prompt: 'x' }), 6000);"),
            6,
        ),
    ],
)  # fmt: skip
def test_javascript_counts_milliseconds(code: str, seconds: float) -> None:
    found = timeout({"a.ts": JS + code + "\n"})
    assert (found.state, found.value) == (SettingState.SET, seconds)


@pytest.mark.parametrize(
    "code",
    [
        "let c = new AbortController();\nexport const stop = () => c.abort();\nexport const f = () => generateText({ model: openai('gpt-4o'), prompt: 'x', abortSignal: c.signal });",
        "export const maxDuration = 60;\nexport const POST = (req: Request) => generateText({ model: openai('gpt-4o'), prompt: 'x', abortSignal: req.signal });",
    ],
)
def test_a_button_a_lost_connection_and_a_platform_limit_are_no_deadline(code: str) -> None:
    assert timeout({"a.ts": JS + code + "\n"}).state is SettingState.LIBRARY


def test_the_tightest_of_several_deadlines_is_the_one() -> None:
    code = f"client = AsyncOpenAI(timeout=90)\nasync def f():\n    async with asyncio.timeout(40):\n        await {ASK}\n"
    assert timeout({"a.py": OPENAI + code}).value == 40


WAITING = {
    "wait_for": f"async def f():\n    await asyncio.wait_for({ASK}, timeout=11)\n",
    "task": f"async def f():\n    task = asyncio.create_task({ASK})\n    await asyncio.wait_for(task, 11)\n",
    "future": f"def g():\n    return {ASK}\ndef f(pool):\n    return pool.submit(g).result(timeout=11)\n",
    "caller": f"async def g():\n    return await {ASK}\nasync def f():\n    return await asyncio.wait_for(g(), 11)\n",
    "thread": f"def g():\n    return {ASK}\nasync def f():\n    return await asyncio.wait_for(asyncio.to_thread(g), 11)\n",
    "helper": f"async def bounded(job, s=11):\n    return await asyncio.wait_for(job, s)\nasync def f():\n    return await bounded({ASK})\n",
}


@pytest.mark.parametrize("code", WAITING.values(), ids=WAITING)
def test_whoever_waits_bounds_the_call(code: str) -> None:
    assert timeout({"a.py": OPENAI + "client = AsyncOpenAI()\n" + code}).value == 11


def test_one_unbounded_caller_leaves_the_call_unbounded() -> None:
    code = f"async def g():\n    return await {ASK}\nasync def f():\n    return await asyncio.wait_for(g(), 11)\nasync def h():\n    return await g()\n"
    found = timeout({"a.py": OPENAI + "client = AsyncOpenAI()\n" + code})
    assert (found.state, found.value) == (SettingState.LIBRARY, 600)


def test_none_and_zero_switch_a_timeout_off() -> None:
    assert timeout({"a.py": f"{OPENAI}client = OpenAI(timeout=None)\n{ASK}\n"}).state is SettingState.DISABLED
    js = "import axios from 'axios';\nexport const f = () => axios.post('https://api.openai.com/v1/chat/completions', { model: 'gpt-4o' }, { timeout: 0 });\n"
    assert timeout({"a.ts": js}).state is SettingState.DISABLED


@pytest.mark.parametrize(
    ("code", "state"),
    [
        ("from llama_index.core.llms import LLM\ndef ask(llm: LLM):\n    return llm.complete('x')\n", SettingState.UNRESOLVED),
        ("def ask(components):\n    return components.llm.astructured_predict(Answer, prompt)\n", SettingState.UNRESOLVED),
        ("import litellm\nlitellm.completion(model='gpt-4o', messages=[])\n", SettingState.LIBRARY),
        ("from google import genai\ngenai.Client().models.generate_content(model='gemini-2.5-pro')\n", SettingState.LIBRARY),
    ],
)
def test_what_a_client_made_out_of_sight_waits_for_is_not_known(code: str, state: SettingState) -> None:
    assert (timeout({"a.py": code}).state, cap({"a.py": code}).state) == (state, state)


def test_a_setting_of_the_module_counts_and_a_test_s_does_not() -> None:
    call = "import litellm\ndef f():\n    return litellm.completion(model='gpt-4o', messages=[])\n"
    assert timeout({"a.py": call, "b.py": "import litellm as llm\ndef setup():\n    llm.request_timeout = 33\n"}).value == 33


def test_options_are_open_only_where_nobody_in_the_repository_gives_them() -> None:
    code = f"{OPENAI}def f(**options):\n    client = OpenAI(**options)\n    return {ASK}\n"
    assert timeout({"a.py": code}).state is SettingState.UNRESOLVED
    assert timeout({"a.py": code, "b.py": "from a import f\nf()\n"}).state is SettingState.LIBRARY
    assert timeout({"a.py": code, "b.py": "from a import f\nf(timeout=3)\n"}).value == 3


# ----------------------------------------------------------------------------------------------------------- retries


DECORATED = {
    "tenacity": ("from tenacity import retry, stop_after_attempt\n@retry(stop=stop_after_attempt(4))\n", 3, "unfiltered"),
    "filtered": (
        ("from tenacity import retry, stop_after_attempt, retry_if_exception_type\n"
        "@retry(retry=retry_if_exception_type(TimeoutError), stop=stop_after_attempt(4))\n"),
        3,
        "",
    ),
    "filtered by everything": (
        ("from tenacity import retry, stop_after_attempt, retry_if_exception_type\n"
        "@retry(retry=retry_if_exception_type(Exception), stop=stop_after_attempt(4))\n"),
        3,
        "unfiltered",
    ),
    "either stop": ("from tenacity import retry, stop_after_attempt, stop_after_delay\n@retry(stop=stop_after_delay(60) | stop_after_attempt(2))\n", 1, "unfiltered"),
    "endless": ("from tenacity import retry\n@retry\n", math.inf, "unfiltered"),
    "backoff": ("import backoff\n@backoff.on_exception(backoff.expo, TimeoutError, max_tries=3)\n", 2, ""),
    "stamina": ("import stamina\n@stamina.retry(on=TimeoutError, attempts=5)\n", 4, ""),
}  # fmt: skip


@pytest.mark.parametrize(("head", "expected", "flaw"), DECORATED.values(), ids=DECORATED)
def test_a_decorator_is_a_layer(head: str, expected: float, flaw: str) -> None:
    found = retries({"a.py": f"{NO_RETRIES}{head}def f():\n    return {ASK}\n"})
    assert (found.state, found.value, found.flaw) == (SettingState.SET, expected, flaw)


def test_layers_multiply() -> None:
    code = f"{OPENAI}from tenacity import retry, stop_after_attempt\nclient = OpenAI(max_retries=1)\n@retry(stop=stop_after_attempt(3))\ndef f():\n    return {ASK}\n"
    assert retries({"a.py": code}).value == 2 * 3 - 1


LOOPS = {
    "counted": (f"def f():\n    for attempt in range(3):\n        try:\n            return {ASK}\n        except Exception:\n            time.sleep(1)\n", 2, "unfiltered"),
    "counted from one": (
        f"def f():\n    for attempt in range(1, 4):\n        try:\n            return {ASK}\n        except TimeoutError:\n            continue\n", 2, ""),
    "looks at the error": (
        f"def f():\n    for attempt in range(3):\n        try:\n            return {ASK}\n        except Exception as e:\n            if e.status_code < 500:\n                raise\n", 2, ""),
    "endless": (f"def f():\n    while True:\n        try:\n            return {ASK}\n        except Exception:\n            time.sleep(1)\n", math.inf, "unfiltered"),
    "counts down": (
        f"def f(attempts=0):\n    while True:\n        try:\n            return {ASK}\n        except TimeoutError:\n            attempts += 1\n            if attempts >= 4:\n                raise\n",
        3, ""),
    "calls itself": (
        f"def f(tries=3):\n    try:\n        return {ASK}\n    except TimeoutError:\n        if tries <= 0:\n            raise\n        return f(tries - 1)\n", 2, ""),
    "helper": (
        f"def persist(job, times=3):\n    for n in range(times):\n        try:\n            return job()\n        except TimeoutError:\n            pass\ndef f():\n    return persist(lambda: {ASK})\n",
        2, ""),
    "own decorator": (
        f"def again(n):\n    def outer(fn):\n        def inner(*a):\n            for i in range(4):\n                try:\n                    return fn(*a)\n                except TimeoutError:\n                    time.sleep(1)\n        return inner\n    return outer\n@again(4)\ndef f():\n    return {ASK}\n",
        3, ""),
    "retry object": (
        f"from tenacity import Retrying, stop_after_attempt\ndef f():\n    for attempt in Retrying(retry=TimeoutError, stop=stop_after_attempt(3)):\n        with attempt:\n            return {ASK}\n", 2, ""),
    "only caller": (
        f"def g():\n    return {ASK}\ndef f():\n    for attempt in range(5):\n        try:\n            return g()\n        except TimeoutError:\n            pass\n", 4, ""),
}  # fmt: skip


@pytest.mark.parametrize(("code", "expected", "flaw"), LOOPS.values(), ids=LOOPS)
def test_a_loop_that_tries_again_is_a_layer(code: str, expected: float, flaw: str) -> None:
    found = retries({"a.py": NO_RETRIES + code})
    assert (found.state, found.value, found.flaw) == (SettingState.SET, expected, flaw)


NO_LOOPS = {
    "items": f"def f(texts):\n    for text in texts:\n        try:\n            {ASK}\n        except Exception:\n            continue\n",
    "indices": f"def f(texts):\n    for i in range(len(texts)):\n        try:\n            texts[i] = {ASK}\n        except Exception:\n            texts[i] = None\n",
    "conversation": f"def f():\n    while True:\n        if input() == 'exit':\n            break\n        try:\n            print({ASK})\n        except Exception:\n            print('sorry')\n",
    "fallback": f"def f():\n    try:\n        return {ASK}\n    except Exception:\n        return 'sorry'\n",
}  # fmt: skip


@pytest.mark.parametrize("code", NO_LOOPS.values(), ids=NO_LOOPS)
def test_a_loop_that_goes_on_is_no_retry(code: str) -> None:
    assert retries({"a.py": NO_RETRIES + code}).value == 0


def test_a_generator_that_is_decorated_is_not_retried() -> None:
    code = f"{NO_RETRIES}from tenacity import retry, stop_after_attempt\n@retry(stop=stop_after_attempt(3))\ndef f():\n    for chunk in {ASK}:\n        yield chunk\n"
    assert retries({"a.py": code}).value == 0


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("import pRetry from 'p-retry';\nexport const f = () => pRetry(() => generateText({ model: openai('gpt-4o'), prompt: 'x', maxRetries: 0 }), { retries: 3 });", 3),
        ("export const f = () => generateText({ model: openai('gpt-4o'), prompt: 'x', maxRetries: 4 });", 4),
        (
            ("async function again(fn: () => Promise<any>) {\n  for (let i = 0; i < 3; i++) {\n    try { return await fn(); } catch (error) { await sleep(1); }\n  }\n}\n"
            "export const f = () => again(() => generateText({ model: openai('gpt-4o'), prompt: 'x', maxRetries: 0 }));"),
            2,
        ),
    ],
)  # fmt: skip
def test_retries_in_javascript(code: str, expected: float) -> None:
    assert retries({"a.ts": JS + code + "\n"}).value == expected


def test_a_router_retries_as_the_client_behind_it_does() -> None:
    code = {"a.py": "import litellm\nlitellm.completion(model='gpt-4o', messages=[])\n"}
    assert retries(code, "openai").value == 2
    assert retries(code, "anthropic").value == 0
    assert retries(code, "unknown").value is None


# -------------------------------------------------------------------------------------------------------------- caps


@pytest.mark.parametrize(
    ("code", "state", "value"),
    [
        (f"{ASK[:-1]}, max_tokens=500)", SettingState.SET, 500),
        (f"{ASK}", SettingState.LIBRARY, None),
        (f"{ASK[:-1]}, max_tokens=None)", SettingState.DISABLED, None),
        (f"{ASK[:-1]}, max_tokens=-1)", SettingState.DISABLED, None),
        (f"{ASK[:-1]}, max_tokens=800 if os.name else None)", SettingState.DISABLED, None),
        (f"{ASK[:-1]}, max_tokens=os.getenv('N') or 800)", SettingState.SET, 800),
        (f"{ASK[:-1]}, max_tokens=int(os.environ['N']))", SettingState.SET, None),
    ],
)
def test_a_cap_is_what_always_holds(code: str, state: SettingState, value: float | None) -> None:
    found = cap({"a.py": f"{OPENAI}client = OpenAI()\n{code}\n"})
    assert (found.state, found.value) == (state, value)


def test_a_wrapper_s_default_caps_what_its_callers_leave_out() -> None:
    code = f"{OPENAI}client = OpenAI()\ndef ask(limit=900):\n    return {ASK[:-1]}, max_tokens=limit)\nask()\n"
    assert cap({"a.py": code}).value == 900


def test_a_parameter_that_is_none_by_default_caps_nothing() -> None:
    code = f"{OPENAI}client = OpenAI()\ndef ask(limit=None):\n    return {ASK[:-1]}, max_tokens=limit)\n"
    assert cap({"a.py": code}).state is SettingState.DISABLED


def test_the_rounds_of_an_agent_are_no_retries() -> None:
    code = """import { Agent } from "@mastra/core/agent";
const cook = new Agent({ name: "c", instructions: "Cook.", model: "openai/gpt-4o-mini" });
export const ask = (text: string) => cook.generate(text, { maxSteps: 15 });
"""
    assert retries({"a.ts": code}).value == 2
