"""What makes one assessment comparable with another."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from datetime import date

from readiness import RUBRIC, __version__
from readiness.model import Identity


def digest(value: object) -> str:
    """`sha256:` and the hash of a value made of plain JSON types; the order of keys does not matter."""
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), default=str)
    return f"sha256:{hashlib.sha256(text.encode()).hexdigest()}"


def identify(
    *, knowledge: str, config: str, as_of: date, profile: str = "full", sources: Sequence[str] = ("repository",)
) -> Identity:
    """The identity of an assessment made with this tool. `knowledge` and `config` are digests of what was known and configured."""
    parts = [RUBRIC, __version__, knowledge, profile, sorted(sources), config, as_of.isoformat()]
    return Identity(RUBRIC, __version__, knowledge, profile, tuple(sources), config, digest(parts))
