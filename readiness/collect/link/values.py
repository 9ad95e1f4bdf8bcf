"""What an expression can be worth: the values that resolution arrives at."""

from __future__ import annotations

from dataclasses import dataclass

from readiness.collect import ir
from readiness.collect.link.scopes import Argument, Module, Scope


@dataclass(frozen=True, slots=True)
class Constant:
    """A literal, with the place where it is written and how it came here: literal | constant | default | environment | config."""

    value: str | int | float | bool | None
    path: str
    line: int
    origin: str = "literal"


@dataclass(frozen=True, slots=True)
class Step:
    """One call on the way to an external value: the dotted name that was called, the call, and the scope it stands in."""

    path: str
    call: ir.Call
    scope: Scope


@dataclass(frozen=True, slots=True)
class External:
    """Something of another package: a dotted name with calls left out, and those calls in order.

    `made` holds directly after a call: an instance, or what a function returned. The root "?" stands for an unknown receiver.
    """

    path: str
    steps: tuple[Step, ...] = ()
    made: bool = False


@dataclass(frozen=True, slots=True)
class Routine:
    """A function of the program, bound to a receiver where it is a method."""

    scope: Scope


@dataclass(frozen=True, slots=True)
class Kind:
    """A class of the program."""

    scope: Scope


@dataclass(frozen=True, slots=True)
class Instance:
    """An instance of a class of the program; `call` is None where only the type is known (an annotation, `self`)."""

    scope: Scope
    call: ir.Call | None = None
    at: Scope | None = None


@dataclass(frozen=True, slots=True)
class Structure:
    """A dict, list or object literal, or a text with holes, as it is written."""

    expr: ir.Mapping | ir.Sequence | ir.Template
    scope: Scope


@dataclass(frozen=True, slots=True)
class Space:
    """A module of the program."""

    module: Module


@dataclass(frozen=True, slots=True)
class Received:
    """A parameter whose callers are unknown, or come from outside."""

    argument: Argument


@dataclass(frozen=True, slots=True)
class Environment:
    """An environment variable that nothing in the repository gives a value."""

    name: str
    path: str
    line: int


@dataclass(frozen=True, slots=True)
class Unresolved:
    """Nothing is known; `expr` is what was asked."""

    expr: ir.Expr
    scope: Scope


Value = Constant | External | Routine | Kind | Instance | Structure | Space | Received | Environment | Unresolved
