"""Tracing: every tracer of a repository, and for each model call what records it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Final

from readiness.collect.observation.tracing_ground import Ground
from readiness.collect.observation.tracing_names import Named
from readiness.collect.observation.tracing_reach import Standing
from readiness.collect.observation.tracing_tools import Mechanism
from readiness.knowledge.tracers import Tracers
from readiness.model import Dependency, ModelCall, Scope, Span, Tracer, Tracing

_LOCKS: Final = (".lock", "-lock.json", "-lock.yaml", ".lockb", "npm-shrinkwrap.json")


@dataclass(frozen=True, slots=True)
class Traced:
    """What records one call."""

    tracing: Tracing
    tracer: str
    tracer_span: Span
    usage_span: Span | None


@dataclass(frozen=True, slots=True)
class Recording:
    """All tracers, and what records each call by its id; a call that nothing records has no entry."""

    tracers: tuple[Tracer, ...]
    by_call: Mapping[str, Traced]


def recording(
    mechanisms: Iterable[Mechanism],
    calls: Iterable[ModelCall],
    dependencies: Iterable[Dependency],
    *,
    ground: Ground,
    tracers: Tracers,
) -> Recording:
    """Join mechanisms to calls: the best that stands around a call records it."""
    found = tuple(mechanisms)
    by_call: dict[str, Traced] = {}
    for call in calls:
        around = [
            each
            for each in found
            if call.id in each.calls and each.standing is not Standing.NEVER and _counts(each, call, ground.reach.production)
        ]
        if around:
            by_call[call.id] = _traced(min(around, key=_rank))
    declared = _declared(found, dependencies, ground.named, tracers)
    return Recording((*_distinct(map(_tracer, found)), *declared), by_call)


def _counts(each: Mechanism, call: ModelCall, production: frozenset[Scope]) -> bool:
    """A tracer that only a test starts records nothing in production."""
    return each.scope in production or each.scope is call.scope


def _rank(each: Mechanism) -> tuple[int, str, int]:
    return _ORDER.index((_tracing(each), each.own_log)), each.span.path, each.span.line


_ORDER: Final = (
    (Tracing.ON, False),
    (Tracing.ON, True),
    (Tracing.METADATA_ONLY, False),
    (Tracing.METADATA_ONLY, True),
    (Tracing.OFF_BY_DEFAULT, False),
    (Tracing.OFF_BY_DEFAULT, True),
)


def _tracing(each: Mechanism) -> Tracing:
    if each.standing is Standing.OFF:
        return Tracing.OFF_BY_DEFAULT
    return Tracing.METADATA_ONLY if each.content == "metadata" else Tracing.ON


def _traced(each: Mechanism) -> Traced:
    return Traced(_tracing(each), each.tool, each.span, each.span if each.usage else None)


def _tracer(each: Mechanism) -> Tracer:
    return Tracer(each.span, each.scope, each.tool, each.standing.value, each.content, each.own_log, each.usage, each.note)


def _distinct(tracers: Iterable[Tracer]) -> tuple[Tracer, ...]:
    """One fact for each way a tool stands, at its first place: decorators and clients of one tool are one tracer."""
    kept: dict[tuple[str, Scope, str, str], Tracer] = {}
    for tracer in sorted(tracers, key=lambda each: (each.span.path, each.span.line, each.tool)):
        kept.setdefault((tracer.tool, tracer.scope, tracer.state, tracer.content), tracer)
    return tuple(kept.values())


def _declared(found: tuple[Mechanism, ...], dependencies: Iterable[Dependency], named: Named, tracers: Tracers) -> Iterator[Tracer]:
    """Tools that a manifest names and no code starts; a lockfile only repeats what something else needs."""
    seen = {each.tool for each in found}
    listed = [each for each in dependencies if not each.span.path.endswith(_LOCKS) and not _is_test(each.span.path)]
    for tool in tracers.tools:
        if tool.name in seen:
            continue
        for dependency in listed:
            if dependency.name in tool.packages.get(dependency.ecosystem, ()):
                note = "called for something else" if _roots(dependency.name) & named.roots() else "never called"
                yield Tracer(
                    dependency.span, Scope.PRODUCTION, tool.name, "declared", note=f"{dependency.name} is installed and {note}."
                )
                break


def _roots(package: str) -> frozenset[str]:
    return frozenset({package, package.replace("-", "_")})


def _is_test(path: str) -> bool:
    return bool(
        {"test", "tests", "dev", "docs", "examples"}
        & set(PurePosixPath(path).with_suffix("").as_posix().replace("-", "/").split("/"))
    )
