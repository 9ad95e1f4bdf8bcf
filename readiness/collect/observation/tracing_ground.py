"""What every room of observability stands on."""

from __future__ import annotations

from dataclasses import dataclass

from readiness.collect.calls.records import Linked
from readiness.collect.link.resolve import Resolver
from readiness.collect.link.shipped import Shipped
from readiness.collect.observation.tracing_names import Named
from readiness.collect.observation.tracing_reach import Reach


@dataclass(frozen=True, slots=True, eq=False)
class Ground:
    """The program with its calls, the names of other packages in it, what runs by default, and what the deployment sets."""

    linked: Linked
    named: Named
    reach: Reach
    shipped: Shipped

    @property
    def resolver(self) -> Resolver:
        return self.linked.finder.resolver
