"""Who may have its minimum, where not all can: in the order of rank, whoever still fits."""

from __future__ import annotations

from bisect import insort
from typing import TYPE_CHECKING

from gateway.load.bids import book

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gateway.load.bids import Bid, Crowd
    from gateway.load.tree import Tree


def admit(bids: Sequence[Bid], groups: Sequence[Crowd], slack: list[int], tree: Tree) -> dict[Bid, int]:
    """Give each its minimum for which that still fits.

    Who does not fit blocks nobody after it. Where only the balance of phases stands against it, it comes as soon as one
    that is admitted later restores the balance.

    Args:
        bids: All; they learn their place in the order of rank.
        groups: The same bids; who is not admitted leaves its crowd.
        slack: uA left in each row; the minimums of the admitted are taken from it.
        tree: The circuits.

    Returns:
        Who is not admitted, and the row that is in the way.
    """
    line = sorted(bids, key=_name)
    line.sort(key=_rank)
    for order, bid in enumerate(line):
        bid.order = order
    tight = _tight(groups, slack, tree)
    if tight:
        for crowd in groups:
            group = crowd.group
            gate = (_among(group.rows, tight), _among(group.above, tight), _among(group.below, tight))
            for bid in crowd.bids:
                bid.gate = gate
    out = _let_in(line, slack.copy()) if tight else {}
    for crowd in groups:
        if out and any(bid in out for bid in crowd.bids):
            crowd.leave(out)
        for bid in crowd.bids:
            bid.now = bid.low
        book(crowd.group, crowd.low, slack)
    return out


def _let_in(bids: Sequence[Bid], slack: list[int]) -> dict[Bid, int]:
    """Take minimums from the tight rows, as long as they have them; who is left out, and by which row."""
    out: dict[Bid, int] = {}
    waiting: dict[int, list[Bid]] = {}
    for bid in bids:
        row = _enter(bid, slack)
        eased = [] if row is not None or not waiting else [*bid.gate[2]]
        while eased:
            first = _next(waiting.get(eased[-1], []), slack[eased[-1]])
            if first is None:
                eased.pop()
                continue
            where = _enter(first, slack)
            if where is None:
                del out[first]
                eased.extend(first.gate[2])
            else:
                _stay(first, where, out, waiting)
        if row is not None:
            _stay(bid, row, out, waiting)
    return out


def _enter(bid: Bid, slack: list[int]) -> int | None:
    """Take a bid's minimum from its tight rows; or the row that has it not."""
    rows, above, below = bid.gate
    low = bid.low
    for row in rows:
        if slack[row] < low:
            return row
    for row in above:
        if slack[row] < low:
            return row
    for row in rows:
        slack[row] -= low
    for row in above:
        slack[row] -= low
    for row in below:
        slack[row] += low
    return None


def _stay(bid: Bid, row: int, out: dict[Bid, int], waiting: dict[int, list[Bid]]) -> None:
    """Stay out; where it is for the balance of phases, until that is better."""
    out[bid] = row
    if row in bid.gate[1]:
        insort(waiting.setdefault(row, []), bid, key=_order)


def _next(line: list[Bid], left: int) -> Bid | None:
    """Who waits at a row of imbalance and fits it now; it waits no more."""
    for place, bid in enumerate(line):
        if bid.low <= left:
            return line.pop(place)
    return None


def _name(bid: Bid) -> str:
    return bid.claim.evse


def _rank(bid: Bid) -> tuple[float, ...]:
    return bid.claim.rank


def _order(bid: Bid) -> int:
    return bid.order


def _among(rows: tuple[int, ...], tight: set[int]) -> tuple[int, ...]:
    return tuple([row for row in rows if row in tight])


def _tight(groups: Sequence[Crowd], slack: Sequence[int], tree: Tree) -> set[int]:
    """Rows that have no room for the minimums of all who load them."""
    wanted = tree.demand([each.group for each in groups], [each.low for each in groups], slack)
    uneven: dict[int, int] = {}
    for crowd in groups:
        for row in crowd.group.above:
            uneven[row] = uneven.get(row, 0) + crowd.low
    return {row for rows in (wanted, uneven) for row, low in rows.items() if low > slack[row]}
