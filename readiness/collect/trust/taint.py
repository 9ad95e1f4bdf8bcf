"""Values that flow into what a model obeys: system messages, instructions, tool descriptions, and roles a client may choose."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from readiness.collect import ir
from readiness.collect.link.arguments import argument, entry
from readiness.collect.link.found import CallFinder, FoundCall, Variant
from readiness.collect.link.handed import Handed
from readiness.collect.link.scopes import Bound, Scope
from readiness.collect.link.spans import span_at
from readiness.collect.link.values import Constant, External, Structure
from readiness.collect.trust.taint_allowed import Allowed
from readiness.collect.trust.taint_flow import Frame
from readiness.collect.trust.taint_graph import ASIDE
from readiness.collect.trust.taint_messages import PRIVILEGED, Message, Messages, Whole, written
from readiness.collect.trust.taint_origins import Origin, Origins, typed_in
from readiness.knowledge.sources import Trust
from readiness.model import GENERATIVE, PrivilegedFlow

_SINKS: Final = {"system": "the system message", "developer": "the developer message"}
_HOLE: Final = re.compile(r"(?<!\{)\{\s*([A-Za-z_]\w*)\s*(?:![rsa])?(?::[^{}]*)?\}(?!\})")
_ROLES: Final = "the roles of the messages"
_ROLELESS: Final = frozenset({"anthropic", "google", "bedrock"})
"""SDKs whose message lists know no privileged role: instructions are handed over apart."""
_LISTS: Final = re.compile(r"(?i)messages?$|history$|conversation$|turns$|input_?items$")
_SAID: Final = ("messages", "history")
"""Roles whose messages each say who speaks."""
_INPUT_ROLES: Final = (*_SAID, "prompt", "documents")


@dataclass(frozen=True, slots=True, eq=False)
class _Sink:
    """A privileged text: its expression, where it stands, and what it is called in words."""

    expr: ir.Expr
    scope: Scope
    frames: tuple[Frame, ...]
    name: str
    line: int
    at: Scope


class Taint:
    """Finds privileged flows, and tells which calls take text from outside."""

    def __init__(self, finder: CallFinder, origins: Origins, allowed: Allowed) -> None:
        self.finder = finder
        self.resolver = finder.resolver
        self.origins = origins
        self.allowed = allowed
        self.messages = Messages(origins.flow)

    def flows(self, calls: tuple[FoundCall, ...]) -> tuple[PrivilegedFlow, ...]:
        """Every value in privileged text, of calls or of messages apart from any, each place with its least trusted origins."""
        found: dict[tuple[str, int, str, str], PrivilegedFlow] = {}
        told: set[int] = set()
        asking = [call for call in calls if call.kind in GENERATIVE]
        for flow in (*(flow for call in asking for flow in self._flows(call, told)), *(self._apart(told) if asking else ())):
            found.setdefault((flow.span.path, flow.span.line, flow.trust, flow.source), flow)
        return tuple(sorted(found.values(), key=lambda flow: (flow.span, flow.trust, flow.source)))

    def user_input(self, call: FoundCall) -> bool:
        """Whether text of a user or third party can reach the call: true unless all it is handed is constants and settings."""
        seen = False
        for variant in call.variants:
            for role in (*_INPUT_ROLES, "system"):
                carried = self.finder.role(variant, role)
                if carried.open:
                    return True
                for handed in carried.found:
                    seen = seen or role in _INPUT_ROLES
                    if any(typed_in(origin) for origin in self.origins.of(handed.expr, handed.scope)):
                        return True
        return not seen

    # -------------------------------------------------------------------------------------------------------- flows

    def _flows(self, call: FoundCall, told: set[int]) -> Iterator[PrivilegedFlow]:
        for sink in self._sinks(call):
            told.add(id(sink.expr))
            for origin in self._told(self.origins.of(sink.expr, sink.scope, sink.frames)):
                yield self._flow(sink, origin, call)
        for variant in call.variants:
            yield from self._chosen_roles(call, variant)
            yield from self._templates(call, variant)

    def _apart(self, told: set[int]) -> Iterator[PrivilegedFlow]:
        """Untrusted values in messages that no call is known to take: an interface, a registry or a queue stands between."""
        for scope in self.resolver.program.scopes():
            if scope.module.scope in ASIDE:
                continue
            for node in scope.nodes:
                role, content = written(node)
                if role in PRIVILEGED and content is not None and id(content) not in told:
                    sink = _Sink(content, scope, (), _SINKS[role], content.line, scope)
                    found = self._told(self.origins.of(content, scope))
                    yield from (self._flow(sink, origin, None) for origin in found if origin.trust is Trust.UNTRUSTED)

    @staticmethod
    def _told(found: tuple[Origin, ...]) -> tuple[Origin, ...]:
        """The origins worth telling of one text: the two nearest untrusted ones, what a request sends first; else the worst."""
        untrusted = [origin for origin in found if origin.trust is Trust.UNTRUSTED]
        return tuple(sorted(untrusted, key=lambda origin: (not origin.sent, origin.leaf.hops))[:2]) or found[:1]

    @staticmethod
    def _flow(sink: _Sink, origin: Origin, call: FoundCall | None) -> PrivilegedFlow:
        place = span_at(sink.at, sink.line)
        return PrivilegedFlow(
            place, sink.at.module.scope, origin.trust.value, origin.text, sink.name, call.id if call is not None else None
        )

    def _sinks(self, call: FoundCall) -> Iterator[_Sink]:
        for variant in call.variants:
            for handed in self.finder.role(variant, "system").found:
                yield from self._instructions(handed)
            for handed in (each for role in _SAID for each in self.finder.role(variant, role).found):
                for part in self.messages.of(handed.expr, handed.scope):
                    if isinstance(part, Message) and part.role in PRIVILEGED:
                        yield _Sink(part.content, part.scope, part.frames, _SINKS[part.role], part.content.line, part.scope)
            for handed in self.finder.role(variant, "tools").found:
                yield from self._descriptions(handed.expr, handed.scope, 0)

    def _instructions(self, handed: Handed) -> Iterator[_Sink]:
        """Instructions as they are handed over, or what messages of a privileged role say where they are picked by that role."""
        picked = self.messages.picked(handed.expr, handed.scope)
        for part in picked:
            expr = part.content if isinstance(part, Message) else part.expr
            yield _Sink(expr, part.scope, part.frames, "the instructions", handed.line, handed.scope)
        if not picked:
            yield _Sink(handed.expr, handed.scope, (), "the instructions", handed.line, handed.scope)

    def _descriptions(self, tools: ir.Expr, scope: Scope, depth: int) -> Iterator[_Sink]:
        """The descriptions inside a list of tools."""
        if depth > 4:
            return
        for value in self.resolver.values(tools, scope):
            if isinstance(value, Structure):
                items = value.expr.items if isinstance(value.expr, ir.Sequence) else ()
                for item in items:
                    yield from self._descriptions(item, value.scope, depth + 1)
                if isinstance(value.expr, ir.Mapping):
                    yield from self._described(value.expr, value.scope, depth)

    def _described(self, tool: ir.Mapping, scope: Scope, depth: int) -> Iterator[_Sink]:
        for key, value in tool.entries:
            if isinstance(key, ir.Literal) and key.value == "description" and not isinstance(value, ir.Literal):
                yield _Sink(value, scope, (), "a tool description", value.line, scope)
            elif isinstance(value, ir.Mapping | ir.Name):
                yield from self._descriptions(value, scope, depth + 1)

    # -------------------------------------------------------------------------------------------------- client roles

    def _chosen_roles(self, call: FoundCall, variant: Variant) -> Iterator[PrivilegedFlow]:
        """Messages of a request that keep whatever roles the client gave them."""
        if variant.entry.sdk in _ROLELESS:
            return
        for handed in (each for role in _SAID for each in self.finder.role(variant, role).found):
            for part in self.messages.of(handed.expr, handed.scope):
                origin = self._client(part)
                if origin is None or not _is_list(part):
                    continue
                at = part.scope if part.scope.module is handed.scope.module else handed.scope
                expr = handed.expr if at is handed.scope and not isinstance(handed.expr, ir.Sequence) else _expr(part)
                text = f"{origin.text}, whose messages may carry the role system,"
                line = expr.line if at is part.scope or expr is handed.expr else handed.line
                yield PrivilegedFlow(span_at(at, line), at.module.scope, Trust.UNTRUSTED.value, text, _ROLES, call.id)

    def _client(self, part: Message | Whole) -> Origin | None:
        if isinstance(part, Message):
            if part.chosen is None or part.role is not None or self.allowed(part.chosen, part.scope):
                return None
            expr = part.chosen
        else:
            if self.allowed.limits_roles(part.expr, part.scope):
                return None
            expr = part.expr
        return next((o for o in self.origins.of(expr, part.scope, part.frames) if o.sent and o.trust is Trust.UNTRUSTED), None)

    # ----------------------------------------------------------------------------------------------------- templates

    def _templates(self, call: FoundCall, variant: Variant) -> Iterator[PrivilegedFlow]:
        """What a chain's input puts into the holes of a privileged template."""
        callee = call.call.callee
        base = callee.base if isinstance(callee, ir.Member) else callee
        parts = list(self._pipeline(base, call.site.scope, 0))
        fills: list[tuple[ir.Expr, Scope]] = [(expr, scope) for expr, scope in parts if isinstance(expr, ir.Mapping)]
        fills += [
            (handed.expr, handed.scope) for role in ("messages", "prompt") for handed in self.finder.role(variant, role).found
        ]
        fills += [(arg, call.site.scope) for arg in call.call.args[:1]]
        for expr, scope in (*parts, *self._constructed(variant)):
            for hole in self._holes(expr, scope):
                yield from self._filled(hole, fills, call)

    def _constructed(self, variant: Variant) -> Iterator[tuple[ir.Expr, Scope]]:
        """Templates that are arguments of the chain's constructors."""
        for link in variant.links:
            step = link.step
            for name in ("prompt", "chat_prompt", "system_prompt", "prompt_template"):
                for handed in argument(self.resolver, step.call, step.scope, name).found:
                    yield handed.expr, handed.scope
            yield from ((arg, step.scope) for arg in step.call.args[1:3] if isinstance(arg, ir.Name | ir.Call))

    def _pipeline(self, expr: ir.Expr, scope: Scope, depth: int) -> Iterator[tuple[ir.Expr, Scope]]:
        """The parts of `a | b | c`, through names."""
        if depth > 12:
            return
        match expr:
            case ir.Call(callee=ir.Member(name="__or__" | "pipe", base=base), args=args):
                for part in (base, *args):
                    yield from self._pipeline(part, scope, depth + 1)
            case ir.Name(id=name) if name != "self":
                for binding in self.resolver.bindings(name, scope):
                    if isinstance(binding, Bound):
                        yield from self._pipeline(binding.expr, binding.scope, depth + 1)
            case ir.Member(base=ir.Name(id="self"), name=name) if scope.cls is not None:
                for binding in scope.cls.attributes.get(name, ()):
                    if isinstance(binding, Bound):
                        yield from self._pipeline(binding.expr, binding.scope, depth + 1)
            case _:
                yield expr, scope

    def _holes(self, expr: ir.Expr, scope: Scope) -> Iterator[str]:
        """The variables of the privileged messages of a template."""
        if not any(isinstance(value, External) and "rompt" in value.path for value in self.resolver.values(expr, scope)):
            return
        for part in self.messages.of(expr, scope):
            if isinstance(part, Message) and part.role in PRIVILEGED:
                for value in self.resolver.values(part.content, part.scope):
                    if isinstance(value, Constant) and isinstance(value.value, str):
                        yield from _HOLE.findall(value.value)

    def _filled(self, hole: str, fills: list[tuple[ir.Expr, Scope]], call: FoundCall) -> Iterator[PrivilegedFlow]:
        sink = f"the variable '{hole}' of the system template"
        line, scope = call.call.line, call.site.scope
        for expr, at in fills:
            held = entry(self.resolver, expr, at, hole)
            for handed in held.found:
                for origin in self._told(self.origins.of(handed.expr, handed.scope)):
                    yield PrivilegedFlow(span_at(scope, line), scope.module.scope, origin.trust.value, origin.text, sink, call.id)
            if held.found:
                return


def _expr(part: Message | Whole) -> ir.Expr:
    return part.content if isinstance(part, Message) else part.expr


def _is_list(part: Message | Whole) -> bool:
    """Whether what is passed on whole is a list of messages, not the text of one."""
    if isinstance(part, Message) or part.listed:
        return True
    match part.expr:
        case ir.Name(id=name) | ir.Member(name=name) | ir.Index(key=ir.Literal(value=str(name))):
            return _LISTS.search(name) is not None
        case _:
            return False
