"""The messages that a call is handed: each with its role and content, and whole lists that come from elsewhere."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from readiness.collect import ir
from readiness.collect.link.resolve import Resolver
from readiness.collect.link.scopes import Argument, Bound, Scope, Site
from readiness.collect.link.values import Constant, External, Instance, Kind, Routine
from readiness.collect.link.walk import Context, expressions
from readiness.collect.trust.taint_flow import Frame, Provenance

_DEPTH: Final = 16
_PICKING: Final = 8
PRIVILEGED: Final = frozenset({"system", "developer"})
_CONTENT: Final = ("content", "parts", "text")
_CLASSES: Final = {
    "SystemMessage": "system",
    "SystemMessagePromptTemplate": "system",
    "ChatCompletionSystemMessageParam": "system",
    "ChatCompletionDeveloperMessageParam": "developer",
    "ChatRequestSystemMessage": "system",
    "SystemChatMessage": "system",
    "SystemPromptPart": "system",
    "HumanMessage": "user",
    "HumanMessagePromptTemplate": "user",
    "UserMessage": "user",
    "AIMessage": "assistant",
    "AssistantMessage": "assistant",
    "ToolMessage": "tool",
    "MessagesPlaceholder": "placeholder",
    "ChatCompletionUserMessageParam": "user",
    "ChatCompletionAssistantMessageParam": "assistant",
}
"""Message classes that say their role by their name, in every framework that has them."""
_FACTORIES: Final = {"from_system": "system", "from_user": "user", "from_assistant": "assistant", "system": "system"}


@dataclass(frozen=True, slots=True, eq=False)
class Message:
    """One message. `role` is None when it is not one constant; `chosen` is then the expression that decides it."""

    role: str | None
    content: ir.Expr
    scope: Scope
    frames: tuple[Frame, ...]
    chosen: ir.Expr | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Whole:
    """Messages that are passed on as they come, with whatever roles they have."""

    expr: ir.Expr
    scope: Scope
    frames: tuple[Frame, ...]
    listed: bool = False
    """Whether it was seen spread into a list, mapped or filtered: a list of messages, not the text of one."""


@dataclass(frozen=True, slots=True, eq=False)
class _At:
    scope: Scope
    frames: tuple[Frame, ...]
    depth: int
    listed: bool = False

    def deeper(self, scope: Scope | None = None, *, listed: bool = False) -> _At:
        return _At(scope or self.scope, self.frames, self.depth + 1, self.listed or listed)


def written(node: ir.Expr) -> tuple[str, ir.Expr | None]:
    """The constant role and the content of a message that is written out: `{"role": "system", "content": text}`."""
    if not isinstance(node, ir.Mapping):
        return "", None
    entries = {key.value: value for key, value in node.entries if isinstance(key, ir.Literal)}
    role = entries.get("role")
    content = next((entries[name] for name in _CONTENT if name in entries), None)
    return (role.value.lower(), content) if isinstance(role, ir.Literal) and isinstance(role.value, str) else ("", content)


class Messages:
    """Reads message lists out of expressions."""

    def __init__(self, flow: Provenance) -> None:
        self.flow = flow
        self.resolver = flow.resolver

    def of(self, expr: ir.Expr, scope: Scope) -> tuple[Message | Whole, ...]:
        """Every message, and every list passed on whole, that `expr` can hold."""
        found: dict[tuple[int, int], Message | Whole] = {}
        for part in self._walk(expr, _At(scope, (), 0), set()):
            key = id(part.content if isinstance(part, Message) else part.expr)
            found.setdefault((key, id(part.scope)), part)
        return tuple(found.values())

    def picked(self, expr: ir.Expr, scope: Scope) -> tuple[Message | Whole, ...]:
        """The messages that an expression picks from a list by their privileged role; none where it picks in no such way.

        `messages.find((m) => m.role === "system")?.content`, `[m["content"] for m in messages if m["role"] == "system"]`.
        """
        source = _picked_from(self.resolver, expr, scope, 0)
        found = self.of(*source) if source is not None else ()
        return tuple(part for part in found if isinstance(part, Whole) or part.role is None or part.role in PRIVILEGED)

    def _walk(self, expr: ir.Expr, at: _At, seen: set[tuple[int, int]]) -> Iterator[Message | Whole]:
        key = (id(expr), id(at.scope))
        if at.depth > _DEPTH or key in seen:
            return
        seen.add(key)
        match expr:
            case ir.Literal() | ir.Template() | ir.Lambda():
                return
            case ir.Await(value=value):
                yield from self._walk(value, at.deeper(), seen)
            case ir.Sequence(items=items):
                tupled = self._tuple(expr, at)
                if tupled is not None:
                    yield tupled
                    return
                for item in items:
                    yield from self._walk(item, at.deeper(), seen)
            case ir.Mapping():
                yield from self._mapping(expr, at, seen)
            case ir.Choice(options=options):
                for option in options:
                    yield from self._walk(option, at.deeper(), seen)
            case ir.Opaque(kind="comprehension", parts=parts) if parts:
                if not any(_reads_role(condition) for condition in parts[2:]):
                    yield from self._walk(parts[0], at.deeper(), seen)
            case ir.Opaque(parts=parts) if expr.kind not in ("compare", "not"):
                for part in parts:
                    yield from self._walk(part, at.deeper(listed=True), seen)
            case ir.Name():
                yield from self._name(expr, at, seen)
            case ir.Member():
                yield from self._member(expr, at, seen)
            case ir.Index(base=base):
                yield from self._walk(base, at.deeper(), seen)
            case ir.Call():
                yield from self._call(expr, at, seen)
            case _:
                return

    # ----------------------------------------------------------------------------------------------- single messages

    def _mapping(self, mapping: ir.Mapping, at: _At, seen: set[tuple[int, int]]) -> Iterator[Message | Whole]:
        entries = {key.value: value for key, value in mapping.entries if isinstance(key, ir.Literal)}
        content = next((entries[name] for name in _CONTENT if name in entries), None)
        role = entries.get("role")
        if role is None and "messages" in entries:
            yield from self._walk(entries["messages"], at.deeper(), seen)
            return
        if role is None or content is None:
            for key, value in mapping.entries:
                if key is None:
                    yield from self._walk(value, at.deeper(), seen)
            return
        yield self._message(role, content, at)

    def _message(self, role: ir.Expr, content: ir.Expr, at: _At) -> Message:
        known = self._roles(role, at.scope)
        if len(known) == 1:
            return Message(next(iter(known)), content, at.scope, at.frames)
        return Message(next(iter(known & PRIVILEGED), None), content, at.scope, at.frames, role)

    def _roles(self, role: ir.Expr, scope: Scope) -> set[str]:
        found: set[str] = set()
        for value in self.resolver.values(role, scope):
            match value:
                case Constant(value=str(text)):
                    found.add(text.lower())
                case External(path=path) if not path.startswith("?"):
                    found.add(path.rsplit(".", 1)[-1].lower())
                case _:
                    pass
        return found

    def _tuple(self, expr: ir.Sequence, at: _At) -> Message | None:
        """`("system", "...")`."""
        match expr.items:
            case (ir.Literal(value=str(role)), content) if role.lower() in (
                *PRIVILEGED,
                "user",
                "human",
                "ai",
                "assistant",
                "placeholder",
                "tool",
            ):
                return Message(role.lower(), content, at.scope, at.frames)
            case _:
                return None

    def _made(self, call: ir.Call, at: _At) -> Message | None:
        """A message class of some framework."""
        for value in self.resolver.values(call.callee, at.scope):
            if not isinstance(value, External | Kind):
                continue
            names = value.path.split(".") if isinstance(value, External) else [value.scope.name]
            role = next((_CLASSES[name] for name in names[-2:] if name in _CLASSES), None)
            if role is None and len(names) > 1 and names[-2].endswith("Message"):
                role = _FACTORIES.get(names[-1])
            given = {keyword.name: keyword.value for keyword in call.keywords}
            for arg in call.args:
                if isinstance(arg, ir.Mapping):
                    given.update({str(key.value): value for key, value in arg.entries if isinstance(key, ir.Literal)})
            content = next(
                (given[name] for name in (*_CONTENT, "prompt", "template") if name in given), call.args[0] if call.args else None
            )
            if role is not None and content is not None:
                return Message(role, content, at.scope, at.frames)
            if (
                "role" in given
                and content is not None
                and any(name.endswith(("Message", "Content", "MessageParam")) for name in names[-2:])
            ):
                return self._message(given["role"], content, at)
        return None

    # ------------------------------------------------------------------------------------------------ lists by name

    def _name(self, name: ir.Name, at: _At, seen: set[tuple[int, int]]) -> Iterator[Message | Whole]:
        for added, scope in self._added(name.id, at.scope):
            yield from self._walk(added, at.deeper(scope), seen)
        for binding in self.resolver.bindings(name.id, at.scope):
            match binding:
                case Bound():
                    yield from self._walk(binding.expr, at.deeper(binding.scope), seen)
                case Argument():
                    yield from self._argument(binding, name, at, seen)
                case _:
                    for value in self.resolver.values(name, at.scope):
                        if not isinstance(value, External | Routine | Kind):
                            yield from self._value(value, at, seen)

    def _added(self, name: str, scope: Scope) -> Iterator[tuple[ir.Expr, Scope]]:
        """What `messages.append(x)` and its like add to a list under this name."""
        current: Scope | None = scope
        while current is not None:
            for expr in self.flow.base.mutated(current).get(name, ()):
                yield expr, current
            if name in current.bindings:
                return
            current = current.parent

    def _value(self, value: object, at: _At, seen: set[tuple[int, int]]) -> Iterator[Message | Whole]:
        expr, scope = getattr(value, "expr", None), getattr(value, "scope", None)
        if isinstance(expr, ir.Mapping | ir.Sequence) and isinstance(scope, Scope):
            yield from self._walk(expr, at.deeper(scope), seen)

    def _argument(self, argument: Argument, name: ir.Expr, at: _At, seen: set[tuple[int, int]]) -> Iterator[Message | Whole]:
        frame = next((frame for frame in reversed(at.frames) if frame.function is argument.scope), None)
        if frame is not None:
            outer = at.frames[: at.frames.index(frame)]
            for expr, scope in self.resolver.passed(argument, frame.site):
                yield from self._walk(expr, _At(scope, outer, at.depth + 1, at.listed), seen)
            return
        sites = () if id(argument.scope) in self.flow.entries else self.flow.callers(argument.scope)
        passed = False
        for site in sites:
            for expr, scope in self.resolver.passed(argument, site):
                passed = True
                yield from self._walk(expr, _At(scope, (), at.depth + 1, at.listed), seen)
        if not passed:
            yield Whole(name, at.scope, at.frames, at.listed)

    def _member(self, member: ir.Member, at: _At, seen: set[tuple[int, int]]) -> Iterator[Message | Whole]:
        found = False
        if isinstance(member.base, ir.Name) and member.base.id == "self" and at.scope.cls is not None:
            for cls in self.resolver.lineage(at.scope.cls):
                for binding in (*cls.attributes.get(member.name, ()), *cls.bindings.get(member.name, ())):
                    if isinstance(binding, Bound):
                        found = True
                        yield from self._walk(binding.expr, at.deeper(binding.scope), seen)
                    elif isinstance(binding, Argument):
                        found = True
                        yield from self._argument(binding, member, at, seen)
                for method in cls.children:
                    for added in self.flow.base.mutated(method).get(f"self.{member.name}", ()):
                        yield from self._walk(added, at.deeper(method), seen)
        if found:
            return
        for value in self.resolver.values(member, at.scope):
            structured = list(self._value(value, at, seen)) if not isinstance(value, Instance | External) else []
            found = found or bool(structured)
            yield from structured
        if not found:
            yield Whole(member, at.scope, at.frames, at.listed)

    # -------------------------------------------------------------------------------------------------------- calls

    def _call(self, call: ir.Call, at: _At, seen: set[tuple[int, int]]) -> Iterator[Message | Whole]:
        made = self._made(call, at)
        if made is not None:
            yield made
            return
        functions = [value.scope for value in self.resolver.values(call.callee, at.scope) if isinstance(value, Routine)]
        for function in functions:
            frame = Frame(function, Site(call, at.scope, Context(), ir.Do(call, call.line)))
            inner = _At(function, (*at.frames, frame), at.depth + 1, at.listed)
            for result in (*function.returns, *function.yields):
                yield from self._walk(result, inner, seen if not at.frames else set(seen))
        if functions or _filters_roles(call):
            return
        if isinstance(call.callee, ir.Member) and call.callee.name in ("json", "parse", "safeParse", "get_json"):
            yield Whole(call, at.scope, at.frames, at.listed)
            return
        mapped = [arg for arg in call.args if isinstance(arg, ir.Lambda)]
        if mapped and isinstance(call.callee, ir.Member) and call.callee.name in ("map", "flatMap"):
            yield from self._mapped(mapped[0].function, call.callee.base, at, seen)
            return
        parts = [*call.args, *(keyword.value for keyword in call.keywords)]
        if isinstance(call.callee, ir.Member):
            parts.append(call.callee.base)
        for part in parts:
            if not isinstance(part, ir.Lambda):
                yield from self._walk(part, at.deeper(), seen)

    def _mapped(self, function: ir.Function, base: ir.Expr, at: _At, seen: set[tuple[int, int]]) -> Iterator[Message | Whole]:
        """`xs.map((x) => ({role: ..., content: x.text}))`."""
        inner = next((child for child in at.scope.children if child.node is function), None)
        shaped = False
        for result in inner.returns if inner is not None else ():
            for part in self._walk(result, at.deeper(inner), seen):
                if isinstance(part, Message):
                    shaped = True
                    if part.chosen is not None and part.role is None:
                        yield Whole(base, at.scope, at.frames, listed=True)
                    else:
                        yield part
        if not shaped:
            yield from self._walk(base, at.deeper(listed=True), seen)


def _picked_from(resolver: Resolver, expr: ir.Expr, scope: Scope, depth: int) -> tuple[ir.Expr, Scope] | None:
    """The list that a text is picked from by a privileged role, through fields and methods of what is picked."""
    if depth > _PICKING:
        return None
    match expr:
        case ir.Opaque(kind="comprehension", parts=(_, source, *tests)) if any(_wants_privileged(test) for test in tests):
            return source, scope
        case ir.Call(callee=ir.Member(base=base, name="find" | "filter"), args=(ir.Lambda() as test, *_)) if _tests(test.function):
            return base, scope
        case ir.Call(callee=ir.Member(base=ir.Literal()) | ir.Name(id="next"), args=(inner, *_)):
            return _picked_from(resolver, inner, scope, depth + 1)
        case ir.Call(callee=ir.Member(base=base)) | ir.Member(base=base) | ir.Index(base=base) | ir.Await(value=base):
            return _picked_from(resolver, base, scope, depth + 1)
        case ir.Choice(options=(first, *_)):
            return _picked_from(resolver, first, scope, depth + 1)
        case ir.Name(id=name):
            bound = [binding for binding in resolver.bindings(name, scope) if isinstance(binding, Bound)]
            return _picked_from(resolver, bound[0].expr, bound[0].scope, depth + 1) if len(bound) == 1 else None
        case _:
            return None


def _tests(function: ir.Function) -> bool:
    return any(
        isinstance(statement, ir.Return) and statement.value is not None and _wants_privileged(statement.value)
        for statement in function.body
    )


def _wants_privileged(expr: ir.Expr) -> bool:
    """`message.role === "system"`."""
    match expr:
        case ir.Opaque(kind="compare", text="==" | "===", parts=parts):
            return any(isinstance(part, ir.Literal) and part.value in PRIVILEGED for part in parts) and _reads_role(expr)
        case _:
            return False


def _reads_role(expr: ir.Expr) -> bool:
    return any(
        (isinstance(part, ir.Member) and part.name in ("role", "type"))
        or (isinstance(part, ir.Index) and isinstance(part.key, ir.Literal) and part.key.value in ("role", "type"))
        for part in expressions(expr)
    )


def _filters_roles(call: ir.Call) -> bool:
    """`messages.filter((m) => m.role !== "system")`."""
    if not (isinstance(call.callee, ir.Member) and call.callee.name == "filter"):
        return False
    for arg in call.args:
        if isinstance(arg, ir.Lambda):
            for statement in arg.function.body:
                if isinstance(statement, ir.Return) and statement.value is not None and _reads_role(statement.value):
                    return True
    return False
