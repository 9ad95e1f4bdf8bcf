"""What makes one assessment comparable with another."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Final

from readiness import RUBRIC, __version__
from readiness.model import Acceptance, Answer, Identity
from readiness.model.wire_codec import encode

_KNOWLEDGE: Final = Path(__file__).parent / "knowledge"


def digest(value: object) -> str:
    """`sha256:` and the hash of a value made of plain JSON types; the order of keys does not matter."""
    return _sha256(json.dumps(value, sort_keys=True, separators=(",", ":")).encode())


def identify(
    *, knowledge: str, config: str, as_of: date, profile: str = "full", sources: Sequence[str] = ("repository",)
) -> Identity:
    """The identity of an assessment made with this tool. `knowledge` and `config` are digests of what was known and configured."""
    parts = [RUBRIC, __version__, knowledge, profile, sorted(sources), config, as_of.isoformat()]
    return Identity(RUBRIC, __version__, knowledge, profile, tuple(sources), config, digest(parts))


def knowledge_digest(folder: Path = _KNOWLEDGE) -> str:
    """The digest of every data file of the knowledge; its code is covered by the version of the tool."""
    files = sorted(file for file in folder.rglob("*") if file.is_file() and file.suffix not in {".py", ".pyc"})
    return digest([[file.relative_to(folder).as_posix(), _sha256(file.read_bytes())] for file in files])


def config_digest(
    *,
    roots: Sequence[str] = (),
    exclude: Sequence[str] = (),
    acceptances: Sequence[Acceptance] = (),
    answers: Sequence[Answer] = (),
) -> str:
    """The digest of everything that is configured from outside and can move a verdict, a level or the set of files read."""
    return digest([list(roots), list(exclude), encode(tuple(acceptances)), encode(tuple(answers))])


def _sha256(content: bytes) -> str:
    return f"sha256:{hashlib.sha256(content).hexdigest()}"
