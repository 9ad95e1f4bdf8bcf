"""The places of a program that hold what instructs a model: system texts, instructions and templates of calls and messages."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from readiness.collect import ir
from readiness.collect.link.found import CallFinder, FoundCall
from readiness.collect.link.scopes import Scope, Site
from readiness.collect.prompting.prompts_flow import KINDS
from readiness.collect.prompting.prompts_texts import named, split_name, spoken

_KEYWORDS: Final = frozenset({
    "system", "system_prompt", "systemPrompt", "system_message", "systemMessage", "system_instruction", "systemInstruction",
    "instructions", "developer", "backstory", "prompt_template", "promptTemplate", "system_prompt_template",
})  # fmt: skip
_ASKS: Final = frozenset({
    "agent", "assistant", "chat", "generate", "create", "stream", "complete", "completion", "completions", "llm", "model",
    "respond", "response", "responses", "messages", "invoke", "predict", "ask", "runner", "crew", "converse",
})  # fmt: skip
"""Words in the names of what talks to a model, of SDKs as of wrappers."""
_PRIVILEGED: Final = ("system", "developer")


@dataclass(frozen=True, slots=True, eq=False)
class Slot:
    """An expression whose value instructs a model; `system` is false for the prompt or messages of a call as a whole."""

    expr: ir.Expr
    scope: Scope
    system: bool


def slots(finder: CallFinder, calls: tuple[FoundCall, ...]) -> Iterator[Slot]:
    """Every slot of a program: what is said in the system role, given as instructions or made a template; then whole prompts."""
    for scope in finder.resolver.program.scopes():
        for node in scope.nodes:
            yield from _said(node, scope)
        for site in scope.sites:
            yield from _given(site)
    for found in calls:
        if found.kind in KINDS:
            for variant in found.variants:
                for role in ("system", "messages", "history", "prompt"):
                    yield from (Slot(h.expr, h.scope, role == "system") for h in finder.role(variant, role).found)


def _said(node: ir.Expr, scope: Scope) -> Iterator[Slot]:
    """`{"role": "system", "content": x}` and `("system", x)`."""
    match node:
        case ir.Mapping(entries=entries) if spoken(node) in _PRIVILEGED:
            for key, value in entries:
                if isinstance(key, ir.Literal) and key.value in ("content", "parts", "text"):
                    yield Slot(value, scope, system=True)
        case ir.Sequence(items=(ir.Literal(value=str(role)), text)) if role.lower() in _PRIVILEGED:
            yield Slot(text, scope, system=True)
        case _:
            return


def _given(site: Site) -> Iterator[Slot]:
    """`SystemMessage(x)`, `PromptTemplate.from_template(x)`, `Agent(instructions=x)`, `messages.create({system: x})`."""
    call = site.call
    words = set(split_name(named(call.callee)))
    owner = set(split_name(named(call.callee.base))) if isinstance(call.callee, ir.Member) else set()
    if {"system", "message"} <= words or {"prompt", "template"} <= words | owner:
        yield from (
            Slot(arg, site.scope, system=True)
            for arg in (*call.args[:1], *(k.value for k in call.keywords if k.name in ("content", "template")))
        )
    if not (words | owner) & _ASKS:
        return
    for keyword in call.keywords:
        if keyword.name in _KEYWORDS:
            yield Slot(keyword.value, site.scope, system=True)
    for arg in call.args:
        if isinstance(arg, ir.Mapping) and call.callee and not call.jsx:
            for key, value in arg.entries:
                if isinstance(key, ir.Literal) and key.value in _KEYWORDS:
                    yield Slot(value, site.scope, system=True)
