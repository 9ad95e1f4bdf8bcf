"""`assessment.json`, version 1: the contract's keys, and beside them all that an equal assessment is rebuilt from."""

from __future__ import annotations

import json
from dataclasses import fields, replace
from typing import NoReturn

from readiness.model.assessment import (
    SCHEMA,
    Assessment,
    CheckResult,
    Site,
)
from readiness.model.calls import Model, ModelCall
from readiness.model.claim import Claim
from readiness.model.facts import Answer, Prompt
from readiness.model.place import Span
from readiness.model.verdict import Evidence, Outcome, Shows
from readiness.model.wire_codec import Json, WireError, at, decode, encode, items, take

__all__ = ["WireError", "dumps", "from_json", "loads", "parse", "to_json"]


def dumps(assessment: Assessment) -> bytes:
    """The file's bytes, pure ASCII: equal assessments give equal bytes, and no control character of a repository stands in them."""
    return (json.dumps(to_json(assessment), indent=2, allow_nan=False) + "\n").encode("ascii")


def loads(data: bytes) -> Assessment:
    """The assessment that `dumps` wrote.

    Raises:
        WireError: these are no bytes of an assessment of this version; says what is wrong and where.
    """
    return from_json(parse(data))


def parse(data: bytes) -> object:
    """The document in the bytes of a file, whatever it says.

    Raises:
        WireError: they are no JSON.
    """
    try:
        document: object = json.loads(data, parse_constant=_refuse)
    except RecursionError:
        raise WireError("is nested too deeply for an assessment") from None
    except ValueError as error:
        raise WireError(f"is not JSON: {error}") from None
    return document


def to_json(assessment: Assessment) -> Json:
    """The document of an assessment, as plain JSON types."""
    return {
        "schema": SCHEMA,
        "as_of": encode(assessment.as_of),
        "identity": encode(assessment.identity),
        "subject": encode(assessment.subject),
        "facts": {
            "model_calls": [_call_to_json(call) for call in assessment.model_calls],
            "prompts": [_flat(encode(prompt)) for prompt in assessment.prompts],
        },
        "checks": [_result_to_json(result) for result in assessment.results],
        "context": [_answer_to_json(answer) for answer in assessment.context],
        "gaps": encode(assessment.gaps),
        "score": encode(assessment.score),
        "engagement": encode(assessment.engagement),
        "actions": encode(assessment.actions),
        "claims_total": assessment.claims_total,
    }


def from_json(document: object) -> Assessment:
    """The assessment a document was made from.

    Raises:
        WireError: it is no document of this version, or a part of it has another shape; says what and where.
    """
    found = take(document, "").get("schema")
    if found != SCHEMA:
        raise WireError(f"schema: is {ascii(found)[:60]}, not {SCHEMA!r}: this is no assessment that this version reads")
    facts = at(document, "facts", "")
    return decode(
        Assessment,
        document,
        "",
        model_calls=tuple(_call_from_json(item, where) for where, item in items(facts, "model_calls", "facts")),
        prompts=tuple(
            decode(Prompt, item, where, span=decode(Span, item, where)) for where, item in items(facts, "prompts", "facts")
        ),
        results=tuple(_result_from_json(item, where) for where, item in items(document, "checks", "")),
        context=tuple(_answer_from_json(item, where) for where, item in items(document, "context", "")),
    )


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is no JSON number")


def _flat(data: Json) -> Json:
    """The fields of `span` in the object itself, null where there is no span."""
    span = data.pop("span") or dict.fromkeys(field.name for field in fields(Span))
    return {**span, **data}


def _call_to_json(call: ModelCall) -> Json:
    data = _flat(encode(call))
    return {**data, "models": [model.id for model in call.models], "model_details": data["models"]}


def _call_from_json(data: object, where: str) -> ModelCall:
    models = tuple(decode(Model, item, place) for place, item in items(data, "model_details", where))
    return decode(ModelCall, data, where, span=decode(Span, data, where), models=models)


def _answer_to_json(answer: Answer) -> Json:
    data: Json = encode(answer)
    return {"question": data["question"], "answer": data.pop("value"), **data}


def _answer_from_json(data: object, where: str) -> Answer:
    return decode(Answer, {**take(data, where), "value": at(data, "answer", where)}, where)


def _result_to_json(result: CheckResult) -> Json:
    data: Json = encode(replace(result, sites=()))
    claim = data.pop("claim")
    first = {name: claim[name] for name in ("id", "pillar", "title", "severity", "gate")}
    return {
        **first,
        "verdict": data.pop("outcome"),
        **data,
        "sites": _counts(result),
        **claim,
        "evidence": [_site_to_json(site) for site in result.sites],
    }


def _result_from_json(data: object, where: str) -> CheckResult:
    return decode(
        CheckResult,
        data,
        where,
        claim=decode(Claim, data, where),
        outcome=decode(Outcome, at(data, "verdict", where), f"{where}.verdict"),
        sites=tuple(_site_from_json(item, place) for place, item in items(data, "evidence", where)),
    )


def _counts(result: CheckResult) -> Json:
    shown = [_written(site.evidence.shows) for site in result.sites]
    return {shows.value: shown.count(shows) for shows in (Shows.MET, Shows.UNMET, Shows.UNRESOLVED)}


def _written(shows: Shows) -> Shows:
    return Shows.UNMET if shows is Shows.WEAK else shows


def _site_to_json(site: Site) -> Json:
    data: Json = encode(site)
    evidence = data.pop("evidence")
    weak = site.evidence.shows is Shows.WEAK
    return {"where": evidence["where"], **_flat(evidence), "shows": _written(site.evidence.shows).value, "weak": weak, **data}


def _site_from_json(data: object, where: str) -> Site:
    shows = decode(Shows, at(data, "shows", where), f"{where}.shows")
    if decode(bool, at(data, "weak", where), f"{where}.weak"):
        shows = Shows.WEAK
    span = None if at(data, "path", where) is None else decode(Span, data, where)
    return decode(Site, data, where, evidence=decode(Evidence, data, where, span=span, shows=shows))
