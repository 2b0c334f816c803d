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
WISH = 15_000.0
"""Wh that a driver is taken to want where nobody knows."""
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
    if car.cap is None:
        return car.evse.maximum
    return ceil((car.cap + SPARE) / car.evse.step - 1e-9) * car.evse.step


def weight_of(car: Car, t: float, voltage: float) -> float:
    """The current that a car needs on average until it leaves, as a share of what it could have; 0.1 to 1."""
    seen = car.seen
    if seen is None:
        return 0.1
    wish = WISH if seen.requested is None else seen.requested
    missing = max(0.0, wish - (seen.delivered or 0.0))
    left = max(PRESSING, (car.since + PARKED if seen.departure is None else seen.departure) - t)
    amps = missing * 3600 / left / voltage / len(car.phases)
    return min(1.0, max(0.1, amps / car.evse.maximum))


def _rank(car: Car, t: float) -> tuple[float, ...]:
    policy, seen = car.policy, car.seen
    priority = -(seen.priority if seen is not None else 0)
    if car.asleep and (car.setpoint > 0 or t - car.asked_at < policy.retry):
        return (priority, 4.0, car.since)
    if car.on_since is not None:
        on = t - car.on_since
        return (priority, 0.0, car.on_since) if on < policy.rotation else (priority, 2.0, -car.on_since)
    off = 0.0 if car.off_since is None else t - car.off_since
    return (priority, 1.0 if off >= policy.rest else 3.0, -off)
