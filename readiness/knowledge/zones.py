"""Where a model call is answered: the platform behind a host, and the jurisdiction of host, region, SKU and profile."""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Final

import yaml


class Zone(StrEnum):
    """A jurisdiction, or what is known instead of one."""

    EU = "eu"
    UK = "uk"
    US = "us"
    CA = "ca"
    IN = "in"
    JP = "jp"
    AU = "au"
    CH = "ch"
    NO = "no"
    KR = "kr"
    SG = "sg"
    BR = "br"
    AE = "ae"
    CN = "cn"
    APAC = "apac"
    """Several countries of Asia and the Pacific."""
    GLOBAL = "global"
    """The provider may process anywhere."""
    LOCAL = "local"
    """In the application's process, on its machine or in its private network."""
    UNSPECIFIED = "unspecified"
    """A public endpoint that promises no place."""
    UNRESOLVED = "unresolved"
    """The repository does not say."""


@dataclass(frozen=True, slots=True)
class _Host:
    pattern: re.Pattern[str]
    provider: str
    platform: str
    zone: str


@dataclass(frozen=True, slots=True)
class _Zones:
    hosts: tuple[_Host, ...]
    local: re.Pattern[str]
    platforms: dict[str, Zone]
    global_skus: frozenset[str]
    regions: tuple[tuple[re.Pattern[str], Zone], ...]


BY_REGION: Final = "by_region"
_PROFILE: Final = re.compile(r"(?:^|/)(us-gov|us|eu|apac|global|jp|au|ca|uk|in|sg|ae)\.(?=[a-z0-9]+\.)")
_HOLE: Final = re.compile(r"[{}$<>]")


@cache
def _table() -> _Zones:
    raw = yaml.safe_load((Path(__file__).parent / "zones.yaml").read_text(encoding="utf-8"))
    return _Zones(
        tuple(_Host(re.compile(row["match"]), row["provider"], row["platform"], row["zone"]) for row in raw["hosts"]),
        re.compile(raw["local"]),
        {name: Zone(zone) for name, zone in raw["platforms"].items()},
        frozenset(raw["global_skus"]),
        tuple((re.compile(pattern), Zone(zone)) for zone, pattern in raw["regions"].items()),
    )


def host_of(url: str) -> str:
    """The host name in a URL or a bare `host[:port][/path]`, lower case, without user, port or path."""
    rest = url.strip().lower().partition("://")[2] or url.strip().lower()
    authority = re.split(r"[/?#]", rest, maxsplit=1)[0].rpartition("@")[2]
    if authority.startswith("["):
        return authority[1:].partition("]")[0]
    return authority.partition(":")[0] if authority.count(":") <= 1 else authority


def is_local(url: str) -> bool:
    """Whether only the operator's own network answers here: loopback, private addresses, cluster and single-label names."""
    host = host_of(url)
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return bool(_table().local.fullmatch(host))
    return address.is_private or address.is_loopback


def platform_of_host(url: str) -> tuple[str, str]:
    """The vendor and platform at a host or URL, as (provider, platform), each 'unknown' when the table has no such host.

    A host of the operator's own is platform `local` (`ollama` on its port 11434).
    """
    found = _find(host_of(url))
    if found is not None:
        return found[0].provider, found[0].platform
    if is_local(url):
        return "unknown", "ollama" if ":11434" in url or host_of(url).startswith("ollama") else "local"
    return "unknown", "unknown"


def zone_of(host: str | None, provider: str, platform: str, region: str | None, *, sku: str | None = None, model: str = "") -> Zone:
    """The jurisdiction in which a call is answered.

    Args:
        host: base URL or host name; None when the SDK's default endpoint applies.
        provider: the model's maker; decides where a platform is known by its maker's name.
        platform: openai, azure, bedrock, vertex ...
        region: a cloud region or location, a zone name (`eu`), Anthropic's `inference_geo`; None when nothing says one.
        sku: the type of an Azure deployment (`GlobalStandard`, `DataZoneStandard`, `Standard`).
        model: the model id; on Bedrock its prefix is the inference profile (`eu.`, `global.`).
    """
    if sku and re.sub(r"[^a-z]", "", sku.lower()) in _table().global_skus:
        return Zone.GLOBAL
    profile = _PROFILE.search(model.lower()) if platform == "bedrock" else None
    if profile:
        return _zone_of_region(profile[1])
    if host is not None and (settled := _zone_of_host(host, region)) is not None:
        return settled
    if region:
        return _zone_of_region(region)
    defaults = _table().platforms
    return defaults.get(platform, defaults.get(provider, Zone.UNSPECIFIED))


def _zone_of_host(url: str, region: str | None) -> Zone | None:
    """What the host settles; None when it leaves the answer to the region and there is one."""
    host = host_of(url)
    found = _find(host)
    if found is None:
        return Zone.LOCAL if not _HOLE.search(host) and is_local(url) else Zone.UNRESOLVED
    row, named = found
    if row.zone != BY_REGION:
        return None if region and row.zone == Zone.UNSPECIFIED else Zone(row.zone)
    if named:
        return _zone_of_region(named)
    return None if region else Zone.UNRESOLVED


def _find(host: str) -> tuple[_Host, str] | None:
    for row in _table().hosts:
        if match := row.pattern.fullmatch(host):
            return row, match.groupdict().get("region") or ""
    return None


def _zone_of_region(region: str) -> Zone:
    name = region.strip().lower().replace(" ", "").replace("_", "-").rstrip(".")
    return next((zone for pattern, zone in _table().regions if pattern.fullmatch(name)), Zone.UNRESOLVED)
