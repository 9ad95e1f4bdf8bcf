"""Counts and names as sentences say them."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from types import MappingProxyType
from typing import Final

from readiness.model.verdict import Evidence, Shows

# fmt: off
LANGUAGE: Final[Mapping[str, str]] = MappingProxyType({
    "python": "Python", "typescript": "TypeScript / JavaScript", "javascript": "JavaScript", "go": "Go", "java": "Java",
    "kotlin": "Kotlin", "csharp": "C#", "ruby": "Ruby", "rust": "Rust", "php": "PHP", "scala": "Scala", "swift": "Swift",
    "cpp": "C++", "c": "C", "html": "HTML",
    "css": "CSS", "sql": "SQL", "yaml": "YAML", "json": "JSON", "toml": "TOML", "shell": "Shell", "vue": "Vue", "svelte": "Svelte",
    "graphql": "GraphQL", "ini": "INI", "env": "Environment files", "xml": "XML", "requirements": "Requirements files",
})
# fmt: on


def counted(count: int, noun: str, plural: str = "") -> str:
    """A count with its noun in figures: 1 file, 31,402 lines."""
    return f"{count:,} {noun if count == 1 else plural or noun + 's'}"


def share(part: int, whole: int, noun: str, does: str, do: str) -> str:
    """A part of a whole and what it does: 1 of 20 calls names it, 2 of 20 calls name it; noun in the singular."""
    return f"{part:,} of {counted(whole, noun)} {does if part == 1 or whole == 1 else do}"


def tally(evidence: Collection[Evidence], noun: str, does: str, do: str) -> str:
    """The part of what could be told that holds, and how much could not: 2 of 9 calls have a deadline. 1 more could not be told."""
    judged = [item for item in evidence if item.shows is not Shows.UNRESOLVED]
    untold = len(evidence) - len(judged)
    if not judged:
        return f"Of {counted(untold, noun)} none could be told."
    met = sum(item.shows is Shows.MET for item in judged)
    return share(met, len(judged), noun, does, do) + (f" {untold:,} more could not be told." if untold else "")


def language(name: str) -> str:
    """A language by its proper name."""
    return LANGUAGE.get(name, name.capitalize())
