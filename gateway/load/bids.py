"""Claims in whole uA, while they are served."""

from __future__ import annotations

from math import ceil
from typing import TYPE_CHECKING

from gateway.load.tree import FUZZ, UNIT

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Sequence

    from gateway.load.claim import Claim
    from gateway.load.tree import Group, Tree

Gate = tuple[tuple[int, ...], tuple[int, ...], tuple[int, ...]]

GRAIN = 2.0**-20
"""Weights are multiples of it, so that their sums are exact."""


class Bid:
    """A claim and what it has by now, all in uA.

    ``order`` is its place in the order of admission; ``gate`` are the rows of circuits, and the rows of imbalance that its
    current fills and relieves, which may keep somebody out.
    """

    __slots__ = ("claim", "gate", "group", "high", "low", "now", "order", "step", "weight")

    def __init__(self, claim: Claim, tree: Tree) -> None:
        self.claim = claim
        self.order = 0
        self.group: Group = tree.group(claim.node, claim.phases, claim.wires)
        self.low = ceil(claim.least * UNIT - FUZZ)
        self.high = ceil(claim.most * UNIT - FUZZ) if claim.most > claim.least else self.low
        self.step = max(round(claim.step * UNIT), 1)
        self.weight = max(round(claim.weight / GRAIN), 1) * GRAIN
        self.now = 0
        self.gate: Gate = ((), (), ())

    @property
    def current(self) -> float:
        """A that it has; to the bit what the claim says where that is its least or its most."""
        if self.now < self.low:
            return 0.0
        if self.now == self.high:
            return self.claim.most
        return self.claim.least if self.now == self.low else self.now / UNIT

    @property
    def level(self) -> float:
        """What it has for its weight."""
        return self.now / self.weight

    @property
    def further(self) -> int:
        """The next setpoint above."""
        if self.now < self.low:
            return self.low
        return min(self.now - self.now % self.step + self.step, self.high)

    @property
    def nearer(self) -> int:
        """The next setpoint below."""
        return max((self.now - 1) // self.step * self.step, self.low)

    def move(self, to: int, slack: list[int]) -> None:
        """Have another current, and keep the rows' books."""
        book(self.group, to - self.now, slack)
        self.now = to


class Crowd:
    """Bids of one group and one priority.

    Attributes:
        low: uA of all its bids at their low.
        high: uA of all its bids at their high.
        rows: Where it can be held, as numbered while levels are looked for.
        rising: Weight of its bids that rise.
        level: What they can rise to, times their weight.
        reach: uA of each bid at that level, down to a setpoint.
    """

    __slots__ = ("bids", "group", "high", "level", "low", "priority", "reach", "rising", "rows")

    def __init__(self, group: Group, priority: int) -> None:
        self.group = group
        self.priority = priority
        self.bids: list[Bid] = []
        self.low = self.high = 0
        self.rows: list[int] = []
        self.rising = self.level = 0.0
        self.reach: list[int] = []

    def leave(self, out: Container[Bid]) -> None:
        """Some bids are not admitted."""
        self.bids = [bid for bid in self.bids if bid not in out]
        self.low = sum(bid.low for bid in self.bids)
        self.high = sum(bid.high for bid in self.bids)

    def move(self, to: Sequence[int], slack: list[int]) -> None:
        """Let each of its bids have another current, and keep the rows' books."""
        change = 0
        for bid, now in zip(self.bids, to, strict=True):
            change += now - bid.now
            bid.now = now
        book(self.group, change, slack)


def book(group: Group, change: int, slack: list[int]) -> None:
    """Write down that a group loads its rows with so much more."""
    for row in group.rows:
        slack[row] -= change
    for row in group.above:
        slack[row] -= change
    for row in group.below:
        slack[row] += change


def crowds(bids: Iterable[Bid]) -> list[Crowd]:
    """Bids by priority, the highest first, and group."""
    found: dict[int, dict[Group, Crowd]] = {}
    for bid in bids:
        peers = found.get(bid.claim.priority)
        if peers is None:
            peers = found[bid.claim.priority] = {}
        crowd = peers.get(bid.group)
        if crowd is None:
            crowd = peers[bid.group] = Crowd(bid.group, bid.claim.priority)
        crowd.bids.append(bid)
        crowd.low += bid.low
        crowd.high += bid.high
    return [crowd for priority in sorted(found, reverse=True) for crowd in found[priority].values()]
