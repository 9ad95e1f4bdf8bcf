"""Python source into the tree of `collect.ir`: expressions, strings and parameters."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from readiness.collect import ir
from readiness.collect.lower.python_literals import number, unescape
from readiness.collect.syntax import SyntaxNode, parse

_COMPREHENSIONS = frozenset(
    {"list_comprehension", "set_comprehension", "dictionary_comprehension", "generator_expression"}
)  # fmt: skip
_NO_EXPRESSIONS: Final = ("_statement", "_definition", "_item", "_clause")
_CONSTANTS: Final = {"true": True, "false": False, "none": None, "ellipsis": None}


class ExpressionLowerer:
    """Lowers expressions within a budget of nesting; beyond it an expression is `Opaque`."""

    BUDGET: Final = 60
    """Nesting levels: human code stays under 25, and each level costs at most four interpreter frames of the default 1,000."""
    TEXT_LIMIT: Final = 40_000

    def __init__(self, line_map: Sequence[int] | None = None) -> None:
        self.line_map = line_map
        self.depth = 0
        self.pending: list[ir.Statement] = []
        self.substitutions: dict[str, ir.Expr] = {}

    def line(self, node: SyntaxNode) -> int:
        return self._raw(node.range().start.line)

    def end(self, node: SyntaxNode) -> int:
        return self._raw(node.range().end.line)

    def _raw(self, index: int) -> int:
        if self.line_map is None:
            return index + 1
        return self.line_map[min(index, len(self.line_map) - 1)] if self.line_map else 1

    def expression(self, node: SyntaxNode) -> ir.Expr:
        if self.depth > self.BUDGET:
            return ir.Opaque("other", (), self.line(node))
        self.depth += 1
        try:
            return self._expression(node, node.kind())
        finally:
            self.depth -= 1

    def _expression(self, node: SyntaxNode, kind: str) -> ir.Expr:
        line = self.line(node)
        if kind == "identifier":
            name = node.text()
            found = self.substitutions.get(name)
            return found if found is not None else ir.Name("self" if name == "cls" else name, line)
        if kind in _CONSTANTS:
            return ir.Literal(_CONSTANTS[kind], line, line)
        if kind in ("integer", "float"):
            return ir.Literal(number(node.text()), line, line)
        if kind in _COMPREHENSIONS:
            return self._comprehension(node, line)
        # A syntax error may leave a statement inside an expression; its handler would not make an expression of it.
        handler = None if kind.endswith(_NO_EXPRESSIONS) else getattr(self, "_" + kind, None)
        if handler is not None:
            result: ir.Expr = handler(node, line)
            return result
        return ir.Opaque("other", self._named(node), line)

    def _named(self, node: SyntaxNode) -> tuple[ir.Expr, ...]:
        return tuple(self.expression(child) for child in node.children() if child.is_named() and child.kind() != "comment")

    # ---------------------------------------------------------------------------------------- names and calls

    def _attribute(self, node: SyntaxNode, line: int) -> ir.Expr:
        base, name = node.field("object"), node.field("attribute")
        if base is None or name is None:
            return ir.Opaque("other", (), line)
        return ir.Member(self.expression(base), name.text(), self.line(name))

    def _subscript(self, node: SyntaxNode, line: int) -> ir.Expr:
        parts = self._named(node)
        if len(parts) == 2:
            return ir.Index(parts[0], parts[1], line)
        return ir.Index(parts[0], ir.Sequence(parts[1:], line, line), line) if parts else ir.Opaque("other", (), line)

    def _call(self, node: SyntaxNode, line: int) -> ir.Expr:
        function, arguments = node.field("function"), node.field("arguments")
        if function is None:
            return ir.Opaque("other", (), line)
        callee = self.expression(function)
        if arguments is None:
            return ir.Call(callee, (), (), line, self.end(node))
        if arguments.kind() == "generator_expression":
            return ir.Call(callee, (self.expression(arguments),), (), line, self.end(node))
        args, keywords = self.arguments(arguments)
        return ir.Call(callee, args, keywords, line, self.end(node))

    def arguments(self, node: SyntaxNode) -> tuple[tuple[ir.Expr, ...], tuple[ir.Keyword, ...]]:
        """Positional and named arguments of an argument list (or the bases of a class)."""
        args: list[ir.Expr] = []
        keywords: list[ir.Keyword] = []
        for child in node.children():
            kind = child.kind()
            if kind == "keyword_argument":
                name, value = child.field("name"), child.field("value")
                if name is not None and value is not None:
                    keywords.append(ir.Keyword(name.text(), self.expression(value), self.line(child)))
            elif kind == "dictionary_splat":
                keywords.extend(ir.Keyword(None, part, self.line(child)) for part in self._named(child))
            elif child.is_named() and kind != "comment":
                args.append(self.expression(child))
        return tuple(args), tuple(keywords)

    def _list_splat(self, node: SyntaxNode, line: int) -> ir.Expr:
        return ir.Opaque("spread", self._named(node), line)

    _list_splat_pattern = _list_splat
    _dictionary_splat = _list_splat

    def _parenthesized_expression(self, node: SyntaxNode, line: int) -> ir.Expr:
        inner: SyntaxNode | None = node
        while inner is not None and inner.kind() == "parenthesized_expression":
            inner = next((child for child in inner.children() if child.is_named() and child.kind() != "comment"), None)
        return self.expression(inner) if inner is not None else ir.Opaque("other", (), line)

    def _await(self, node: SyntaxNode, line: int) -> ir.Expr:
        parts = self._named(node)
        return ir.Await(parts[0], line) if parts else ir.Opaque("other", (), line)

    def _yield(self, node: SyntaxNode, line: int) -> ir.Expr:
        return ir.Opaque("yield", self._named(node), line)

    def _named_expression(self, node: SyntaxNode, line: int) -> ir.Expr:
        name, value = node.field("name"), node.field("value")
        if name is None or value is None:
            return ir.Opaque("other", (), line)
        lowered = self.expression(value)
        self.pending.append(ir.Assign(ir.Name(name.text(), line), lowered, None, line, self.end(node)))
        return lowered

    def _lambda(self, node: SyntaxNode, line: int) -> ir.Expr:
        body = node.field("body")
        value = self.expression(body) if body is not None else None
        function = ir.Function(
            "", self.parameters(node.field("parameters")), (ir.Return(value, line),), (), None, line, self.end(node)
        )
        return ir.Lambda(function, line)

    # --------------------------------------------------------------------------------------------- collections

    def _dictionary(self, node: SyntaxNode, line: int) -> ir.Expr:
        entries: list[tuple[ir.Expr | None, ir.Expr]] = []
        for child in node.children():
            if child.kind() == "pair":
                key, value = child.field("key"), child.field("value")
                if key is not None and value is not None:
                    entries.append((self.expression(key), self.expression(value)))
            elif child.kind() == "dictionary_splat":
                entries.extend((None, part) for part in self._named(child))
        return ir.Mapping(tuple(entries), line, self.end(node))

    def _list(self, node: SyntaxNode, line: int) -> ir.Expr:
        return ir.Sequence(self._named(node), line, self.end(node))

    _tuple = _list
    _set = _list
    _expression_list = _list
    _pattern_list = _list
    _tuple_pattern = _list
    _list_pattern = _list

    def _comprehension(self, node: SyntaxNode, line: int) -> ir.Expr:
        """The element is lowered last, with each loop variable standing for an element of its iterable."""
        outer = dict(self.substitutions)
        element: SyntaxNode | None = None
        parts: list[ir.Expr] = []
        for child in node.children():
            kind = child.kind()
            if kind == "for_in_clause":
                left, right = child.field("left"), child.field("right")
                if left is not None and right is not None:
                    iterable = self.expression(right)
                    parts.append(iterable)
                    self._bind(left, ir.Index(iterable, ir.Opaque("slice", (), line), line))
            elif kind == "if_clause":
                parts.extend(self._named(child))
            elif child.is_named() and kind != "comment" and element is None:
                element = child
        lowered = self._element(element, line)
        self.substitutions = outer
        return ir.Opaque("comprehension", (lowered, *parts), line)

    def _element(self, element: SyntaxNode | None, line: int) -> ir.Expr:
        if element is None:
            return ir.Opaque("other", (), line)
        if element.kind() != "pair":
            return self.expression(element)
        key, value = element.field("key"), element.field("value")
        if key is None or value is None:
            return ir.Opaque("other", (), line)
        return ir.Mapping(((self.expression(key), self.expression(value)),), line, self.end(element))

    def _bind(self, target: SyntaxNode, value: ir.Expr) -> None:
        if target.kind() == "identifier":
            self.substitutions[target.text()] = value
            return
        for child in target.children():
            if child.is_named():
                self._bind(child, value)

    # ------------------------------------------------------------------------------------------------- choices

    def _conditional_expression(self, node: SyntaxNode, line: int) -> ir.Expr:
        parts = self._named(node)
        if len(parts) != 3:
            return ir.Opaque("other", parts, line)
        return ir.Choice((parts[0], parts[2]), line, parts[1])

    def _boolean_operator(self, node: SyntaxNode, line: int) -> ir.Expr:
        left, right, operator = node.field("left"), node.field("right"), node.field("operator")
        if left is None or right is None:
            return ir.Opaque("other", (), line)
        parts = (self.expression(left), self.expression(right))
        if operator is not None and operator.kind() == "or":
            return ir.Choice(parts, line)
        return ir.Opaque("and", parts, line)

    def _not_operator(self, node: SyntaxNode, line: int) -> ir.Expr:
        return ir.Opaque("not", self._named(node), line)

    def _comparison_operator(self, node: SyntaxNode, line: int) -> ir.Expr:
        operator = " ".join(child.text() for child in node.children() if not child.is_named())
        return ir.Opaque("compare", self._named(node), line, operator)

    def _unary_operator(self, node: SyntaxNode, line: int) -> ir.Expr:
        parts = self._named(node)
        inner = parts[0] if parts else None
        if isinstance(inner, ir.Literal) and isinstance(inner.value, int | float) and node.text().startswith("-"):
            return ir.Literal(-inner.value, line, line)
        return ir.Opaque("arithmetic", parts, line)

    def _binary_operator(self, node: SyntaxNode, line: int) -> ir.Expr:
        operands, operator = self._chain(node)
        if operator == "|":
            value = operands[0]
            for right in operands[1:]:
                value = ir.Call(ir.Member(value, "__or__", line), (right,), (), line, self.end(node))
            return value
        if operator == "+" and any(_is_text(part) for part in operands):
            return ir.Template(tuple(flat for part in operands for flat in _flat(part)), line, self.end(node))
        if operator == "%" and _is_text(operands[0]):
            holes = operands[1].items if isinstance(operands[1], ir.Sequence) else operands[1:]
            return ir.Template((*_flat(operands[0]), *holes), line, self.end(node))
        return ir.Opaque("arithmetic", tuple(operands), line, operator)

    def _chain(self, node: SyntaxNode) -> tuple[list[ir.Expr], str]:
        """Operands of `a op b op c ...` with one operator, without recursion along the left spine."""
        first = node.field("operator")
        operator = first.kind() if first is not None else ""
        rights: list[SyntaxNode] = []
        current: SyntaxNode = node
        while current.kind() == "binary_operator":
            left, right, sign = current.field("left"), current.field("right"), current.field("operator")
            if left is None or right is None or sign is None or sign.kind() != operator:
                break
            rights.append(right)
            current = left
            if operator == "%":
                break
        operands = [self.expression(current)]
        operands.extend(self.expression(right) for right in reversed(rights))
        return operands, operator

    def _slice(self, node: SyntaxNode, line: int) -> ir.Expr:
        return ir.Opaque("slice", self._named(node), line)

    # ------------------------------------------------------------------------------------------------- strings

    def _string(self, node: SyntaxNode, line: int) -> ir.Expr:
        prefix = ""
        raw = formatted = False
        parts: list[ir.Expr] = []
        text: list[str] = []
        text_line = line
        for child in node.children():
            kind = child.kind()
            if kind == "string_start":
                prefix = child.text().rstrip("\"'").lower()
                raw, formatted = "r" in prefix, "f" in prefix or "t" in prefix
            elif kind == "string_content":
                piece = child.text()
                text.append(piece if raw else unescape(piece))
                if formatted:
                    text[-1] = text[-1].replace("{{", "{").replace("}}", "}")
            elif kind == "interpolation":
                if text:
                    parts.append(ir.Literal("".join(text)[: self.TEXT_LIMIT], text_line, self.line(child)))
                    text = []
                text_line = self.end(child)
                parts.append(self._interpolation(child))
        if not parts:
            return ir.Literal("".join(text)[: self.TEXT_LIMIT], line, self.end(node))
        if text:
            parts.append(ir.Literal("".join(text)[: self.TEXT_LIMIT], text_line, self.end(node)))
        return ir.Template(tuple(parts), line, self.end(node))

    def _interpolation(self, node: SyntaxNode) -> ir.Expr:
        inner = next((child for child in node.children() if child.is_named()), None)
        return self.expression(inner) if inner is not None else ir.Opaque("other", (), self.line(node))

    def _concatenated_string(self, node: SyntaxNode, line: int) -> ir.Expr:
        parts = [flat for part in self._named(node) for flat in _flat(part)]
        if all(isinstance(part, ir.Literal) for part in parts):
            text = "".join(str(part.value) for part in parts if isinstance(part, ir.Literal))
            return ir.Literal(text[: self.TEXT_LIMIT], line, self.end(node))
        return ir.Template(tuple(parts), line, self.end(node))

    # ------------------------------------------------------------------------------------- types and parameters

    def annotation(self, node: SyntaxNode) -> ir.Expr:
        """A type hint as an expression; `A | B` is a Choice, and a quoted hint is read as code."""
        inner = node
        while inner.kind() in ("type", "parenthesized_expression"):
            child = next((child for child in inner.children() if child.is_named()), None)
            if child is None:
                break
            inner = child
        line = self.line(node)
        kind = inner.kind()
        if kind == "string":
            literal = self.expression(inner)
            if isinstance(literal, ir.Literal) and isinstance(literal.value, str) and len(literal.value) < 200:
                return self._quoted(literal.value, line)
        if kind in ("binary_operator", "union_type"):
            options = tuple(self.annotation(child) for child in inner.children() if child.is_named())
            return ir.Choice(options, line)
        if kind == "generic_type":
            parts = [child for child in inner.children() if child.is_named()]
            base = self.expression(parts[0])
            arguments = [child for part in parts[1:] for child in part.children() if child.is_named()]
            lowered = tuple(self.annotation(argument) for argument in arguments)
            return ir.Index(base, lowered[0] if len(lowered) == 1 else ir.Sequence(lowered, line, line), line)
        return self.expression(inner)

    def _quoted(self, text: str, line: int) -> ir.Expr:
        root = parse(text.strip(), "python")
        statement = next((child for child in root.children() if child.kind() == "expression_statement"), None)
        inner = next((child for child in statement.children() if child.is_named()), None) if statement is not None else None
        if inner is None:
            return ir.Opaque("other", (), line)
        return _relined(ExpressionLowerer([line]).annotation(inner), line)

    def _type(self, node: SyntaxNode, _line: int) -> ir.Expr:
        return self.annotation(node)

    def parameters(self, node: SyntaxNode | None) -> tuple[ir.Parameter, ...]:
        """The parameters of a function or lambda; `cls` is spelled `self`."""
        if node is None:
            return ()
        found = (self._parameter(child) for child in node.children() if child.is_named())
        return tuple(parameter for parameter in found if parameter is not None)

    def _parameter(self, node: SyntaxNode) -> ir.Parameter | None:
        kind = node.kind()
        line = self.line(node)
        default, hint = node.field("value"), node.field("type")
        target = node
        if kind in ("default_parameter", "typed_default_parameter"):
            target = node.field("name") or node
        elif kind == "typed_parameter":
            target = next((child for child in node.children() if child.is_named()), node)
        style = {"list_splat_pattern": "args", "dictionary_splat_pattern": "kwargs"}.get(target.kind(), "plain")
        if target.kind() not in ("identifier", "list_splat_pattern", "dictionary_splat_pattern"):
            return None
        name = target.text().lstrip("*")
        return ir.Parameter(
            "self" if name == "cls" else name,
            self.expression(default) if default is not None and kind.endswith("default_parameter") else None,
            self.annotation(hint) if hint is not None else None,
            style,
            line,
        )


def _is_text(node: ir.Expr) -> bool:
    return isinstance(node, ir.Template) or (isinstance(node, ir.Literal) and isinstance(node.value, str))


def _flat(node: ir.Expr) -> tuple[ir.Expr, ...]:
    return node.parts if isinstance(node, ir.Template) else (node,)


def _relined(node: ir.Expr, line: int) -> ir.Expr:
    return ir.Name(node.id, line) if isinstance(node, ir.Name) else node
