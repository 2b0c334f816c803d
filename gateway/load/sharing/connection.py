"""What is left of the connection for boxes: by its meter, or in the worst case. Pure."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

from gateway.load.policy import Policy
from gateway.load.sharing.rules import highest, less, lowest, total

if TYPE_CHECKING:
    from collections.abc import Iterable

    from gateway.load.sharing.rules import Rules
    from gateway.load.site import Phases

MATCH = 3.0
"""Seconds within which a meter and the reports of boxes show the same: the least difference in that time counts."""


class Connection:
    """Other loads of the connection, seen as the meter less what boxes say that flows through them.

    What rises has to be seen for a while, as boxes tell of a car later than the meter shows it; a connection that is
    overloaded is taken as it is seen. What falls counts a while later.
    """

    def __init__(self, rules: Rules, policy: Policy | None = None) -> None:
        """Have seen nothing."""
        self._rules, self._policy = rules, policy or Policy()
        self._rest: deque[tuple[float, Phases]] = deque()
        self._held: deque[tuple[float, Phases]] = deque()
        self._at = float("-inf")

    def read(self, meter: Phases, flows: Iterable[Phases], now: float) -> None:
        """A new reading of the meter, and what boxes have told last."""
        rest = highest(less(meter, total(*flows)))
        self._at = now
        self._rest.append((now, rest))
        while self._rest[0][0] < now - MATCH:
            self._rest.popleft()
        calm = rest
        for _, each in self._rest:
            calm = lowest(calm, each)
        first, second, third = (
            rest[phase] if meter[phase] > self._rules.limit[phase] else calm[phase] for phase in range(3)
        )
        self._held.append((now, (first, second, third)))
        while self._held[0][0] < now - self._policy.hold:
            self._held.popleft()

    def room(self, now: float) -> Phases:
        """A per phase that all boxes may use in all."""
        if now >= self._at + self._policy.blind:
            return less(self._rules.limit, self._rules.base)
        others, policy = highest(*(each for _, each in self._held)), self._policy
        first, second, third = (
            limit * (1 - policy.inexact) - policy.noise - policy.margin - other
            for limit, other in zip(self._rules.limit, others, strict=True)
        )
        return highest((first, second, third))
