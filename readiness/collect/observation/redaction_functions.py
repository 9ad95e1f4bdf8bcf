"""Functions and classes of a program that take personal data out of a text."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from readiness.collect import ir
from readiness.collect.link.resolve import Resolver
from readiness.collect.link.scopes import Scope, Site
from readiness.collect.link.values import Constant, External, Instance, Kind, Routine, Structure
from readiness.knowledge.redactors import Redactors

_SUBSTITUTIONS: Final = frozenset({"re.sub", "re.subn", "regex.sub", "re.compile.sub", "re.compile.subn", "regex.compile.sub"})
_REPLACING: Final = frozenset({"replace", "replaceAll", "sub", "subn"})
DEPTH: Final = 2
"""Functions called from a masking function that are looked into."""


class Masking:
    """Tells masking functions from others by what they substitute: patterns of personal data, or a masking library."""

    def __init__(self, resolver: Resolver, redactors: Redactors) -> None:
        self._resolver = resolver
        self._redactors = redactors
        self._libraries = frozenset(name for library in redactors.libraries for name in library.names)
        self._known: dict[int, bool] = {}

    def scopes(self, expr: ir.Expr, scope: Scope) -> set[int]:
        """The masking functions and classes that an expression is worth, by identity; lists are looked into."""
        found: set[int] = set()
        for value in self._resolver.values(expr, scope):
            match value:
                case Routine(scope=inner) | Instance(scope=inner) | Kind(scope=inner):
                    if self.masks(inner):
                        found.update(self._parts(inner))
                case Structure(expr=ir.Sequence(items=items), scope=at):
                    for item in items:
                        if isinstance(item, ir.Name | ir.Call | ir.Member | ir.Lambda):
                            found |= self.scopes(item, at)
                case _:
                    pass
        return found

    def _parts(self, scope: Scope, depth: int = 0) -> Iterator[int]:
        """A masking function or class, what it consists of, and the masking functions that it calls."""
        yield id(scope)
        yield from (id(child) for child in scope.children)
        for site in _sites(scope) if depth < DEPTH else ():
            for value in self._resolver.values(site.call.callee, site.scope):
                if isinstance(value, Routine) and self.masks(value.scope):
                    yield from self._parts(value.scope, depth + 1)

    def masks(self, scope: Scope, depth: int = 0) -> bool:
        """Whether a function, or a method of a class, masks personal data."""
        known = self._known.get(id(scope))
        if known is None:
            self._known[id(scope)] = False
            known = any(self._substitutes(site, depth) for site in _sites(scope))
            self._known[id(scope)] = known
        return known

    def is_personal(self, texts: Iterable[str]) -> bool:
        """Whether a pattern or a path is about personal data rather than keys and passwords."""
        return any(hint in text.lower() for text in texts for hint in self._redactors.personal)

    def _substitutes(self, site: Site, depth: int) -> bool:
        for value in self._resolver.values(site.call.callee, site.scope):
            match value:
                case External(path=path) if path in self._libraries:
                    return True
                case External(path=path) if path in _SUBSTITUTIONS or path.rsplit(".", 1)[-1] in _REPLACING:
                    return self.is_personal(self._patterns(site, value))
                case Routine(scope=inner) if depth < DEPTH and self.masks(inner, depth + 1):
                    return True
                case _:
                    pass
        named = isinstance(site.call.callee, ir.Member) and site.call.callee.name in _REPLACING
        return named and self.is_personal(self._patterns(site, None))

    def _patterns(self, site: Site, value: External | None) -> Iterator[str]:
        """The pattern of a substitution: its first argument, or that of the `compile` behind it."""
        steps = value.steps if value is not None else ()
        for call, scope in ((site.call, site.scope), *((step.call, step.scope) for step in steps)):
            for arg in call.args[:1]:
                yield from self._texts(arg, scope)
        if isinstance(site.call.callee, ir.Member):
            yield from self._texts(site.call.callee.base, site.scope)

    def _texts(self, expr: ir.Expr, scope: Scope) -> Iterator[str]:
        for value in self._resolver.values(expr, scope):
            match value:
                case Constant(value=str(text)):
                    yield text
                case External(steps=steps):
                    for step in steps:
                        for arg in step.call.args[:1]:
                            if isinstance(arg, ir.Literal) and isinstance(arg.value, str):
                                yield arg.value
                case _:
                    pass
        match expr:
            case ir.Opaque(text=text) if text:
                yield text
            case _:
                pass


def _sites(scope: Scope) -> Iterator[Site]:
    yield from scope.sites
    for child in scope.children:
        yield from _sites(child)
