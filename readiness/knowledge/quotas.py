"""The table of `quotas.yaml`: libraries that refuse calls beyond a limit."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from readiness import resources
from readiness.documents import read_yaml
from readiness.knowledge.tables import read_shipped

_FILE: Final = Path(__file__).parent / "quotas.yaml"


@dataclass(frozen=True, slots=True)
class Limiter:
    """One limiter; with `region` it limits only the function that it decorates or is called in."""

    tool: str
    names: frozenset[str]
    unit: str
    per: str
    region: bool = False
    needs: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Quotas:
    """All limiters. Build it with `Quotas.load`."""

    limiters: tuple[Limiter, ...]
    assignments: tuple[Limiter, ...]
    """Attributes that set a limit; each has one name."""

    @classmethod
    def load(cls, file: Path = _FILE, *, validate: bool = False) -> Quotas:
        """Read the table; only the tests hold the shipped file to its schema.

        Raises:
            ConfigurationError: the file is not what the schema says; names file and line.
        """
        raw: Any = read_yaml(file, resources.schema("quotas.schema")) if validate else read_shipped(file)
        limiters = tuple(
            Limiter(
                row["tool"], frozenset(row["names"]), row["unit"], row["per"], row.get("region", False), tuple(row.get("needs", ()))
            )
            for row in raw["limiters"]
        )
        assignments = tuple(Limiter(row["name"], frozenset({row["name"]}), row["unit"], row["per"]) for row in raw["assignments"])
        return cls(limiters, assignments)
