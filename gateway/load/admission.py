"""Who may have its minimum, where not all can: in the order of rank, whoever still fits."""

from __future__ import annotations

from bisect import insort
from typing import TYPE_CHECKING

from gateway.load.bids import crowds

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gateway.load.bids import Bid, Crowd
    from gateway.load.tree import Group


def admit(bids: Sequence[Bid], slack: list[int]) -> dict[Bid, int]:
    """Give each its minimum for which that still fits.

    Who does not fit blocks nobody after it. Where only the balance of phases stands against it, it comes as soon as one
    that is admitted later restores the balance. The minimums by themselves keep every rule, so that nobody's minimum
    hangs on what another car really draws above its own.

    Args:
        bids: In order of rank.
        slack: uA left in each row; the minimums of the admitted are taken from it.

    Returns:
        Who is not admitted, and the row that is in the way.
    """
    groups = crowds(bids)
    tight = _tight(groups, slack)
    door = _Door(tight, slack)
    out = door.let_in(bids) if tight else {}
    for crowd in groups:
        group = crowd.group
        low = 0
        for bid in crowd.bids:
            if bid not in out:
                bid.now = bid.low
                low += bid.low
        for row in (*group.rows, *group.above):
            if row not in tight:
                slack[row] -= low
        for row in group.below:
            if row not in tight:
                slack[row] += low
    return out


class _Door:
    """Lets in by the tight rows alone; others have room for all."""

    def __init__(self, tight: set[int], slack: list[int]) -> None:
        self._tight = tight
        self._slack = slack
        self._rows: dict[Group, tuple[tuple[int, ...], tuple[int, ...], tuple[int, ...]]] = {}
        self._waiting: dict[int, list[Bid]] = {}
        self._out: dict[Bid, int] = {}

    def let_in(self, bids: Sequence[Bid]) -> dict[Bid, int]:
        for bid in bids:
            eased = [*self._of(bid.group)[2]] if self._enters(bid) else []
            while eased:
                each = self._next(eased[-1])
                if each is None:
                    eased.pop()
                elif self._enters(each):
                    eased.extend(self._of(each.group)[2])
        return self._out

    def _enters(self, bid: Bid) -> bool:
        rows, above, below = self._of(bid.group)
        low, slack = bid.low, self._slack
        for row in rows:
            if slack[row] < low:
                self._out[bid] = row
                return False
        for row in above:
            if slack[row] < low:
                self._out[bid] = row
                insort(self._waiting.setdefault(row, []), bid, key=_order)
                return False
        for row in rows:
            slack[row] -= low
        for row in above:
            slack[row] -= low
        for row in below:
            slack[row] += low
        self._out.pop(bid, None)
        return True

    def _next(self, row: int) -> Bid | None:
        """Who waits at a row of imbalance and fits it now; it waits no more."""
        line = self._waiting.get(row, [])
        for place, bid in enumerate(line):
            if bid.low <= self._slack[row]:
                return line.pop(place)
        return None

    def _of(self, group: Group) -> tuple[tuple[int, ...], tuple[int, ...], tuple[int, ...]]:
        """Of a group's rows those that can be in the way."""
        found = self._rows.get(group)
        if found is None:
            found = self._rows[group] = (
                tuple(row for row in group.rows if row in self._tight),
                tuple(row for row in group.above if row in self._tight),
                tuple(row for row in group.below if row in self._tight),
            )
        return found


def _order(bid: Bid) -> int:
    return bid.order


def _tight(groups: Sequence[Crowd], slack: Sequence[int]) -> set[int]:
    """Rows that have no room for the minimums of all who load them."""
    wanted: dict[int, int] = {}
    for crowd in groups:
        for row in crowd.group.rows:
            wanted[row] = wanted.get(row, 0) + crowd.low
        for row in crowd.group.above:
            wanted[row] = wanted.get(row, 0) + crowd.low
    return {row for row, low in wanted.items() if low > slack[row]}
