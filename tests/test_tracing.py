"""Which model calls are recorded, by what, and whether by default."""

from __future__ import annotations

import pytest

from readiness.knowledge.tracers import Tracers
from readiness.model import Dependency, Scope, Span, Tracer, Tracing
from tests.observed_parts import only_call, watch

CALL = """
from openai import OpenAI
client = OpenAI()
def ask(text):
    return client.responses.create(model="gpt-4o-2024-08-06", input=text)
"""


def test_the_table_is_what_its_schema_says() -> None:
    assert Tracers.load(validate=True).tools


def test_an_instrumentation_in_another_file_records_every_call_of_its_sdk() -> None:
    seen = watch({"src/app.py": CALL, "src/setup.py": "from traceloop.sdk import Traceloop\nTraceloop.init()\n"})
    call = only_call(seen)
    assert (call.tracing, call.tracer, call.usage_span) == (Tracing.ON, "OpenLLMetry", call.tracer_span)


@pytest.mark.parametrize(
    ("registered", "expected"),
    [("app.middleware('http')(record)\n", Tracing.ON), ("", Tracing.NONE)],
)
def test_a_region_that_a_middleware_opens_holds_the_calls_of_the_application(registered: str, expected: Tracing) -> None:
    middleware = f"""from fastapi import FastAPI
from langchain_core.tracers.context import tracing_v2_enabled
app = FastAPI()
async def record(request, call_next):
    with tracing_v2_enabled():
        return await call_next(request)
{registered}"""
    chain = """from langchain_openai import ChatOpenAI
from src.server import app
@app.post("/ask")
async def ask(text: str):
    return await ChatOpenAI(model="gpt-4o").ainvoke(text)
"""
    assert only_call(watch({"src/__init__.py": "", "src/server.py": middleware, "src/app.py": chain})).tracing is expected


def test_an_instrumentation_of_another_sdk_records_nothing() -> None:
    start = "from openinference.instrumentation.anthropic import AnthropicInstrumentor\nAnthropicInstrumentor().instrument()\n"
    assert only_call(watch({"src/app.py": CALL, "src/setup.py": start})).tracing is Tracing.NONE


@pytest.mark.parametrize(
    ("test", "expected"),
    [
        ('os.getenv("TRACE", "false").lower() == "true"', Tracing.OFF_BY_DEFAULT),
        ('os.getenv("TRACE", "true").lower() == "true"', Tracing.ON),
        ('os.getenv("TRACE")', Tracing.OFF_BY_DEFAULT),
        ('os.getenv("TRACELOOP_API_KEY")', Tracing.ON),
        ('not os.getenv("NO_TRACE")', Tracing.ON),
        ('os.getenv("ENVIRONMENT") == "production"', Tracing.ON),
        ('int(os.getenv("LEVEL", "0")) >= 2', Tracing.OFF_BY_DEFAULT),
        ('int(os.getenv("LEVEL", "3")) >= 2', Tracing.ON),
    ],
)
def test_the_default_of_a_flag_decides(test: str, expected: Tracing) -> None:
    start = f"import os\nfrom traceloop.sdk import Traceloop\nif {test}:\n    Traceloop.init()\n"
    assert only_call(watch({"src/app.py": CALL, "src/setup.py": start})).tracing is expected


def test_a_deployment_that_sets_the_flag_turns_it_on() -> None:
    start = 'import os\nfrom traceloop.sdk import Traceloop\nif os.getenv("TRACE"):\n    Traceloop.init()\n'
    files = {"src/app.py": CALL, "src/setup.py": start, "compose.yaml": "services:\n  app:\n    environment:\n      TRACE: '1'\n"}
    assert only_call(watch(files)).tracing is Tracing.ON


def test_a_variable_inside_a_bicep_expression_is_set() -> None:
    start = 'import os\nfrom traceloop.sdk import Traceloop\nif os.getenv("SINK"):\n    Traceloop.init()\n'
    bicep = "var env = union(common, [\n  {\n    name: 'SINK'\n    value: sink.outputs.id\n  }\n])\n"
    assert only_call(watch({"src/app.py": CALL, "src/setup.py": start, "infra/main.bicep": bicep})).tracing is Tracing.ON


def test_a_start_that_nothing_calls_is_declared() -> None:
    seen = watch({"src/app.py": CALL, "src/setup.py": "from traceloop.sdk import Traceloop\ndef begin():\n    Traceloop.init()\n"})
    assert [tracer.state for tracer in seen.by_kind[Tracer]] == ["declared"]
    assert only_call(seen).tracing is Tracing.NONE


def test_a_start_in_a_table_waits_for_the_setting_that_picks_it() -> None:
    start = """from traceloop.sdk import Traceloop
def begin(settings):
    Traceloop.init()
PROVIDERS = {}
PROVIDERS.update({"traceloop": begin})
def observe(settings):
    PROVIDERS.get(settings.mode)(settings)
"""
    assert only_call(watch({"src/app.py": CALL, "src/setup.py": start})).tracing is Tracing.OFF_BY_DEFAULT


def test_a_factory_that_a_command_names_is_started() -> None:
    start = "from traceloop.sdk import Traceloop\ndef assembled():\n    Traceloop.init()\n"
    files = {"src/app.py": CALL, "src/setup.py": start}
    assert only_call(watch(files)).tracing is Tracing.NONE
    assert (
        only_call(watch({**files, "Dockerfile": 'FROM python\nCMD ["uvicorn", "setup:assembled", "--factory"]\n'})).tracing
        is Tracing.ON
    )


def test_a_flag_that_remembers_a_first_run_is_no_switch() -> None:
    start = """
    from traceloop.sdk import Traceloop
    started = False
    def main():
        global started
        if not started:
            started = True
            Traceloop.init()
    """
    assert only_call(watch({"src/app.py": CALL, "src/setup.py": start})).tracing is Tracing.ON


def test_a_decorator_covers_what_the_function_calls() -> None:
    caller = "from langfuse import observe\nfrom app import ask\n@observe()\ndef handle(text):\n    return ask(text)\n"
    assert only_call(watch({"src/app.py": CALL, "src/api.py": caller})).tracer == "Langfuse"


def test_a_decorator_of_the_same_name_from_elsewhere_covers_nothing() -> None:
    caller = "from events import observe\nfrom app import ask\n@observe()\ndef handle(text):\n    return ask(text)\n"
    assert only_call(watch({"src/app.py": CALL, "src/api.py": caller})).tracing is Tracing.NONE


@pytest.mark.parametrize(("value", "expected"), [("true", Tracing.ON), ("false", Tracing.OFF_BY_DEFAULT)])
def test_a_wrapped_client_of_langsmith_waits_for_its_switch(value: str, expected: Tracing) -> None:
    code = CALL.replace("client = OpenAI()", "from langsmith.wrappers import wrap_openai\nclient = wrap_openai(OpenAI())")
    assert only_call(watch({"src/app.py": code, "Dockerfile": f"FROM python\nENV LANGSMITH_TRACING={value}\n"})).tracing is expected


def test_an_example_file_turns_nothing_on() -> None:
    code = 'from langchain_openai import ChatOpenAI\nmodel = ChatOpenAI(model="gpt-4o")\ndef ask(text):\n    return model.invoke(text)\n'
    assert only_call(watch({"src/app.py": code, ".env.example": "LANGSMITH_TRACING=true\n"})).tracing is Tracing.NONE


def test_a_variable_that_python_sets_says_nothing_to_another_process() -> None:
    script = 'import { ChatOpenAI } from "@langchain/openai";\nconst m = new ChatOpenAI({ model: "gpt-4o" });\nexport const ask = (q: string) => m.invoke(q);\n'
    code = 'from langchain_openai import ChatOpenAI\nmodel = ChatOpenAI(model="gpt-4o")\ndef ask(text):\n    return model.invoke(text)\n'
    setter = 'import os\nos.environ["LANGSMITH_TRACING"] = "true"\n'
    seen = watch({"src/app.py": code, "src/start.py": setter, "web/ask.ts": script})
    assert {call.language: call.tracing for call in seen.calls} == {"python": Tracing.ON, "typescript": Tracing.NONE}


def test_litellm_names_its_callbacks_in_words() -> None:
    code = 'import litellm\nlitellm.success_callback = ["langfuse"]\ndef ask(text):\n    return litellm.completion(model="gpt-4o", messages=[{"role": "user", "content": text}])\n'
    assert only_call(watch({"src/app.py": code})).tracer == "Langfuse"


def test_a_proxy_records_what_passes_it() -> None:
    code = CALL.replace("OpenAI()", 'OpenAI(base_url="https://oai.helicone.ai/v1")', 1)
    assert only_call(watch({"src/app.py": code})).tracer == "Helicone"


def test_a_log_at_debug_level_is_off_by_default() -> None:
    code = """
    import logging
    from openai import OpenAI
    logger = logging.getLogger(__name__)
    client = OpenAI()
    def ask(messages):
        reply = client.chat.completions.create(model="gpt-4o", messages=messages)
        logger.debug("in %s out %s", messages, reply.choices[0].message.content)
    """
    call = only_call(watch({"src/app.py": code}))
    assert (call.tracing, call.tracer) == (Tracing.OFF_BY_DEFAULT, "own log")


def test_a_log_of_a_piece_of_the_prompt_is_no_record_of_the_exchange() -> None:
    code = """
    import logging
    from openai import OpenAI
    logger = logging.getLogger(__name__)
    client = OpenAI()
    def ask(topic):
        reply = client.responses.create(model="gpt-4o", input=f"Write about {topic} in verse.")
        logger.info("topic %s gave %s", topic, reply.output_text)
    """
    assert only_call(watch({"src/app.py": code})).tracing is Tracing.NONE


def test_telemetry_of_a_call_without_an_exporter_goes_nowhere() -> None:
    code = """
    import { generateText } from "ai";
    import { openai } from "@ai-sdk/openai";
    export const ask = (prompt: string) =>
      generateText({ model: openai("gpt-4o"), prompt, experimental_telemetry: { isEnabled: true } });
    """
    exporter = 'import { registerOTel } from "@vercel/otel";\nexport function register() { registerOTel("app"); }\n'
    assert only_call(watch({"src/ask.ts": code})).tracing is Tracing.NONE
    assert only_call(watch({"src/ask.ts": code, "instrumentation.ts": exporter})).tracing is Tracing.ON


def test_telemetry_that_leaves_content_out_is_metadata() -> None:
    code = """
    import { generateText } from "ai";
    import { registerOTel } from "@vercel/otel";
    import { openai } from "@ai-sdk/openai";
    registerOTel("app");
    export const ask = (prompt: string) => generateText({
      model: openai("gpt-4o"), prompt, experimental_telemetry: { isEnabled: true, recordInputs: false, recordOutputs: false },
    });
    """
    assert only_call(watch({"src/ask.ts": code})).tracing is Tracing.METADATA_ONLY


def test_a_package_of_a_lockfile_declares_nothing() -> None:
    def names(path: str) -> list[str]:
        dependency = Dependency(Span(path, 1, 1), "pypi", "langfuse", "")
        return [tracer.tool for tracer in watch({"src/app.py": CALL}, [dependency]).by_kind[Tracer]]

    assert (names("requirements.txt"), names("poetry.lock")) == (["Langfuse"], [])


def test_every_tracer_has_a_scope_that_counts() -> None:
    seen = watch({"src/app.py": CALL, "src/setup.py": "import weave\nweave.init('x')\n"})
    assert [(tracer.tool, tracer.scope) for tracer in seen.by_kind[Tracer]] == [("Weave", Scope.PRODUCTION)]


@pytest.mark.parametrize(
    ("option", "expected"),
    [
        (
            "observability: new Observability({ configs: { default: { serviceName: 's', exporters: [new DefaultExporter()] } } })",
            Tracing.ON,
        ),
        ("storage: store", Tracing.NONE),
    ],
)
def test_mastra_records_its_agents_where_it_is_given_observability(option: str, expected: Tracing) -> None:
    code = f"""import {{ Mastra }} from "@mastra/core/mastra";
import {{ Agent }} from "@mastra/core/agent";
import {{ DefaultExporter, Observability }} from "@mastra/observability";
const cook = new Agent({{ name: "c", instructions: "Cook.", model: "openai/gpt-4o-mini" }});
export const mastra = new Mastra({{ agents: {{ cook }}, {option} }});
export const ask = (text: string) => mastra.getAgent("cook").generate(text);
"""
    assert only_call(watch({"src/index.ts": code})).tracing is expected


def test_a_log_runs_where_its_model_call_does() -> None:
    code = """from openai import OpenAI
import logging, os
client = OpenAI()
logger = logging.getLogger(__name__)
def ask(text):
    if not os.getenv("OPENAI_API_KEY"):
        raise RuntimeError("no key")
    logger.warning("asked %s", text)
    reply = client.responses.create(model="gpt-4o-2024-08-06", input=text)
    logger.warning("answered %s", reply.output_text)
    return reply
"""
    assert only_call(watch({"src/app.py": code})).tracing is Tracing.ON


def test_an_agent_opts_in_for_its_calls() -> None:
    code = """import { ToolLoopAgent } from "ai";
import { registerOTel } from "@vercel/otel";
registerOTel({ serviceName: "s" });
const make = () => new ToolLoopAgent({ model: "openai/gpt-4o", telemetry: { isEnabled: true } });
export const ask = (prompt: string) => make().stream({ prompt });
"""
    assert only_call(watch({"src/a.ts": code})).tracing is Tracing.ON


def test_a_span_of_braintrust_covers_the_call_beside_it() -> None:
    code = """import { initLogger } from "braintrust";
import OpenAI from "openai";
const client = new OpenAI();
function logger() {
  if (!process.env.BRAINTRUST_API_KEY) return undefined;
  return initLogger({ apiKey: process.env.BRAINTRUST_API_KEY });
}
export async function ask(input: string) {
  const span = logger()?.startSpan({ name: "ask", event: { input } });
  const reply = await client.responses.create({ model: "gpt-4o-2024-08-06", input });
  span?.log({ output: reply.output_text });
  return reply;
}
"""
    call = only_call(watch({"src/a.ts": code}))
    assert (call.tracing, call.tracer) == (Tracing.ON, "Braintrust")


@pytest.mark.parametrize(("flag", "expected"), [("BRAINTRUST_API_KEY", Tracing.ON), ("TRACE_PROMPTS", Tracing.OFF_BY_DEFAULT)])
def test_a_function_that_opens_a_span_covers_the_call_beside_it(flag: str, expected: Tracing) -> None:
    span = f"""import {{ initLogger }} from "braintrust";
export function open(args) {{
  if (!process.env.{flag}) return undefined;
  return initLogger({{ projectName: "p" }}).startSpan(args);
}}
"""
    code = """import OpenAI from "openai";
import { open } from "./span";
const client = new OpenAI();
export async function ask(input: string) {
  const span = open({ name: "ask", event: { input } });
  const reply = await client.responses.create({ model: "gpt-4o-2024-08-06", input });
  span?.log({ output: reply.output_text });
  return reply;
}
"""
    assert only_call(watch({"src/a.ts": code, "src/span.ts": span})).tracing is expected
