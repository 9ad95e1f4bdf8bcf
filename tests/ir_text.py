"""A tree of `collect.ir` as one compact line, so that tests of front ends read as what they are about."""

from __future__ import annotations

import json
from typing import assert_never

from readiness.collect import ir


def shown(node: ir.Expr | None) -> str:
    """An expression, without its lines."""
    match node:
        case None:
            return "-"
        case ir.Literal(value):
            return json.dumps(value, ensure_ascii=False)
        case ir.Name(name):
            return name
        case ir.Member(base, name):
            return f"{shown(base)}.{name}"
        case ir.Index(base, key):
            return f"{shown(base)}[{shown(key)}]"
        case ir.Call():
            arguments = [shown(arg) for arg in node.args] + [f"{word.name or '**'}={shown(word.value)}" for word in node.keywords]
            return f"{'new ' * node.new}{'jsx ' * node.jsx}{shown(node.callee)}({', '.join(arguments)})"
        case ir.Template(parts):
            return f"{node.tag}`{' '.join(map(shown, parts))}`"
        case ir.Mapping(entries):
            return "{" + ", ".join(f"{shown(key)}: {shown(value)}" if key else f"**{shown(value)}" for key, value in entries) + "}"
        case ir.Sequence(items):
            return f"[{', '.join(map(shown, items))}]"
        case ir.Choice(options):
            return f"({' | '.join(map(shown, options))}{f' if {shown(node.test)}' if node.test else ''})"
        case ir.Lambda(function):
            return f"({told(function)})"
        case ir.Await(value):
            return f"await {shown(value)}"
        case ir.Opaque(kind, parts):
            return f"<{' '.join([kind, *([node.text] if node.text else []), *map(shown, parts)])}>"
    assert_never(node)


def told(node: ir.Statement) -> str:
    """A statement, without its lines."""
    match node:
        case ir.Import():
            return f"{'re' * node.reexport}import {node.module}:{node.name} as {node.alias}"
        case ir.Assign():
            hint = f": {shown(node.annotation)}" if node.annotation else ""
            value = f" {'+' * node.augmented}= {shown(node.value)}" if node.value else ""
            return f"{'export ' * node.exported}{shown(node.target)}{hint}{value}"
        case ir.Do(value):
            return shown(value)
        case ir.Return(value):
            return f"return {shown(value)}"
        case ir.Raise(value):
            return f"raise {shown(value)}"
        case ir.Jump(kind):
            return kind
        case ir.If(test, body, orelse):
            return f"if {shown(test)} {block(body)}" + (f" else {block(orelse)}" if orelse else "")
        case ir.Loop(target, iterable, body):
            return f"for {shown(target)} in {shown(iterable)} {block(body)}"
        case ir.Try(body, handlers, final):
            caught = "".join(f" catch {shown(one.type)} {one.name} {block(one.body)}" for one in handlers)
            return f"try {block(body)}{caught}" + (f" finally {block(final)}" if final else "")
        case ir.With(value, target, body):
            return f"with {shown(value)} as {shown(target)} {block(body)}"
        case ir.Function():
            marks = "".join(f"@{shown(one)} " for one in node.decorators) + "export " * node.exported
            returns = f" -> {shown(node.returns)}" if node.returns else ""
            return f"{marks}def {node.name}({', '.join(map(_parameter, node.parameters))}){returns} {block(node.body)}"
        case ir.Class():
            marks = "".join(f"@{shown(one)} " for one in node.decorators) + "export " * node.exported
            bases = [shown(base) for base in node.bases] + [f"{word.name}={shown(word.value)}" for word in node.keywords]
            return f"{marks}class {node.name}({', '.join(bases)}) {block(node.body)}"
    assert_never(node)


def block(body: tuple[ir.Statement, ...]) -> str:
    """Statements in braces, without their lines."""
    return "{" + "; ".join(map(told, body)) + "}"


def _parameter(node: ir.Parameter) -> str:
    stars = {"plain": "", "args": "*", "kwargs": "**"}[node.kind]
    fields = "(" + ", ".join(map(_parameter, node.fields)) + ")" if node.fields else ""
    hint = f": {shown(node.annotation)}" if node.annotation else ""
    return f"{stars}{node.name}{fields}{hint}" + (f" = {shown(node.default)}" if node.default else "")
