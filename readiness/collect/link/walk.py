"""Walks over the tree of one file: child expressions, and statements with the context they stand in."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import assert_never

from readiness.collect import ir


def children(node: ir.Expr) -> tuple[ir.Expr, ...]:
    """The direct parts of an expression, in order; the body of a Lambda is not among them."""
    match node:
        case ir.Literal() | ir.Name() | ir.Lambda():
            return ()
        case ir.Member() as member:
            return (member.base,)
        case ir.Index() as index:
            return (index.base, index.key)
        case ir.Call() as call:
            return (call.callee, *call.args, *(keyword.value for keyword in call.keywords))
        case ir.Template() | ir.Opaque():
            return node.parts
        case ir.Mapping() as mapping:
            return tuple(part for key, value in mapping.entries for part in ((key, value) if key is not None else (value,)))
        case ir.Sequence() as sequence:
            return sequence.items
        case ir.Choice() as choice:
            return choice.options if choice.test is None else (*choice.options, choice.test)
        case ir.Await() as awaited:
            return (awaited.value,)
        case _:
            assert_never(node)


def expressions(node: ir.Expr) -> Iterator[ir.Expr]:
    """`node` and every expression inside it, outermost first, without entering Lambda bodies."""
    stack = [node]
    while stack:
        current = stack.pop()
        yield current
        parts = children(current)
        if parts:
            stack.extend(parts[::-1])


@dataclass(frozen=True, slots=True)
class Context:
    """What a statement stands in, innermost last."""

    tests: tuple[tuple[ir.Expr, bool], ...] = ()
    """Conditions that hold here: the expression, and whether it must be true or false."""
    loops: tuple[ir.Loop, ...] = ()
    tries: tuple[ir.Try, ...] = ()
    withs: tuple[ir.Expr, ...] = ()
    handler: ir.Handler | None = None


def own(statement: ir.Statement) -> tuple[ir.Expr, ...]:
    """The expressions that belong to a statement itself, not to the statements in its body."""
    match statement:
        case ir.Assign() as assign:
            return tuple(part for part in (assign.value, assign.target) if part is not None)
        case ir.Do() as do:
            return (do.value,)
        case ir.Return() | ir.Raise():
            return (statement.value,) if statement.value is not None else ()
        case ir.If() as branch:
            return (branch.test,)
        case ir.Loop() as loop:
            return (loop.iterable,)
        case ir.With() as block:
            return (block.value,)
        case ir.Function() as function:
            return (*function.decorators, *(p.default for p in function.parameters if p.default is not None))
        case ir.Class() as cls:
            return (*cls.decorators, *cls.bases, *(keyword.value for keyword in cls.keywords))
        case ir.Import() | ir.Jump() | ir.Try():
            return ()
        case _:
            assert_never(statement)


def statements(body: tuple[ir.Statement, ...], context: Context | None = None) -> Iterator[tuple[ir.Statement, Context]]:
    """Every statement of a body and of the blocks inside it, with its context; definitions are yielded, not entered."""
    around = context or Context()
    for statement in body:
        yield statement, around
        match statement:
            case ir.If() as branch:
                yield from statements(branch.body, _also(around, test=(branch.test, True)))
                yield from statements(branch.orelse, _also(around, test=(branch.test, False)))
                if _leaves(branch.body) and not branch.orelse:
                    around = _also(around, test=(branch.test, False))
            case ir.Loop() as loop:
                yield from statements(loop.body, _also(around, loop=loop))
            case ir.Try() as attempt:
                yield from statements(attempt.body, _also(around, attempt=attempt))
                for handler in attempt.handlers:
                    yield from statements(handler.body, _also(around, handler=handler))
                yield from statements(attempt.final, around)
            case ir.With() as block:
                yield from statements(block.body, _also(around, value=block.value))
            case _:
                pass


def _leaves(body: tuple[ir.Statement, ...]) -> bool:
    last = body[-1] if body else None
    return isinstance(last, ir.Return | ir.Raise) or (isinstance(last, ir.Jump) and last.kind != "pass")


def _also(
    around: Context,
    *,
    test: tuple[ir.Expr, bool] | None = None,
    loop: ir.Loop | None = None,
    attempt: ir.Try | None = None,
    handler: ir.Handler | None = None,
    value: ir.Expr | None = None,
) -> Context:
    return Context(
        (*around.tests, test) if test else around.tests,
        (*around.loops, loop) if loop else around.loops,
        (*around.tries, attempt) if attempt else around.tries,
        (*around.withs, value) if value is not None else around.withs,
        handler or around.handler,
    )
