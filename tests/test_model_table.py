"""Model ids: spelling, pins and ends, on the tables that ship."""

from __future__ import annotations

import csv
from datetime import date

import pytest

from readiness.knowledge.model_ids import FOLDER, bare_id, split_prefix
from readiness.knowledge.model_table import ModelDescription, ModelTable, looks_like_model_id, provider_of
from readiness.model import Pin

TODAY = date(2026, 11, 23)


@pytest.fixture(scope="module")
def table() -> ModelTable:
    return ModelTable.load()


def describe(table: ModelTable, model: str, platform: str, revision: str | None = None) -> ModelDescription:
    return table.describe(model, platform=platform, as_of=TODAY, revision=revision)


# fmt: off
PINS = [
    ("openai", "gpt-4o-2024-08-06", Pin.SNAPSHOT),
    ("openai", "GPT-4o", Pin.ALIAS),
    ("openai", "gpt-5.4", Pin.ALIAS),                           # gpt-5.4-2026-03-05 exists
    ("openai", "gpt-4", Pin.ALIAS),                             # gpt-4-0613 exists
    ("openai", "gpt-4-1106-preview", Pin.SNAPSHOT),
    ("openai", "gpt-4-turbo-preview", Pin.ALIAS),
    ("openai", "chatgpt-4o-latest", Pin.ALIAS),
    ("openai", "gpt-5.6-sol", Pin.STABLE),                      # no dated sibling on OpenAI, though Azure has one
    ("openai", "text-embedding-3-small", Pin.STABLE),
    ("openai", "gpt-99-future", Pin.UNKNOWN),
    ("openai", "ft:gpt-4o-mini-2024-07-18:shop::x", Pin.SNAPSHOT),
    ("anthropic", "claude-sonnet-4-5-20250929", Pin.SNAPSHOT),
    ("anthropic", "claude-sonnet-4-5", Pin.ALIAS),
    ("anthropic", "claude-3-7-sonnet-latest", Pin.ALIAS),
    ("anthropic", "claude-opus-4-6", Pin.SNAPSHOT),
    ("anthropic", "claude-sonnet-5", Pin.SNAPSHOT),
    ("gemini", "gemini-2.5-flash", Pin.SNAPSHOT),
    ("gemini", "gemini-flash-latest", Pin.ALIAS),
    ("gemini", "gemini-2.5-flash-preview-04-17", Pin.ALIAS),
    ("gemini", "gemini-2.5-pro-exp-03-25", Pin.ALIAS),
    ("vertex", "claude-sonnet-4-5@20250929", Pin.SNAPSHOT),
    ("vertex", "claude-opus-5@default", Pin.ALIAS),
    ("bedrock", "eu.anthropic.claude-3-5-sonnet-20240620-v1:0", Pin.SNAPSHOT),
    ("bedrock", "anthropic.claude-opus-5", Pin.SNAPSHOT),
    ("bedrock", "amazon.nova-pro-v1:0", Pin.SNAPSHOT),
    ("azure", "gpt-4o", Pin.ALIAS),
    ("azure", "gpt-35-turbo", Pin.ALIAS),
    ("azure", "gpt-4o-mini-2024-07-18", Pin.UNKNOWN),           # a deployment's name pins nothing
    ("azure", "our-deployment", Pin.UNKNOWN),
    ("mistral", "mistral-large-latest", Pin.ALIAS),
    ("mistral", "mistral-large-2411", Pin.SNAPSHOT),
    ("mistral", "open-mixtral-8x7b", Pin.STABLE),
    ("cohere", "command-r", Pin.ALIAS),
    ("cohere", "command-r-08-2024", Pin.SNAPSHOT),
    ("cohere", "rerank-v3.5", Pin.STABLE),
    ("deepseek", "deepseek-chat", Pin.ALIAS),
    ("groq", "openai/gpt-oss-20b", Pin.STABLE),
    ("together", "meta-llama/Llama-3.3-70B-Instruct-Turbo", Pin.STABLE),
    ("openrouter", "openrouter/auto", Pin.ALIAS),
    ("openrouter", "deepseek/deepseek-r1:free", Pin.ALIAS),
    ("openrouter", "openai/gpt-4o-2024-08-06", Pin.SNAPSHOT),
    ("vercel_gateway", "anthropic/claude-haiku-4.5", Pin.ALIAS),
    ("huggingface", "BAAI/bge-m3", Pin.ALIAS),
    ("local", "./weights/model.gguf", Pin.UNKNOWN),
    ("ollama", "llama3.1", Pin.ALIAS),
    ("ollama", "llama3.1:latest", Pin.ALIAS),
    ("ollama", "llama3.1:8b", Pin.ALIAS),
    ("ollama", "llama3.1:8b-instruct-q4_K_M", Pin.SNAPSHOT),
    ("replicate", "stability-ai/stable-diffusion:db21e45d3f7023abc2a46ee38a23973f6dce16bb082a930b0c49861f96d1e5bf", Pin.SNAPSHOT),
    ("replicate", "meta/meta-llama-3-70b-instruct", Pin.STABLE),
    ("litellm", "azure/gpt-4o", Pin.ALIAS),
    ("unknown", "openai:gpt-4.1-2025-04-14", Pin.SNAPSHOT),
]

ENDS = [
    ("openai", "gpt-3.5-turbo", date(2026, 10, 23)),
    ("openai", "gpt-4o-mini", date(2027, 1, 14)),
    ("openai", "ft:gpt-4o-mini-2024-07-18:shop::x", date(2027, 1, 14)),
    ("openai", "gpt-5.6-sol", None),
    ("anthropic", "claude-sonnet-4-5", date(2026, 11, 30)),
    ("anthropic", "claude-sonnet-4", date(2026, 6, 15)),        # spelled claude-sonnet-4-0 and with a date
    ("anthropic", "claude-3-7-sonnet-latest", date(2026, 2, 19)),
    ("anthropic", "claude-haiku-4-5", None),
    ("vertex", "gemini-2.5-flash", date(2026, 10, 20)),
    ("gemini", "gemini-2.5-flash", date(2026, 12, 1)),
    ("gemini", "gemini-2.5-flash-lite", None),
    ("gemini", "models/gemini-1.5-flash-latest", date(2025, 9, 24)),
    ("vertex", "gemini-2.0-flash-001", date(2026, 6, 1)),
    ("bedrock", "us.anthropic.claude-sonnet-4-20250514-v1:0", date(2026, 10, 14)),
    ("anthropic", "claude-sonnet-4-20250514", date(2026, 6, 15)),
    ("vercel_gateway", "anthropic/claude-3.7-sonnet-thinking", date(2026, 2, 19)),
    ("openrouter", "openrouter/anthropic/claude-3.5-sonnet", date(2025, 10, 28)),
    ("deepseek", "deepseek-chat", date(2026, 7, 24)),
    ("xai", "grok-4", date(2026, 5, 15)),                       # ends with grok-4-0709, its only dated sibling
    ("unknown", "google_genai:gemini-2.0-flash", date(2026, 6, 1)),
]
# fmt: on


@pytest.mark.parametrize(("platform", "model", "pin"), PINS)
def test_how_firmly_an_id_is_pinned(table: ModelTable, platform: str, model: str, pin: Pin) -> None:
    assert describe(table, model, platform).pin is pin


@pytest.mark.parametrize(("platform", "model", "day"), ENDS)
def test_when_an_id_ends_on_its_platform(table: ModelTable, platform: str, model: str, day: date | None) -> None:
    found = describe(table, model, platform)
    assert (found.retires, found.listed, bool(found.source)) == (day, True, True)


@pytest.mark.parametrize(
    ("platform", "model", "revision", "pin"),
    [
        ("huggingface", "BAAI/bge-m3", "a" * 40, Pin.SNAPSHOT),
        ("huggingface", "BAAI/bge-m3", "main", Pin.ALIAS),
        ("local", "sentence-transformers/all-MiniLM-L6-v2", "A" * 40, Pin.SNAPSHOT),
        ("azure", "gpt-4o", "2024-11-20", Pin.SNAPSHOT),
    ],
)
def test_a_revision_pins(table: ModelTable, platform: str, model: str, revision: str, pin: Pin) -> None:
    assert describe(table, model, platform, revision).pin is pin


@pytest.mark.parametrize(
    ("platform", "model"),
    [
        ("openai", "gpt-99-future"),
        ("gemini", "gemini-2.5-flash-preview-04-17"),
        ("gemini", "gemini-exp-1206"),
        ("azure", "our-deployment"),
        ("azure", "gpt-35-turbo"),
        ("bedrock", "anthropic.claude-v2:1"),
        ("ollama", "llama3.1:8b"),
        ("huggingface", "BAAI/bge-m3"),
    ],
)
def test_no_date_means_nothing_where_no_table_follows_shutdowns(table: ModelTable, platform: str, model: str) -> None:
    found = describe(table, model, platform)
    assert (found.retires, found.listed) == (None, False)


def test_a_host_that_says_nothing_of_a_model_its_maker_retired_is_not_trusted(table: ModelTable) -> None:
    found = describe(table, "anthropic.claude-3-5-sonnet-20240620-v1:0", "bedrock")
    assert not found.listed
    assert "2025-10-28" in found.note


def test_a_promise_of_availability_is_no_end(table: ModelTable) -> None:
    kept = describe(table, "claude-opus-4-8", "vertex")
    assert (kept.retires, kept.listed) == (None, True)
    assert "Promised until 2027-05-28 at least" in kept.note
    over = describe(table, "claude-sonnet-4-5@20250929", "vertex")
    assert (over.retires, over.listed) == (None, False), "what a past promise leaves is not known"


def test_open_weights_outlive_their_makers_platform_behind_a_gateway(table: ModelTable) -> None:
    assert describe(table, "deepseek/deepseek-chat", "litellm").retires == date(2026, 7, 24)
    found = describe(table, "openrouter/deepseek/deepseek-chat", "litellm")
    assert (found.retires, found.listed) == (None, False)


def test_a_platform_may_be_named_as_libraries_do(table: ModelTable) -> None:
    assert describe(table, "gemini-2.5-flash", "vertex_ai") == describe(table, "gemini-2.5-flash", "vertex")


def test_the_vendors_own_word_beats_what_others_collect(table: ModelTable) -> None:
    assert describe(table, "gpt-4o", "openai").source.startswith("openai==")
    assert describe(table, "gpt-4o-audio-preview", "openai").retires == date(2026, 5, 7)


def test_every_row_has_a_day_and_a_source() -> None:
    for name in ("vendor_sdk.csv", "vendor_pages.csv", "litellm.csv"):
        with (FOLDER / name).open(encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file))
        assert rows
        for row in rows:
            assert date(2023, 1, 1) < date.fromisoformat(row["retires"]) < date(2030, 1, 1), row
            assert row["source"], row
            assert row["firm"] in {"announced", "earliest"}, row
        keys = [(row["platform"], row["model"].lower()) for row in rows]
        assert len(set(keys)) == len(keys)


@pytest.mark.parametrize(
    ("model", "expected"),
    [
        ("openai/gpt-4o", ("openai", "openai")),
        ("openai:gpt-4o", ("openai", "openai")),
        ("azure/gpt-4o", ("openai", "azure")),
        ("anthropic/claude-sonnet-4.5", ("anthropic", "anthropic")),
        ("bedrock/eu.anthropic.claude-opus-5", ("anthropic", "bedrock")),
        ("bedrock/us-east-1/anthropic.claude-v2:1", ("anthropic", "bedrock")),
        ("vertex_ai/claude-sonnet-4-5@20250929", ("anthropic", "vertex")),
        ("google_genai:gemini-2.0-flash", ("google", "gemini")),
        ("openrouter/anthropic/claude-3.5-sonnet", ("anthropic", "openrouter")),
        ("ollama/llama3", ("unknown", "ollama")),
        ("gpt-4o", ("openai", "openai")),
        ("o3", ("openai", "openai")),
        ("claude-opus-5", ("anthropic", "anthropic")),
        ("gemini-2.5-pro", ("google", "gemini")),
        ("amazon.titan-embed-text-v2:0", ("amazon", "bedrock")),
        ("BAAI/bge-m3", ("BAAI", "huggingface")),
        ("main", ("unknown", "unknown")),
        ("", ("unknown", "unknown")),
    ],
)
def test_who_makes_and_serves_an_id(model: str, expected: tuple[str, str]) -> None:
    assert provider_of(model) == expected


def test_a_tag_is_no_prefix() -> None:
    assert split_prefix("llama3:8b") == ("", "llama3:8b")
    assert split_prefix("Azure/gpt-4o") == ("azure", "gpt-4o")


@pytest.mark.parametrize(
    ("model", "platform", "bare"),
    [
        ("anthropic/claude-3.7-sonnet-thinking", "vercel_gateway", "claude-3-7-sonnet"),
        ("claude-4-sonnet", "openrouter", "claude-sonnet-4"),
        ("openai/gpt-oss-20b", "groq", "openai/gpt-oss-20b"),
        ("groq/openai/gpt-oss-20b", "groq", "openai/gpt-oss-20b"),
        ("arn:aws:bedrock:eu-west-1:1:inference-profile/eu.anthropic.claude-opus-5", "bedrock", "anthropic.claude-opus-5"),
        ("projects/p/locations/eu/publishers/google/models/gemini-2.5-pro", "vertex", "gemini-2.5-pro"),
    ],
)
def test_the_vendors_own_spelling(model: str, platform: str, bare: str) -> None:
    assert bare_id(model, platform) == bare


@pytest.mark.parametrize(
    "text",
    ["gpt-4o-mini", "gpt-3.5-turbo-0125", "o1-mini", "openai/gpt-4o", "claude-3-5-sonnet-latest", "claude-opus-5", "anthropic/claude-sonnet-4.5",
     "gemini-2.5-flash-preview-04-17", "models/gemini-1.5-pro", "mistral-large-latest", "open-mixtral-8x7b", "command-r-plus", "deepseek-chat",
     "eu.anthropic.claude-3-5-sonnet-20240620-v1:0", "amazon.nova-pro-v1:0", "text-embedding-ada-002", "meta-llama/Llama-3.1-8B-Instruct",
     "sentence-transformers/all-MiniLM-L6-v2", "ollama/llama3.1:8b", "llama3.1:8b", "gpt-35-turbo", "rerank-v3.5"],
)  # fmt: skip
def test_model_ids_are_recognised(text: str) -> None:
    assert looks_like_model_id(text)


@pytest.mark.parametrize(
    "text",
    ["gpt-engineer", "gpt4all", "gpt-4all", "claude", "claude-code", "gemini-cli", "mistral-common", "command-r", "openai", "openai/openai-node",
     "https://api.openai.com/v1", "com.anthropic.Client", "amazon.s3.bucket", "google.golang.org/api", "mistral.chat", "o1", "o3", "node:20",
     "azure/identity", "facebook/react", "nvidia/cuda:12", "text/plain", "2024-08-06", "gpt-4-test", "sonar-scanner", "a" * 500, "", "ollama/ollama:latest"],
)  # fmt: skip
def test_other_words_are_not(text: str) -> None:
    assert not looks_like_model_id(text)


@pytest.mark.parametrize(
    "hostile", ["a/" * 5000, "gpt-" + "4-" * 5000, "anthropic." * 3000, "\x00", "claude-" * 1000, "openrouter/" * 100]
)
def test_hostile_ids_are_answered(table: ModelTable, hostile: str) -> None:
    assert describe(table, hostile, "unknown").retires is None
    assert not looks_like_model_id(hostile)
