"""How TypeScript and CommonJS modules meet: imports, exports and re-exports."""

from __future__ import annotations

import re
from typing import Final

from readiness.collect import ir
from readiness.collect.lower.typescript_expressions import bound_name
from readiness.collect.lower.typescript_text import unescape
from readiness.collect.syntax import SyntaxNode, parts, significant

_ADDRESS: Final = re.compile(
    r"(?:npm:|jsr:|https://(?:esm\.sh|cdn\.skypack\.dev|esm\.run|cdn\.jsdelivr\.net/npm|deno\.land(?:/x)?)/(?:v\d+/|gh/)?)"
    r"(?P<name>(?:@[\w.-]+/)?[\w.-]+)(?:@[^/?]*)?(?:/mod\.ts)?(?P<path>/[^?]*)?(?:\?.*)?$"
)
_WRAPPERS: Final = frozenset({"parenthesized_expression", "as_expression", "satisfies_expression", "non_null_expression"})
_SIMPLE: Final = frozenset({"shorthand_property_identifier_pattern", "rest_pattern", "object_assignment_pattern", "pair_pattern"})


def imports(node: SyntaxNode, line: int) -> list[ir.Statement]:
    """The names that an `import` statement binds; one with alias '' where it binds none."""
    module, found = "", []
    for kind, part in parts(node):
        if kind == "string":
            module = _string(part)
        elif kind == "import_clause":
            found += [binding for inner in significant(part) for binding in _clause(inner)]
        elif kind == "import_require_clause":
            names = significant(part)
            module = _string(names[-1])
            found.append(("", names[0].text()))
    return [ir.Import(package(module), name, alias, line) for name, alias in found or [("", "")]]


def package(module: str) -> str:
    """The npm name of what Deno imports by address: `npm:openai@4/x` and `https://esm.sh/openai@4/x` are `openai/x`."""
    found = _ADDRESS.match(module)
    return f"{found['name']}{found['path'] or ''}" if found else module


def _clause(node: SyntaxNode) -> list[tuple[str, str]]:
    match node.kind():
        case "identifier":
            return [("default", node.text())]
        case "namespace_import":
            return [("", name.text()) for name in significant(node)]
        case "named_imports":
            return [specifier(part) for part in significant(node)]
    return []


def specifier(node: SyntaxNode) -> tuple[str, str]:
    """The name and the alias of `a`, `a as b`, `type a as b` in braces."""
    names = [_string(name) for name in significant(node)] or [node.text()]
    return names[0], names[-1]


def reexports(node: SyntaxNode, module: str, line: int) -> list[ir.Statement]:
    """What `export ... from "module"` passes on."""
    found: list[tuple[str, str]] = []
    for kind, part in parts(node):
        if kind == "*":
            found.append(("*", "*"))
        elif kind == "namespace_export":
            found += [("", _string(name)) for name in significant(part)]
        elif kind == "export_clause":
            found += [specifier(one) for one in significant(part)]
    return [ir.Import(module, name, alias, line, reexport=True) for name, alias in found]


def source_of(node: SyntaxNode) -> str | None:
    """The module named by `export ... from "module"`, or None."""
    after = False
    for kind, part in parts(node):
        if kind == "string" and after:
            return _string(part)
        after = kind == "from"
    return None


def required(node: SyntaxNode) -> tuple[str, str] | None:
    """Module and member of `require("m")`, `require("m").member`, `await import("m")` and `(await import("m")).member`."""
    node, awaited = _unwrapped(node)
    member = ""
    if node.kind() == "member_expression":
        inner = significant(node)
        member = inner[-1].text() if inner else ""
        node, awaited = _unwrapped(inner[0]) if inner else (node, False)
    if node.kind() != "call_expression":
        return None
    inner = significant(node)
    callee, arguments = inner[0], significant(inner[-1])
    kind = callee.kind()
    loads = (kind == "import" and awaited) or (kind == "identifier" and not awaited and callee.text() == "require")
    if not loads or not arguments or arguments[0].kind() != "string":
        return None
    return _string(arguments[0]), member


def _unwrapped(node: SyntaxNode) -> tuple[SyntaxNode, bool]:
    awaited = False
    while (kind := node.kind()) in _WRAPPERS or (kind == "await_expression" and not awaited):
        inner = significant(node)
        if not inner:
            break
        awaited = awaited or kind == "await_expression"
        node = inner[0]
    return node, awaited


def loaded(target: SyntaxNode, module: str, member: str, line: int) -> list[ir.Statement] | None:
    """Imports for `target = require(module).member`; None where the target is more than names."""
    if target.kind() == "identifier":
        return [ir.Import(module, member, target.text(), line)]
    if target.kind() != "object_pattern" or member:
        return None
    found: list[ir.Statement] = []
    for part in significant(target):
        kind = part.kind()
        names = significant(part) or [part]
        if kind not in _SIMPLE or not names[-1 if kind == "pair_pattern" else 0].kind().endswith(
            ("identifier", "identifier_pattern")
        ):
            return None
        name = "" if kind == "rest_pattern" else bound_name(names[0]) or names[0].text()
        alias = names[-1] if kind == "pair_pattern" else names[0]
        found.append(ir.Import(module, name, alias.text(), line))
    return found


def required_module(value: ir.Expr) -> str | None:
    """The module of a lowered `require("module")`, or None."""
    match value:
        case ir.Call(ir.Name("require"), (ir.Literal(str() as module),)):
            return module
    return None


def published(target: ir.Expr) -> str | None:
    """The name under which CommonJS publishes what is assigned to `target`: `exports.x`, or "default" for all of it."""
    if not isinstance(target, ir.Member):
        return None
    base = target.base
    if isinstance(base, ir.Name) and base.id == "module" and target.name == "exports":
        return "default"
    if isinstance(base, ir.Name) and base.id == "exports":
        return target.name
    return target.name if published(base) == "default" else None


def _string(node: SyntaxNode) -> str:
    return unescape(node.text()[1:-1]) if node.kind() == "string" else node.text()
