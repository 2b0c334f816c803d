"""What load management sees of the plant: meters and stations tell late, not quite right, and at times nothing."""

from __future__ import annotations

from collections import deque
from dataclasses import replace
from math import inf
from typing import TYPE_CHECKING

from gateway.bench.plant.scenario import Spans
from gateway.load.observation import EvseSeen, MeterReading

if TYPE_CHECKING:
    from random import Random

    from gateway.bench.plant.outlet import Outlet
    from gateway.bench.plant.scenario import Span
    from gateway.load.site import Phases

_GAIN = 0.005  # class of a meter
_NOISE = (0.1, 0.3)  # A
_LATENCIES = (1, 2)  # s
_SKIPS = 0.05  # share of seconds in which a quick meter has nothing new
_POLLS = (1, 2, 3, 4)  # s between two looks at a station
_LAGS = (0, 1, 2)  # s until a look is through


class Gauge:
    """The meter of a circuit.

    Args:
        lost: When it tells nothing new.
        rng: For its faults.
    """

    def __init__(self, lost: tuple[Span, ...], rng: Random) -> None:
        self._lost = Spans(lost)
        self._rng = rng
        self._gain = 1 + rng.uniform(-_GAIN, _GAIN)
        self._noise = rng.uniform(*_NOISE)
        self._latency = rng.choice(_LATENCIES)
        self._silent = rng.random() < 1 / 2  # a loss shows as no reading, else as an old one
        self._skipped = False
        self._skips = _SKIPS if self._latency == min(_LATENCIES) else 0.0
        self._past: deque[tuple[float, list[float]]] = deque(maxlen=self._latency + 1)
        self.reading: MeterReading | None = None
        """The newest that it has told."""
        self.lost = False

    def look(self, now: float, flow: list[float]) -> None:
        """A second has passed, and this flows now."""
        self._past.append((now, flow))
        self.lost = self._lost.at(now)
        if self.lost:
            if self._silent:
                self.reading = None
            return
        self._skipped = not self._skipped and self._rng.random() < self._skips
        if self._skipped or len(self._past) <= self._latency:
            return
        when, (one, two, three) = self._past[0]
        gauss, gain, noise = self._rng.gauss, self._gain, self._noise
        self.reading = MeterReading(
            t=when,
            i=(
                max(0.0, one * gain + gauss(0.0, noise)),
                max(0.0, two * gain + gauss(0.0, noise)),
                max(0.0, three * gain + gauss(0.0, noise)),
            ),
        )


class Glance:
    """What is seen of an EVSE.

    Args:
        outlet: The EVSE.
        rng: For the faults of its meter.
    """

    def __init__(self, outlet: Outlet, rng: Random) -> None:
        self._outlet = outlet
        self._rng = rng
        self._gain = 1 + rng.uniform(-_GAIN, _GAIN)
        self._noise = rng.uniform(*_NOISE)
        self._poll = rng.choice(_POLLS)
        self._lag = min(rng.choice(_LAGS), self._poll)
        self._looked = float(rng.randrange(self._poll) - self._poll)
        self.seen = EvseSeen(id=outlet.evse.id, setpoint=outlet.setpoint)
        """The newest view."""
        self._fresh = self.seen
        self.due = -inf
        """When ``look`` has something to do."""

    def look(self, now: float) -> None:
        """Look at the EVSE, or let a look come through."""
        if not self._outlet.online:
            if self.seen.online:
                self.seen = self._fresh = replace(self.seen, online=False)
            self._looked = now - self._poll
            self.due = now
            return
        if now >= self._looked + self._lag:
            self.seen = self._fresh
        if now >= self._looked + self._poll:
            self._looked = now
            self._fresh = self._view(now, self._measure())
            if not self._lag:
                self.seen = self._fresh
        ahead = self._looked + self._lag
        self.due = ahead if ahead > now else self._looked + self._poll

    def _measure(self) -> Phases | None:
        outlet = self._outlet
        if not outlet.evse.measured:
            return None
        flow = [0.0, 0.0, 0.0]
        if outlet.current > 0:
            for phase in outlet.phases:
                flow[phase] = max(0.0, outlet.current * self._gain + self._rng.gauss(0.0, self._noise))
        return (flow[0], flow[1], flow[2])

    def _view(self, now: float, flow: Phases | None) -> EvseSeen:
        outlet = self._outlet
        evse, car = outlet.evse, outlet.car
        measured = now if evse.measured else -inf
        if car is None:
            return EvseSeen(id=evse.id, faulted=outlet.faulted, i=flow, t_meas=measured, setpoint=outlet.setpoint)
        car.settle(now)
        visit = car.visit
        return EvseSeen(
            id=evse.id,
            faulted=outlet.faulted,
            plugged=True,
            session=visit.id if outlet.permitted(now) else None,
            i=flow,
            t_meas=measured,
            setpoint=outlet.setpoint,
            cap=visit.allowed,
            priority=visit.priority,
            departure=visit.departure if visit.tells_departure else None,
            requested=visit.energy if visit.tells_energy else None,
            delivered=car.drawn if evse.measured else None,
        )
