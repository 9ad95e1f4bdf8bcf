"""The record of each found call: everything that decides how it behaves, as a `ModelCall` fact."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date

from readiness.collect.calls.contracts import Contracts, Enforced
from readiness.collect.calls.contracts_uses import Uses
from readiness.collect.calls.limits import Limits
from readiness.collect.calls.models_declared import Declared
from readiness.collect.calls.models_used import ModelsUsed
from readiness.collect.link.flow import Flow
from readiness.collect.link.found import CallFinder, FoundCall
from readiness.collect.link.spans import span_of
from readiness.knowledge.model_table import ModelTable
from readiness.model import ModelCall


@dataclass(frozen=True, slots=True, eq=False)
class Linked:
    """The program with its calls: what every collector of facts works on."""

    finder: CallFinder
    flow: Flow
    calls: tuple[FoundCall, ...]

    @property
    def resolver(self) -> object:
        return self.finder.resolver


def records(linked: Linked, table: ModelTable, as_of: date, declared: tuple[Declared, ...] = ()) -> tuple[ModelCall, ...]:
    """One `ModelCall` for each found call, without what tracing, guards and routes add later."""
    models = ModelsUsed(linked.finder, table, as_of, declared)
    limits = Limits(linked.finder)
    contracts = Contracts(linked.finder)
    enforced = {found.id: contracts.contract(found) for found in linked.calls}
    uses = Uses(linked.flow, contracts).all(linked.calls, enforced)
    made = tuple(
        replace(
            _record(found, models, limits, enforced[found.id]),
            contract=enforced[found.id].of_answer(uses.get(found.id, ())),
            uses=uses.get(found.id, ()),
            has_tools=contracts.has_tools(found),
        )
        for found in linked.calls
    )
    return _relayed(made, frozenset(found.id for found in linked.calls if _may_relay(found)))


def _may_relay(found: FoundCall) -> bool:
    """Whether a call runs a graph, and nothing on the way to it hands the graph a model."""
    links = [link for variant in found.variants for link in variant.links]
    return found.entry.relays and not any(link.entry.role("model") for link in links)


def _relayed(made: tuple[ModelCall, ...], graphs: frozenset[str]) -> tuple[ModelCall, ...]:
    """Graphs relay where other calls of the same scope of files ask models for text; alone, they are all that is known."""
    asking = {call.scope for call in made if call.generative and not call.implicit and call.id not in graphs}
    return tuple(
        replace(call, relays=True, models=(), resolved=False) if call.id in graphs and call.scope in asking else call
        for call in made
    )


def _record(found: FoundCall, models: ModelsUsed, limits: Limits, enforced: Enforced) -> ModelCall:
    place = models.place(found)
    ids, resolved = models.models(found, place)
    entry = found.entry
    return ModelCall(
        id=found.id,
        span=span_of(found.site),
        scope=found.site.scope.module.scope,
        language=found.site.scope.module.code.language,
        api=found.variants[0].path.removesuffix(".__call__") if entry.name != "__call__" else found.variants[0].path,
        sdk=entry.sdk,
        kind=found.kind,
        provider=place.provider,
        platform=place.platform,
        implicit=entry.implicit,
        models=ids,
        resolved=resolved,
        host=place.host,
        host_resolved=place.host_resolved,
        zone=place.zone,
        timeout=limits.timeout(found),
        retries=limits.retries(found, place.provider),
        cap=limits.cap(found),
        contract_span=enforced.span,
        builtin_prompt=any(link.entry.builtin_prompt for variant in found.variants for link in variant.links),
    )
