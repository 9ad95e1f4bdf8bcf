"""Hosts, regions, SKUs and profiles: who answers, and where."""

from __future__ import annotations

import pytest

from readiness.knowledge.zones import Zone, host_of, is_local, platform_of_host, zone_of

# fmt: off
PLACES = [
    (None, "openai", None, Zone.UNSPECIFIED),
    ("https://api.openai.com/v1", "openai", None, Zone.UNSPECIFIED),
    ("https://eu.api.openai.com/v1", "openai", None, Zone.EU),
    ("https://in.api.openai.com/v1", "openai", None, Zone.IN),
    (None, "anthropic", "us", Zone.US),                                     # inference_geo
    (None, "anthropic", None, Zone.UNSPECIFIED),
    ("https://shop.openai.azure.com/", "azure", None, Zone.UNRESOLVED),
    ("https://shop.openai.azure.com/", "azure", "West Europe", Zone.EU),
    (None, "azure", "uksouth", Zone.UK),
    (None, "azure", "eastus2", Zone.US),
    (None, "azure", "switzerlandnorth", Zone.CH),
    (None, "bedrock", "eu-central-1", Zone.EU),
    (None, "bedrock", "eu-west-2", Zone.UK),                                # London
    (None, "bedrock", "eu-central-2", Zone.CH),                             # Zurich
    (None, "bedrock", "ap-southeast-2", Zone.AU),
    (None, "bedrock", None, Zone.UNRESOLVED),
    ("https://bedrock-runtime.us-east-1.amazonaws.com", "bedrock", None, Zone.US),
    (None, "vertex", "europe-west4", Zone.EU),
    (None, "vertex", "europe-west2", Zone.UK),
    (None, "vertex", "global", Zone.GLOBAL),
    ("europe-west4-aiplatform.googleapis.com", "vertex", None, Zone.EU),
    (None, "vertex", "${LOCATION}", Zone.UNRESOLVED),
    ("https://api.eu.mistral.ai", "mistral", None, Zone.EU),
    ("https://api.mistral.ai", "mistral", None, Zone.UNSPECIFIED),
    ("https://openrouter.ai/api/v1", "openrouter", None, Zone.GLOBAL),
    (None, "openrouter", None, Zone.GLOBAL),
    (None, "vercel_gateway", None, Zone.GLOBAL),
    ("https://api.deepseek.com", "deepseek", None, Zone.CN),
    ("http://localhost:11434", "ollama", None, Zone.LOCAL),
    ("http://127.0.0.1:8000/v1", "openai", None, Zone.LOCAL),
    ("http://10.1.2.3:8000/v1", "openai", None, Zone.LOCAL),
    ("http://[::1]:8000/v1", "openai", None, Zone.LOCAL),
    ("http://vllm:8000/v1", "openai", None, Zone.LOCAL),
    ("http://vllm.models.svc.cluster.local:8000/v1", "openai", None, Zone.LOCAL),
    (None, "ollama", None, Zone.LOCAL),
    ("https://8.8.8.8/v1", "openai", None, Zone.UNRESOLVED),
    ("https://llm.example.com/v1", "openai", None, Zone.UNRESOLVED),
    ("https://{host}/v1", "openai", None, Zone.UNRESOLVED),
    ("${MODEL_URL}", "openai", None, Zone.UNRESOLVED),
    ("https://api.openai.com.evil.example", "openai", None, Zone.UNRESOLVED),
    (None, "unknown", None, Zone.UNRESOLVED),
]
# fmt: on


@pytest.mark.parametrize(("host", "platform", "region", "zone"), PLACES)
def test_where_a_call_is_answered(host: str | None, platform: str, region: str | None, zone: Zone) -> None:
    assert zone_of(host, "", platform, region) is zone


@pytest.mark.parametrize(
    ("model", "zone"),
    [
        ("eu.anthropic.claude-opus-5", Zone.EU),
        ("global.anthropic.claude-opus-5", Zone.GLOBAL),
        ("us-gov.anthropic.claude-sonnet-4-5-20250929-v1:0", Zone.US),
        ("arn:aws:bedrock:eu-west-1:1:inference-profile/apac.amazon.nova-pro-v1:0", Zone.APAC),
        ("anthropic.claude-opus-5", Zone.UK),
    ],
)
def test_an_inference_profile_beats_the_region(model: str, zone: Zone) -> None:
    assert zone_of(None, "", "bedrock", "eu-west-2", model=model) is zone


@pytest.mark.parametrize(
    ("sku", "zone"),
    [("GlobalStandard", Zone.GLOBAL), ("Global Provisioned Managed", Zone.GLOBAL), ("DataZoneStandard", Zone.EU), ("Standard", Zone.EU), (None, Zone.EU)],
)  # fmt: skip
def test_a_global_deployment_beats_the_region(sku: str | None, zone: Zone) -> None:
    assert zone_of("https://shop.openai.azure.com", "openai", "azure", "westeurope", sku=sku) is zone


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://api.groq.com/openai/v1", ("unknown", "groq")),
        ("https://api.together.xyz/v1", ("unknown", "together")),
        ("https://openrouter.ai/api/v1", ("unknown", "openrouter")),
        ("api.perplexity.ai", ("perplexity", "perplexity")),
        ("https://api.x.ai/v1", ("xai", "xai")),
        ("https://API.Mistral.ai:443/v1", ("mistral", "mistral")),
        ("https://shop.openai.azure.com/openai/deployments/x", ("openai", "azure")),
        ("https://generativelanguage.googleapis.com/v1beta/openai/", ("google", "gemini")),
        ("https://oai.helicone.ai/v1", ("openai", "openai")),
        ("http://localhost:11434/v1", ("unknown", "ollama")),
        ("http://ollama:8080", ("unknown", "ollama")),
        ("http://tgi.internal", ("unknown", "local")),
        ("https://example.com", ("unknown", "unknown")),
        ("https://notapi.openai.com.example", ("unknown", "unknown")),
    ],
)
def test_who_answers_at_a_host(url: str, expected: tuple[str, str]) -> None:
    assert platform_of_host(url) == expected


def test_hosts_are_taken_out_of_urls() -> None:
    assert host_of("https://user:secret@Api.OpenAI.com:443/v1?x=1") == "api.openai.com"
    assert host_of("localhost:8000") == "localhost"
    assert host_of("") == ""
    assert not is_local("")
    assert not is_local("1.1.1.1")
