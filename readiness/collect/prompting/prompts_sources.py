"""Places that load a prompt at run time from a registry, a database, the environment, a store or a file outside the repository."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from fnmatch import translate
from functools import cache
from typing import Final

from readiness.collect import ir
from readiness.collect.calls.records import Linked
from readiness.collect.link.arguments import argument
from readiness.collect.link.flow import Leaf
from readiness.collect.link.found import CallFinder
from readiness.collect.link.scopes import Scope, Site
from readiness.collect.link.spans import span_at, span_of
from readiness.collect.link.values import Constant, Environment, External
from readiness.collect.link.walk import expressions
from readiness.collect.prompting.prompts_code import PROMPT_WORDS
from readiness.collect.prompting.prompts_slots import Slot, slots
from readiness.collect.prompting.prompts_texts import dotted, split_name
from readiness.knowledge.tables import read_table
from readiness.model import PromptSource, Span

_TEMPLATES: Final = PROMPT_WORDS | {"template", "templates", "role", "roles"}
_OWNERS: Final = frozenset(
    {"user_id", "userId", "user", "owner", "owner_id", "ownerId", "created_by", "author", "session_id", "sessionId"}
)
_FROM: Final = re.compile(r"(?i)\bfrom\s+[\"`]?(\w+)")
_FEW: Final = 3
_PROMPT_OBJECT: Final = re.compile(r"^pmpt_")
_ACCESS: Final = re.compile(r"(?i)(^|_)(key|token|secret|password|url|uri|host|endpoint|port|dsn|region|bucket|credentials?)$")
_READERS: Final = frozenset({"read_text", "read", "load", "loads", "safe_load", "readFileSync", "readFile", "parse", "readlines"})
_OPENERS: Final = frozenset({"open", "read_text", "readFile", "readFileSync", "readdir", "readdirSync", "Path", "glob"})
"""What is given the name of a file, not what stands in it."""
_WRITERS: Final = frozenset({"write_text", "write", "dump", "writeFileSync", "writeFile", "safe_dump"})


@dataclass(frozen=True, slots=True)
class Registry:
    """A product that serves prompts: how it is read, which arguments fix a version, what a fixed reference looks like."""

    title: str
    names: re.Pattern[str]
    version: tuple[str | int, ...]
    pinned: re.Pattern[str] | None


@dataclass(frozen=True, slots=True)
class Stores:
    """What `prompt_stores.yaml` says."""

    registries: tuple[Registry, ...]
    reads: dict[str, frozenset[str]]
    outside: frozenset[str]

    @classmethod
    @cache
    def load(cls) -> Stores:
        """Read the shipped file."""
        document = read_table("prompt_stores")
        registries = tuple(
            Registry(
                each["title"],
                re.compile("|".join(translate(name) for name in each["names"])),
                tuple(each.get("version", ())),
                re.compile(each["pinned"]) if "pinned" in each else None,
            )
            for each in document["registries"]
        )
        return cls(
            registries, {kind: frozenset(names) for kind, names in document["reads"].items()}, frozenset(document["outside"])
        )

    def registry(self, path: str) -> Registry | None:
        """The registry that a called name reads, None for any other name."""
        return next((each for each in self.registries if each.names.match(path)), None)

    def kind(self, path: str) -> str:
        """Db | object_store | remote for a name that reads one, else ''."""
        last = path.rsplit(".", 1)[-1]
        if path in self.reads["remote"]:
            return "remote"
        return next((kind for kind in ("object_store", "db") if last in self.reads[kind]), "")


def prompt_sources(linked: Linked) -> tuple[PromptSource, ...]:
    """Every place of a program that loads a template from something mutable, ordered by place."""
    finder, stores = linked.finder, Stores.load()
    found = [source for site in finder.resolver.program.sites() for source in _registry(finder, site, stores)]
    asked: set[tuple[int, bool]] = set()
    for slot in slots(finder, linked.calls):
        if (id(slot.expr), slot.system) in asked:
            continue
        asked.add((id(slot.expr), slot.system))
        found.extend(_environment(linked, slot))
        for leaf in linked.flow.leaves(slot.expr, slot.scope):
            if (id(leaf.expr), slot.system) not in asked:
                asked.add((id(leaf.expr), slot.system))
                found.extend(_loaded(linked, slot, leaf, stores))
    unique = {(source.span.path, source.span.line): source for source in reversed(found)}
    return tuple(sorted(unique.values(), key=lambda source: source.span))


# ------------------------------------------------------------------------------------------------------- registries


def _registry(finder: CallFinder, site: Site, stores: Stores) -> Iterator[PromptSource]:
    for value in finder.resolver.values(site.call.callee, site.scope):
        registry = stores.registry(value.path) if isinstance(value, External) else None
        if registry is not None:
            pinned = _is_pinned(finder, site, registry)
            note = f"{registry.title} serves {'a fixed version' if pinned else 'whatever its label points to'}."
            yield PromptSource(span_of(site), site.scope.module.scope, "registry", pinned=pinned, note=note)
            return
    yield from _prompt_object(finder, site)


def _is_pinned(finder: CallFinder, site: Site, registry: Registry) -> bool:
    for place in registry.version:
        for handed in argument(finder.resolver, site.call, site.scope, place).found:
            values = finder.resolver.values(handed.expr, handed.scope)
            if any(not isinstance(value, Constant) or value.value not in (None, "", "latest", "production") for value in values):
                return not any(
                    isinstance(value, Constant) and isinstance(value.value, dict | bool) for value in values
                ) and not isinstance(handed.expr, ir.Mapping)
    if registry.pinned is None:
        return False
    return any(
        _matches(finder, arg, site.scope, registry.pinned) for arg in (*site.call.args[:1], *(k.value for k in site.call.keywords))
    )


def _matches(finder: CallFinder, expr: ir.Expr, scope: Scope, pattern: re.Pattern[str]) -> bool:
    return any(
        isinstance(value, Constant) and isinstance(value.value, str) and bool(pattern.search(value.value))
        for value in finder.resolver.values(expr, scope)
    )


def _prompt_object(finder: CallFinder, site: Site) -> Iterator[PromptSource]:
    """`responses.create(prompt={"id": "pmpt_..."})`: a prompt that the provider's console holds."""
    pairs = [(keyword.name, keyword.value) for keyword in site.call.keywords]
    for arg in site.call.args:
        if isinstance(arg, ir.Mapping):
            pairs.extend((str(key.value), value) for key, value in arg.entries if isinstance(key, ir.Literal))
    for name, value in pairs:
        if name != "prompt" or not isinstance(value, ir.Mapping):
            continue
        entries = {str(key.value): inner for key, inner in value.entries if isinstance(key, ir.Literal)}
        if "id" in entries and _matches(finder, entries["id"], site.scope, _PROMPT_OBJECT):
            pinned = "version" in entries
            note = "The provider's console holds the text" + (", fixed by its version." if pinned else ".")
            yield PromptSource(span_at(site.scope, value.line), site.scope.module.scope, "registry", pinned=pinned, note=note)


# ----------------------------------------------------------------------------------------------------------- reads


def _loaded(linked: Linked, slot: Slot, leaf: Leaf, stores: Stores) -> Iterator[PromptSource]:
    match leaf.value:
        case Environment(name=name, path=path, line=line):
            if _may_instruct(name, slot) and not any(each.rsplit(".", 1)[-1] in _OPENERS for each in leaf.through):
                note = f"The environment variable {name} says it, and nothing in the repository gives it a value."
                yield PromptSource(Span(path, line, line, leaf.scope.symbol), leaf.scope.module.scope, "environment", note=note)
        case External(path=path, made=True) as value if isinstance(leaf.expr, ir.Call):
            kind = stores.kind(path)
            names = tuple(_names(leaf.expr, value))
            if kind and _speaks_of_templates(names) and not set(names) & _OWNERS:
                yield PromptSource(_span(leaf), leaf.scope.module.scope, kind)
            elif slot.system and path.rsplit(".", 1)[-1] in _READERS and _is_outside(linked, leaf, stores):
                seeded = _is_seeded(linked, leaf, stores)
                note = "The copy in a folder of the user is what runs" + ("; the repository only seeds it." if seeded else ".")
                yield PromptSource(_span(leaf), leaf.scope.module.scope, "file", seeded=seeded, note=note)
        case _:
            return


def _environment(linked: Linked, slot: Slot) -> Iterator[PromptSource]:
    """`os.environ["SYSTEM_PROMPT"]`, for which nothing in the repository gives a value."""
    program = linked.finder.resolver.program
    for expr, scope in linked.flow.passed(slot.expr, slot.scope):
        if not (isinstance(expr, ir.Index) and isinstance(expr.key, ir.Literal) and dotted(expr.base) in ("os.environ", "environ")):
            continue
        name = str(expr.key.value)
        if _may_instruct(name, slot) and not program.config.environment.get(name):
            note = f"The environment variable {name} says it, and nothing in the repository gives it a value."
            yield PromptSource(span_at(scope, expr.line), scope.module.scope, "environment", note=note)


def _may_instruct(variable: str, slot: Slot) -> bool:
    """Whether a variable can hold a template: a key or an address, which clients on the way are made with, is none."""
    return not _ACCESS.search(variable) and (slot.system or _speaks_of_templates((variable,)))


def _span(leaf: Leaf) -> Span:
    assert isinstance(leaf.expr, ir.Call)
    return span_at(leaf.scope, leaf.expr.line, leaf.expr.end_line)


def _names(call: ir.Call, value: External) -> Iterator[str]:
    """Every name and text in a read: of tables, classes, keys, columns and addresses."""
    for expr in (call, *(step.call for step in value.steps)):
        for node in expressions(expr):
            match node:
                case ir.Name(id=name) | ir.Member(name=name):
                    yield name
                case ir.Literal(value=str(text)):
                    yield from _query_names(text) if _FROM.search(text) else (text[:400],)
                case ir.Mapping(entries=entries):
                    yield from (str(key.value) for key, _ in entries if isinstance(key, ir.Literal))
            if isinstance(node, ir.Call):
                yield from (keyword.name for keyword in node.keywords if keyword.name)


def _query_names(text: str) -> Iterator[str]:
    """Tables of a query, and its columns when they are few: a row of many columns is a record that has a text among others."""
    yield from _FROM.findall(text)
    columns = re.split(r"(?i)\bfrom\b", text, maxsplit=1)[0]
    if columns.count(",") < _FEW:
        yield columns


def _speaks_of_templates(names: Iterable[str]) -> bool:
    return any(set(split_name(name)) & _TEMPLATES for name in names)


def _is_outside(linked: Linked, leaf: Leaf, stores: Stores) -> bool:
    """Whether what is read lies in a folder of the user."""
    return any(
        isinstance(each.value, External) and each.value.path in stores.outside
        for part in _parts(leaf.expr)
        for each in linked.flow.leaves(part, leaf.scope)
    )


def _parts(expr: ir.Expr) -> tuple[ir.Expr, ...]:
    if not isinstance(expr, ir.Call):
        return (expr,)
    receiver = (expr.callee.base,) if isinstance(expr.callee, ir.Member) else ()
    return (*receiver, *expr.args)


def _is_seeded(linked: Linked, leaf: Leaf, stores: Stores) -> bool:
    """Whether the module that reads also writes there."""
    module = leaf.scope.module
    for site in linked.finder.resolver.program.sites():
        if site.scope.module is module and isinstance(site.call.callee, ir.Member) and site.call.callee.name in _WRITERS:
            written = Leaf(None, None, site.call, site.scope)
            if _is_outside(linked, written, stores):
                return True
    return False
