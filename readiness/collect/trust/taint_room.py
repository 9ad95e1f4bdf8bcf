"""Everything about who writes what, put together: privileged flows, sinks, guards, routes, and what each call is exposed to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from readiness.collect.calls.records import Linked
from readiness.collect.trust.guards import GuardFinder
from readiness.collect.trust.routes import Exposure, exposures, routes
from readiness.collect.trust.routes_entries import entries
from readiness.collect.trust.routes_reach import Reach
from readiness.collect.trust.sinks import SinkFinder
from readiness.collect.trust.sinks_served import Served
from readiness.collect.trust.sinks_text import Texts
from readiness.collect.trust.sinks_tools import ToolFinder
from readiness.collect.trust.taint import Taint
from readiness.collect.trust.taint_allowed import Allowed
from readiness.collect.trust.taint_flow import Provenance
from readiness.collect.trust.taint_origins import Origins
from readiness.knowledge.guards import Guards
from readiness.knowledge.routes import Frameworks
from readiness.knowledge.sinks import Sinks
from readiness.knowledge.sources import Sources
from readiness.model import Guard, ModelCall, OutputSink, PrivilegedFlow, Route


@dataclass(frozen=True, slots=True)
class Trusted:
    """The facts of trust; `user_input` and `exposures` are by call id."""

    flows: tuple[PrivilegedFlow, ...]
    sinks: tuple[OutputSink, ...]
    guards: tuple[Guard, ...]
    routes: tuple[Route, ...]
    user_input: Mapping[str, bool]
    exposures: Mapping[str, Exposure]


def trusted(linked: Linked) -> Trusted:
    """Gather them from the linked program."""
    finder = linked.finder
    frameworks, knowledge = Frameworks.load(), Sinks.load()
    found = entries(finder.resolver, frameworks)
    tools = ToolFinder(finder, linked.flow, knowledge.tools).find(linked.calls)
    allowed = Allowed(finder.resolver)
    flow = Provenance(linked.flow, Sources.load(), found, tools, allowed)
    reach = Reach(finder.resolver, found, flow.callers)
    texts = Texts(flow, knowledge)
    taint = Taint(finder, Origins(flow), allowed)
    return Trusted(
        flows=taint.flows(linked.calls),
        sinks=SinkFinder(texts, knowledge, Served(finder.resolver, linked.calls, reach)).find(),
        guards=GuardFinder(finder, texts, reach, Guards.load(), linked.calls).find(),
        routes=routes(linked.calls, reach, frameworks),
        user_input={call.id: taint.user_input(call) for call in linked.calls},
        exposures=exposures(linked.calls, reach),
    )


def exposed(calls: tuple[ModelCall, ...], found: Trusted) -> tuple[ModelCall, ...]:
    """The records of the calls, with what reaches them."""
    return tuple(
        replace(
            call,
            user_input=found.user_input[call.id],
            routes=found.exposures[call.id].routes,
            interactive=found.exposures[call.id].interactive,
        )
        for call in calls
    )


def trust_facts(found: Trusted) -> dict[type[Any], tuple[Any, ...]]:
    """The facts of trust by kind."""
    return {PrivilegedFlow: found.flows, OutputSink: found.sinks, Guard: found.guards, Route: found.routes}
