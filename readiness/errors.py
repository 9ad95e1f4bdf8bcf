"""The errors raised on purpose: each says what is wrong and where, and needs no traceback."""

from __future__ import annotations


class UsageError(Exception):
    """What the caller handed in cannot be used: a target, an option, a file of configuration, a saved assessment."""
