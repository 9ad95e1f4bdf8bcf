"""Where the sources of an answer come from: what a search found, or what a prompt asks the model to write."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from readiness.collect import ir
from readiness.collect.link.scopes import Bound, Scope
from readiness.collect.link.spans import span_at
from readiness.collect.link.values import Routine
from readiness.collect.link.walk import expressions, statements
from readiness.collect.prompting.prompts_code import FoundPrompt
from readiness.collect.prompting.prompts_texts import named, split_name
from readiness.collect.prompting.retrieval_abstain import PASSAGES, Found
from readiness.collect.prompting.retrieval_knowledge import Searches
from readiness.model import Attribution

_TEXT: Final = frozenset({"page_content", "pageContent", "text", "content", "snippet"})
_KEEPING: Final = frozenset({"return_source_documents", "returnSourceDocuments", "sendSources"})
_SOURCE_PARTS: Final = frozenset({"source-url", "source-document"})
"""Types of the parts of a message that hold what the provider retrieved."""
_SOURCE_EVENTS: Final = frozenset(
    {"source", "sources", "citation", "citations", "references", "source_documents", "search_results"}
)
_CARRIED: Final = ("data", "sources", "documents", "citations", "references", "results", "items", "content", "payload", "value")
_SEARCHING: Final = frozenset({"search", "retrieve", "retrieval", "lookup", "knowledge", "documents", "web"})
_PASSAGE_TYPES: Final = frozenset({"NodeWithScore", "ScoredPoint", "ScoredVector"})
"""Types that libraries give to what a search found, with its score."""
_OUTPUTS: Final = frozenset({"output", "result"})
_FOUND: Final = frozenset({"results", "citations", "citationMap", "sources", "references", "documents"})
"""Fields of the output of a search that a model called as a tool."""
_CITING: Final = frozenset({"citation", "citations", "reference", "references", "bibliography", "footnotes"})
_IDENTITY: Final = frozenset({"citation", "citations", "source", "url", "uri", "title", "metadata", "reference", "link"})


def attributions(found: Found, prompts: Iterable[FoundPrompt]) -> Iterator[Attribution]:
    """Every place that fills the sources of an answer, and every prompt that asks the model to write them."""
    known = Searches.load()
    for scope in found.linked.finder.resolver.program.scopes():
        kept = [each for node in scope.nodes for each in _kept(node, scope, known)]
        yield from kept or (*_filled(found, scope, known), *_shown(found, scope))
    for prompt in prompts:
        if known.cite.search(prompt.text):
            yield Attribution(prompt.fact.span, prompt.fact.scope, "model", "a prompt asks for them")


def _filled(found: Found, scope: Scope, known: Searches) -> Iterator[Attribution]:
    for node in scope.nodes:
        yield from _handed_on(found, node, scope, known)
        yield from _event(node, scope)
    for statement, _ in statements(scope.node.body):
        if isinstance(statement, ir.Assign) and statement.value is not None and _is_table(statement.target, statement.value):
            yield Attribution(
                span_at(scope, statement.value.line), scope.module.scope, "retrieval", "a table from passages to their sources"
            )
        if isinstance(statement, ir.Assign) and isinstance(statement.target, ir.Member | ir.Index) and statement.value is not None:
            yield from _named_source(found, named(statement.target), statement.value, scope, known)


def _event(node: ir.Expr, scope: Scope) -> Iterator[Attribution]:
    """A part of a streamed answer that carries its sources: `{"type": "sources", "data": documents}`."""
    if not isinstance(node, ir.Mapping):
        return
    entries = {key.value: value for key, value in node.entries if isinstance(key, ir.Literal)}
    kind = next((entries[name] for name in ("type", "event") if name in entries), None)
    if isinstance(kind, ir.Literal) and kind.value in _SOURCE_EVENTS:
        carried = next((entries[name] for name in _CARRIED if name in entries), None)
        if carried is not None and not isinstance(carried, ir.Literal | ir.Template):
            yield Attribution(span_at(scope, carried.line), scope.module.scope, "retrieval", f"events of type {kind.value}")


def _kept(node: ir.Expr, scope: Scope, known: Searches) -> Iterator[Attribution]:
    """What a library keeps beside the answer, read or asked for."""
    match node:
        case ir.Member(name=name) | ir.Index(key=ir.Literal(value=str(name))) if name in known.kept:
            yield Attribution(span_at(scope, node.line), scope.module.scope, "retrieval", name)
        case ir.Call(keywords=keywords) if any(_asks_for_sources(keyword) for keyword in keywords):
            place = next(keyword for keyword in keywords if _asks_for_sources(keyword))
            yield Attribution(span_at(scope, place.value.line), scope.module.scope, "retrieval", str(place.name))
        case ir.Mapping(entries=entries):
            for key, value in entries:
                if isinstance(key, ir.Literal) and key.value in _KEEPING and isinstance(value, ir.Literal) and value.value is True:
                    yield Attribution(span_at(scope, value.line), scope.module.scope, "retrieval", str(key.value))
        case _:
            return


def _shown(found: Found, scope: Scope) -> Iterator[Attribution]:
    """What a page takes out of a message beside its text: parts that are sources, and the outputs of searches called as tools."""
    if scope.module.code.language != "typescript":
        return
    for node in scope.nodes:
        match node:
            case ir.Opaque(kind="compare", parts=parts) if any(
                isinstance(part, ir.Literal) and part.value in _SOURCE_PARTS for part in parts
            ):
                yield Attribution(span_at(scope, node.line), scope.module.scope, "retrieval", "source parts of a message")
            case ir.Member(base=base, name=name) if name in _FOUND and _is_output(found, base, scope):
                yield Attribution(
                    span_at(scope, node.line), scope.module.scope, "retrieval", f"{name} of a search called as a tool"
                )
            case _:
                continue


def _is_output(found: Found, expr: ir.Expr, scope: Scope) -> bool:
    """Whether an expression is the output of a part of a message that is the call of a tool for searching."""
    match expr:
        case ir.Member(base=part, name=name) if name in _OUTPUTS:
            return _is_search_part(part, scope)
        case ir.Name(id=name):
            bound = (b for b in found.linked.finder.resolver.bindings(name, scope) if isinstance(b, Bound))
            return any(isinstance(b.expr, ir.Member) and _is_output(found, b.expr, b.scope) for b in bound)
        case _:
            return False


def _is_search_part(part: ir.Expr, scope: Scope) -> bool:
    """Whether code hereabouts asks of a part whether it is a search: `part.type === "tool-search"`, `part.toolName === "web"`."""
    for node in scope.nodes:
        if isinstance(node, ir.Opaque) and node.kind == "compare":
            sides = [side for side in node.parts if isinstance(side, ir.Member) and side.name in ("type", "toolName", "tool")]
            texts = [str(side.value) for side in node.parts if isinstance(side, ir.Literal)]
            words = {word for text in texts for word in split_name(text.replace("-", "_"))}
            if any(named(side.base) == named(part) for side in sides) and words & _SEARCHING:
                return True
    return False


def _asks_for_sources(keyword: ir.Keyword) -> bool:
    return keyword.name in _KEEPING and isinstance(keyword.value, ir.Literal) and keyword.value.value is True


def _handed_on(found: Found, node: ir.Expr, scope: Scope, known: Searches) -> Iterator[Attribution]:
    """A field of a response, an event or a record that is called after sources and filled from what was found."""
    match node:
        case ir.Mapping(entries=entries):
            for key, value in entries:
                if isinstance(key, ir.Literal):
                    yield from _named_source(found, str(key.value), value, scope, known)
        case ir.Call(keywords=keywords) if not _is_prompting(node):
            for keyword in keywords:
                if keyword.name:
                    yield from _named_source(found, keyword.name, keyword.value, scope, known)
        case _:
            return


def _is_table(target: ir.Expr, value: ir.Expr) -> bool:
    """`citations = {passage.id: passage.source for passage in passages}`: a name for citations, made of what passages keep."""
    if not (
        set(split_name(named(target))) & _CITING
        and isinstance(value, ir.Opaque)
        and value.kind == "comprehension"
        and len(value.parts) > 1
    ):
        return False
    made = {word for node in expressions(value.parts[0]) if isinstance(node, ir.Member) for word in split_name(node.name)}
    return bool(made & _IDENTITY) and any(set(split_name(named(part))) & PASSAGES for part in value.parts[1:])


def _named_source(found: Found, name: str, value: ir.Expr, scope: Scope, known: Searches) -> Iterator[Attribution]:
    if name.lower() not in known.sources or isinstance(value, ir.Literal):
        return
    if _carries_identity(value) and (found.feeds(value, scope) or _is_made_of_passages(found, value, scope)):
        yield Attribution(span_at(scope, value.line), scope.module.scope, "retrieval", name)


def _is_made_of_passages(found: Found, value: ir.Expr, scope: Scope) -> bool:
    """Whether a function that takes a retrieved passage, as its type says, makes a source of it: `Citation.from_node(node)`."""
    for each, at in found.linked.flow.passed(value, scope, hops=1):
        for callee in found.linked.finder.resolver.values(each.callee, at) if isinstance(each, ir.Call) else ():
            node = callee.scope.function if isinstance(callee, Routine) else None
            if node is not None and any(named(parameter.annotation) in _PASSAGE_TYPES for parameter in node.parameters):
                return True
    return False


def _carries_identity(value: ir.Expr) -> bool:
    """Whether more than the bare text is handed on."""
    members = {node.name for node in expressions(value) if isinstance(node, ir.Member)}
    return not (members & _TEXT and not members - _TEXT)


def _is_prompting(call: ir.Call) -> bool:
    """Whether a call fills a template, reranks or indexes: what it is given is no answer."""
    words = set(split_name(named(call.callee)))
    return bool(
        words
        & {
            "format",
            "invoke",
            "ainvoke",
            "render",
            "rerank",
            "create",
            "generate",
            "from",
            "add",
            "upsert",
            "predict",
            "compress",
            "embed",
            "prompt",
        }
    )
