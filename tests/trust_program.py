"""A small program, written in a test, linked as far as facts of trust need it."""

from __future__ import annotations

from textwrap import dedent

from readiness.collect import ir
from readiness.collect.calls.records import Linked
from readiness.collect.link.flow import Flow
from readiness.collect.link.found import CallFinder
from readiness.collect.link.program import Program
from readiness.collect.link.resolve import Resolver
from readiness.collect.link.settings_files import ConfigIndex
from readiness.collect.lower.python import lower_python
from readiness.collect.lower.typescript import lower_typescript
from readiness.collect.trust.taint_room import Trusted, trusted
from readiness.knowledge.catalog import Catalog
from readiness.knowledge.endpoints import Endpoints
from readiness.model import Scope

OPENAI = "from openai import OpenAI\nclient = OpenAI()\n"
ASK = 'client.responses.create(model="gpt-4o-2024-11-20", input={}).output_text'


def trust(files: dict[str, str]) -> Trusted:
    """The facts of trust of the given files, by path."""
    codes = [
        (lower(dedent(text).lstrip("\n"), path), Scope.TEST if path.startswith("tests/") else Scope.PRODUCTION)
        for path, text in files.items()
    ]
    catalog = Catalog.load()
    finder = CallFinder(Resolver(Program(codes, ConfigIndex.build(())), catalog), catalog, Endpoints.load())
    calls = finder.find()
    return trusted(Linked(finder, Flow(finder.resolver, calls), calls))


def lower(text: str, path: str) -> ir.Code:
    return lower_python(text, path) if path.endswith(".py") else lower_typescript(text, path)


def python(text: str) -> Trusted:
    """The facts of trust of one Python module with an OpenAI client named `client`."""
    return trust({"src/app.py": OPENAI + dedent(text).lstrip("\n")})


def typescript(text: str, path: str = "src/route.ts") -> Trusted:
    return trust({path: text})
