"""Which names hold the text of a model call: what goes into its messages, and what comes out of its answer."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from readiness.collect import ir
from readiness.collect.calls.records import Linked
from readiness.collect.link.found import FoundCall
from readiness.collect.link.scopes import Argument, Bound, Scope
from readiness.collect.link.values import Constant, External, Routine

ROLES: Final = ("messages", "history", "prompt", "documents")
NAMES: Final = 80
"""Names kept for one call; beyond them what is logged is a detail of a detail."""
DEPTH: Final = 12
TEXT_CALLS: Final = frozenset(
    {"str", "repr", "dumps", "stringify", "pformat", "format", "join", "strip", "rstrip", "lstrip", "lower", "model_dump",
    "model_dump_json", "dict",
     "json", "to_dict", "toString", "trim", "slice", "substring", "decode", "encode", "get", "pop", "loads", "parse",
     "replace", "list", "copy", "content", "text",
     "to_json", "concat", "map", "inspect"}
)  # fmt: skip
"""Calls that give text back as it is, or nearly."""
CONTENT: Final = frozenset(
    {"content", "text", "message", "messages", "prompt", "query", "question", "input", "body", "output", "response",
    "answer", "completion", "data", "parts", "choices",
     "output_text", "delta", "raw", "transcript", "reply", "kwargs", "contents", "candidates", "generations"}
)  # fmt: skip
"""Members of a message or an answer that are its text, or hold it."""
Key = tuple[int, str]
"""A scope by identity, and a dotted name bound in it."""


@dataclass(slots=True)
class _Walk:
    """One search for names, back from the messages of a call."""

    whole: bool
    keys: set[Key] = field(default_factory=set)
    seen: set[tuple[int, int]] = field(default_factory=set)


class Texts:
    """Names that carry text into model calls."""

    def __init__(self, linked: Linked) -> None:
        self._linked = linked
        self._resolver = linked.finder.resolver
        explicit = [found for found in linked.calls if not found.entry.implicit]
        self.inputs: dict[str, frozenset[Key]] = {found.id: self._inputs(found, whole=False) for found in explicit}
        """By call, the names whose text is part of what is sent."""
        self.wholes: dict[str, frozenset[Key]] = {found.id: self._inputs(found, whole=True) for found in explicit}
        """By call, the names that are a message or all of them, not a piece that a template takes."""

    def keys(self, expr: ir.Expr, scope: Scope) -> Iterator[Key]:
        """The names whose text an expression shows as it is."""
        for part in shown(expr):
            key = self._key(part, scope)
            if key is not None:
                yield key

    def calls(self, key: Key, *, whole: bool = False) -> frozenset[str]:
        """The calls into which the text under a name goes; with `whole` those of which it is a message."""
        scope, name = key
        head, _, last = name.rpartition(".")
        found = set()
        for call, keys in (self.wholes if whole else self.inputs).items():
            if (
                key in keys
                or any(owner == scope and each.startswith(name + ".") for owner, each in keys)
                or (last in CONTENT and (scope, head) in keys)
            ):
                found.add(call)
        return frozenset(found)

    def _inputs(self, found: FoundCall, *, whole: bool) -> frozenset[Key]:
        walk = _Walk(whole)
        for variant in found.variants:
            for role in ROLES:
                for handed in self._linked.finder.role(variant, role).found:
                    self._collect(handed.expr, handed.scope, walk, 0)
            for arg in found.call.args[:1]:
                if not any(variant.entry.role(role) for role in ROLES):
                    self._collect(arg, found.site.scope, walk, 0)
        return frozenset(walk.keys)

    def _collect(self, expr: ir.Expr, scope: Scope, walk: _Walk, depth: int) -> None:
        if depth > DEPTH or len(walk.keys) >= NAMES or (id(expr), id(scope)) in walk.seen:
            return
        walk.seen.add((id(expr), id(scope)))
        for part in shown(expr, through=not walk.whole, pieces=not walk.whole):
            if isinstance(part, ir.Call):
                self._returned(part, scope, walk, depth)
                continue
            key = self._key(part, scope)
            if key is None:
                continue
            walk.keys.add(key)
            for inner, at in self._sources(part, scope):
                self._collect(inner, at, walk, depth + 1)

    def _returned(self, call: ir.Call, scope: Scope, walk: _Walk, depth: int) -> None:
        for value in self._resolver.values(call.callee, scope):
            if isinstance(value, Routine):
                for result in value.scope.returns:
                    self._collect(result, value.scope, walk, depth + 1)
            elif isinstance(value, External) and value.path.rsplit(".", 1)[-1][:1].isupper():
                for part in (*call.args, *(keyword.value for keyword in call.keywords)):
                    self._collect(part, scope, walk, depth + 1)

    def _sources(self, part: ir.Expr, scope: Scope) -> Iterator[tuple[ir.Expr, Scope]]:
        if not isinstance(part, ir.Name):
            return
        current: Scope | None = scope
        while current is not None:
            for added in current.entries.get(part.id, ()):
                yield added.expr, current
            if part.id in current.bindings:
                break
            current = current.parent
        for binding in self._resolver.bindings(part.id, scope):
            if isinstance(binding, Bound):
                yield binding.expr, binding.scope
            elif isinstance(binding, Argument):
                for site in self._resolver.callers(binding.scope):
                    yield from self._resolver.passed(binding, site)

    def _key(self, part: ir.Expr, scope: Scope) -> Key | None:
        """A dotted name and the scope it belongs to; None for constants and for what is no name."""
        dotted = _dotted(part)
        root = dotted.split(".", 1)[0]
        if not dotted or dotted == "self":
            return None
        if root == "self":
            return (id(scope.cls), dotted) if scope.cls is not None else None
        if isinstance(part, ir.Name) and all(isinstance(value, Constant) for value in self._resolver.values(part, scope)):
            return None
        current: Scope | None = scope
        while current is not None:
            if root in current.bindings:
                return (id(current), dotted) if current.parent is not None or isinstance(part, ir.Name) else None
            current = current.parent
        return None


def shown(expr: ir.Expr, *, through: bool = False, pieces: bool = True, depth: int = 0) -> Iterator[ir.Expr]:
    """The names and members whose text an expression shows.

    `through` adds the calls that may make text of them; without `pieces` templates and calls are left out, which show a part.
    """
    if depth > DEPTH:
        return
    match expr:
        case ir.Name() | ir.Member():
            yield expr
        case ir.Index(base=base, key=key):
            yield (
                expr.base
                if not isinstance(key, ir.Literal) or not isinstance(key.value, str)
                else ir.Member(base, key.value, expr.line)
            )
        case ir.Call(callee=callee):
            if through:
                yield expr
            if pieces and _last(callee) in TEXT_CALLS:
                for part in (*expr.args, *((callee.base,) if isinstance(callee, ir.Member) else ())):
                    yield from shown(part, through=through, pieces=pieces, depth=depth + 1)
        case ir.Template(parts=parts) if not pieces and len(parts) > 1:
            return
        case ir.Template(parts=parts) | ir.Sequence(items=parts):
            for part in parts:
                yield from shown(part, through=through, pieces=pieces, depth=depth + 1)
        case ir.Opaque(kind="spread" | "comprehension" | "other" | "slice", parts=parts):
            for part in parts[:2]:
                yield from shown(part, through=through, pieces=pieces, depth=depth + 1)
        case ir.Mapping(entries=entries):
            for _, value in entries:
                yield from shown(value, through=through, pieces=pieces, depth=depth + 1)
        case ir.Choice(options=options):
            for part in options:
                yield from shown(part, through=through, pieces=pieces, depth=depth + 1)
        case ir.Await(value=value):
            yield from shown(value, through=through, pieces=pieces, depth=depth + 1)
        case _:
            return


def _dotted(expr: ir.Expr) -> str:
    match expr:
        case ir.Name(id=name):
            return name
        case ir.Member(base=base, name=name):
            head = _dotted(base)
            return f"{head}.{name}" if head else ""
        case _:
            return ""


def _last(expr: ir.Expr) -> str:
    return expr.id if isinstance(expr, ir.Name) else expr.name if isinstance(expr, ir.Member) else ""
