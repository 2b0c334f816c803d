"""Weighted max-min fairness: all levels rise together, and who meets a full row stays.

A bid has ``min(max(weight * level, low), high)`` at a level. The level rises from event to event: a bid leaves its low or
reaches its high, or a row is full and all who count in it stay. Rows keep what they have left as a line over the level,
``room - weight * level``; the next to be full is on a heap under a level that it cannot be full before.
"""

from __future__ import annotations

from heapq import heappop, heappush
from math import inf
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from gateway.load.bids import Crowd

SURE = 1e-5
"""uA that a level may miss a whole setpoint by; a hundred thousand of them do not make one uA."""

Event = tuple[float, int, float, int]
"""(level, number of the crowd, change of the weight that rises, change of the room that is left without it)."""


def fill(crowds: Sequence[Crowd], slack: Sequence[int], caps: Mapping[int, int]) -> None:
    """Find each crowd's level.

    Args:
        crowds: All have their low; ``level`` becomes what they can rise to, inf where nothing holds them.
        slack: uA left in each row while they have their low.
        caps: uA left in rows of imbalance; other such rows are not looked at.
    """
    room = _bind(crowds, slack, caps)
    weight = [0.0] * len(room)
    due = [inf] * len(room)
    members: list[list[Crowd]] = [[] for _ in room]
    for crowd in crowds:
        for row in crowd.rows:
            members[row].append(crowd)
    heap: list[tuple[float, int]] = []
    for level, number, more, base in _events(crowds):
        if heap and heap[0][0] <= level:
            _settle(heap, level, due, room, weight, members)
        crowd = crowds[number]
        if crowd.level < inf:
            continue
        crowd.rising += more
        for row in crowd.rows:
            room[row] += base
            weight[row] += more
            if more > 0 and (full := room[row] / weight[row]) < due[row]:
                due[row] = full
                heappush(heap, (full, row))
    _settle(heap, inf, due, room, weight, members)


def _settle(
    heap: list[tuple[float, int]],
    until: float,
    due: list[float],
    room: list[float],
    weight: list[float],
    members: list[list[Crowd]],
) -> None:
    """Whoever meets a row that is full by a level stays there."""
    while heap and heap[0][0] <= until:
        level, row = heappop(heap)
        if level != due[row]:
            continue  # it was put in again for an earlier level
        due[row] = inf
        if weight[row] <= 0:
            continue
        full = room[row] / weight[row]
        if full > level:  # some who count in it have stopped since
            due[row] = full
            heappush(heap, (full, row))
            continue
        for crowd in members[row]:
            if crowd.level == inf:
                crowd.level = level
                for each in crowd.rows:
                    room[each] -= crowd.rising * level
                    weight[each] -= crowd.rising


def _bind(crowds: Sequence[Crowd], slack: Sequence[int], caps: Mapping[int, int]) -> list[float]:
    """Give each crowd the rows that can hold it, numbered from 0; their room.

    A row that has room for all that is wanted of it holds nobody, nor does one with no less room than a row above it.
    """
    wanted: dict[int, int] = {}
    for crowd in crowds:
        want = sum(bid.high - bid.low for bid in crowd.bids)
        for row in crowd.group.rows:
            wanted[row] = wanted.get(row, 0) + want
    numbers: dict[int, int] = {}
    for crowd in crowds:
        rows = [row for row in crowd.group.above if row in caps]
        for line in crowd.group.lines:
            lowest = slack[line[0]] + 1
            for row in line:
                if slack[row] < lowest:
                    lowest = slack[row]
                    if wanted[row] > lowest:
                        rows.append(row)
        crowd.rows = [numbers.setdefault(row, len(numbers)) for row in rows]
        crowd.level, crowd.rising = inf, 0.0
    return [float(caps[row] if row in caps else slack[row]) for row in numbers]


def _events(crowds: Sequence[Crowd]) -> list[Event]:
    """Where bids leave their low and reach their high, in order; what happens to a crowd at one level is one event."""
    found: list[Event] = []
    for number, crowd in enumerate(crowds):
        if not crowd.rows:
            continue
        changes: dict[float, tuple[float, int]] = {}
        for bid in crowd.bids:
            low, high, weight = bid.low, bid.high, bid.weight
            if low < high:
                more, base = changes.get(low / weight, (0.0, 0))
                changes[low / weight] = (more + weight, base + low)
                more, base = changes.get(high / weight, (0.0, 0))
                changes[high / weight] = (more - weight, base - high)
        found.extend((level, number, more, base) for level, (more, base) in changes.items())
    found.sort()
    return found


def reached(crowd: Crowd) -> list[int]:
    """UA of each bid of a crowd at its level, down to a setpoint."""
    found: list[int] = []
    level = crowd.level
    for bid in crowd.bids:
        now = bid.weight * level + SURE
        if now >= bid.high:
            found.append(bid.high)
        elif now <= bid.low:
            found.append(bid.low)
        else:
            whole = int(now)
            found.append(max(whole - whole % bid.step, bid.low))
    return found
