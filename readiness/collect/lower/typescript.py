"""TypeScript and JavaScript source into the tree of `collect.ir`: statements."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import PurePosixPath
from typing import Final

from readiness.collect import ir
from readiness.collect.lower import typescript_modules as modules
from readiness.collect.lower.typescript_cursor import DEPTH
from readiness.collect.lower.typescript_expressions import bound_name
from readiness.collect.lower.typescript_flow import Flow
from readiness.collect.syntax import Span, SyntaxNode, parse, parts, significant

# Plain TypeScript reads `<T>x` as a cast; everywhere else `<` may open an element.
_CASTING: Final = frozenset({".ts", ".mts", ".cts"})

_BLOCKS: Final = frozenset({"statement_block", "ERROR"})
_SILENT: Final = frozenset({"empty_statement", "debugger_statement", "hash_bang_line"})
_EFFECTS: Final = frozenset(
    {"parenthesized_expression", "sequence_expression", "assignment_expression", "augmented_assignment_expression"}
)
_CONDITIONAL: Final = frozenset({"||=", "&&=", "??="})
_CLASSES: Final = frozenset({"class", "class_declaration", "abstract_class_declaration"})
_DECLARED_FUNCTIONS: Final = frozenset({"function_declaration", "generator_function_declaration"})
_ANONYMOUS_FUNCTIONS: Final = frozenset({"function_expression", "generator_function"})


def lower_typescript(text: str, path: str) -> ir.Code:
    """Lower one TypeScript, TSX, JavaScript or JSX module.

    Args:
        text: the source; a syntax error loses only the statement it is in.
        path: where it lies, relative to the repository; its extension decides the dialect.

    Returns:
        The module's tree. CommonJS `exports.x = v` is an exported Assign of Name("x"), `module.exports = v` and
        `export default v` one of Name("default"). Values that several statements share are the same object.
    """
    casting = PurePosixPath(path).suffix.lower() in _CASTING
    body = _Statements().block(parse(text, "typescript" if casting else "tsx"))
    return ir.Code(path, "typescript", body, text.count("\n") + 1)


class _Statements(Flow):
    """Lowers statements; handlers are named after the kinds of the grammar."""

    def block(self, node: SyntaxNode) -> tuple[ir.Statement, ...]:
        """The statements of a program, a block or a case; too deep a nesting is dropped."""
        return self.sequence(significant(node))

    def sequence(self, nodes: list[SyntaxNode]) -> tuple[ir.Statement, ...]:
        """Statements in order, each after what its expressions gave rise to."""
        lowered: list[ir.Statement] = []
        for node, span in self.each(nodes):
            outer, self.pending = self.pending, []
            statements = self._statement(node, span)
            lowered += self.pending
            lowered += statements
            self.pending = outer
        return tuple(lowered)

    def _statement(self, node: SyntaxNode, span: Span) -> list[ir.Statement]:
        if self.depth >= DEPTH:
            return []
        outer = self.flat
        if span[0] == span[1]:
            self.flat = span
        self.depth += 1
        kind = node.kind()
        handler: Callable[[SyntaxNode, Span], list[ir.Statement]] | None
        if kind in _BLOCKS:
            lowered = list(self.block(node))
        elif kind in _SILENT:
            lowered = []
        elif kind.endswith("_statement") and (handler := getattr(self, "do_" + kind, None)):
            lowered = handler(node, span)
        else:
            lowered = self._declaration(node, kind, span)
        self.depth -= 1
        self.flat = outer
        return lowered

    # --------------------------------------------------------------------------------------------- declarations

    def _declaration(
        self, node: SyntaxNode, kind: str, span: Span, *, exported: bool = False, decorators: tuple[ir.Expr, ...] = ()
    ) -> list[ir.Statement]:
        match kind:
            case "lexical_declaration" | "variable_declaration":
                return self._variables(node, exported=exported)
            case "function_declaration" | "generator_function_declaration":
                return [self.function(node, span, "", decorators, exported=exported)]
            case "class_declaration" | "abstract_class_declaration" | "interface_declaration":
                return [self.class_statement(node, span, "", decorators, exported=exported)]
            case "type_alias_declaration":
                return [self.type_alias(node, span, exported=exported)]
            case "enum_declaration":
                return [self.enum(node, span, exported=exported)]
            case "internal_module" | "module":
                return [self._namespace(node, span, exported=exported)]
            case "ambient_declaration":
                return self._ambient(node, span, exported=exported)
            case "import_alias":
                names = significant(node)
                return [ir.Assign(self.expression(names[0]), self.annotation(names[-1]), None, *span, exported=exported)]
            case "function_signature":
                return []
        return [ir.Do(self.expression(node), span[0])]

    def _variables(self, node: SyntaxNode, *, exported: bool) -> list[ir.Statement]:
        lowered: list[ir.Statement] = []
        children = significant(node)
        for child, span in self.each(children):
            if child.kind() == "variable_declarator":
                statements = self._variable(child, span)
                lowered += [_exported(one) if exported and isinstance(one, ir.Class) else one for one in self.pending]
                lowered += [_exported(one) if exported else one for one in statements]
                self.pending = []
        return lowered

    def _variable(self, node: SyntaxNode, span: Span) -> list[ir.Statement]:
        target = hint = value = None
        assigned = False
        for kind, part in parts(node):
            if kind == "type_annotation":
                hint = part
            elif kind == "=":
                assigned = True
            elif part.is_named() and kind != "ERROR":
                target, value = (target, part) if assigned else (part, value)
        if target is None:
            return []
        annotation = self.annotation(hint) if hint is not None else None
        if value is None:
            return [ir.Assign(self.target(target), None, annotation, *span)]
        if (module := modules.required(value)) and (loaded := modules.loaded(target, *module, span[0])) is not None:
            return loaded
        return self._assigned(target, value, span, annotation)

    def _assigned(self, target: SyntaxNode, value: SyntaxNode, span: Span, annotation: ir.Expr | None) -> list[ir.Statement]:
        """`target = value`; a class is a statement of its own under the target's name."""
        name = bound_name(target)
        lowered = self.named_value(value, "" if name == "exports" else name)
        if target.kind() != "identifier":
            return self.bind(target, lowered, span)
        last = self.pending[-1] if self.pending else None
        if isinstance(last, ir.Class) and lowered == ir.Name(last.name, last.line) and last.name == name:
            return []
        return [ir.Assign(ir.Name(name, span[0]), lowered, annotation, *span)]

    def _namespace(self, node: SyntaxNode, span: Span, *, exported: bool) -> ir.Class:
        named = significant(node)
        body = self.block(named[-1]) if named and named[-1].kind() == "statement_block" else ()
        name = named[0].text().strip("\"'") if named else ""
        return ir.Class(name, (), (), body, (), *span, exported=exported)

    def _ambient(self, node: SyntaxNode, span: Span, *, exported: bool) -> list[ir.Statement]:
        """What `declare` declares; a function has no body."""
        lowered: list[ir.Statement] = []
        for part in significant(node):
            kind = part.kind()
            if kind == "function_signature":
                lowered.append(self.function(part, span, "", exported=exported))
            elif kind == "statement_block":
                lowered.append(ir.Class("global", (), (), self.block(part), (), *span))
            else:
                lowered += self._declaration(part, kind, span, exported=exported)
        return lowered

    # -------------------------------------------------------------------------------------------------- modules

    def do_import_statement(self, node: SyntaxNode, span: Span) -> list[ir.Statement]:
        return modules.imports(node, span[0])

    def do_export_statement(self, node: SyntaxNode, span: Span) -> list[ir.Statement]:
        source = modules.source_of(node)
        if source is not None:
            return modules.reexports(node, source, span[0])
        decorators: tuple[ir.Expr, ...] = ()
        default = False
        for kind, part in parts(node):
            if kind == "decorator":
                decorators = (*decorators, *self.expressions(significant(part)))
            elif kind in ("default", "="):
                default = True
            elif kind == "export_clause":
                pairs = [modules.specifier(one) for one in significant(part)]
                return [self._default(ir.Name(name, span[0]), span, alias) for name, alias in pairs if name != alias]
            elif part.is_named():
                return self._exported(part, kind, span, decorators, default=default)
        return []

    def _exported(
        self, node: SyntaxNode, kind: str, span: Span, decorators: tuple[ir.Expr, ...], *, default: bool
    ) -> list[ir.Statement]:
        if not default:
            return self._declaration(node, kind, span, exported=True, decorators=decorators)
        if kind in _ANONYMOUS_FUNCTIONS:
            return self._also_default(self.function(node, span, "", decorators, exported=True), span)
        if kind in _CLASSES:
            return self._also_default(self.class_statement(node, span, "", decorators, exported=True), span)
        if kind in _DECLARED_FUNCTIONS or kind == "interface_declaration":
            declared = self._declaration(node, kind, span, exported=True, decorators=decorators)
            return [one for each in declared for one in self._also_default(each, span)]
        return [self._default(self.named_value(node, "default"), span)]

    def _also_default(self, definition: ir.Statement, span: Span) -> list[ir.Statement]:
        """A default export under its own name and as "default"; an anonymous one is called "default"."""
        if not isinstance(definition, ir.Function | ir.Class):
            return [definition]
        if not definition.name:
            return [replace(definition, name="default")]
        return [definition, self._default(ir.Name(definition.name, span[0]), span)]

    @staticmethod
    def _default(value: ir.Expr, span: Span, name: str = "default") -> ir.Statement:
        return ir.Assign(ir.Name(name, span[0]), value, None, *span, exported=True)

    # ------------------------------------------------------------------------------------- expression statements

    def do_expression_statement(self, node: SyntaxNode, span: Span) -> list[ir.Statement]:
        return [one for part in significant(node) for one in self.effect(part, span)]

    def effect(self, node: SyntaxNode, span: Span) -> list[ir.Statement]:
        """What an expression used as a statement does: assignments are Assigns, a comma separates statements."""
        kind = node.kind()
        inner = significant(node) if kind in _EFFECTS else []
        if kind == "parenthesized_expression" and len(inner) == 1 and inner[0].kind() in _EFFECTS and self.depth < DEPTH:
            return self._deeper(inner[0], span)
        if kind == "sequence_expression":
            return [one for part, place in self.each(inner) for one in self._in_order(part, place)]
        if kind == "assignment_expression" and len(inner) > 1:
            return self._assignment(inner[0], inner[-1], span)
        if kind == "augmented_assignment_expression" and len(inner) > 1:
            return self._augmented(node, inner[0], inner[-1], span)
        if module := modules.required(node):
            return [ir.Import(*module, "", span[0])]
        return self._declaration(node, kind, span)

    def _deeper(self, node: SyntaxNode, span: Span) -> list[ir.Statement]:
        self.depth += 1
        effect = self.effect(node, span)
        self.depth -= 1
        return effect

    def _in_order(self, node: SyntaxNode, span: Span) -> list[ir.Statement]:
        """The effect of one expression of several, after what is due before it."""
        effect = self._deeper(node, span) if self.depth < DEPTH else []
        pending, self.pending = self.pending, []
        return [*pending, *effect]

    def _assignment(self, target: SyntaxNode, value: SyntaxNode, span: Span) -> list[ir.Statement]:
        if (module := modules.required(value)) and (loaded := modules.loaded(target, *module, span[0])) is not None:
            return loaded
        assigned = self._assigned(target, value, span, None)
        first = assigned[0] if len(assigned) == 1 else None
        if isinstance(first, ir.Assign) and first.value is not None and (name := modules.published(first.target)):
            return self._published(name, first.value, span)
        return assigned

    def _published(self, name: str, value: ir.Expr, span: Span) -> list[ir.Statement]:
        """A CommonJS export; an object gives each of its entries a name, as an ES module would."""
        if name != "default" or not isinstance(value, ir.Mapping):
            return self._publish(name, value, span)
        statements: list[ir.Statement] = []
        entries: list[tuple[ir.Expr | None, ir.Expr]] = []
        for key, entry in value.entries:
            if isinstance(key, ir.Literal) and isinstance(key.value, str):
                statements += self._publish(key.value, entry, (key.line, key.end_line))
                entries.append((key, ir.Name(key.value, key.line)))
            else:
                entries.append((key, entry))
        return [*statements, self._default(ir.Mapping(tuple(entries), value.line, value.end_line), span)]

    def _publish(self, name: str, value: ir.Expr, span: Span) -> list[ir.Statement]:
        """One name of a CommonJS module; nothing where the value has that name already."""
        if (module := modules.required_module(value)) is not None:
            everything = name == "default"
            return [ir.Import(module, "*" if everything else "", "*" if everything else name, span[0], reexport=True)]
        return [] if isinstance(value, ir.Name) and value.id == name else [self._default(value, span, name)]

    def _augmented(self, node: SyntaxNode, target: SyntaxNode, value: SyntaxNode, span: Span) -> list[ir.Statement]:
        """`+=` and its like; `||=`, `&&=` and `??=` are assignments that may not happen."""
        conditional = any(kind in _CONDITIONAL for kind, _ in parts(node))
        lowered = self.named_value(value, bound_name(target))
        return [ir.Assign(self.target(target), lowered, None, *span, augmented=not conditional)]


def _exported(statement: ir.Statement) -> ir.Statement:
    if isinstance(statement, ir.Class):
        return replace(statement, exported=True)
    if not isinstance(statement, ir.Assign):
        return statement
    value = statement.value
    if isinstance(value, ir.Lambda):
        value = ir.Lambda(replace(value.function, exported=True), value.line)
    return replace(statement, value=value, exported=True)
