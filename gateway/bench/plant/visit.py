"""A car's visit, as it is laid down before a run."""

from __future__ import annotations

from dataclasses import dataclass
from math import inf
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from random import Random

    from gateway.bench.plant.scenario import Span

MINUTE = 60.0
HOUR = 3600.0
_DOZES = 0.15  # share of cars that need long to take current again after a pause
_DEEP = 0.03  # share that never do
_AGAIN = 0.15  # share that draw once more before they leave: heating of the cabin
_AGAIN_LENGTH = 600.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """A car from plug-in to unplugging. Times are in s of the run, reactions and delays in s.

    Attributes:
        id: Names the session.
        evse: Where.
        arrival: When it plugs in.
        departure: When it leaves.
        energy: Wh that its battery takes.
        cap: A per phase that it takes at most.
        phases: Phases that it uses where the EVSE has as many.
        reaction: Until it follows a changed offer.
        ramp: A per s by which it raises its current.
        start: From an offer after none until it takes current.
        taper: Wh before the end from where it takes less and less.
        dozes_after: Length of a pause after which it sleeps.
        wakes_in: How long it then needs to take current again; inf: it does not before it is plugged anew.
        again: When it draws once more although it is full; inf: never.
        permitted_after: From plug-in until the driver's token is accepted.
        allowed: A that others allow it at most; None: all.
        priority: More is served first.
        tells_departure: Whether load management knows when it leaves.
        tells_energy: Whether it knows how much it wants.
    """

    id: str
    evse: str
    arrival: float
    departure: float
    energy: float
    cap: float = 16.0
    phases: int = 3
    reaction: float = 2.0
    ramp: float = 4.0
    start: float = 4.0
    taper: float = 0.0
    dozes_after: float = inf
    wakes_in: float = 0.0
    again: float = inf
    permitted_after: float = 0.0
    allowed: float | None = None
    priority: int = 0
    tells_departure: bool = False
    tells_energy: bool = False


_CARS = ((3, 16.0), (3, 32.0), (3, 13.0), (2, 16.0), (1, 32.0), (1, 20.0), (1, 16.0), (1, 13.0), (1, 10.0))
"""Phases and A that cars in the field take at most."""
USUAL = (50, 6, 4, 10, 12, 3, 10, 2, 3)
"""How many of a hundred are so."""
STRONG = (40, 35, 0, 8, 12, 0, 5, 0, 0)
"""The same where people have bought the dearer charger."""


def draw(
    rng: Random,
    *,
    name: str,
    evse: str,
    span: Span,
    energy: float,
    mix: tuple[int, ...] = USUAL,
) -> Visit:
    """Draw the car of a visit: phases, cap and manners as cars in the field have them.

    Args:
        rng: Draws.
        name: Names the session.
        evse: Where.
        span: Arrival and departure, s of the run.
        energy: Wh that it takes.
        mix: How frequent each kind of car is.
    """
    arrival, departure = span
    phases, cap = rng.choices(_CARS, weights=mix)[0]
    dozes_after, wakes_in = inf, 0.0
    lot = rng.random()
    if lot < _DEEP:
        dozes_after, wakes_in = rng.uniform(30, 90) * MINUTE, inf
    elif lot < _DEEP + _DOZES:
        dozes_after, wakes_in = rng.uniform(5, 30) * MINUTE, rng.uniform(1, 10) * MINUTE
    return Visit(
        id=name,
        evse=evse,
        arrival=arrival,
        departure=departure,
        energy=energy,
        cap=cap,
        phases=phases,
        reaction=rng.uniform(0.5, 4.5),
        ramp=rng.uniform(1.5, 8.0),
        start=rng.uniform(2.0, 15.0),
        taper=rng.choice((0.0, rng.uniform(0.03, 0.12))) * energy,
        dozes_after=dozes_after,
        wakes_in=wakes_in,
        again=max(arrival, departure - rng.uniform(1, 2) * _AGAIN_LENGTH) if rng.random() < _AGAIN else inf,
        permitted_after=rng.uniform(0.0, 30.0),
        tells_departure=rng.random() < 1 / 2,
        tells_energy=rng.random() < 1 / 2,
    )
