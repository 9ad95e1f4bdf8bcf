"""Supply chain: does every installation get the same versions of the packages that talk to models?"""

import re
from typing import Final

from readiness.model import Dependency, Evidence, Facts, Judged, NotApplicable, RepositoryKind, Shows, State, Verdict, at
from readiness.model.words import tally

PUBLISHED: Final = frozenset({RepositoryKind.LIBRARY, RepositoryKind.PACKAGE})
"""Kinds that others install beside their own packages: they name ranges, and whoever deploys them locks."""

MANAGED: Final = frozenset({"maven"})
"""Ecosystems in which a parent or a bill of materials gives the version that a declaration leaves out."""

_ELSEWHERE: Final = re.compile(r"://|^(?:@ |git\+|git@|github:|file:|link:|path:|portal:|workspace:)")
_BOUNDED: Final = re.compile(r"<|~|\^|^\d+(?:\.\d+)*\.[x*]$|==[\d.]+\.\*")


def assess(facts: Facts) -> Verdict:
    """Judge each declared SDK of a model, and each framework over one, by the version it is held to."""
    stack = [item for item in facts.all(Dependency) if item.llm]
    if not stack:
        return NotApplicable("No manifest names a package that talks to a model.")
    locked = sum(item.locked is not None for item in stack)
    if facts.subject.kind in PUBLISHED and locked < len(stack):
        return NotApplicable("It is published for others to install, who lock the versions: a range is right here.")
    evidence = tuple(_judge(item) for item in stack)
    summary = tally(evidence, "model package", "is held to one version.", "are held to one version.")
    return Judged(evidence, State.WIRED if locked else State.ABSENT, summary)


def _judge(item: Dependency) -> Evidence:
    if item.locked is not None:
        return at(Shows.MET, item.span, f"{item.name} is held to {item.locked}.")
    if _ELSEWHERE.search(item.requirement):
        return at(Shows.UNRESOLVED, item.span, f"{item.name} comes from outside a registry; which version was not resolved.")
    if not item.requirement and item.ecosystem in MANAGED:
        return at(Shows.UNRESOLVED, item.span, f"The version of {item.name} is managed elsewhere and was not resolved.")
    if _BOUNDED.search(item.requirement):
        return at(Shows.WEAK, item.span, f"No lockfile holds {item.name}: every installation takes the newest in its range.")
    return at(Shows.UNMET, item.span, f"No lockfile holds {item.name}: every installation takes the newest release.")
