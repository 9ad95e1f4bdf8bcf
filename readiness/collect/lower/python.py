"""Python source into the tree of `collect.ir`: statements and definitions."""

from __future__ import annotations

from collections.abc import Sequence

from readiness.collect import ir
from readiness.collect.lower.python_expressions import ExpressionLowerer
from readiness.collect.syntax import SyntaxNode, parse

_JUMPS = {"break_statement": "break", "continue_statement": "continue", "pass_statement": "pass"}


def lower_python(text: str, path: str, line_map: Sequence[int] | None = None) -> ir.Code:
    """Lower one Python module.

    Args:
        text: the source; a syntax error loses only the statement it is in.
        path: where it lies, relative to the repository.
        line_map: for source that was put together from a notebook, the raw line (from 1) of each line of `text`.

    Returns:
        The module's tree, with lines of the raw file.
    """
    lowerer = _PythonLowerer(line_map)
    body = lowerer.block(parse(text, "python"))
    return ir.Code(path, "python", body, text.count("\n") + 1)


class _PythonLowerer(ExpressionLowerer):
    def block(self, node: SyntaxNode) -> tuple[ir.Statement, ...]:
        """The statements of a module, block or clause body; too deep a nesting is dropped."""
        if self.depth > self.BUDGET:
            return ()
        self.depth += 1
        out: list[ir.Statement] = []
        for child in node.children():
            kind = child.kind()
            if kind == "block":
                out.extend(self.block(child))
                continue
            outer, self.pending = self.pending, []
            statements = self.statement(child, kind)
            out.extend(self.pending)
            out.extend(statements)
            self.pending = outer
        self.depth -= 1
        return tuple(out)

    def statement(self, node: SyntaxNode, kind: str) -> tuple[ir.Statement, ...]:
        line = self.line(node)
        if kind == "expression_statement":
            return self._expression_statement(node, line)
        if kind == "return_statement":
            return (ir.Return(self._first_value(node), line),)
        if kind == "raise_statement":
            return (ir.Raise(self._first_value(node), line),)
        if kind in _JUMPS:
            return (ir.Jump(_JUMPS[kind], line),)
        if kind == "ERROR":
            return self.block(node)
        if not kind.endswith(("_statement", "_definition")):  # a piece of an ERROR
            return (ir.Do(self.expression(node), line),) if node.is_named() and kind != "comment" else ()
        handler = getattr(self, "_" + kind, None)
        result: tuple[ir.Statement, ...] = handler(node, line) if handler is not None else ()
        return result

    def _first_value(self, node: SyntaxNode) -> ir.Expr | None:
        named = [child for child in node.children() if child.is_named() and child.kind() != "comment"]
        return self.expression(named[0]) if named else None

    def _expression_statement(self, node: SyntaxNode, line: int) -> tuple[ir.Statement, ...]:
        out: list[ir.Statement] = []
        for child in node.children():
            kind = child.kind()
            if kind == "assignment":
                out.extend(self._assignment(child, line))
            elif kind == "augmented_assignment":
                left, right = child.field("left"), child.field("right")
                if left is not None and right is not None:
                    value = self.expression(right)
                    out.append(ir.Assign(self.expression(left), value, None, line, self.end(child), augmented=True))
            elif child.is_named() and kind != "comment":
                out.append(ir.Do(self.expression(child), line))
        return tuple(out)

    def _assignment(self, node: SyntaxNode, line: int) -> list[ir.Statement]:
        targets: list[ir.Expr] = []
        annotation: ir.Expr | None = None
        end = self.end(node)
        current: SyntaxNode | None = node
        value: ir.Expr | None = None
        while current is not None and current.kind() == "assignment":
            left, hint = current.field("left"), current.field("type")
            if left is not None:
                targets.append(self.expression(left))
            if hint is not None:
                annotation = self.annotation(hint)
            current = current.field("right")
        if current is not None:
            value = self.expression(current)
        return [ir.Assign(target, value, annotation, line, end) for target in targets]

    def _import_statement(self, node: SyntaxNode, line: int) -> tuple[ir.Statement, ...]:
        out: list[ir.Statement] = []
        for child in node.children():
            if child.kind() == "dotted_name":
                module = child.text()
                out.append(ir.Import(module, "", module.split(".")[0], line))
            elif child.kind() == "aliased_import":
                module, alias = self._aliased(child)
                out.append(ir.Import(module, "", alias, line))
        return tuple(out)

    def _import_from_statement(self, node: SyntaxNode, line: int) -> tuple[ir.Statement, ...]:
        module_node = node.field("module_name")
        module = "".join(module_node.text().split()) if module_node is not None else ""
        out: list[ir.Statement] = []
        seen_import = False
        for child in node.children():
            kind = child.kind()
            if kind == "import":
                seen_import = True
            elif not seen_import:
                continue
            elif kind == "dotted_name":
                out.append(ir.Import(module, child.text(), child.text(), line))
            elif kind == "aliased_import":
                name, alias = self._aliased(child)
                out.append(ir.Import(module, name, alias, line))
            elif kind == "wildcard_import":
                out.append(ir.Import(module, "*", "*", line))
        return tuple(out)

    @staticmethod
    def _aliased(node: SyntaxNode) -> tuple[str, str]:
        name, alias = node.field("name"), node.field("alias")
        return (name.text() if name else "", alias.text() if alias else "")

    def _if_statement(self, node: SyntaxNode, line: int) -> tuple[ir.Statement, ...]:
        clauses: list[tuple[ir.Expr, tuple[ir.Statement, ...], int]] = []
        orelse: tuple[ir.Statement, ...] = ()
        condition, body = node.field("condition"), node.field("consequence")
        if condition is not None:
            clauses.append((self.expression(condition), self.block(body) if body else (), line))
        for child in node.children():
            if child.kind() == "elif_clause":
                test, block = child.field("condition"), child.field("consequence")
                if test is not None:
                    clauses.append((self.expression(test), self.block(block) if block else (), self.line(child)))
            elif child.kind() == "else_clause":
                orelse = self.block(child)
        for test_expression, block_statements, at in reversed(clauses):
            orelse = (ir.If(test_expression, block_statements, orelse, at),)
        return orelse

    def _for_statement(self, node: SyntaxNode, line: int) -> tuple[ir.Statement, ...]:
        left, right = node.field("left"), node.field("right")
        if left is None or right is None:
            return ()
        iterable = self.expression(right)
        loop = ir.Loop(self.expression(left), iterable, self._body(node), line)
        return (loop, *self._alternative(node))

    def _while_statement(self, node: SyntaxNode, line: int) -> tuple[ir.Statement, ...]:
        condition = node.field("condition")
        if condition is None:
            return ()
        return (ir.Loop(None, self.expression(condition), self._body(node), line), *self._alternative(node))

    def _body(self, node: SyntaxNode) -> tuple[ir.Statement, ...]:
        body = node.field("body")
        return self.block(body) if body is not None else ()

    def _alternative(self, node: SyntaxNode) -> tuple[ir.Statement, ...]:
        orelse = node.field("alternative")
        return self.block(orelse) if orelse is not None else ()

    def _try_statement(self, node: SyntaxNode, line: int) -> tuple[ir.Statement, ...]:
        body: list[ir.Statement] = []
        handlers: list[ir.Handler] = []
        final: tuple[ir.Statement, ...] = ()
        for child in node.children():
            kind = child.kind()
            if kind == "block":
                body.extend(self.block(child))
            elif kind in ("except_clause", "except_group_clause"):
                handlers.append(self._handler(child))
            elif kind == "else_clause":
                body.extend(self.block(child))
            elif kind == "finally_clause":
                final = self.block(child)
        return (ir.Try(tuple(body), tuple(handlers), final, line),)

    def _handler(self, node: SyntaxNode) -> ir.Handler:
        kind: ir.Expr | None = None
        name = ""
        body: tuple[ir.Statement, ...] = ()
        for child in node.children():
            if child.kind() == "block":
                body = self.block(child)
            elif child.kind() == "as_pattern":
                parts = [part for part in child.children() if part.is_named()]
                kind = self.expression(parts[0]) if parts else None
                name = parts[-1].text() if len(parts) > 1 else ""
            elif child.is_named() and child.kind() != "comment":
                kind = self.expression(child)
        return ir.Handler(kind, name, body, self.line(node))

    def _with_statement(self, node: SyntaxNode, line: int) -> tuple[ir.Statement, ...]:
        items: list[tuple[ir.Expr, ir.Expr | None]] = []
        body: tuple[ir.Statement, ...] = ()
        for child in node.children():
            if child.kind() == "with_clause":
                items.extend(self._with_item(item) for item in child.children() if item.kind() == "with_item")
            elif child.kind() == "block":
                body = self.block(child)
        for value, target in reversed(items):
            body = (ir.With(value, target, body, line),)
        return body

    def _with_item(self, node: SyntaxNode) -> tuple[ir.Expr, ir.Expr | None]:
        value = next((child for child in node.children() if child.is_named()), node)
        if value.kind() != "as_pattern":
            return self.expression(value), None
        parts = [part for part in value.children() if part.is_named()]
        target_node = next((part for part in parts[-1].children() if part.is_named()), parts[-1])
        return self.expression(parts[0]), self.expression(target_node)

    def _assert_statement(self, node: SyntaxNode, line: int) -> tuple[ir.Statement, ...]:
        named = [child for child in node.children() if child.is_named() and child.kind() != "comment"]
        if not named:
            return ()
        test = ir.Opaque("not", (self.expression(named[0]),), line)
        return (ir.If(test, (ir.Raise(ir.Name("AssertionError", line), line),), (), line),)

    def _delete_statement(self, _node: SyntaxNode, _line: int) -> tuple[ir.Statement, ...]:
        return ()

    def _match_statement(self, node: SyntaxNode, _line: int) -> tuple[ir.Statement, ...]:
        named = [child for child in node.children() if child.is_named()]
        if not named:
            return ()
        subject = self.expression(named[0])
        cases = [case for block in named if block.kind() == "block" for case in block.children() if case.kind() == "case_clause"]
        orelse: tuple[ir.Statement, ...] = ()
        for case in reversed(cases):
            pattern = next((child for child in case.children() if child.kind() == "case_pattern"), None)
            body = next((child for child in case.children() if child.kind() == "block"), None)
            statements = self.block(body) if body is not None else ()
            test = ir.Opaque("compare", (subject, self._pattern(pattern)), self.line(case), "==")
            orelse = (ir.If(test, statements, orelse, self.line(case)),)
        return orelse

    def _pattern(self, node: SyntaxNode | None) -> ir.Expr:
        inner = next((child for child in node.children() if child.is_named()), None) if node is not None else None
        return self.expression(inner) if inner is not None else ir.Opaque("other", (), 0)

    def _decorated_definition(self, node: SyntaxNode, _line: int) -> tuple[ir.Statement, ...]:
        decorators = tuple(
            self.expression(inner)
            for child in node.children()
            if child.kind() == "decorator"
            for inner in child.children()
            if inner.is_named() and inner.kind() != "comment"
        )
        definition = node.field("definition")
        if definition is None:
            return ()
        if definition.kind() == "class_definition":
            return (self._class(definition, decorators),)
        return (self._function(definition, decorators),)

    def _function_definition(self, node: SyntaxNode, _line: int) -> tuple[ir.Statement, ...]:
        return (self._function(node, ()),)

    def _class_definition(self, node: SyntaxNode, _line: int) -> tuple[ir.Statement, ...]:
        return (self._class(node, ()),)

    def _function(self, node: SyntaxNode, decorators: tuple[ir.Expr, ...]) -> ir.Function:
        name, parameters, returns = node.field("name"), node.field("parameters"), node.field("return_type")
        body = self._body(node)
        return ir.Function(
            name.text() if name else "",
            self.parameters(parameters),
            body,
            decorators,
            self.annotation(returns) if returns is not None else None,
            self.line(node),
            self.end(node),
            _docstring(body),
        )

    def _class(self, node: SyntaxNode, decorators: tuple[ir.Expr, ...]) -> ir.Class:
        name, superclasses = node.field("name"), node.field("superclasses")
        bases, keywords = self.arguments(superclasses) if superclasses is not None else ((), ())
        body = self._body(node)
        return ir.Class(
            name.text() if name else "", bases, keywords, body, decorators, self.line(node), self.end(node), _docstring(body)
        )


def _docstring(body: tuple[ir.Statement, ...]) -> ir.Literal | None:
    first = body[0] if body else None
    if isinstance(first, ir.Do) and isinstance(first.value, ir.Literal) and isinstance(first.value.value, str):
        return first.value
    return None
