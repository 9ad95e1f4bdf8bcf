"""The report's vocabulary: the words, glyphs and sentences that stand for each value of the model."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from readiness.model.assessment import GateState
from readiness.model.claim import Effort, Severity
from readiness.model.place import LanguageCoverage, RepositoryKind, Scope
from readiness.model.verdict import Outcome, Shows, State

# fmt: off
VERDICT: Final[Mapping[Outcome, str]] = MappingProxyType({
    Outcome.PASS: "Pass",
    Outcome.PARTIAL: "Partial",
    Outcome.FAIL: "Fail",
    Outcome.UNKNOWN: "Not assessed",
    Outcome.NEEDS_CONTEXT: "Needs an answer",
    Outcome.NOT_APPLICABLE: "Not applicable",
})
"""The verdict as a reader sees it."""

TONE: Final[Mapping[Outcome, str]] = MappingProxyType({
    Outcome.PASS: "pass",
    Outcome.PARTIAL: "partial",
    Outcome.FAIL: "fail",
    Outcome.UNKNOWN: "open",
    Outcome.NEEDS_CONTEXT: "open",
    Outcome.NOT_APPLICABLE: "none",
})
"""The class of a verdict in style sheets and charts: what counts as open looks open."""

STATE: Final[Mapping[State, str]] = MappingProxyType({
    State.ENFORCED: "Enforced",
    State.WIRED: "Wired",
    State.OFF_BY_DEFAULT: "Off by default",
    State.BROKEN: "Broken",
    State.DECLARED_ONLY: "Declared only",
    State.EXTERNAL: "External",
    State.ABSENT: "Absent",
})

STATE_MEANING: Final[Mapping[State, str]] = MappingProxyType({
    State.ENFORCED: "in use, and something fails when it is missing",
    State.WIRED: "in use on a production path",
    State.OFF_BY_DEFAULT: "present, but a default setting leaves it off",
    State.BROKEN: "present, and it does not do its work",
    State.DECLARED_ONLY: "named in a dependency or a document, never used",
    State.EXTERNAL: "said to be done outside the repository",
    State.ABSENT: "not there",
})

SHOWS: Final[Mapping[Shows, str]] = MappingProxyType({
    Shows.MET: "met",
    Shows.WEAK: "half met",
    Shows.UNMET: "not met",
    Shows.UNRESOLVED: "could not be told",
})

MARK: Final[Mapping[Shows, str]] = MappingProxyType({
    Shows.MET: "✓", Shows.WEAK: "\u2013", Shows.UNMET: "\u00d7", Shows.UNRESOLVED: "?",
})
"""A glyph for what one place shows, so that colour is never alone."""

NEEDS: Final[Mapping[str, str]] = MappingProxyType({
    "data.residency.required": "An answer: where must prompts be processed? (data.residency.required)",
    "data.classes": "An answer: what can prompts contain? (data.classes)",
    "deployment": "The settings of the running deployment",
})
"""What would settle an open check: answers of the engagement and accesses by id. Others are printed as they are."""

EFFORT: Final[Mapping[str, str]] = MappingProxyType({Effort.SMALL: "hours", Effort.MEDIUM: "days", Effort.LARGE: "weeks"})

SEVERITY: Final[Mapping[Severity, str]] = MappingProxyType({
    Severity.CRITICAL: "Critical", Severity.HIGH: "High", Severity.MEDIUM: "Medium", Severity.LOW: "Low",
})

GATE: Final[Mapping[GateState, str]] = MappingProxyType({
    GateState.OPEN: "Open",
    GateState.TO_CONFIRM: "To confirm",
    GateState.NOT_ASSESSED: "Not assessed",
    GateState.CLEARED: "Cleared",
    GateState.ACCEPTED: "Risk accepted",
})

COVERAGE: Final[Mapping[LanguageCoverage, str]] = MappingProxyType({
    LanguageCoverage.FULL: "Read in full: imports, values and calls",
    LanguageCoverage.CALLS: "Calls only",
    LanguageCoverage.NAMES: "Names only: packages, hosts and model ids",
})

KIND: Final[Mapping[RepositoryKind, str]] = MappingProxyType({
    RepositoryKind.APPLICATION: "an application",
    RepositoryKind.LIBRARY: "a library",
    RepositoryKind.PACKAGE: "a package",
    RepositoryKind.NOT_LLM: "a code base that calls no language model",
    RepositoryKind.UNDETERMINED: "a code base of undetermined kind",
})

SCOPE: Final[Mapping[Scope, str]] = MappingProxyType({scope: scope.value.capitalize() for scope in Scope})

GATE_NAMES: Final[Mapping[str, str]] = MappingProxyType({
    "sec.secrets": "No live credential in the repository",
    "sec.output-sinks": "Model output never becomes code, SQL or markup unchecked",
    "sec.system-prompt-taint": "Untrusted text stays out of instructions",
    "sec.tool-least-privilege": "Tools with side effects need authorisation",
    "sec.retrieval-authz": "Retrieval respects who is asking",
    "sec.endpoint-auth-limits": "Endpoints that reach a model have access control and limits",
    "model.residency-endpoint": "Prompts are processed where they may be",
    "obs.llm-tracing": "Model calls are traced",
    "obs.pii-redaction": "Personal data is masked before it is logged",
    "prompt.change-gated": "Prompt changes pass an evaluation before release",
})
"""What a gate asks, for a gate whose check is not in this rubric yet."""

LEVEL_PROMISE: Final = (
    "Do not expose it to users.",
    "Named users, a person watching.",
    "Release, with the limits listed.",
    "Release without special limits.",
)
"""What each level means to the one who decides."""

LEVEL_RULE: Final = (
    "a gate open, or a pillar below 40",
    "no gate open, every pillar 40 or more",
    "gates cleared, every pillar 60 or more",
    "run-time proof, every pillar 80 or more",
)
# fmt: on
