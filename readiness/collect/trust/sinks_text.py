"""Which values are model text: answers, arguments that a model writes for a tool, and values of a page that hold an answer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from readiness.collect import ir
from readiness.collect.link.flow import Leaf
from readiness.collect.link.scopes import Argument, Scope
from readiness.collect.link.values import External, Received
from readiness.collect.trust.taint_flow import Provenance
from readiness.knowledge.sinks import Sinks
from readiness.model import GENERATIVE, CallKind

_GIVEN: Final = (
    "Context",
    "Config",
    "State",
    "Runtime",
    "Session",
    "Client",
    "CallbackManagerForToolRun",
    "AsyncCallbackManagerForToolRun",
)
"""Ends of the type names of tool parameters that the framework fills, not the model."""
_WRITING: Final = GENERATIVE | {CallKind.AUDIO}


@dataclass(frozen=True, slots=True)
class ModelText:
    """One way in which model text gets somewhere: what it is in words, the call it answers, and what it passed on the way."""

    source: str
    call: str | None
    leaf: Leaf


class Texts:
    """Finds model text in expressions."""

    def __init__(self, flow: Provenance, sinks: Sinks) -> None:
        self.flow = flow
        self.sinks = sinks

    def of(self, expr: ir.Expr, scope: Scope) -> tuple[ModelText, ...]:
        """Every way in which model text reaches `expr`."""
        found = (self._text(leaf) for leaf in self.flow.origins(expr, scope))
        return tuple(text for text in found if text is not None)

    def _text(self, leaf: Leaf) -> ModelText | None:
        if leaf.answer is not None:
            if leaf.answer.kind not in _WRITING or leaf.answer.entry.implicit:
                return None
            place = f"{leaf.answer.site.path}:{leaf.answer.call.line}"
            return ModelText(f"The answer of the model call at {place}", leaf.answer.id, leaf)
        match leaf.value:
            case Received(argument=argument) if id(argument.scope) in self.flow.tools and self._is_written(argument):
                name = argument.scope.name or "a tool"
                return ModelText(f"The argument '{argument.parameter.name}' that the model writes for {name}", None, leaf)
            case External(path=path) if path in self.sinks.answers:
                return ModelText("The answer that the page shows", None, leaf)
            case _:
                return None

    @staticmethod
    def _is_written(argument: Argument) -> bool:
        if argument.scope.name in ("execute", "") and argument.position > 0 and argument.scope.module.code.language == "typescript":
            return False
        annotation = argument.parameter.annotation
        while isinstance(annotation, ir.Index):
            if isinstance(annotation.base, ir.Name) and annotation.base.id == "Annotated":
                parts = annotation.key.items if isinstance(annotation.key, ir.Sequence) else ()
                return not any(isinstance(part, ir.Call | ir.Name) and _last(part).startswith("Injected") for part in parts)
            annotation = annotation.base
        return annotation is None or not _last(annotation).endswith(_GIVEN)


def _last(expr: ir.Expr) -> str:
    match expr:
        case ir.Name(id=name) | ir.Member(name=name):
            return name
        case ir.Call(callee=callee):
            return _last(callee)
        case ir.Literal(value=str(text)):
            return text
        case _:
            return ""
