"""What the environment, options and configuration files give."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from readiness.collect import ir
from readiness.collect.link.resolve_words import as_origin, is_config_loader, last_name
from readiness.collect.link.scopes import Argument, Scope
from readiness.collect.link.values import Constant, Environment, External, Unresolved, Value

if TYPE_CHECKING:
    from readiness.collect.link.resolve import Resolver


class Settings:
    """One part of a resolver, which answers everything else."""

    def __init__(self, resolver: Resolver) -> None:
        self.resolver = resolver

    def option_default(self, name: str, scope: Scope, asked: ir.Expr) -> Iterator[Value]:
        """The default of a command line option of `argparse`."""
        found = False
        for site in self.resolver.program.sites_by_name.get("add_argument", ()):
            flags = {
                arg.value.lstrip("-").replace("-", "_")
                for arg in site.call.args
                if isinstance(arg, ir.Literal) and isinstance(arg.value, str)
            }
            if site.scope.module is scope.module and name in flags:
                for keyword in site.call.keywords:
                    if keyword.name == "default":
                        found = True
                        yield from (as_origin(value, "default") for value in self.resolver.values(keyword.value, site.scope))
        if not found:
            yield Unresolved(asked, scope)

    def declared_option(self, argument: Argument) -> Iterator[Value]:
        """The default of an option that a decorator declares for a parameter (`@click.option("--model", default=...)`)."""
        node = argument.scope.function
        outer = argument.scope.parent or argument.scope
        for decorator in node.decorators if node is not None else ():
            if not isinstance(decorator, ir.Call) or last_name(decorator.callee) not in ("option", "argument"):
                continue
            names = {
                arg.value.lstrip("-").replace("-", "_")
                for arg in decorator.args
                if isinstance(arg, ir.Literal) and isinstance(arg.value, str)
            }
            if argument.parameter.name in names:
                for keyword in decorator.keywords:
                    if keyword.name == "default":
                        yield from (as_origin(value, "default") for value in self.resolver.values(keyword.value, outer))

    def configured(self, base: External, name: str) -> tuple[Constant, ...]:
        """A key of a loaded configuration file, looked up in the repository's files."""
        root = next((step.path for step in base.steps if is_config_loader(step.path)), None)
        if root is None:
            return ()
        keys = tuple(key for key in (*base.path[len(root) :].split("."), name) if key)
        return self.resolver.program.config.find(keys) if keys else ()

    def setting(self, call: ir.Call) -> tuple[Value, ...]:
        """`config.get("CHAT_MODEL")` where a table of the program holds that key: what files set, then the table's default."""
        match call:
            case ir.Call(callee=ir.Member(name="get"), args=(ir.Literal(value=str(key)), *_)) if (
                key in self.resolver.program.settings
            ):
                found: list[Value] = list(self.resolver.program.config.environment.get(key, ()))
                for expr, scope in self.resolver.program.settings[key]:
                    found.extend(as_origin(value, "default") for value in self.resolver.values(expr, scope))
                return tuple(found)
            case _:
                return ()

    def getenv(self, call: ir.Call, scope: Scope) -> Iterator[Value]:
        name = (
            next((v.value for v in self.resolver.values(call.args[0], scope) if isinstance(v, Constant)), None)
            if call.args
            else None
        )
        defaults = [*call.args[1:2], *(k.value for k in call.keywords if k.name in ("default", "fallback"))]
        yield from self.environment(str(name or "?"), tuple(defaults), scope, call)

    def environment(self, name: str, defaults: tuple[ir.Expr, ...], scope: Scope, asked: ir.Expr) -> Iterator[Value]:
        """What an environment variable is worth: what shipped files set, then its default in code."""
        found: list[Value] = list(self.resolver.program.config.environment.get(name, ()))
        for default in defaults:
            found.extend(as_origin(value, "default") for value in self.resolver.values(default, scope))
        if not found:
            line = getattr(asked, "line", 0)
            found.append(Environment(name, scope.module.path, line))
        yield from found
