"""What bounds a model call: its timeout, its retries over all layers, its output cap."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final

from readiness.collect.calls.limits_around import Around, last
from readiness.collect.calls.limits_deadlines import Deadlines
from readiness.collect.calls.limits_loops import Layer
from readiness.collect.calls.limits_numbers import MILLISECONDS, Numbers
from readiness.collect.calls.limits_options import is_open
from readiness.collect.calls.limits_retries import Retries
from readiness.collect.link.arguments import argument
from readiness.collect.link.found import CallFinder, FoundCall, Variant
from readiness.collect.link.handed import Handed
from readiness.collect.link.scopes import Imported, Scope
from readiness.model import Setting, SettingState

_CLIENTS: Final = ("http_client", "http_async_client", "httpx_client", "session", "httpAgent")
"""Arguments that hand a client of an HTTP library to one of an SDK, whose own timeout then applies."""

_ROUTERS: Final = frozenset({"litellm"})
"""SDKs that hand requests to the clients of others, whose retries then apply."""
_OPENAI_PROVIDERS: Final = frozenset({"openai", "azure"})
_OPENAI_RETRIES: Final = 2.0
"""openai's DEFAULT_MAX_RETRIES, which litellm passes on as it is (litellm.constants.DEFAULT_MAX_RETRIES)."""


@dataclass(frozen=True, slots=True)
class _Found:
    """One argument that carries a limit."""

    handed: Handed
    layer: str
    place: str


class Limits:
    """Answers for the limits of found calls."""

    def __init__(self, finder: CallFinder) -> None:
        self.finder = finder
        self.resolver = finder.resolver
        self.numbers = Numbers(finder.resolver)
        around = Around(finder.resolver)
        self.deadlines = Deadlines(around, self.numbers)
        self.layers = Retries(around, self.numbers)
        self._assigned: dict[tuple[str, str], Handed] | None = None

    # --------------------------------------------------------------------------------------------------- timeouts

    def timeout(self, found: FoundCall) -> Setting:
        """The bound on one call, in seconds: the tightest of what its own layers and the code around it set, else the library's."""
        own = self._weakest([self._own_timeout(variant) for variant in found.variants], largest=True)
        around = self.deadlines.of(found.site)
        if own is not None and own.state is SettingState.SET:
            tighter = around is not None and around.value is not None and own.value is not None and around.value < own.value
            return around if tighter and around is not None else own
        return around or own or self._of_module(found, ("request_timeout", "timeout")) or self._library(found, "timeout")

    def _own_timeout(self, variant: Variant) -> Setting | None:
        undecided = False
        for role in ("timeout", "timeout_ms"):
            carried, open_ = self._carried(variant, role)
            undecided = undecided or open_
            for each in carried:
                setting = self._duration(each, role)
                if setting is not None:
                    return setting
        through = self._http_client(variant)
        if through is None and undecided and self._is_open(variant):
            return Setting(SettingState.UNRESOLVED, layer="call", note="may be passed on through **kwargs")
        return through

    def _duration(self, each: _Found, role: str) -> Setting | None:
        """None for a signal that somebody's click or disconnection aborts."""
        unit = MILLISECONDS if role == "timeout_ms" or _counts_milliseconds(each) else 1.0
        setting = self.numbers.setting(each.handed, each.layer, unit)
        if setting.state is SettingState.SET and (setting.value is None or setting.value > 0):
            return setting
        if setting.state is SettingState.UNRESOLVED and _is_signal(each):
            return self.deadlines.aborted(each.handed)
        return (
            setting
            if setting.state is not SettingState.SET
            else replace(setting, state=SettingState.DISABLED, value=None, note="is zero")
        )

    def _http_client(self, variant: Variant) -> Setting | None:
        for link in variant.links:
            for name in _CLIENTS:
                for handed in argument(self.resolver, link.step.call, link.step.scope, f"{name}.timeout").found:
                    return self.numbers.setting(handed, "client")
        return None

    # --------------------------------------------------------------------------------------------------- retries

    def retries(self, found: FoundCall, provider: str) -> Setting:
        """What follows a failed first attempt, multiplied over SDK, decorators and loops.

        Args:
            found: the call.
            provider: who serves its model; "unknown" where that is not known.
        """
        layers = list(self.layers.of(found.site))
        inner = self._inner_retries(found)
        if inner.state is SettingState.LIBRARY and found.entry.sdk in _ROUTERS:
            inner = replace(inner, value=_behind(provider, inner.value))
        return _multiplied(inner, layers) if layers else inner

    def _inner_retries(self, found: FoundCall) -> Setting:
        own = self._weakest([self._own_retries(variant) for variant in found.variants], largest=False)
        return own or self._of_module(found, ("num_retries", "max_retries")) or self._library(found, "retries")

    def _own_retries(self, variant: Variant) -> Setting | None:
        """`retries` follow the first attempt; `attempts` count it."""
        setting = self._role(variant, "retries")
        if setting is not None:
            return setting
        setting = self._role(variant, "attempts")
        return setting if setting is None or setting.value is None else replace(setting, value=max(setting.value - 1, 0.0))

    # ------------------------------------------------------------------------------------------------------ caps

    def cap(self, found: FoundCall) -> Setting:
        """The cap on output tokens; one below 1 means no cap."""
        own = self._weakest([self._role(variant, "cap") for variant in found.variants], largest=True)
        if own is not None and own.value is not None and own.value < 1:
            return replace(own, state=SettingState.DISABLED, value=None, note="means no limit")
        return own or self._of_module(found, ("max_tokens",)) or self._library(found, "cap")

    # ---------------------------------------------------------------------------------------------------- layers

    def _role(self, variant: Variant, role: str) -> Setting | None:
        carried, undecided = self._carried(variant, role)
        for each in carried:
            return self.numbers.setting(each.handed, each.layer)
        if undecided and self._is_open(variant):
            return Setting(SettingState.UNRESOLVED, layer="call", note="may be passed on through **kwargs")
        return None

    def _carried(self, variant: Variant, role: str) -> tuple[list[_Found], bool]:
        """The arguments of the nearest layer that has any for a role, and whether an unknown `**kwargs` could carry it."""
        undecided = False
        for position, link in enumerate(variant.links):
            for place in link.entry.role(role):
                lookup = argument(self.resolver, link.step.call, link.step.scope, place)
                if lookup.found:
                    layer = "call" if position == 0 else "client"
                    return [_Found(handed, layer, str(place)) for handed in lookup.found], undecided
                undecided = undecided or lookup.open
        return [], undecided

    def _is_open(self, variant: Variant) -> bool:
        """Whether options come from callers outside the repository: what no file of it sets is not set."""
        return any(is_open(self.resolver, link.step.call, link.step.scope) for link in variant.links)

    @staticmethod
    def _weakest(settings: list[Setting | None], *, largest: bool) -> Setting | None:
        """The setting of the variant that is bounded least; None where one has none at all."""
        known = [setting for setting in settings if setting is not None]
        if len(known) < len(settings):
            return None
        sign = -1.0 if largest else 1.0
        key: Callable[[Setting], tuple[bool, float]] = lambda s: (s.state is SettingState.SET, sign * (s.value or 0.0))  # noqa: E731
        return min(known, key=key)

    def _of_module(self, found: FoundCall, names: tuple[str, ...]) -> Setting | None:
        """A setting assigned to the SDK's module (`litellm.request_timeout = 60`)."""
        root = found.variants[0].path.split(".", 1)[0]
        for name in names:
            handed = self._module_settings().get((root, name))
            if handed is not None:
                return self.numbers.setting(handed, "client")
        return None

    def _module_settings(self) -> dict[tuple[str, str], Handed]:
        if self._assigned is None:
            self._assigned = {}
            for scope in self.resolver.program.scopes():
                for name, added in scope.entries.items():
                    root = self._module(name, scope) if scope.module.scope.value == "production" else ""
                    for each in added if root else ():
                        self._assigned.setdefault((root, each.key), Handed(each.expr, scope))
        return self._assigned

    def _module(self, name: str, scope: Scope) -> str:
        """The package that a name is bound to as a whole, '' for anything else."""
        for binding in self.resolver.bindings(name, scope):
            if isinstance(binding, Imported) and not binding.node.name:
                return binding.node.module.split(".", 1)[0]
        return ""

    def _library(self, found: FoundCall, name: str) -> Setting:
        """The default of the library; the note says so where every variant disables it by default."""
        defaults = [self._default(variant, name) for variant in found.variants]
        known = [value for value in defaults if value is not None]
        if name != "retries" and not known and all(self._is_unseen(variant) for variant in found.variants):
            return Setting(SettingState.UNRESOLVED, layer="client", note="its client is made where it could not be followed")
        weakest = (min if name == "retries" else max)(known, default=None)
        return Setting(SettingState.LIBRARY, weakest if len(known) == len(defaults) else None, "library")

    def _is_unseen(self, variant: Variant) -> bool:
        """Whether the client is known by its type, or by the name of a method alone, and nothing tells how it is made."""
        match = self.finder.catalog.match(variant.path)
        name, entry = match.steps[0] if match is not None and match.steps else ("", None)
        typed = entry is not None and entry.is_type and name.rpartition(".")[2][:1].isupper()
        return (typed or variant.path.startswith("?.")) and not any(link.entry.is_type for link in variant.links)

    def _default(self, variant: Variant, name: str) -> float | None:
        """The default of the nearest layer that names one; of a client that only its type tells, that of the type."""
        match = self.finder.catalog.match(variant.path)
        typed = [entry for _, entry in reversed(match.steps)] if match is not None else []
        for entry in (*(link.entry for link in variant.links), *typed):
            if entry.defaults and name in entry.defaults:
                value = entry.defaults[name]
                return float(value) if isinstance(value, int | float) else None
        return None


def _behind(provider: str, default: float | None) -> float | None:
    """The retries of the client that a router sends its requests with."""
    if default or provider in _OPENAI_PROVIDERS:
        return default or _OPENAI_RETRIES
    return None if provider == "unknown" else default


def _multiplied(inner: Setting, layers: list[Layer]) -> Setting:
    """One setting for an SDK's retries under the layers around them."""
    attempts: float | None = (inner.value or 0.0) + 1
    for layer in layers:
        attempts = None if attempts is None or layer.attempts is None else attempts * layer.attempts
    flaw = next((layer.flaw for layer in layers if layer.flaw), "")
    endless = any(layer.attempts is not None and math.isinf(layer.attempts) for layer in layers)
    retries = math.inf if endless else None if attempts is None else attempts - 1
    return replace(layers[0].setting(retries), flaw=flaw)


def _counts_milliseconds(each: _Found) -> bool:
    """JavaScript's libraries count milliseconds unless the argument's name says otherwise."""
    language = each.handed.scope.module.code.language
    return language == "typescript" and "second" not in each.place.lower()


def _is_signal(each: _Found) -> bool:
    return each.place.lower().endswith("signal") or last(each.handed.expr) in ("signal", "abortSignal")
