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
    from gateway.load.tree import Tree

SURE = 1e-5
"""uA that a level may miss a whole setpoint by; a hundred thousand of them do not make one uA."""

Event = tuple[float, int, float, int]
"""(level, number of the crowd, change of the weight that rises, change of the room that is left without it)."""


class Filling:
    """Crowds of one priority over a site's rows; may be filled again with other caps."""

    def __init__(self, crowds: Sequence[Crowd], slack: Sequence[int], tree: Tree) -> None:
        """See what can hold whom.

        A circuit's row that has room for all that can come to it holds nobody, nor does one with no less room than a row
        above it that does.

        Args:
            crowds: All have their low.
            slack: uA left in each row while they have.
            tree: The circuits.
        """
        self._crowds = crowds
        self._numbers: dict[int, int] = {}
        self._rows: list[list[int]] = []
        wanted = tree.demand([each.group for each in crowds], [each.high - each.low for each in crowds], slack)
        number = self._numbers.setdefault
        for crowd in crowds:
            rows = []
            for line in crowd.group.lines:
                lowest = inf
                for row in line:
                    if slack[row] < lowest and slack[row] < wanted[row]:
                        lowest = slack[row]
                        rows.append(number(row, len(self._numbers)))
            self._rows.append(rows)
        self._room = [float(slack[row]) for row in self._numbers]
        self._events = _events(crowds, self._rows)

    def fill(self, caps: Mapping[int, int]) -> None:
        """Find each crowd's level, inf where nothing holds it, and what its bids reach with it.

        Args:
            caps: uA left in rows of imbalance; other such rows are not looked at.
        """
        crowds = self._crowds
        room, members = self._begin(caps)
        weight, due = [0.0] * len(room), [inf] * len(room)
        heap: list[tuple[float, int]] = []
        sooner: set[int] = set()
        now = 0.0
        for level, number, more, base in self._events:
            if level > now:
                _line_up(heap, sooner, due, room, weight)
                if heap and heap[0][0] <= level:
                    _settle(heap, level, due, room, weight, members)
                now = level
            crowd = crowds[number]
            if crowd.level < inf:
                continue
            crowd.rising += more
            for row in crowd.rows:
                room[row] += base
                weight[row] += more
            if more > 0:
                sooner.update(crowd.rows)
        _line_up(heap, sooner, due, room, weight)
        _settle(heap, inf, due, room, weight, members)
        for crowd in crowds:
            crowd.reach = _reached(crowd)

    def _begin(self, caps: Mapping[int, int]) -> tuple[list[float], list[list[Crowd]]]:
        """Room of the rows, by number, and who counts in them."""
        first = len(self._numbers)
        numbers = {row: first + number for number, row in enumerate(caps)}
        room = self._room + [float(cap) for cap in caps.values()]
        members: list[list[Crowd]] = [[] for _ in room]
        for crowd, rows in zip(self._crowds, self._rows, strict=True):
            crowd.level, crowd.rising = inf, 0.0
            capped = [numbers[row] for row in crowd.group.above if row in numbers] if numbers else []
            crowd.rows = rows + capped if capped else rows
            for row in crowd.rows:
                members[row].append(crowd)
        return room, members


def _line_up(
    heap: list[tuple[float, int]], sooner: set[int], due: list[float], room: list[float], weight: list[float]
) -> None:
    """Put rows into the heap that will be full sooner than was thought, as more of it rises now."""
    for row in sooner:
        if weight[row] > 0 and (full := room[row] / weight[row]) < due[row]:
            due[row] = full
            heappush(heap, (full, row))
    sooner.clear()


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


def _events(crowds: Sequence[Crowd], rows: Sequence[Sequence[int]]) -> list[Event]:
    """Where bids leave their low and reach their high, in order; what happens to a crowd at one level is one event."""
    found: list[Event] = []
    for number, crowd in enumerate(crowds):
        if not rows[number] and not crowd.group.above:
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


def _reached(crowd: Crowd) -> list[int]:
    level = crowd.level
    if level == inf:
        return [bid.high for bid in crowd.bids]
    found: list[int] = []
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
