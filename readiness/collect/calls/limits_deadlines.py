"""Deadlines around a call: scopes, waits, races, alarms and decorators, here or around every known caller."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from readiness.collect import ir
from readiness.collect.calls.limits_around import Around, arguments, dotted, is_named, last
from readiness.collect.calls.limits_numbers import MILLISECONDS, Numbers
from readiness.collect.link.arguments import argument
from readiness.collect.link.handed import Handed
from readiness.collect.link.scopes import Bound, Scope, Site
from readiness.collect.link.values import Structure
from readiness.collect.link.walk import expressions
from readiness.model import Setting, SettingState

HOPS: Final = 4
"""Functions between a call and the deadline around it: handler, service, helper, client."""
_SCOPES: Final = frozenset({
    "asyncio.timeout", "asyncio.timeout_at", "async_timeout.timeout", "anyio.fail_after", "anyio.move_on_after", "trio.fail_after",
    "trio.move_on_after", "stopit.ThreadingTimeout", "stopit.SignalTimeout", "timeout_decorator.timeout",
})  # fmt: skip
_WAITS: Final[Mapping[str, tuple[str, str | int, float]]] = {
    "asyncio.wait_for": ("timeout", 1, 1.0),
    "asyncio.wait": ("timeout", "timeout", 1.0),
    "func_timeout.func_timeout": ("timeout", 0, 1.0),
    "concurrent.futures.wait": ("timeout", 1, 1.0),
    "concurrent.futures.as_completed": ("timeout", 1, 1.0),
    "p-timeout.default": ("milliseconds", 1, MILLISECONDS),
    "promise-timeout.timeout": ("ms", 1, MILLISECONDS),
}
_DECORATORS: Final = frozenset(
    {"timeout_decorator.timeout", "wrapt_timeout_decorator.timeout", "func_timeout.func_set_timeout", "async_timeout.timeout"}
)
_ALARMS: Final = frozenset({"signal.alarm", "signal.setitimer"})
_FUTURES: Final = frozenset({"submit", "run_coroutine_threadsafe", "apply_async"})


class Deadlines:
    """Answers which deadline stands around a call."""

    def __init__(self, around: Around, numbers: Numbers) -> None:
        self.around = around
        self.numbers = numbers
        self._known: dict[int, Setting | None] = {}

    def of(self, site: Site, hops: int = 0) -> Setting | None:
        """The deadline around a call, or around every known call of the function it is in; None where there is none."""
        here = next(self._here(site), None)
        return here if here is not None else self._of_function(site.scope, hops)

    def _of_function(self, scope: Scope, hops: int) -> Setting | None:
        if scope.function is None or hops >= HOPS:
            return None
        if id(scope) not in self._known:
            self._known[id(scope)] = None  # what a function that calls itself does has to come from elsewhere
            self._known[id(scope)] = next(self._declared(scope), None) or self._beyond(scope, hops)
        return self._known[id(scope)]

    def _beyond(self, scope: Scope, hops: int) -> Setting | None:
        """What bounds every known use of a function."""
        users = (*self.around.callers(scope), *self.around.handed(scope))
        found = [self._waited(site) or self.of(site, hops + 1) for site in users]
        known = [setting for setting in found if setting is not None]
        return known[0] if known and len(known) == len(found) else None

    # ------------------------------------------------------------------------------------------------- one place

    def _here(self, site: Site) -> Iterator[Setting]:
        for value in site.context.withs:
            if isinstance(value, ir.Call) and _SCOPES.intersection(self.around.names(value.callee, site.scope)):
                yield from _some(self._bound(value, site.scope, ("delay", "timeout", "seconds", 0), 1.0))
        for outer in self.around.holding(site):
            yield from _some(self._waited(outer))
        yield from self._alarm(site)

    def _waited(self, outer: Site) -> Setting | None:
        """The bound of a call that waits for what it is given."""
        call, scope = outer.call, outer.scope
        for name in self.around.names(call.callee, scope):
            if name in _WAITS:
                keyword, position, unit = _WAITS[name]
                return self._bound(call, scope, (keyword, position), unit)
        if dotted(call.callee) == "Promise.race":
            return self._race(call, scope)
        if last(call.callee) in _FUTURES:
            return self._result(outer)
        return self._helper(outer)

    def _bound(self, call: ir.Call, scope: Scope, places: tuple[str | int, ...], unit: float) -> Setting | None:
        for place in places:
            for handed in argument(self.around.resolver, call, scope, place).found:
                return self.numbers.setting(handed, "scope", unit)
        return None

    def _alarm(self, site: Site) -> Iterator[Setting]:
        for other in site.scope.sites:
            if other.call.line < site.call.line and _ALARMS.intersection(self.around.names(other.call.callee, site.scope)):
                setting = self._bound(other.call, site.scope, ("seconds", 0, 1), 1.0)
                if setting is not None and setting.value:
                    yield setting

    def _result(self, submitted: Site) -> Setting | None:
        """`pool.submit(f).result(timeout=30)`, at once or through the name of the future."""
        name = (
            submitted.statement.target.id
            if isinstance(submitted.statement, ir.Assign) and isinstance(submitted.statement.target, ir.Name)
            else ""
        )
        for other in submitted.scope.sites:
            match other.call.callee:
                case ir.Member(base=base, name="result") if base is submitted.call or (name and is_named(base, name)):
                    found = argument(self.around.resolver, other.call, other.scope, "timeout").found
                    handed = found or argument(self.around.resolver, other.call, other.scope, 0).found
                    if handed:
                        return self.numbers.setting(handed[0], "scope")
                case _:
                    pass
        return None

    def _helper(self, outer: Site) -> Setting | None:
        """A function of the program that waits for one of its own parameters: `withTimeout(promise, 30_000)`."""
        for routine in self.around.routines(outer.call.callee, outer.scope):
            node = routine.function
            names = {parameter.name for parameter in node.parameters} if node is not None else set()
            for site in routine.sites:
                given = any(isinstance(expr, ir.Name) and expr.id in names for part in arguments(site.call) for expr in _deep(part))
                waits = dotted(site.call.callee) == "Promise.race" or any(
                    name in _WAITS for name in self.around.names(site.call.callee, routine)
                )
                if given and waits:
                    return self._waited(site)
        return None

    def _declared(self, scope: Scope) -> Iterator[Setting]:
        for decorator in scope.function.decorators if scope.function is not None else ():
            outer = scope.parent or scope
            if isinstance(decorator, ir.Call) and _DECORATORS.intersection(self.around.names(decorator.callee, outer)):
                yield from _some(self._bound(decorator, outer, ("seconds", "dec_timeout", "timeout", 0), 1.0))

    # ------------------------------------------------------------------------------------------------------ timers

    def _race(self, call: ir.Call, scope: Scope) -> Setting | None:
        """The timer among the promises that race."""
        for value in self.around.resolver.values(call.args[0], scope) if call.args else ():
            if isinstance(value, Structure) and isinstance(value.expr, ir.Sequence):
                for item in value.expr.items:
                    setting = self._timer(item, value.scope, 0)
                    if setting is not None:
                        return setting
        return None

    def _timer(self, expr: ir.Expr, scope: Scope, depth: int) -> Setting | None:
        """The delay of a `setTimeout` that an expression starts, itself or through a name or function."""
        for part in _deep(expr):
            match part:
                case ir.Call(callee=callee, args=(_, delay, *_)) if last(callee) == "setTimeout":
                    return self.numbers.setting(Handed(delay, _inner(scope, part)), "scope", MILLISECONDS)
                case ir.Call(callee=callee) if depth < HOPS:
                    for routine in self.around.routines(callee, scope):
                        for site in _all_sites(routine):
                            if last(site.call.callee) == "setTimeout" and len(site.call.args) > 1:
                                return self.numbers.setting(Handed(site.call.args[1], site.scope), "scope", MILLISECONDS)
                case ir.Name() if depth < HOPS:
                    for binding in self.around.resolver.bindings(part.id, scope):
                        found = self._timer(binding.expr, binding.scope, depth + 1) if isinstance(binding, Bound) else None
                        if found is not None:
                            return found
                case _:
                    pass
        return None

    def aborted(self, handed: Handed) -> Setting | None:
        """The delay after which code aborts the controller of a signal; None where only a button or a lost connection does."""
        name = _controller(handed.expr)
        scope: Scope | None = handed.scope
        while name and scope is not None:
            for site in scope.sites:
                if (
                    last(site.call.callee) == "setTimeout"
                    and len(site.call.args) > 1
                    and any(_aborts(part, name) for part in _deep(site.call.args[0]))
                ):
                    return self.numbers.setting(Handed(site.call.args[1], site.scope), "scope", MILLISECONDS)
            scope = scope.parent
        return None


def _some(setting: Setting | None) -> tuple[Setting, ...]:
    """Nothing for no setting, and for one that is switched off."""
    return () if setting is None or setting.state is SettingState.DISABLED else (setting,)


def _controller(expr: ir.Expr) -> str:
    match expr:
        case ir.Member(base=base, name="signal"):
            return last(base)
        case _:
            return ""


def _aborts(expr: ir.Expr, name: str) -> bool:
    return isinstance(expr, ir.Member) and expr.name == "abort" and last(expr.base) == name


def _deep(expr: ir.Expr) -> Iterator[ir.Expr]:
    """An expression and all in it, the bodies of lambdas too."""
    for part in expressions(expr):
        yield part
        if isinstance(part, ir.Lambda):
            for statement in part.function.body:
                for inner in _of_statement(statement):
                    yield from _deep(inner)


def _of_statement(statement: ir.Statement) -> tuple[ir.Expr, ...]:
    match statement:
        case ir.Do(value=value) | ir.Return(value=value) | ir.Assign(value=value) if value is not None:
            return (value,)
        case _:
            return ()


def _all_sites(scope: Scope) -> Iterator[Site]:
    stack = [scope]
    while stack:
        current = stack.pop()
        yield from current.sites
        stack.extend(current.children)


def _inner(scope: Scope, call: ir.Call) -> Scope:
    """The scope inside `scope` in which a call stands."""
    return next((site.scope for site in _all_sites(scope) if site.call is call), scope)
