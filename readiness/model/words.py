"""Counts as sentences say them."""

from __future__ import annotations


def counted(count: int, noun: str, plural: str = "") -> str:
    """A count with its noun in figures: 1 file, 31,402 lines."""
    return f"{count:,} {noun if count == 1 else plural or noun + 's'}"


def share(part: int, whole: int, noun: str, does: str, do: str) -> str:
    """A part of a whole and what it does: 1 of 20 calls names it, 2 of 20 calls name it; noun in the singular."""
    return f"{part:,} of {counted(whole, noun)} {does if part == 1 else do}"
