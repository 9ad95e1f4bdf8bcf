"""What a page receives from the program's own server, where that answers with the text of a model."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Final

from readiness.collect import ir
from readiness.collect.link.found import FoundCall
from readiness.collect.link.resolve import Resolver
from readiness.collect.link.scopes import Argument, Bound, Scope
from readiness.collect.link.values import Constant, External, Structure
from readiness.collect.link.walk import statements
from readiness.collect.trust.routes_reach import Reach
from readiness.knowledge.routes import EntryKind
from readiness.model import GENERATIVE

_FIELD: Final = re.compile(
    r"^(\w*_)?(content|text|answer|reply|response|completion|message|output|report|summary|delta|token|chunk|markdown|html|result)s?$",
    re.IGNORECASE,
)
"""Names of fields that carry an answer; ids, states and errors travel beside it."""
_REQUESTS: Final = re.compile(r"^(?:fetch|(?:axios(?:\.default)?|ky|\$)(?:\.(?:get|post|put|ajax|request))?)\.")
_BODY: Final = frozenset({"json", "text", "data", "body", "clone"})
_PUSHES: Final = ("WebSocket", "EventSource")
_HOLE: Final = re.compile(r"^(?:\{.*\}|\[.*\]|<.*>|:.+|\*)$")
_ORIGIN: Final = re.compile(r"^[a-z]+://[^/]*", re.IGNORECASE)


class Served:
    """Knows the addresses at which the program answers with model text, and what a page reads from them."""

    def __init__(self, resolver: Resolver, calls: Iterable[FoundCall], reach: Reach) -> None:
        self.resolver = resolver
        leading = [entry for call in calls if call.kind in GENERATIVE for entry in reach.from_entries(call.site.scope)]
        self._paths = tuple({_segments(entry.path): None for entry in leading if entry.kind is EntryKind.HTTP})
        self._pushes = any(entry.kind is EntryKind.WEBSOCKET for entry in leading)

    def source(self, expr: ir.Expr, scope: Scope) -> str | None:
        """In words, which answer of the server `expr` is; None where it is not known to be any."""
        if scope.module.code.language != "typescript" or not (self._paths or self._pushes):
            return None
        if self._is_event(expr, scope):
            return "as the server sends it"
        for value in self.resolver.values(expr, scope) if isinstance(expr, ir.Member | ir.Await | ir.Index) else ():
            if isinstance(value, External) and value.steps:
                found = self._received(value)
                if found is not None:
                    return found
        return None

    def _received(self, value: External) -> str | None:
        first = value.steps[0]
        name = value.path.rsplit(".", 1)[-1]
        if is_parse(first.call) and _FIELD.match(name) and first.call.args:
            return f"{name}, as the server sends it" if self._is_event(first.call.args[0], first.scope) else None
        carries = name == "text" if name in _BODY else _FIELD.match(name) is not None
        if _REQUESTS.match(value.path) and carries and first.call.args:
            return self._answered(first.call.args[0], first.scope, name)
        return None

    def _answered(self, url: ir.Expr, scope: Scope, name: str) -> str | None:
        for text in self._addresses(url, scope):
            asked = _segments(text)
            if any(_same(asked, path) for path in self._paths):
                return f"{name}, as /{'/'.join(asked)} answers"
        return None

    def _addresses(self, url: ir.Expr, scope: Scope) -> Iterator[str]:
        for value in self.resolver.values(url, scope):
            match value:
                case Constant(value=str(text)):
                    yield text
                case Structure(expr=ir.Template(parts=parts)):
                    yield "".join(str(part.value) if isinstance(part, ir.Literal) else "{}" for part in parts)
                case _:
                    continue

    # ------------------------------------------------------------------------------------------------------- pushes

    def _is_event(self, expr: ir.Expr, scope: Scope) -> bool:
        """`event.data` in a handler of messages that the server pushes."""
        match expr:
            case ir.Member(base=ir.Name(id=name), name="data") if self._pushes:
                bindings = self.resolver.bindings(name, scope)
                return any(isinstance(each, Argument) and self._handles(each.scope) for each in bindings)
            case _:
                return False

    def _handles(self, handler: Scope) -> bool:
        """Whether a function is set as `onmessage` of a socket, or registered there for messages."""
        outer = handler.parent
        if outer is None:
            return False
        for statement, _ in statements(outer.node.body):
            match statement:
                case ir.Assign(target=ir.Member(base=base, name="onmessage"), value=ir.Lambda(function=function)):
                    if function is handler.node and self._pushed(base, outer):
                        return True
                case _:
                    continue
        return any(
            isinstance(site.call.callee, ir.Member)
            and site.call.callee.name in ("addEventListener", "on")
            and any(isinstance(arg, ir.Lambda) and arg.function is handler.node for arg in site.call.args)
            and any(isinstance(arg, ir.Literal) and arg.value == "message" for arg in site.call.args)
            and self._pushed(site.call.callee.base, site.scope)
            for site in outer.sites
        )

    def _pushed(self, base: ir.Expr, scope: Scope) -> bool:
        """Whether `base` is a connection that the page opened."""
        made = [base]
        if isinstance(base, ir.Name):
            made = [each.expr for each in self.resolver.bindings(base.id, scope) if isinstance(each, Bound)]
        return any(isinstance(each, ir.Call) and each.new and _last(each.callee) in _PUSHES for each in made)


def is_parse(call: ir.Call) -> bool:
    """Whether a call is `JSON.parse(...)`: of what it returns, only some fields are text."""
    return isinstance(call.callee, ir.Member) and call.callee.name == "parse" and _last(call.callee.base) == "JSON"


def _last(expr: ir.Expr) -> str:
    return expr.id if isinstance(expr, ir.Name) else expr.name if isinstance(expr, ir.Member) else ""


def _segments(address: str) -> tuple[str, ...]:
    """The path of an address, in parts; what the page fills in is a hole, and so is what a route takes."""
    path = re.split(r"[?#]", _ORIGIN.sub("", address), maxsplit=1)[0]
    return tuple("{}" if _HOLE.match(part) else part for part in path.strip("/").split("/") if part)


def _same(asked: tuple[str, ...], route: tuple[str, ...]) -> bool:
    """Whether one is the end of the other: a base address or a prefix of routers may stand before either."""
    pairs = list(zip(reversed(asked), reversed(route), strict=False))
    fixed = [left for left, right in pairs if left == right != "{}"]
    return bool(fixed) and all(left == right or "{}" in (left, right) for left, right in pairs) and pairs[0][0] != "{}"
