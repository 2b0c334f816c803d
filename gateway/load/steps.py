"""What cannot be divided: whole setpoints, handed out one by one, and taken back where phases would be uneven."""

from __future__ import annotations

from heapq import heapify, heappop, heappush
from math import inf
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from gateway.load.bids import Bid, Crowd
    from gateway.load.tree import Group

Place = tuple[float, float, int]
"""Whose turn it is: who has not its minimum yet, the highest priority, the lowest level, the first in rank."""

Waiter = tuple[int, Place, "Bid"]
"""uA that it needs, whose turn it is, who."""


def hand_out(bids: Iterable[Bid], slack: list[int], pairs: int) -> None:
    """Raise bids by single setpoints until nobody can be raised.

    Who meets a full circuit is done, as circuits only get fuller. Who meets a full row of imbalance waits at it until
    somebody on its low phase is raised.

    Args:
        bids: Of one or several priorities.
        slack: uA left in each row; kept.
        pairs: The first row of imbalance.
    """
    room: dict[Group, int] = {}
    heap: list[tuple[Place, Bid]] = []
    for bid in bids:
        if bid.now < bid.high:
            group = bid.group
            left = room.get(group)
            if left is None:
                left = room[group] = min([slack[row] for row in group.rows])
            if bid.further - bid.now <= left:
                heap.append((_place(bid), bid))
    heapify(heap)
    waiting: dict[int, list[Waiter]] = {}
    called: dict[Bid, int] = {}
    while heap:
        _, bid = heappop(heap)
        more = bid.further - bid.now
        row = obstacle(bid, more, slack)
        eased = (called.pop(bid),) if bid in called else ()
        if row is None:
            bid.move(bid.now + more, slack)
            eased += bid.group.below
            if bid.now < bid.high:
                heappush(heap, (_place(bid), bid))
        elif row >= pairs:
            heappush(waiting.setdefault(row, []), (more, _place(bid), bid))
        for each in eased:
            line = waiting.get(each)
            if line and line[0][0] <= slack[each]:
                _, place, first = heappop(line)
                called[first] = each  # once it is served, whoever is next is looked at
                heappush(heap, (place, first))


def obstacle(bid: Bid, more: int, slack: Sequence[int]) -> int | None:
    """The row that has no room for so much more; a circuit before a rule of imbalance."""
    for row in bid.group.rows:
        if slack[row] < more:
            return row
    for row in bid.group.above:
        if slack[row] < more:
            return row
    return None


def take_back(crowds: Sequence[Crowd], slack: list[int], broken: Iterable[int]) -> None:
    """Lower the highest in rows that have less than nothing left, by single setpoints.

    That ends well where nothing is broken while all have their low.

    Args:
        crowds: Whose bids may be lowered.
        slack: uA left in each row; kept.
        broken: The rows.
    """
    members: dict[int, list[Crowd]] = {}
    for crowd in crowds:
        for row in (*crowd.group.above, *crowd.group.rows):
            members.setdefault(row, []).append(crowd)
    due = list(broken)
    while due:
        row = due.pop()
        heap = [
            (-bid.level, -bid.order, bid) for crowd in members.get(row, ()) for bid in crowd.bids if bid.now > bid.low
        ]
        heapify(heap)
        while slack[row] < 0 and heap:
            _, _, bid = heappop(heap)
            bid.move(bid.nearer, slack)
            due.extend(each for each in bid.group.below if slack[each] < 0)
            if bid.now > bid.low:
                heappush(heap, (-bid.level, -bid.order, bid))


def _place(bid: Bid) -> Place:
    return (-bid.claim.priority if bid.now >= bid.low else -inf), bid.level, bid.order
