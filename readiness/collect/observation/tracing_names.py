"""Where a program uses names of other packages: calls, decorators and assignments, by dotted name."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from readiness.collect import ir
from readiness.collect.link.resolve import Resolver
from readiness.collect.link.scopes import Scope, Site
from readiness.collect.link.values import Constant, External, Routine
from readiness.collect.link.walk import statements

_ENVIRONMENTS: Final = ("os.environ", "process.env", "Deno.env", "import.meta.env")


@dataclass(frozen=True, slots=True, eq=False)
class Assigned:
    """A value given to an attribute of another package, or to an environment variable; `site` is a stand-in for its place."""

    value: ir.Expr
    site: Site


class Named:
    """One pass over the program, so that every room can look names up."""

    def __init__(self, resolver: Resolver) -> None:
        self.resolver = resolver
        self._sites: dict[str, list[Site]] = defaultdict(list)
        self._decorated: dict[str, list[Scope]] = defaultdict(list)
        self._assigned: dict[str, list[Assigned]] = defaultdict(list)
        self._environment: dict[str, list[Assigned]] = defaultdict(list)
        for scope in resolver.program.scopes():
            self._read(scope)

    def sites(self, names: Iterable[str]) -> Iterator[tuple[str, Site]]:
        """The calls of any of `names`, in their order and the order of the files."""
        for name in sorted(names):
            for site in self._sites.get(name, ()):
                yield name, site

    def roots(self) -> frozenset[str]:
        """The first segments of all called names."""
        return frozenset(path.split(".", 1)[0] for path in self._sites)

    def decorated(self, names: Iterable[str]) -> tuple[Scope, ...]:
        """The functions that any of `names` decorates or is called with."""
        found = {id(scope): scope for name in names for scope in self._decorated.get(name, ())}
        for name, site in self.sites(names):
            del name
            for arg in site.call.args[:2]:
                for value in self.resolver.values(arg, site.scope):
                    if isinstance(value, Routine):
                        found[id(value.scope)] = value.scope
        return tuple(found.values())

    def assigned(self, name: str) -> tuple[Assigned, ...]:
        """What is assigned to an attribute such as `litellm.success_callback`."""
        return tuple(self._assigned.get(name, ()))

    def environment(self, name: str) -> tuple[Assigned, ...]:
        """What code puts into an environment variable."""
        return tuple(self._environment.get(name, ()))

    def _read(self, scope: Scope) -> None:
        for site in scope.sites:
            for value in self.resolver.values(site.call.callee, scope):
                if isinstance(value, External) and not value.path.startswith("?"):
                    self._sites[f"{value.path}.__call__" if value.made else value.path].append(site)
                    if value.path == "os.environ.setdefault" and len(site.call.args) > 1:
                        self._put(site.call.args[0], site.call.args[1], site)
        if scope.function is not None:
            for decorator in scope.function.decorators:
                for value in self.resolver.values(decorator, scope.parent or scope):
                    if isinstance(value, External):
                        self._decorated[value.path].append(scope)
        for statement, context in statements(scope.node.body):
            if (
                isinstance(statement, ir.Assign)
                and statement.value is not None
                and isinstance(statement.target, ir.Member | ir.Index)
            ):
                stand_in = ir.Call(statement.target, (), (), statement.line, statement.end_line)
                self._assign(statement.target, statement.value, Site(stand_in, scope, context, statement))

    def _assign(self, target: ir.Member | ir.Index, value: ir.Expr, site: Site) -> None:
        if _root(target) in ("self", ""):
            return
        for base in self.resolver.values(target.base, site.scope):
            if not isinstance(base, External) or base.path.startswith("?"):
                continue
            key = target.name if isinstance(target, ir.Member) else target.key
            if base.path in _ENVIRONMENTS:
                self._put(ir.Literal(key, 0, 0) if isinstance(key, str) else key, value, site)
            elif isinstance(key, str):
                self._assigned[f"{base.path}.{key}"].append(Assigned(value, site))

    def _put(self, key: ir.Expr, value: ir.Expr, site: Site) -> None:
        for name in self.resolver.values(key, site.scope):
            if isinstance(name, Constant) and isinstance(name.value, str):
                self._environment[name.value].append(Assigned(value, site))


def _root(expr: ir.Expr) -> str:
    while isinstance(expr, ir.Member | ir.Index):
        expr = expr.base
    return expr.id if isinstance(expr, ir.Name) else ""
