"""Layers around a call that repeat it when it fails: decorators, wrappers, retry objects and the program's own helpers."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Final

from readiness.collect import ir
from readiness.collect.calls.limits_around import Around, last
from readiness.collect.calls.limits_loops import UNFILTERED, Layer, Loops
from readiness.collect.calls.limits_numbers import Numbers
from readiness.collect.link.arguments import argument
from readiness.collect.link.handed import Lookup
from readiness.collect.link.scopes import Argument, Scope, Site
from readiness.collect.link.spans import span_at
from readiness.collect.link.values import External, Value
from readiness.collect.link.walk import expressions, statements

HOPS: Final = 2
"""Callers looked at, each of them the only one of its function."""
_SOME: Final = 5.0
"""Attempts assumed of a retry that is bounded by time: with exponential waits, about this many fit in."""
_ENDLESS: Final = {
    "tenacity.retry": math.inf, "tenacity.Retrying": math.inf, "tenacity.AsyncRetrying": math.inf, "backoff.on_exception":
    math.inf, "retry.retry": math.inf, "retry.api.retry": math.inf, "retry.api.retry_call": math.inf, "retrying.retry":
    math.inf,
}  # fmt: skip
"""Decorators and retry objects that go on without end unless told otherwise."""
_BOUNDED: Final = {
    "stamina.retry": 10.0, "stamina.retry_context": 10.0, "tenacity.retry_async": 10.0, "google.api_core.retry.Retry": _SOME,
    "google.api_core.retry.AsyncRetry": _SOME, "google.api_core.retry_async.AsyncRetry": _SOME, "aiohttp_retry.RetryClient":
    3.0,
}  # fmt: skip
"""Those that end by themselves, with the attempts they make."""
_BLOCKING: Final = frozenset({"retry.retry", "retry.api.retry", "retrying.retry"})
"""Decorators that know nothing of coroutines: what fails is awaited outside them."""
_WRAPPERS: Final = {
    "p-retry.default": 11.0, "async-retry.default": 11.0, "async-retry": 11.0, "ts-retry-promise.retry": 11.0,
    "retry.api.retry_call": math.inf, "exponential-backoff.backOff": 10.0, "tenacity.Retrying.__call__": math.inf,
    "tenacity.AsyncRetrying.__call__": math.inf, "ts-retry.retryAsync": 10.0, "cockatiel.retry.execute": 11.0, "radash.retry":
    3.0, "es-toolkit.retry": math.inf,
}  # fmt: skip
"""Functions that repeat a function they are given, with the attempts they make unless told otherwise."""
_ATTEMPTS: Final = (
    "max_tries",
    "attempts",
    "tries",
    "stop_max_attempt_number",
    "max_attempts",
    "numOfAttempts",
    "maxTry",
    "times",
    "maxAttempts",
)
_RETRIES: Final = ("retries", "max_retries", "maxRetries")
_FILTERS: Final = (
    "retry",
    "on",
    "predicate",
    "exceptions",
    "retry_on_exception",
    "shouldRetry",
    "onFailedAttempt",
    "retryIf",
    "retry_on_result",
)


class Retries:
    """Answers which layers around a call repeat it."""

    def __init__(self, around: Around, numbers: Numbers) -> None:
        self.around = around
        self.resolver = around.resolver
        self.numbers = numbers
        self.loops = Loops(around, numbers)

    def of(self, site: Site, hops: int = 0) -> Iterator[Layer]:
        """The layers around a call, nearest first, those around the only caller of its function too."""
        yield from self.loops.of(site)
        yield from self._retrying_loops(site)
        for outer in self.around.holding(site):
            yield from self._wrapper(outer)
        yield from self._of_function(site.scope, hops)

    def _of_function(self, scope: Scope, hops: int) -> Iterator[Layer]:
        if scope.function is None:
            return
        yield from self._decorators(scope)
        users = tuple(dict.fromkeys((*self.around.handed(scope), *self.around.callers(scope))))
        if len(users) == 1 and hops < HOPS:
            yield from self._wrapper(users[0])
            yield from self.of(users[0], hops + 1)

    # -------------------------------------------------------------------------------------------------- decorators

    def _decorators(self, scope: Scope) -> Iterator[Layer]:
        node, outer = scope.function, scope.parent or scope
        for decorator in node.decorators if node is not None else ():
            callee = decorator.callee if isinstance(decorator, ir.Call) else decorator
            paths = self._paths(callee, outer)
            if any(path in _BLOCKING for path in paths) and _awaits(scope):
                continue
            known = next((path for path in paths if path in _ENDLESS or path in _BOUNDED), None)
            if known is not None:
                if not scope.yields:  # of a generator only its making is decorated, and that never fails
                    yield self._retry(decorator, outer, known)
                continue
            for routine in self.around.routines(callee, outer):
                yield from self._repeated(routine, decorator.line, outer)

    def _paths(self, callee: ir.Expr, scope: Scope) -> tuple[str, ...]:
        return tuple(value.path for value in self.resolver.values(callee, scope) if isinstance(value, External))

    def _retry(self, made: ir.Expr, scope: Scope, path: str) -> Layer:
        """What a decorator or retry object of a library does."""
        span = span_at(scope, made.line)
        default = _ENDLESS.get(path, _BOUNDED.get(path))
        if not isinstance(made, ir.Call):
            return Layer(default, "decorator", span, path, UNFILTERED)
        return Layer(self._attempts(made, scope, default), "decorator", span, path, self._flaw(made, scope, path))

    def _attempts(self, call: ir.Call, scope: Scope, default: float | None) -> float | None:
        for place in _ATTEMPTS:
            for handed in argument(self.resolver, call, scope, place).found:
                return self.numbers.number(handed.expr, handed.scope)
        for place in _RETRIES:
            for handed in argument(self.resolver, call, scope, place).found:
                number = self.numbers.number(handed.expr, handed.scope)
                return None if number is None else number + 1
        for handed in argument(self.resolver, call, scope, "stop").found:
            stops = [number for part in expressions(handed.expr) if (number := self._stop(part, handed.scope)) is not None]
            return min(stops, default=None)
        timed = any(
            argument(self.resolver, call, scope, place).found for place in ("max_time", "deadline", "stop_max_delay", "timeout")
        )
        return _SOME if timed and default == math.inf else default

    def _stop(self, expr: ir.Expr, scope: Scope) -> float | None:
        return next((n for value in self.resolver.values(expr, scope) if (n := self._stop_value(value)) is not None), None)

    def _stop_value(self, value: Value) -> float | None:
        if not isinstance(value, External) or not value.steps:
            return None
        step = value.steps[-1]
        if step.path.endswith("stop_after_attempt"):
            found = argument(self.resolver, step.call, step.scope, "max_attempt_number").found
            handed = found or argument(self.resolver, step.call, step.scope, 0).found
            return self.numbers.number(handed[0].expr, handed[0].scope) if handed else None
        return _SOME if step.path.endswith(("stop_after_delay", "stop_before_delay")) else None

    def _flaw(self, call: ir.Call, scope: Scope, path: str) -> str:
        """Retrying whatever is raised repeats errors that cannot pass, and pays for each."""
        if path.startswith("google.api_core"):
            return ""
        lookups = [argument(self.resolver, call, scope, place) for place in (*_FILTERS, "exception", "giveup")]
        if path.startswith(("backoff", "retry.")):
            lookups.append(argument(self.resolver, call, scope, 1 if path.startswith("backoff") else 0))
        filters = [handed for lookup in lookups for handed in lookup.found]
        if argument(self.resolver, call, scope, "giveup").found:
            return ""
        return UNFILTERED if not filters or any(self._takes_all(handed.expr) for handed in filters) else ""

    @staticmethod
    def _takes_all(expr: ir.Expr) -> bool:
        """`Exception`, or `retry_if_exception_type(Exception)`."""
        return any(last(part) in ("Exception", "BaseException") for part in expressions(expr))

    # ---------------------------------------------------------------------------------------------------- wrappers

    def _wrapper(self, outer: Site) -> Iterator[Layer]:
        """A call that repeats the function it is given."""
        for value in self.resolver.values(outer.call.callee, outer.scope):
            if not isinstance(value, External):
                continue
            path = f"{value.path}.__call__" if value.made else value.path
            if path in _WRAPPERS:
                maker = value.steps[-1] if value.made and value.steps else None
                call, scope = (maker.call, maker.scope) if maker is not None else (outer.call, outer.scope)
                flaw = self._flaw(call, scope, path) if maker is not None else self._wrapper_flaw(call, scope)
                yield Layer(
                    self._attempts(call, scope, _WRAPPERS[path]), "scope", span_at(outer.scope, outer.call.line), path, flaw
                )
                return
        for routine in self.around.routines(outer.call.callee, outer.scope):
            yield from self._repeated(routine, outer.call.line, outer.scope)

    def _wrapper_flaw(self, call: ir.Call, scope: Scope) -> str:
        """The wrapped function of these libraries stops the retries itself: `bail(error)`, `throw new AbortError(...)`."""
        filters: list[Lookup] = [argument(self.resolver, call, scope, place) for place in _FILTERS]
        if any(lookup.found for lookup in filters):
            return ""
        for part in call.args:
            if isinstance(part, ir.Lambda):
                names = {last(expr) for s, _ in statements(part.function.body) for expr in _parts(s)}
                if names & {"bail", "AbortError", "abort"}:
                    return ""
        return UNFILTERED

    def _repeated(self, routine: Scope, line: int, scope: Scope) -> Iterator[Layer]:
        """What a function of the program does with a function that it is given: loops and decorators around calling it."""
        names = _parameters(routine)
        for inner in _scopes_in(routine):
            for site in inner.sites:
                if last(site.call.callee) in names and not isinstance(site.call.callee, ir.Member):
                    for layer in (
                        *self.loops.of(site),
                        *self._retrying_loops(site),
                        *(self._decorators(inner) if inner is not routine else ()),
                    ):
                        yield Layer(layer.attempts, "decorator", span_at(scope, line), routine.name or "a wrapper", layer.flaw)
                    return

    def _retrying_loops(self, site: Site) -> Iterator[Layer]:
        """`for attempt in Retrying(...)`, `for attempt in stamina.retry_context(...)`."""
        for loop in site.context.loops:
            for value in self.resolver.values(loop.iterable, site.scope) if loop.target is not None else ():
                if isinstance(value, External) and value.steps and (value.path in _ENDLESS or value.path in _BOUNDED):
                    yield self._retry(value.steps[-1].call, value.steps[-1].scope, value.path)
                    break


def _parameters(routine: Scope) -> set[str]:
    """The names under which a function, or one of the functions in it, is given something to call."""
    return {
        name
        for scope in _scopes_in(routine)
        for name, bindings in scope.bindings.items()
        if any(isinstance(binding, Argument) and binding.parameter.kind == "plain" for binding in bindings)
    }


def _scopes_in(scope: Scope) -> Iterator[Scope]:
    stack = [scope]
    while stack:
        current = stack.pop()
        yield current
        stack.extend(current.children)


def _parts(statement: ir.Statement) -> Iterator[ir.Expr]:
    match statement:
        case ir.Do(value=value) | ir.Return(value=value) | ir.Raise(value=value) | ir.Assign(value=value) if value is not None:
            yield from expressions(value)
        case _:
            return


def _awaits(scope: Scope) -> bool:
    return any(isinstance(part, ir.Await) for statement, _ in statements(scope.node.body) for part in _parts(statement))
