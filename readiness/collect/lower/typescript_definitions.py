"""TypeScript definitions into the tree of `collect.ir`: functions, classes, interfaces, enums."""

from __future__ import annotations

from abc import abstractmethod
from typing import Final

from readiness.collect import ir
from readiness.collect.lower.typescript_cursor import DEPTH
from readiness.collect.lower.typescript_expressions import FUNCTIONS, bound_name
from readiness.collect.lower.typescript_patterns import Patterns
from readiness.collect.syntax import Span, SyntaxNode, parts, significant

_RETURNS: Final = frozenset({"type_annotation", "asserts_annotation", "type_predicate_annotation"})
_CLASS_NAMES: Final = frozenset({"type_identifier", "identifier"})
# fmt: off
_MEMBER_NAMES: Final = frozenset({
    "property_identifier", "private_property_identifier", "string", "number", "computed_property_name",
})
# fmt: on
_FIELDS: Final = frozenset({"public_field_definition", "property_signature"})
_METHODS: Final = frozenset({"method_definition", "abstract_method_signature"})


class Definitions(Patterns):
    """Lowers functions and classes of every form."""

    @abstractmethod
    def block(self, node: SyntaxNode) -> tuple[ir.Statement, ...]:
        """The statements of a block."""

    # ------------------------------------------------------------------------------------------------ functions

    def function(
        self, node: SyntaxNode, span: Span, name: str, decorators: tuple[ir.Expr, ...] = (), *, exported: bool = False
    ) -> ir.Function:
        """A function of any form; its own name counts where it is bound to none."""
        outer = self.flat
        if span[0] == span[1]:
            self.flat = span
        self.depth += 1
        parameters: tuple[ir.Parameter, ...] = ()
        prelude: list[ir.Statement] = []
        body: tuple[ir.Statement, ...] = ()
        returns: ir.Expr | None = None
        kind = node.kind()
        arrow = False
        for part_kind, part in parts(node):
            if part_kind == "formal_parameters":
                parameters, prelude = self.parameters(part)
            elif part_kind in _RETURNS:
                returns = self.annotation(part)
            elif part_kind == "=>":
                arrow = True
            elif part_kind == "statement_block":
                body = self.block(part)
            elif arrow:
                body = self._returned(part)
            elif part_kind == "identifier" and kind == "arrow_function":
                parameters = (ir.Parameter(part.text(), None, None, "plain", self.line(part)),)
            elif part_kind == "identifier":
                name = name or part.text()
        self.depth -= 1
        self.flat = outer
        return ir.Function(name, parameters, (*prelude, *body), decorators, returns, *span, exported=exported)

    def _returned(self, node: SyntaxNode) -> tuple[ir.Statement, ...]:
        """The body of an arrow function that is one expression."""
        outer, self.pending = self.pending, []
        line = self.line(node)
        value = self.expression(node)
        pending, self.pending = self.pending, outer
        return (*pending, ir.Return(value, line))

    # -------------------------------------------------------------------------------------------------- classes

    def class_statement(
        self, node: SyntaxNode, span: Span, name: str, decorators: tuple[ir.Expr, ...] = (), *, exported: bool = False
    ) -> ir.Class:
        """A class or interface of any form; its own name counts where it is bound to none."""
        bases: list[ir.Expr] = []
        body: tuple[ir.Statement, ...] = ()
        for kind, part in parts(node):
            if kind in _CLASS_NAMES:
                name = name or part.text()
            elif kind == "decorator":
                decorators = (*decorators, *self.expressions(significant(part)))
            elif kind == "class_heritage":
                bases += [base for clause in significant(part) for base in self._bases(clause)]
            elif kind == "extends_type_clause":
                bases += self.annotations(significant(part))
            elif kind in ("class_body", "interface_body"):
                body = self.members(part)
        return ir.Class(name, tuple(bases), (), body, decorators, *span, exported=exported)

    def _bases(self, clause: SyntaxNode) -> tuple[ir.Expr, ...]:
        inner = significant(clause)
        if clause.kind() == "implements_clause":
            return self.annotations(inner)
        if not inner or clause.kind() != "extends_clause":
            return self.expressions([clause])
        base = self.expression(inner[0])
        if len(inner) == 1:
            return (base,)
        arguments = self.annotations(significant(inner[1]))
        line = self.line(clause)
        return (ir.Index(base, arguments[0] if len(arguments) == 1 else ir.Sequence(arguments, line, line), line),)

    def members(self, node: SyntaxNode) -> tuple[ir.Statement, ...]:
        """The members of a class, interface or object type; overloads without a body only where none has one."""
        if self.depth >= DEPTH:
            return ()
        self.depth += 1
        outer, self.pending = self.pending, []
        body: list[ir.Statement] = []
        decorators: tuple[ir.Expr, ...] = ()
        children = significant(node)
        overloaded = node.kind() == "class_body"
        for child, span in self.each(children):
            kind = child.kind()
            if kind == "decorator":
                decorators = (*decorators, *self.expressions(significant(child)))
                continue
            if kind != "method_signature" or not overloaded:
                member = self._member(child, kind, span, decorators)
                body += (*self.pending, *member)
                self.pending = []
            decorators = ()
        self.pending = outer
        self.depth -= 1
        return tuple(body)

    def _member(self, node: SyntaxNode, kind: str, span: Span, decorators: tuple[ir.Expr, ...]) -> tuple[ir.Statement, ...]:
        if kind in _FIELDS:
            return self._field_member(node, span, decorators)
        if kind in _METHODS or kind == "method_signature":
            return (self.function(node, span, _member_name(node), decorators),)
        if kind == "class_static_block":
            return tuple(one for part in significant(node) for one in self.block(part))
        return ()

    def _field_member(self, node: SyntaxNode, span: Span, decorators: tuple[ir.Expr, ...]) -> tuple[ir.Statement, ...]:
        """A field; one that holds a function is a method."""
        hint = value = None
        assigned = False
        for kind, part in parts(node):
            if kind == "decorator":
                decorators = (*decorators, *self.expressions(significant(part)))
            elif kind == "type_annotation":
                hint = part
            elif kind == "=":
                assigned = True
            elif assigned and part.is_named():
                value = part
        name = _member_name(node)
        if value is not None and value.kind() in FUNCTIONS:
            return (self.function(value, span, name, decorators),)
        lowered = self.named_value(value, name) if value is not None else None
        return (ir.Assign(ir.Name(name, span[0]), lowered, self.annotated(hint, decorators, span[0]), *span),)

    def enum(self, node: SyntaxNode, span: Span, *, exported: bool) -> ir.Class:
        """An enum as a class of constants, numbered where they have no value."""
        name, body, following = "", [], 0
        for kind, part in parts(node):
            if kind == "identifier":
                name = part.text()
            elif kind == "enum_body":
                children = significant(part)
                for child, place in self.each(children):
                    inner = significant(child)
                    value = self.expression(inner[-1]) if len(inner) > 1 else ir.Literal(following, *place)
                    if isinstance(value, ir.Literal) and isinstance(value.value, int):
                        following = value.value + 1
                    body.append(ir.Assign(ir.Name(bound_name(inner[0] if inner else child), place[0]), value, None, *place))
        return ir.Class(name, (), (), tuple(body), (), *span, exported=exported)

    def type_alias(self, node: SyntaxNode, span: Span, *, exported: bool) -> ir.Statement:
        """An alias of an object type, or of an intersection with one, is a Class; any other is an annotation."""
        named = significant(node)
        name, aliased = named[0].text(), named[-1]
        members, bases = [], []
        todo = [aliased]
        while todo:
            part = todo.pop()
            if part.kind() == "intersection_type":
                todo += reversed(significant(part))
            elif part.kind() == "object_type":
                members.append(part)
            else:
                bases.append(part)
        if not members:
            return ir.Assign(ir.Name(name, span[0]), None, self.annotation(aliased), *span, exported=exported)
        body = tuple(member for part in members for member in self.members(part))
        return ir.Class(name, self.annotations(bases), (), body, (), *span, exported=exported)


def _member_name(node: SyntaxNode) -> str:
    """The name of a method or field; a computed one is its text in brackets."""
    name = next((part for kind, part in parts(node) if kind in _MEMBER_NAMES), None)
    return "" if name is None else bound_name(name) or name.text()[:100]
