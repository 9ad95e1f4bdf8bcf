"""Whole applications in twins: the tool must say of each what an expert says, check by check, call by call, prompt by prompt.

What an expert says stands beside each application, in `<name>.expected.yaml`; answers of an engagement in `<name>.engagement.yaml`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Final

import pytest
import yaml

from readiness import registry
from readiness.model import Assessment, Outcome, Scope, Status
from tests.one_process import assess

APPS: Final = Path(__file__).parent.parent / "fixtures" / "apps"
AS_OF: Final = date(2026, 11, 26)
OWN: Final = {Scope.PRODUCTION, Scope.NOTEBOOK}
"""Where the expectations look for prompts: a notebook alone is its own production."""


@dataclass(frozen=True, slots=True)
class Expected:
    """What an expert says of one application; places are `path:line`."""

    kind: str
    llm_application: bool | None
    checks: dict[str, str]
    calls: list[str]
    implicit: list[str]
    prompts: list[str]


@cache
def expected(name: str) -> Expected:
    data = yaml.safe_load((APPS / f"{name}.expected.yaml").read_text(encoding="utf-8"))
    return Expected(**data.pop("subject"), **data)


@cache
def audited(name: str) -> Assessment:
    return assess(APPS / name, registry.load(), AS_OF, APPS / f"{name}.engagement.yaml")


NAMES: Final = sorted(path.name.removesuffix(".expected.yaml") for path in APPS.glob("*.expected.yaml"))
VERDICTS: Final = [(name, check, verdict) for name in NAMES for check, verdict in expected(name).checks.items()]
apps = pytest.mark.parametrize("name", NAMES)


def test_every_application_has_expectations() -> None:
    assert sorted(path.name for path in APPS.iterdir() if path.is_dir()) == NAMES


@apps
def test_every_check_that_counts_is_expected_to_say_something(name: str) -> None:
    assert set(expected(name).checks) >= {check.claim.id for check in registry.load() if check.claim.status is Status.STABLE}


@apps
def test_subject(name: str) -> None:
    subject = audited(name).subject
    assert (subject.kind, subject.llm_application) == (expected(name).kind, expected(name).llm_application)


@pytest.mark.parametrize(("name", "check", "verdict"), [pytest.param(*item, id=f"{item[0]}:{item[1]}") for item in VERDICTS])
def test_verdict(name: str, check: str, verdict: str) -> None:
    result = next(result for result in audited(name).results if result.claim.id == check)
    assert result.outcome is Outcome(verdict), "\n".join(
        [
            result.summary,
            *(
                f"{site.evidence.shows}: {site.evidence.span.path}:{site.evidence.span.line} {site.evidence.note}"
                if site.evidence.span
                else f"{site.evidence.shows}: {site.evidence.note}"
                for site in result.sites
            ),
        ]
    )


@apps
def test_model_calls(name: str) -> None:
    assert [f"{call.span.path}:{call.span.line}" for call in audited(name).model_calls if not call.implicit] == expected(name).calls


@apps
def test_implicit_model_calls(name: str) -> None:
    assert [f"{call.span.path}:{call.span.line}" for call in audited(name).model_calls if call.implicit] == expected(name).implicit


@apps
def test_prompts(name: str) -> None:
    found = [f"{prompt.span.path}:{prompt.span.line}" for prompt in audited(name).prompts if prompt.scope in OWN]
    assert found == expected(name).prompts


@apps
def test_what_is_not_read_is_said(name: str) -> None:
    assert not [gap for gap in audited(name).gaps if name != "hostile"]
