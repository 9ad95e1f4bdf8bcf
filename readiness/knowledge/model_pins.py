"""How firmly an id names one set of weights, told from its spelling and from what else its vendor publishes."""

from __future__ import annotations

import re
from typing import Final

from readiness.knowledge.model_ids import DATE, names
from readiness.model import Pin

WEIGHTS: Final = frozenset({"huggingface", "local", "vllm"})
"""Platforms that fetch weights from a hub by repository id."""

_COMMIT: Final = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")
_ON_DISK: Final = re.compile(r"^(/|\./|\.\./|~|[a-z]:[\\/]|file:)|\.(gguf|ggml|bin|safetensors|onnx|pt)$", re.IGNORECASE)
_DIGEST: Final = re.compile(r"@sha256[:-][0-9a-f]{12,64}$")
_QUANTISED: Final = re.compile(
    r"(^|[-_:])(q\d(_[a-z0-9]+)*|iq\d_\w+|fp16|f16|bf16|fp8|int4|int8|nvfp4|mxfp4)($|[-_:])", re.IGNORECASE
)
_MOVES: Final = re.compile(r"(^|[-:@/])(latest|default|auto|nightly|exp|experimental|beta)($|[-:])|[-:@/]stable($|:)")
_VERSIONED: Final = re.compile(r"-v\d+(:\d+)?$")
_CLAUDE: Final = re.compile(r"claude-(?:opus|sonnet|haiku|[a-z]+)-(\d)(?:-(\d)(?!\d))?(?=$|-v\d|@|-fast|-thinking)")
_GEMINI: Final = re.compile(r"gemini-(live-)?\d|gemini-embedding-\d|^gemma-\d")
_NUMBERED: Final = re.compile(r"[-@]00\d$")

PINNED_DATELESS: Final = (4, 6)
"""The first Claude generation whose dateless ids are documented as pinned versions (Anthropic, Model IDs and versioning)."""


def pin_of(bare: str, platform: str, *, revision: str | None, siblings: bool, known: bool) -> tuple[Pin, str]:
    """How firmly `bare` is pinned on `platform`, and a sentence why ('' when the id says it all).

    Args:
        bare: the id as `bare_id` spells it.
        platform: where it is called.
        revision: a hub commit, or the model version of a cloud deployment.
        siblings: whether the vendor also publishes this id with a date.
        known: whether any table holds the id.
    """
    if platform in WEIGHTS:
        return _weights(bare, revision)
    if platform == "ollama":
        return _ollama(bare)
    if platform == "azure":
        return _deployment(bare, revision, siblings=siblings, known=known)
    if platform == "bedrock" and _VERSIONED.search(bare):
        return Pin.SNAPSHOT, ""
    if platform == "replicate" and _COMMIT.fullmatch(bare.rpartition(":")[2]):
        return Pin.SNAPSHOT, ""
    return _hosted(bare, siblings=siblings, known=known)


def _weights(bare: str, revision: str | None) -> tuple[Pin, str]:
    commit = revision or bare.partition("@")[2]
    if commit and _COMMIT.fullmatch(commit.lower()):
        return Pin.SNAPSHOT, ""
    if commit:
        return Pin.ALIAS, f"Revision {commit!r} is a branch or tag, which its owner can move."
    if _ON_DISK.search(bare):
        return Pin.UNKNOWN, "A file on disk: whoever places it decides its version."
    return Pin.ALIAS, "No revision: the repository's newest commit is loaded."


def _ollama(bare: str) -> tuple[Pin, str]:
    name, _, tag = bare.partition(":")
    if _DIGEST.search(bare) or (_QUANTISED.search(tag) and not tag.endswith("latest")):
        return Pin.SNAPSHOT, ""
    if not tag or tag == "latest":
        return Pin.ALIAS, f"No tag: {name}:latest moves."
    return Pin.ALIAS, f"Tag {tag!r} names a size, not a build."


def _deployment(bare: str, revision: str | None, *, siblings: bool, known: bool) -> tuple[Pin, str]:
    if revision:
        return Pin.SNAPSHOT, f"The deployment's model version is {revision}."
    if siblings:
        return Pin.ALIAS, "A deployment name says nothing of the version, and no deployment in the repository pins one."
    if known and not DATE.search(bare):
        return Pin.STABLE, "The vendor publishes one version of this model."
    if known:
        return Pin.UNKNOWN, "A date in a deployment's name pins nothing by itself."
    return Pin.UNKNOWN, "A deployment name of the client's own."


def _hosted(bare: str, *, siblings: bool, known: bool) -> tuple[Pin, str]:
    name = bare.rpartition("/")[2] or bare
    if bare.startswith("ft:"):
        return Pin.SNAPSHOT, "A fine-tune stays as it was trained, and ends with its base."
    if name in names().moving or _MOVES.search(bare):
        return Pin.ALIAS, "The vendor moves this name between versions."
    if "gemini" in name and "preview" in name:
        return Pin.ALIAS, "A preview changes without notice."
    if DATE.search(name):
        return Pin.SNAPSHOT, ""
    if "claude-" in name:
        return _dateless_claude(name)
    if _GEMINI.search(name) or _NUMBERED.search(name):
        return Pin.SNAPSHOT, "The vendor's stable name of one version."
    if "preview" in name or siblings:
        return (
            Pin.ALIAS,
            "The vendor publishes dated snapshots of this name and moves the name between them."
            if siblings
            else "A preview changes.",
        )
    if known or "/" in bare or name.startswith("open-"):
        return Pin.STABLE, "The vendor publishes no dated snapshot of this name."
    return Pin.UNKNOWN, "In no table."


def _dateless_claude(name: str) -> tuple[Pin, str]:
    found = _CLAUDE.search(name)
    if found and (int(found[1]), int(found[2] or 0)) >= PINNED_DATELESS:
        return Pin.SNAPSHOT, "Documented as a pinned version, though it carries no date."
    return Pin.ALIAS, "Claude ids before the 4.6 generation are aliases unless they carry a date."
