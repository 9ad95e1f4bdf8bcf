"""What a call hands to a name: expressions as written, each with the scope it stands in."""

from __future__ import annotations

from dataclasses import dataclass

from readiness.collect import ir
from readiness.collect.link.scopes import Scope


@dataclass(frozen=True, slots=True)
class Handed:
    """An argument: the expression as written and the scope it stands in."""

    expr: ir.Expr
    scope: Scope

    @property
    def line(self) -> int:
        return self.expr.line


@dataclass(frozen=True, slots=True)
class Lookup:
    """What was found for one argument name. `open` holds when an unresolved spread could carry it."""

    found: tuple[Handed, ...]
    open: bool = False
