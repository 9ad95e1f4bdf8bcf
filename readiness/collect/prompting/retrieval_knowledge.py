"""What `knowledge/retrieval.yaml` says of searches, scores and sources."""

from __future__ import annotations

import re
from dataclasses import dataclass
from fnmatch import translate
from functools import cache

from readiness.knowledge.tables import read_table


@dataclass(frozen=True, slots=True)
class Searches:
    """Names of searches, and of what surrounds them."""

    methods: frozenset[str]
    calls: tuple[tuple[str, str], ...]
    named: re.Pattern[str]
    """The names of `calls`, as one pattern."""
    tools: frozenset[str]
    addresses: re.Pattern[str]
    sql: re.Pattern[str]
    score: frozenset[str]
    threshold: frozenset[str]
    sources: frozenset[str]
    kept: frozenset[str]
    clause: re.Pattern[str]
    cite: re.Pattern[str]
    sql_cut: re.Pattern[str]
    nothing: re.Pattern[str]

    @classmethod
    @cache
    def load(cls) -> Searches:
        """Read the shipped file."""
        document = read_table("retrieval")
        calls = tuple((name, each["title"]) for each in document["calls"] for name in each["names"])
        return cls(
            methods=frozenset(document["methods"]),
            calls=calls,
            named=re.compile("|".join(translate(name) for name, _ in calls)),
            tools=frozenset(document["tools"]),
            addresses=re.compile(document["addresses"]),
            sql=re.compile(document["sql"]),
            score=frozenset(document["score"]),
            threshold=frozenset(document["threshold"]),
            sources=frozenset(document["sources"]),
            kept=frozenset(document["kept"]),
            clause=re.compile(document["clause"]),
            cite=re.compile(document["cite"]),
            sql_cut=re.compile(document["sql_cut"]),
            nothing=re.compile(document["nothing"]),
        )

    def is_search(self, path: str) -> bool:
        """Whether a called name searches."""
        if path.rsplit(".", 1)[-1] in self.methods:
            return True
        return self.named.match(path) is not None
