"""Says what to do first: what stands in the way of the next level, then what earns most."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from readiness.model import Action, CheckResult, Effort, GateState, Outcome, Score

_URGENCY: Final = {GateState.OPEN: 0, GateState.TO_CONFIRM: 1}
_EFFORTS: Final = tuple(Effort)


def advise(results: Sequence[CheckResult], score: Score) -> tuple[Action, ...]:
    """One action for every claim that fails or holds in part and is not an accepted risk.

    Open gates come first, then gates to confirm, then the rest; inside each the most points of 100, then the least effort.
    """
    gates = {gate.check: gate.state for gate in score.gates}

    def rank(result: CheckResult) -> tuple[int, float, int, str]:
        claim = result.claim
        urgency = _URGENCY.get(gates.get(claim.id, GateState.CLEARED), len(_URGENCY))
        return urgency, -round(_gain(result), 9), _EFFORTS.index(claim.effort), claim.id

    todo = [result for result in results if result.outcome in {Outcome.FAIL, Outcome.PARTIAL} and result.accepted is None]
    return tuple(
        Action(result.claim.id, result.headline, result.claim.remedy, result.claim.effort.value, _gain(result))
        for result in sorted(todo, key=rank)
    )


def _gain(result: CheckResult) -> float:
    return result.points.at_stake * (1.0 - result.credit)
