"""The command line: one file per command, imported when it runs, and one place that turns errors into exit codes."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from importlib import import_module
from types import MappingProxyType
from typing import Final, NoReturn

import click

from readiness import RUBRIC, __version__
from readiness.cli.parts import Parts
from readiness.errors import ReadinessError

INTERNAL: Final = 3
INTERRUPTED: Final = 130
DEBUG: Final = "READINESS_DEBUG"

_COMMANDS: Final = MappingProxyType({
    "audit": "Audit a repository and write the report.",
    "report": "Write the outputs again from a saved assessment.",
    "facts": "Show what was found in a repository, before any judgement.",
    "checks": "List the checks.",
    "explain": "Explain a check: what it asks, why, and examples.",
})  # fmt: skip

_EPILOG: Final = f"""\b
Examples:
  readiness audit .
  readiness audit https://github.com/owner/app --out review --format pdf,json
  readiness explain prompt.change-gated

\b
Exit codes:
  0    done, whatever the score
  1    the threshold of --fail-under was missed
  2    usage or configuration
  3    internal error, or an output could not be written
  130  interrupted

Set {DEBUG}=1 to see the traceback of an internal error.
"""


class _Commands(click.Group):
    """The commands by name: listing them imports none."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        del ctx
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        del ctx
        if cmd_name not in _COMMANDS:
            return None
        command = import_module(f"readiness.cli.{cmd_name}").command
        assert isinstance(command, click.Command)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        del ctx
        with formatter.section("Commands"):
            formatter.write_dl(list(_COMMANDS.items()))


@click.group(cls=_Commands, epilog=_EPILOG, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, message=f"readiness {__version__}, rubric {RUBRIC}")
def _group() -> None:
    """Tell whether an LLM application is ready for production, and prove it."""


def main() -> NoReturn:
    """Runs the process's own arguments and exits."""
    sys.exit(run(sys.argv[1:]))


def run(arguments: Sequence[str], parts: Parts | None = None) -> int:
    """Runs one command line and returns its exit code; `parts` are what the commands are made of (default: the real ones)."""
    try:
        with _group.make_context("readiness", list(arguments), obj=parts or Parts()) as context:
            return int(_group.invoke(context) or 0)
    except click.exceptions.Exit as end:
        return end.exit_code
    except click.ClickException as error:
        error.show()
        return ReadinessError.exit_code if isinstance(error, click.FileError) else 2
    except ReadinessError as error:
        _complain(str(error))
        return error.exit_code
    except (KeyboardInterrupt, click.Abort):
        _complain("interrupted")
        return INTERRUPTED
    except BrokenPipeError:
        _silence()
        return INTERNAL
    except Exception as error:  # noqa: BLE001 (Python's own exit code 1 would read as a missed threshold)
        return _crash(error)


def _complain(message: str) -> None:
    from readiness.cli.terminal import safe  # noqa: PLC0415 (`--help` needs no terminal)

    click.echo(f"readiness: {safe(message)}", err=True)


def _crash(error: Exception) -> int:
    if os.environ.get(DEBUG):
        import traceback  # noqa: PLC0415

        _complain("".join(traceback.format_exception(error)))
    else:
        words = " ".join(f"{type(error).__name__}: {error}".split())[:300]
        _complain(f"internal error: {words} (set {DEBUG}=1 for the traceback)")
    return INTERNAL


def _silence() -> None:
    """Sends what is still buffered for a closed pipe nowhere, so that the interpreter does not complain at exit."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
