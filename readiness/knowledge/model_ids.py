"""How model ids are spelled: prefixes of libraries and gateways, families of vendors, and the bare id under both."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

import yaml

FOLDER: Final = Path(__file__).parent / "models"

DATE: Final = re.compile(
    r"[-@](\d{4}-\d{2}-\d{2}|20\d{6}|(?:0[1-9]|1[0-2])-20\d{2}|(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])|2[3-9](?:0[1-9]|1[0-2]))(?![0-9])"
)
"""A release date inside an id: 2024-08-06, 20250929, 08-2024 (Cohere), 0613 (month and day), 2411 (year and month)."""

GATEWAYS: Final = frozenset({"openrouter", "vercel_gateway", "unknown", ""})
"""Platforms that pass a request on to the model's own vendor; '' and unknown mean that only the id can tell."""

HUB: Final = frozenset({"huggingface", "local", "vllm", "ollama", "together", "groq", "fireworks", "replicate", "deepinfra"})
"""Platforms on which `owner/` is a part of the id."""

LONGEST: Final = 200
"""Characters. No model id is longer, ARNs of inference profiles included."""

_REGION: Final = re.compile(r"^(us-gov|us|eu|apac|ap|global|jp|au|ca|sa|me|af|uk)\.(?=[a-z0-9]+\.)")
_REGION_FOLDER: Final = re.compile(r"^[a-z]{2}(-gov)?-[a-z]+-\d/|^(eu|us|global|global-standard)/")
_RESOURCE: Final = re.compile(r"^(arn:[\w-]*:(bedrock|sagemaker).*/|projects/.*/models/|publishers/[\w-]+/models/)")
_VARIANT: Final = re.compile(r":(free|nitro|floor|beta|online|extended|thinking|batch|exacto)$|:\d+k$")
_OWNER: Final = re.compile(r"^[a-z0-9][a-z0-9._-]*/[a-z0-9][a-z0-9._-]+$")
_TAGGED: Final = re.compile(r"[a-z][a-z0-9._-]*\d[a-z0-9._-]*(:[a-z0-9._-]+)?|[a-z][a-z0-9._-]*:[a-z0-9._-]+")
_WEIGHTS: Final = re.compile(
    r"(^|[-_.])(\d+(\.\d+)?[bm]|instruct|gguf|gptq|awq|embed(ding)?s?|bge|e5|gte|minilm|mpnet|bert|roberta|flan|llama|mi[sx]tral|qwen|gemma|phi|falcon|"
    r"reranker)(?![a-z])"
)
_NOT_AN_ID: Final = re.compile(r"[^a-z0-9._:/@+-]")


@dataclass(frozen=True, slots=True)
class Origin:
    """Who makes a model, and on whose platform an id like this is called; each is `unknown` when nothing tells."""

    provider: str = "unknown"
    platform: str = "unknown"


@dataclass(frozen=True, slots=True)
class Names:
    """The spelling table: what each prefix means, what each family looks like."""

    prefixes: dict[str, Origin]
    families: tuple[tuple[re.Pattern[str], Origin], ...]
    hub_owners: frozenset[str]
    moving: frozenset[str]
    ambiguous: frozenset[str]


@cache
def names() -> Names:
    """The spelling table, read once for each process."""
    table = yaml.safe_load((FOLDER / "names.yaml").read_text(encoding="utf-8"))
    return Names(
        {name: Origin(row["provider"], row["platform"]) for row in table["prefixes"] for name in row["names"]},
        tuple((_family(row["pattern"], row["words"]), Origin(row["provider"], row["platform"])) for row in table["families"]),
        frozenset(table["hub_owners"]),
        frozenset(table["moving"]),
        frozenset(table["ambiguous"]),
    )


def _family(pattern: str, words: list[object]) -> re.Pattern[str]:
    """A pattern, then known words and dates in any number, and nothing else."""
    word = "|".join(sorted((re.escape(str(item)) for item in words), key=len, reverse=True))
    follows = (
        rf"(?:[-_](?:{word})(?![a-z0-9])|{DATE.pattern}|-\d{{2}}-\d{{2}}(?!\d)|-\d{{2}}-20\d{{2}}|@(?:default|latest|\d{{3}}))"
    )
    return re.compile(rf"(?:{pattern})(?![a-z0-9]){follows}*(?::[a-z0-9:_.-]+)?")


def split_prefix(model_id: str) -> tuple[str, str]:
    """A known prefix (lower case, without its separator) and the rest as written; ('', id) when there is none.

    `openai:gpt-4o` and `azure/gpt-4o` have one; `llama3:8b` has none.
    """
    for separator in ("/", ":"):
        head, found, rest = model_id.partition(separator)
        if found and rest and head.lower() in names().prefixes:
            return head.lower(), rest
    return "", model_id


def platform_name(name: str) -> str:
    """The table's own name of a platform that a library spells otherwise (`vertex_ai`, `togetherai`), else the name as it is."""
    known = names().prefixes.get(name.lower())
    return known.platform if known else name


def provider_of(model_id: str) -> tuple[str, str]:
    """Who makes the model and on whose platform such an id is called, as (provider, platform), each 'unknown' when nothing tells.

    A prefix decides the platform (`azure/gpt-4o`: openai, azure), a well-known bare id both (`claude-opus-5`: anthropic,
    anthropic; `eu.anthropic.claude-opus-5`: anthropic, bedrock; `BAAI/bge-m3`: BAAI, huggingface).
    """
    origin = _origin(model_id.strip()[:LONGEST])
    return origin.provider, origin.platform


def _origin(model_id: str, depth: int = 3) -> Origin:
    prefix, rest = split_prefix(model_id)
    if prefix and depth:
        outer, inner = names().prefixes[prefix], _origin(rest, depth - 1)
        if outer.platform in {"huggingface", "unknown"} and _hub_owner(model_id):
            return _hub(model_id)
        provider = outer.provider if inner.provider == "unknown" or outer.platform == "gemini" else inner.provider
        return Origin(provider, outer.platform if outer.platform != "unknown" else inner.platform)
    if model_id.lower().startswith("accounts/fireworks/"):
        return Origin(platform="fireworks")
    family = _match(bare_id(model_id, ""))
    if family.platform == "bedrock":
        return Origin(bare_id(model_id, "").partition(".")[0], "bedrock")
    return _hub(model_id) if family == Origin() and _hub_owner(model_id) else family


def _hub_owner(model_id: str) -> bool:
    return bool(_OWNER.match(model_id.lower())) and model_id.partition("/")[0].lower() in names().hub_owners


def _hub(model_id: str) -> Origin:
    return Origin(model_id.partition("/")[0], "huggingface")


def _match(bare: str) -> Origin:
    return next((origin for pattern, origin in names().families if pattern.fullmatch(bare)), Origin())


def bare_id(model_id: str, platform: str) -> str:
    """The id as the vendor's table spells it: lower case, no library prefix, region, resource path or gateway variant.

    On a platform where `owner/` is a part of the id only the platform's own prefix goes. Claude ids get dashes for dots and the
    order name-version (`claude-3.7-sonnet` keeps its own, `claude-4-sonnet` becomes `claude-sonnet-4`).
    """
    text = _RESOURCE.sub("", model_id.strip()[:LONGEST].lower())
    for _ in range(3):
        prefix, rest = split_prefix(text)
        own = not prefix or names().prefixes[prefix].platform == platform
        if not prefix or (platform in HUB and not own):
            break
        text = rest
    text = _REGION.sub("", _REGION_FOLDER.sub("", text)).removeprefix("accounts/fireworks/models/")
    text = text if platform in {"ollama", "local"} else _VARIANT.sub("", _VARIANT.sub("", text))
    return _claude(text)


def _claude(text: str) -> str:
    if "claude-" not in text or text.startswith(("claude-2", "claude-1", "claude-instant")):
        return text
    text = re.sub(r"(?<=\d)\.(?=\d)", "-", text).removesuffix("-thinking").replace("-v2@", "@")
    return re.sub(
        r"claude-([4-9])(-\d(?!\d))?-(opus|sonnet|haiku)", lambda found: f"claude-{found[3]}-{found[1]}{found[2] or ''}", text
    )


def looks_like_model_id(text: str) -> bool:
    """Whether a text is the id of a known family of models, and nothing else: `gpt-4o-mini`, `openai/gpt-4o`, not `gpt-engineer`.

    Meant for string literals of languages that nothing else understands, so it prefers to miss (a bare `o1` is nobody's).
    """
    if not 4 <= len(text) <= LONGEST or not any(mark in text for mark in "-.:/"):
        return False
    lower = text.lower()
    if _NOT_AN_ID.search(lower) or "//" in lower or lower.startswith(("/", ".")):
        return False
    prefix, rest = split_prefix(lower)
    if prefix and names().prefixes[prefix].platform == "ollama":
        return bool(_TAGGED.fullmatch(rest)) and not rest.startswith("ollama")
    if _hub_owner(lower):
        name = lower.partition("/")[2]
        return bool(_WEIGHTS.search(name)) and any(letter.isdigit() for letter in name)
    bare = bare_id(lower, "")
    return bare not in names().ambiguous and _match(bare) != Origin()
