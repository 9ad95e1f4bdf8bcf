"""Binding names in TypeScript: assignments, destructuring and parameters."""

from __future__ import annotations

from typing import Final

from readiness.collect import ir
from readiness.collect.lower.typescript_cursor import DEPTH, opaque
from readiness.collect.lower.typescript_expressions import bound_name
from readiness.collect.lower.typescript_types import Types
from readiness.collect.syntax import Span, SyntaxNode, parts, significant

_SHORTHANDS: Final = frozenset({"shorthand_property_identifier_pattern", "shorthand_property_identifier"})
_DEFAULTED: Final = frozenset({"assignment_pattern", "object_assignment_pattern"})
_PATTERNS: Final = frozenset({"object_pattern", "array_pattern"})
_PLAIN: Final = frozenset({"identifier", "member_expression", "subscript_expression", "rest_pattern"})
_PROPERTY_MODIFIERS: Final = frozenset({"accessibility_modifier", "readonly", "override_modifier"})
WHOLE: Final = "{}"
"""The name of a parameter, loop variable or caught error that is taken apart at once."""


class Patterns(Types):
    """Lowers what stands on the left of an assignment, and parameters."""

    def bind(self, target: SyntaxNode, value: ir.Expr, span: Span) -> list[ir.Statement]:
        """One Assign for each name of an object pattern; one with a Sequence for a plain array pattern."""
        kind = target.kind()
        inner = significant(target)
        if self.depth >= DEPTH:
            return [ir.Assign(opaque(span[0]), value, None, *span)]
        self.depth += 1
        if kind == "object_pattern":
            bound = [one for part, place in self.each(inner) for one in self._bind_property(part, value, span, place[0])]
        elif kind == "array_pattern":
            bound = self._bind_items(target, inner, value, span)
        elif kind in _DEFAULTED and len(inner) > 1:
            bound = self.bind(inner[0], ir.Choice((value, self.expression(inner[-1])), span[0]), span)
        elif kind == "rest_pattern" and inner:
            bound = self.bind(inner[0], value, span)
        else:
            bound = [ir.Assign(self.target(target), value, None, *span)]
        self.depth -= 1
        return bound

    def target(self, node: SyntaxNode) -> ir.Expr:
        """A plain name, member or element that is assigned to; `...rest` is spread."""
        if node.kind() in _SHORTHANDS:
            return ir.Name(node.text(), self.line(node))
        if node.kind() == "rest_pattern" and (inner := significant(node)):
            return ir.Opaque("spread", (self.expression(inner[0]),), self.line(node))
        return self.expression(node)

    def _bind_property(self, node: SyntaxNode, value: ir.Expr, span: Span, line: int) -> list[ir.Statement]:
        kind = node.kind()
        inner = significant(node)
        if kind in _SHORTHANDS:
            return [ir.Assign(ir.Name(node.text(), line), ir.Member(value, node.text(), line), None, *span)]
        if kind == "object_assignment_pattern" and len(inner) > 1:
            default = ir.Choice((ir.Member(value, inner[0].text(), line), self.expression(inner[-1])), line)
            return [ir.Assign(self.target(inner[0]), default, None, *span)]
        if kind == "pair_pattern" and len(inner) > 1:
            name = bound_name(inner[0])
            part = ir.Member(value, name, line) if name else ir.Index(value, self.key(inner[0]), line)
            return self.bind(inner[-1], part, span)
        return self.bind(node, value, span) if kind == "rest_pattern" else []

    def _bind_items(self, node: SyntaxNode, items: list[SyntaxNode], value: ir.Expr, span: Span) -> list[ir.Statement]:
        positions = _positions(node)
        if all(item.kind() in _PLAIN for item in items):
            targets: list[ir.Expr] = [opaque(span[0])] * (positions[-1] + 1 if positions else 0)
            for position, (item, _) in zip(positions, self.each(items), strict=True):
                targets[position] = self.target(item)
            return [ir.Assign(ir.Sequence(tuple(targets), *span), value, None, *span)]
        bound: list[ir.Statement] = []
        for position, (item, _) in zip(positions, self.each(items), strict=True):
            bound += self.bind(item, ir.Index(value, ir.Literal(position, *span), span[0]), span)
        return bound

    def unpacked(self, node: SyntaxNode, span: Span) -> tuple[ir.Expr, list[ir.Statement]]:
        """The target of a loop, and the assignments its body begins with where the target is an object pattern."""
        if node.kind() not in _PATTERNS:
            return self.target(node), []
        whole = ir.Name(WHOLE, span[0])
        bound = self.bind(node, whole, span)
        only = bound[0] if len(bound) == 1 else None
        if isinstance(only, ir.Assign) and isinstance(only.target, ir.Sequence):
            return only.target, []
        return whole, bound

    # ----------------------------------------------------------------------------------------------- parameters

    def parameters(self, node: SyntaxNode) -> tuple[tuple[ir.Parameter, ...], list[ir.Statement]]:
        """The parameters, and the statements they put at the start of the body: renamings, and `self.x = x`."""
        found: list[ir.Parameter] = []
        prelude: list[ir.Statement] = []
        children = significant(node)
        for child, span in self.each(children):
            if child.kind() in ("required_parameter", "optional_parameter"):
                parameter = self._parameter(child, span, prelude)
                found += [parameter] if parameter else []
        return tuple(found), prelude

    def _parameter(self, node: SyntaxNode, span: Span, prelude: list[ir.Statement]) -> ir.Parameter | None:
        pattern, hint, default, decorators, is_property = self._declared(node)
        if pattern is None or pattern.kind() == "this":
            return None
        annotation = self.annotated(hint, decorators, span[0])
        value = self.expression(default) if default is not None else None
        parameter = self._taken_apart(pattern, value, annotation, span[0], prelude)
        if is_property:
            mine = ir.Member(ir.Name("self", span[0]), parameter.name, span[0])
            prelude.append(ir.Assign(mine, ir.Name(parameter.name, span[0]), annotation, *span))
        return parameter

    def _declared(
        self, node: SyntaxNode
    ) -> tuple[SyntaxNode | None, SyntaxNode | None, SyntaxNode | None, tuple[ir.Expr, ...], bool]:
        """Pattern, type, default, decorators of a parameter, and whether it is a property of its class too."""
        pattern = hint = default = None
        decorators: list[ir.Expr] = []
        is_property = assigned = False
        for kind, part in parts(node):
            if kind == "decorator":
                decorators += self.expressions(significant(part))
            elif kind in _PROPERTY_MODIFIERS:
                is_property = True
            elif kind == "type_annotation":
                hint = part
            elif kind == "=":
                assigned = True
            elif assigned:
                default = default or part
            elif part.is_named():
                pattern = pattern or part
        return pattern, hint, default, tuple(decorators), is_property

    def annotated(self, hint: SyntaxNode | None, decorators: tuple[ir.Expr, ...], line: int) -> ir.Expr | None:
        """An annotation, with decorators as Python writes them: `Annotated[type, decorator, ...]`."""
        annotation = self.annotation(hint) if hint is not None else None
        if not decorators:
            return annotation
        parts_ = (annotation or ir.Name("any", line), *decorators)
        return ir.Index(ir.Name("Annotated", line), ir.Sequence(parts_, line, line), line)

    def _taken_apart(
        self, pattern: SyntaxNode, default: ir.Expr | None, annotation: ir.Expr | None, line: int, prelude: list[ir.Statement]
    ) -> ir.Parameter:
        kind = pattern.kind()
        inner = significant(pattern)
        if kind == "rest_pattern" and inner:
            return ir.Parameter(inner[0].text()[:100], default, annotation, "args", line)
        if kind not in _PATTERNS:
            return ir.Parameter(pattern.text(), default, annotation, "plain", line)
        fields = tuple([field for part, span in self.each(inner) if (field := self._field(part, span[0], prelude))])
        return ir.Parameter(WHOLE, default, annotation, "plain", line, fields)

    def _field(self, node: SyntaxNode, line: int, prelude: list[ir.Statement]) -> ir.Parameter | None:
        """One field of a destructured parameter, under the name that callers give it."""
        kind = node.kind()
        inner = significant(node)
        if self.depth >= DEPTH:
            return None
        if kind in _SHORTHANDS or kind == "identifier":
            return ir.Parameter(node.text(), None, None, "plain", line)
        if kind == "rest_pattern" and inner:
            return ir.Parameter(inner[0].text()[:100], None, None, "kwargs", line)
        if kind in _DEFAULTED and len(inner) > 1:
            return ir.Parameter(inner[0].text()[:100], self.expression(inner[-1]), None, "plain", line)
        if kind == "pair_pattern" and len(inner) > 1:
            return self._renamed(bound_name(inner[0]), inner[-1], line, prelude)
        return None

    def _renamed(self, key: str, pattern: SyntaxNode, line: int, prelude: list[ir.Statement]) -> ir.Parameter:
        """A field `key: pattern`: the body begins by giving it its local name, or by taking it apart further."""
        default = None
        inner = significant(pattern)
        if pattern.kind() in _DEFAULTED and len(inner) > 1:
            pattern, default = inner[0], self.expression(inner[-1])
        prelude += self.bind(pattern, ir.Name(key, line), (line, line))
        return ir.Parameter(key, default, None, "plain", line)


def _positions(node: SyntaxNode) -> list[int]:
    """The position of each item of an array pattern, holes counted."""
    positions: list[int] = []
    position = 0
    for kind, part in parts(node):
        if kind == ",":
            position += 1
        elif part.is_named():
            positions.append(position)
    return positions
