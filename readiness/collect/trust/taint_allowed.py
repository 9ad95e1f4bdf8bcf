"""Allow-lists on the way of a value: types, schemas and tests that leave only a few values, or a number, whoever sends it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from readiness.collect import ir
from readiness.collect.link.resolve import Resolver
from readiness.collect.link.scopes import Argument, Bound, Declared, Scope
from readiness.collect.link.values import External, Instance, Kind, Structure
from readiness.collect.link.walk import expressions, statements

_NARROW: Final = frozenset(
    {
        "int",
        "float",
        "bool",
        "Decimal",
        "date",
        "datetime",
        "time",
        "timedelta",
        "UUID",
        "UUID4",
        "number",
        "boolean",
        "Date",
        "bigint",
    }
)
"""Types whose values carry no sentence."""
_SCHEMAS: Final = ("zod", "valibot", "yup", "@sinclair/typebox")
_NARROW_SCHEMAS: Final = frozenset(
    {
        "enum",
        "nativeEnum",
        "literal",
        "number",
        "int",
        "boolean",
        "date",
        "uuid",
        "bigint",
        "picklist",
        "Literal",
        "Number",
        "Boolean",
    }
)
_STEPS: Final = frozenset({"parse", "safeParse", "parseAsync", "safeParseAsync", "data"})
_MEMBERSHIP: Final = frozenset({"includes", "has", "hasOwnProperty"})
_ENDS: Final = (ir.Return, ir.Raise)


class Allowed:
    """Tells which expressions an allow-list has narrowed; built once for a program."""

    def __init__(self, resolver: Resolver) -> None:
        self.resolver = resolver
        self._tested = {(id(scope), name) for scope in resolver.program.scopes() for name in self._rejected(scope)}

    def __call__(self, expr: ir.Expr, scope: Scope) -> bool:
        """Whether whoever writes `expr` can only choose among values of the program's own."""
        match expr:
            case ir.Name(id=name):
                return (id(scope), name) in self._tested or self._narrow_name(name, scope)
            case ir.Member() | ir.Index():
                return self._narrow_member(expr, scope) or self._by_schema(expr, scope)
            case ir.Call(callee=ir.Name() as callee):
                return any(isinstance(value, Kind) and self._is_enum(value.scope) for value in self.resolver.values(callee, scope))
            case _:
                return False

    # -------------------------------------------------------------------------------------------------------- types

    def _narrow_name(self, name: str, scope: Scope) -> bool:
        bindings = self.resolver.bindings(name, scope)
        for binding in bindings:
            match binding:
                case Argument(parameter=parameter, field_of=None) if parameter.annotation is not None:
                    if not self.narrow(parameter.annotation, binding.scope):
                        return False
                case Bound(annotation=annotation) if annotation is not None:
                    if not self.narrow(annotation, binding.scope):
                        return False
                case Bound(expr=expr) if isinstance(expr, ir.Member | ir.Index):
                    if not self._by_schema(expr, binding.scope):
                        return False
                case _:
                    return False
        return bool(bindings)

    def narrow(self, annotation: ir.Expr, scope: Scope) -> bool:
        """Whether a type has only a few values, or none that is text. A type of TypeScript checks nothing at run time."""
        if scope.module.code.language != "python":
            return False
        match annotation:
            case ir.Index(base=ir.Name(id=name) | ir.Member(name=name), key=key):
                if name == "Literal":
                    return True
                inner = key.items if isinstance(key, ir.Sequence) else (key,)
                return name in ("Optional", "Annotated", "Union", "list", "List", "Required", "NotRequired") and self.narrow(
                    inner[0], scope
                )
            case ir.Choice(options=options):
                return all(self.narrow(option, scope) for option in options)
            case ir.Call(callee=ir.Member(name="__or__", base=base), args=args):
                return all(self.narrow(option, scope) for option in (base, *args))
            case ir.Literal(value=None):
                return True
            case ir.Name(id=name) | ir.Member(name=name):
                kinds = [value for value in self.resolver.values(annotation, scope) if isinstance(value, Kind)]
                aliases = [] if kinds else [b.expr for b in self._alias(annotation, scope)]
                if kinds or aliases:
                    return all(self._is_enum(kind.scope) for kind in kinds) and all(self.narrow(alias, scope) for alias in aliases)
                return name in _NARROW
            case _:
                return False

    def _alias(self, annotation: ir.Expr, scope: Scope) -> list[Bound]:
        """`Tone = Literal["formal", "friendly"]`."""
        if not isinstance(annotation, ir.Name):
            return []
        return [b for b in self.resolver.bindings(annotation.id, scope) if isinstance(b, Bound) and isinstance(b.expr, ir.Index)]

    def _is_enum(self, cls: Scope) -> bool:
        return any(base.path.startswith("enum.") for base in self.resolver.external_bases(cls))

    def _narrow_member(self, expr: ir.Member | ir.Index, scope: Scope) -> bool:
        """A field of a data model whose declared type is narrow."""
        if not isinstance(expr, ir.Member):
            return False
        for base in self.resolver.values(expr.base, scope):
            if isinstance(base, Instance):
                if isinstance(self._is_enum_value(base, expr.name), bool):
                    return True
                for cls in self.resolver.lineage(base.scope):
                    for binding in cls.bindings.get(expr.name, ()):
                        if isinstance(binding, Declared | Bound) and binding.annotation is not None:
                            return self.narrow(binding.annotation, cls.parent or cls)
        return False

    def _is_enum_value(self, base: Instance, name: str) -> bool | None:
        return True if name in ("value", "name") and self._is_enum(base.scope) else None

    # ------------------------------------------------------------------------------------------------------ schemas

    def _by_schema(self, expr: ir.Expr, scope: Scope) -> bool:
        schema = self.schema_of(expr, scope)
        return schema is not None and self._narrow_schema(*schema)

    def schema_of(self, expr: ir.Expr, scope: Scope) -> tuple[ir.Expr, Scope] | None:
        """The part of a schema that a parsed value was held to (`Body.parse(x).tone` is held to `tone: z.enum(...)`)."""
        for value in self.resolver.values(expr, scope):
            if isinstance(value, External) and value.path.startswith(_SCHEMAS):
                parsed = next((step for step in value.steps if step.path.rsplit(".", 1)[-1] in _STEPS), None)
                shape = next(
                    (step for step in value.steps if step.path.rsplit(".", 1)[-1] in ("object", "Object", "strictObject")), None
                )
                if parsed is not None and shape is not None and shape.call.args:
                    keys = [key for key in value.path[len(parsed.path) :].split(".") if key and key not in _STEPS]
                    return self._at(shape.call.args[0], shape.scope, keys)
        return None

    def _at(self, shape: ir.Expr, scope: Scope, keys: list[str]) -> tuple[ir.Expr, Scope] | None:
        if not keys:
            return shape, scope
        for value in self.resolver.values(shape, scope):
            if isinstance(value, Structure) and isinstance(value.expr, ir.Mapping):
                for key, inner in value.expr.entries:
                    if isinstance(key, ir.Literal) and key.value == keys[0]:
                        return self._at(inner, value.scope, keys[1:])
            elif isinstance(value, External) and value.steps and value.steps[0].call.args:
                return self._at(value.steps[0].call.args[0], value.steps[0].scope, keys)
        return None

    def _narrow_schema(self, schema: ir.Expr, scope: Scope) -> bool:
        found = [value for value in self.resolver.values(schema, scope) if isinstance(value, External)]
        return bool(found) and all(_NARROW_SCHEMAS & set(value.path.split(".")) for value in found)

    # -------------------------------------------------------------------------------------------------------- tests

    def _rejected(self, scope: Scope) -> Iterator[str]:
        """Names whose value a function refuses unless it is one of its own constants."""
        if not isinstance(scope.node, ir.Function | ir.Code):
            return
        for statement, _ in statements(scope.node.body):
            if isinstance(statement, ir.If) and statement.body and isinstance(statement.body[-1], _ENDS):
                for part in expressions(statement.test):
                    tested = self._not_among(part, scope)
                    if tested is not None:
                        yield tested

    def _not_among(self, part: ir.Expr, scope: Scope) -> str | None:
        match part:
            case ir.Opaque(kind="compare", text="not in", parts=(ir.Name(id=name), collection)) if self._is_fixed(
                collection, scope
            ):
                return name
            case ir.Opaque(kind="not", parts=(ir.Call(callee=ir.Member(base=collection, name=verb), args=(ir.Name(id=name), *_)),)):
                return name if verb in _MEMBERSHIP and self._is_fixed(collection, scope) else None
            case ir.Opaque(kind="not", parts=(ir.Opaque(kind="compare", text="in", parts=(ir.Name(id=name), collection)),)):
                return name if self._is_fixed(collection, scope) else None
            case _:
                return None

    def _is_fixed(self, collection: ir.Expr, scope: Scope) -> bool:
        """Whether a collection is written in the program: constants, or the keys of a table."""
        for value in self.resolver.values(collection, scope):
            match value:
                case Structure(expr=ir.Sequence(items=items)):
                    if not all(isinstance(item, ir.Literal | ir.Member) for item in items):
                        return False
                case Structure(expr=ir.Mapping()) | Kind():
                    continue
                case External(steps=steps) if steps and steps[-1].call.new and steps[-1].path.endswith("Set"):
                    continue
                case _:
                    return False
        return True

    # -------------------------------------------------------------------------------------------------------- roles

    def limits_roles(self, expr: ir.Expr, scope: Scope) -> bool:
        """Whether messages from outside can only have roles that are named in a type or schema, and none that is privileged."""
        schema = self.schema_of(expr, scope)
        if schema is not None:
            return self._schema_roles(schema[0], schema[1], 0)
        return any(self._typed_roles(annotation, at) for annotation, at in self._annotations(expr, scope))

    def _schema_roles(self, schema: ir.Expr, scope: Scope, depth: int) -> bool:
        for part in expressions(schema):
            if isinstance(part, ir.Mapping):
                for key, value in part.entries:
                    if isinstance(key, ir.Literal) and key.value == "role":
                        return self._narrow_schema(value, scope) and not _privileged(value)
            elif isinstance(part, ir.Name) and depth < 4:
                for binding in self.resolver.bindings(part.id, scope):
                    if isinstance(binding, Bound) and self._schema_roles(binding.expr, binding.scope, depth + 1):
                        return True
        return False

    def _annotations(self, expr: ir.Expr, scope: Scope) -> Iterator[tuple[ir.Expr, Scope]]:
        match expr:
            case ir.Name(id=name):
                for binding in self.resolver.bindings(name, scope):
                    if isinstance(binding, Argument) and binding.parameter.annotation is not None:
                        yield binding.parameter.annotation, binding.scope
                    elif isinstance(binding, Bound) and binding.expr is not expr:
                        yield from self._annotations(binding.expr, binding.scope)
            case ir.Member(base=base, name=name):
                for value in self.resolver.values(base, scope):
                    if isinstance(value, Instance):
                        for binding in value.scope.bindings.get(name, ()):
                            if isinstance(binding, Declared | Bound) and binding.annotation is not None:
                                yield binding.annotation, value.scope
            case _:
                return

    def _typed_roles(self, annotation: ir.Expr, scope: Scope) -> bool:
        for part in expressions(annotation):
            for value in self.resolver.values(part, scope) if isinstance(part, ir.Name) else ():
                if isinstance(value, Kind):
                    for binding in value.scope.bindings.get("role", ()):
                        if isinstance(binding, Declared | Bound) and binding.annotation is not None:
                            return self.narrow(binding.annotation, value.scope) and not _privileged(binding.annotation)
        return False


def _privileged(expr: ir.Expr) -> bool:
    """Whether a type or schema names a privileged role; text inside an annotation is read as a name (a forward reference)."""
    words = ("system", "developer")
    return any(
        (isinstance(part, ir.Literal) and part.value in words) or (isinstance(part, ir.Name) and part.id in words)
        for part in expressions(expr)
    )
