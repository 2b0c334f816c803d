"""How long current has to have been free before a paused car may begin: longer where cars had to be paused lately."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from gateway.load.policy import Policy


class Calm:
    """Counts pauses for lack of current, per circuit."""

    def __init__(self, policy: Policy) -> None:
        self._policy = policy
        self._pauses: dict[str, deque[float]] = {}

    def paused(self, nodes: Iterable[str], t: float) -> None:
        """A car below circuits was paused as these had too much."""
        for node in nodes:
            self._pauses.setdefault(node, deque()).append(t)

    def seconds(self, node: str, t: float) -> float:
        """For how long current has to have been free in a circuit."""
        pauses = self._pauses.get(node)
        if not pauses:
            return self._policy.calm
        while pauses and pauses[0] < t - self._policy.remembers:
            pauses.popleft()
        return min(self._policy.longest, self._policy.calm * (1 + len(pauses)))
