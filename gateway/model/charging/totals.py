"""Limits of a whole station: what its EVSEs draw together, and how they share what there is (OCPP 2.0.1, K04, K08)."""

from __future__ import annotations

from dataclasses import dataclass
from math import inf
from typing import TYPE_CHECKING

from gateway.model.charging.composite import Slice

if TYPE_CHECKING:
    from collections.abc import Sequence

LEAST = 6.0
"""The least that a vehicle can be offered, in A (IEC 61851-1, A.2)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """What an EVSE may draw by its own profiles (A per phase; None: no limit), and whether it is in use.

    ``priority``: the higher comes first. ``least``: below that (A per phase) it is not worth while to charge.
    """

    limit: float | None
    active: bool
    priority: int = 0
    least: float = 0.0

    def up_to(self, wanted: float) -> float:
        """What it may have of that."""
        return wanted if self.limit is None else min(wanted, self.limit)


def total(parts: Sequence[Sequence[Slice]], station: Sequence[Slice]) -> tuple[Slice, ...]:
    """What a station is expected to draw: the sum of its EVSEs, but no more than the station may (K08.FR.03).

    Args:
        parts: The composite schedule of each EVSE; all of the same window and unit.
        station: That of the station itself.
    """
    rows = [row for row in (*parts, station) if row]
    found: list[Slice] = []
    for time in sorted({each.start for row in rows for each in row}):
        limits = [_at(row, time) for row in parts]
        bound = _at(station, time)
        sums = None if None in limits else sum(limit for limit in limits if limit is not None)
        limit = min((each for each in (sums, bound) if each is not None), default=None)
        if not found or found[-1].limit != limit:
            found.append(Slice(start=time, limit=limit))
    return tuple(found)


def _at(row: Sequence[Slice], time: int) -> float | None:
    limit: float | None = None
    for each in row:
        if each.start > time:
            break
        limit = each.limit
    return limit


def shared(whole: float | None, claims: Sequence[Claim]) -> tuple[float | None, ...]:
    """Share the current of a station among its EVSEs; together they never get more (K04.FR.05).

    EVSEs in use come first, those of a higher priority before all others: these get what they may, even if nothing is
    left (K03.FR.04). Of one priority, in the order given, each gets the least that a vehicle needs, or nothing; then,
    as far as it goes, what makes charging worth while (K01.FR.21); the rest is shared evenly up to each one's own limit.
    An EVSE that is not in use keeps the least that a vehicle needs if there is so much, so that the next driver need not
    wait for another vehicle to be slowed down.

    Args:
        whole: In A per phase; None: there is no limit for the station.
        claims: One for each EVSE.

    Returns:
        A per phase for each EVSE, in the order given; None: no limit.
    """
    if whole is None:
        return tuple(claim.limit for claim in claims)
    granted = [0.0] * len(claims)
    left = max(whole, 0.0)
    ranks = sorted({claim.priority for claim in claims if claim.active}, reverse=True)
    groups = [[n for n, each in enumerate(claims) if each.active and each.priority == rank] for rank in ranks]
    idle = [n for n, each in enumerate(claims) if not each.active]
    for group in groups[:-1]:
        left = _spread(granted, _serve(granted, left, group, claims), group, claims)
    last = groups[-1] if groups else []
    left = _serve(granted, _serve(granted, left, last, claims), idle, claims)
    _spread(granted, left, last if any(granted[n] for n in last) else idle, claims)
    return tuple(granted)


def _serve(granted: list[float], left: float, group: list[int], claims: Sequence[Claim]) -> float:
    """Give each in turn the least that a vehicle needs, or nothing; what is left."""
    for number in group:
        need = claims[number].up_to(LEAST)
        if need <= left:
            granted[number] = need
            left -= need
    return left


def _spread(granted: list[float], left: float, group: list[int], claims: Sequence[Claim]) -> float:
    """Give those that have been served what is worth while, and share the rest evenly; what is left then."""
    served = [number for number in group if granted[number]]
    for number in served:
        more = claims[number].up_to(claims[number].least) - granted[number]
        if 0 < more <= left:
            granted[number] += more
            left -= more
    return _level(granted, left, served, claims)


def _level(granted: list[float], left: float, open_: list[int], claims: Sequence[Claim]) -> float:
    """Raise those that have least, together, until nothing is left or each has what it may; what is left then."""
    open_ = [number for number in open_ if granted[number] < claims[number].up_to(inf)]
    while open_ and left > 0:
        low = min(granted[number] for number in open_)
        lowest = [number for number in open_ if granted[number] == low]
        ends = [claims[number].up_to(inf) for number in lowest] + [granted[n] for n in open_ if granted[n] > low]
        end = min(ends)
        even = low + left / len(lowest)
        left = 0.0 if even <= end else left - (end - low) * len(lowest)
        for number in lowest:
            granted[number] = min(even, end)
        open_ = [number for number in open_ if granted[number] < claims[number].up_to(inf)]
    return left
