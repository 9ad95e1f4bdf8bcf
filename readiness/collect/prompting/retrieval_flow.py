"""Which calls of a program a model call's prompt is made from."""

from __future__ import annotations

from collections.abc import Sequence

from readiness.collect import ir
from readiness.collect.link.flow import Flow
from readiness.collect.link.found import FoundCall
from readiness.collect.link.resolve import Resolver
from readiness.collect.link.scopes import Scope
from readiness.collect.link.values import External
from readiness.model import GENERATIVE


class CallFlow:
    """Tells which calls data passes; unlike a question for leaves it does not stop where a model answers."""

    def __init__(self, resolver: Resolver) -> None:
        self.resolver = resolver
        self._flow = Flow(resolver, ())
        self._memo: dict[tuple[int, int], tuple[ir.Expr, frozenset[int]]] = {}

    def through(self, expr: ir.Expr, scope: Scope) -> frozenset[int]:
        """The calls, by identity, whose result can be part of `expr`."""
        key = (id(expr), id(scope))
        if key not in self._memo:
            out: set[int] = set()
            for each, at in self._flow.passed(expr, scope):
                if isinstance(each, ir.Call):
                    out.add(id(each))
                elif isinstance(each, ir.Name | ir.Member):
                    out.update(
                        id(step.call)
                        for value in self.resolver.values(each, at)
                        if isinstance(value, External)
                        for step in value.steps
                    )
            self._memo[key] = (expr, frozenset(out))
        return self._memo[key][1]


def prompted(calls: Sequence[FoundCall], flow: CallFlow) -> frozenset[int]:
    """The calls, by identity, whose result can reach a prompt: behind arguments, receiver and client of generative calls."""
    out: set[int] = set()
    for found in calls:
        if found.kind not in GENERATIVE:
            continue
        call = found.call
        receiver = call.callee.base if isinstance(call.callee, ir.Member) else call.callee
        for part in (receiver, *call.args, *(keyword.value for keyword in call.keywords)):
            out |= flow.through(part, found.site.scope)
        for link in (link for variant in found.variants for link in variant.links):
            out.add(id(link.step.call))
            for part in (*link.step.call.args, *(keyword.value for keyword in link.step.call.keywords)):
                out |= flow.through(part, link.step.scope)
    return frozenset(out)
