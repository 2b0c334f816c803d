"""What each car may claim, and whose turn it is where not all can have the minimum."""

from __future__ import annotations

from math import ceil, sqrt
from typing import TYPE_CHECKING

from gateway.load.allocator import Claim
from gateway.load.site import Control

if TYPE_CHECKING:
    from gateway.load.car import Car

SPARE = 1.0
"""A above what a car has taken that it is allowed, so that it can be seen to want more."""
USUAL, MORE = 20_000.0, 10_000.0
"""Wh that a car is taken to want where nobody knows, and that it is always taken to want still."""
STAYS = 3600.0
"""Seconds that a car is taken to stay where nobody knows, on top of as long again as it has been there."""
PRESSING = 600.0
"""Seconds before the departure (or after it) that count as this much: nobody gets everything in the last minutes."""
LEAST = 0.05
"""Urgency of a car that needs next to nothing: it may need more than it told."""
ATTAINED = 0.5
"""By how much more urgent a car is that has had nothing than one that has had all it could."""
STICKS = 2.0
"""By how much more urgent than one that charges another has to be to take its place."""
REACH = (1.0, 0.35, 0.65, 1.0)
"""By number of phases: the same current moves more energy over more of them."""


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
    least = evse.least
    if most < least:
        return None
    most = least if evse.control is Control.ONOFF else max(least, min(most, _taken(car)))
    return Claim(
        evse=evse.id,
        node=evse.node,
        phases=car.phases,
        wires=() if car.tells or car.used is None else evse.phases,
        least=least,
        most=most,
        step=evse.step,
        priority=seen.priority,
        weight=weight_of(car, t, voltage),
        rank=_rank(car, t, voltage),
    )


def _taken(car: Car) -> float:
    """The most that a car has shown to take."""
    if car.asleep or car.quiet:
        return car.evse.minimum
    if car.cap is None or not car.tells:
        return car.evse.maximum
    return ceil((car.cap + SPARE) / car.evse.step - 1e-9) * car.evse.step


def weight_of(car: Car, t: float, voltage: float) -> float:
    """What a car counts when current is shared: the more urgent, the more, and with more phases more."""
    return sqrt(min(1.0, max(LEAST, urgency(car, t, voltage)))) * REACH[len(car.phases)]


def urgency(car: Car, t: float, voltage: float) -> float:
    """The current that a car needs on average until it leaves, as a share of its most; more of one that has had little."""
    seen, volts = car.seen, voltage * len(car.phases)
    delivered = None if seen is None else seen.delivered
    had = car.had / 3600 * volts if delivered is None else delivered
    requested = None if seen is None else seen.requested
    missing = max(MORE, USUAL - had) if requested is None else max(0.0, requested - had)
    spent = t - car.since
    left = STAYS + spent if seen is None or seen.departure is None else seen.departure - t
    needed = missing * 3600 / max(PRESSING, left) / volts / car.evse.maximum
    return needed * (1 + ATTAINED * max(0.0, 1 - served(car, t)))


def _rank(car: Car, t: float, voltage: float) -> tuple[float, ...]:
    """Who has begun goes on; then it goes by urgency, and nobody waits for longer than a rotation.

    What cannot be divided and did wait for one keeps its place for a whole turn: else it would be the first to go again.
    """
    policy, seen = car.policy, car.seen
    priority = -(seen.priority if seen is not None else 0)
    if car.on_since is not None:
        on = t - car.on_since
        if car.asleep and on > policy.waking:
            return (priority, 4.0, car.since)
        if car.waited >= policy.rotation:
            return (priority, -2.0, car.on_since)
        if on < policy.rotation:
            return (priority, 0.0, car.on_since)
        return (priority, 1.0, -STICKS * urgency(car, t, voltage))
    if car.asleep and t - car.asked_at < policy.retry:
        return (priority, 4.0, car.since)
    off = 0.0 if car.off_since is None else t - car.off_since
    if car.waited >= policy.rotation:
        return (priority, -1.0, -car.waited)  # what it needs is kept together, be it much
    return (priority, 1.0 if off >= policy.rest else 3.0, -urgency(car, t, voltage))


def served(car: Car, t: float) -> float:
    """What a car has had of what it could have had so far, as far as it is known; less is worse off."""
    spent = max(1.0, t - car.since)
    return car.had / spent / car.evse.maximum
