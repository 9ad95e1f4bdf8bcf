"""Prompts that are written in code: judged by where a text goes, what it is called, and how it reads."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import IntEnum
from pathlib import PurePosixPath
from typing import Final

from readiness.collect import ir
from readiness.collect.calls.records import Linked
from readiness.collect.link.scopes import Scope
from readiness.collect.link.spans import span_at
from readiness.collect.link.walk import expressions
from readiness.collect.prompting.prompts_flow import reached
from readiness.collect.prompting.prompts_reading import placeholders, read
from readiness.collect.prompting.prompts_texts import ROLES, Held, Text, Tie, named, split_name, spoken, texts, written
from readiness.model import Prompt, Storage

PROMPT_WORDS: Final = frozenset(
    {"prompt", "prompts", "promt", "instruction", "instructions", "persona", "personality", "preprompt"}
)
_SYSTEM: Final = frozenset({"message", "messages", "msg", "text", "content", "role", "template", "context", "preamble", "base"})
_WEAK: Final = frozenset(
    {
        "template",
        "templates",
        "reminder",
        "role",
        "rubric",
        "guidelines",
        "message",
        "messages",
        "content",
        "criteria",
        "preamble",
        "few",
    }
)
_ASKS_PEOPLE: Final = frozenset({"prompt", "confirm", "ask", "input", "select", "text", "checkbox", "password", "alert"})
_TELLS_PEOPLE: Final = frozenset({
    "debug", "info", "warning", "warn", "error", "exception", "critical", "log", "print", "echo", "secho", "add_argument",
    "option", "argument", "getenv", "compile", "match", "search", "sub", "findall", "fullmatch", "execute", "open", "path",
    "toast", "success", "translate", "status", "notify", "rule", "panel", "tool_error", "tool_output", "tool_warning",
    "markdown", "require", "fetch", "deprecated", "environ", "get", "getattr", "setattr", "startswith", "endswith", "split",
    "include", "exit", "fail", "skip", "cn",
})  # fmt: skip
_OF_PEOPLE: Final = frozenset({
    "help", "description", "label", "title", "placeholder", "classname", "class_name", "href", "alt", "name", "id", "url",
    "error", "detail", "details", "reason", "tooltip", "epilog", "usage", "header", "headers", "doc", "summary", "hint", "src",
    "type", "model", "short_help", "metavar", "errormessage", "error_message", "message", "msg", "style", "variant", "key",
    "icon", "aria", "text_signature", "caption",
})  # fmt: skip
_TAILS: Final = frozenset({
    "description", "error", "label", "placeholder", "help", "url", "title", "name", "path", "file", "id", "key", "docs", "tooltip",
})  # fmt: skip


class Place(IntEnum):
    """How surely the place alone makes a text a prompt."""

    PEOPLE = 0
    NONE = 1
    WEAK = 2
    NAMED = 3
    DIRECT = 4


@dataclass(frozen=True, slots=True, eq=False)
class FoundPrompt:
    """A prompt with its text; `scope` and `expr` are where code writes it down, None for a file."""

    fact: Prompt
    text: str
    scope: Scope | None = None
    expr: ir.Expr | None = None


def in_code(linked: Linked) -> Iterator[FoundPrompt]:
    """The prompts written in the code of a program, in every scope of files."""
    marked = reached(linked.finder, linked.flow, linked.calls)
    functions: dict[int, str] = {}
    for scope in linked.finder.resolver.program.scopes():
        module = prompt_module(scope.module.path)
        accepted = []
        for text in texts(scope, functions):
            role = marked.role(text.expr, scope)
            place = _docstring(linked, text) if _is_docstring(text) else _place(text, role)
            found = written(text.expr)
            if _is_prompt(text, place, found, module=module, flows=bool(role)):
                accepted.append((text, found, role))
        parts = _parts([text for text, _, _ in accepted])
        yield from (_fact(text, found, role) for text, found, role in accepted if id(text.expr) not in parts)


def _parts(accepted: list[Text]) -> set[int]:
    """Texts, by identity, that a function only puts into a longer text of its own: pieces of one prompt."""
    size = {id(text.expr): _fixed(text.expr) for text in accepted}
    inserted: dict[str, int] = {}
    for text in accepted:
        if isinstance(text.expr, ir.Template):
            names = {inner.id for part in text.expr.parts for inner in expressions(part) if isinstance(inner, ir.Name)}
            for name in names:
                inserted[name] = max(inserted.get(name, 0), size[id(text.expr)])
    return {
        id(text.expr)
        for text in accepted
        if isinstance(text.scope.node, ir.Function)
        and text.trail
        and text.trail[0].tie is Tie.ASSIGNED
        and inserted.get(text.trail[0].name, 0) >= size[id(text.expr)]
    }


def _fixed(expr: ir.Expr) -> int:
    return len(written(expr))


def prompt_module(path: str) -> bool:
    """Whether prompts are kept in a file: it, or a folder around it, is called after them (`prompts.py`, `prompts/a.ts`)."""
    pure = PurePosixPath(path)
    if pure.suffix in (".tsx", ".jsx"):
        return False
    stem = split_name(pure.name.split(".")[0])
    folders = {part.lower() for part in pure.parts[:-1]}
    return (
        bool(stem and stem[-1] in {"prompt", "prompts", "instructions"})
        or "prompts" in stem
        or bool(folders & {"prompts", "prompt_templates", "prompt-templates"})
    )


def _is_docstring(text: Text) -> bool:
    return bool(text.trail) and text.trail[-1].tie is Tie.CLASS and text.trail[-1].expr is text.expr


def _docstring(linked: Linked, text: Text) -> Place:
    """The docstring of a declared model program is its instruction; any other is for readers of the code."""
    bases = linked.finder.resolver.external_bases(text.scope)
    return (
        Place.DIRECT
        if any(base.path.endswith("dspy.Signature") or base.path == "dspy.Signature" for base in bases)
        else Place.PEOPLE
    )


def _place(text: Text, role: str) -> Place:
    if text.raised:
        return Place.PEOPLE
    if isinstance(text.expr, ir.Sequence):
        return Place.DIRECT
    best = Place.WEAK if role else Place.NONE
    for distance, held in enumerate(reversed(text.trail)):
        here = _held(held, nearest=distance == 0)
        if here is Place.PEOPLE and best < Place.NAMED and distance < 2:
            return Place.PEOPLE
        if distance < 3 or held.tie is Tie.CLASS:
            best = max(best, here)
    return best


def _held(held: Held, *, nearest: bool) -> Place:
    """What one name above a text says of it."""
    name = held.name
    words = split_name(name)
    if held.tie is Tie.CALLED:
        return _called(held, words)
    if held.tie is Tie.KEY and name == "content" and held.expr is not None:
        spoke = spoken(held.expr)
        if spoke in ("system", "developer"):
            return Place.DIRECT
        return Place.WEAK if spoke in ROLES else Place.NONE
    if held.tie in (Tie.ASSIGNED, Tie.KEY, Tie.KEYWORD, Tie.DEFAULT) and _of_people(name.lower(), words, nearest=nearest):
        return Place.PEOPLE
    return _words(words, whole=name.lower())


def _of_people(name: str, words: tuple[str, ...], *, nearest: bool) -> bool:
    """Whether a name is one of texts that people read, or of schemas: descriptions of tools and fields belong to those."""
    if "descriptions" in words or (words and words[-1] in _TAILS):
        return True
    return nearest and (name in _OF_PEOPLE or (bool({"error", "warning", "log"} & set(words)) and not set(words) & PROMPT_WORDS))


def _called(held: Held, words: tuple[str, ...]) -> Place:
    call = held.expr
    last = held.name.rsplit(".", 1)[-1]
    if isinstance(call, ir.Call) and call.jsx:
        return Place.PEOPLE
    if {"status", "toast", "notify", "notification", "alert"} & set(words):
        return Place.PEOPLE
    if (
        last.lower() in _TELLS_PEOPLE
        or last.lower() in _ASKS_PEOPLE
        or words[-1:] in (("error",), ("exception",), ("warning",), ("logger",), ("field",))
    ):
        return Place.PEOPLE
    if {"system", "message"} <= set(words) or {"prompt", "template"} <= set(words) or words[-2:] == ("prompt", "builder"):
        return Place.DIRECT
    return Place.WEAK if {"human", "message"} <= set(words) or {"user", "message"} <= set(words) else Place.NONE


def _words(words: tuple[str, ...], *, whole: str) -> Place:
    found = set(words)
    if whole in ("system", "developer", "backstory") or found & PROMPT_WORDS or ("system" in found and found & _SYSTEM):
        return Place.NAMED
    return Place.WEAK if found & _WEAK else Place.NONE


def _is_prompt(text: Text, place: Place, found: str, *, module: bool, flows: bool) -> bool:
    reading = read(found)
    if place is Place.PEOPLE or reading.people or (reading.foreign and place is not Place.DIRECT):
        return False
    words, score, holes = reading.words, reading.score, len(placeholders(found))
    if place is Place.DIRECT:
        return words >= 3 or (words >= 1 and holes >= 1)
    if _is_template(text) and ((place is Place.NAMED and holes >= 2) or (place is Place.WEAK and holes >= 1 and score >= 3)):
        return True
    if _is_suggestion(text) and not flows:
        return (reading.addressed and score >= 3) or holes > 0 or words >= 40
    if module and _is_kept(text):
        return (words >= 3 and score >= (1 if text.scope.function is None else 2)) or words >= 12
    if place is Place.NAMED:
        return words >= 4 and (flows or score >= 2 or words >= 15)
    if reading.aside or _speaks_to_people(text):
        return False
    if place is Place.WEAK:
        return words >= 4 and score >= (2 if flows else 4)
    return words >= 10 and score >= 6


def _speaks_to_people(text: Text) -> bool:
    """Whether the file is named after help or interface texts."""
    stem = PurePosixPath(text.scope.module.path).name.split(".")[0]
    return bool(set(split_name(stem)) & {"help", "usage", "faq", "i18n", "locale", "locales", "onboarding", "readme", "docs"})


def _is_kept(text: Text) -> bool:
    """Whether a text is a definition of its own: a constant, a field, or what a function returns."""
    return not isinstance(text.scope.node, ir.Function) or (bool(text.trail) and text.trail[0].tie is Tie.RETURNED)


def _is_template(text: Text) -> bool:
    """Whether a text is a constant that leaves its holes open."""
    return isinstance(text.expr, ir.Literal) or not isinstance(text.scope.node, ir.Function)


def _is_suggestion(text: Text) -> bool:
    """Whether a text stands in a record under `prompt`: there it may be what a user can pick to ask."""
    last = text.trail[-1] if text.trail else None
    return last is not None and last.tie in (Tie.KEY, Tie.KEYWORD) and last.name.lower() == "prompt"


def _fact(text: Text, found: str, role: str) -> FoundPrompt:
    scope = text.scope
    kept = scope.parent is None or isinstance(scope.node, ir.Class) or (bool(text.trail) and text.trail[0].tie is Tie.DEFAULT)
    fact = Prompt(
        span_at(scope, text.expr.line, text.expr.end_line),
        scope.module.scope,
        Storage.CONSTANT if kept else Storage.INLINE,
        _role(text, role),
        _holes(text.expr, found),
    )
    return FoundPrompt(fact, found, text.scope, text.expr)


def _role(text: Text, flowing: str) -> str:
    if isinstance(text.expr, ir.Sequence):
        return "example"
    for held in reversed(text.trail):
        spoke = spoken(held.expr) if held.tie is Tie.KEY and held.expr is not None else ""
        words = set(split_name(held.name))
        if spoke in ("system", "developer") or "system" in words or words & {"instructions", "persona", "personality"}:
            return "system"
        if spoke in ("user", "human") or words & {"user", "human"}:
            return "user"
        if "tool" in words:
            return "tool"
    return {"system": "system", "prompt": "user"}.get(flowing, "unknown")


def _holes(expr: ir.Expr, found: str) -> tuple[str, ...]:
    if not isinstance(expr, ir.Template):
        return placeholders(found)
    own = [named(part) for part in expr.parts if not isinstance(part, ir.Literal)]
    fixed = "".join(str(part.value) for part in expr.parts if isinstance(part, ir.Literal))
    return tuple(dict.fromkeys(name for name in (*own, *placeholders(fixed)) if name))
