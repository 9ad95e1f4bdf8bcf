"""Small programs of several files, lowered and linked as the tool does it, without processes or a disk."""

from __future__ import annotations

from collections.abc import Mapping

from readiness.collect import ir
from readiness.collect.calls.records import Linked
from readiness.collect.extract import extract
from readiness.collect.link.flow import Flow
from readiness.collect.link.found import CallFinder, FoundCall
from readiness.collect.link.program import Program
from readiness.collect.link.resolve import Resolver
from readiness.collect.link.settings_files import ConfigIndex
from readiness.collect.link.values import Constant, Environment, External, Received, Value
from readiness.collect.task import Task
from readiness.knowledge.catalog import Catalog
from readiness.knowledge.endpoints import Endpoints
from readiness.model import Scope
from readiness.repo import file_type

CATALOG = Catalog.load()
ENDPOINTS = Endpoints.load()


def lowered(path: str, text: str) -> ir.FileFacts:
    """The tree of one file, of the kind its name says."""
    kind = file_type(path)
    return extract(text, Task(path, kind.kind.value, kind.language, kind.format))


def linked(files: Mapping[str, str], scopes: Mapping[str, Scope] | None = None) -> Linked:
    """A linked program; files are production unless `scopes` says otherwise."""
    trees = [lowered(path, text) for path, text in files.items()]
    codes = [(tree, (scopes or {}).get(tree.path, Scope.PRODUCTION)) for tree in trees if isinstance(tree, ir.Code)]
    configs = [tree for tree in trees if isinstance(tree, ir.Config)]
    program = Program(codes, ConfigIndex.build(configs))
    finder = CallFinder(Resolver(program, CATALOG), CATALOG, ENDPOINTS)
    calls = finder.find()
    return Linked(finder, Flow(finder.resolver, calls), calls)


def only(program: Linked) -> FoundCall:
    """The one call of a program."""
    assert len(program.calls) == 1, [(call.site.path, call.call.line) for call in program.calls]
    return program.calls[0]


def carried(program: Linked, role: str) -> list[Value]:
    """What the arguments of a role of the one call are worth."""
    found = only(program)
    handed = program.finder.role(found.variants[0], role).found
    return [value for each in handed for value in program.finder.resolver.values(each.expr, each.scope)]


def worth(program: Linked, role: str) -> list[object]:
    """The same in words: constants as they are, and the others by name."""
    return [_word(value) for value in carried(program, role)]


def _word(value: Value) -> object:
    match value:
        case Constant(value=constant):
            return constant
        case External(path=path):
            return f"<{path}>"
        case Environment(name=name):
            return f"${name}"
        case Received(argument=argument):
            return f"?{argument.parameter.name}"
        case _:
            return type(value).__name__


__all__ = ["carried", "linked", "lowered", "only", "worth"]
