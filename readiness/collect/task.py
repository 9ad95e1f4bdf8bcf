"""One file of the first phase: what a worker is asked to extract."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Task:
    """One file to extract: its path, and what it is."""

    path: str
    kind: str
    language: str
    format: str
