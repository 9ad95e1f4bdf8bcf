"""The vocabulary of facts: what was found in a repository, by kind, and what could not be looked at.

Checks read nothing else. "None found" is an empty tuple; "nobody looked" raises `NotCollected`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any, TypeVar

from readiness.model.calls import CallKind, ModelCall
from readiness.model.place import Gap, Scope, Span
from readiness.model.subject import Subject


class Storage(StrEnum):
    """Where a prompt's text lives."""

    INLINE = "inline"
    CONSTANT = "constant"
    FILE = "file"
    DATABASE = "db"
    REGISTRY = "registry"
    CONFIG = "config"


@dataclass(frozen=True, slots=True)
class Prompt:
    """A text that instructs a model, at the line where the text starts. Role: system | user | tool | example | unknown."""

    span: Span
    scope: Scope
    storage: Storage
    role: str = "unknown"
    holes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PromptSource:
    """A place that loads a template at run time from something mutable.

    Kind: db | registry | environment | object_store | remote | file (one that lies outside the repository).
    `pinned` holds for a registry version named in code; `seeded` for a store that is rewritten from the repository at start.
    """

    span: Span
    scope: Scope
    kind: str
    pinned: bool = False
    seeded: bool = False
    note: str = ""


@dataclass(frozen=True, slots=True)
class Tracer:
    """A tracing, proxying or I/O-logging mechanism. State: on | off_by_default | declared (imported or installed, never started).

    `content` tells whether prompts and answers are captured: full | metadata | unknown.
    """

    span: Span
    scope: Scope
    tool: str
    state: str
    content: str = "full"
    own_log: bool = False
    captures_usage: bool = True
    note: str = ""

    @property
    def title(self) -> str:
        """What a sentence that begins with it calls it."""
        return f"The application's {self.tool}" if self.own_log else self.tool


@dataclass(frozen=True, slots=True)
class Redaction:
    """Masking of personal data; `hides_all` drops content. Attachment: telemetry (a tracer's or logger's) | other | unused."""

    span: Span
    scope: Scope
    tool: str
    attached: str
    hides_all: bool = False
    default_on: bool = True
    note: str = ""


@dataclass(frozen=True, slots=True)
class ContentLog:
    """A log or print statement, or a store, that writes prompt or answer text unmasked."""

    span: Span
    scope: Scope
    note: str = ""


@dataclass(frozen=True, slots=True)
class UsageDimension:
    """Usage or cost joined to something that spend can be attributed to: user, tenant, session, route, feature; or a price."""

    span: Span
    scope: Scope
    dimension: str


@dataclass(frozen=True, slots=True)
class Quota:
    """A hard limit on how much of a model may be used: once it is reached, calls are refused.

    Unit: requests | tokens | money. Per: user | tenant | key | application. State: on | off_by_default.
    """

    span: Span
    scope: Scope
    unit: str
    per: str
    state: str = "on"
    note: str = ""


class GuardSide(StrEnum):
    """Which side of a model call a guard screens."""

    INPUT = "input"
    OUTPUT = "output"


@dataclass(frozen=True, slots=True)
class Guard:
    """A screen of text before or after a model call.

    `span` is where the screen runs or is attached. `blocks` is whether its result can stop the request or the answer; `calls` are
    the ids of the model calls it stands before or behind (empty: not known which). State: on | off_by_default | unused | fails_open
    | provider_default (the provider's own filter, whose block the application handles). A hand-written list of forbidden phrases
    has the tool `deny-list`.
    """

    span: Span
    scope: Scope
    side: GuardSide
    tool: str
    state: str
    blocks: bool
    calls: tuple[str, ...] = ()
    note: str = ""


@dataclass(frozen=True, slots=True)
class PrivilegedFlow:
    """A value in an instruction, a privileged message or a tool description. Trust: untrusted | operator | constant | unresolved.

    `source` says in words where the value comes from; `call` is the model call's id when there is one.
    """

    span: Span
    scope: Scope
    trust: str
    source: str
    sink: str
    call: str | None = None


@dataclass(frozen=True, slots=True)
class OutputSink:
    """Model text that reaches a place where text becomes action or markup.

    Sink: code | shell | sql | template | path | url | html | markdown | deserialise. Safety: none | approved (a person confirms) |
    weak (deny-list, remote images allowed) | safe (parameterised, sandboxed, sanitised, escaped).
    """

    span: Span
    scope: Scope
    sink: str
    safety: str
    source: str = ""
    call: str | None = None


@dataclass(frozen=True, slots=True)
class Route:
    """An entry point that others can call: an HTTP or WebSocket handler, a bot event, a queue consumer, a UI form."""

    span: Span
    scope: Scope
    framework: str
    path: str
    authenticated: str
    """yes | no | unresolved"""
    limited: str
    reaches: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Retrieval:
    """A search whose text can reach a prompt; no score filters without a `threshold`, no source is kept without `metadata_span`."""

    span: Span
    scope: Scope
    api: str
    threshold: Span | None = None
    empty_branch: Span | None = None
    metadata_span: Span | None = None


@dataclass(frozen=True, slots=True)
class Attribution:
    """Sources of an answer. Origin: retrieval (ids or URLs of what was retrieved) | model (the prompt asks for them)."""

    span: Span
    scope: Scope
    origin: str
    mechanism: str


@dataclass(frozen=True, slots=True)
class Abstention:
    """What follows an empty search. Kind: threshold | rerank_cut | grading | empty_branch | prompt_clause | tested_clause."""

    span: Span
    scope: Scope
    kind: str


@dataclass(frozen=True, slots=True)
class EvalSuite:
    """An evaluation of prompts or models: a tool's config, a script, a live test module.

    `live` is whether real models answer; `can_fail` whether a bad score makes it exit non-zero; `adversarial` whether it attacks.
    """

    span: Span
    tool: str
    command: str
    live: bool
    can_fail: bool
    adversarial: bool = False


@dataclass(frozen=True, slots=True)
class Dataset:
    """Evaluation cases: `rows` is None when they are hosted elsewhere; `expected` is whether rows carry a reference or rubric.

    `used` holds when an evaluation reads it. `asserted` holds when at least one deterministic assertion scores it. `public` holds
    for a general benchmark that says nothing of this application's own task. Cases kept one to a file or folder are one dataset.
    """

    span: Span
    rows: int | None
    expected: bool
    used: bool
    asserted: bool = False
    adversarial: bool = False
    note: str = ""
    public: bool = False


@dataclass(frozen=True, slots=True)
class CiJob:
    """One job of a CI definition.

    `runs_on_change` is false for manual, scheduled and release-only jobs, and where a path filter leaves out every prompt.
    `blocking` is whether a bad result makes the job fail: false for allowed failures, swallowed exit codes, and evaluations that
    exit with zero however bad the answers are. A scheduled job can be blocking; only both together gate a change.
    """

    span: Span
    system: str
    name: str
    triggers: tuple[str, ...]
    commands: tuple[str, ...]
    runs_on_change: bool
    blocking: bool
    deploys: bool = False
    evaluates: str = ""
    """'' | eval (a live evaluation) | live_tests | unit_tests | adversarial | unseen (kept elsewhere, and named an evaluation)"""
    note: str = ""
    adversarial: bool = False
    """Whether attacks on the model are among what it runs."""


@dataclass(frozen=True, slots=True)
class Dependency:
    """A package that a manifest or lockfile names; `locked` is its exact version."""

    span: Span
    ecosystem: str
    name: str
    requirement: str
    locked: str | None = None
    llm: bool = False


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer of the engagement file."""

    question: str
    value: str | bool | float | tuple[str, ...]
    declared_by: str
    on: str


Fact = (
    ModelCall | Prompt | PromptSource | Tracer | Redaction | ContentLog | UsageDimension | Quota | Guard | PrivilegedFlow
    | OutputSink | Route | Retrieval | Attribution | Abstention | EvalSuite | Dataset | CiJob | Dependency | Answer
)  # fmt: skip

F = TypeVar("F")


class NotCollected(LookupError):  # noqa: N818 - a state of knowledge, which its callers turn into a verdict
    """A kind of fact was asked for that nobody looked for here; `reason` says why."""

    def __init__(self, kind: type[Any], reason: str) -> None:
        super().__init__(f"{kind.__name__} facts were not collected: {reason}")
        self.kind = kind
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Facts:
    """Everything a check may know."""

    subject: Subject
    as_of: date
    by_kind: Mapping[type[Any], tuple[Any, ...]]
    """Present and empty: looked for, none. Absent: nobody looked."""
    gaps: tuple[Gap, ...] = ()
    not_collected: Mapping[type[Any], str] | None = None
    """Why a kind is absent from `by_kind`."""

    def all(self, kind: type[F]) -> tuple[F, ...]:
        """Every fact of `kind` in any scope, ordered by place.

        Raises:
            NotCollected: nobody looked for this kind in this subject.
        """
        try:
            return self.by_kind[kind]
        except KeyError:
            reason = (self.not_collected or {}).get(kind, "this kind of evidence was not read")
            raise NotCollected(kind, reason) from None

    def production(self, kind: type[F]) -> tuple[F, ...]:
        """The facts of `kind` that count for verdicts: those in a production scope.

        Raises:
            NotCollected: as `all`.
        """
        return tuple(fact for fact in self.all(kind) if self.is_production(fact))

    def is_production(self, fact: object) -> bool:
        """Whether a fact's scope counts as production in this subject."""
        return getattr(fact, "scope", Scope.PRODUCTION) in self.subject.production_scopes

    def calls(self, *kinds: CallKind, implicit: bool = False) -> tuple[ModelCall, ...]:
        """Production model calls of the given kinds (all when none is given), without implicit ones unless asked for.

        Raises:
            NotCollected: as `all`.
        """
        return tuple(
            call for call in self.production(ModelCall) if (implicit or not call.implicit) and (not kinds or call.kind in kinds)
        )

    def answer(self, question: str) -> Answer | None:
        """The engagement's answer to a question, or None."""
        return next((item for item in self.by_kind.get(Answer, ()) if item.question == question), None)
