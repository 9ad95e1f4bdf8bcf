"""Every prompt of a repository, and every place that loads one from where it can change."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from readiness.collect import ir
from readiness.collect.calls.records import Linked
from readiness.collect.prompting.prompts_code import FoundPrompt, in_code
from readiness.collect.prompting.prompts_files import in_configs, in_documents
from readiness.model import Scope


def find_prompts(linked: Linked, files: Iterable[ir.FileFacts], scopes: Mapping[str, Scope]) -> tuple[FoundPrompt, ...]:
    """The prompts of code, documents and configuration with their texts, one for each place, ordered by place.

    Args:
        linked: the program with its calls.
        files: every file that was read.
        scopes: the scope of each path.
    """
    kept = tuple(files)
    documents = (file for file in kept if isinstance(file, ir.Document))
    configs = (file for file in kept if isinstance(file, ir.Config))
    found = (*in_code(linked), *in_documents(documents, scopes, _mentioned(linked)), *in_configs(configs, scopes))
    unique = {(each.fact.span.path, each.fact.span.line): each for each in reversed(found)}
    return tuple(sorted(unique.values(), key=lambda each: each.fact.span))


def _mentioned(linked: Linked) -> frozenset[str]:
    """Last parts of the file names that calls of the program are given as literals."""
    names: set[str] = set()
    for site in linked.finder.resolver.program.sites():
        for arg in (*site.call.args, *(keyword.value for keyword in site.call.keywords)):
            if isinstance(arg, ir.Literal) and isinstance(arg.value, str) and "." in arg.value and len(arg.value) < 200:
                names.add(arg.value.rsplit("/", 1)[-1])
    return frozenset(names)
