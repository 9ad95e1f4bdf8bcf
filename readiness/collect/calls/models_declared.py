"""Model ids that an application declares as its own: defaults of settings, and lists to pick a model from at run time."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Final

from readiness.collect import ir
from readiness.collect.link.program import Program
from readiness.collect.link.scopes import Module, Scope
from readiness.collect.link.settings_files import is_shipped
from readiness.collect.link.walk import expressions, statements
from readiness.knowledge.model_table import looks_like_model_id, provider_of
from readiness.model import Scope as FileScope
from readiness.model import Span

_MODEL_NAME: Final = re.compile(r"(?i)model|llm|deployment|engine")
"""Names under which code keeps the id of a model."""
_ABOUT: Final = re.compile(
    r"(?i)price|cost|token|limit|context|window|max|capab|support|feature|alias|map|deprecat|retired|legacy|old|vision|encod|rate|exclude|without|"
    r"disabled|reasoning|prefix|json|test|mock|example"
)
"""Names of tables that say something about models without offering them: prices, limits, features, old names."""
_FIELDS: Final = frozenset(
    {"model", "modelid", "model_id", "modelname", "model_name", "id", "value", "name", "default_model", "deployment"}
)
_OWN_FIELDS: Final = frozenset(
    {"model", "modelid", "model_id", "modelname", "model_name", "defaultmodel", "default_model", "chatmodel", "chat_model"}
)
_SHOWN: Final = frozenset({"title", "label", "displayname", "display_name", "description"})
"""Fields by which a list of models is shown to whoever picks one."""
_TABLES: Final = re.compile(r"(?i)costs?|pric(e|es|ing)|(rate_?)?limits?|tokens?|tokeni[sz]er")
"""Names of modules that keep what is known of many models: none of their entries is chosen."""
_MOST: Final = 60
"""Declared ids of one repository that are kept."""


@dataclass(frozen=True, slots=True)
class Declared:
    """One model id in production code or configuration. `default` holds where a name, a parameter or a setting selects it."""

    id: str
    span: Span
    provider: str
    default: bool
    gateway: bool = False
    """Whether a gateway's configuration names it: calls of a provider's own API do not pass there."""


def declared_models(program: Program, configs: Iterable[ir.Config], production: frozenset[FileScope]) -> tuple[Declared, ...]:
    """Every id that production code or configuration declares, defaults first, then by place.

    A key of a table is none: tables of prices and limits are keyed by ids that nobody calls.
    """
    found: dict[str, Declared] = {}
    modules = (module for path, module in sorted(program.modules.items()) if module.scope in production and not _is_table(path))
    declared = [item for module in modules for item in _in_module(module)]
    declared += [item for config in configs if is_shipped(config) for item in _in_config(config)]
    for item in sorted(declared, key=lambda each: (not each.default, each.span)):
        found.setdefault(item.id, item)
    return tuple(found.values())[:_MOST]


def _is_table(path: str) -> bool:
    return _TABLES.fullmatch(PurePosixPath(path).stem) is not None


def _in_module(module: Module) -> Iterator[Declared]:
    stack = [module.root]
    while stack:
        scope = stack.pop()
        stack.extend(scope.children)
        yield from _in_scope(scope)


def _in_scope(scope: Scope) -> Iterator[Declared]:
    function = scope.function
    for parameter in function.parameters if function is not None else ():
        if parameter.default is not None and _MODEL_NAME.search(parameter.name):
            yield from _literals(parameter.default, scope, default=True)
    for statement, _ in statements(scope.node.body):
        if isinstance(statement, ir.Assign) and statement.value is not None:
            yield from _assigned(_name(statement.target), statement.value, scope)
    for part in scope.nodes:
        if isinstance(part, ir.Call):
            yield from _keywords(part, scope)
        elif isinstance(part, ir.Mapping):
            yield from _entries(part, scope)


def _assigned(name: str, value: ir.Expr, scope: Scope) -> Iterator[Declared]:
    if not _MODEL_NAME.search(name) or _ABOUT.search(name):
        return
    if isinstance(value, ir.Sequence | ir.Mapping):
        yield from _listed(value, scope, default="default" in name.lower())
    else:
        yield from _literals(value, scope, default=True)


def _listed(value: ir.Expr, scope: Scope, *, default: bool) -> Iterator[Declared]:
    """Ids in a list of models: the items themselves, or their id fields; in a table, the values."""
    stack = [value]
    while stack:
        part = stack.pop()
        match part:
            case ir.Literal():
                yield from _literals(part, scope, default=default)
            case ir.Sequence(items=items):
                stack.extend(items)
            case ir.Mapping(entries=entries) if not _measures(part):
                for key, inner in entries:
                    field = str(key.value).lower() if isinstance(key, ir.Literal) else ""
                    if isinstance(inner, ir.Sequence | ir.Mapping) or field in _FIELDS or _MODEL_NAME.search(field):
                        stack.append(inner)
            case _:
                continue


def _entries(mapping: ir.Mapping, scope: Scope) -> Iterator[Declared]:
    """`{modelId: "gpt-4o", provider: ...}`: one offered model, whatever the object is called."""
    if _measures(mapping):
        return
    for key, value in mapping.entries:
        if isinstance(key, ir.Literal) and str(key.value).lower() in _OWN_FIELDS:
            yield from _literals(value, scope, default=False)


def _measures(mapping: ir.Mapping) -> bool:
    """Whether a row says a number about a model and no name for people: a table of limits or prices, which offers nothing."""
    if any(isinstance(key, ir.Literal) and str(key.value).lower() in _SHOWN for key, _ in mapping.entries):
        return False
    for key, value in mapping.entries:
        number = isinstance(value, ir.Literal) and isinstance(value.value, int | float) and not isinstance(value.value, bool)
        if number and isinstance(key, ir.Literal) and _ABOUT.search(str(key.value)):
            return True
    return False


def _option(call: ir.Call, scope: Scope) -> Iterator[Declared]:
    """`option("model", {default: "gpt-4o"})`, `add_argument("--model", default="gpt-4o")`: the default of a declared option."""
    names = [arg.value for arg in call.args if isinstance(arg, ir.Literal) and isinstance(arg.value, str)]
    if not any(_MODEL_NAME.search(name) and not looks_like_model_id(name) for name in names):
        return
    defaults = [keyword.value for keyword in call.keywords if keyword.name == "default"]
    for arg in call.args:
        if isinstance(arg, ir.Mapping):
            defaults += [value for key, value in arg.entries if isinstance(key, ir.Literal) and key.value == "default"]
    for value in defaults:
        yield from _literals(value, scope, default=True)


def _keywords(call: ir.Call, scope: Scope) -> Iterator[Declared]:
    """`Settings(chat_model="gpt-4o")`: what a constructor is given as a model; and the default of an option."""
    yield from _option(call, scope)
    for keyword in call.keywords:
        if keyword.name is not None and _MODEL_NAME.search(keyword.name) and not _ABOUT.search(keyword.name):
            yield from _literals(keyword.value, scope, default=True)


def _literals(value: ir.Expr, scope: Scope, *, default: bool) -> Iterator[Declared]:
    for part in expressions(value):
        if isinstance(part, ir.Literal) and isinstance(part.value, str) and _is_id(part.value):
            span = Span(scope.module.path, part.line, part.end_line, scope.symbol)
            yield Declared(part.value, span, provider_of(part.value)[0], default)


def _is_id(text: str) -> bool:
    """Whether the text is an id rather than a name for people: "gpt-4o", "meta-llama/Llama-3-8b", not "GPT-4o"."""
    return looks_like_model_id(text) and ("/" in text or text == text.lower())


def _in_config(config: ir.Config) -> Iterator[Declared]:
    for entry in config.entries:
        key = next((part for part in reversed(entry.keys) if isinstance(part, str)), "")
        names = [part for part in entry.keys if isinstance(part, str)]
        if not isinstance(entry.value, str) or not _MODEL_NAME.search(key) or any(_ABOUT.search(name) for name in names[:-1]):
            continue
        gateway = "model_list" in names
        if gateway and key == "model_name":
            continue  # the alias under which a gateway serves the model that its parameters name
        if looks_like_model_id(entry.value.strip()):
            span = Span(config.path, entry.line, entry.line)
            yield Declared(entry.value.strip(), span, provider_of(entry.value.strip())[0], default=True, gateway=gateway)


def _name(target: ir.Expr) -> str:
    match target:
        case ir.Name(id=name) | ir.Member(name=name):
            return name
        case _:
            return ""
