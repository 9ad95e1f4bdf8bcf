"""TypeScript control flow into the tree of `collect.ir`: branches, loops, handlers and jumps."""

from __future__ import annotations

from abc import abstractmethod
from typing import Final

from readiness.collect import ir
from readiness.collect.lower.typescript_cursor import opaque
from readiness.collect.lower.typescript_definitions import Definitions
from readiness.collect.lower.typescript_patterns import WHOLE
from readiness.collect.syntax import Span, SyntaxNode, parts, significant

_JUMPS: Final = {"break_statement": "break", "continue_statement": "continue"}
_LONGEST_CHAIN: Final = 40
"""Branches nested in one another; those of a longer chain stand side by side in its last `orelse`."""

Branch = tuple[ir.Expr, tuple[ir.Statement, ...], int]


class Flow(Definitions):
    """Lowers the statements that decide which others run; handlers are named after the kinds of the grammar."""

    @abstractmethod
    def sequence(self, nodes: list[SyntaxNode]) -> tuple[ir.Statement, ...]:
        """The statements of a block or program."""

    @abstractmethod
    def effect(self, node: SyntaxNode, span: Span) -> list[ir.Statement]:
        """What an expression used as a statement does."""

    def body(self, node: SyntaxNode | None) -> tuple[ir.Statement, ...]:
        """The statements of a branch or loop, in braces or not."""
        return () if node is None else self.sequence([node])

    def do_return_statement(self, node: SyntaxNode, span: Span) -> list[ir.Statement]:
        return [ir.Return(self._value(node), span[0])]

    def do_throw_statement(self, node: SyntaxNode, span: Span) -> list[ir.Statement]:
        return [ir.Raise(self._value(node), span[0])]

    def _value(self, node: SyntaxNode) -> ir.Expr | None:
        inner = significant(node)
        return self.expression(inner[0]) if inner else None

    def do_break_statement(self, node: SyntaxNode, span: Span) -> list[ir.Statement]:
        return [ir.Jump(_JUMPS[node.kind()], span[0])]

    do_continue_statement = do_break_statement

    def do_if_statement(self, node: SyntaxNode, _: Span) -> list[ir.Statement]:
        rungs, final = _ladder(node)
        tests: list[tuple[ir.Expr, int]] = []
        bodies: list[tuple[ir.Statement, ...]] = []
        for index, (part, place) in enumerate(self.each(rungs)):
            if index % 2:
                bodies.append(self.body(part))
            else:
                tests.append((self.expression(part, place), place[0]))
        branches = [(test, body, line) for (test, line), body in zip(tests, bodies, strict=True)]
        return list(_chained(branches, self.body(final)))

    def do_switch_statement(self, node: SyntaxNode, span: Span) -> list[ir.Statement]:
        """Cases become branches; labels that share a body are the options of its test."""
        named = significant(node)
        subject = self.expression(named[0])
        branches: list[Branch] = []
        orelse: tuple[ir.Statement, ...] = ()
        labels: list[ir.Expr] = []
        cases = significant(named[-1])
        for case, place in self.each(cases):
            inner = significant(case)
            if case.kind() == "switch_case" and inner:
                labels.append(ir.Opaque("compare", (subject, self.expression(inner[0])), place[0], "=="))
                inner = inner[1:]
            body = self._without_break(inner)
            if case.kind() == "switch_default":
                orelse, labels = body, []
            elif inner and labels:
                branches.append((labels[0] if len(labels) == 1 else ir.Choice(tuple(labels), labels[0].line), body, place[0]))
                labels = []
        return list(_chained(branches, orelse)) if branches else [ir.Do(subject, span[0]), *orelse]

    def _without_break(self, nodes: list[SyntaxNode]) -> tuple[ir.Statement, ...]:
        body = self.sequence(nodes)
        return body[:-1] if body and isinstance(last := body[-1], ir.Jump) and last.kind == "break" else body

    def do_for_in_statement(self, node: SyntaxNode, span: Span) -> list[ir.Statement]:
        named = significant(node)
        if len(named) < 3:
            return []
        iterable = self.expression(named[-2])
        target, bound = self.unpacked(named[0], span)
        return [ir.Loop(target, iterable, (*bound, *self.body(named[-1])), span[0])]

    def do_for_statement(self, node: SyntaxNode, span: Span) -> list[ir.Statement]:
        named = significant(node)
        head, body = named[:-1], named[-1]
        start: list[ir.Statement] = list(self.sequence(head[:1]))
        test = self.expression(head[1]) if len(head) > 1 and head[1].kind() != "empty_statement" else None
        step = [one for part in head[2:] for one in self.effect(part, self.span(part))]
        forever = ir.Literal(value=True, line=span[0], end_line=span[0])
        return [*start, ir.Loop(None, test or forever, (*self.body(body), *step), span[0])]

    def do_while_statement(self, node: SyntaxNode, span: Span) -> list[ir.Statement]:
        test, *body = significant(node)
        return [ir.Loop(None, self.expression(test), self.sequence(body), span[0])]

    def do_do_statement(self, node: SyntaxNode, span: Span) -> list[ir.Statement]:
        body, *test = significant(node)
        statements = self.body(body)
        return [ir.Loop(None, self.expression(test[0]) if test else opaque(span[0]), statements, span[0])]

    def do_labeled_statement(self, node: SyntaxNode, _: Span) -> list[ir.Statement]:
        return list(self.sequence(significant(node)[1:]))

    def do_with_statement(self, node: SyntaxNode, span: Span) -> list[ir.Statement]:
        value, *body = significant(node)
        return [ir.With(self.expression(value), None, self.sequence(body), span[0])]

    def do_try_statement(self, node: SyntaxNode, span: Span) -> list[ir.Statement]:
        body: tuple[ir.Statement, ...] = ()
        final: tuple[ir.Statement, ...] = ()
        handlers: list[ir.Handler] = []
        for kind, part in parts(node):
            if kind == "statement_block":
                body = self.block(part)
            elif kind == "catch_clause":
                handlers.append(self._handler(part))
            elif kind == "finally_clause":
                final = self.sequence(significant(part))
        return [ir.Try(body, tuple(handlers), final, span[0])]

    def _handler(self, node: SyntaxNode) -> ir.Handler:
        name, bound = "", list[ir.Statement]()
        body: tuple[ir.Statement, ...] = ()
        line = self.line(node)
        for kind, part in parts(node):
            if kind == "statement_block":
                body = self.block(part)
            elif kind == "identifier":
                name = part.text()
            elif kind in ("object_pattern", "array_pattern"):
                name, bound = WHOLE, self.bind(part, ir.Name(WHOLE, line), (line, line))
        return ir.Handler(None, name, (*bound, *body), line)


def _ladder(node: SyntaxNode) -> tuple[list[SyntaxNode], SyntaxNode | None]:
    """Test and body of an `if` and of every `else if` after it, in turn, and the last `else`; a loop, since it may be long."""
    rungs: list[SyntaxNode] = []
    current: SyntaxNode | None = node
    while current is not None and current.kind() == "if_statement":
        inner = [part for part in significant(current) if part.kind() != "ERROR"]
        if len(inner) < 2:
            return rungs, None
        rungs += inner[:2]
        alternative = significant(inner[2]) if len(inner) > 2 else []
        current = alternative[-1] if alternative else None
    return rungs, current


def _chained(branches: list[Branch], orelse: tuple[ir.Statement, ...]) -> tuple[ir.Statement, ...]:
    """The branches as Ifs, each in the `orelse` of the one before."""
    excess = tuple(ir.If(test, body, (), line) for test, body, line in branches[_LONGEST_CHAIN:])
    orelse = (*excess, *orelse)
    for test, body, line in reversed(branches[:_LONGEST_CHAIN]):
        orelse = (ir.If(test, body, orelse, line),)
    return orelse
