"""What the shipped deployment sets, and what a condition is worth when nothing else configures the application."""

from __future__ import annotations

import operator
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Final

from readiness.collect import ir
from readiness.collect.link.program import Program
from readiness.collect.link.resolve import Resolver
from readiness.collect.link.scopes import Bound, Scope
from readiness.collect.link.values import (
    Constant,
    Environment,
    External,
    Instance,
    Kind,
    Routine,
    Space,
    Structure,
    Unresolved,
    Value,
)
from readiness.model import Span

_NAME: Final = re.compile(r"^[A-Z][A-Z0-9_]{2,}$")
_DEFAULT: Final = re.compile(r"^\$\{[A-Za-z_][A-Za-z0-9_]*:?-([^}]*)\}$")
_PAIR: Final = re.compile(r"name:\s*'([A-Z][A-Z0-9_]{2,})'\s*,?\s*(?:value:\s*'([^'$]*)'|value:|secretRef:)")
_REFERENCE: Final = ("${", "$(", "{{", "<", "$")
_FOLDERS: Final = frozenset(
    {"helm", "charts", "chart", "k8s", "kubernetes", "deploy", "deployment", "infra", "terraform", "manifests"}
)
_FILES: Final = frozenset(
    {
        "procfile",
        "app.yaml",
        "app.yml",
        "fly.toml",
        "render.yaml",
        "railway.toml",
        "railway.json",
        "vercel.json",
        "serverless.yml",
        "apprunner.yaml",
    }
)
_REHEARSAL: Final = frozenset({"dev", "development", "test", "tests", "ci", "local", "debug", "e2e", "example", "sample"})
_STAGES: Final = frozenset(
    {"NODE_ENV", "VERCEL_ENV", "ENV", "ENVIRONMENT", "APP_ENV", "STAGE", "DEPLOYMENT_ENVIRONMENT", "DJANGO_ENV", "FLASK_ENV"}
)
_TEXT: Final = frozenset(
    {"lower", "upper", "strip", "casefold", "trim", "toLowerCase", "toUpperCase", "toString", "str", "String", "bool", "Boolean"}
)
_NUMBERS: Final = frozenset({"int", "float", "Number", "parseInt", "parseFloat"})
_OPTIONS: Final = frozenset({"Option", "Field", "Argument", "field", "Setting"})
_TRUE: Final = frozenset({"true", "1", "yes", "on"})
UNKNOWN: Final = object()
"""A value that the repository does not fix."""
GIVEN: Final = object()
"""A value that the repository does not fix, but that is there."""
_ORDERS: Final = {"<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge}
_DEPTH: Final = 12
"""Conditions inside conditions that are followed."""


@dataclass(frozen=True, slots=True)
class Variable:
    """An environment variable of the shipped deployment; `value` is None where the value comes from outside."""

    value: str | None
    span: Span


def is_deployment(path: str) -> bool:
    """Whether a file describes how the application runs in production."""
    pure = PurePosixPath(path.lower())
    words = set(re.split(r"[^a-z0-9]+", pure.name))
    if words & _REHEARSAL or {".github", ".devcontainer", "tests", "examples"} & set(pure.parts):
        return False
    named = "dockerfile" in words or "compose" in words or pure.name.startswith("values") or pure.name in _FILES
    return named or pure.suffix in (".tf", ".bicep", ".tfvars") or bool(_FOLDERS & set(pure.parts[:-1]))


class Shipped:
    """The environment variables that deployment files set, and every leaf of those files."""

    def __init__(self, program: Program) -> None:
        self.entries = tuple(_deploying(program))
        self.variables: Mapping[str, tuple[Variable, ...]] = _variables(self.entries)

    def first(self, name: str) -> Variable | None:
        """The first setting of a variable, or None when no deployment file names it."""
        found = self.variables.get(name, ())
        return next((each for each in found if each.value is not None), found[0] if found else None)

    def among(self, settings: Mapping[str, frozenset[str]]) -> Variable | None:
        """A setting of one of some variables that has one of the values asked for."""
        for name, wanted in settings.items():
            for variable in self.variables.get(name, ()):
                if variable.value is not None and variable.value in wanted:
                    return variable
        return None


def _deploying(program: Program) -> Iterator[tuple[str, ir.Entry]]:
    known: dict[str, bool] = {}
    for found in program.config.by_key.values():
        for path, entry in found:
            if path not in known:
                known[path] = is_deployment(path)
            if known[path]:
                yield path, entry


def _variables(entries: tuple[tuple[str, ir.Entry], ...]) -> Mapping[str, tuple[Variable, ...]]:
    pairs: dict[tuple[str, tuple[str | int, ...]], dict[str, ir.Entry]] = defaultdict(dict)
    found: dict[str, list[Variable]] = defaultdict(list)
    for path, entry in entries:
        last = entry.keys[-1]
        if isinstance(last, str) and _NAME.match(last):
            found[last].append(_variable(entry.value, path, entry.line))
        elif isinstance(last, int) and isinstance(entry.value, str):
            head, equals, rest = entry.value.partition("=")
            if _NAME.match(head.strip()) and (equals or "environment" in entry.keys):
                found[head.strip()].append(_variable(rest.strip() if equals else None, path, entry.line))
        elif last in ("name", "value", "secretRef", "valueFrom"):
            pairs[path, entry.keys[:-1]][str(last)] = entry
        if path.endswith(".bicep") and isinstance(entry.value, str):
            for word, text, line in _inside(entry.value, entry.line):
                found[word].append(_variable(text, path, line))
    for (path, _), pair in pairs.items():
        name = pair["name"].value if "name" in pair else None
        if isinstance(name, str) and _NAME.match(name):
            value = pair["value"].value if "value" in pair else None
            found[name].append(_variable(value, path, pair["name"].line))
    return {name: tuple(sorted(each, key=lambda v: (v.span.path, v.span.line))) for name, each in found.items()}


def _inside(expression: str, line: int) -> Iterator[tuple[str, str | None, int]]:
    """The variables in an expression that is kept as text: `union(common, [{ name: 'X', value: 'y' }])`."""
    for match in _PAIR.finditer(expression):
        yield match.group(1), match.group(2), line + expression.count("\n", 0, match.start())


def _variable(value: str | float | bool | None, path: str, line: int) -> Variable:  # noqa: FBT001 - a value of a file
    span = Span(path, line, line)
    if value is None:
        return Variable(None, span)
    text = str(value).lower() if isinstance(value, bool) else str(value).strip().strip("'\"")
    default = _DEFAULT.match(text)
    if default:
        return Variable(default.group(1), span)
    return Variable(None if not text or text.startswith(_REFERENCE) else text, span)


class Defaults:
    """Judges conditions by defaults in code and by what the deployment sets: true, false, or None where neither decides."""

    def __init__(self, resolver: Resolver, shipped: Shipped, assumed: frozenset[str] = frozenset()) -> None:
        """Judge with the variables `assumed` taken as set."""
        self._resolver = resolver
        self._shipped = shipped
        self._assumed = assumed
        self._depth = 0

    def assuming(self, names: frozenset[str]) -> Defaults:
        """The same, with some variables taken as set."""
        return Defaults(self._resolver, self._shipped, names)

    def truth(self, expr: ir.Expr, scope: Scope) -> bool | None:
        """What a condition is worth."""
        if self._depth > _DEPTH:
            return None
        self._depth += 1
        try:
            return self._truth(expr, scope)
        finally:
            self._depth -= 1

    def _truth(self, expr: ir.Expr, scope: Scope) -> bool | None:
        match expr:
            case ir.Opaque(kind="not", parts=(inner, *_)):
                inside = self.truth(inner, scope)
                return None if inside is None else not inside
            case ir.Opaque(kind="and", parts=parts):
                return _all(self.truth(part, scope) for part in parts)
            case ir.Choice(options=options, test=None):
                return _any(self.truth(option, scope) for option in options)
            case ir.Opaque(kind="compare", parts=(left, right), text=text):
                return self._compared(text, left, right, scope)
            case ir.Opaque(kind="compare" | "not" | "and"):
                return None
            case ir.Name() | ir.Member() if self._is_state(expr, scope):
                return None
            case _:
                return _any(_truthy(value) for value in self.constants(expr, scope))

    def _is_state(self, expr: ir.Name | ir.Member, scope: Scope) -> bool:
        """Whether a name remembers what has happened (`if not started: started = True`) and says nothing of how it is set up."""
        if isinstance(expr, ir.Name):
            bound = [binding for binding in scope.bindings.get(expr.id, ()) if isinstance(binding, Bound)]
            return scope.function is not None and bool(bound) and all(binding.expr.line >= expr.line for binding in bound)
        values = self._resolver.values(expr, scope) if isinstance(expr.base, ir.Name) and expr.base.id == "self" else ()
        return {value.value for value in values if isinstance(value, Constant)} >= {True, False}

    def _compared(self, text: str, left: ir.Expr, right: ir.Expr, scope: Scope) -> bool | None:
        lefts = self.constants(left, scope)
        rights = self._members(right, scope) if text in ("in", "not in") else self.constants(right, scope)
        if any(value in (UNKNOWN, GIVEN) for value in (*lefts, *rights)) or not rights:
            return None
        if text in _ORDERS:
            return _any(_ordered(text, a, b) for a in lefts for b in rights)
        same = any(_same(a, b) for a in lefts for b in rights)
        if text in ("==", "===", "is", "in"):
            return same
        return not same if text in ("!=", "!==", "is not", "not in") else None

    def _members(self, expr: ir.Expr, scope: Scope) -> list[object]:
        found: list[object] = []
        for value in self._resolver.values(expr, scope):
            if not (isinstance(value, Structure) and isinstance(value.expr, ir.Sequence)):
                return [UNKNOWN]
            for item in value.expr.items:
                found.extend(self.constants(item, value.scope))
        return found

    def constants(self, expr: ir.Expr, scope: Scope) -> list[object]:
        """Plain values that an expression takes by default; `UNKNOWN` where the repository fixes none, None where it is unset."""
        match expr:
            case ir.Call(callee=ir.Member(base=base, name=name), args=()) if name in _TEXT:
                return [
                    value.lower() if isinstance(value, str) and "ower" in name else value for value in self.constants(base, scope)
                ]
            case ir.Call(callee=ir.Name(id=name), args=(only, *_)) if name in _TEXT:
                return self.constants(only, scope)
            case ir.Call(callee=ir.Name(id=name), args=(only, *_)) if name in _NUMBERS:
                return [_number(value) for value in self.constants(only, scope)]
            case ir.Opaque(kind="compare" | "not" | "and"):
                return [UNKNOWN if (known := self.truth(expr, scope)) is None else known]
            case _:
                return [self._plain(value) for value in _governing(self._resolver.values(expr, scope))] or [None]

    def _plain(self, value: Value) -> object:
        match value:
            case Constant():
                return value.value
            case Environment(name=name):
                return self._variable(name)
            case Structure(expr=ir.Mapping(entries=items) | ir.Sequence(items=items)):
                return bool(items)
            case Routine() | Kind() | Instance() | Space():
                return True
            case External():
                return self._external(value)
            case Unresolved(expr=ir.Opaque(kind="compare" | "not" | "and") as test, scope=scope):
                return UNKNOWN if (known := self.truth(test, scope)) is None else known
            case _:
                return UNKNOWN

    def _variable(self, name: str) -> object:
        if name in self._assumed:
            return GIVEN
        variable = self._shipped.first(name)
        if variable is not None:
            return GIVEN if variable.value is None else variable.value
        return "production" if name in _STAGES else None

    def _external(self, value: External) -> object:
        """Options of a command line and keys of a settings object have a default where they are declared."""
        if not value.steps:
            return UNKNOWN
        step = value.steps[-1]
        last = step.path.rsplit(".", 1)[-1]
        if last in _OPTIONS:
            return self._declared(step.call, step.scope)
        if last == "get" and step.call.args and isinstance(step.call.args[0], ir.Literal):
            return self._key(str(step.call.args[0].value), step.call, step.scope)
        if last in ("parse_args", "parse_known_args"):
            return self._flag(value.path.rsplit(".", 1)[-1])
        return UNKNOWN if value.path.startswith("?") else True

    def _declared(self, call: ir.Call, scope: Scope) -> object:
        given = [keyword.value for keyword in call.keywords if keyword.name in ("default", "default_value")]
        for expr in (*given, *call.args[:1]):
            return next(iter(self.constants(expr, scope)), UNKNOWN)
        return UNKNOWN

    def _key(self, name: str, call: ir.Call, scope: Scope) -> object:
        shipped = self._resolver.program.config.find(tuple(name.split(".")))
        if shipped and "." in name:
            return shipped[0].value
        return next(iter(self.constants(call.args[1], scope)), UNKNOWN) if len(call.args) > 1 else UNKNOWN

    def _flag(self, name: str) -> object:
        for site in self._resolver.program.sites_by_name.get("add_argument", ()):
            words = [str(arg.value).lstrip("-").replace("-", "_") for arg in site.call.args if isinstance(arg, ir.Literal)]
            if name in words:
                given = {keyword.name: keyword.value for keyword in site.call.keywords}
                default = given.get("default")
                if default is not None:
                    return next(iter(self.constants(default, site.scope)), UNKNOWN)
                action = given.get("action")
                return isinstance(action, ir.Literal) and action.value == "store_false"
        return UNKNOWN


def _governing(values: tuple[Value, ...]) -> list[Value]:
    """The values that count: those of the deployment, else defaults; an example file decides nothing."""
    deployed = [v for v in values if isinstance(v, Constant) and v.origin == "environment" and is_deployment(v.path)]
    if deployed:
        return list(deployed[:1])
    return [v for v in values if not (isinstance(v, Constant) and v.origin == "environment")]


def _number(value: object) -> object:
    try:
        return float(value) if isinstance(value, str) else value
    except ValueError:
        return UNKNOWN


def _ordered(text: str, left: object, right: object) -> bool | None:
    if isinstance(left, int | float) and isinstance(right, int | float):
        return bool(_ORDERS[text](left, right))
    return None


def _truthy(value: object) -> bool | None:
    if value is UNKNOWN:
        return None
    if isinstance(value, str):
        return bool(value) and value.lower() not in ("false", "0", "no", "off")
    return bool(value)


def _same(left: object, right: object) -> bool:
    if isinstance(left, bool) or isinstance(right, bool):
        return _boolean(left) == _boolean(right)
    return left == right or (left is not None and right is not None and str(left) == str(right))


def _boolean(value: object) -> object:
    return value.lower() in _TRUE if isinstance(value, str) else bool(value)


def _all(found: Iterator[bool | None]) -> bool | None:
    values = list(found)
    if False in values:
        return False
    return None if None in values else True


def _any(found: Iterator[bool | None]) -> bool | None:
    values = list(found)
    if True in values:
        return True
    return None if None in values or not values else False
