"""What a member, an entry or an item of a value is worth."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import TYPE_CHECKING, assert_never

from readiness.collect import ir
from readiness.collect.link.resolve_words import SPREADS, WIDTH, as_origin, is_super, is_vague
from readiness.collect.link.scopes import Added, Argument, Bound, Scope
from readiness.collect.link.values import (
    Constant,
    Environment,
    External,
    Instance,
    Kind,
    Received,
    Routine,
    Space,
    Structure,
    Unresolved,
    Value,
)

if TYPE_CHECKING:
    from readiness.collect.link.resolve import Resolver


class Members:
    """One part of a resolver, which answers everything else."""

    def __init__(self, resolver: Resolver) -> None:
        self.resolver = resolver
        self._spreading: set[int] = set()

    def of_member(self, member: ir.Member, scope: Scope) -> Iterator[Value]:
        if isinstance(member.base, ir.Call) and is_super(member.base):
            yield from self.resolver.classes.inherited(scope, member.name)
            return
        for base in self.resolver.values(member.base, scope):
            yield from self.member_of(base, member.name, member, scope)

    def member_of(self, base: Value, name: str, asked: ir.Expr, scope: Scope) -> Iterator[Value]:
        """What `base.name` is worth."""
        match base:
            case External():
                yield from self._external_member(base, name, scope, asked)
            case Instance() | Kind():
                yield from self.resolver.classes.class_member(base, name, asked)
            case Space() as space:
                yield from self.resolver.exported(space.module, name)
            case Structure(expr=ir.Mapping() as mapping, scope=at):
                yield from self._entry(mapping, name, at, asked, scope)
            case Constant() if name == "value":
                yield base
            case Routine(scope=function) if function.function is not None and function.function.decorators:
                yield from (External(f"{value.path}.{name}", value.steps) for value in self.resolver.calls.decorated(function))
            case Routine() | Structure() | Constant():
                yield Unresolved(asked, scope)
            case Environment():
                yield base
            case Received() | Unresolved():
                yield External(f"?.{name}")
            case _:
                assert_never(base)

    def _external_member(self, base: External, name: str, scope: Scope, asked: ir.Expr) -> Iterator[Value]:
        path = f"{base.path}.{name}"
        if base.path in ("process.env", "import.meta.env", "Deno.env"):
            yield from self.resolver.settings.environment(name, (), scope, asked)
            return
        if base.path.endswith("parse_args"):
            yield from self.resolver.settings.option_default(name, scope, asked)
            return
        configured = self.resolver.settings.configured(base, name)
        if configured:
            yield from configured
            return
        known = False
        for binding in self.resolver.program.shared.get((base.path.rsplit(".", 1)[-1], name), ()):
            for value in self.resolver.bound(binding):
                known = known or not is_vague(value)
                yield value
        if not known:
            yield External(path, base.steps)

    def _entry(self, mapping: ir.Mapping, name: str, at: Scope, asked: ir.Expr, scope: Scope) -> Iterator[Value]:
        spreads: list[ir.Expr] = []
        for key, value in mapping.entries:
            if key is None:
                spreads.append(value)
            elif isinstance(key, ir.Literal) and key.value == name:
                yield from self.resolver.values(value, at)
                return
        if len(self._spreading) < SPREADS and id(mapping) not in self._spreading:
            self._spreading.add(id(mapping))  # `{...state, x}` is often a spread of itself
            found = [
                v
                for e in spreads
                for base in self.resolver.values(e, at)
                if isinstance(base, Structure)
                for v in self.member_of(base, name, asked, scope)
            ]
            self._spreading.discard(id(mapping))
            yield from found
        filled = [
            value for added in self._filled(mapping, at) if added.key == name for value in self.resolver.values(added.expr, at)
        ]
        yield from filled
        if not spreads and not filled:
            yield Unresolved(asked, scope)

    def of_index(self, index: ir.Index, scope: Scope) -> Iterator[Value]:
        known = [value for value in self.resolver.values(index.key, scope) if isinstance(value, Constant)]
        keys = [value.value for value in known if value.value is not None]
        chosen = self._is_chosen(index.key, known, scope)
        for base in self.resolver.values(index.base, scope):
            if keys and isinstance(keys[0], str):
                for key in keys:
                    if isinstance(base, External) and base.path == "os.environ":
                        yield from self.resolver.settings.environment(str(key), (), scope, index)
                    else:
                        yield from self.member_of(base, str(key), index, scope)
                if chosen and isinstance(base, Structure) and isinstance(base.expr, ir.Mapping):
                    for other in self._others(base.expr, base.scope, keys):
                        yield from (as_origin(value, "selectable") for value in self.resolver.values(other, base.scope))
            elif isinstance(base, External):
                yield base
            elif isinstance(base, Structure) and isinstance(base.expr, ir.Sequence) and keys and isinstance(keys[0], int):
                items = base.expr.items
                yield from self.resolver.values(items[keys[0]], base.scope) if -len(items) <= keys[0] < len(items) else ()
            else:
                yield from self.items(base)

    def _is_chosen(self, key: ir.Expr, known: list[Constant], scope: Scope) -> bool:
        """Whether a key is what somebody outside hands over, and all that is known of it is a default."""
        if not isinstance(key, ir.Name) or not known or any(value.origin != "default" for value in known):
            return False
        return all(isinstance(binding, Argument) for binding in self.resolver.bindings(key.id, scope))

    def _others(self, mapping: ir.Mapping, at: Scope, keys: Collection[object]) -> tuple[ir.Expr, ...]:
        """What a table holds under other keys."""
        written = [value for key, value in mapping.entries if isinstance(key, ir.Literal) and key.value not in keys]
        return (*written, *(added.expr for added in self._filled(mapping, at) if added.key not in keys))[:WIDTH]

    def at(self, base: Value, position: int) -> Iterator[Value]:
        """One item of what a loop hands out; of anything but a display, the whole."""
        match base:
            case Structure(expr=ir.Sequence(items=items), scope=at):
                yield from self.resolver.values(items[position], at) if position < len(items) else ()
            case _:
                yield base

    def _filled(self, mapping: ir.Mapping, at: Scope) -> Iterator[Added]:
        """What statements put into a dict after it was made: `models = {}`, then `models["fast"] = ...`."""
        for name, added in at.entries.items():
            if any(isinstance(binding, Bound) and binding.expr is mapping for binding in at.bindings.get(name, ())):
                yield from added

    def items(self, base: Value) -> Iterator[Value]:
        """What an item of a collection is worth."""
        match base:
            case Structure(expr=ir.Sequence() as sequence, scope=at):
                for item in sequence.items[:WIDTH]:
                    yield from self.resolver.values(item, at)
            case Structure(expr=ir.Mapping() as mapping, scope=at):
                values = (*(value for _, value in mapping.entries), *(added.expr for added in self._filled(mapping, at)))
                for value in values[:WIDTH]:
                    yield from self.resolver.values(value, at)
            case _:
                yield base
