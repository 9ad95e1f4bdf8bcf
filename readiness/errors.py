"""The errors raised on purpose, each with the exit code it stands for; everything smaller is a recorded gap."""

from __future__ import annotations

from typing import ClassVar


class ReadinessError(Exception):
    """A run cannot go on. The message says what is wrong, where, and what to do next, and needs no traceback."""

    exit_code: ClassVar[int] = 3
    """Of the process: 2 for what the caller handed in, 3 for what failed here."""


class UsageError(ReadinessError):
    """What the caller handed in cannot be used: a target, an option, a saved assessment."""

    exit_code = 2


class ConfigurationError(UsageError):
    """A file of configuration is broken; the message names the file and the line."""


class OutputError(ReadinessError):
    """A result that was asked for could not be written."""
