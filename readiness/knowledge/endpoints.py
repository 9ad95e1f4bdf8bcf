"""Recognises the URL of a model API."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import yaml

from readiness.model import CallKind

_LISTING: Final = re.compile(r"/(models|files|usage|credits|account|balance|key|keys|status|health)$")
"""Ends of addresses that tell about models and accounts."""


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One kind of URL that answers with a model's output."""

    pattern: re.Pattern[str]
    kind: CallKind
    provider: str
    platform: str


class Endpoints:
    """The table of `endpoints.yaml`, in its order."""

    def __init__(self, rows: tuple[Endpoint, ...]) -> None:
        self._rows = rows

    @classmethod
    def load(cls) -> Endpoints:
        """Read the shipped table."""
        document = yaml.safe_load((Path(__file__).parent / "endpoints.yaml").read_text(encoding="utf-8"))
        return cls(
            tuple(
                Endpoint(re.compile(row["match"]), CallKind(row["kind"]), row.get("provider", ""), row.get("platform", ""))
                for row in document["endpoints"]
            )
        )

    def match(self, url: str) -> Endpoint | None:
        """The first row that a URL (at most 500 characters are looked at; holes written `{name}`) fits, or None."""
        bare = url[:500].split("?", 1)[0].rstrip("/")
        if _LISTING.search(bare):
            return None
        return next((row for row in self._rows if row.pattern.search(bare)), None)
