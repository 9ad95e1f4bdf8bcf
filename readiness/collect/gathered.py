"""Facts gathered room by room, where a room that breaks is recorded and the others go on."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from readiness.model import Gap, ModelCall

Kinds = dict[type[Any], tuple[Any, ...]]


@dataclass(slots=True)
class Gathered:
    """What was gathered so far; `missing` says why a kind is absent."""

    by_kind: Kinds
    gaps: list[Gap] = field(default_factory=list)
    missing: dict[type[Any], str] = field(default_factory=dict)

    @property
    def calls(self) -> tuple[ModelCall, ...]:
        return self.by_kind[ModelCall]

    def run(self, room: str, kinds: tuple[type[Any], ...], gather: Callable[[Kinds], Kinds]) -> None:
        """Add what a room finds. Whatever it raises leaves its `kinds` uncollected, so that claims about them are unknown.

        With READINESS_DEBUG set, the error is raised instead.
        """
        try:
            self.by_kind |= gather(self.by_kind)
        except Exception as error:
            if os.environ.get("READINESS_DEBUG"):
                raise
            reason = f"reading of {room} broke: {type(error).__name__}"
            self.gaps.append(Gap(room, f"{reason}: {str(error)[:200]}", lines=0))
            self.missing |= {kind: reason for kind in kinds if kind not in self.by_kind}
