"""TypeScript and JavaScript into the tree of `collect.ir`: names, calls, operators and collections."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Final

from readiness.collect import ir
from readiness.collect.lower.typescript_cursor import DEPTH, Cursor, opaque
from readiness.collect.lower.typescript_text import TEXT_LIMIT, number, unescape
from readiness.collect.syntax import Span, SyntaxNode, parts, significant

# What stands around an expression and leaves its value alone, and which of its significant children that is.
# fmt: off
_TRANSPARENT: Final = {
    "parenthesized_expression": 0, "as_expression": 0, "satisfies_expression": 0, "non_null_expression": 0,
    "instantiation_expression": 0, "type_assertion": -1,
}
# fmt: on
_CASTS: Final = frozenset({"as_expression", "satisfies_expression"})
_UNIONS: Final = frozenset({"|", "&"})
_LINKS: Final = frozenset({"member_expression", "subscript_expression", "call_expression"})
_COMPARISONS: Final = frozenset({"==", "!=", "===", "!==", "<", "<=", ">", ">=", "in", "instanceof"})
_CHOICES: Final = frozenset({"||", "??"})
_CONSTANTS: Final = {"true": True, "false": False, "null": None, "undefined": None}
_NAMES: Final = {"this": "self", "super": "super", "import": "import"}
FUNCTIONS: Final = frozenset({"arrow_function", "function_expression", "generator_function"})
_PATTERN_LIMIT: Final = 1_000


class Expressions(Cursor):
    """Lowers expressions; handlers are named after the kinds of the grammar."""

    @abstractmethod
    def function(self, node: SyntaxNode, span: Span, name: str, decorators: tuple[ir.Expr, ...] = ()) -> ir.Function:
        """A function of any form, under the name it is bound to."""

    @abstractmethod
    def bind(self, target: SyntaxNode, value: ir.Expr, span: Span) -> list[ir.Statement]:
        """The assignments that `target = value` stands for."""

    @abstractmethod
    def class_statement(self, node: SyntaxNode, span: Span, name: str) -> ir.Class:
        """A class of any form, under the name it is bound to."""

    # ------------------------------------------------------------------------------------------------ entrances

    def expression(self, node: SyntaxNode, span: Span | None = None) -> ir.Expr:
        """Lower one expression; beyond the budget of depth it is Opaque."""
        outer = self.flat
        span = outer or span or self.span(node)
        if self.depth >= DEPTH:
            return opaque(span[0])
        if outer is None and span[0] == span[1]:
            self.flat = span
        self.depth += 1
        result = self._dispatch(node, node.kind(), span)
        self.depth -= 1
        self.flat = outer
        return result

    def expressions(self, nodes: list[SyntaxNode]) -> tuple[ir.Expr, ...]:
        """Lower siblings, which must be in source order."""
        return tuple([self.expression(node, span) for node, span in self.each(nodes)])

    def named_value(self, node: SyntaxNode, name: str) -> ir.Expr:
        """Lower a value that is bound to `name`, by which an anonymous function or class in it is known."""
        while node.kind() in _TRANSPARENT and (inner := significant(node)):
            node = inner[_TRANSPARENT[node.kind()]]
        kind = node.kind()
        if kind in FUNCTIONS and self.depth < DEPTH:
            span = self.span(node)
            return ir.Lambda(self.function(node, span, name), span[0])
        if kind == "class" and self.depth < DEPTH:
            span = self.span(node)
            made = self.class_statement(node, span, name)
            self.pending.append(made if made.name else replace(made, name=f"class:{span[0]}"))
            return ir.Name(made.name or f"class:{span[0]}", span[0])
        return self.expression(node)

    def _dispatch(self, node: SyntaxNode, kind: str, span: Span) -> ir.Expr:
        if kind == "identifier":
            return ir.Name(node.text(), span[0])
        if kind in _LINKS or kind in _TRANSPARENT:
            return self._chain(node, kind, span)
        if kind in _CONSTANTS:
            return ir.Literal(_CONSTANTS[kind], *span)
        if kind in _NAMES:
            return ir.Name(_NAMES[kind], span[0])
        if kind in FUNCTIONS:
            return ir.Lambda(self.function(node, span, ""), span[0])
        handler = getattr(self, "on_" + kind, None)
        if handler is not None:
            result: ir.Expr = handler(node, span)
            return result
        return opaque(span[0], self.expressions(significant(node)))

    # -------------------------------------------------------------------------------------------- access chains

    def _chain(self, node: SyntaxNode, kind: str, span: Span) -> ir.Expr:
        """`a.b(c)[d].e`: walked down to its root and built up again, so that long ones need no recursion."""
        links: list[tuple[str, list[tuple[str, SyntaxNode]], SyntaxNode]] = []
        while True:
            inner = [part for part in parts(node) if part[0] not in ("?.", "optional_chain")]
            if _is_cast(kind, inner):
                kind, node = inner[0]
            elif kind in _LINKS and len(inner) > 1:
                links.append((kind, inner, node))
                kind, node = inner[0]
            elif kind in _TRANSPARENT and (named := [part for part in inner if part[1].is_named()]):
                kind, node = named[_TRANSPARENT[kind]]
            else:
                break
        if not links and (kind in _LINKS or kind in _TRANSPARENT):
            return opaque(span[0])
        return self._linked(node, links, span)

    def _linked(self, root: SyntaxNode, links: list[tuple[str, list[tuple[str, SyntaxNode]], SyntaxNode]], span: Span) -> ir.Expr:
        kept = min(len(links), max(0, DEPTH - self.depth - 2))
        self.depth += kept
        value = self.expression(root)
        for kind, inner, node in reversed(links[len(links) - kept :]):
            self.depth -= 1
            value = self._link(kind, value, inner, node, span)
        excess = [part for _, inner, _ in reversed(links[: len(links) - kept]) for _, part in inner[1:] if part.is_named()]
        return opaque(span[0], (value, *self.expressions(excess))) if excess else value

    def _link(self, kind: str, base: ir.Expr, inner: list[tuple[str, SyntaxNode]], node: SyntaxNode, span: Span) -> ir.Expr:
        last_kind, last = inner[-1]
        if kind == "member_expression":
            return ir.Member(base, last.text(), self.line(last))
        if kind == "subscript_expression":
            keys = [part for _, part in inner[1:] if part.is_named()]
            return ir.Index(base, self.expression(keys[0]) if keys else opaque(span[0]), span[0])
        if last_kind == "template_string":
            tag = inner[0][1].text()[:100]
            return self._template(last, self.span(last), tag)
        return ir.Call(base, self.expressions(significant(last)), (), span[0], self.end(node))

    def on_new_expression(self, node: SyntaxNode, span: Span) -> ir.Expr:
        named = significant(node)
        if not named:
            return opaque(span[0])
        args = next((self.expressions(significant(part)) for part in named if part.kind() == "arguments"), ())
        return ir.Call(self.named_value(named[0], ""), args, (), *span, new=True)

    def on_meta_property(self, node: SyntaxNode, span: Span) -> ir.Expr:
        base, _, name = node.text().partition(".")
        return ir.Member(ir.Name(base.strip(), span[0]), name.strip(), span[0])

    # ------------------------------------------------------------------------------------------------- literals

    def on_string(self, node: SyntaxNode, span: Span) -> ir.Expr:
        return ir.Literal(unescape(node.text()[1:-1])[:TEXT_LIMIT], *span)

    def on_number(self, node: SyntaxNode, span: Span) -> ir.Expr:
        value = number(node.text())
        return opaque(span[0]) if value is None else ir.Literal(value, *span)

    def on_regex(self, node: SyntaxNode, span: Span) -> ir.Expr:
        return ir.Opaque("other", (), span[0], node.text()[:_PATTERN_LIMIT])

    def on_template_string(self, node: SyntaxNode, span: Span) -> ir.Expr:
        return self._template(node, span, "")

    def _template(self, node: SyntaxNode, span: Span, tag: str) -> ir.Expr:
        children = significant(node)
        pieces: list[ir.Expr] = []
        for child, (first, last) in self.each(children):
            if child.kind() == "template_substitution":
                inner = significant(child)
                pieces.append(self.expression(inner[0]) if inner else opaque(first))
            else:
                pieces.append(ir.Literal(unescape(child.text()), first, last))
        return _text(pieces, span, tag)

    # ------------------------------------------------------------------------------------------------ operators

    def on_binary_expression(self, node: SyntaxNode, span: Span) -> ir.Expr:
        operator, operands = _operands(node)
        if operator in _UNIONS and _is_cast(operands[0].kind(), parts(operands[0])):
            return self.expression(operands[0])
        values = self.expressions(operands)
        if operator in _CHOICES:
            return ir.Choice(values, span[0])
        if operator == "&&":
            return ir.Opaque("and", values, span[0])
        if operator in _COMPARISONS:
            return ir.Opaque("compare", values, span[0], operator.replace("===", "==").replace("!==", "!="))
        if operator == "+" and any(isinstance(value, ir.Template) or _fixed(value) is not None for value in values):
            return _text(values, span)
        return ir.Opaque("arithmetic", values, span[0], operator)

    def on_unary_expression(self, node: SyntaxNode, span: Span) -> ir.Expr:
        inner = parts(node)
        if len(inner) < 2:
            return opaque(span[0])
        operator, value = inner[0][0], self.expression(inner[-1][1])
        match operator:
            case "!":
                return ir.Opaque("not", (value,), span[0])
            case "void" if isinstance(value, ir.Literal):
                return ir.Literal(None, *span)
            case "-" if isinstance(value, ir.Literal) and isinstance(value.value, int | float):
                return ir.Literal(-value.value, *span)
            case "-" | "+" | "~":
                return ir.Opaque("arithmetic", (value,), span[0], operator)
        return ir.Opaque("other", (value,), span[0], operator)

    def on_update_expression(self, node: SyntaxNode, span: Span) -> ir.Expr:
        return ir.Opaque("arithmetic", self.expressions(significant(node)), span[0], "++")

    def on_ternary_expression(self, node: SyntaxNode, span: Span) -> ir.Expr:
        values = self.expressions(significant(node))
        return ir.Choice(values[1:], span[0], values[0]) if len(values) == 3 else opaque(span[0], values)

    def on_await_expression(self, node: SyntaxNode, span: Span) -> ir.Expr:
        values = self.expressions(significant(node))
        return ir.Await(values[0], span[0]) if values else opaque(span[0])

    def on_yield_expression(self, node: SyntaxNode, span: Span) -> ir.Expr:
        return ir.Opaque("yield", self.expressions(significant(node)), span[0])

    def on_spread_element(self, node: SyntaxNode, span: Span) -> ir.Expr:
        return ir.Opaque("spread", self.expressions(significant(node)), span[0])

    def on_assignment_expression(self, node: SyntaxNode, span: Span) -> ir.Expr:
        """An assignment inside an expression happens before the statement; its value is what was assigned to."""
        named = significant(node)
        if len(named) < 2:
            return opaque(span[0], self.expressions(named))
        target, value = named[0], named[-1]
        if target.kind() in ("object_pattern", "array_pattern"):
            lowered = self.expression(value)
            self.pending += self.bind(target, lowered, span)
            return lowered
        self.pending += self.bind(target, self.named_value(value, bound_name(target)), span)
        return self.expression(target)

    on_augmented_assignment_expression = on_assignment_expression

    def on_class(self, node: SyntaxNode, _: Span) -> ir.Expr:
        return self.named_value(node, "")

    # ---------------------------------------------------------------------------------------------- collections

    def on_array(self, node: SyntaxNode, span: Span) -> ir.Expr:
        return ir.Sequence(self.expressions(significant(node)), *span)

    def on_object(self, node: SyntaxNode, span: Span) -> ir.Expr:
        members = significant(node)
        return ir.Mapping(tuple([self._entry(member, place) for member, place in self.each(members)]), *span)

    def _entry(self, node: SyntaxNode, span: Span) -> tuple[ir.Expr | None, ir.Expr]:
        kind = node.kind()
        if kind == "shorthand_property_identifier":
            return ir.Literal(node.text(), *span), ir.Name(node.text(), span[0])
        inner = significant(node)
        if kind == "pair" and len(inner) > 1:
            return self.key(inner[0]), self.named_value(inner[-1], bound_name(inner[0]))
        if kind == "method_definition":
            name = next((part for part in inner if part.kind() not in _MODIFIERS), node)
            return self.key(name), ir.Lambda(self.function(node, span, bound_name(name)), span[0])
        if kind == "spread_element" and inner:
            return None, self.expression(inner[0])
        return None, opaque(span[0], self.expressions(inner))

    def key(self, node: SyntaxNode) -> ir.Expr:
        """The key of an object's entry: a Literal, or the expression in its brackets."""
        kind = node.kind()
        if kind in ("string", "number"):
            return self.expression(node)
        if kind == "computed_property_name" and (inner := significant(node)):
            return self.expression(inner[0])
        return ir.Literal(node.text(), *self.span(node))


_MODIFIERS: Final = frozenset({"accessibility_modifier", "override_modifier", "decorator", "ERROR"})


def bound_name(node: SyntaxNode) -> str:
    """The name that a value gets by being bound to `node`: an identifier, a property or a key."""
    kind = node.kind()
    if kind == "member_expression":
        return parts(node)[-1][1].text()
    if kind == "string":
        return unescape(node.text()[1:-1])[:100]
    return node.text() if kind.endswith("identifier") else ""


def _is_cast(kind: str, inner: list[tuple[str, SyntaxNode]]) -> bool:
    """Whether a member is the end of a type: the grammar reads `x as A.B.C` as `(x as A.B).C`, which would need its brackets."""
    return kind == "member_expression" and bool(inner) and inner[0][0] in _CASTS


def _operands(node: SyntaxNode) -> tuple[str, list[SyntaxNode]]:
    """The operator of a binary expression and the operands of its left spine, as far as that keeps the operator."""
    operator, rights = "", []
    while node.kind() == "binary_expression":
        inner = parts(node)
        if len(inner) != 3 or operator not in ("", inner[1][0]):
            break
        operator = inner[1][0]
        rights.append(inner[2][1])
        node = inner[0][1]
    return operator, [*([node] if operator else significant(node)), *reversed(rights)]


def _fixed(value: ir.Expr) -> str | None:
    return value.value if isinstance(value, ir.Literal) and isinstance(value.value, str) else None


def _text(pieces: Iterable[ir.Expr], span: Span, tag: str = "") -> ir.Expr:
    """One text of several pieces: neighbouring fixed texts are joined, and a text without holes is a Literal."""
    joined: list[ir.Expr] = []
    for piece in _flattened(pieces):
        last, before, fixed = (joined[-1], _fixed(joined[-1]), _fixed(piece)) if joined else (piece, None, None)
        if isinstance(last, ir.Literal) and isinstance(piece, ir.Literal) and before is not None and fixed is not None:
            joined[-1] = ir.Literal((before + fixed)[:TEXT_LIMIT], last.line, piece.end_line)
        else:
            joined.append(piece)
    only = _fixed(joined[0]) if len(joined) == 1 else None
    if tag or (joined and only is None):
        return ir.Template(tuple(joined), *span, tag)
    return ir.Literal((only or "")[:TEXT_LIMIT], *span)


def _flattened(pieces: Iterable[ir.Expr]) -> Iterator[ir.Expr]:
    for piece in pieces:
        if isinstance(piece, ir.Template) and not piece.tag:
            yield from piece.parts
        else:
            yield piece
