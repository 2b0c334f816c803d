"""What each car may claim, and whose turn it is where not all can have the minimum."""

from __future__ import annotations

from math import ceil
from typing import TYPE_CHECKING

from gateway.load.allocator import Claim
from gateway.load.site import Control

if TYPE_CHECKING:
    from gateway.load.car import Car

SPARE = 1.0
"""A above what a car has taken that it is allowed, so that it can be seen to want more."""
PARKED = 4 * 3600.0
"""Seconds that a car is taken to stay where nobody knows."""
LEAST = 0.3
"""Weight of a car that needs next to nothing: it may need more than it told."""
USUAL = 0.5
"""Weight of a car whose needs nobody knows."""
REACH = (1.0, 0.6, 0.8, 1.0)
"""By number of phases: the same current moves more energy over more of them."""
PRESSING = 900.0
"""Seconds before the departure (or after it) that count as this much: nobody gets everything in the last minute."""


def claim_of(car: Car, t: float, voltage: float, ceiling: float | None = None) -> Claim | None:
    """What a car may claim; None: nothing.

    Args:
        car: The EVSE.
        t: Now.
        voltage: V, phase to neutral.
        ceiling: A that nobody may exceed at present (after a restart); None: no such.
    """
    seen, evse = car.seen, car.evse
    if seen is None or not seen.online or not car.wants:
        return None
    most = evse.maximum if ceiling is None else min(evse.maximum, ceiling)
    if seen.cap is not None:
        most = min(most, seen.cap)
    if evse.control is Control.ONOFF:
        fixed = evse.fixed or evse.maximum
        if most < fixed:
            return None
        least = most = fixed
    else:
        least = evse.minimum
        if most < least:
            return None
        most = max(least, min(most, _taken(car)))
    return Claim(
        evse=evse.id,
        node=evse.node,
        phases=car.phases,
        least=least,
        most=most,
        step=evse.step,
        priority=seen.priority,
        weight=weight_of(car, t, voltage),
        rank=_rank(car, t),
    )


def _taken(car: Car) -> float:
    """The most that a car has shown to take."""
    if car.asleep:
        return car.evse.minimum
    if car.cap is None or not car.tells:
        return car.evse.maximum
    return ceil((car.cap + SPARE) / car.evse.step - 1e-9) * car.evse.step


def weight_of(car: Car, t: float, voltage: float) -> float:
    """The current that a car needs on average until it leaves, as a share of what it could have, within limits."""
    seen, reach = car.seen, REACH[len(car.phases)]
    if seen is None or seen.requested is None:
        return USUAL * reach
    missing = max(0.0, seen.requested - (seen.delivered or 0.0))
    left = max(PRESSING, (car.since + PARKED if seen.departure is None else seen.departure) - t)
    amps = missing * 3600 / left / voltage / len(car.phases)
    return min(1.0, max(LEAST, amps / car.evse.maximum)) * reach


def _rank(car: Car, t: float) -> tuple[float, ...]:
    policy, seen = car.policy, car.seen
    priority = -(seen.priority if seen is not None else 0)
    if car.on_since is not None:
        on = t - car.on_since
        if car.asleep and on > policy.waking:
            return (priority, 4.0, car.since)
        # Who has just begun goes on; who has had it longest is the first to make room.
        return (priority, 0.0 if on < policy.rotation else 2.0, -car.on_since)
    if car.asleep and t - car.asked_at < policy.retry:
        return (priority, 4.0, car.since)
    off = 0.0 if car.off_since is None else t - car.off_since
    if off >= policy.rotation:
        return (priority, -1.0, -off)  # what it needs is kept together, be it much
    return (priority, 1.0 if off >= policy.rest else 3.0, -off)


def served(car: Car, t: float) -> float:
    """What a car has had of what it could have had so far, as far as it is known; less is worse off."""
    spent = max(1.0, t - car.since)
    return car.had / spent / car.evse.maximum
