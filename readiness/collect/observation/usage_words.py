"""Names of whom or what spend belongs to, and of counts, limits and prices, told by their words."""

from __future__ import annotations

import re
from typing import Final

_WORD: Final = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")
_SUFFIXES: Final = frozenset({"id", "ids", "name", "key", "email", "uuid", "slug", "hash", "uid", "current", "type"})
_OWNERS: Final = {
    "user": frozenset({"user", "username", "userid", "actor", "member", "end", "email"}),
    "tenant": frozenset({"tenant", "org", "organization", "organisation", "workspace", "team", "customer", "company", "account"}),
    "session": frozenset({"session", "conversation", "thread", "chat"}),
    "route": frozenset({"route", "endpoint"}),
    "feature": frozenset(
        {"feature", "operation", "function", "functionid", "command", "stage", "component", "agent", "task", "purpose"}
    ),
}
PRICE: Final = frozenset({"price", "prices", "pricing", "cost", "costs", "usd", "rate", "rates", "dollars", "eur"})
LIMIT: Final = frozenset(
    {
        "max",
        "maximum",
        "limit",
        "limits",
        "quota",
        "budget",
        "cap",
        "allowed",
        "allowance",
        "per",
        "entitlement",
        "entitlements",
        "threshold",
    }
)
REFUSAL: Final = frozenset({"quota", "limit", "limited", "budget", "exceeded", "credits", "throttled", "many"})
SPENT: Final = frozenset({"used", "usage", "spent", "remaining", "consumed", "budget", "quota", "credits", "balance"})
"""Words that tell tokens spent over time from the tokens of one text."""
COUNT: Final = frozenset(
    {
        "count",
        "used",
        "usage",
        "tokens",
        "token",
        "cost",
        "costs",
        "spent",
        "spend",
        "requests",
        "messages",
        "calls",
        "credits",
        "remaining",
        "total",
        "balance",
        "budget",
        "consumed",
    }
)


def words(name: str) -> tuple[str, ...]:
    """The words of an identifier in lower case: `maxUser_ID` is max, user, id."""
    return tuple(part.lower() for part in _WORD.findall(name))


def owner(name: str) -> str:
    """The dimension that a name identifies (user, tenant, session, route, feature), '' for any other name."""
    found = [word for word in words(name) if word not in _SUFFIXES or word == "email"]
    if not found:
        return ""
    return next((dimension for dimension, known in _OWNERS.items() if set(found) <= known), "")


def unit(names: set[str]) -> str:
    """What a limit counts, by the words of what it compares: money, tokens or requests."""
    if names & {"cost", "costs", "usd", "spend", "spent", "budget", "credits", "balance", "dollars"}:
        return "money"
    return "tokens" if names & {"token", "tokens"} else "requests"
