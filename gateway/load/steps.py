"""What cannot be divided: whole setpoints, handed out one by one, and taken back where phases would be uneven."""

from __future__ import annotations

from heapq import heapify, heappop, heappush
from math import inf
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from gateway.load.bids import Bid, Crowd
    from gateway.load.tree import Group

Turn = tuple[float, float, int, "Bid"]
"""Whose turn it is: who has not its minimum yet, the highest priority, the lowest level, the first in rank."""

Waiter = tuple[int, Turn]
"""uA that it needs, and its turn."""


def hand_out(bids: Iterable[Bid], slack: list[int], pairs: int) -> None:
    """Raise bids by single setpoints until nobody can be raised.

    Who meets a full circuit is done, as circuits only get fuller. Who meets a full row of imbalance waits at it until
    somebody on its low phase is raised.

    Args:
        bids: Of one or several priorities.
        slack: uA left in each row; kept.
        pairs: The first row of imbalance.
    """
    queue, waiting = _queue(bids, slack)
    heap: list[Turn] = []  # who comes again
    called: dict[Bid, int] = {}
    while queue or heap:
        bid = (queue.pop() if queue and not (heap and heap[0] < queue[-1]) else heappop(heap))[3]
        more = bid.further - bid.now
        row = obstacle(bid, more, slack)
        eased: tuple[int, ...] = (called.pop(bid),) if bid in called else ()
        if row is None:
            bid.move(bid.now + more, slack)
            eased += bid.group.below
            if bid.now < bid.high:
                heappush(heap, _turn(bid))
        elif row >= pairs:
            heappush(waiting.setdefault(row, []), (more, _turn(bid)))
        for each in eased if waiting else ():
            line = waiting.get(each)
            if line and line[0][0] <= slack[each]:
                _, turn = heappop(line)
                called[turn[3]] = each  # once it is served, whoever is next is looked at
                heappush(heap, turn)


def _queue(bids: Iterable[Bid], slack: Sequence[int]) -> tuple[list[Turn], dict[int, list[Waiter]]]:
    """Who may be raised, the first last, and who waits at which row; who meets a full circuit is in neither."""
    fullest: dict[Group, tuple[int, int, int]] = {}
    queue: list[Turn] = []
    waiting: dict[int, list[Waiter]] = {}
    for bid in bids:
        if bid.now < bid.high:
            group = bid.group
            found = fullest.get(group)
            if found is None:
                row = min(group.above, key=slack.__getitem__, default=-1)
                found = fullest[group] = (min([slack[each] for each in group.rows]), row, slack[row])
            left, row, lead = found
            more = bid.further - bid.now
            if more > left:
                continue
            if row >= 0 and more > lead:
                waiting.setdefault(row, []).append((more, _turn(bid)))
            else:
                queue.append(_turn(bid))
    for line in waiting.values():
        heapify(line)
    queue.sort(reverse=True)
    return queue, waiting


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
    due = list(broken)
    full = set(due)
    members: dict[int, list[Crowd]] = {}
    for crowd in crowds:
        for row in (*crowd.group.above, *(each for each in crowd.group.rows if each in full)):
            members.setdefault(row, []).append(crowd)
    while due:
        row = due.pop()
        if slack[row] >= 0:
            continue
        heap = [(-bid.level, -bid.order, bid) for crowd in members[row] for bid in crowd.bids if bid.now > bid.low]
        heapify(heap)
        while slack[row] < 0:
            bid = heappop(heap)[2]
            bid.move(bid.nearer, slack)
            due.extend(each for each in bid.group.below if slack[each] < 0)
            if bid.now > bid.low:
                heappush(heap, (-bid.level, -bid.order, bid))


def _turn(bid: Bid) -> Turn:
    return -bid.claim.priority if bid.now >= bid.low else -inf, bid.now / bid.weight, bid.order, bid
