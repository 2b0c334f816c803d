"""The plant itself: it takes setpoints, lets time pass, and tells what its meters see."""

from __future__ import annotations

from random import Random
from typing import TYPE_CHECKING

from gateway.bench.plant.gauges import Gauge, Glance
from gateway.bench.plant.outlet import Outlet
from gateway.bench.plant.shocks import Shocks
from gateway.bench.plant.uncontrolled import Limits, OtherLoads
from gateway.load.observation import Observation
from gateway.load.site import Control

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gateway.bench.plant.scenario import Scenario
    from gateway.bench.plant.vehicle import Vehicle
    from gateway.load.site import Evse

_LATENCY = (0.2, 1.5)  # s until a setpoint stands in the station
_EPSILON = 1e-6


class Plant:
    """A site and its cars in a time of their own.

    Args:
        scenario: What happens.
        seed: For what the scenario leaves open: reactions, lost writes, noise.
    """

    def __init__(self, scenario: Scenario, seed: int = 0) -> None:
        site = scenario.site
        self.scenario = scenario
        self.site = site
        self.t = 0.0
        rng = Random(f"{scenario.name} {seed}")
        self.outlets = [Outlet(evse, scenario, Random(rng.random())) for evse in site.evses]
        self.index = {node.id: index for index, node in enumerate(site.nodes)}
        self.paths = [[self.index[node] for node in site.path(evse.node)] for evse in site.evses]
        """Of each EVSE: the circuits above it."""
        self.controlled = [[0.0, 0.0, 0.0] for _ in site.nodes]
        """Of each circuit: A per phase that EVSEs below it draw."""
        self.others = OtherLoads(scenario)
        self.limits = Limits(scenario)
        self.shocks = Shocks(len(site.nodes))
        self.gauges = {
            node.id: Gauge(scenario.meters_lost.get(node.id, ()), Random(rng.random()))
            for node in site.nodes
            if node.metered
        }
        self.written: list[int] = [0] * len(site.evses)
        """Of each EVSE: setpoints that were written."""
        self.illegal = 0
        """Setpoints that no station may get: between 0 and the minimum, or above what it or others allow."""
        self._by_id = {evse.id: index for index, evse in enumerate(site.evses)}
        self._glances = [Glance(outlet, Random(rng.random())) for outlet in self.outlets]
        self._rng = Random(rng.random())
        self._observation: Observation | None = None
        self.advance(0.0)

    def flow(self, node: int) -> list[float]:
        """A per phase that flow through a circuit now."""
        one, two = self.controlled[node], self.others.flow[node]
        return [one[0] + two[0], one[1] + two[1], one[2] + two[2]]

    def observe(self) -> Observation:
        """What load management sees now."""
        if self._observation is None:
            self._observation = Observation(
                t=self.t,
                limits=self.limits.reduced,
                meters={name: gauge.reading for name, gauge in self.gauges.items()},
                evses=tuple([glance.seen for glance in self._glances]),
            )
        return self._observation

    def apply(self, writes: Mapping[str, float]) -> None:
        """Write setpoints: EVSE -> A per phase, 0 to pause. One in many gets lost.

        Raises:
            KeyError: There is no such EVSE.
        """
        for name, setpoint in writes.items():
            index = self._by_id[name]
            outlet = self.outlets[index]
            self.written[index] += 1
            self.illegal += not _legal(outlet.evse, setpoint, self._glances[index].seen.cap)
            latency = self._rng.uniform(*_LATENCY)
            if self._rng.random() >= self.scenario.loss and outlet.reachable:
                outlet.write(self.t + latency, setpoint)
            elif setpoint < outlet.setpoint:
                self.shocks.at(self.t, self.paths[index])

    def advance(self, dt: float = 1.0) -> None:
        """Let time pass, s; 1 s is what the reactions of cars are made for."""
        now = self.t = self.t + dt
        self.others.advance(now, self.shocks)
        self.limits.advance(now, self.shocks)
        for index, outlet in enumerate(self.outlets):
            if outlet.due <= now:
                self._advance(index, outlet, now)
        for name, gauge in self.gauges.items():
            before = gauge.lost
            gauge.look(now, self.flow(self.index[name]))
            if gauge.lost and not before:
                self.shocks.at(now, [self.index[name]])
        for glance in self._glances:
            if glance.due <= now:
                glance.look(now)
        self._observation = None

    def cars(self) -> list[Vehicle]:
        """All cars that have come so far."""
        cars = [car for outlet in self.outlets for car in (*outlet.gone, outlet.car) if car is not None]
        for car in cars:
            if car.visit.departure > self.t:
                car.settle(self.t)
        return cars

    def charged(self, index: int) -> float:
        """Seconds for which an EVSE has given current."""
        outlet = self.outlets[index]
        return sum(car.charging for car in (*outlet.gone, outlet.car) if car is not None)

    def _advance(self, index: int, outlet: Outlet, now: float) -> None:
        before, phases, reachable = outlet.current, outlet.phases, outlet.reachable
        outlet.advance(now)
        if outlet.current != before or outlet.phases != phases:
            for node in self.paths[index]:
                flow = self.controlled[node]
                for phase in phases:
                    flow[phase] -= before
                for phase in outlet.phases:
                    flow[phase] += outlet.current
            if outlet.current > before + _EPSILON and outlet.untold(now):
                self.shocks.at(now, self.paths[index])
        if reachable and not outlet.reachable:
            self.shocks.at(now, self.paths[index])


def _legal(evse: Evse, setpoint: float, cap: float | None) -> bool:
    if setpoint == 0:
        return True
    if evse.control is Control.ONOFF:
        return setpoint > 0 and (cap is None or evse.fixed <= cap)
    return evse.minimum <= setpoint <= min(evse.maximum, evse.maximum if cap is None else cap)
