"""Whether code runs in production by default, and which calls run inside, or in one process with, other code."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import PurePosixPath
from typing import Final

from readiness.collect import ir
from readiness.collect.link.found import FoundCall
from readiness.collect.link.program import Program
from readiness.collect.link.resolve import Resolver
from readiness.collect.link.scopes import Imported, Module, Scope, Site
from readiness.collect.link.shipped import Defaults
from readiness.collect.link.values import Routine
from readiness.collect.link.walk import children, own
from readiness.model import Scope as FileScope

LEVELS: Final = 4
"""Callers of callers that are looked at; deeper stacks are taken to run."""
FRAMES: Final = 80
"""Call sites on the way to one model call that are looked at."""
_TARGET: Final = re.compile(r"[\w.]+:([A-Za-z_]\w*)")
_COMMAND: Final = 2_000
"""Characters of a command that is searched for the function it starts."""
_ENTRIES: Final = frozenset(
    {"main", "register", "lifespan", "startup", "on_startup", "handler", "setup", "run", "app", "cli", "ready", "create_app",
     "make_app", "build_app", "get_app"}
)  # fmt: skip


class Standing(StrEnum):
    """How code stands with nothing configured: it runs, it waits for a setting, or nothing ever reaches it."""

    ON = "on"
    OFF = "off_by_default"
    NEVER = "declared"


def weaker(left: Standing, right: Standing) -> Standing:
    """The standing of what needs both."""
    return max(left, right, key=STANDINGS.index)


STANDINGS: Final = (Standing.ON, Standing.OFF, Standing.NEVER)
"""From the strongest to the weakest."""


@dataclass(frozen=True, slots=True, eq=False)
class Frame:
    """One call site on the way to a model call; `depth` is how many calls away."""

    site: Site
    depth: int


class Reach:
    """Answers for standing and nesting. `production` are the scopes of files that count."""

    def __init__(self, resolver: Resolver, defaults: Defaults, production: frozenset[FileScope], manifests: Iterable[str]) -> None:
        self.resolver = resolver
        self.defaults = defaults
        self.production = production
        self._roots = sorted({str(PurePosixPath(path).parent) for path in manifests}, key=len, reverse=True)
        self._entered: dict[int, Standing] = {}
        self._frames: dict[int, tuple[Frame, ...]] = {}
        self._components: dict[str, str] = {}
        self._live: set[int] = set()
        self._configured: frozenset[str] | None = None
        self._tabled: frozenset[int] | None = None
        self._siblings: dict[frozenset[str], Reach] = {}

    def assuming(self, names: frozenset[str]) -> Reach:
        """The same, with some environment variables taken as set."""
        known = self._siblings.get(names)
        if known is None:
            known = Reach(self.resolver, self.defaults.assuming(names), self.production, ())
            known._live = self._live
            self._siblings[names] = known
        return known

    def enliven(self, calls: Iterable[FoundCall]) -> None:
        """Take the functions around model calls as run: whoever calls them may be outside the repository."""
        for found in calls:
            self._live.update(self.around(found))

    # ------------------------------------------------------------------------------------------------------ standing

    def standing(self, site: Site, depth: int = 0) -> Standing:
        """Whether a call runs by default."""
        tests = (*site.context.tests, *_inner(site))
        if any(self.defaults.truth(test, site.scope) is (not wanted) for test, wanted in tests):
            return Standing.OFF
        return self._scope(site.scope, depth)

    def _scope(self, scope: Scope, depth: int) -> Standing:
        known = self._entered.get(id(scope))
        if known is None:
            self._entered[id(scope)] = Standing.ON
            known = self._enter(scope, depth)
            self._entered[id(scope)] = known
        return known

    def _enter(self, scope: Scope, depth: int) -> Standing:
        parent = scope.parent
        if parent is None or depth >= LEVELS:
            return Standing.ON
        if any(self.defaults.truth(test, parent) is (not wanted) for test, wanted in scope.context.tests):
            return Standing.OFF
        if scope.function is None or not scope.name:
            return self._scope(parent, depth)
        callers = [site for site in self.resolver.callers(scope) if site.scope.module.scope in self.production]
        if callers:
            return min((self.standing(site, depth + 1) for site in callers), key=STANDINGS.index)
        if depth or id(scope) in self._live or self._mentioned(scope):
            return Standing.ON
        return Standing.OFF if self._is_tabled(scope) else Standing.NEVER

    def _is_tabled(self, function: Scope) -> bool:
        """Whether a table of the program holds a function under a key (`{"phoenix": start_phoenix}`), to be picked by a setting."""
        if self._tabled is None:
            scopes = (scope for scope in self.resolver.program.scopes() if scope.module.scope in self.production)
            found = ((part, scope) for scope in scopes for part in scope.nodes if isinstance(part, ir.Mapping))
            self._tabled = frozenset(
                id(value.scope)
                for mapping, scope in found
                for _, name in mapping.entries
                if isinstance(name, ir.Name)
                for value in self.resolver.values(name, scope)
                if isinstance(value, Routine)
            )
        return id(function) in self._tabled

    def _mentioned(self, scope: Scope) -> bool:
        """Whether something besides a resolved call can run a function: a framework, a decorator, a name handed over."""
        node = scope.function
        assert node is not None
        if (
            node.decorators
            or node.name in _ENTRIES
            or node.name.startswith("__")
            or isinstance(scope.parent and scope.parent.node, ir.Class)
        ):
            return True
        if node.name in self._configured_names():
            return True
        sites = self.resolver.program.sites_by_name.get(node.name, ())
        return any(site.scope.module.scope in self.production for site in sites)

    def _configured_names(self) -> frozenset[str]:
        """Functions that configuration starts by name: `uvicorn package.module:create_app`, an entry point of a package."""
        if self._configured is None:
            entries = (entry for found in self.resolver.program.config.by_key.values() for _, entry in found)
            texts = (entry.value for entry in entries if isinstance(entry.value, str) and len(entry.value) < _COMMAND)
            self._configured = frozenset(name for text in texts for name in _TARGET.findall(text))
        return self._configured

    # ------------------------------------------------------------------------------------------------------- nesting

    def frames(self, found: FoundCall) -> tuple[Frame, ...]:
        """The call itself, then the sites that call the functions around it, nearest first."""
        known = self._frames.get(id(found))
        if known is None:
            known = tuple(self._climb(found.site))
            self._frames[id(found)] = known
        return known

    def _climb(self, site: Site) -> Iterator[Frame]:
        queue = [Frame(site, 0)]
        seen = {id(site)}
        while queue and len(seen) < FRAMES:
            frame = queue.pop(0)
            yield frame
            for function in enclosing(frame.site.scope) if frame.depth < LEVELS else ():
                for caller in self.resolver.callers(function):
                    if id(caller) not in seen:
                        seen.add(id(caller))
                        queue.append(Frame(caller, frame.depth + 1))

    def around(self, found: FoundCall) -> dict[int, Scope]:
        """The functions whose run a call can be part of, by identity."""
        return {id(scope): scope for frame in self.frames(found) for scope in enclosing(frame.site.scope)}

    # ------------------------------------------------------------------------------------------------------- process

    def together(self, left: Module, right: Module) -> bool:
        """Whether two files of one language run in one process: parts of one service, or joined by imports."""
        if left.code.language != right.code.language:
            return False
        if self._root(left.path) == self._root(right.path):
            return True
        if not self._components:
            self._join()
        return self._top(left.path) == self._top(right.path)

    def _root(self, path: str) -> str:
        return next((root for root in self._roots if root == "." or path.startswith(root + "/")), ".")

    def _join(self) -> None:
        modules = self.resolver.program.modules
        self._components = {path: path for path in modules}
        for scope in self.resolver.program.scopes():
            for bindings in scope.bindings.values():
                for binding in bindings:
                    if isinstance(binding, Imported):
                        other = self.resolver.program.module_of(binding.node, scope.module)
                        if other is not None:
                            self._components[self._top(scope.module.path)] = self._top(other.path)

    def _top(self, path: str) -> str:
        while self._components.get(path, path) != path:
            path = self._components[path]
        return path


def serving(program: Program, spans: Mapping[int, Site]) -> Iterator[Site]:
    """The regions, of those given by their calls, inside which a registered middleware calls what it was handed as `call_next`."""
    for span in spans.values():
        function = span.scope.function
        if function is None or all(parameter.name != "call_next" for parameter in function.parameters):
            continue
        handed = [site for site in span.scope.sites if isinstance(site.call.callee, ir.Name) and site.call.callee.id == "call_next"]
        inside = any(value is span.call for site in handed for value in site.context.withs)
        if inside and (function.decorators or _is_handed_over(program, span.scope)):
            yield span


def _is_handed_over(program: Program, function: Scope) -> bool:
    """Whether a call somewhere takes a function, or the class that it is a method of, by name."""
    owner = function.parent
    name = owner.name if owner is not None and isinstance(owner.node, ir.Class) else function.name
    arguments = (part for site in program.sites() for part in (*site.call.args, *(keyword.value for keyword in site.call.keywords)))
    return any(isinstance(part, ir.Name) and part.id == name for part in arguments)


def enclosing(scope: Scope) -> Iterator[Scope]:
    """The functions around a place, innermost first."""
    current: Scope | None = scope
    while current is not None:
        if current.function is not None:
            yield current
        current = current.parent


def _inner(site: Site) -> tuple[tuple[ir.Expr, bool], ...]:
    """Conditions inside the statement that decide whether the call is evaluated (`f() if on else None`, `on and f()`)."""
    for expr in own(site.statement):
        found = _path(expr, site.call, 0)
        if found is not None:
            return found
    return ()


def _path(expr: ir.Expr, target: ir.Call, depth: int) -> tuple[tuple[ir.Expr, bool], ...] | None:
    if expr is target:
        return ()
    if depth > 30:
        return None
    for position, part in enumerate(children(expr)):
        found = _path(part, target, depth + 1)
        if found is not None:
            return (*_condition(expr, position), *found)
    return None


def _condition(expr: ir.Expr, position: int) -> tuple[tuple[ir.Expr, bool], ...]:
    match expr:
        case ir.Choice(
            test=ir.Literal() | ir.Name() | ir.Member() | ir.Index() | ir.Call() | ir.Choice() | ir.Opaque() as test
        ) if position < len(expr.options):
            return ((test, position == 0),)
        case ir.Opaque(kind="and", parts=parts):
            return tuple((part, True) for part in parts[:position])
        case _:
            return ()
