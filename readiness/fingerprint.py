"""Gives every site a name that outlives moved lines, and a second one that outlives moved files."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable
from typing import Final

from readiness.model import Evidence, Site, Where

_LENGTH: Final = 20
"""Hexadecimal digits kept of a hash: 80 bits, so no two of a million sites collide."""


def identified(check: str, evidence: Iterable[Evidence]) -> tuple[Site, ...]:
    """The sites of one check in the order of their places, each with its fingerprints. An absence has one per check."""
    seen: Counter[tuple[str, ...]] = Counter()
    return tuple(_site(check, item, seen) for item in sorted(evidence, key=_place))


def _place(item: Evidence) -> tuple[str, ...]:
    span = item.span
    place = (span.path, f"{span.line:09}", f"{span.end_line:09}", span.symbol, span.snippet) if span else ("", "", "", "", "")
    return (*place, item.where, item.shows, item.note, item.tier, item.call or "")


def _site(check: str, item: Evidence, seen: Counter[tuple[str, ...]]) -> Site:
    if item.where is Where.REPOSITORY:
        absence = _hash(check, item.where)
        return Site(item, absence, absence)
    span = item.span
    path = span.path if span else ""
    rest = (
        (check, item.where, span.symbol, " ".join(span.snippet.split()))
        if span
        else (check, item.where, "", " ".join(item.note.split()))
    )
    here, anywhere = (*rest, path), rest
    site = Site(item, _hash(*here, str(seen[here])), _hash(*anywhere, str(seen[anywhere])))
    seen.update((here, anywhere))
    return site


def _hash(*parts: str) -> str:
    return hashlib.sha256("\0".join(parts).encode("utf-8", "surrogatepass")).hexdigest()[:_LENGTH]
