"""What every CI system's reader produces: jobs with their steps, before anything is judged."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a job. `line` is where its shell text starts, or the step when it has none.

    `allowed` says why a failure of the step is accepted, `never` why it does not run on a change; both '' otherwise. `env` are the
    variables that are set for it, with their values where they are plain.
    """

    line: int
    text: str = ""
    name: str = ""
    uses: str = ""
    inputs: Mapping[str, str] = field(default_factory=dict)
    env: Mapping[str, str] = field(default_factory=dict)
    cwd: str = ""
    allowed: str = ""
    never: str = ""
    pipefail: bool = False
    errexit: bool = True
    path: str = ""
    """The file of the step when it is not the job's own (a composite action)."""


@dataclass(frozen=True, slots=True)
class Job:
    """One job. `reason` says why it does not run on a change; `hidden_secrets`: its variables are kept outside the file."""

    system: str
    path: str
    name: str
    key: str
    line: int
    end_line: int
    triggers: tuple[str, ...]
    steps: tuple[Step, ...]
    on_change: bool
    reason: str = ""
    allowed: str = ""
    needs: tuple[str, ...] = ()
    paths: tuple[str, ...] = ()
    """Path filters of the trigger, as written; empty when every change triggers it."""
    ignored_paths: tuple[str, ...] = ()
    hidden_secrets: bool = False
    deploys: bool = False
