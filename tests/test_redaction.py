"""What masks personal data, and whether telemetry is what it masks."""

from __future__ import annotations

import pytest

from readiness.knowledge.redactors import Redactors
from readiness.model import ContentLog, Redaction
from tests.observed_parts import watch

CALL = """
from langfuse.openai import OpenAI
client = OpenAI()
def ask(text):
    return client.responses.create(model="gpt-4o-2024-08-06", input=text)
"""


def masks(files: dict[str, str]) -> list[tuple[str, str]]:
    return [(each.tool, each.attached) for each in watch(files).by_kind[Redaction]]


def test_the_table_is_what_its_schema_says() -> None:
    assert Redactors.load(validate=True).masks


def test_a_mask_of_a_tracer_that_nothing_uses_is_unused() -> None:
    mask = "from langfuse import Langfuse\nLangfuse(mask=lambda data: '')\n"
    assert masks({"src/app.py": CALL, "src/mask.py": mask}) == [("Langfuse mask", "telemetry")]
    plain = CALL.replace("langfuse.openai", "openai")
    assert masks({"src/app.py": plain, "src/mask.py": mask}) == [("Langfuse mask", "unused")]


@pytest.mark.parametrize(("value", "found"), [("true", [("LangSmith hiding switch", "telemetry")]), ("True", []), ("1", [])])
def test_langsmith_reads_true_in_lower_case_only(value: str, found: list[tuple[str, str]]) -> None:
    code = 'from langchain_openai import ChatOpenAI\nmodel = ChatOpenAI(model="gpt-4o")\ndef ask(text):\n    return model.invoke(text)\n'
    docker = f"FROM python\nENV LANGSMITH_TRACING=true\nENV LANGSMITH_HIDE_INPUTS={value}\n"
    assert masks({"src/app.py": code, "Dockerfile": docker}) == found


LOGGED = """
import logging
import re
from openai import OpenAI
class Cleaner(logging.Filter):
    def filter(self, record):
        record.msg = re.sub({pattern!r}, "***", record.getMessage())
        return True
logger = logging.getLogger("chat")
logger.addFilter(Cleaner())
other = logging.getLogger("other")
client = OpenAI()
def ask(text):
    {name}.info("asked %s", text)
    return client.responses.create(model="gpt-4o-2024-08-06", input=text)
"""


@pytest.mark.parametrize(
    ("pattern", "name", "filters", "logs"),
    [
        (r"[\w.]+@[\w.]+", "logger", 1, 0),
        (r"[\w.]+@[\w.]+", "other", 1, 1),
        (r"sk-[a-z]+", "logger", 0, 1),
    ],
)
def test_a_filter_counts_for_its_own_logger_and_for_personal_data(pattern: str, name: str, filters: int, logs: int) -> None:
    seen = watch({"src/app.py": LOGGED.format(pattern=pattern, name=name)})
    assert (len(seen.by_kind[Redaction]), len(seen.by_kind[ContentLog])) == (filters, logs)


def test_a_masking_function_around_what_is_logged() -> None:
    code = """
    import logging
    import re
    from openai import OpenAI
    logger = logging.getLogger("chat")
    client = OpenAI()
    def masked(text):
        return re.sub(r"[\\w.]+@[\\w.]+", "***", text)
    def ask(text):
        logger.info("asked %s", masked(text))
        return client.responses.create(model="gpt-4o-2024-08-06", input=text)
    """
    seen = watch({"src/app.py": code})
    assert [each.attached for each in seen.by_kind[Redaction]] == ["telemetry"]
    assert seen.by_kind[ContentLog] == ()


def test_an_imported_library_that_nothing_calls_is_unused() -> None:
    assert masks({"src/app.py": CALL, "src/pii.py": "from presidio_anonymizer import AnonymizerEngine\n"}) == [
        ("Presidio", "unused")
    ]


def test_a_collector_masks_only_where_a_pipeline_uses_it() -> None:
    unused = "processors:\n  redaction:\n    blocked_values: ['@']\n"
    used = unused + "service:\n  pipelines:\n    traces:\n      processors: [redaction]\n"
    assert masks({"src/app.py": CALL, "collector.yaml": unused}) == []
    assert masks({"src/app.py": CALL, "collector.yaml": used}) == [("OpenTelemetry collector redaction", "telemetry")]


def test_a_length_or_a_model_name_in_a_log_is_no_content() -> None:
    code = CALL.replace("    return client", '    logger.info("%s %s", len(text), "gpt")\n    return client')
    assert watch({"src/app.py": "import logging\nlogger = logging.getLogger()\n" + code}).by_kind[ContentLog] == ()
