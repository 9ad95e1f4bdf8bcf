"""Findings: what each means, what was seen, what to do; and the proof of what holds."""

from __future__ import annotations

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Final

from readiness.model.assessment import Assessment, CheckResult, Gate, GateState, Site
from readiness.model.claim import Reference, Severity, Status
from readiness.model.verdict import Outcome, Shows
from readiness.report.rows import faults, lost, place, ratio
from readiness.report.snippets import Snippet, snippet
from readiness.report.text import DASH, clipped, more, sentence, tenth
from readiness.report.words import EFFORT, MARK, SEVERITY, SHOWS, STATE, TONE, VERDICT

PLACES: Final = 10
FEW_PLACES: Final = 6
"""Places printed for a major and for a minor finding; a page holds about forty."""

SNIPPETS: Final = 2
"""Of a major finding; a minor one shows one."""

SNIPPET_LINES: Final = 14

PROOFS: Final = 3
SYMBOL: Final = 34
"""Characters of a definition's name beside its place: more would wrap."""
"""Places printed for a check that passes."""

_FIRST: Final = (Shows.UNMET, Shows.WEAK, Shows.UNRESOLVED, Shows.MET)


@dataclass(frozen=True, slots=True)
class Place:
    """Where one piece of evidence stands, and the definition around it."""

    where: str
    symbol: str


@dataclass(frozen=True, slots=True)
class SiteRow:
    """Places that show the same: as glyph and word, where they are, what was seen there."""

    mark: str
    shows: str
    tone: str
    places: tuple[Place, ...]
    note: str


@dataclass(frozen=True, slots=True)
class Finding:
    """One finding in full."""

    number: int
    id: str
    headline: str
    tone: str
    verdict: str
    severity: str
    major: bool
    preview: bool
    gate: str
    confidence: str
    state: str
    effort: str
    points: str
    meaning: str
    summary: str
    places: tuple[SiteRow, ...]
    more: str
    snippets: tuple[Snippet, ...]
    remedy: tuple[str, ...]
    fixed_when: str
    accepted: str
    references: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Proof:
    """A check that passes, with the places that show it."""

    id: str
    title: str
    state: str
    places: tuple[SiteRow, ...]
    more: str


def build_findings(assessment: Assessment) -> tuple[Finding, ...]:
    """Every fail and partial, in the order of the report."""
    gates = {gate.check: gate for gate in assessment.score.gates} if assessment.score else {}
    found, seen = [], set[str]()
    for number, result in enumerate(faults(assessment), 1):
        finding = _finding(number, result, gates.get(result.claim.id), seen)
        seen |= {snippet.place for snippet in finding.snippets}
        found.append(finding)
    return tuple(found)


def _finding(number: int, result: CheckResult, gate: Gate | None, seen: AbstractSet[str]) -> Finding:
    claim = result.claim
    major = claim.severity is Severity.CRITICAL or gate is not None
    ordered = sorted(result.sites, key=lambda site: (_FIRST.index(site.evidence.shows), _position(site)))
    rows, left = _rows(ordered, PLACES if major else FEW_PLACES)
    return Finding(
        number=number,
        id=claim.id,
        headline=result.headline.rstrip("."),
        tone=TONE[result.outcome],
        verdict=f"{VERDICT[result.outcome]} {ratio(result)}".strip(),
        severity=SEVERITY[claim.severity],
        major=major,
        preview=claim.status is Status.PREVIEW,
        gate=_gate_words(gate),
        confidence=result.confidence.value.capitalize(),
        state=STATE[result.state] if result.state is not None else DASH,
        effort=EFFORT[claim.effort].capitalize(),
        points=tenth(lost(result)),
        meaning=sentence(claim.why),
        summary=sentence(result.summary),
        places=rows,
        more=more(left, "place"),
        snippets=_snippets(ordered, SNIPPETS if major else 1, seen),
        remedy=tuple(sentence(part.strip()) for part in claim.remedy.split("\n") if part.strip()),
        fixed_when=sentence(claim.holds),
        accepted=_accepted_words(result),
        references=_references(claim.references),
    )


def _references(references: Sequence[Reference]) -> tuple[str, ...]:
    """Each work once, with its numbers."""
    works: dict[str, list[str]] = {}
    for reference in references:
        works.setdefault(reference.work, []).append(reference.id)
    return tuple(f"{work} {', '.join(ids)}".strip() for work, ids in works.items())


def _definition(symbol: str) -> str:
    """The innermost names of a definition, as many as fit beside a path."""
    names = symbol.split(".")
    while len(names) > 1 and len(".".join(names)) > SYMBOL:
        names = names[1:]
    return clipped(".".join(names), SYMBOL)


def _position(site: Site) -> tuple[str, int]:
    span = site.evidence.span
    return (span.path, span.line) if span is not None else ("", 0)


def _gate_words(gate: Gate | None) -> str:
    if gate is None:
        return ""
    match gate.state:
        case GateState.OPEN:
            return "Gate open"
        case GateState.TO_CONFIRM:
            return "Gate to confirm"
        case GateState.ACCEPTED:
            return "Gate, risk accepted"
        case _:
            return "Gate"


def _accepted_words(result: CheckResult) -> str:
    if result.accepted is None:
        return ""
    who, until, why = result.accepted.owner, result.accepted.until.isoformat(), sentence(result.accepted.reason)
    return f"Risk accepted by {who} until {until}: {why} Its points stay lost."


def _rows(sites: Sequence[Site], limit: int) -> tuple[tuple[SiteRow, ...], int]:
    """One row for all places that show the same and have the same note, and how many places were left off.

    Rows stand in the order of their first place. A place that is named twice, bare and inside a definition, is one place.
    """
    groups: dict[tuple[Shows, str], dict[str, str]] = {}
    left = 0
    for site in sites:
        evidence = site.evidence
        key, where = (evidence.shows, clipped(evidence.note, 260)), place(evidence)
        symbol = _definition(evidence.span.symbol) if evidence.span is not None else ""
        if where in groups.get(key, {}):
            groups[key][where] = groups[key][where] or symbol
        elif sum(map(len, groups.values())) == limit:
            left += 1
        else:
            groups.setdefault(key, {})[where] = symbol
    rows = tuple(
        SiteRow(MARK[shows], SHOWS[shows], shows.value, tuple(Place(*found) for found in places.items()), note)
        for (shows, note), places in groups.items()
    )
    return rows, left


def _snippets(ordered: Sequence[Site], limit: int, seen: AbstractSet[str]) -> tuple[Snippet, ...]:
    """Code of the first places that show the fault, of those first that no finding before has shown.

    The same code twice is shown once.
    """
    taken: dict[str, Snippet] = {}
    for site in sorted(ordered, key=lambda site: place(site.evidence) in seen):
        span, where = site.evidence.span, place(site.evidence)
        shows = site.evidence.shows
        if span is None or span.snippet in taken or shows is Shows.MET or (taken and (where in seen or shows is Shows.UNRESOLVED)):
            continue
        shown = snippet(span, where, SNIPPET_LINES)
        if shown is not None:
            taken[span.snippet] = shown
        if len(taken) == limit:
            break
    return tuple(taken.values())


def build_proofs(assessment: Assessment) -> tuple[Proof, ...]:
    """Every pass with the first places that show it."""
    return tuple(_proof(result) for result in assessment.results if result.outcome is Outcome.PASS and result.sites)


def _proof(result: CheckResult) -> Proof:
    met = sorted((site for site in result.sites if site.evidence.shows is Shows.MET), key=_position)
    rows, left = _rows(met or result.sites, PROOFS)
    state = STATE[result.state] if result.state is not None else DASH
    return Proof(result.claim.id, result.claim.title, f"{state} {ratio(result)}".strip(), rows, more(left, "place"))
