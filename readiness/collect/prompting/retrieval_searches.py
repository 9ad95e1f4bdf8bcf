"""The searches of a program whose text can reach a prompt."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from readiness.collect import ir
from readiness.collect.calls.records import Linked
from readiness.collect.link.found import url_texts
from readiness.collect.link.scopes import Bound, Scope, Site
from readiness.collect.link.values import External, Routine
from readiness.collect.link.walk import expressions
from readiness.collect.prompting.prompts_texts import named, split_name, written
from readiness.collect.prompting.retrieval_flow import CallFlow, prompted
from readiness.collect.prompting.retrieval_knowledge import Searches
from readiness.model import CallKind

_IDS: Final = frozenset({"id", "ids", "_id", "score", "length", "len", "count"})
_RUNS_SQL: Final = frozenset(
    {
        "execute",
        "query",
        "fetch",
        "fetchall",
        "fetch_all",
        "raw",
        "$queryRaw",
        "$queryRawUnsafe",
        "queryRaw",
        "text",
        "rpc",
        "scalars",
        "run",
        "sql",
    }
)
_CLIENTS: Final = frozenset(
    {"requests", "httpx", "axios", "http", "session", "client", "aiohttp", "got", "ky", "urllib", "request", "urllib3"}
)
"""Words of what sends requests."""
_SEARCHES: Final = frozenset({"search", "retrieve", "retrieval", "lookup"})
"""Words of a function that returns what it found, even where rows are read again by their ids."""


@dataclass(frozen=True, slots=True, eq=False)
class Search:
    """A search: its call, or the tool list that has the provider search; `own` where the program itself passes the text on."""

    site: Site
    api: str
    own: bool = True
    rows: tuple[Site, ...] = ()
    """Where what it found is taken, if not from its own result: `cursor.fetchall()`."""


def searches(linked: Linked) -> tuple[Search, ...]:
    """Every search that can reach a prompt, in the order of files and lines; a wrapper's callers are none."""
    known = Searches.load()
    found = [search for site in linked.finder.resolver.program.sites() for search in _search(linked, site, known)]
    if not found:
        return ()
    flow = CallFlow(linked.finder.resolver)
    behind = prompted(linked.calls, flow)
    kept = [each for each in found if not each.own or any(_is_used(linked, at, behind, flow) for at in (each.site, *each.rows))]
    return tuple(sorted(kept, key=lambda each: (each.site.path, each.site.call.line)))


def _is_used(linked: Linked, site: Site, behind: frozenset[int], flow: CallFlow) -> bool:
    return id(site.call) in behind or _escapes(linked, site, flow)


def _fetched(site: Site) -> tuple[Site, ...]:
    """The calls that take the rows of a statement from its cursor."""
    match site.call.callee:
        case ir.Member(base=ir.Name(id=cursor), name="execute"):
            return tuple(other for other in site.scope.sites if _fetches(other.call, cursor))
        case _:
            return ()


def _fetches(call: ir.Call, cursor: str) -> bool:
    match call.callee:
        case ir.Member(base=ir.Name(id=name), name=verb):
            return name == cursor and verb.startswith("fetch")
        case _:
            return False


def _search(linked: Linked, site: Site, known: Searches) -> Iterator[Search]:
    """A site is a search by what it calls, by the query it runs, or by the tools it gives to a model."""
    last = named(site.call.callee)
    for value in linked.finder.resolver.values(site.call.callee, site.scope):
        if isinstance(value, Routine):
            return
        if isinstance(value, External) and known.is_search(f"{value.path}.__call__" if value.made else value.path):
            yield Search(site, value.path.removeprefix("?."))
            return
    if last in known.methods and isinstance(site.call.callee, ir.Member):
        yield Search(site, last)
    elif last in _RUNS_SQL and any(known.sql.search(_query(linked, arg, site.scope)) for arg in site.call.args[:1]):
        yield Search(site, f"{last} (vector search in SQL)", rows=_fetched(site))
    elif _is_request(site.call) and any(known.addresses.search(text) for text in _addresses(linked, site)):
        yield Search(site, f"{last} (a search service)")
    elif _has_search_tool(site.call, known):
        yield Search(site, "the provider's own search tool", own=False)


def _is_request(call: ir.Call) -> bool:
    """Whether a call may be a request over HTTP, by its name and its receiver's."""
    match call.callee:
        case ir.Name(id=name):
            return name in ("fetch", "urlopen", "axios", "got", "ky")
        case ir.Member(base=base, name="get" | "post" | "request" | "urlopen"):
            return bool(set(split_name(named(base))) & _CLIENTS)
        case _:
            return False


def _addresses(linked: Linked, site: Site) -> Iterator[str]:
    """The addresses that a request can go to, also where one is made as `new URL(...)`."""
    resolver = linked.finder.resolver
    for arg in (*site.call.args[:2], *(keyword.value for keyword in site.call.keywords if keyword.name == "url")):
        made: list[tuple[ir.Expr, Scope]] = [(arg, site.scope)]
        if isinstance(arg, ir.Name):
            made.extend((each.expr, each.scope) for each in resolver.bindings(arg.id, site.scope) if isinstance(each, Bound))
        for expr, scope in made:
            part = expr.args[0] if isinstance(expr, ir.Call) and named(expr.callee) == "URL" and expr.args else expr
            yield from (text for value in resolver.values(part, scope) for text in url_texts(resolver, value))


def _query(linked: Linked, expr: ir.Expr, scope: Scope) -> str:
    """The text of a query as far as it is known: written here, or a variable's."""
    parts = [written(node) for node in expressions(expr) if isinstance(node, ir.Literal | ir.Template)]
    if not any(parts):
        values = linked.finder.resolver.values(expr, scope)
        parts.extend(
            str(getattr(value, "value", "") or written(getattr(value, "expr", None) or ir.Literal("", 0, 0))) for value in values
        )
    return "\n".join(parts)[:40_000]


def _has_search_tool(call: ir.Call, known: Searches) -> bool:
    for keyword in call.keywords:
        if keyword.name in ("tools", "config"):
            return _names_tool(keyword.value, known)
    for arg in call.args:
        if isinstance(arg, ir.Mapping):
            for key, value in arg.entries:
                if isinstance(key, ir.Literal) and key.value in ("tools", "config"):
                    return _names_tool(value, known)
    return False


def _names_tool(expr: ir.Expr, known: Searches) -> bool:
    for node in expressions(expr):
        if isinstance(node, ir.Mapping):
            for key, value in node.entries:
                name = key.value if isinstance(key, ir.Literal) else ""
                if name in known.tools or (name == "type" and isinstance(value, ir.Literal) and value.value in known.tools):
                    return True
    return False


# --------------------------------------------------------------------------------------- results that leave our sight


def _escapes(linked: Linked, site: Site, flow: CallFlow) -> bool:
    """Whether the found text is handed to somebody we cannot follow, who may put it in a prompt: a tool's or route's caller."""
    if not any(found.kind in (CallKind.CHAT, CallKind.COMPLETION, CallKind.AGENT) for found in linked.calls):
        return False
    function = site.scope
    while function.function is not None and not function.function.name and function.parent is not None:
        function = function.parent
    node = function.function
    if node is None:
        return False
    searches_by_name = bool(set(split_name(node.name)) & _SEARCHES)
    return any(
        not _only_ids(expr)
        and (id(site.call) in flow.through(expr, function) or (searches_by_name and not isinstance(expr, ir.Literal)))
        for expr in (*function.returns, *function.yields)
    )


def _only_ids(expr: ir.Expr) -> bool:
    """Whether nothing but ids, scores and counts leaves: no text reaches anybody."""
    match expr:
        case ir.Member(name=name):
            return name in _IDS
        case ir.Opaque(kind="comprehension", parts=parts) if parts:
            return _only_ids(parts[0])
        case ir.Call(callee=ir.Name(id="len")):
            return True
        case ir.Call(callee=ir.Member(name="map"), args=(ir.Lambda(function=function),)):
            returned = [statement.value for statement in function.body if isinstance(statement, ir.Return)]
            return bool(returned) and all(value is not None and _only_ids(value) for value in returned)
        case ir.Await(value=value):
            return _only_ids(value)
        case _:
            return False
