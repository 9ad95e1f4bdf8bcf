"""Source attribution: do answers carry sources that the model cannot invent?"""

from readiness.model import Attribution, Facts, Judged, NotApplicable, Retrieval, Shows, State, Verdict, absent, answered, at
from readiness.model.words import counted


def assess(facts: Facts) -> Verdict:
    """Judge where the sources of answers come from: what was retrieved, or what the model wrote."""
    retrievals = facts.production(Retrieval)
    if not retrievals:
        return NotApplicable("No search puts retrieved text in front of a model.")
    sources = facts.production(Attribution)
    derived = [source for source in sources if source.origin == "retrieval"]
    if derived:
        evidence = tuple(
            at(Shows.MET, source.span, f"Sources come from what was retrieved ({source.mechanism}).") for source in derived
        )
        return Judged(evidence, State.WIRED, "Answers carry ids or addresses kept from what was retrieved.")
    if sources:
        note = "The model is asked to write its sources, and nothing checks them against what was retrieved"
        evidence = tuple(at(Shows.UNMET, source.span, f"{note} ({source.mechanism}).") for source in sources)
        return Judged(evidence, State.DECLARED_ONLY, "The only sources are those that the model writes.")
    wanted = facts.answer("knowledge.citations_required")
    if wanted is not None and wanted.value is False:
        said = answered(Shows.MET, "Answers need not name their sources.")
        return NotApplicable("The engagement says that answers need not name their sources.", (said,))
    return Judged((absent(_searched(retrievals)),), State.ABSENT, "Answers carry no source.")


def _searched(retrievals: tuple[Retrieval, ...]) -> str:
    kept = [item for item in retrievals if item.metadata_span]
    first = retrievals[0].span
    fate = "is read, and never reaches the answer" if kept else "is dropped"
    return (
        f"{counted(len(retrievals), 'retrieval')} (the first at {first.path}:{first.line}): the metadata of what they find "
        f"{fate}; no response field, citation block or rendered reference is filled from it."
    )
