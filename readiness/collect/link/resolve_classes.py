"""What the program's own classes and their instances hold."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import TYPE_CHECKING

from readiness.collect import ir
from readiness.collect.link.resolve_words import DEPTH, WIDTH, as_origin, dotted, is_abstract, is_property, is_spread, unsubscripted
from readiness.collect.link.scopes import Binding, Bound, Declared, Defined, Scope
from readiness.collect.link.values import Constant, External, Instance, Kind, Routine, Step, Value

if TYPE_CHECKING:
    from readiness.collect.link.resolve import Resolver


class Classes:
    """One part of a resolver, which answers everything else."""

    def __init__(self, resolver: Resolver) -> None:
        self.resolver = resolver

    def class_member(self, base: Instance | Kind, name: str, asked: ir.Expr) -> Iterator[Value]:
        given = tuple(self._given(base, name)) if isinstance(base, Instance) else ()
        if given:
            yield from given
            return
        found = False
        for cls in self.lineage(base.scope):
            for binding in (*cls.attributes.get(name, ()), *cls.bindings.get(name, ())):
                found = True
                yield from self._attribute(binding, cls, name)
                yield from self._overriding(base, binding)
            if found:
                return
        for root in self.external_bases(base.scope):
            yield External(f"{root.path}.{name}", self.construction(base), made=False)
            found = True
        if not found and self._is_filled(base.scope):
            for expr, at in self.resolver.program.settings.get(name.upper(), ()):
                found = True
                yield from (as_origin(value, "default") for value in self.resolver.values(expr, at))
            yield from self.resolver.program.config.environment.get(name.upper(), ())
        if not found:
            yield from tuple(self._handed_on(base.scope, name, asked)) or (External(f"?.{name}"),)

    def _overriding(self, base: Instance | Kind, binding: Binding) -> Iterator[Value]:
        """The methods that subclasses put in the place of an abstract one, where only the base class or interface is known."""
        if not (isinstance(base, Instance) and base.call is None and isinstance(binding, Defined)):
            return
        abstract = binding.scope
        if abstract.function is None or not is_abstract(abstract.function) or is_property(abstract):
            return
        named = (each for each in self.resolver.program.definitions.get(abstract.name, ()) if each is not abstract)
        peers = ((each, each.parent) for each in named if each.module.scope is base.scope.module.scope)
        yield from islice((Routine(each) for each, cls in peers if cls and base.scope in self.lineage(cls)), WIDTH - 1)

    def _given(self, instance: Instance, name: str) -> Iterator[Value]:
        """What a field holds because the generated constructor of a dataclass or model was handed it."""
        call, at, cls = instance.call, instance.at, instance.scope
        if call is None or at is None or cls.module.code.language != "python" or name not in cls.bindings:
            return
        if any(method in each.bindings for each in self.lineage(cls) for method in ("__init__", "__new__")):
            return
        fields = [field for field, (first, *_) in cls.bindings.items() if isinstance(first, Declared | Bound)]
        position = fields.index(name) if name in fields else len(call.args)
        passed = [keyword.value for keyword in call.keywords if keyword.name == name] or call.args[position : position + 1]
        for expr in passed if not any(is_spread(arg) for arg in call.args) else ():
            yield from (as_origin(value, "argument") for value in self.resolver.values(expr, at))

    def _handed_on(self, cls: Scope, name: str, asked: ir.Expr) -> Iterator[Value]:
        """What a proxy's `__getattr__` reads from the object inside it: `return getattr(self.inner, name)`."""
        self.resolver.depth += 1  # a proxy can stand inside itself
        hooks = (each for scope in self.lineage(cls) for each in scope.bindings.get("__getattr__", ()) if isinstance(each, Defined))
        for hook in hooks if self.resolver.depth <= DEPTH else ():
            for expr in hook.scope.returns:
                match expr:
                    case ir.Call(callee=ir.Name(id="getattr"), args=(inner, _, *_)):
                        values = (value for value in self.resolver.values(inner, hook.scope) if not isinstance(value, Constant))
                        yield from (
                            member for value in values for member in self.resolver.members.member_of(value, name, asked, hook.scope)
                        )
                    case _:
                        pass
        self.resolver.depth -= 1

    def _is_filled(self, cls: Scope) -> bool:
        """Whether a class takes its attributes from a table (`setattr(self, key, value)`, `__dict__.update`, `__getattr__`)."""
        for each in self.lineage(cls):
            if "__getattr__" in each.bindings:
                return True
            for method in each.children:
                if any(dotted(site.call.callee) in ("setattr", "self.__dict__.update") for site in method.sites):
                    return True
        return False

    def _attribute(self, binding: Binding, cls: Scope, name: str) -> Iterator[Value]:
        if isinstance(binding, Defined) and is_property(binding.scope):
            yield from self.resolver.calls.results(binding.scope)
            return
        for value in self.resolver.bound(binding):
            yield as_origin(value, "default") if isinstance(binding, Bound) and binding.scope is cls else value
        if isinstance(binding, Bound | Declared) and binding.scope is cls and self._is_settings(cls):
            yield from self.resolver.program.config.environment.get(name.upper(), ())

    def _is_settings(self, cls: Scope) -> bool:
        return any(base.path.endswith("BaseSettings") for each in self.lineage(cls) for base in self.external_bases(each))

    def construction(self, base: Instance | Kind) -> tuple[Step, ...]:
        if isinstance(base, Instance) and base.call is not None and base.at is not None:
            return (Step(base.scope.name, base.call, base.at),)
        return ()

    def lineage(self, cls: Scope) -> tuple[Scope, ...]:
        """The class and its bases of the program, nearest first."""
        out: list[Scope] = []
        queue = [cls]
        while queue and len(out) < WIDTH:
            current = queue.pop(0)
            if current in out or not isinstance(current.node, ir.Class):
                continue
            out.append(current)
            for base in current.node.bases:
                queue.extend(
                    v.scope for v in self.resolver.values(unsubscripted(base), current.parent or current) if isinstance(v, Kind)
                )
        return tuple(out)

    def external_bases(self, cls: Scope) -> tuple[External, ...]:
        """The bases of a class, direct or inherited, that other packages define."""
        out: list[External] = []
        for each in self.lineage(cls):
            if isinstance(each.node, ir.Class):
                for base in each.node.bases:
                    found = self.resolver.values(unsubscripted(base), each.parent or each)
                    out.extend(value for value in found if isinstance(value, External))
        return tuple(out)

    def inherited(self, scope: Scope, name: str) -> Iterator[Value]:
        cls = scope.cls
        if cls is None:
            return
        for base in self.lineage(cls)[1:]:
            for binding in base.bindings.get(name, ()):
                yield from self.resolver.bound(binding)
                return
        for root in self.external_bases(cls):
            yield External(f"{root.path}.{name}")
