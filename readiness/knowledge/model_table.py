"""What the bundled tables know of a model id on a platform: how firmly it is pinned, and when it stops answering."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Final, Self

from readiness.knowledge.model_ids import DATE, FOLDER, GATEWAYS, bare_id, looks_like_model_id, platform_name, provider_of
from readiness.knowledge.model_pins import pin_of
from readiness.model import Pin

__all__ = ["ModelDescription", "ModelTable", "looks_like_model_id", "provider_of"]

LIFECYCLES: Final = ("vendor_sdk.csv", "vendor_pages.csv", "litellm.csv")
"""Tables of retirement dates, the most trusted first: what the vendor's SDK says beats what others collect."""

LOCAL: Final = frozenset({"huggingface", "local", "vllm", "ollama"})
"""Platforms whose weights run in or beside the application: no vendor switches them off."""

CURRENT: Final = frozenset({"sdk", "litellm"})
"""Sources whose lists lose an id, or gain its date, when the vendor announces its end; a price list keeps it for ever."""

OPEN_WEIGHTS: Final = frozenset({"deepseek", "mistral"})
"""Makers whose weights others host too: what ends on their own platform goes on behind a gateway."""

_VERSION: Final = re.compile(r"(?<=\d{8})-v\d+(:\d+)?$")
_BEDROCK_CLAUDE: Final = re.compile(r"^claude-(instant-)?v(\d)(?::(\d))?$")
_VENDORS: Final = ("anthropic", "openai", "google", "mistral", "cohere", "deepseek", "xai")


@dataclass(frozen=True, slots=True)
class ModelDescription:
    """What is known of one id on one platform.

    `canonical` is the id as the vendor's table spells it. `retires` is an announced shutdown, past or to come; a date that a
    vendor gives only as the earliest possible one stands in `note`. `listed` is whether a table that follows shutdowns knows
    the id: without it, no date means nothing. `source` names that table.
    """

    id: str
    canonical: str
    pin: Pin
    retires: date | None = None
    listed: bool = False
    replacement: str = ""
    note: str = ""
    source: str = ""


@dataclass(frozen=True, slots=True)
class _Row:
    retires: date
    announced: bool
    replacement: str
    source: str


@dataclass(frozen=True, slots=True)
class ModelTable:
    """The bundled tables, by (platform, id)."""

    rows: Mapping[tuple[str, str], _Row]
    ids: Mapping[tuple[str, str], str]
    """The source of each known id."""
    dated: frozenset[tuple[str, str]]
    """Platform and bare name of every id that exists with a date."""
    newest: Mapping[tuple[str, str], _Row]
    """For a bare name, the row of its last dated sibling to go."""

    @classmethod
    def load(cls) -> Self:
        """Read the tables that ship with the package (a few milliseconds)."""
        rows = _rows()
        ids = {(row["platform"], row["model"].lower()): row["source"] for row in _read("ids.csv")}
        newest: dict[tuple[str, str], _Row] = {}
        for (platform, model), row in rows.items():
            base = (platform, _undated(model))
            if base[1] != model and (base not in newest or newest[base].retires < row.retires):
                newest[base] = row
        dated = frozenset((platform, _undated(model)) for platform, model in (*ids, *rows) if _undated(model) != model)
        return cls(rows, ids, dated, newest)

    def describe(
        self, model_id: str, *, platform: str, provider: str = "", as_of: date, revision: str | None = None
    ) -> ModelDescription:
        """What is known of `model_id` where it is called.

        Args:
            model_id: as it stands in the code, with any prefix of a library or gateway.
            platform: openai, azure, anthropic, bedrock, vertex, gemini, ollama ...; '' or unknown when only the id can tell.
            provider: the model's maker, when known; it decides for ids that several makers use.
            as_of: the day of the audit.
            revision: a hub commit, or the model version that a cloud deployment pins.
        """
        prefixed = provider_of(model_id)[1]
        platform = platform_name(platform)
        platform = prefixed if platform in {"", "unknown"} else platform
        bare = bare_id(model_id, platform)
        home = _home(model_id, bare, platform, provider)
        siblings = home in self.dated or (platform, bare) in self.dated
        through = platform in GATEWAYS and home[0] not in LOCAL
        known = self._known(platform, bare, home) or (platform in GATEWAYS and home[0] in LOCAL)
        pin, note = pin_of(bare, home[0] if through else platform, revision=revision, siblings=siblings, known=known)
        if "openrouter" in {platform, prefixed} and (bare == "auto" or model_id.lower().endswith(":free")):
            pin, note = Pin.ALIAS, "The gateway chooses the model or its host for each request."
        plain = ModelDescription(model_id, bare, pin, note=note)
        return plain if platform in LOCAL else self._dated(plain, platform, home, as_of, revision)

    def _known(self, platform: str, bare: str, home: tuple[str, str]) -> bool:
        return any(
            key in self.ids or key in self.rows for name in _spellings(bare) for key in ((platform, name), (home[0], name), home)
        )

    def _dated(
        self, plain: ModelDescription, platform: str, home: tuple[str, str], as_of: date, revision: str | None
    ) -> ModelDescription:
        """The same description with its lifecycle."""
        row = self._row(platform, plain.canonical, revision)
        vendor = self._row(*home, None) if home[0] != platform else None
        row = row or (vendor if _follows(platform, home[0]) else None)
        if row is not None and row.announced:
            return replace(plain, retires=row.retires, listed=True, replacement=row.replacement, source=row.source)
        if row is not None:
            said = f"{plain.note} Promised until {row.retires} at least.".strip()
            return replace(plain, listed=row.retires > as_of, replacement=row.replacement, note=said, source=row.source)
        if vendor is not None and vendor.announced and vendor.retires <= as_of:
            note = f"{plain.note} Its maker retired it on {vendor.retires}; no table says what {platform} does.".strip()
            return replace(plain, note=note, replacement=vendor.replacement)
        source = self._listing(platform, plain.canonical, home)
        return replace(plain, listed=bool(source), source=source)

    def _row(self, platform: str, bare: str, revision: str | None) -> _Row | None:
        if bare.startswith("ft:"):
            bare = bare.split(":")[1]
        names = tuple(_spellings(bare, revision))
        found = (self.rows.get((platform, name)) for name in names)
        siblings = (self.newest.get((platform, name)) for name in names if self.ids.get((platform, name)) not in CURRENT)
        return next((row for row in (*found, *siblings) if row is not None), None)

    def _listing(self, platform: str, bare: str, home: tuple[str, str]) -> str:
        """The source that follows shutdowns and holds the id, or ''. Experiments end unannounced: a list proves nothing of them."""
        if "-exp" in bare or "experimental" in bare:
            return ""
        places = [(platform, name) for name in _spellings(bare)] if platform not in GATEWAYS else []
        if _follows(platform, home[0]):
            places += [(home[0], name) for name in _spellings(home[1])]
        return next((self.ids[place] for place in places if self.ids.get(place) in CURRENT), "")


def _follows(platform: str, maker: str) -> bool:
    """Whether a model ends on `platform` when it ends on its maker's own."""
    return platform == maker or (platform in GATEWAYS and maker not in OPEN_WEIGHTS)


def _home(model_id: str, bare: str, platform: str, provider: str) -> tuple[str, str]:
    """The vendor's own platform and id of a model that may be called elsewhere."""
    name = bare.rpartition("/")[2].replace("gpt-35", "gpt-3.5")
    head, _, tail = name.partition(".")
    if platform == "bedrock" and head in _VENDORS:
        return head, _BEDROCK_CLAUDE.sub(_claude_version, _VERSION.sub("", tail))
    found = provider_of(name)[1]
    if found == "unknown":
        found = provider_of(model_id)[1] if platform in GATEWAYS else provider or "unknown"
    return found, name


def _claude_version(found: re.Match[str]) -> str:
    """`claude-v2:1` is claude-2.1, `claude-instant-v1` the last of its kind."""
    return "claude-instant-1.2" if found[1] else f"claude-{found[2]}.{found[3] or 0}"


def _spellings(bare: str, revision: str | None = None) -> Iterator[str]:
    """The ways a table may write one id."""
    if revision:
        yield f"{bare}-{revision}"
    yield from (bare, re.sub(r"(?<=\d)\.(?=\d)", "-", bare))
    if "claude-" in bare:
        yield from (f"{bare}-latest", f"{bare}-0", f"{bare}.1", f"{bare}.2")
        yield bare.replace("@", "-") if "@" in bare else DATE.sub(lambda found: f"@{found[1]}", bare)
        yield bare.removesuffix("@default").removesuffix("@latest")
    if "gemini-" in bare:
        yield re.sub(r"-(00\d|latest)$", "", bare)
    if "gpt-35" in bare:
        yield bare.replace("gpt-35", "gpt-3.5")
    if "gpt-3.5" in bare:
        yield bare.replace("gpt-3.5", "gpt-35")


def _undated(model: str) -> str:
    """The name under a date or number at the end of an id (`gpt-4-0125-preview`, `gemini-1.5-pro-002`), or the id itself."""
    dates = [(found.start(), model[found.end() :]) for found in DATE.finditer(model)]
    if dates and dates[-1][1] in {"", "-preview", "-v1:0", "-v2:0"}:
        return model[: dates[-1][0]]
    return re.sub(r"-00\d$", "", model)


def _rows() -> dict[tuple[str, str], _Row]:
    rows: dict[tuple[str, str], _Row] = {}
    for name in LIFECYCLES:
        for record in _read(name):
            key = (record["platform"], record["model"].lower())
            row = _Row(
                date.fromisoformat(record["retires"]), record["firm"] == "announced", record["replacement"], record["source"]
            )
            old = rows.get(key)
            rows[key] = row if old is None else _Row(old.retires, old.announced, old.replacement or row.replacement, old.source)
    return rows


def _read(name: str) -> Iterator[dict[str, str]]:
    with (FOLDER / name).open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)
