"""JSX into the tree of `collect.ir`: an element is a call of its tag, with attributes as keywords."""

from __future__ import annotations

from readiness.collect import ir
from readiness.collect.lower.typescript_cursor import opaque
from readiness.collect.lower.typescript_expressions import Expressions
from readiness.collect.lower.typescript_text import TEXT_LIMIT, jsx_attribute, jsx_text
from readiness.collect.syntax import Span, SyntaxNode, significant

_TEXTS = frozenset({"jsx_text", "html_character_reference"})


class Jsx(Expressions):
    """Lowers elements, attributes and what stands between tags."""

    def on_jsx_element(self, node: SyntaxNode, span: Span) -> ir.Expr:
        opening, *inside = significant(node)
        if inside and inside[-1].kind() == "jsx_closing_element":
            inside.pop()
        callee, keywords = self._tag(opening, span)
        return ir.Call(callee, self._contents(inside), keywords, *span, jsx=True)

    def on_jsx_self_closing_element(self, node: SyntaxNode, span: Span) -> ir.Expr:
        callee, keywords = self._tag(node, span)
        return ir.Call(callee, (), keywords, *span, jsx=True)

    def on_jsx_expression(self, node: SyntaxNode, span: Span) -> ir.Expr:
        inner = significant(node)
        return self.expression(inner[0]) if inner else opaque(span[0])

    def _tag(self, node: SyntaxNode, span: Span) -> tuple[ir.Expr, tuple[ir.Keyword, ...]]:
        name: ir.Expr = ir.Name("Fragment", span[0])
        keywords = []
        children = significant(node)
        for index, (child, place) in enumerate(self.each(children)):
            kind = child.kind()
            if kind == "jsx_attribute":
                keywords.append(self._attribute(child, place))
            elif kind == "jsx_expression":
                keywords += [ir.Keyword(None, self._spread(inner), place[0]) for inner in significant(child)]
            elif index == 0:
                name = ir.Name(child.text(), place[0]) if kind == "jsx_namespace_name" else self.expression(child, place)
        return name, tuple(keywords)

    def _spread(self, node: SyntaxNode) -> ir.Expr:
        inner = significant(node)
        return self.expression(inner[0] if node.kind() == "spread_element" and inner else node)

    def _attribute(self, node: SyntaxNode, span: Span) -> ir.Keyword:
        inner = significant(node)
        name = inner[0].text() if inner else ""
        if len(inner) < 2:
            return ir.Keyword(name, ir.Literal(value=True, line=span[0], end_line=span[1]), span[0])
        if inner[1].kind() == "string":
            return ir.Keyword(name, ir.Literal(jsx_attribute(inner[1].text())[:TEXT_LIMIT], *self.span(inner[1])), span[0])
        value = significant(inner[1]) if inner[1].kind() == "jsx_expression" else inner[1:]
        return ir.Keyword(name, self.named_value(value[0], name) if value else opaque(span[0]), span[0])

    def _contents(self, nodes: list[SyntaxNode]) -> tuple[ir.Expr, ...]:
        """What stands between the tags: runs of text and entities are one Literal, white space and comments nothing."""
        contents: list[ir.Expr] = []
        text, first, last = "", 0, 0
        for node, span in self.each(nodes):
            kind = node.kind()
            if kind in _TEXTS:
                first, last = (first if text else span[0]), span[1]
                text += node.text()
                continue
            contents += _words(text, first, last)
            text = ""
            if kind != "jsx_expression" or significant(node):
                contents.append(self.expression(node, span))
        return (*contents, *_words(text, first, last))


def _words(text: str, first: int, last: int) -> list[ir.Literal]:
    words = jsx_text(text[:TEXT_LIMIT])
    return [ir.Literal(words, first, last)] if words else []
