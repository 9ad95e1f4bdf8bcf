"""What a page renders of a chat: a search up through components for the text of messages, which come from the model over HTTP."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from readiness.collect import ir
from readiness.collect.link.resolve import Resolver
from readiness.collect.link.scopes import Argument, Bound, Scope, Site
from readiness.collect.trust.sinks_served import Served, is_parse
from readiness.collect.trust.taint_graph import ASIDE

_DEPTH: Final = 8
_CONTENT: Final = frozenset({"content", "text", "parts", "answer", "completion", "response", "reply", "message"})
_SPEAKER: Final = re.compile(
    r"^(chat|bot|ai|assistant|last|current|this)?_?(message|msg|answer|reply|turn|completion|chatmessage)s?$", re.IGNORECASE
)
"""Names of variables that hold one message of a conversation, or an answer."""
_CONVERSATION: Final = re.compile(
    r"^(chat|bot|ai|conversation|thread|visible|displayed|all|filtered|sorted|initial|current)?_?"
    r"(messages|msgs|turns|(message|msg|chat|conversation|dialogue?)_?(items?|data|item_?data|list|history|log|records?))$",
    re.IGNORECASE,
)
"""Names of lists that hold the messages of a conversation."""
_ANSWER: Final = re.compile(
    r"^(bot|ai|assistant|llm|model|generated|streamed?|final)_?(message|msg|answer|reply|response|text|content|output)$|^(answer|completion)$",
    re.IGNORECASE,
)


class ChatText:
    """Tells whether a rendered expression is the text of a chat message."""

    def __init__(self, resolver: Resolver, served: Served) -> None:
        self.resolver = resolver
        self.served = served
        self._aliases: dict[int, tuple[str, ...]] = {}

    def source(self, expr: ir.Expr, scope: Scope) -> str | None:
        """In words, which chat text `expr` renders; None where it is not known to render any."""
        place = self._find(expr, scope, 0, set())
        return f"The text of a chat message ({place})" if place is not None else None

    def children(self, component: Scope) -> str | None:
        """Which chat text the elements of a component hold as children, if any."""
        return self._given(component, "children", 0, set())

    def _find(self, expr: ir.Expr, scope: Scope, depth: int, seen: set[tuple[int, int]]) -> str | None:
        key = (id(expr), id(scope))
        if depth > _DEPTH or key in seen:
            return None
        seen.add(key)
        received = self.served.source(expr, scope)
        if received is not None:
            return received
        match expr:
            case ir.Member(base=base, name=name) if name in _CONTENT and _SPEAKER.match(_label(base)):
                return f"{_label(base)}.{name}"
            case ir.Call() as call if is_parse(call):
                return None
            case ir.Name(id=name):
                return self._name(name, expr, scope, depth, seen)
            case ir.Member(base=ir.Name() as base, name=name):
                return self._property(base, name, scope, depth, seen)
            case _:
                return next(
                    (found for part in _parts(expr) if (found := self._find(part, scope, depth + 1, seen)) is not None), None
                )

    def _name(self, name: str, expr: ir.Name, scope: Scope, depth: int, seen: set[tuple[int, int]]) -> str | None:
        if _ANSWER.match(name):
            return name
        for binding in self.resolver.bindings(name, scope):
            found = None
            if isinstance(binding, Bound) and binding.expr is not expr:
                found = self._find(binding.expr, binding.scope, depth + 1, seen)
            elif isinstance(binding, Argument):
                found = self._from_elements(binding, depth, seen)
            if found is not None:
                return found
        return None

    def _property(self, base: ir.Name, name: str, scope: Scope, depth: int, seen: set[tuple[int, int]]) -> str | None:
        """`props.content`."""
        for binding in self.resolver.bindings(base.id, scope):
            if isinstance(binding, Argument):
                found = self._given(binding.scope, name, depth, seen) or self._mapped_over(binding.scope, depth, seen)
                if found is None and name in _CONTENT and binding.position == 0 and _is_item(binding.scope):
                    found = f"{base.id}.{name}"
                if found is not None:
                    return found
            elif isinstance(binding, Bound):
                found = self._find(binding.expr, binding.scope, depth + 1, seen)
                if found is not None:
                    return found
        return None

    def _from_elements(self, argument: Argument, depth: int, seen: set[tuple[int, int]]) -> str | None:
        name = argument.parameter.name
        component = argument.scope
        if component.module.code.language != "typescript":
            return None
        if not name or not component.name:
            mapped = self._mapped_over(component, depth, seen)
            if mapped is not None:
                return mapped
        if argument.field_of is None and argument.parameter.kind == "plain" and not self._is_component(component):
            # Of an ordinary function, the name is all there is where its callers are unknown, or in the script of a chat.
            if _SPEAKER.match(name) and (_is_chat(component) or not self.resolver.callers(component)):
                return name
            for site in self.resolver.callers(component)[:6]:
                for expr, at in self.resolver.passed(argument, site):
                    found = self._find(expr, at, depth + 1, seen)
                    if found is not None:
                        return found
            return None
        return self._given(component, name, depth, seen)

    def _mapped_over(self, callback: Scope, depth: int, seen: set[tuple[int, int]]) -> str | None:
        """The parameter of a callback is an item of what it is mapped over."""
        outer = callback.parent
        for site in outer.sites if outer is not None else ():
            if isinstance(site.call.callee, ir.Member) and any(
                isinstance(a, ir.Lambda) and a.function is callback.node for a in site.call.args
            ):
                found = self._find(site.call.callee.base, site.scope, depth + 1, seen)
                if found is not None:
                    return found
        return None

    def _is_component(self, scope: Scope) -> bool:
        return any(site.call.jsx for site in self._elements(scope))

    def _given(self, component: Scope, name: str, depth: int, seen: set[tuple[int, int]]) -> str | None:
        """What the elements of a component are given under a name; children and spreads count for "children"."""
        for site in self._elements(component):
            exprs = [keyword.value for keyword in site.call.keywords if keyword.name == name or keyword.name is None]
            if name == "children" or name in ("props", "rest"):
                exprs.extend(site.call.args)
            for expr in exprs:
                found = self._find(expr, site.scope, depth + 1, seen)
                if found is not None:
                    return found
        return None

    def _elements(self, component: Scope) -> Iterator[Site]:
        """The JSX elements of a component, also under the name of its `memo(...)`."""
        for name in self._names(component):
            for site in self.resolver.program.sites_by_name.get(name, ()):
                if site.call.jsx and site.scope.module.scope not in ASIDE:
                    yield site

    def _names(self, component: Scope) -> tuple[str, ...]:
        known = self._aliases.get(id(component))
        if known is None:
            names = [component.name] if component.name else []
            outer = component.parent
            names.extend(
                alias
                for alias, bindings in (outer.bindings.items() if outer is not None else ())
                for binding in bindings
                if isinstance(binding, Bound) and isinstance(binding.expr, ir.Call) and _wraps(binding.expr, component)
            )
            known = self._aliases[id(component)] = tuple(dict.fromkeys(names))
        return known


def _is_item(callback: Scope) -> bool:
    """Whether a callback is handed the messages of a conversation one by one."""
    return any(
        isinstance(site.call.callee, ir.Member)
        and _CONVERSATION.match(_label(site.call.callee.base)) is not None
        and any(isinstance(arg, ir.Lambda) and arg.function is callback.node for arg in site.call.args)
        for site in (callback.parent.sites if callback.parent is not None else ())
    )


def _is_chat(scope: Scope) -> bool:
    return "chat" in scope.module.path.rsplit("/", 1)[-1].lower()


def _wraps(call: ir.Call, component: Scope) -> bool:
    return any(
        (isinstance(arg, ir.Lambda) and arg.function is component.node)
        or (isinstance(arg, ir.Name) and arg.id == component.name != "")
        for arg in call.args
    )


def _parts(expr: ir.Expr) -> tuple[ir.Expr, ...]:
    match expr:
        case ir.Template(parts=parts) | ir.Choice(options=parts) | ir.Sequence(items=parts):
            return parts
        case ir.Opaque(kind=kind, parts=parts) if kind not in ("compare", "not"):
            return parts
        case ir.Call(callee=ir.Member(base=base), args=args):
            return (*args, base)
        case ir.Call(args=args):
            return args
        case ir.Await(value=value) | ir.Index(base=value) | ir.Member(base=value):
            return (value,)
        case ir.Mapping(entries=entries):
            return tuple(value for _, value in entries)
        case _:
            return ()


def _label(expr: ir.Expr) -> str:
    match expr:
        case ir.Name(id=name) | ir.Member(name=name):
            return name
        case ir.Index(base=base) | ir.Await(value=base):
            return _label(base)
        case ir.Call(callee=ir.Member(base=base, name="at")):
            return _label(base)
        case _:
            return ""
