"""Texts that flow into a model call: the literals behind its messages, its system text and its prompt."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from readiness.collect import ir
from readiness.collect.link.flow import Flow
from readiness.collect.link.found import CallFinder, FoundCall
from readiness.collect.link.scopes import Scope
from readiness.collect.link.values import Constant
from readiness.model import CallKind

ROLES: Final = ("system", "messages", "history", "prompt")
KINDS: Final = frozenset({CallKind.CHAT, CallKind.COMPLETION, CallKind.AGENT, CallKind.IMAGE})
"""Kinds of call that follow instructions; what is embedded, spoken or moderated is content."""


@dataclass(frozen=True, slots=True)
class Reached:
    """The role under which each text first reaches a model: by identity of its expression, or by place where its value was met."""

    by_id: dict[int, str]
    by_place: dict[tuple[str, int], str]

    def role(self, expr: ir.Expr, scope: Scope) -> str:
        """System | messages | prompt, '' for a text that reaches none."""
        return self.by_id.get(id(expr), "") or self.by_place.get((scope.module.path, expr.line), "")


def reached(finder: CallFinder, flow: Flow, calls: Sequence[FoundCall]) -> Reached:
    """Follow what every call is given back to the texts of the program."""
    out = Reached({}, {})
    asked: set[tuple[int, int]] = set()
    for found in calls:
        for variant in found.variants if found.kind in KINDS else ():
            for role in ROLES:
                for handed in finder.role(variant, role).found:
                    key = (id(handed.expr), id(handed.scope))
                    if key not in asked:
                        asked.add(key)
                        _follow(finder, flow.passed(handed.expr, handed.scope), role, out)
    return out


def _follow(finder: CallFinder, passed: Sequence[tuple[ir.Expr, Scope]], role: str, out: Reached) -> None:
    for expr, scope in passed:
        match expr:
            case ir.Literal(value=str()) | ir.Template():
                out.by_id.setdefault(id(expr), role)
            case ir.Name() | ir.Member():
                for value in finder.resolver.values(expr, scope):
                    if isinstance(value, Constant) and isinstance(value.value, str):
                        out.by_place.setdefault((value.path, value.line), role)
            case _:
                continue
