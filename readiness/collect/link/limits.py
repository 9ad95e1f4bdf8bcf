"""What bounds a model call: its timeout, its retries over all layers, its output cap."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from readiness.collect import ir
from readiness.collect.link.arguments import Handed, argument
from readiness.collect.link.found import CallFinder, FoundCall, Variant
from readiness.collect.link.scopes import Scope, Site
from readiness.collect.link.spans import span_at
from readiness.collect.link.values import Constant, External, Value
from readiness.collect.link.walk import expressions, own, statements
from readiness.model import Setting, SettingState

_DEADLINES: Final = frozenset({
    "asyncio.timeout", "asyncio.timeout_at", "async_timeout.timeout", "anyio.fail_after", "anyio.move_on_after", "trio.fail_after",
    "trio.move_on_after", "func_timeout.func_timeout",
})  # fmt: skip
_WAITS: Final = frozenset({"asyncio.wait_for", "p-timeout.default", "promise-timeout.timeout"})
_RETRYING: Final = (
    "tenacity.retry", "tenacity.Retrying", "tenacity.AsyncRetrying", "backoff.on_exception", "stamina.retry", "retry.retry",
    "retrying.retry", "retry_async.retry",
)  # fmt: skip
_RETRY_WRAPPERS: Final = ("p-retry.default", "async-retry.default", "ts-retry-promise.retry", "exponential-backoff.backOff")
_HOPS: Final = 4
_MILLISECOND: Final = 0.001


class Limits:
    """Answers for the limits of found calls."""

    def __init__(self, finder: CallFinder) -> None:
        self.finder = finder
        self.resolver = finder.resolver

    # ---------------------------------------------------------------------------------------------------- numbers

    def _role(self, found: FoundCall, role: str, scale: float = 1.0) -> Setting | None:
        """The setting that a role's arguments make, weakest variant first; None where no variant has it."""
        settings = [self._variant_role(variant, role, scale) for variant in found.variants]
        known = [setting for setting in settings if setting is not None]
        if len(known) < len(settings):
            return None
        return min(known, key=lambda setting: (setting.state is SettingState.SET, setting.value or 0.0))

    def _variant_role(self, variant: Variant, role: str, scale: float) -> Setting | None:
        carried = self.finder.role(variant, role)
        for handed in carried.found:
            return self._number(handed, carried.layer, scale)
        if carried.open:
            return Setting(SettingState.UNRESOLVED, layer="call", note="may be passed on through **kwargs")
        return None

    def _number(self, handed: Handed, layer: str, scale: float) -> Setting:
        span = span_at(handed.scope, handed.line)
        values = self.resolver.values(handed.expr, handed.scope)
        numbers = [
            number if _is_signal(value) else number * scale for value in values if (number := self._as_number(value)) is not None
        ]
        if numbers:
            return Setting(SettingState.SET, max(numbers), layer, span)
        if all(isinstance(value, Constant) and value.value is None for value in values):
            return Setting(SettingState.DISABLED, None, layer, span, "is None")
        return Setting(SettingState.UNRESOLVED, None, layer, span, "its value could not be resolved")

    def _as_number(self, value: Value) -> float | None:
        match value:
            case Constant(value=bool()):
                return None
            case Constant(value=int() | float() as number):
                return float(number)
            case Constant(value=str() as text):
                return _parsed(text)
            case External(steps=(*_, step)) if value.made:
                return self._made_number(step.call, step.scope)
            case _:
                return None

    def _made_number(self, call: ir.Call, scope: Scope) -> float | None:
        """`httpx.Timeout(30)`, `AbortSignal.timeout(30_000)` (milliseconds), `int(os.getenv(...))`."""
        places: tuple[str | int, ...] = ("timeout", "read", "total", "sock_read", 0)
        scale = _MILLISECOND if _is_abort(call) else 1.0
        for place in places:
            for handed in argument(self.resolver, call, scope, place).found:
                for value in self.resolver.values(handed.expr, handed.scope):
                    number = self._as_number(value)
                    if number is not None:
                        return number * scale
        return None

    # --------------------------------------------------------------------------------------------------- timeouts

    def timeout(self, found: FoundCall) -> Setting:
        """The bound on one call, in seconds, whichever layer sets it first: call, client, deadline around it, library."""
        setting = self._role(found, "timeout", _unit(found)) or self._role(found, "timeout_ms", _MILLISECOND)
        if setting is not None and setting.state is SettingState.SET:
            return setting
        around = self._deadline(found.site, 0)
        if around is not None:
            return around
        if setting is not None:
            return setting
        overall = self._module_setting(found, ("request_timeout", "timeout"))
        return overall or self._library(found, "timeout")

    def _deadline(self, site: Site, hops: int) -> Setting | None:
        """A deadline around the call, or around every known call of the function it is in."""
        for value in site.context.withs:
            if isinstance(value, ir.Call) and self._is(value.callee, site.scope, _DEADLINES):
                return self._deadline_setting(value, site.scope, 0)
        for outer in (expr for part in own(site.statement) for expr in expressions(part)):
            if (
                isinstance(outer, ir.Call)
                and outer is not site.call
                and self._is(outer.callee, site.scope, _WAITS)
                and _holds(outer, site.call)
            ):
                return self._deadline_setting(outer, site.scope, 1)
        if hops >= _HOPS or site.scope.function is None:
            return None
        callers = self.resolver.callers(site.scope)
        found = [self._deadline(caller, hops + 1) for caller in callers if caller.scope.module.scope.value == "production"]
        known = [setting for setting in found if setting is not None]
        return known[0] if known and len(known) == len(found) else None

    def _deadline_setting(self, call: ir.Call, scope: Scope, position: int) -> Setting:
        for place in ("timeout", "delay", "seconds", position):
            for handed in argument(self.resolver, call, scope, place).found:
                return self._number(handed, "scope", _MILLISECOND if _is_typescript(scope) else 1.0)
        return Setting(SettingState.UNRESOLVED, None, "scope", span_at(scope, call.line))

    def _is(self, callee: ir.Expr, scope: Scope, names: frozenset[str]) -> bool:
        return any(isinstance(value, External) and value.path in names for value in self.resolver.values(callee, scope))

    def _module_setting(self, found: FoundCall, names: tuple[str, ...]) -> Setting | None:
        """A setting assigned to the SDK's module (`litellm.request_timeout = 60`)."""
        root = found.variants[0].path.split(".", 1)[0]
        for module in self.resolver.program.modules.values():
            for added in module.root.entries.get(root, ()):
                if added.key in names:
                    return self._number(Handed(added.expr, module.root), "client", 1.0)
        return None

    def _library(self, found: FoundCall, name: str) -> Setting:
        defaults = [self._default(variant, name) for variant in found.variants]
        if any(value is None for value in defaults):
            return Setting(SettingState.LIBRARY, None, "library")
        return Setting(SettingState.LIBRARY, max(value for value in defaults if value is not None), "library")

    @staticmethod
    def _default(variant: Variant, name: str) -> float | None:
        for link in variant.links:
            if link.entry.defaults and name in link.entry.defaults:
                value = link.entry.defaults[name]
                return float(value) if isinstance(value, int | float) else None
        return None

    # --------------------------------------------------------------------------------------------------- retries

    def retries(self, found: FoundCall) -> Setting:
        """What follows a failed first attempt, multiplied over SDK, decorators and loops."""
        setting = (
            self._role(found, "retries")
            or self._further_attempts(found)
            or self._module_setting(found, ("num_retries", "max_retries"))
            or self._library(found, "retries")
        )
        layers = list(self._retry_layers(found.site, 0))
        if not layers:
            return setting
        inner = 0.0 if setting.state is SettingState.DISABLED else (setting.value or 0.0)
        attempts = inner + 1
        for layer in layers:
            if layer.value is None:
                return Setting(SettingState.SET, inner or None, layer.layer, layer.span, layer.note, layer.flaw)
            attempts *= layer.value
        flaw = next((layer.flaw for layer in layers if layer.flaw), "")
        return Setting(SettingState.SET, attempts - 1, layers[0].layer, layers[0].span, layers[0].note, flaw)

    def _further_attempts(self, found: FoundCall) -> Setting | None:
        """Retries where the SDK counts attempts, the first among them."""
        setting = self._role(found, "attempts")
        return setting if setting is None or setting.value is None else replace(setting, value=max(setting.value - 1, 0.0))

    def _retry_layers(self, site: Site, hops: int) -> Iterator[Setting]:
        """Layers that repeat the call, `value` being their attempts (None when it is not known)."""
        yield from self._loops(site)
        function = site.scope.function
        if function is not None:
            for decorator in function.decorators:
                layer = self._retry_call(decorator, site.scope.parent or site.scope)
                if layer is not None:
                    yield layer
        for outer in (expr for part in own(site.statement) for expr in expressions(part)):
            if isinstance(outer, ir.Call) and self._is(outer.callee, site.scope, frozenset(_RETRY_WRAPPERS)):
                yield self._wrapper(outer, site.scope)
        if hops < 2 and function is not None:
            callers = [c for c in self.resolver.callers(site.scope) if c.scope.module.scope.value == "production"]
            if len(callers) == 1:
                yield from self._retry_layers(callers[0], hops + 1)

    def _retry_call(self, decorator: ir.Expr, scope: Scope) -> Setting | None:
        call = decorator if isinstance(decorator, ir.Call) else None
        callee = call.callee if call is not None else decorator
        paths = [value.path for value in self.resolver.values(callee, scope) if isinstance(value, External)]
        if not any(path in _RETRYING for path in paths):
            return None
        span = span_at(scope, decorator.line)
        if call is None:
            return Setting(SettingState.SET, math.inf, "decorator", span, "retries without end", "unfiltered")
        return Setting(
            SettingState.SET, self._attempts(call, scope, paths[0]), "decorator", span, paths[0], self._flaw(call, scope, paths[0])
        )

    def _attempts(self, call: ir.Call, scope: Scope, path: str) -> float | None:
        for place in ("max_tries", "attempts", "tries", "stop_max_attempt_number", "max_attempts"):
            for handed in argument(self.resolver, call, scope, place).found:
                return self._number(handed, "decorator", 1.0).value
        for handed in argument(self.resolver, call, scope, "stop").found:
            return next(
                (n for value in self.resolver.values(handed.expr, handed.scope) if (n := self._stop(value)) is not None), None
            )
        for handed in argument(self.resolver, call, scope, "max_time").found:
            return 5.0 if handed else None
        return math.inf if path.startswith(("tenacity", "backoff", "retrying", "retry.")) else 10.0

    def _stop(self, value: Value) -> float | None:
        if isinstance(value, External) and value.steps:
            step = value.steps[-1]
            if step.path.endswith("stop_after_attempt"):
                return self._made_number_of(step.call, step.scope)
            if step.path.endswith("stop_after_delay"):
                return 5.0
        return None

    def _made_number_of(self, call: ir.Call, scope: Scope) -> float | None:
        for place in ("max_attempt_number", 0):
            for handed in argument(self.resolver, call, scope, place).found:
                return self._number(handed, "decorator", 1.0).value
        return None

    def _flaw(self, call: ir.Call, scope: Scope, path: str) -> str:
        """Retrying whatever is raised repeats errors that cannot pass, and pays for each."""
        if path.startswith("backoff"):
            handed = argument(self.resolver, call, scope, 1).found or argument(self.resolver, call, scope, "exception").found
            names = [_last(h.expr) for h in handed]
            return "unfiltered" if any(name in ("Exception", "BaseException") for name in names) else ""
        filters = argument(self.resolver, call, scope, "retry").found or argument(self.resolver, call, scope, "on").found
        return "" if filters else "unfiltered"

    def _wrapper(self, call: ir.Call, scope: Scope) -> Setting:
        for place in ("retries", "numOfAttempts", "1.retries"):
            for handed in argument(self.resolver, call, scope, place).found:
                number = self._number(handed, "scope", 1.0)
                return Setting(SettingState.SET, (number.value or 0) + 1, "scope", number.span)
        return Setting(SettingState.SET, 10.0, "scope", span_at(scope, call.line))

    def _loops(self, site: Site) -> Iterator[Setting]:
        """A loop around a `try` around the call, where a caught failure goes round again."""
        for loop in site.context.loops[-1:]:
            inner = [attempt for attempt in site.context.tries if attempt in loop.body]
            handlers = [handler for attempt in inner for handler in attempt.handlers if not _gives_up(handler)]
            if not handlers:
                continue
            flaw = "unfiltered" if any(_catches_all(handler) for handler in handlers) else ""
            span = span_at(site.scope, loop.line)
            if loop.target is None:
                endless = isinstance(loop.iterable, ir.Literal) and loop.iterable.value is True
                yield Setting(
                    SettingState.SET,
                    math.inf if endless and not _leaves_somewhere(handlers) else None,
                    "scope",
                    span,
                    "a loop around the call",
                    flaw,
                )
            elif isinstance(loop.iterable, ir.Call) and _last(loop.iterable.callee) in ("range", "count") and loop.iterable.args:
                number = self._number(Handed(loop.iterable.args[-1], site.scope), "scope", 1.0)
                yield Setting(SettingState.SET, number.value, "scope", span, "a loop around the call", flaw)

    # ------------------------------------------------------------------------------------------------------ caps

    def cap(self, found: FoundCall) -> Setting:
        """The cap on output tokens."""
        setting = self._role(found, "cap")
        return setting if setting is not None else self._library(found, "cap")


def _parsed(text: str) -> float | None:
    try:
        number = float(text.strip().strip("\"'"))
    except ValueError:
        return None
    return number if math.isfinite(number) else None


def _unit(found: FoundCall) -> float:
    """Seconds that a plain number of the role `timeout` counts: milliseconds in TypeScript, unless the argument says seconds."""
    places = {str(place) for variant in found.variants for link in variant.links for place in link.entry.role("timeout")}
    return _MILLISECOND if _is_typescript(found.site.scope) and not any("econds" in place for place in places) else 1.0


def _is_typescript(scope: Scope) -> bool:
    return scope.module.code.language == "typescript"


def _is_signal(value: Value) -> bool:
    """Whether a value is an `AbortSignal.timeout(...)`, whose number has its unit already."""
    return isinstance(value, External) and value.made and bool(value.steps) and _is_abort(value.steps[-1].call)


def _is_abort(call: ir.Call) -> bool:
    """`AbortSignal.timeout(30_000)`: the one deadline that the language itself counts in milliseconds."""
    return isinstance(call.callee, ir.Member) and call.callee.name == "timeout" and _last(call.callee.base) == "AbortSignal"


def _holds(outer: ir.Expr, inner: ir.Call) -> bool:
    return any(expr is inner for expr in expressions(outer))


def _last(expr: ir.Expr) -> str:
    match expr:
        case ir.Name(id=name) | ir.Member(name=name):
            return name
        case _:
            return ""


def _gives_up(handler: ir.Handler) -> bool:
    last = handler.body[-1] if handler.body else None
    return isinstance(last, ir.Return | ir.Raise) or (isinstance(last, ir.Jump) and last.kind == "break")


def _leaves_somewhere(handlers: list[ir.Handler]) -> bool:
    return any(
        isinstance(s, ir.Raise | ir.Return) or (isinstance(s, ir.Jump) and s.kind == "break")
        for h in handlers
        for s, _ in statements(h.body)
    )


def _catches_all(handler: ir.Handler) -> bool:
    return handler.type is None or _last(handler.type) in ("Exception", "BaseException")
