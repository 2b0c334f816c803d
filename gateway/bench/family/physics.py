"""The EVSE and its car as they pass the time: the current rises slowly and falls as the battery fills. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from gateway.bench.car import Car, Evse, advance

if TYPE_CHECKING:
    from collections.abc import Iterator

RAMP = 4.0
"""What a car raises its current by, A per s; it lowers it at once."""

_TAPER = 0.1
"""The last part of the battery's room, over which the car takes less and less."""

_FLOOR = 6.0  # IEC 61851-1: less than this is not offered, and few cars take less
_SLICE = 20.0  # s, while something changes
_LONG = 3600.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Charge:
    """An EVSE with the car at it, and how far the car's charger has come up.

    Attributes:
        evse: Supply, contactor, meter and car.
        limit: What the station offers, A per phase.
        drawn: What the car's charger has come up to, A.
        room: Room in the battery when it was plugged in, Wh.
        charged: Seconds with current since the plug was put in.
        start: Register when the plug was put in, Wh.
    """

    evse: Evse = field(default_factory=Evse)
    limit: float = 32.0
    drawn: float = 0.0
    room: float = 60_000.0
    charged: float = 0.0
    start: float = 0.0

    @property
    def target(self) -> float:
        """What the car would draw in the long run, A."""
        car = self.evse.car
        if car is None or car.paused or car.room <= 0 or not self.evse.closed or self.evse.fault:
            return 0.0
        full = car.room / (self.room * _TAPER)
        tapered = car.max_current if full >= 1 else max(_FLOOR, car.max_current * full)
        return min(self.limit, tapered)

    def plugged(self, car: Car | None) -> Charge:
        """With another car, or none; nobody's contactor stays closed."""
        evse = replace(self.evse, car=car, closed=False)
        return replace(self, evse=evse, drawn=0.0, charged=0.0, start=evse.register, room=car.room if car else 1.0)

    def offering(self, limit: float, *, closed: bool) -> Charge:
        """With another offer of the station."""
        evse = replace(self.evse, closed=closed and self.evse.car is not None)
        return replace(self, evse=evse, limit=limit).drawing()

    def later(self, seconds: float) -> Charge:
        """After some time, s."""
        here = self.drawing()
        for slice_ in here.slices(seconds):
            evse = advance(here.evse, slice_)
            charged = here.charged + (slice_ if here.evse.current > 0 else 0.0)
            risen = min(here.target, here.drawn + RAMP * slice_)
            here = replace(here, evse=evse, charged=charged, drawn=risen).drawing()
        return here

    def slices(self, seconds: float) -> Iterator[float]:
        """A time in parts in which the current is nearly the same."""
        ramp = (self.target - self.drawn) / RAMP
        while seconds > 0:
            length = min(seconds, 1.0 if ramp > 0 else _SLICE if self.target > 0 else _LONG)
            ramp -= length
            seconds -= length
            yield length

    def drawing(self) -> Charge:
        """The current can fall at once, but rises only with time."""
        target = self.target
        drawn = min(self.drawn, target)
        # The EVSE of the bench draws what it offers at most: here that is what the car has come up to.
        return replace(self, drawn=drawn, evse=replace(self.evse, max_current=drawn))
