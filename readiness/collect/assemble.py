"""All facts of a repository, put together from the trees of its files."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from typing import Final

from readiness.collect import ir
from readiness.collect.calls.models_declared import declared_models
from readiness.collect.calls.records import Linked, records
from readiness.collect.evaluation.ci import link_ci
from readiness.collect.evaluation.datasets_files import DatasetFile, read_dataset
from readiness.collect.evaluation.evals import link_evals
from readiness.collect.gathered import Gathered, Kinds
from readiness.collect.link.flow import Flow
from readiness.collect.link.found import CallFinder
from readiness.collect.link.program import Program
from readiness.collect.link.resolve import Resolver
from readiness.collect.link.settings_files import ConfigIndex
from readiness.collect.observation.tracing_observed import observed
from readiness.collect.prompting.prompts import find_prompts
from readiness.collect.prompting.prompts_sources import prompt_sources
from readiness.collect.prompting.retrieval import link_retrieval
from readiness.collect.snippets import with_snippets
from readiness.collect.subject import describe
from readiness.collect.trust.taint_room import exposed, trust_facts, trusted
from readiness.collect.workers import Extraction
from readiness.knowledge.catalog import Catalog
from readiness.knowledge.endpoints import Endpoints
from readiness.knowledge.model_table import ModelTable
from readiness.knowledge.packages import ForeignPackages
from readiness.model import (
    Abstention,
    Answer,
    Attribution,
    CiJob,
    ContentLog,
    Dataset,
    Dependency,
    EvalSuite,
    Facts,
    Gap,
    Guard,
    ModelCall,
    OutputSink,
    PrivilegedFlow,
    Prompt,
    PromptSource,
    Quota,
    Redaction,
    Retrieval,
    Route,
    Scope,
    Tracer,
    UsageDimension,
)
from readiness.repo import Repository, SourceKind, Unreadable, mark_llm

_TRUST: Final = (PrivilegedFlow, OutputSink, Guard, Route)
_OBSERVATION: Final = (Tracer, Redaction, ContentLog, UsageDimension, Quota)
_PROMPTS: Final = (Prompt, PromptSource, Retrieval, Attribution, Abstention)
_EVALUATIONS: Final = (EvalSuite, Dataset, CiJob)


@dataclass(frozen=True, slots=True, eq=False)
class Trees:
    """The files of a repository as trees, by what they are, and the scope of each."""

    codes: tuple[ir.Code, ...]
    configs: tuple[ir.Config, ...]
    documents: tuple[ir.Document, ...]
    scopes: dict[str, Scope]

    def scope_of(self, path: str) -> Scope:
        return self.scopes.get(path, Scope.PRODUCTION)


def assemble(repository: Repository, extraction: Extraction, as_of: date, answers: tuple[Answer, ...]) -> Facts:
    """Link the trees and gather every kind of fact."""
    trees = _trees(repository, extraction)
    catalog = Catalog.load()
    dependencies = _dependencies(repository, catalog)
    linked = _link(trees, catalog, _installed(dependencies, trees.configs))
    declared = declared_models(linked.finder.resolver.program, trees.configs, repository.production_scopes)
    calls = records(linked, ModelTable.load(), as_of, declared)
    own = [code for code in trees.codes if trees.scope_of(code.path) in repository.production_scopes]
    subject = describe(repository, calls, own, dependencies, catalog.roots("pypi") | catalog.roots("npm"))
    gathered = Gathered({Dependency: dependencies, Answer: answers, ModelCall: calls})
    if subject.llm_application is True:
        _gather(gathered, repository, trees, linked, dependencies)
    else:
        gathered.by_kind[Prompt] = ()  # what asks no model instructs none, however it reads
    gaps = tuple(_weighed(gap, repository) for gap in (*repository.gaps, *extraction.gaps, *gathered.gaps))
    return Facts(subject, as_of, with_snippets(repository, gathered.by_kind), gaps, gathered.missing)


def _gather(gathered: Gathered, repository: Repository, trees: Trees, linked: Linked, dependencies: tuple[Dependency, ...]) -> None:
    """Everything beside the calls themselves, room by room: one that breaks leaves its own kinds uncollected, and no other."""

    def trust(_: Kinds) -> Kinds:
        found = trusted(linked)
        return {**trust_facts(found), ModelCall: exposed(gathered.calls, found)}

    def watched(_: Kinds) -> Kinds:
        seen = observed(linked, gathered.calls, dependencies, repository.production_scopes)
        return {**seen.by_kind, ModelCall: seen.calls}

    gathered.run("trust", _TRUST, trust)
    gathered.run("observation", _OBSERVATION, watched)
    gathered.run("prompts", _PROMPTS, lambda _: _prompts(linked, trees))
    gathered.run("evaluations", _EVALUATIONS, lambda known: _evaluations(repository, trees, known))


def _trees(repository: Repository, extraction: Extraction) -> Trees:
    return Trees(
        tuple(file for file in extraction.files if isinstance(file, ir.Code)),
        tuple(file for file in extraction.files if isinstance(file, ir.Config)),
        tuple(file for file in extraction.files if isinstance(file, ir.Document)),
        {source.path: source.scope for source in repository.sources},
    )


def _link(trees: Trees, catalog: Catalog, installed: frozenset[str]) -> Linked:
    codes = ((code, trees.scope_of(code.path)) for code in trees.codes)
    program = Program(codes, ConfigIndex.build(trees.configs), _workspaces(trees.configs), installed)
    finder = CallFinder(Resolver(program, catalog), catalog, Endpoints.load())
    calls = finder.find()
    return Linked(finder, Flow(finder.resolver, calls), calls)


def _evaluations(repository: Repository, trees: Trees, known: Kinds) -> Kinds:
    """What tests the prompts, and what runs it: suites, data sets, CI jobs."""
    sites = {(call.span.path, call.span.line) for call in known[ModelCall] if call.generative}
    evals = link_evals(trees.codes, trees.configs, trees.scope_of, tuple(_data(repository)), model_sites=sites)
    prompted = {prompt.span.path for prompt in known.get(Prompt, ()) if prompt.scope is Scope.PRODUCTION}
    return {
        EvalSuite: evals.suites,
        Dataset: evals.datasets,
        CiJob: link_ci(trees.configs, trees.codes, evals, prompt_paths=prompted or {path for path, _ in sites}),
    }


def _prompts(linked: Linked, trees: Trees) -> Kinds:
    """What instructs the models, and what is looked up for them."""
    prompts = find_prompts(linked, (*trees.codes, *trees.configs, *trees.documents), trees.scopes)
    return {Prompt: tuple(each.fact for each in prompts), PromptSource: prompt_sources(linked), **link_retrieval(linked, prompts)}


def _data(repository: Repository) -> Iterable[DatasetFile]:
    for source in repository.sources:
        if source.kind is SourceKind.DATA and source.readable:
            try:
                found = read_dataset(repository.read(source), source.path, source.format)
            except Unreadable:
                continue
            if found is not None:
                yield found


def _weighed(gap: Gap, repository: Repository) -> Gap:
    """A gap with the production lines it hides; one in a test or an example hides none."""
    source = next((each for each in repository.sources if each.path == gap.path), None)
    if source is None:
        return gap
    return replace(gap, lines=(gap.lines or source.lines) if source.scope in repository.production_scopes else 0)


# ------------------------------------------------------------------------------------------------------ packages


def _dependencies(repository: Repository, catalog: Catalog) -> tuple[Dependency, ...]:
    names = {**ForeignPackages.load().by_ecosystem, **catalog.packages()}
    return mark_llm(repository.dependencies, names)


def _installed(dependencies: Iterable[Dependency], configs: Iterable[ir.Config]) -> frozenset[str]:
    """Module roots of installed Python packages; a lockfile names the repository's own package among them, which is none."""
    keys = (("project", "name"), ("tool", "poetry", "name"))
    own = {str(entry.value) for config in configs if config.format == "toml" for entry in config.entries if entry.keys in keys}
    names = {dependency.name for dependency in dependencies if dependency.ecosystem == "pypi"}
    return frozenset(_module_name(name) for name in names) - {_module_name(name) for name in own}


def _module_name(package: str) -> str:
    return package.replace("-", "_").lower()


def _workspaces(configs: Iterable[ir.Config]) -> dict[str, str]:
    """The folder of each npm package of the repository."""
    found: dict[str, str] = {}
    for config in configs:
        if config.path.rsplit("/", 1)[-1] == "package.json":
            name = next((entry.value for entry in config.entries if entry.keys == ("name",)), None)
            if isinstance(name, str):
                found[name] = config.path.rpartition("/")[0]
    return found
