"""Conditions under which tests are skipped, and what they say of the environment."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

from readiness.collect import ir
from readiness.collect.evaluation.evals_code import Case, Module, chain, last_name, nodes


def listed(marks: ir.Expr | None) -> tuple[ir.Expr, ...]:
    """The marks of `pytestmark`, one or a list."""
    if isinstance(marks, ir.Sequence):
        return marks.items
    return (marks,) if marks is not None else ()


def module_skips(module: Module, constants: Mapping[str, ir.Expr]) -> Iterator[ir.Expr]:
    """Conditions that skip a whole file; `constants` are its module-level names."""
    for statement in module.code.body:
        if isinstance(statement, ir.If) and any(
            isinstance(node, ir.Call) and chain(node.callee).endswith(("pytest.skip", "unittest.SkipTest", "process.exit"))
            for node in nodes(statement.body)
        ):
            yield statement.test
    yield from _conditions(listed(constants.get("pytestmark")))


def _conditions(marks: Collection[ir.Expr]) -> Iterator[ir.Expr]:
    for mark in marks:
        if isinstance(mark, ir.Call) and mark.args:
            name = last_name(mark.callee).lower()
            if name == "skipif":
                yield mark.args[0]
            elif name == "skipunless":
                yield ir.Opaque("not", (mark.args[0],), mark.line)


def case_skips(case: Case) -> Iterator[ir.Expr]:
    """Conditions that skip one test: in its markers, or inside it."""
    yield from _conditions(case.markers)
    yield from body_skips(case.body)


def body_skips(body: object) -> Iterator[ir.Expr]:
    """Conditions under which a body skips the test."""
    for node in nodes(body):
        if isinstance(node, ir.If) and any(isinstance(n, ir.Call) and chain(n.callee).endswith("skip") for n in nodes(node.body)):
            yield node.test


def variables(guard: ir.Expr, constants: Mapping[str, ir.Expr]) -> frozenset[str]:
    """The environment variables that a condition reads, through constants of the file too."""
    return frozenset(name for node in _through(guard, constants) if (name := _variable(node)))


def _through(expr: ir.Expr, constants: Mapping[str, ir.Expr]) -> Iterator[ir.Node]:
    for node in nodes(expr):
        yield node
        if isinstance(node, ir.Name) and node.id in constants and constants[node.id] is not expr:
            yield from nodes(constants[node.id])


def _variable(node: ir.Node) -> str:
    match node:
        case ir.Call(callee=callee, args=(ir.Literal(value=str(name)), *_)) if chain(callee).endswith(
            ("getenv", "environ.get", "env.get")
        ):
            return name
        case ir.Index(base=base, key=ir.Literal(value=str(name))) if chain(base).endswith(("environ", "process.env")):
            return name
        case ir.Opaque(kind="compare", text="in" | "not in", parts=(ir.Literal(value=str(name)), container)) if chain(
            container
        ).endswith("environ"):
            return name
        case ir.Member(base=base, name=name) if chain(base).endswith(("process.env", "import.meta.env", "Bun.env")):
            return name
        case _:
            return ""


def skipped(guard: ir.Expr, constants: Mapping[str, ir.Expr], present: Collection[str]) -> bool | None:
    """Whether a skip condition holds where only the variables `present` are set; None when that cannot be told."""
    match guard:
        case ir.Opaque(kind="not", parts=(inner,)):
            value = skipped(inner, constants, present)
            return None if value is None else not value
        case ir.Opaque(kind="compare", text="is" | "==" | "===", parts=(inner, ir.Literal(value=None))):
            value = skipped(inner, constants, present)
            return None if value is None else not value
        case ir.Opaque(kind="compare", text="not in", parts=parts):
            return _variable(guard) not in present if len(parts) == 2 and _variable(guard) else None
        case ir.Opaque(kind="and", parts=parts):
            return _all([skipped(part, constants, present) for part in parts])
        case ir.Choice(options=options, test=None):
            return _any([skipped(option, constants, present) for option in options])
        case ir.Name(id=name) if name in constants:
            return skipped(constants[name], {k: v for k, v in constants.items() if k != name}, present)
        case ir.Call(callee=ir.Name(id="bool" | "Boolean"), args=(inner,)):
            return skipped(inner, constants, present)
        case ir.Call(callee=ir.Name(id="all"), args=(ir.Sequence(items=items),)):
            return _all([skipped(item, constants, present) for item in items])
        case ir.Call(callee=ir.Name(id="any"), args=(ir.Sequence(items=items),)):
            return _any([skipped(item, constants, present) for item in items])
        case _:
            name = _variable(guard)
            return name in present if name else None


def _all(values: list[bool | None]) -> bool | None:
    return False if False in values else None if None in values else True


def _any(values: list[bool | None]) -> bool | None:
    return True if True in values else None if None in values else False
