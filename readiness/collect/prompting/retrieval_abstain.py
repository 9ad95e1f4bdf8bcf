"""What stands between a search and a prompt: cuts by relevance, grades, branches for an empty result, clauses in prompts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Final

from readiness.collect import ir
from readiness.collect.calls.records import Linked
from readiness.collect.link.scopes import Scope, Site
from readiness.collect.link.spans import span_at
from readiness.collect.link.values import Constant, External, Kind
from readiness.collect.link.walk import children, expressions, statements
from readiness.collect.prompting.prompts_code import FoundPrompt
from readiness.collect.prompting.prompts_texts import named, split_name, written
from readiness.collect.prompting.retrieval_knowledge import Searches
from readiness.collect.prompting.retrieval_searches import Search
from readiness.model import Abstention, CallKind, Span

_HOPS: Final = 2
"""Parameters that found text is followed through: further away a branch is about something else."""
_ORDERS: Final = frozenset({"<", ">", "<=", ">="})
_FOUND_NAMES: Final = frozenset({
    "docs", "documents", "passages", "contexts", "context", "results", "sources", "chunks", "hits", "matches", "snippets",
    "references", "nodes", "retrieved", "information", "rows", "evidence", "relevant", "searched",
})  # fmt: skip
PASSAGES: Final = frozenset(
    {"docs", "documents", "passages", "contexts", "chunks", "hits", "matches", "snippets", "nodes", "retrieved"}
)
_GRADES: Final = frozenset(
    {"binary_score", "is_relevant", "relevant", "relevance", "is_sufficient", "sufficient", "isrelevant", "issufficient", "grade"}
)


@dataclass(frozen=True, slots=True, eq=False)
class Found:
    """What the searches of a program are, for questions about where a value comes from."""

    linked: Linked
    ids: frozenset[int]
    modules: frozenset[str]

    @classmethod
    def of(cls, linked: Linked, searches: Iterable[Search]) -> Found:
        """Searches, and the rerankers that sort what they find."""
        sites = [site for each in searches for site in (each.site, *each.rows)]
        sites.extend(found.site for found in linked.calls if found.kind is CallKind.RERANK)
        callers = [caller for site in sites for caller in linked.finder.resolver.callers(site.scope)]
        return cls(linked, frozenset(id(s.call) for s in (*sites, *callers)), frozenset(s.path for s in sites))

    def feeds(self, expr: ir.Expr, scope: Scope) -> bool:
        """Whether something that a search found can be part of `expr`, handed through few parameters and by no model."""
        for each, at in self.linked.flow.passed(expr, scope, hops=_HOPS):
            match each:
                case ir.Call() if id(each) in self.ids:
                    return True
                case ir.Name() | ir.Member():
                    values = self.linked.finder.resolver.values(each, at)
                    if any(id(step.call) in self.ids for value in values if isinstance(value, External) for step in value.steps):
                        return True
                case _:
                    continue
        return False


def abstentions(found: Found, prompts: Iterable[FoundPrompt]) -> Iterator[Abstention]:
    """Everything that decides what happens when a search finds nothing relevant."""
    known = Searches.load()
    for scope in found.linked.finder.resolver.program.scopes():
        for site in scope.sites:
            yield from _cut_by_argument(found, site, known)
        yield from _cut_by_comparison(found, scope, known)
        for statement, _ in statements(scope.node.body):
            if isinstance(statement, ir.If):
                yield from _empty_branch(found, statement, scope)
    yield from _grading(found)
    for prompt in prompts:
        clause = known.clause.search(prompt.text)
        if clause is not None:
            yield Abstention(_line_of(prompt, clause.start()), prompt.fact.scope, "prompt_clause")


def _line_of(prompt: FoundPrompt, position: int) -> Span:
    """The line of a sentence where a prompt's text stands as it is written, line by line; else the whole prompt."""
    span = prompt.fact.span
    if prompt.text.count("\n") != span.end_line - span.line:
        return span
    line = span.line + prompt.text.count("\n", 0, position)
    return replace(span, line=line, end_line=line)


# ------------------------------------------------------------------------------------------------------------- cuts


def _cut_by_argument(found: Found, site: Site, known: Searches) -> Iterator[Abstention]:
    """`score_threshold=0.6`, `search_kwargs={"score_threshold": 0.6}`, a cut in the text of a query."""
    pairs = [(keyword.name or "", keyword.value) for keyword in site.call.keywords]
    for value in (*site.call.args, *(keyword.value for keyword in site.call.keywords)):
        if isinstance(value, ir.Mapping):
            pairs.extend((str(key.value), inner) for key, inner in value.entries if isinstance(key, ir.Literal))
    for name, value in pairs:
        if name.lower() in known.threshold and _is_set(found, value, site.scope) and _is_library(found, site, name):
            yield Abstention(span_at(site.scope, value.line), site.scope.module.scope, "threshold")
    if id(site.call) in found.ids:
        for arg in site.call.args[:1]:
            if any(known.sql_cut.search(written(node)) for node in expressions(arg) if isinstance(node, ir.Literal | ir.Template)):
                yield Abstention(span_at(site.scope, arg.line), site.scope.module.scope, "threshold")


def _is_set(found: Found, expr: ir.Expr, scope: Scope) -> bool:
    values = found.linked.finder.resolver.values(expr, scope)
    return not all(isinstance(value, Constant) and value.value in (None, 0, 0.0, "", False) for value in values)


def _is_library(found: Found, site: Site, name: str) -> bool:
    """Whether a search, another package or a query takes the argument; inside the program's own functions it is seen anyway."""
    if id(site.call) in found.ids or "__" in name:
        return True
    values = found.linked.finder.resolver.values(site.call.callee, site.scope)
    return any(isinstance(value, External) and not value.path.startswith("?") for value in values)


def _cut_by_comparison(found: Found, scope: Scope, known: Searches) -> Iterator[Abstention]:
    filters = {id(part) for node in scope.nodes for part in _filters(node)}
    for node in scope.nodes:
        if isinstance(node, ir.Opaque) and node.kind == "compare" and node.text in _ORDERS and len(node.parts) == 2:
            left, right = node.parts
            scores = [side for side in (left, right) if _score(side) in known.score or _is_second(found, side, scope)]
            if len(scores) == 1 and (id(node) in filters or _is_related(found, scores[0], scope)):
                yield Abstention(span_at(scope, node.line), scope.module.scope, "threshold")


def _filters(node: ir.Expr) -> Iterator[ir.Expr]:
    """The conditions of a comprehension over passages: its iterable is named after what was found."""
    if not (isinstance(node, ir.Opaque) and node.kind == "comprehension" and len(node.parts) > 2):
        return
    if any(set(split_name(named(part))) & PASSAGES for part in node.parts[1:]):
        yield from (inner for part in node.parts[2:] for inner in expressions(part))


def _score(expr: ir.Expr) -> str:
    match expr:
        case ir.Choice(options=options) if options:
            return _score(options[0])
        case ir.Call(callee=ir.Member(name="get"), args=(ir.Literal(value=str(key)), *_)):
            return key.lower()
        case ir.Call(callee=ir.Name(id="float" | "Number"), args=(inner, *_)):
            return _score(inner)
        case _:
            return named(expr).lower()


def _is_second(found: Found, expr: ir.Expr, scope: Scope) -> bool:
    """One of a pair that a search with scores found: what is ordered by a number in it is the score."""
    if not isinstance(expr, ir.Index) or not (isinstance(expr.key, ir.Literal) or getattr(expr.key, "kind", "") == "slice"):
        return False
    passed = found.linked.flow.passed(expr.base, scope, hops=_HOPS)
    return any(isinstance(each, ir.Call) and id(each) in found.ids and "score" in named(each).lower() for each, _ in passed)


def _is_related(found: Found, expr: ir.Expr, scope: Scope) -> bool:
    return scope.module.path in found.modules or found.feeds(expr, scope)


# --------------------------------------------------------------------------------------------------------- branches


def _empty_branch(found: Found, branch: ir.If, scope: Scope) -> Iterator[Abstention]:
    """`if not passages: return "..."`, and the other branch of `if len(passages) > 0`."""
    emptied = _emptied(branch.test)
    if emptied is None:
        return
    looked, when = emptied
    body = branch.body if when else branch.orelse
    text = " ".join(_told(found, body, scope))
    if len(text.split()) < 3:
        return
    called = set(split_name(named(looked))) & _FOUND_NAMES and not _draws(body) and Searches.load().nothing.search(text)
    if called or found.feeds(looked, scope):
        yield Abstention(span_at(scope, branch.line), scope.module.scope, "empty_branch")


def _draws(body: tuple[ir.Statement, ...]) -> bool:
    """Whether a branch shows something on a page: a list that people search there is no passage for a model."""
    returned = (statement.value for statement in body if isinstance(statement, ir.Return) and statement.value is not None)
    return any(isinstance(node, ir.Call) and node.jsx for value in returned for node in expressions(value))


def _emptied(test: ir.Expr) -> tuple[ir.Expr, bool] | None:
    """What a test finds empty, and whether it holds then."""
    match test:
        case ir.Opaque(kind="not", parts=(inner,)):
            nested = _emptied(inner)
            return (nested[0], not nested[1]) if nested else (_counted(inner) or inner, True)
        case ir.Opaque(kind="compare", parts=(left, ir.Literal(value=0 | 1 as number)), text=order):
            counted = _counted(left)
            if counted is None:
                return None
            if (order in ("==", "===") and number == 0) or (order == "<" and number == 1):
                return counted, True
            return (counted, False) if order in (">", "!=", "!==", ">=") else None
        case ir.Opaque(kind="compare", parts=(left, ir.Name() | ir.Member()), text="<=" | "<"):
            counted = _counted(left)
            return (counted, True) if counted is not None else None
        case ir.Opaque(kind="and" | "or", parts=parts) | ir.Choice(options=parts, test=None):
            return next((each for part in parts if (each := _emptied(part)) is not None), None)
        case ir.Call(callee=ir.Name(id="len"), args=(inner, *_)):
            return inner, False
        case _:
            return None


def _counted(expr: ir.Expr) -> ir.Expr | None:
    match expr:
        case ir.Call(callee=ir.Name(id="len"), args=(ir.Call(callee=ir.Member(base=inner, name="strip")), *_)):
            return inner
        case ir.Call(callee=ir.Name(id="len"), args=(inner, *_)):
            return inner
        case ir.Member(base=base, name="length" | "size"):
            return base
        case _:
            return None


def _told(found: Found, body: tuple[ir.Statement, ...], scope: Scope) -> Iterator[str]:
    """The fixed texts that a branch answers with: returned, yielded, or bound to a name when they speak of nothing found."""
    for statement in body:
        match statement:
            case ir.Return(value=value) if value is not None:
                yield from _texts(found, value, scope)
            case ir.Do(value=ir.Opaque(kind="yield", parts=parts)):
                for part in parts:
                    yield from _texts(found, part, scope)
            case ir.Assign(value=value) if value is not None:
                yield from (text for text in _texts(found, value, scope) if Searches.load().nothing.search(text))
            case _:
                continue


def _texts(found: Found, expr: ir.Expr, scope: Scope) -> Iterator[str]:
    match expr:
        case ir.Literal(value=str(text)):
            yield text
        case ir.Name() | ir.Member():
            for value in found.linked.finder.resolver.values(expr, scope):
                if isinstance(value, Constant) and isinstance(value.value, str):
                    yield value.value
        case ir.Call(keywords=keywords, args=args):
            for part in (*args, *(keyword.value for keyword in keywords)):
                yield from _texts(found, part, scope)
        case ir.Mapping(entries=entries):
            for _, inner in entries:
                yield from _texts(found, inner, scope)
        case _:
            for part in children(expr):
                yield from _texts(found, part, scope)


# ---------------------------------------------------------------------------------------------------------- grading


def _grading(found: Found) -> Iterator[Abstention]:
    """A model that grades what was found, where a branch reads the grade."""
    read = {named(node) for scope in found.linked.finder.resolver.program.scopes() for node in _tested(scope)}
    for call in found.linked.calls:
        for variant in call.variants:
            for handed in found.linked.finder.role(variant, "schema").found:
                for value in found.linked.finder.resolver.values(handed.expr, handed.scope):
                    fields = (
                        {name for name in value.scope.bindings if name.lower() in _GRADES} if isinstance(value, Kind) else set()
                    )
                    if fields & read:
                        yield Abstention(
                            span_at(call.site.scope, call.call.line, call.call.end_line), call.site.scope.module.scope, "grading"
                        )
                        return


def _tested(scope: Scope) -> Iterator[ir.Expr]:
    for statement, _ in statements(scope.node.body):
        if isinstance(statement, ir.If):
            yield from (node for node in expressions(statement.test) if isinstance(node, ir.Member | ir.Index))
