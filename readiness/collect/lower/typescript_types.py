"""TypeScript types into the tree of `collect.ir`, where an annotation is an expression."""

from __future__ import annotations

from typing import Final

from readiness.collect import ir
from readiness.collect.lower.typescript_cursor import DEPTH, opaque
from readiness.collect.lower.typescript_jsx import Jsx
from readiness.collect.lower.typescript_text import TEXT_LIMIT, unescape
from readiness.collect.syntax import Span, SyntaxNode, parts, significant

# fmt: off
_NAMES: Final = frozenset({"type_identifier", "predefined_type", "identifier", "property_identifier"})
_TRANSPARENT: Final = frozenset({
    "type_annotation", "parenthesized_type", "readonly_type", "optional_type", "literal_type", "type_query",
    "constraint", "default_type", "rest_type", "extends_type_clause", "opting_type_annotation", "type_arguments",
})
_PREDICATES: Final = frozenset({"asserts_annotation", "type_predicate_annotation", "asserts", "type_predicate"})
_QUALIFIED: Final = frozenset({"nested_type_identifier", "nested_identifier"})
_VALUES: Final = frozenset({
    "string", "number", "true", "false", "null", "undefined", "unary_expression", "member_expression",
    "subscript_expression", "call_expression", "this", "template_string",
})
_OPERATORS: Final = frozenset({"union_type", "intersection_type"})
# fmt: on


class Types(Jsx):
    """Lowers annotations."""

    def annotation(self, node: SyntaxNode, span: Span | None = None) -> ir.Expr:
        """A type as an expression: names, members, `Index` for generics and arrays, `Choice` for unions."""
        outer = self.flat
        span = outer or span or self.span(node)
        if self.depth >= DEPTH:
            return opaque(span[0])
        if span[0] == span[1]:
            self.flat = span
        self.depth += 1
        result = self._type(node, span)
        self.depth -= 1
        self.flat = outer
        return result

    def annotations(self, nodes: list[SyntaxNode]) -> tuple[ir.Expr, ...]:
        return tuple([self.annotation(node, span) for node, span in self.each(nodes)])

    def _type(self, node: SyntaxNode, span: Span) -> ir.Expr:
        kind = node.kind()
        while kind in _TRANSPARENT and (inner := significant(node)):
            node = inner[0]
            kind = node.kind()
        line = span[0]
        if kind in _NAMES:
            return ir.Name(node.text(), line)
        if kind in _VALUES:
            return self.expression(node)
        if kind in _OPERATORS:
            return self._alternatives(node, kind, line)
        if kind in _PREDICATES:
            return ir.Name("boolean", line)
        if kind in _QUALIFIED:
            return self._qualified(node, line)
        return self._composite(node, kind, span)

    def _composite(self, node: SyntaxNode, kind: str, span: Span) -> ir.Expr:
        line = span[0]
        inner = significant(node)
        match kind:
            case "this_type":
                return ir.Name("self", line)
            case "generic_type" if len(inner) > 1:
                return ir.Index(self.annotation(inner[0]), _one(self.annotations(significant(inner[1])), span), line)
            case "array_type" if inner:
                return ir.Index(ir.Name("Array", line), self.annotation(inner[0]), line)
            case "lookup_type" if len(inner) > 1:
                return ir.Index(self.annotation(inner[0]), self.annotation(inner[1]), line)
            case "conditional_type" if len(inner) == 4:
                return ir.Choice(self.annotations(inner[2:]), line)
            case "tuple_type":
                return ir.Sequence(self.annotations([_element(part) for part in inner]), *span)
            case "object_type":
                return self._object_type(inner, span)
            case "function_type" if inner:
                return opaque(line, (self.annotation(inner[-1]),))
            case "template_literal_type":
                return ir.Opaque("other", (), line, unescape(node.text())[:TEXT_LIMIT])
        return opaque(line)

    def _alternatives(self, node: SyntaxNode, kind: str, line: int) -> ir.Expr:
        """Members of a union or intersection, down its left spine without recursion."""
        members: list[SyntaxNode] = []
        while node.kind() == kind and (inner := significant(node)):
            members += reversed(inner[1:])
            node = inner[0]
        values = self.annotations([node, *reversed(members)])
        return ir.Choice(values, line) if kind == "union_type" else ir.Opaque("and", values, line)

    def _qualified(self, node: SyntaxNode, line: int) -> ir.Expr:
        value, *names = [name.strip() for name in node.text().split(".")][:DEPTH]
        lowered: ir.Expr = ir.Name(value, line)
        for name in names:
            lowered = ir.Member(lowered, name, line)
        return lowered

    def _object_type(self, members: list[SyntaxNode], span: Span) -> ir.Expr:
        entries: list[tuple[ir.Expr | None, ir.Expr]] = []
        for member, _ in self.each(members):
            named = [part for part in parts(member) if part[1].is_named()]
            hint = next((part for kind, part in named if kind == "type_annotation"), None)
            if member.kind() == "property_signature" and hint is not None:
                name = next((part for kind, part in named if kind in ("property_identifier", "string")), hint)
                entries.append((self.key(name), self.annotation(hint)))
        return ir.Mapping(tuple(entries), *span)


def _element(node: SyntaxNode) -> SyntaxNode:
    """The type of a labelled member of a tuple."""
    if node.kind() not in ("required_parameter", "optional_parameter"):
        return node
    return next((part for kind, part in parts(node) if kind == "type_annotation"), node)


def _one(values: tuple[ir.Expr, ...], span: Span) -> ir.Expr:
    return values[0] if len(values) == 1 else ir.Sequence(values, *span)
