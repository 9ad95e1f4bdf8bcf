"""Rebuild the bundled model tables from packages that vendors and maintainers publish.

Install the packages into an empty environment, then point this at its `site-packages`:

    python -m venv tables && tables/bin/pip install --no-deps openai anthropic litellm genai-prices
    tables/bin/pip install pydantic
    python bench/model_tables.py tables/lib/python3.*/site-packages readiness/knowledge/models

Nothing of the packages is imported: their sources are parsed as text, JSON and syntax trees. `vendor_pages.csv` is kept by hand.
"""

from __future__ import annotations

import argparse
import ast
import csv
import json
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final, NamedTuple

LITELLM_PLATFORMS: Final = {
    "openai": "openai", "text-completion-openai": "openai", "azure": "azure", "azure_text": "azure", "azure_ai": "azure",
    "anthropic": "anthropic", "bedrock": "bedrock", "bedrock_converse": "bedrock", "gemini": "gemini", "mistral": "mistral",
    "codestral": "mistral", "cohere": "cohere", "cohere_chat": "cohere", "groq": "groq", "together_ai": "together",
    "fireworks_ai": "fireworks", "fireworks_ai-embedding-models": "fireworks", "openrouter": "openrouter",
    "perplexity": "perplexity", "deepseek": "deepseek", "xai": "xai", "voyage": "voyage", "jina_ai": "jina",
    "vercel_ai_gateway": "vercel_gateway",
}  # fmt: skip
PRICES_PLATFORMS: Final = {
    "openai": "openai", "azure": "azure", "anthropic": "anthropic", "aws": "bedrock", "google": "vertex", "mistral": "mistral",
    "cohere": "cohere", "groq": "groq", "together": "together", "fireworks": "fireworks", "perplexity": "perplexity",
    "deepseek": "deepseek", "x-ai": "xai",
}  # fmt: skip
MODES: Final = frozenset(
    {
        "chat",
        "completion",
        "embedding",
        "rerank",
        "responses",
        "moderation",
        "audio_transcription",
        "audio_speech",
        "image_generation",
        "image_edit",
        "realtime",
    }
)
PREFIX: Final = re.compile(
    r"^(azure_ai|azure|bedrock|vertex_ai|gemini|mistral|codestral|cohere|groq|together_ai|fireworks_ai|openrouter|perplexity|deepseek|xai|"
    r"voyage|jina_ai|vercel_ai_gateway|text-completion-openai|openai)/"
)
REGION: Final = re.compile(r"^((us|eu|apac|global|global-standard|jp|au|ca|us-gov)[./]|[a-z]{2}(-gov)?-[a-z]+-\d/)+")
SIZE: Final = re.compile(r"^((high|medium|low|standard|hd|premium|auto|\d+-x-\d+|max-x-max|\d+-steps)/)+")
UNKEPT: Final = frozenset({"perplexity", "vercel_gateway"})
"""Platforms whose ids LiteLLM adds and never takes out: a list of them shows only that an id once was."""
OPENAI_NOTE: Final = re.compile(r'- ((?:"[^"]+",?\s*)+):\s*Announced\s+shutdown\s+date:\s+(\d{4}-\d{2}-\d{2})')


class Row(NamedTuple):
    """One line of a lifecycle table; `firm` is `announced`, or `earliest` where the vendor says "or later"."""

    platform: str
    model: str
    retires: str
    firm: str
    replacement: str
    source: str


@dataclass(frozen=True)
class Packages:
    """An environment's packages, found by their recorded versions."""

    root: Path

    def version(self, name: str) -> str:
        for path in self.root.glob(f"{name.replace('-', '_')}-*.dist-info"):
            return path.name.removesuffix(".dist-info").rpartition("-")[2]
        raise SystemExit(f"{name} is not installed in {self.root}")


def openai_rows(packages: Packages) -> Iterator[Row]:
    """The shutdown dates that the OpenAI SDK prints beside its list of models."""
    source = f"openai=={packages.version('openai')}"
    for name in ("types/shared/chat_model.py", "types/beta/response_create_params.py"):
        text = (packages.root / "openai" / name).read_text(encoding="utf-8")
        for models, day in OPENAI_NOTE.findall(text):
            for model in re.findall(r'"([^"]+)"', models):
                yield Row("openai", model, day, "announced", "", f"{source} {name}")


def anthropic_rows(packages: Packages) -> Iterator[Row]:
    """The Anthropic SDK's table of deprecated models and their end of life."""
    source = f"anthropic=={packages.version('anthropic')}"
    for path in sorted((packages.root / "anthropic").rglob("*.py")):
        text = path.read_text(encoding="utf-8")
        match = re.search(r"^DEPRECATED_MODELS[^=]*= (\{.*?^\})", text, re.DOTALL | re.MULTILINE)
        if match:
            for model, day in ast.literal_eval(match[1]).items():
                yield Row("anthropic", model, _iso(str(day)), "announced", "", f"{source} {path.name}")


MONTHS: Final = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)


def _iso(day: str) -> str:
    """`November 6th, 2024` as an ISO date."""
    match = re.match(r"(\w+) (\d+)\w*, (\d{4})", day)
    if not match:
        return day
    return f"{match[3]}-{MONTHS.index(match[1]) + 1:02}-{int(match[2]):02}"


def sdk_ids(packages: Packages) -> Iterator[tuple[str, str]]:
    """Every model id that the two vendor SDKs list."""
    for platform, name in (("openai", "openai/types/shared/chat_model.py"), ("anthropic", "anthropic/types/model.py")):
        tree = ast.parse((packages.root / name).read_text(encoding="utf-8"))
        for node in ast.walk(tree):
            if isinstance(node, ast.Subscript) and isinstance(node.value, ast.Name) and node.value.id == "Literal":
                yield from ((platform, str(item.value)) for item in ast.walk(node.slice) if isinstance(item, ast.Constant))


def litellm_entries(packages: Packages) -> Iterator[tuple[str, str, dict[str, object]]]:
    """Platform, bare id and record of each text model in LiteLLM's table."""
    table = json.loads((packages.root / "litellm/model_prices_and_context_window_backup.json").read_text(encoding="utf-8"))
    for key, record in table.items():
        owner = str(record.get("litellm_provider", ""))
        platform = "vertex" if owner.startswith("vertex_ai") else LITELLM_PLATFORMS.get(owner, "")
        if platform and record.get("mode") in MODES:
            yield platform, REGION.sub("", SIZE.sub("", PREFIX.sub("", SIZE.sub("", key)))), record


def litellm_rows(packages: Packages) -> Iterator[Row]:
    """Dates that LiteLLM collects for platforms whose vendors ship no table."""
    version = packages.version("litellm")
    for platform, model, record in litellm_entries(packages):
        if day := record.get("deprecation_date"):
            page = str(record.get("source", "")).split("?")[0].split("#")[0]
            yield Row(platform, model, str(day), _firm(platform, model), "", f"litellm=={version} {page}".strip())


def _firm(platform: str, model: str) -> str:
    """Whether a date is a shutdown or a promise of availability.

    Google Cloud lists current models as "or later" (model versions page), Amazon "no sooner than" until a model is Legacy, and
    Azure gives each model a "not sooner than" date at launch; Claude is hosted by all three under such promises.
    """
    promised = {
        "vertex": not re.match(r"gemini-(live-)?2|claude-3-", model),
        "azure": True,
        "bedrock": "claude-haiku-4-5" in model,
    }
    return "earliest" if promised.get(platform, False) else "announced"


def prices_ids(packages: Packages) -> Iterator[tuple[str, str]]:
    """Ids that genai-prices has a price for; retired ones stay in it, so they show only that a dated sibling exists."""
    tree = ast.parse((packages.root / "genai_prices/data.py").read_text(encoding="utf-8"))
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Provider":
            fields = {item.arg: item.value for item in node.keywords}
            platform = PRICES_PLATFORMS.get(getattr(fields.get("id"), "value", ""), "")
            if platform:
                yield from ((platform, model) for model in _model_ids(fields["models"]))


def _model_ids(models: ast.expr) -> Iterator[str]:
    for node in ast.walk(models):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "ModelInfo":
            for item in node.keywords:
                if item.arg == "id" and isinstance(item.value, ast.Constant):
                    yield str(item.value.value)


def kept(path: Path) -> Iterator[Row]:
    """The rows of an earlier run: vendors drop a model's row some time after the model is gone, and gone it stays."""
    if path.exists():
        with path.open(encoding="utf-8", newline="") as file:
            yield from (Row(**row) for row in csv.DictReader(file))


def write(path: Path, header: tuple[str, ...], rows: list[tuple[str, ...]]) -> None:
    """One CSV file, sorted, one line for each key."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(header)
        writer.writerows(sorted(rows))
    print(f"{path}: {len(rows)} rows", file=sys.stderr)


def main() -> None:
    """Write `vendor_sdk.csv`, `litellm.csv` and `ids.csv`."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("packages", type=Path, help="the environment's site-packages")
    parser.add_argument("out", type=Path, help="readiness/knowledge/models")
    options = parser.parse_args()
    packages = Packages(options.packages)
    vendor = {(row.platform, row.model): row for row in kept(options.out / "vendor_sdk.csv")}
    vendor.update({(row.platform, row.model): row for row in [*openai_rows(packages), *anthropic_rows(packages)][::-1]})
    others: dict[tuple[str, str], Row] = {}
    for row in litellm_rows(packages):
        key = (row.platform, row.model.lower())
        if (row.platform, row.model) not in vendor:
            others[key] = max(others.get(key, row), row, key=lambda item: item.retires)
    ids: dict[tuple[str, str], str] = dict.fromkeys(prices_ids(packages), "prices")
    ids.update(
        {(platform, model): "prices" if platform in UNKEPT else "litellm" for platform, model, _ in litellm_entries(packages)}
    )
    ids.update(dict.fromkeys(sdk_ids(packages), "sdk"))
    write(options.out / "vendor_sdk.csv", Row._fields, list(vendor.values()))
    write(options.out / "litellm.csv", Row._fields, list(others.values()))
    write(options.out / "ids.csv", ("platform", "model", "source"), [(*key, source) for key, source in ids.items()])


if __name__ == "__main__":
    main()
