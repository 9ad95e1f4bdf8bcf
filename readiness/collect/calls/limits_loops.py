"""Loops and recursion that try a failed call again, with how often and whether every error is tried again."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from readiness.collect import ir
from readiness.collect.calls.limits_around import Around, calls_of, last
from readiness.collect.calls.limits_numbers import Numbers
from readiness.collect.link.scopes import Argument, Scope, Site
from readiness.collect.link.spans import span_at
from readiness.collect.link.walk import expressions, statements
from readiness.model import Setting, SettingState, Span

UNFILTERED: Final = "unfiltered"
_COUNTING: Final = ("retr", "attempt", "tries", "try")


@dataclass(frozen=True, slots=True)
class Layer:
    """Something that repeats a call: how many attempts it makes in all (None: a number that is not known), and where it stands."""

    attempts: float | None
    layer: str
    span: Span
    note: str
    flaw: str = ""

    def setting(self, retries: float | None) -> Setting:
        return Setting(SettingState.SET, retries, self.layer, self.span, self.note, self.flaw)


class Loops:
    """Answers which loops and recursions around a call repeat it."""

    def __init__(self, around: Around, numbers: Numbers) -> None:
        self.around = around
        self.numbers = numbers

    def of(self, site: Site) -> Iterator[Layer]:
        """The loops that go round again after the call failed, and the function that calls itself again."""
        for loop in site.context.loops:
            handlers = _handlers(loop, site)
            again = [handler for handler in handlers if not _gives_up(handler)]
            if again and _succeeds(loop, site):
                yield self._loop(loop, again, site)
        yield from self._recursion(site)

    def _loop(self, loop: ir.Loop, handlers: list[ir.Handler], site: Site) -> Layer:
        flaw = UNFILTERED if any(_takes_all(handler) for handler in handlers) else ""
        return Layer(self._rounds(loop, handlers, site), "scope", span_at(site.scope, loop.line), "a loop around the call", flaw)

    def _rounds(self, loop: ir.Loop, handlers: list[ir.Handler], site: Site) -> float | None:
        if loop.target is not None:
            return self._items(loop.iterable, site.scope)
        bound = self._compared((loop.iterable,), site.scope, any_name=True) or self._compared_after(loop, site)
        if bound is not None:
            return bound
        endless = isinstance(loop.iterable, ir.Literal) and bool(loop.iterable.value)
        return math.inf if endless and not any(_may_leave(handler.body) for handler in handlers) else None

    def _items(self, iterable: ir.Expr, scope: Scope) -> float | None:
        """The number of rounds of a counted loop."""
        match iterable:
            case ir.Call(callee=callee, args=(*_, end)) if last(callee) == "range":
                start = self.numbers.number(iterable.args[0], scope) if len(iterable.args) > 1 else 0.0
                stop = self.numbers.number(end if len(iterable.args) < 3 else iterable.args[1], scope)
                return None if stop is None or start is None else max(stop - start, 1.0)
            case ir.Call(callee=callee) if last(callee) == "count":
                return math.inf
            case ir.Sequence(items=items):
                return float(len(items))
            case _:
                return None

    def _compared_after(self, loop: ir.Loop, site: Site) -> float | None:
        """The number that a counter is compared with before the loop or its handlers give up."""
        tests = [s.test for s, _ in statements(loop.body) if isinstance(s, ir.If) and (_may_leave(s.body) or _may_leave(s.orelse))]
        return self._compared(tuple(tests), site.scope)

    def _compared(self, tests: tuple[ir.Expr, ...], scope: Scope, *, any_name: bool = False) -> float | None:
        """The number that a counter is compared with; `any_name` where the place tells that it counts."""
        for test in tests:
            for part in expressions(test):
                if isinstance(part, ir.Opaque) and part.kind == "compare" and part.text in ("<", "<=", ">", ">=", "==", "==="):
                    if not any_name and not any(_counts(name) for side in part.parts for name in _names(side)):
                        continue
                    sides = part.parts[1:] if any_name else part.parts
                    numbers = [n for side in sides if (n := self.numbers.number(side, scope)) is not None and n > 0]
                    if numbers:
                        return max(numbers)
        return None

    def _recursion(self, site: Site) -> Iterator[Layer]:
        node = site.scope.function
        for attempt in site.context.tries if node is not None and node.name else ():
            for handler in attempt.handlers:
                again = (
                    any(last(call.callee) == node.name for s, _ in statements(handler.body) for call in calls_of(s))
                    if node
                    else False
                )
                if again:
                    flaw = UNFILTERED if _takes_all(handler) else ""
                    yield Layer(
                        self._counted(site.scope),
                        "scope",
                        span_at(site.scope, handler.line),
                        "the function calls itself again",
                        flaw,
                    )

    def _counted(self, scope: Scope) -> float | None:
        """What a parameter that counts attempts can be worth."""
        for name, bindings in scope.bindings.items():
            if _counts(name) and any(isinstance(binding, Argument) for binding in bindings):
                tests = tuple(s.test for s, _ in statements(scope.node.body) if isinstance(s, ir.If))
                return self._compared(tests, scope) or self.numbers.number(
                    ir.Name(name, scope.function.line if scope.function else 0), scope
                )
        return None


def _handlers(loop: ir.Loop, site: Site) -> list[ir.Handler]:
    """The handlers of the `try` blocks inside the loop that the call is in."""
    around = {id(attempt) for attempt in site.context.tries}
    inside = (s for s, _ in statements(loop.body) if isinstance(s, ir.Try) and id(s) in around)
    return [handler for attempt in inside for handler in attempt.handlers]


def _succeeds(loop: ir.Loop, site: Site) -> bool:
    """Whether the loop is left once the call went well: one that goes on to the next item repeats nothing."""
    tested = loop.target is None and not (isinstance(loop.iterable, ir.Literal) and loop.iterable.value)
    if tested and any(_counts(name) for name in _names(loop.iterable)):
        return True
    for statement, context in statements(loop.body):
        leaves = isinstance(statement, ir.Return) or (isinstance(statement, ir.Jump) and statement.kind == "break")
        if leaves and context.handler is None and statement.line >= site.call.line and not context.loops:
            return True
    return isinstance(site.statement, ir.Return)


def _gives_up(handler: ir.Handler) -> bool:
    final = handler.body[-1] if handler.body else None
    return isinstance(final, ir.Return | ir.Raise) or (isinstance(final, ir.Jump) and final.kind == "break")


def _may_leave(body: tuple[ir.Statement, ...]) -> bool:
    return any(isinstance(s, ir.Raise | ir.Return) or (isinstance(s, ir.Jump) and s.kind == "break") for s, _ in statements(body))


def _takes_all(handler: ir.Handler) -> bool:
    """Whether every error is tried again: everything is caught, and nothing in the handler looks at the error before it goes on."""
    if handler.type is not None and not any(last(part) in ("Exception", "BaseException") for part in expressions(handler.type)):
        return False
    return not any(
        isinstance(statement, ir.If) and handler.name and handler.name in _names(statement.test)
        for statement, _ in statements(handler.body)
    )


def _names(expr: ir.Expr) -> set[str]:
    return {name for part in expressions(expr) if (name := last(part))}


def _counts(name: str) -> bool:
    return any(word in name.lower() for word in _COUNTING)
