"""All facts of a repository, put together from the trees of its files."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import fields, is_dataclass, replace
from datetime import date
from typing import Any, Final

from readiness.collect import ir
from readiness.collect.link.flow import Flow
from readiness.collect.link.found import CallFinder
from readiness.collect.link.program import Program
from readiness.collect.link.records import Linked, records
from readiness.collect.link.resolve import Resolver
from readiness.collect.link.settings_files import ConfigIndex
from readiness.collect.subject import describe
from readiness.collect.workers import Extraction
from readiness.knowledge.catalog import Catalog
from readiness.knowledge.endpoints import Endpoints
from readiness.knowledge.model_table import ModelTable
from readiness.knowledge.packages import ForeignPackages
from readiness.model import Answer, Dependency, Facts, Gap, ModelCall, Scope, Span
from readiness.repo import Repository, Unreadable, mark_llm

SNIPPET_LINES: Final = 12
SNIPPET_WIDTH: Final = 200


def assemble(repository: Repository, extraction: Extraction, as_of: date, answers: tuple[Answer, ...]) -> Facts:
    """Link the trees and gather every kind of fact."""
    scopes = {source.path: source.scope for source in repository.sources}
    catalog = Catalog.load()
    codes = [file for file in extraction.files if isinstance(file, ir.Code)]
    configs = [file for file in extraction.files if isinstance(file, ir.Config)]
    dependencies = _dependencies(repository, catalog)
    external = frozenset(_module_name(each.name) for each in dependencies if each.ecosystem == "pypi") - _own_names(configs)
    linked = _link(codes, configs, scopes, catalog, external)
    calls = records(linked, ModelTable.load(), as_of)
    roots = frozenset(name for ecosystem in ("pypi", "npm") for name in catalog.roots(ecosystem))
    own = [code for code in codes if scopes[code.path] in repository.production_scopes]
    by_kind: dict[type[Any], tuple[Any, ...]] = {ModelCall: calls, Dependency: dependencies, Answer: answers}
    gaps = tuple(_weighed(gap, repository) for gap in (*repository.gaps, *extraction.gaps))
    facts = Facts(describe(repository, calls, own, dependencies, roots), as_of, by_kind, gaps)
    return replace(facts, by_kind=_with_snippets(repository, by_kind))


def _weighed(gap: Gap, repository: Repository) -> Gap:
    """A gap with the production lines it hides; one in a test or an example hides none."""
    source = next((each for each in repository.sources if each.path == gap.path), None)
    if source is None:
        return gap
    return replace(gap, lines=(gap.lines or source.lines) if source.scope in repository.production_scopes else 0)


def _link(
    codes: Iterable[ir.Code], configs: Iterable[ir.Config], scopes: dict[str, Scope], catalog: Catalog, external: frozenset[str]
) -> Linked:
    program = Program(((code, scopes[code.path]) for code in codes), ConfigIndex.build(configs), _workspaces(configs), external)
    finder = CallFinder(Resolver(program, catalog.passthrough), catalog, Endpoints.load())
    calls = finder.find()
    return Linked(finder, Flow(finder.resolver, calls), calls)


def _module_name(package: str) -> str:
    return package.replace("-", "_").lower()


def _own_names(configs: Iterable[ir.Config]) -> frozenset[str]:
    """The Python packages that the repository itself builds: its lockfile names them beside the others."""
    keys = (("project", "name"), ("tool", "poetry", "name"))
    found = (entry.value for config in configs if config.format == "toml" for entry in config.entries if entry.keys in keys)
    return frozenset(_module_name(name) for name in found if isinstance(name, str))


def _workspaces(configs: Iterable[ir.Config]) -> dict[str, str]:
    """The folder of each npm package of the repository."""
    found: dict[str, str] = {}
    for config in configs:
        if config.path.rsplit("/", 1)[-1] == "package.json":
            name = next((entry.value for entry in config.entries if entry.keys == ("name",)), None)
            if isinstance(name, str):
                found[name] = config.path.rpartition("/")[0]
    return found


def _dependencies(repository: Repository, catalog: Catalog) -> tuple[Dependency, ...]:
    names = {**ForeignPackages.load().by_ecosystem, **catalog.packages()}
    return mark_llm(repository.dependencies, names)


# ---------------------------------------------------------------------------------------------------------- snippets


def _with_snippets(repository: Repository, by_kind: dict[type[Any], tuple[Any, ...]]) -> dict[type[Any], tuple[Any, ...]]:
    """The same facts, each span with the lines it names: reports never open a file again."""
    lines = _Lines(repository)
    return {kind: tuple(_filled(fact, lines) for fact in found) for kind, found in by_kind.items()}


class _Lines:
    def __init__(self, repository: Repository) -> None:
        self._repository = repository
        self._sources = {source.path: source for source in repository.sources}
        self._texts: dict[str, list[str]] = {}

    def cut(self, span: Span) -> str:
        if span.path not in self._texts:
            try:
                self._texts[span.path] = self._repository.text(self._sources[span.path]).split("\n")
            except (Unreadable, KeyError):
                self._texts[span.path] = []
        lines = self._texts[span.path][span.line - 1 : min(span.end_line, span.line + SNIPPET_LINES - 1)]
        return "\n".join(line[:SNIPPET_WIDTH] for line in lines)


def _filled(value: Any, lines: _Lines) -> Any:  # noqa: ANN401 - every fact, whatever its kind
    """`value` with a snippet in each span inside it."""
    if isinstance(value, Span):
        return value if value.snippet else replace(value, snippet=lines.cut(value))
    if isinstance(value, tuple):
        return tuple(_filled(item, lines) for item in value)
    if is_dataclass(value) and not isinstance(value, type):
        changed = {item.name: new for item in fields(value) if (new := _filled(old := getattr(value, item.name), lines)) is not old}
        return replace(value, **changed) if changed else value
    return value
