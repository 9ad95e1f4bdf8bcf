"""Searches that feed prompts, and what becomes of them: cuts, empty results and sources."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from readiness.collect.calls.records import Linked
from readiness.collect.link.spans import span_of
from readiness.collect.prompting.prompts_code import FoundPrompt
from readiness.collect.prompting.retrieval_abstain import Found, abstentions
from readiness.collect.prompting.retrieval_searches import searches
from readiness.collect.prompting.retrieval_sources import attributions
from readiness.model import Abstention, Attribution, Retrieval


def link_retrieval(linked: Linked, prompts: Iterable[FoundPrompt]) -> dict[type[Any], tuple[Any, ...]]:
    """Retrievals, attributions and abstentions of a program; all empty where nothing is searched.

    Args:
        linked: the program with its calls.
        prompts: the prompts of the repository with their texts.
    """
    kept = tuple(prompts)
    sites = searches(linked)
    if not sites:
        return {Retrieval: (), Attribution: (), Abstention: ()}
    found = Found.of(linked, sites)
    retrievals = tuple(Retrieval(span_of(each.site), each.site.scope.module.scope, each.api) for each in sites)
    return {
        Retrieval: retrievals,
        Attribution: tuple(sorted(set(attributions(found, kept)), key=lambda fact: (fact.span, fact.origin))),
        Abstention: tuple(sorted(set(abstentions(found, kept)), key=lambda fact: (fact.span, fact.kind))),
    }
