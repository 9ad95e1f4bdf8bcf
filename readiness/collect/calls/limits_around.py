"""What stands around a call: the calls that hold it, that are handed the function it is in, and the function's callers."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from readiness.collect import ir
from readiness.collect.link.resolve import Resolver
from readiness.collect.link.scopes import Scope, Site
from readiness.collect.link.values import External, Routine
from readiness.collect.link.walk import expressions, own


class Around:
    """Answers for the surroundings of call sites."""

    def __init__(self, resolver: Resolver) -> None:
        self.resolver = resolver
        self._handed: dict[str, list[Site]] | None = None

    def holding(self, site: Site) -> Iterator[Site]:
        """Calls of the same statement that the call is an argument of, and later ones that are given what it is assigned to."""
        for outer in calls_of(site.statement):
            if outer is not site.call and any(expr is site.call for part in arguments(outer) for expr in expressions(part)):
                yield Site(outer, site.scope, site.context, site.statement)
        match site.statement:
            case ir.Assign(target=ir.Name(id=name)):
                for other in site.scope.sites:
                    if other.call.line > site.call.line and any(
                        is_named(expr, name) for part in arguments(other.call) for expr in expressions(part)
                    ):
                        yield other
            case _:
                pass

    def handed(self, scope: Scope) -> Iterator[Site]:
        """Calls that are given the function: the lambda as it stands, or the function by its name."""
        node = scope.function
        if node is None or scope.parent is None:
            return
        if not node.name:
            for site in scope.parent.sites:
                if any(isinstance(part, ir.Lambda) and part.function is node for part in arguments(site.call)):
                    yield site
            return
        for site in self._by_name().get(node.name, ()):
            if any(self._is(part, scope, site) for part in arguments(site.call)):
                yield site

    def _by_name(self) -> dict[str, list[Site]]:
        if self._handed is None:
            self._handed = defaultdict(list)
            for site in self.resolver.program.sites():
                for part in arguments(site.call):
                    name = last(part)
                    if name in self.resolver.program.definitions:
                        self._handed[name].append(site)
        return self._handed

    def _is(self, part: ir.Expr, scope: Scope, site: Site) -> bool:
        return last(part) == scope.name and any(
            isinstance(value, Routine) and value.scope is scope for value in self.resolver.values(part, site.scope)
        )

    def callers(self, scope: Scope) -> tuple[Site, ...]:
        """The callers of a function that are no tests, where it has any."""
        sites = self.resolver.callers(scope) if scope.function is not None and scope.function.name else ()
        return tuple(site for site in sites if site.scope.module.scope is scope.module.scope and site.scope is not scope)

    def names(self, callee: ir.Expr, scope: Scope) -> tuple[str, ...]:
        """The dotted names of other packages that a callee can be; globals of the language by how they are written."""
        written = dotted(callee)
        found = [value.path for value in self.resolver.values(callee, scope) if isinstance(value, External)]
        return tuple(written if path.startswith("?") else path for path in found) or ((written,) if written else ())

    def routines(self, callee: ir.Expr, scope: Scope) -> tuple[Scope, ...]:
        """The functions of the program that a callee can be."""
        return tuple(value.scope for value in self.resolver.values(callee, scope) if isinstance(value, Routine))


def calls_of(statement: ir.Statement) -> Iterator[ir.Call]:
    """The calls in the expressions of a statement itself."""
    for part in own(statement):
        yield from (expr for expr in expressions(part) if isinstance(expr, ir.Call))


def arguments(call: ir.Call) -> Iterator[ir.Expr]:
    """The arguments of a call, named or not."""
    yield from call.args
    yield from (keyword.value for keyword in call.keywords)


def is_named(expr: ir.Expr, name: str) -> bool:
    """Whether an expression is that plain name."""
    return isinstance(expr, ir.Name) and expr.id == name


def last(expr: ir.Expr) -> str:
    """The last segment of a name, '' for anything else."""
    match expr:
        case ir.Name(id=name) | ir.Member(name=name):
            return name
        case _:
            return ""


def dotted(expr: ir.Expr) -> str:
    """A name as it is written, without what stands before it where that is no name."""
    match expr:
        case ir.Name(id=name):
            return name
        case ir.Member(base=base, name=name):
            head = dotted(base)
            return f"{head}.{name}" if head else name
        case _:
            return ""
