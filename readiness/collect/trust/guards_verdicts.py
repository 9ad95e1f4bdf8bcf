"""What the verdict of a screen decides: the branches that depend on it, and whether they end the request."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from readiness.collect import ir
from readiness.collect.link.flow import Flow
from readiness.collect.link.resolve import Resolver
from readiness.collect.link.scopes import Scope
from readiness.collect.link.values import Constant, Environment
from readiness.collect.link.walk import Context, expressions, statements


@dataclass(frozen=True, slots=True, eq=False)
class Decision:
    """A branch that depends on a verdict, and whether it ends the request; `negated`: taken when the verdict is false."""

    scope: Scope
    branch: ir.If
    ends: bool
    negated: bool


class Verdicts:
    """Finds, for calls that return verdicts, the branches that their results decide."""

    def __init__(self, resolver: Resolver, flow: Flow, screens: frozenset[int]) -> None:
        self.resolver = resolver
        self.flow = flow
        self.screens = screens

    def of(self, call: ir.Call) -> tuple[Decision, ...]:
        """The branches that the result of `call` decides."""
        return tuple(self._by_call.get(id(call), ()))

    @cached_property
    def _by_call(self) -> dict[int, list[Decision]]:
        found: dict[int, list[Decision]] = defaultdict(list)
        for scope in self.resolver.program.scopes() if self.screens else ():
            if isinstance(scope.node, ir.Class):
                continue
            for statement, _ in statements(scope.node.body):
                if isinstance(statement, ir.If):
                    for call in self._asked(statement.test, scope):
                        found[call].append(_decision(statement, scope))
        return found

    def _asked(self, test: ir.Expr, scope: Scope) -> set[int]:
        asked: set[int] = set()
        for part in expressions(test):
            if isinstance(part, ir.Call) and id(part) in self.screens:
                asked.add(id(part))
            if isinstance(part, ir.Name | ir.Call | ir.Member):
                for leaf in self.flow.leaves(part, scope):
                    call = leaf.answer.call if leaf.answer is not None else leaf.expr
                    if id(call) in self.screens:
                        asked.add(id(call))
        return asked


def _decision(branch: ir.If, scope: Scope) -> Decision:
    negated = isinstance(branch.test, ir.Opaque) and branch.test.kind == "not"
    return Decision(scope, branch, ends(branch.body) or ends(branch.orelse), negated)


def ends(body: tuple[ir.Statement, ...]) -> bool:
    """Whether a block leaves its function or loop, now or after some work."""
    return any(
        isinstance(statement, ir.Return | ir.Raise) or (isinstance(statement, ir.Jump) and statement.kind in ("break", "continue"))
        for statement, _ in statements(body)
    )


def fails_open(context: Context, decisions: tuple[Decision, ...]) -> bool:
    """Whether an error of the screen counts as approval: it is caught, and what the handler does lets the text through."""
    negated = any(decision.negated for decision in decisions)
    for attempt in context.tries:
        for handler in attempt.handlers:
            if _lets_through(handler, negated=negated):
                return True
    return False


def turns_away(context: Context, text: frozenset[str]) -> bool:
    """Whether an error of a screen ends the request: every handler around it raises, or returns something else than the text."""
    return all(_turns_away(handler, text) for attempt in context.tries for handler in attempt.handlers)


def _turns_away(handler: ir.Handler, text: frozenset[str]) -> bool:
    if any(isinstance(statement, ir.Raise) for statement, _ in statements(handler.body)):
        return True
    returned = list(_returned(handler))
    parts = (part for value in returned if value is not None for part in expressions(value))
    return bool(returned) and not any(isinstance(part, ir.Name) and part.id in text for part in parts)


def _lets_through(handler: ir.Handler, *, negated: bool) -> bool:
    returns = list(_returned(handler))
    if any(isinstance(statement, ir.Raise) for statement, _ in statements(handler.body)):
        return False
    if not returns:
        return True
    return any(isinstance(value, ir.Literal) and bool(value.value) is negated for value in returns if value is not None)


def _returned(handler: ir.Handler) -> Iterator[ir.Expr | None]:
    for statement, _ in statements(handler.body):
        if isinstance(statement, ir.Return):
            yield statement.value


def _said(test: ir.Expr) -> ir.Expr:
    """What a test asks of, without the methods of text that it goes through: `answer.strip()`."""
    match test:
        case ir.Call(callee=ir.Member(base=ir.Name() as base, name="strip" | "lower" | "trim"), args=()):
            return base
        case _:
            return test


def switched_off(resolver: Resolver, context: Context, scope: Scope) -> bool:
    """Whether the code runs only under a setting that is off as shipped."""
    for test, wanted in context.tests:
        if not wanted or not isinstance(test, ir.Name | ir.Member | ir.Call | ir.Index):
            continue
        values = resolver.values(_said(test), scope)
        settings = [value for value in values if isinstance(value, Constant | Environment)]
        if (
            settings
            and len(settings) == len(values)
            and all(isinstance(v, Environment) or v.value in (None, False, "", "false", "False", "0", 0) for v in settings)
        ):
            return True
    return False
