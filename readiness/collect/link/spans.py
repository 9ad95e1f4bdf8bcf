"""Places of facts: spans with the enclosing symbol."""

from __future__ import annotations

from bisect import bisect_right

from readiness.collect.link.scopes import Scope, Site
from readiness.model import Span


def span_at(scope: Scope, line: int, end_line: int = 0) -> Span:
    """The span of some lines of the file that `scope` is in; snippets are added when all facts are known."""
    module = scope.module
    cells = module.code.cells
    cell = None
    if cells:
        position = bisect_right([first for first, _ in cells], line) - 1
        cell = cells[position][1] if position >= 0 else None
    return Span(module.path, line, max(line, end_line), scope.symbol, cell=cell)


def span_of(site: Site) -> Span:
    """The span of a call expression."""
    return span_at(site.scope, site.call.line, site.call.end_line)
