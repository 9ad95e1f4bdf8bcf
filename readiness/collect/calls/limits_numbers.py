"""How large a limit is: the number behind an argument, in seconds where it is a time."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

from readiness.collect import ir
from readiness.collect.link.arguments import argument
from readiness.collect.link.handed import Handed
from readiness.collect.link.resolve import Resolver
from readiness.collect.link.scopes import Argument, Scope
from readiness.collect.link.spans import span_at
from readiness.collect.link.values import Constant, External, Received, Step, Structure, Unresolved, Value
from readiness.collect.link.walk import expressions
from readiness.model import Setting, SettingState

MILLISECONDS: Final = 0.001
_PARTS: Final[tuple[str | int, ...]] = ("timeout", "read", "total", "sock_read", "timeoutMs", "requestTimeout", 0)
"""Where an object that holds several timeouts keeps the one that bounds an answer."""
_DURATIONS: Final = {"seconds": 1.0, "minutes": 60.0, "milliseconds": MILLISECONDS, "hours": 3600.0}
_NESTING: Final = 6


@dataclass(frozen=True, slots=True)
class Amount:
    """A known amount; `value` is None where the code says that there is none."""

    value: float | None


class Numbers:
    """Answers what number an argument is worth."""

    def __init__(self, resolver: Resolver) -> None:
        self.resolver = resolver

    def setting(self, handed: Handed, layer: str, unit: float = 1.0) -> Setting:
        """The setting that an argument makes.

        Args:
            handed: the argument.
            layer: where it stands, as in `Setting`.
            unit: what one of a bare number is; objects such as `AbortSignal.timeout` know their own.
        """
        span = span_at(handed.scope, handed.line)
        values = self.resolver.values(handed.expr, handed.scope)
        amounts = [self.amount(value, unit) for value in values]
        known = [amount.value for amount in amounts if amount is not None and amount.value is not None]
        nothing = any(amount is not None and amount.value is None for amount in amounts)
        if known and not (nothing and _chosen_by_test(handed.expr)):
            return Setting(SettingState.SET, max(known), layer, span)
        if nothing:
            return Setting(SettingState.DISABLED, None, layer, span, "none in at least one case" if known else "is none")
        if any(_is_required(part) for part in expressions(handed.expr)):
            return Setting(SettingState.SET, None, layer, span, "from the environment, which must set it")
        return Setting(SettingState.UNRESOLVED, None, layer, span, "its value could not be resolved")

    def number(self, expr: ir.Expr, scope: Scope, unit: float = 1.0) -> float | None:
        """The largest number an expression can be worth, None where none is known."""
        return self.setting(Handed(expr, scope), "", unit).value

    def amount(self, value: Value, unit: float = 1.0, depth: int = 0) -> Amount | None:
        """What one value is worth, None where that is not known."""
        match value:
            case Constant(value=None):
                return Amount(None)
            case Constant(value=bool()):
                return None
            case Constant(value=int() | float() as number):
                return Amount(number * unit) if math.isfinite(number) else Amount(None)
            case Constant(value=str() as text):
                parsed = _parsed(text)
                return Amount(parsed * unit) if parsed is not None else None
            case External(steps=(*_, step)) if value.made and depth < _NESTING:
                return self._made(step, unit, depth)
            case Unresolved(expr=ir.Opaque(kind="arithmetic") as sum_, scope=scope) if depth < _NESTING:
                computed = self._arithmetic(sum_, scope, depth)
                return Amount(computed * unit) if computed is not None else None
            case Received(argument=received):
                return Amount(None) if _is_none_by_default(received) else None
            case _:
                return None

    def _made(self, step: Step, unit: float, depth: int) -> Amount | None:
        """`httpx.Timeout(30)`, `AbortSignal.timeout(30_000)`, `timedelta(minutes=1)`."""
        match step.call:
            case ir.Call(callee=ir.Member(base=ir.Name(id="AbortSignal"), name="timeout"), args=(delay, *_)):
                return self._first(delay, step.scope, MILLISECONDS, depth)
            case ir.Call(callee=ir.Member(base=ir.Name(id="AbortSignal"), name="any"), args=(signals, *_)):
                return self._soonest(signals, step.scope, depth)
            case _:
                pass
        if step.path.endswith("timedelta"):
            return self._duration(step, depth)
        for place in _PARTS:
            for handed in argument(self.resolver, step.call, step.scope, place).found:
                amount = self._first(handed.expr, handed.scope, unit, depth)
                if amount is not None:
                    return amount
        return None

    def _first(self, expr: ir.Expr, scope: Scope, unit: float, depth: int) -> Amount | None:
        amounts = (self.amount(value, unit, depth + 1) for value in self.resolver.values(expr, scope))
        return next((amount for amount in amounts if amount is not None), None)

    def _soonest(self, signals: ir.Expr, scope: Scope, depth: int) -> Amount | None:
        """The first of several signals to fire."""
        delays = [
            amount.value
            for value in self.resolver.values(signals, scope)
            if isinstance(value, Structure) and isinstance(value.expr, ir.Sequence)
            for item in value.expr.items
            if (amount := self._first(item, value.scope, 1.0, depth)) is not None and amount.value is not None
        ]
        return Amount(min(delays)) if delays else None

    def _duration(self, step: Step, depth: int) -> Amount | None:
        parts = [
            amount.value * _DURATIONS[keyword.name]
            for keyword in step.call.keywords
            if keyword.name in _DURATIONS
            and (amount := self._first(keyword.value, step.scope, 1.0, depth)) is not None
            and amount.value is not None
        ]
        return Amount(sum(parts)) if parts else None

    def _arithmetic(self, expr: ir.Opaque, scope: Scope, depth: int) -> float | None:
        amounts = [self._first(part, scope, 1.0, depth) for part in expr.parts]
        numbers = [amount.value for amount in amounts if amount is not None and amount.value is not None]
        if len(numbers) != len(expr.parts) or len(numbers) != 2:
            return None
        left, right = numbers
        match expr.text:
            case "*":
                return left * right
            case "+":
                return left + right
            case "-":
                return left - right
            case "/" | "//":
                return left / right if right else None
            case _:
                return None


def _parsed(text: str) -> float | None:
    try:
        number = float(text.strip().strip("\"'"))
    except ValueError:
        return None
    return number if math.isfinite(number) else None


def _chosen_by_test(expr: ir.Expr) -> bool:
    """`4096 if long else None`: each option is a case of its own; in `x or None` the second only stands in for nothing."""
    return isinstance(expr, ir.Choice) and expr.test is not None


def _is_none_by_default(argument: Argument) -> bool:
    default = argument.parameter.default
    return isinstance(default, ir.Literal) and default.value is None


def _is_required(expr: ir.Expr) -> bool:
    """`os.environ["NAME"]`: without it the program does not run."""
    return isinstance(expr, ir.Index) and isinstance(expr.base, ir.Member) and expr.base.name == "environ"
