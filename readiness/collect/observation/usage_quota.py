"""Quotas: limits on how much of a model may be used, after which calls are refused."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from readiness.collect import ir
from readiness.collect.link.arguments import argument
from readiness.collect.link.scopes import Bound, Scope, Site
from readiness.collect.link.spans import span_at, span_of
from readiness.collect.link.values import Constant, Routine
from readiness.collect.link.walk import expressions, own, statements
from readiness.collect.observation.tracing_ground import Ground
from readiness.collect.observation.tracing_reach import Standing
from readiness.collect.observation.usage_words import COUNT, LIMIT, REFUSAL, SPENT, owner, unit, words
from readiness.knowledge.quotas import Limiter, Quotas
from readiness.model import GENERATIVE, Quota

_REFUSED: Final = frozenset({429, 402})
"""Too Many Requests, Payment Required."""
_MESSAGE: Final = 120
"""Characters of a message that are read."""
_ORDER: Final = frozenset({">=", ">", "<", "<="})


class QuotaFinder:
    """Finds limits of known libraries, and comparisons that refuse before a model is called."""

    def __init__(self, ground: Ground, quotas: Quotas) -> None:
        self._resolver = ground.resolver
        self._named = ground.named
        self._reach = ground.reach
        self._quotas = quotas
        self._around: dict[int, Scope] = {}
        for found in ground.linked.calls:
            if found.kind in GENERATIVE:
                self._around.update(ground.reach.around(found))

    def found(self) -> tuple[Quota, ...]:
        """Every quota, ordered by place."""
        kept = {each.span: each for each in (*self._limiters(), *self._assignments(), *self._comparisons())}
        return tuple(kept[span] for span in sorted(kept))

    # ------------------------------------------------------------------------------------------------------- libraries

    def _limiters(self) -> Iterator[Quota]:
        for limiter in self._quotas.limiters:
            decorated = {id(scope) for scope in self._named.decorated(limiter.names)}
            for scope in self._around.values():
                if id(scope) in decorated and scope.function is not None:
                    yield Quota(
                        span_at(scope, scope.function.line), scope.module.scope, limiter.unit, limiter.per, note=limiter.tool
                    )
            for _, site in self._named.sites(limiter.names):
                inside = any(id(scope) in self._around for scope in _functions(site.scope))
                if inside or not limiter.region:
                    yield from self._limiter(limiter, site)

    def _limiter(self, limiter: Limiter, site: Site) -> Iterator[Quota]:
        if limiter.needs and not any(argument(self._resolver, site.call, site.scope, need).found for need in limiter.needs):
            return
        standing = self._reach.standing(site)
        if standing is not Standing.NEVER:
            yield Quota(span_of(site), site.scope.module.scope, limiter.unit, limiter.per, standing.value, limiter.tool)

    def _assignments(self) -> Iterator[Quota]:
        for limiter in self._quotas.assignments:
            for each in self._named.assigned(limiter.tool):
                on = (
                    self._reach.defaults.truth(each.value, each.site.scope) is not False
                    and self._reach.standing(each.site) is Standing.ON
                )
                yield Quota(
                    span_of(each.site),
                    each.site.scope.module.scope,
                    limiter.unit,
                    limiter.per,
                    "on" if on else "off_by_default",
                    limiter.tool,
                )

    # ----------------------------------------------------------------------------------------------------- comparisons

    def _comparisons(self) -> Iterator[Quota]:
        scopes = dict(self._around)
        for scope in self._around.values():
            for site in scope.sites:
                for value in self._resolver.values(site.call.callee, scope):
                    if isinstance(value, Routine):
                        scopes.setdefault(id(value.scope), value.scope)
        for scope in scopes.values():
            for statement, context in statements(scope.node.body):
                if isinstance(statement, ir.If) and _refuses(statement.body):
                    quota = self._compared(statement, scope, context.tests)
                    if quota is not None:
                        yield quota

    def _compared(self, branch: ir.If, scope: Scope, tests: tuple[tuple[ir.Expr, bool], ...]) -> Quota | None:
        for part in expressions(branch.test):
            if not (isinstance(part, ir.Opaque) and part.kind == "compare" and part.text in _ORDER and len(part.parts) == 2):
                continue
            left, right = part.parts
            count, limit = (left, right) if part.text in (">=", ">") else (right, left)
            if self._is_limit(limit, scope) and self._is_count(count, scope):
                names = {word for side in part.parts for each in expressions(side) for word in words(_name(each))}
                on = all(self._reach.defaults.truth(test, scope) is not (not wanted) for test, wanted in tests)
                on = on and self._reach.defaults.truth(limit, scope) is not False
                return Quota(
                    span_at(scope, branch.line),
                    scope.module.scope,
                    unit(names),
                    self._per(count, scope),
                    "on" if on else "off_by_default",
                )
        return None

    def _is_limit(self, expr: ir.Expr, scope: Scope) -> bool:
        if any(set(words(_name(part))) & LIMIT for part in expressions(expr)):
            return True
        found = self._resolver.values(expr, scope)
        return any(isinstance(value, Constant) and isinstance(value.value, int | float) and value.value > 1 for value in found)

    @staticmethod
    def _is_count(expr: ir.Expr, scope: Scope) -> bool:
        """Something counted over time; the length of what is at hand is no quota."""
        if any(_name(part) in ("len", "length", "size") for part in expressions(expr)):
            return False
        names = {word for part in expressions(expr) for word in words(_name(part))}
        for part in expressions(expr):
            if isinstance(part, ir.Name):
                for binding in scope.bindings.get(part.id, ()):
                    if isinstance(binding, Bound):
                        inner = [_name(each) for each in expressions(binding.expr)]
                        if "len" in inner or "length" in inner:
                            return False
                        names.update(word for name in inner for word in words(name))
        return bool(names & (SPENT if names & {"token", "tokens"} else COUNT))

    def _per(self, count: ir.Expr, scope: Scope) -> str:
        for dimension in self._owners(count, scope, 0):
            if dimension in ("user", "tenant"):
                return dimension
        return "application"

    def _owners(self, expr: ir.Expr, scope: Scope, depth: int) -> Iterator[str]:
        for part in expressions(expr):
            yield owner(_name(part))
            if isinstance(part, ir.Mapping):
                yield from (owner(str(key.value)) for key, _ in part.entries if isinstance(key, ir.Literal))
            elif isinstance(part, ir.Call):
                yield from (owner(keyword.name or "") for keyword in part.keywords)
            elif isinstance(part, ir.Name) and depth < 2:
                for binding in scope.bindings.get(part.id, ()):
                    if isinstance(binding, Bound):
                        yield from self._owners(binding.expr, binding.scope, depth + 1)


def _refuses(body: tuple[ir.Statement, ...]) -> bool:
    """Whether a branch ends the request because too much was asked for."""
    leaves = [statement for statement, _ in statements(body) if isinstance(statement, ir.Return | ir.Raise)]
    for statement in leaves:
        for outer in own(statement):
            for part in expressions(outer):
                if isinstance(part, ir.Literal) and part.value in _REFUSED and not isinstance(part.value, bool):
                    return True
                text = part.value if isinstance(part, ir.Literal) and isinstance(part.value, str) else _name(part)
                if set(words(text[:_MESSAGE])) & REFUSAL:
                    return True
    return False


def _functions(scope: Scope) -> Iterator[Scope]:
    current: Scope | None = scope
    while current is not None:
        if current.function is not None:
            yield current
        current = current.parent


def _name(expr: ir.Expr) -> str:
    return expr.id if isinstance(expr, ir.Name) else expr.name if isinstance(expr, ir.Member) else ""
