"""Limits of a whole station: what its EVSEs draw together, and how they share what there is (OCPP 2.0.1, K04, K08)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from gateway.model.charging.composite import Slice

if TYPE_CHECKING:
    from collections.abc import Sequence

LEAST = 6.0
"""The least that a vehicle can be offered, in A (IEC 61851-1, A.2)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """What an EVSE may draw by its own profiles (A per phase; None: no limit), and whether it is in use."""

    limit: float | None
    active: bool


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

    EVSEs in use come first, in the order given: each gets the least that a vehicle needs, or nothing; what is left is
    shared evenly up to each one's own limit. An EVSE that is not in use keeps the least that a vehicle needs if there is
    so much, so that the next driver need not wait for another vehicle to be slowed down.

    Args:
        whole: In A per phase; None: there is no limit for the station.
        claims: One for each EVSE.

    Returns:
        A per phase for each EVSE, in the order given; None: no limit.
    """
    if whole is None:
        return tuple(claim.limit for claim in claims)
    order = sorted(range(len(claims)), key=lambda n: not claims[n].active)
    granted = [0.0] * len(claims)
    left = max(whole, 0.0)
    served: list[int] = []
    for number in order:
        limit = claims[number].limit
        need = LEAST if limit is None else min(LEAST, limit)
        if need <= left:
            granted[number] = need
            left -= need
            served.append(number)
    active = [number for number in served if claims[number].active]
    _spread(granted, left, active or served, claims)
    return tuple(granted)


def _spread(granted: list[float], left: float, open_: list[int], claims: Sequence[Claim]) -> None:
    """Share what is left evenly, up to each one's own limit."""
    rooms = {n: _room(claims[n], granted[n]) for n in open_}
    for rank, number in enumerate(sorted(open_, key=lambda n: rooms[n])):
        part = min(left / (len(open_) - rank), rooms[number])
        granted[number] += part
        left -= part


def _room(claim: Claim, granted: float) -> float:
    return float("inf") if claim.limit is None else max(0.0, claim.limit - granted)
