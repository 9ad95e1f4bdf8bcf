"""Entry points as facts: what they reach, who may call them, and how often."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from readiness.collect import ir
from readiness.collect.link.found import FoundCall
from readiness.collect.link.resolve import Resolver
from readiness.collect.link.scopes import Scope
from readiness.collect.link.spans import span_at
from readiness.collect.link.values import External, Routine
from readiness.collect.link.walk import expressions, own
from readiness.collect.trust.routes_entries import Entry
from readiness.collect.trust.routes_reach import Reach
from readiness.knowledge.dotted import Patterns
from readiness.knowledge.routes import EntryKind, Frameworks
from readiness.model import Route

_DEPTH: Final = 3
"""Calls followed from a handler into the program when its protection is looked for."""
_UNATTENDED: Final = frozenset({EntryKind.QUEUE})
_REFUSED: Final = frozenset({401, 403})
_TOO_MANY: Final = 429


@dataclass(frozen=True, slots=True)
class Exposure:
    """For a model call: the entry points that reach it, and whether somebody waits for the answer."""

    routes: tuple[str, ...]
    interactive: bool


def exposures(calls: tuple[FoundCall, ...], reach: Reach) -> Mapping[str, Exposure]:
    """How each call is reached, by call id; somebody is taken to wait unless only queues and schedules lead to it."""
    found: dict[str, Exposure] = {}
    for call in calls:
        leading = reach.from_entries(call.site.scope)
        routes = tuple(dict.fromkeys(entry.path for entry in leading if entry.kind is not EntryKind.CLI))
        waits = not leading or any(entry.kind not in _UNATTENDED for entry in leading)
        found[call.id] = Exposure(routes, waits)
    return found


def routes(calls: tuple[FoundCall, ...], reach: Reach, frameworks: Frameworks) -> tuple[Route, ...]:
    """Every entry point that others can call, with the calls it reaches; the command line is none."""
    reached: dict[int, list[str]] = {}
    for call in calls:
        for entry in reach.from_entries(call.site.scope):
            reached.setdefault(id(entry.scope), []).append(call.id)
    protection = _Protection(reach.resolver, frameworks)
    found = [
        _route(entry, tuple(reached.get(id(entry.scope), ())), protection)
        for entry in reach.entries.values()
        if entry.kind is not EntryKind.CLI
    ]
    return tuple(sorted(found, key=lambda route: (route.span, route.path)))


def _route(entry: Entry, reaches: tuple[str, ...], protection: _Protection) -> Route:
    line = entry.scope.node.line if isinstance(entry.scope.node, ir.Function) else 1
    return Route(
        span_at(entry.scope, line),
        entry.scope.module.scope,
        entry.framework,
        entry.path,
        protection.authenticated(entry),
        protection.limited(entry),
        reaches,
    )


class _Protection:
    """Looks around and inside a handler, and at what its application installs, for who may call and how often."""

    def __init__(self, resolver: Resolver, frameworks: Frameworks) -> None:
        self.resolver = resolver
        self.frameworks = frameworks
        self._modules: dict[tuple[str, bool], bool] = {}

    def authenticated(self, entry: Entry) -> str:
        if entry.kind is EntryKind.BOT:
            return "yes"  # the chat service vouches for the sender
        return self._found(entry, self.frameworks.authentication, _REFUSED)

    def limited(self, entry: Entry) -> str:
        return self._found(entry, self.frameworks.limiting, frozenset({_TOO_MANY}))

    def _found(self, entry: Entry, known: Patterns[bool], codes: frozenset[int]) -> str:
        around = [*entry.around, *_defaults(entry.scope)]
        if any(self._protects(expr, scope, known, codes) for expr, scope in around):
            return "yes"
        if self._inside(entry.scope, known, codes, _DEPTH, set()):
            return "yes"
        if self._installed(entry.scope, known, codes):
            return "yes"
        return "unresolved" if self._foreign(entry) else "no"

    def _protects(self, expr: ir.Expr, scope: Scope, known: Patterns[bool], codes: frozenset[int]) -> bool:
        for part in expressions(expr):
            for value in self.resolver.values(part, scope) if isinstance(part, ir.Name | ir.Member | ir.Call) else ():
                if isinstance(value, External) and value.path in known:
                    return True
                if isinstance(value, Routine) and self._inside(value.scope, known, codes, 2, set()):
                    return True
        return False

    def _inside(self, scope: Scope, known: Patterns[bool], codes: frozenset[int], depth: int, seen: set[int]) -> bool:
        """Whether code of `scope`, or of a function it calls, asks a known protector or refuses with one of `codes`."""
        if depth < 0 or id(scope) in seen:
            return False
        seen.add(id(scope))
        if any(self._refuses(site.call, codes) for site in scope.sites):
            return True
        if any(self._protects(expr, at, known, frozenset()) for expr, at in _defaults(scope)):
            return True
        for site in scope.sites:
            for value in self.resolver.values(site.call.callee, site.scope):
                if isinstance(value, External) and value.path in known:
                    return True
                if isinstance(value, Routine) and self._inside(value.scope, known, codes, depth - 1, seen):
                    return True
        return False

    @staticmethod
    def _refuses(call: ir.Call, codes: frozenset[int]) -> bool:
        """A call that carries an HTTP status of refusal: `HTTPException(401)`, `res.status(401)`, `{status: 403}`."""
        for part in expressions(call):
            if (
                isinstance(part, ir.Literal)
                and isinstance(part.value, int)
                and not isinstance(part.value, bool)
                and part.value in codes
            ):
                return True
            if isinstance(part, ir.Member) and any(part.name.startswith(f"HTTP_{code}") for code in codes):
                return True
        return False

    def _installed(self, scope: Scope, known: Patterns[bool], codes: frozenset[int]) -> bool:
        """Middleware and router-wide dependencies, in the handler's module or the module that makes the application."""
        module = scope.module
        key = (module.path, bool(codes & _REFUSED))
        if key not in self._modules:
            self._modules[key] = any(
                self._protects(expr, site.scope, known, codes)
                for other in self.resolver.program.modules.values()
                if other.code.language == module.code.language
                for site in other.root.sites
                for expr in _installs(site.call)
                if other is module or _is_application(site.call)
            )
        return self._modules[key]

    def _foreign(self, entry: Entry) -> bool:
        """Whether a decorator or wrapper of another package stands around the handler: it may protect."""
        around = [expr for expr, _ in entry.around]
        return len(around) > 1 and any(
            isinstance(value, External) and self.frameworks.decorators.get(value.path) is None and not value.path.startswith("?")
            for expr, scope in entry.around
            for value in self.resolver.values(expr.callee if isinstance(expr, ir.Call) else expr, scope)
            if not isinstance(expr, ir.Lambda | ir.Literal | ir.Mapping)
        )


_INSTALLERS: Final = frozenset({"add_middleware", "use", "include_router", "before_request", "middleware", "register", "addHook"})


def _installs(call: ir.Call) -> Iterator[ir.Expr]:
    name = call.callee.name if isinstance(call.callee, ir.Member) else call.callee.id if isinstance(call.callee, ir.Name) else ""
    if name in _INSTALLERS:
        yield from call.args
    yield from (keyword.value for keyword in call.keywords if keyword.name in ("dependencies", "middleware", "preHandler"))


def _is_application(call: ir.Call) -> bool:
    return isinstance(call.callee, ir.Member) and call.callee.name in _INSTALLERS


def _defaults(scope: Scope) -> Iterator[tuple[ir.Expr, Scope]]:
    """Defaults and annotations of parameters, where injected dependencies stand."""
    node = scope.node
    if isinstance(node, ir.Function):
        outer = scope.parent or scope
        for parameter in node.parameters:
            for expr in (parameter.default, parameter.annotation):
                if expr is not None:
                    yield expr, outer


def reads(statement: ir.Statement) -> Iterator[ir.Expr]:
    """Every expression inside a statement's own expressions."""
    for expr in own(statement):
        yield from expressions(expr)
