"""One small language-neutral tree per file: what a front end makes of its syntax, and all that linking ever sees.

Only what the facts need survives: names, calls, values, definitions, branches and their order. Lines are 1-based lines of
the raw file. Every node is frozen, so a module can be pickled, cached by content and shared.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


class Node:
    """Base of all nodes; pickles as its fields in order, which is several times faster than the dataclass default."""

    __slots__: tuple[str, ...] = ()

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), tuple(getattr(self, name) for name in self.__slots__)


# ------------------------------------------------------------------------------------------------ expressions


@dataclass(frozen=True, slots=True)
class Literal(Node):
    """A string, number, boolean or null. Strings are unquoted and unescaped; `value` is cut at 40,000 characters."""

    value: str | int | float | bool | None
    line: int
    end_line: int


@dataclass(frozen=True, slots=True)
class Name(Node):
    """A plain identifier; `self` and `this` are both spelled `self`."""

    id: str
    line: int


@dataclass(frozen=True, slots=True)
class Member(Node):
    """`base.name`, and `base?.name`."""

    base: Expr
    name: str
    line: int


@dataclass(frozen=True, slots=True)
class Index(Node):
    """`base[key]`; a slice has an Opaque key."""

    base: Expr
    key: Expr
    line: int


@dataclass(frozen=True, slots=True)
class Keyword(Node):
    """A named argument, a JSX attribute; `name` is None for `**spread` (and `{...spread}` in JSX)."""

    name: str | None
    value: Expr
    line: int


@dataclass(frozen=True, slots=True)
class Call(Node):
    """A call, a `new` expression, a JSX element or a decorator written as a call.

    `line` is where the whole expression starts (with its receiver), `end_line` where it ends. `a | b` is a call of
    `a.__or__`. A starred positional argument is an `Opaque` of kind "spread".
    """

    callee: Expr
    args: tuple[Expr, ...]
    keywords: tuple[Keyword, ...]
    line: int
    end_line: int
    new: bool = False
    jsx: bool = False


@dataclass(frozen=True, slots=True)
class Template(Node):
    """Text put together at run time: an f-string, a template literal, `a + b` where a part is text, `"..." % x`.

    `parts` are Literals (fixed text) and expressions (holes), in order. `tag` is the tag of a tagged template, else ''.
    """

    parts: tuple[Expr, ...]
    line: int
    end_line: int
    tag: str = ""


@dataclass(frozen=True, slots=True)
class Mapping(Node):
    """A dict or object literal; an entry whose key is None is a spread."""

    entries: tuple[tuple[Expr | None, Expr], ...]
    line: int
    end_line: int


@dataclass(frozen=True, slots=True)
class Sequence(Node):
    """A list, tuple, set or array literal."""

    items: tuple[Expr, ...]
    line: int
    end_line: int


@dataclass(frozen=True, slots=True)
class Choice(Node):
    """One of several values: `a or b`, `a ?? b`, `a || b` (`test` is None), `a if test else b`, `test ? a : b`."""

    options: tuple[Expr, ...]
    line: int
    test: Expr | None = None


@dataclass(frozen=True, slots=True)
class Lambda(Node):
    """An anonymous function used as a value: a lambda, an arrow function, a function expression."""

    function: Function
    line: int


@dataclass(frozen=True, slots=True)
class Await(Node):
    """`await value`; `yield value` and `yield from value` are Opaque of kind "yield"."""

    value: Expr
    line: int


@dataclass(frozen=True, slots=True)
class Opaque(Node):
    """Any other expression, kept for the names and calls inside it.

    Kinds that callers rely on: "compare" (with `text` the operator: `==`, `in`, `not in`, `is`, `<` ...), "not", "and",
    "spread", "yield", "comprehension" (parts: element, then each iterable, then each condition), "arithmetic", "slice", "other".
    """

    kind: str
    parts: tuple[Expr, ...]
    line: int
    text: str = ""


Expr = Literal | Name | Member | Index | Call | Template | Mapping | Sequence | Choice | Lambda | Await | Opaque

# ------------------------------------------------------------------------------------------------- statements


@dataclass(frozen=True, slots=True)
class Import(Node):
    """`alias` is bound to `target`, a dotted name rooted in a module.

    Python `from a.b import c as d`: module "a.b", name "c", alias "d"; `import a.b`: module "a.b", name "", alias "a";
    `import a.b as x`: alias "x". A relative module keeps its leading dots; `*` is name "*". TypeScript `import D from "m"`:
    name "default"; `import * as N from "m"`: name ""; `import {a as b}`: name "a", alias "b"; `require("m")`: name "" ;
    `export {a} from "m"` sets `reexport`. A side-effect import has alias ''.
    """

    module: str
    name: str
    alias: str
    line: int
    reexport: bool = False


@dataclass(frozen=True, slots=True)
class Assign(Node):
    """`target = value`. Target is a Name, Member, Index or a Sequence of targets (destructuring).

    Object destructuring `{a, b: c} = value` is one Assign for each name with value `Member(value, "a")`. `augmented` holds for
    `+=`. A declaration without a value has value None. `with x as y` and `for y in x` are With and Loop, not Assign.
    """

    target: Expr
    value: Expr | None
    annotation: Expr | None
    line: int
    end_line: int
    augmented: bool = False
    exported: bool = False


@dataclass(frozen=True, slots=True)
class Do(Node):
    """An expression used as a statement."""

    value: Expr
    line: int


@dataclass(frozen=True, slots=True)
class Return(Node):
    """`return value`; an arrow function's expression body is a Return."""

    value: Expr | None
    line: int


@dataclass(frozen=True, slots=True)
class Raise(Node):
    """`raise value`, `throw value`."""

    value: Expr | None
    line: int


@dataclass(frozen=True, slots=True)
class Jump(Node):
    """`break`, `continue` or `pass` (kind)."""

    kind: str
    line: int


@dataclass(frozen=True, slots=True)
class If(Node):
    """A branch; `switch` and `match` are chains of these, testing Opaque "compare" of subject and case."""

    test: Expr
    body: tuple[Statement, ...]
    orelse: tuple[Statement, ...]
    line: int


@dataclass(frozen=True, slots=True)
class Loop(Node):
    """`for target in iterable` (target may be a Sequence) or `while test` (target None; iterable is the test)."""

    target: Expr | None
    iterable: Expr
    body: tuple[Statement, ...]
    line: int


@dataclass(frozen=True, slots=True)
class Handler(Node):
    """One `except type as name` or `catch (name)`; `type` is None when everything is caught."""

    type: Expr | None
    name: str
    body: tuple[Statement, ...]
    line: int


@dataclass(frozen=True, slots=True)
class Try(Node):
    """A guarded block; `else` belongs to the body, `finally` to `final`."""

    body: tuple[Statement, ...]
    handlers: tuple[Handler, ...]
    final: tuple[Statement, ...]
    line: int


@dataclass(frozen=True, slots=True)
class With(Node):
    """`with expr as target` (target may be None), one for each item."""

    value: Expr
    target: Expr | None
    body: tuple[Statement, ...]
    line: int


@dataclass(frozen=True, slots=True)
class Parameter(Node):
    """`kind` is "plain", "args" (`*args`, `...rest`) or "kwargs" (`**kwargs`).

    A destructured TypeScript parameter `{a, b = 1}: T` is one parameter named "{}" whose `fields` are its names and defaults.
    """

    name: str
    default: Expr | None
    annotation: Expr | None
    kind: str
    line: int
    fields: tuple[Parameter, ...] = ()


@dataclass(frozen=True, slots=True)
class Function(Node):
    """A function, method or the body of a Lambda. `name` is '' when anonymous. `docstring` is also kept in `body`."""

    name: str
    parameters: tuple[Parameter, ...]
    body: tuple[Statement, ...]
    decorators: tuple[Expr, ...]
    returns: Expr | None
    line: int
    end_line: int
    docstring: Literal | None = None
    exported: bool = False


@dataclass(frozen=True, slots=True)
class Class(Node):
    """A class, interface or object-typed alias; fields are Assigns in `body`, methods Functions; keywords are the bases'."""

    name: str
    bases: tuple[Expr, ...]
    keywords: tuple[Keyword, ...]
    body: tuple[Statement, ...]
    decorators: tuple[Expr, ...]
    line: int
    end_line: int
    docstring: Literal | None = None
    exported: bool = False


Statement = Import | Assign | Do | Return | Raise | Jump | If | Loop | Try | With | Function | Class

# ------------------------------------------------------------------------------------------------------ files


@dataclass(frozen=True, slots=True)
class Entry(Node):
    """One leaf of a configuration file: the keys and list positions that lead to it, its value and its line."""

    keys: tuple[str | int, ...]
    value: str | int | float | bool | None
    line: int


@dataclass(frozen=True, slots=True)
class Code(Node):
    """A source file. `cells` maps the first raw line of each notebook cell to its number, in order."""

    path: str
    language: str
    body: tuple[Statement, ...]
    lines: int
    cells: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True, slots=True)
class Config(Node):
    """A YAML, TOML, JSON, .env, .ini, Dockerfile, Terraform or Bicep file, flattened."""

    path: str
    format: str
    entries: tuple[Entry, ...]
    lines: int


@dataclass(frozen=True, slots=True)
class Document(Node):
    """A text that may be a prompt or a template: Markdown, text, Jinja, .prompt and the like, cut at 200,000 characters."""

    path: str
    format: str
    text: str
    lines: int


FileFacts = Code | Config | Document
