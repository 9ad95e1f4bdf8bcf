"""`readiness facts`: what was found, before any judgement."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import fields
from datetime import date
from pathlib import Path
from typing import Any, Final

import click
from rich.console import RenderableType
from rich.text import Text

from readiness.cli.options import collecting
from readiness.cli.parts import Parts
from readiness.cli.terminal import progress, safe, show
from readiness.model import Facts
from readiness.model.wire_codec import encode
from readiness.model.words import counted

_EPILOG: Final = """\b
Examples:
  readiness facts .
  readiness facts app-1.2.0.tar.gz --json | jq '.facts.model_call'
"""


@click.command("facts", epilog=_EPILOG)
@collecting
@click.option("--json", "as_json", is_flag=True, help="Everything, as JSON.")
@click.pass_obj
def command(parts: Parts, target: str, *, engagement: Path | None, jobs: int, as_of: date, as_json: bool) -> None:
    """Show what was found in TARGET: model calls, prompts, tracers, guards and the rest."""
    file = parts.engagement(engagement) if engagement else None
    with parts.open_target(target) as repository, progress("Reading") as bar:
        facts = parts.collect(repository, as_of=as_of, answers=file.answers if file else (), jobs=jobs, progress=bar)
    if as_json:
        click.echo(json.dumps(_document(facts), indent=2))
        return
    show(*_blocks(facts))


def _document(facts: Facts) -> dict[str, Any]:
    return {
        "subject": encode(facts.subject),
        "as_of": encode(facts.as_of),
        "facts": {_snake(kind.__name__): encode(found) for kind, found in facts.by_kind.items()},
        "gaps": encode(facts.gaps),
        "not_collected": {_snake(kind.__name__): reason for kind, reason in (facts.not_collected or {}).items()},
    }


def _blocks(facts: Facts) -> Iterator[RenderableType]:
    for kind, found in facts.by_kind.items():
        if found:
            yield Text(f"{_spaced(kind.__name__)}: {len(found)}", "bold")
            yield from (_line(fact) for fact in found)
            yield Text()
    nothing = [_spaced(kind.__name__).lower() for kind, found in facts.by_kind.items() if not found]
    if nothing:
        yield Text(f"None found: {', '.join(nothing)}", "dim")
    for kind, reason in (facts.not_collected or {}).items():
        yield Text(f"Nobody looked for {_spaced(kind.__name__).lower()}: {reason}", "yellow")
    if facts.gaps:
        yield Text(f"\n{counted(len(facts.gaps), 'gap')}: not everything could be read", "bold yellow")
        yield from (_gap(gap.path, gap.collector, gap.reason) for gap in facts.gaps)


_BARE: Final = frozenset({"yes", "no", "unknown"})
"""Values that say nothing without the name of their field."""


def _line(fact: object) -> RenderableType:
    span = getattr(fact, "span", None)
    place = f"{span.path}:{span.line}" if span else ""
    return _row(place, " ".join(_words(fact)))


def _words(fact: object) -> Iterator[str]:
    """What tells one fact from another: its own short texts, in their order."""
    for field in fields(fact):  # type: ignore[arg-type]
        value = getattr(fact, field.name)
        if isinstance(value, str) and value and field.name not in {"id", "note", "language"}:
            said = " ".join(value.split())
            yield f"{field.name.replace('_', ' ')}: {said}" if said in _BARE else said


def _gap(path: str | None, collector: str, reason: str) -> RenderableType:
    return _row(path or "", f"{collector}: {reason}")


def _row(place: str, words: str) -> RenderableType:
    """One line, cut at the edge of the screen rather than wrapped."""
    return Text.assemble("  ", (safe(place), "cyan"), "  " if place else "", safe(words), no_wrap=True, overflow="ellipsis")


def _snake(name: str) -> str:
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name).lower()


def _spaced(name: str) -> str:
    return _snake(name).replace("_", " ").capitalize()
