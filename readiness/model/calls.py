"""The record of one call to a model, and of everything that decides how it behaves."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from readiness.model.place import Scope, Span


class CallKind(StrEnum):
    """What the called model does."""

    CHAT = "chat"
    COMPLETION = "completion"
    EMBEDDING = "embedding"
    RERANK = "rerank"
    IMAGE = "image"
    AUDIO = "audio"
    MODERATION = "moderation"
    AGENT = "agent"


GENERATIVE = frozenset({CallKind.CHAT, CallKind.COMPLETION, CallKind.AGENT})
"""Kinds whose answer is open-ended text."""


class Pin(StrEnum):
    """How firmly a model id names one set of weights."""

    SNAPSHOT = "snapshot"
    """A dated or otherwise immutable id, or one the vendor documents as pinned."""
    STABLE = "stable"
    """The vendor publishes no dated sibling: nothing firmer can be named."""
    ALIAS = "alias"
    """A name that the vendor moves between versions."""
    UNKNOWN = "unknown"
    """Not in any table and of no shape that tells."""


@dataclass(frozen=True, slots=True)
class Model:
    """One model id that a call can use, with what the tables say of it.

    `default` is whether the shipped configuration selects it; other values are selectable. `retires` is the vendor's announced
    shutdown on the call's platform. `local` holds for weights that run in or beside the application.
    """

    id: str
    span: Span
    origin: str
    """literal | constant | default | environment | config | argument | library_default"""
    pin: Pin
    default: bool = True
    retires: date | None = None
    listed: bool = False
    """Whether a lifecycle table knows the id at all."""
    local: bool = False
    note: str = ""
    provider: str = "unknown"
    """Who makes it, as far as the id or the call tells."""
    platform: str = "unknown"
    """Where it is called, and where `retires` holds."""


class SettingState(StrEnum):
    """What is known of one limit of a call."""

    SET = "set"
    LIBRARY = "library"
    """Nothing sets it: the SDK's own default applies (`value`, when it has one)."""
    DISABLED = "disabled"
    UNRESOLVED = "unresolved"


@dataclass(frozen=True, slots=True)
class Setting:
    """A timeout (seconds), a retry count, an output-token cap. `layer` is call | client | decorator | scope | config | library.

    A retry count is what follows the first attempt, over all layers that stand around the call (attempts multiplied, less one);
    infinity for a loop without an end, 0 for an SDK known to retry nothing, None for one whose default is not known.
    """

    state: SettingState
    value: float | None = None
    layer: str = ""
    span: Span | None = None
    note: str = ""
    flaw: str = ""
    """What makes the limit only half hold: unfiltered (retries on errors that cannot pass, such as 400 or 401) | ''."""

    def explained(self, sentence: str) -> str:
        """The sentence, with what is known of the setting and the place where it stands."""
        place = f"{self.span.path}:{self.span.line}" if self.span else ""
        details = "; ".join(detail for detail in (self.note, place) if detail)
        return f"{sentence.removesuffix('.')} ({details})." if details else sentence


class Contract(StrEnum):
    """What shape of answer the call enforces."""

    FREE_TEXT = "free_text"
    JSON_MODE = "json_mode"
    """JSON syntax, or a shape that only the prompt asks for and a parser checks."""
    TOOLS = "tools"
    """Tool schemas that are neither strict nor validated."""
    SOMETIMES = "sometimes"
    """A schema on some of the ways the call can go, and free text on the others."""
    SCHEMA = "schema"
    """A schema or grammar the provider or SDK enforces."""
    UNRESOLVED = "unresolved"


@dataclass(frozen=True, slots=True)
class Use:
    """A place where code consumes an answer. Kind: parsed (as structure), branched, tool_arguments, shown, stored, usage."""

    kind: str
    span: Span
    note: str = ""


class Tracing(StrEnum):
    """Whether a call's input and output are recorded."""

    ON = "on"
    OFF_BY_DEFAULT = "off_by_default"
    METADATA_ONLY = "metadata_only"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class ModelCall:
    """One place where the repository's own code hands text, messages or images to a model.

    `span.line` is where the call expression starts. `implicit` holds for an embedding model run inside a vector store's or
    retriever's own operation. `resolved` is whether every model that the call can use is in `models`.
    """

    id: str
    span: Span
    scope: Scope
    language: str
    api: str
    sdk: str
    kind: CallKind
    provider: str = "unknown"
    platform: str = "unknown"
    implicit: bool = False
    models: tuple[Model, ...] = ()
    resolved: bool = False
    host: str | None = None
    """Resolved base URL or region; None when the SDK's default endpoint applies."""
    host_resolved: bool = True
    zone: str = "unspecified"
    """Where inference runs: eu | us | ... | global | local | unspecified | unresolved."""
    timeout: Setting = Setting(SettingState.LIBRARY)
    retries: Setting = Setting(SettingState.LIBRARY)
    cap: Setting = Setting(SettingState.LIBRARY)
    contract: Contract = Contract.FREE_TEXT
    contract_span: Span | None = None
    uses: tuple[Use, ...] = ()
    tracing: Tracing = Tracing.NONE
    tracer: str = ""
    tracer_span: Span | None = None
    usage_span: Span | None = None
    """Where the token usage of the answer is read, or captured by the tracer."""
    interactive: bool = True
    has_tools: bool = False
    routes: tuple[str, ...] = ()
    user_input: bool = False
    """Whether text of a user or third party can reach the call."""
    relays: bool = False
    """Whether it only runs a graph of the program's own functions, whose calls are listed by themselves."""
    builtin_prompt: bool = False
    """Whether the framework adds instructions of its own to what the repository passes."""

    @property
    def generative(self) -> bool:
        return self.kind in GENERATIVE

    @property
    def local(self) -> bool:
        return self.zone == "local" or (bool(self.models) and all(model.local for model in self.models))
