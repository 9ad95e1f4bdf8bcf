"""Hypothesis strategies for whole assessments, led by the types: a field that is added varies without a change here."""

from __future__ import annotations

from datetime import date
from typing import Any, TypeVar

from hypothesis import strategies as st

from readiness.model import (
    LEVELS,
    PILLARS,
    Action,
    Answer,
    Assessment,
    CheckResult,
    Claim,
    Gap,
    LanguageStat,
    Level,
    ModelCall,
    PillarScore,
    Points,
    Prompt,
    Score,
    Setting,
    Site,
    Span,
    Subject,
)
from readiness.score import NO_LEVEL

T = TypeVar("T")

TEXT = st.text(st.characters() | st.sampled_from("\x1b\x00\u202e\udcff<&|`"), max_size=12)
"""Anything that an audited repository can put into a name or a snippet, lone surrogates and escape sequences included."""
COUNT = st.integers(0, 99_999)
FRACTION = st.floats(0.0, 1.0)
PERCENT = st.floats(0.0, 100.0)
PILLAR = st.sampled_from(list(PILLARS))
HASH = st.text("0123456789abcdef", min_size=20, max_size=20)


def few(kind: type[T]) -> st.SearchStrategy[tuple[T, ...]]:
    """Up to two values of a type."""
    return st.lists(st.from_type(kind), max_size=2).map(tuple)


def register(kind: type[Any], **fields: st.SearchStrategy[Any]) -> None:
    """Lets a type's fields vary freely but for those whose range the schema narrows."""
    st.register_type_strategy(kind, st.builds(kind, **fields))


st.register_type_strategy(str, TEXT)
st.register_type_strategy(float, st.floats(allow_nan=False, allow_infinity=False))
st.register_type_strategy(date, st.dates(date(2020, 1, 1), date(2040, 1, 1)))
register(Span, line=COUNT, end_line=COUNT, cell=st.none() | COUNT)
register(Setting, value=st.none() | st.floats(0.0, allow_nan=False))
register(ModelCall)
register(Gap, lines=COUNT)
register(LanguageStat, files=COUNT, lines=COUNT, production_lines=COUNT)
register(Subject, files=COUNT, lines=COUNT, languages=few(LanguageStat))
register(Points, at_stake=PERCENT, proven=PERCENT, open=PERCENT)
register(Claim, pillar=PILLAR)
register(Site, fingerprint=HASH, fingerprint_moved=HASH)
register(CheckResult, credit=FRACTION, sites=few(Site))
register(PillarScore, id=PILLAR, weight=PERCENT, proven=PERCENT, possible=PERCENT)
register(Action, points=PERCENT, effort=st.sampled_from("SML"))
register(
    Score,
    proven=PERCENT,
    open=PERCENT,
    lost=PERCENT,
    coverage=FRACTION,
    coverage_runtime=FRACTION,
    level=st.none() | st.integers(0, len(LEVELS) - 1),
    level_name=st.sampled_from([*map(str, Level), NO_LEVEL]),
    pillars=few(PillarScore),
)

ASSESSMENTS = st.builds(
    Assessment,
    model_calls=few(ModelCall),
    prompts=few(Prompt),
    results=few(CheckResult),
    context=few(Answer),
    gaps=few(Gap),
    actions=few(Action),
    claims_total=COUNT,
)
