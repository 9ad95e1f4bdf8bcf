"""Who can write what flows into a place: the leaves of a flow, judged."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from readiness.collect import ir
from readiness.collect.link.flow import Leaf
from readiness.collect.link.scopes import Scope
from readiness.collect.link.values import Constant, Environment, External, Received
from readiness.collect.trust.taint_flow import ALLOWED, Frame, Provenance
from readiness.knowledge.routes import EntryKind
from readiness.knowledge.sources import Trust
from readiness.model import GENERATIVE, CallKind

_NESTING: Final = 3
_ORDER: Final = (Trust.UNTRUSTED, Trust.UNRESOLVED, Trust.OPERATOR, Trust.CONSTANT)
_WORDS: Final = {
    EntryKind.HTTP: "a field of the request",
    EntryKind.WEBSOCKET: "a message of the socket",
    EntryKind.UI: "what a user types in the page",
    EntryKind.BOT: "a message of a chat service",
    EntryKind.QUEUE: "a field of the queued job",
    EntryKind.TOOL_SERVER: "an argument that the calling model writes",
    EntryKind.CLI: "an option of the command line",
}
_NOT_TEXT: Final = frozenset({CallKind.EMBEDDING, CallKind.MODERATION, CallKind.IMAGE})


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a value comes from. `sent`: with a request or message; `typed`: entered by whoever runs the program."""

    trust: Trust
    text: str
    leaf: Leaf
    sent: bool = False
    typed: bool = False


class Origins:
    """Judges leaves by the table of sources and the entry points of the program."""

    def __init__(self, flow: Provenance) -> None:
        self.flow = flow
        self.sources = flow.sources

    def of(self, expr: ir.Expr, scope: Scope, frames: tuple[Frame, ...] = (), depth: int = 0) -> tuple[Origin, ...]:
        """The origins of `expr`, least trusted first; none for a value made of constants alone."""
        found = [self._judge(leaf, depth) for leaf in self.flow.origins(expr, scope, frames)]
        distinct = {(origin.trust, origin.text): origin for origin in reversed(found) if origin is not None}
        return tuple(sorted(distinct.values(), key=lambda origin: _ORDER.index(origin.trust)))

    def _judge(self, leaf: Leaf, depth: int) -> Origin | None:
        origin = self._made(leaf, depth)
        if origin is None or origin.trust in (Trust.CONSTANT, Trust.OPERATOR):
            return origin
        unknown = next((name for name in leaf.through if not self._hands_on(name)), None)
        if unknown is None:
            return origin
        return Origin(Trust.UNRESOLVED, f"what {unknown} makes of {origin.text}", leaf, origin.sent, origin.typed)

    def _hands_on(self, name: str) -> bool:
        return name.startswith(("?", "builtins.")) or self.sources.hands_on(name) or self.sources.get(name) is not None

    def _made(self, leaf: Leaf, depth: int) -> Origin | None:
        if leaf.answer is not None:
            if leaf.answer.entry.implicit or leaf.answer.kind is CallKind.RERANK:
                return Origin(Trust.UNTRUSTED, f"a retrieved document ({leaf.answer.variants[0].path})", leaf)
            if leaf.answer.kind in _NOT_TEXT:
                return None
            place = f"{leaf.answer.site.path}:{leaf.answer.call.line}"
            word = "the answer of the model call" if leaf.answer.kind in GENERATIVE else "the text that a model made of audio"
            return Origin(Trust.UNTRUSTED, f"{word} at {place}", leaf)
        match leaf.value:
            case Received(argument=argument):
                return self._received(leaf, argument.scope, argument.parameter.name)
            case Environment(name=name):
                return Origin(Trust.OPERATOR, f"the environment variable {name}", leaf)
            case External() as value:
                return self._external(leaf, value, depth)
            case Constant(origin=origin) if origin == ALLOWED:
                return Origin(Trust.CONSTANT, "a value from an allow-list or a number", leaf)
            case _:
                return None

    def _received(self, leaf: Leaf, function: Scope, name: str) -> Origin:
        entry = self.flow.entries.get(id(function))
        if entry is not None:
            word = f"{_WORDS[entry.kind]} ('{name}' of {entry.path})" if entry.path else f"{_WORDS[entry.kind]} ('{name}')"
            if entry.kind is EntryKind.CLI:
                return Origin(Trust.OPERATOR, word, leaf, typed=True)
            if entry.path == "fetch" and name == "env":
                return Origin(Trust.OPERATOR, "a binding of the worker", leaf)
            return Origin(Trust.UNTRUSTED, word, leaf, sent=True)
        if id(function) in self.flow.tools:
            return Origin(
                Trust.UNTRUSTED, f"an argument that the model writes ('{name}' of the tool {function.name or 'function'})", leaf
            )
        return Origin(Trust.UNRESOLVED, f"the parameter '{name}' of {function.symbol or 'a function'}", leaf, typed=True)

    def _external(self, leaf: Leaf, value: External, depth: int) -> Origin | None:
        path = value.path
        known = self.sources.get(path)
        if known is None:
            if path.startswith("?") or self.sources.hands_on(path) or not isinstance(leaf.expr, ir.Call):
                return None
            return Origin(Trust.UNRESOLVED, f"what {path} returns", leaf)
        if known.trust is Trust.FILE:
            return self._file(leaf, depth)
        typed = "command line" in known.text
        sent = known.trust is Trust.UNTRUSTED and known.text.startswith(
            ("a field of the request", "what a user types", "a message")
        )
        made = value.steps[-1].path if value.steps else value.path  # what was called, without the fields that are read
        return Origin(known.trust, f"{known.text} ({made.removeprefix('builtins.')})", leaf, sent, typed)

    def _file(self, leaf: Leaf, depth: int) -> Origin:
        """A file is as trusted as its path: the program's own files and those of its settings are, those a user names are not."""
        call = leaf.expr
        parts = (
            [*call.args[:1], *([call.callee.base] if isinstance(call.callee, ir.Member) else [])]
            if isinstance(call, ir.Call)
            else []
        )
        found = [origin for part in parts for origin in (self.of(part, leaf.scope, (), depth + 1) if depth < _NESTING else ())]
        if any(origin.trust is Trust.UNTRUSTED for origin in found):
            return Origin(Trust.UNTRUSTED, "a file that an outsider names", leaf)
        if any(origin.trust is Trust.UNRESOLVED or origin.typed for origin in found):
            return Origin(Trust.UNRESOLVED, "a file whose name was not resolved", leaf)
        return Origin(Trust.OPERATOR, "a file of the application", leaf)


def typed_in(origin: Origin) -> bool:
    """Whether text of a user or third party comes this way: all but constants and settings."""
    return origin.trust in (Trust.UNTRUSTED, Trust.UNRESOLVED) or origin.typed
