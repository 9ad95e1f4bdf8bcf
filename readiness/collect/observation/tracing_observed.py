"""Everything about observability at once: tracers, logs, masks, usage and quotas, and what they say of each call."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from readiness.collect.calls.records import Linked
from readiness.collect.link.shipped import Defaults, Shipped
from readiness.collect.observation.redaction import Redactions
from readiness.collect.observation.tracing import Recording, recording
from readiness.collect.observation.tracing_ground import Ground
from readiness.collect.observation.tracing_names import Named
from readiness.collect.observation.tracing_reach import Reach
from readiness.collect.observation.tracing_tools import Tools
from readiness.collect.observation.usage import Dimensions
from readiness.collect.observation.usage_logs import Logs
from readiness.collect.observation.usage_quota import QuotaFinder
from readiness.collect.observation.usage_reads import Reads
from readiness.knowledge.quotas import Quotas
from readiness.knowledge.redactors import Redactors
from readiness.knowledge.tracers import Tracers
from readiness.model import ContentLog, Dependency, ModelCall, Quota, Redaction, Scope, Tracer, UsageDimension


@dataclass(frozen=True, slots=True)
class Observed:
    """The facts of observability by kind, and the calls with what records them."""

    calls: tuple[ModelCall, ...]
    by_kind: dict[type[Any], tuple[Any, ...]]


def observed(
    linked: Linked, calls: tuple[ModelCall, ...], dependencies: Iterable[Dependency], production: frozenset[Scope]
) -> Observed:
    """Find `Tracer`, `ContentLog`, `Redaction`, `UsageDimension` and `Quota` facts.

    Args:
        linked: the program with its calls.
        calls: the record of each call, without `tracing`, `tracer`, `tracer_span` and `usage_span`.
        dependencies: what manifests name.
        production: the scopes of files that count.
    """
    listed = tuple(dependencies)
    tracers = Tracers.load()
    ground = _ground(linked, production, {dependency.span.path for dependency in listed})
    logs = Logs(ground)
    kept = logs.found()
    mechanisms = (*Tools(ground, calls, tracers).mechanisms(), *logs.exchanges(kept))
    redactions = Redactions(ground, mechanisms, Redactors.load())
    masks = redactions.found()
    reads = Reads(ground)
    record = recording(mechanisms, calls, listed, ground=ground, tracers=tracers)
    by_kind: dict[type[Any], tuple[Any, ...]] = {
        Tracer: record.tracers,
        Redaction: masks,
        ContentLog: tuple(dict.fromkeys(log.fact for log in redactions.unmasked(kept))),
        UsageDimension: Dimensions(ground, reads, mechanisms, tracers).found(),
        Quota: QuotaFinder(ground, Quotas.load()).found(),
    }
    return Observed(tuple(_joined(call, record, reads) for call in calls), by_kind)


def _ground(linked: Linked, production: frozenset[Scope], manifests: set[str]) -> Ground:
    resolver = linked.finder.resolver
    shipped = Shipped(resolver.program)
    reach = Reach(resolver, Defaults(resolver, shipped), production, manifests)
    reach.enliven(linked.calls)
    return Ground(linked, Named(resolver), reach, shipped)


def _joined(call: ModelCall, record: Recording, reads: Reads) -> ModelCall:
    """The call with its tracer; usage that code reads goes before usage that a tracer captures."""
    usage = reads.by_call.get(call.id)
    traced = record.by_call.get(call.id)
    if traced is None:
        return replace(call, usage_span=usage)
    return replace(
        call, tracing=traced.tracing, tracer=traced.tracer, tracer_span=traced.tracer_span, usage_span=usage or traced.usage_span
    )
