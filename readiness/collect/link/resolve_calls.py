"""What a call returns."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from readiness.collect import ir
from readiness.collect.link.resolve_words import PREPARING, applied, deferred, is_vague, named_attribute
from readiness.collect.link.scopes import Defined, Scope
from readiness.collect.link.values import (
    Constant,
    Environment,
    External,
    Instance,
    Kind,
    Routine,
    Step,
    Structure,
    Unresolved,
    Value,
)

if TYPE_CHECKING:
    from readiness.collect.link.resolve import Resolver

_PASSING: Final = ("default", "default_factory", "client", "model", "llm")
"""Keywords under which a function takes what it returns."""
_TEXT_METHODS: Final = frozenset({
    "split", "rsplit", "partition", "strip", "lstrip", "rstrip", "lower", "upper", "replace", "removeprefix", "removesuffix",
    "trim", "toLowerCase", "toUpperCase",
})  # fmt: skip
_CONVERSIONS: Final = frozenset({"int", "float", "str", "bool", "Number", "String", "Boolean", "parseInt", "parseFloat"})


class Calls:
    """One part of a resolver, which answers everything else."""

    def __init__(self, resolver: Resolver) -> None:
        self.resolver = resolver

    def of_call(self, call: ir.Call, scope: Scope) -> Iterator[Value]:
        if isinstance(call.callee, ir.Member) and call.callee.name in ("__or__", "pipe") and len(call.args) == 1:
            yield from self._piped(call.callee.base, call.args[0], scope)
            return
        setting = self.resolver.settings.setting(call)
        if setting:
            yield from setting
            return
        looked = tuple(self._looked_up(call, scope))
        if looked:
            yield from looked
            return
        named = named_attribute(call)
        if named is not None:
            yield from self.resolver.values(named, scope)
            return
        if (
            isinstance(call.callee, ir.Name)
            and call.callee.id in _CONVERSIONS
            and call.args
            and not self.resolver.bindings(call.callee.id, scope)
        ):
            yield from self.resolver.values(call.args[0], scope)
            return
        texts = tuple(self._text_method(call, scope))
        if texts:
            yield from texts
            return
        for callee in self.resolver.values(call.callee, scope):
            yield from self.called(callee, call, scope)

    def _text_method(self, call: ir.Call, scope: Scope) -> Iterator[Value]:
        """Methods of a known text: `"openai:gpt-4o".split(":")`, `NAME.strip().lower()`."""
        if not (isinstance(call.callee, ir.Member) and call.callee.name in _TEXT_METHODS):
            return
        for base in self.resolver.values(call.callee.base, scope):
            if isinstance(base, Constant) and isinstance(base.value, str):
                arguments = [v.value for arg in call.args for v in self.resolver.values(arg, scope)[:1] if isinstance(v, Constant)]
                if len(arguments) == len(call.args):
                    yield from applied(call.callee.name, base, tuple(arguments), call, scope)
            elif not is_vague(base) and not isinstance(base, Environment):
                return

    def _looked_up(self, call: ir.Call, scope: Scope) -> Iterator[Value]:
        """`MODELS.get(name, default)` of a dict that the program makes: an item, or the default."""
        match call:
            case ir.Call(callee=ir.Member(base=base, name="get"), args=(key, *defaults)):
                bases = self.resolver.values(base, scope)
            case _:
                return
        if bases and all(isinstance(each, Structure) and isinstance(each.expr, ir.Mapping) for each in bases):
            held = self.resolver.values(ir.Index(base, key, call.line), scope)
            yield from (value for value in held if not (defaults and isinstance(value, Unresolved)))
            for default in defaults:
                yield from self.resolver.values(default, scope)

    def _piped(self, left: ir.Expr, right: ir.Expr, scope: Scope) -> Iterator[Value]:
        """`a | b`: what is known of either part, with the steps of both, since a pipeline answers to the methods of its parts.

        Beside a part that nothing is known of, a known one also is "<its name>.__or__": what that makes of it, its SDK says.
        """
        before, after = self.resolver.values(left, scope), self.resolver.values(right, scope)
        vague = any(is_vague(value) for value in (*before, *after))
        ahead = next((value.steps for value in before if isinstance(value, External)), ())
        behind = next((value.steps for value in after if isinstance(value, External)), ())
        joined = [(value, (*value.steps, *behind)) for value in before if isinstance(value, External)]
        joined += [(value, (*ahead, *value.steps)) for value in after if isinstance(value, External)]
        yield from (External(value.path, steps, value.made) for value, steps in joined if not is_vague(value))
        for value in (*before, *after):
            if isinstance(value, External) and vague and not is_vague(value):
                yield External(f"{value.path}.__or__", value.steps, made=True)
            elif isinstance(value, Instance) or (isinstance(value, External) and is_vague(value)):
                yield value

    def called(self, callee: Value, call: ir.Call, scope: Scope) -> Iterator[Value]:
        """What calling `callee` returns."""
        match callee:
            case External():
                yield from self._external_call(callee, call, scope)
            case Kind(scope=cls):
                yield Instance(cls, call, scope)
            case Routine(scope=function):
                yield from self.results(function)
            case Instance(scope=cls):
                yield from self._called_instance(callee, cls, call, scope)
            case _:
                yield Unresolved(call, scope)

    def _external_call(self, callee: External, call: ir.Call, scope: Scope) -> Iterator[Value]:
        path = callee.path
        if path in (
            "os.getenv",
            "os.environ.get",
            "os.environ.setdefault",
            "Deno.env.get",
            "env.str",
            "environ.Env.str",
            "decouple.config",
        ):
            yield from self.resolver.settings.getenv(call, scope)
            return
        if path == "importlib.import_module" and call.args:
            modules = (value.value for value in self.resolver.values(call.args[0], scope) if isinstance(value, Constant))
            yield from (External(module) for module in modules if isinstance(module, str))
            return
        if path in PREPARING and call.args:
            yield from self._prepared(call, scope)
            return
        if callee.made:
            path = f"{path}.__call__"
        position = self.deferred(path, call)
        if position is not None:
            for target in self.resolver.values(call.args[position], scope):
                if isinstance(target, External | Routine | Instance | Kind):
                    yield from self.called(target, call, scope)
            return
        step = Step(path, call, scope)
        inner = self.resolver.conduits.passthrough(path)
        if inner is not None:
            yield from self._passed(call, scope, inner, step)
            return
        yield External(path, (*callee.steps, step), made=True)

    def deferred(self, path: str, call: ir.Call) -> int | None:
        """Position of the function that a call hands over to be called, None for an ordinary call."""
        position = deferred(path)
        position = self.resolver.conduits.runs(path) if position is None else position
        if position is None or not call.args:
            return None
        position = position if position >= 0 else len(call.args) - 1
        return position if position < len(call.args) else None

    def _prepared(self, call: ir.Call, scope: Scope) -> Iterator[Value]:
        """`partial(f, x, k=v)`: the function, with a step that carries what is already given."""
        given = replace(call, args=call.args[1:])
        for target in self.resolver.values(call.args[0], scope):
            yield (
                External(target.path, (*target.steps, Step(target.path, given, scope))) if isinstance(target, External) else target
            )

    def _passed(self, call: ir.Call, scope: Scope, position: int, step: Step) -> Iterator[Value]:
        """The argument that a function returns: by position, or the one named as its default."""
        named = [keyword.value for keyword in call.keywords if keyword.name in _PASSING]
        for value in named or call.args[position : position + 1]:
            for each in self.resolver.values(value, scope):
                if isinstance(each, Routine) and any(keyword.name == "default_factory" for keyword in call.keywords):
                    yield from self.results(each.scope)
                else:
                    yield External(each.path, (*each.steps, step), each.made) if isinstance(each, External) else each

    def results(self, function: Scope) -> Iterator[Value]:
        known = False
        for value in (v for expr in (*function.returns, *function.yields) for v in self.resolver.values(expr, function)):
            if not isinstance(value, Unresolved) and not (isinstance(value, Constant) and value.value is None):
                known = True
            yield value
        node = function.function
        if not known and node is not None and node.returns is not None:
            yield from self.resolver.parameters.typed(node.returns, function.parent or function)

    def decorated(self, function: Scope) -> Iterator[External]:
        """What other packages' decorators make of a function, each as if the function were the decorator's result."""
        node = function.function
        for decorator in node.decorators if node is not None else ():
            for value in self.resolver.values(decorator, function.parent or function):
                if isinstance(value, External) and not is_vague(value):
                    yield External(value.path, value.steps, made=True)

    def _called_instance(self, callee: Instance, cls: Scope, call: ir.Call, scope: Scope) -> Iterator[Value]:
        for each in self.resolver.classes.lineage(cls):
            for name in ("__call__", "forward"):
                for binding in each.bindings.get(name, ()):
                    if isinstance(binding, Defined):
                        yield from self.results(binding.scope)
                        return
        if callee.call is None and isinstance(call.callee, ir.Name):
            yield Instance(cls, call, scope)  # `cls(...)` in a class method
            return
        for root in self.resolver.classes.external_bases(cls):
            path = f"{root.path}.__call__"
            yield External(path, (*self.resolver.classes.construction(callee), Step(path, call, scope)), made=True)
