"""What load management must reach at the three sites."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gateway.load.policy import Policy
from tests.plant.optimum import Optimum, optimum

if TYPE_CHECKING:
    from gateway.bench.plant.result import Result

_ENERGY = {"home": 0.9, "park": 0.8, "depot": 0.8}
_LEAST = 0.5
_WRITES = 15.0
_BUDGET = 0.01
_TURN = 300.0  # s that a change of turns takes at most: a rest, a start, a slow car


def against(result: Result, best: Optimum) -> tuple[float, float]:
    """Energy as a share of the optimum, and the least served car as a share of the best least share.

    Cars that sleep for good count for the energy, not for the least served.
    """
    shares = [share for name, share in result.shares().items() if name not in result.lost]
    return result.delivered / max(1.0, best.energy), min(shares, default=1.0) / max(1e-9, best.least)


def unsafe(result: Result) -> list[str]:
    """What a fuse, a station or a grid operator would object to."""
    found = {
        f"{result.late:.0f} s above a limit beyond the tenth second of a step": result.late > 0,
        f"{100 * result.heat:.2f} % of a trip budget": result.heat > _BUDGET,
        f"{result.unequal:.0f} s of imbalance": result.unequal > 0,
        f"{result.illegal} illegal setpoints": result.illegal > 0,
    }
    return [text for text, broken in found.items() if broken]


def starving(result: Result) -> list[str]:
    """Who waits for longer than a turn while others have more than they need at least."""
    if result.starved <= Policy().rotation + _TURN:
        return []
    return [f"{result.starved_car} starves for {result.starved:.0f} s"]


def missed(site: str, result: Result, best: Optimum | None = None) -> list[str]:
    """All that is required and not reached; of a site that is drawn by chance only that it is safe and nobody starves."""
    if site not in _ENERGY:
        return unsafe(result) + starving(result)
    energy, least = against(result, optimum(result.scenario) if best is None else best)
    found = {
        f"{100 * energy:.1f} % of the optimum": energy < _ENERGY[site],
        f"{least:.2f} of the best least share": least < _LEAST,
        f"{result.writes_per_hour:.1f} setpoints per EVSE and hour": result.writes_per_hour > _WRITES,
    }
    return unsafe(result) + starving(result) + [text for text, broken in found.items() if broken]
