"""Where the sources of an answer come from: what a search found, or what a prompt asks the model to write."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from readiness.collect import ir
from readiness.collect.link.prompts_code import FoundPrompt
from readiness.collect.link.prompts_texts import named, split_name
from readiness.collect.link.retrieval_abstain import PASSAGES, Found
from readiness.collect.link.retrieval_knowledge import Searches
from readiness.collect.link.scopes import Scope
from readiness.collect.link.spans import span_at
from readiness.collect.link.walk import expressions, own, statements
from readiness.model import Attribution

_TEXT: Final = frozenset({"page_content", "pageContent", "text", "content", "snippet"})
_KEEPING: Final = frozenset({"return_source_documents", "returnSourceDocuments"})
_CITING: Final = frozenset({"citation", "citations", "reference", "references", "bibliography", "footnotes"})
_IDENTITY: Final = frozenset({"citation", "citations", "source", "url", "uri", "title", "metadata", "reference", "link"})


def attributions(found: Found, prompts: Iterable[FoundPrompt]) -> Iterator[Attribution]:
    """Every place that fills the sources of an answer, and every prompt that asks the model to write them."""
    known = Searches.load()
    for scope in found.linked.finder.resolver.program.scopes():
        kept = [each for node in _nodes(scope) for each in _kept(node, scope, known)]
        yield from kept or _filled(found, scope, known)
    for prompt in prompts:
        if known.cite.search(prompt.text):
            yield Attribution(prompt.fact.span, prompt.fact.scope, "model", "a prompt asks for them")


def _nodes(scope: Scope) -> Iterator[ir.Expr]:
    for statement, _ in statements(scope.node.body):
        for expr in own(statement):
            yield from expressions(expr)


def _filled(found: Found, scope: Scope, known: Searches) -> Iterator[Attribution]:
    for node in _nodes(scope):
        yield from _handed_on(found, node, scope, known)
    for statement, _ in statements(scope.node.body):
        if isinstance(statement, ir.Assign) and statement.value is not None and _is_table(statement.target, statement.value):
            yield Attribution(
                span_at(scope, statement.value.line), scope.module.scope, "retrieval", "a table from passages to their sources"
            )
        if isinstance(statement, ir.Assign) and isinstance(statement.target, ir.Member | ir.Index) and statement.value is not None:
            yield from _named_source(found, named(statement.target), statement.value, scope, known)


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
    if _carries_identity(value) and found.feeds(value, scope):
        yield Attribution(span_at(scope, value.line), scope.module.scope, "retrieval", name)


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
