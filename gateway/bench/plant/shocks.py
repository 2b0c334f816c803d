"""Steps outside load management's control: an overload's clock begins anew with each of them."""

from __future__ import annotations

from math import inf
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


class Shocks:
    """When each phase of each circuit was last stepped upon.

    Args:
        nodes: How many circuits there are.
    """

    def __init__(self, nodes: int) -> None:
        self.last = [[-inf, -inf, -inf] for _ in range(nodes)]
        """Of each circuit and phase, s of the run."""

    def at(self, now: float, nodes: Iterable[int], phases: Iterable[int] = (0, 1, 2)) -> None:
        """Note a step upon these circuits and phases."""
        wide = tuple(phases)
        for node in nodes:
            for phase in wide:
                self.last[node][phase] = now
