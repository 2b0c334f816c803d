"""An EVSE of the plant: its station's setpoint and fail-safe, and who is plugged in."""

from __future__ import annotations

from collections import deque
from math import inf
from typing import TYPE_CHECKING

from gateway.bench.plant.scenario import Spans
from gateway.bench.plant.vehicle import Vehicle
from gateway.load.site import Control

if TYPE_CHECKING:
    from random import Random

    from gateway.bench.plant.scenario import Scenario
    from gateway.bench.plant.visit import Visit
    from gateway.load.site import Evse

_ANSWERS = 30.0  # s after a setpoint in which a car that draws more does what it was told
_NOTICED = 3.0  # s until the box knows that it cannot reach a station


class Outlet:
    """One EVSE.

    Args:
        evse: What it is.
        scenario: What happens to it.
        rng: For the reactions of its cars.
    """

    def __init__(self, evse: Evse, scenario: Scenario, rng: Random) -> None:
        self.evse = evse
        self.setpoint = evse.failsafe if evse.failsafe_timeout < inf else 0.0
        """A per phase that the station allows."""
        self.car: Vehicle | None = None
        self.gone: list[Vehicle] = []
        """Cars that have left."""
        self.current = 0.0
        """A per phase that flow."""
        self.due = 0.0
        """When ``advance`` has something to do."""
        self.reachable = True
        """Whether a write could reach it."""
        self.online = True
        """Whether the box thinks so."""
        self.faulted = False
        self._voltage = scenario.site.voltage
        self._plan = deque(sorted((v for v in scenario.visits if v.evse == evse.id), key=_arrival))
        self._lost = Spans(scenario.stations_lost.get(evse.id, ()))
        self._faults = Spans(scenario.faults.get(evse.id, ()))
        self._writes: deque[tuple[float, float]] = deque()
        self._alone = inf
        self._offer = 0.0
        self._told = -inf
        self._rng = rng

    @property
    def phases(self) -> tuple[int, ...]:
        """Phases of the supply that the car here loads."""
        return self.evse.phases[: self.car.phases] if self.car else ()

    def permitted(self, now: float) -> bool:
        """Whether the car here may charge."""
        return self.car is not None and now >= self.car.visit.arrival + self.car.visit.permitted_after

    def untold(self, now: float) -> bool:
        """Whether the car here begins or goes on to draw current though nobody has told it so just now."""
        return self.car is not None and (self.car.full or now >= self._told + _ANSWERS)

    def write(self, due: float, setpoint: float) -> None:
        """A setpoint is on its way and arrives when due."""
        if self._writes:
            due = max(due, self._writes[-1][0])
        self._writes.append((due, setpoint))
        self.due = min(self.due, due)

    def advance(self, now: float) -> float:
        """Do what is due.

        Returns:
            Current before, where a car has left; else that which flows now.
        """
        self._reach(now)
        self.faulted = self._faults.at(now)
        self._come_and_go(now)
        while self._writes and self._writes[0][0] <= now:
            when, self.setpoint = self._writes.popleft()
            self._told = now
            self._tell(max(when, now - 1.0), now)
        self._tell(now, now)
        car = self.car
        if car is not None:
            if car.due <= now:
                car.advance(now)
            if self.faulted:
                car.settle(now)
                car.current = 0.0  # the contactor opens
            self.current = car.current
        else:
            self.current = 0.0
        self.due = self._next(now)
        return self.current

    def _reach(self, now: float) -> None:
        reachable = not self._lost.at(now)
        if self.reachable and not reachable:
            self._alone = now
        elif reachable:
            self._alone = inf
        self.reachable = reachable
        self.online = now < self._alone + _NOTICED
        if now >= self._alone + self.evse.failsafe_timeout:
            self.setpoint = self.evse.failsafe

    def _come_and_go(self, now: float) -> None:
        if self.car is not None and now >= self.car.visit.departure:
            self.car.settle(now)
            self.car.current = 0.0
            self.gone.append(self.car)
            self.car = None
            self._offer = 0.0
        if self.car is None and self._plan and now >= self._plan[0].arrival:
            visit = self._plan.popleft()
            phases = min(visit.phases, len(self.evse.phases))
            self.car = Vehicle(visit, phases=phases, voltage=self._voltage, rng=self._rng, now=now)

    def _tell(self, when: float, now: float) -> None:
        """Let the car know what it is offered, where that changes."""
        offer = 0.0
        if self.car is not None and self.permitted(now) and not self.faulted and self.setpoint > 0:
            if self.evse.control is Control.ONOFF:
                offer = self.evse.fixed
            elif self.setpoint >= self.evse.minimum:
                offer = min(self.setpoint, self.evse.maximum)
        if offer != self._offer and self.car is not None:
            self._offer = offer
            self.car.offered(when, offer)

    def _next(self, now: float) -> float:
        due = min(self._lost.due(), self._faults.due(), self._writes[0][0] if self._writes else inf)
        if self._alone < inf:
            ahead = (self._alone + _NOTICED, self._alone + self.evse.failsafe_timeout)
            due = min(due, *(each for each in ahead if each > now), inf)
        if self.car is not None:
            visit = self.car.visit
            due = min(due, self.car.due, visit.departure)
            permitted = visit.arrival + visit.permitted_after
            return min(due, permitted) if permitted > now else due
        return min(due, self._plan[0].arrival) if self._plan else due


def _arrival(visit: Visit) -> float:
    return visit.arrival
