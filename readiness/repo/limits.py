"""How much of a repository is read; whatever lies beyond becomes a recorded gap."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds on one target. Sizes in bytes, times in seconds.

    The defaults are ours: a file of 2 MB is some 50,000 lines, which nobody wrote by hand; lockfiles of large monorepos reach
    20 MB; the biggest repositories we know have fewer than 100,000 files.
    """

    file_bytes: int = 2_000_000
    lock_bytes: int = 32_000_000
    line_length: int = 50_000
    """Longest line of a code file in characters, beyond which it counts as minified."""
    files: int = 100_000
    depth: int = 64
    archive_bytes: int = 2_000_000_000
    archive_ratio: int = 400
    """Largest ratio of unpacked to packed bytes, judged once 50 MB are unpacked; DEFLATE ends near 1,000, source code near 10."""
    clone_seconds: int = 600
