"""Run a controller against the plant."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from gateway.bench.plant.ledger import Ledger
from gateway.bench.plant.plant import Plant
from gateway.bench.plant.result import Result
from gateway.bench.plant.waits import Waits
from gateway.load.observation import Observation

if TYPE_CHECKING:
    from gateway.bench.plant.scenario import Scenario

Step = Callable[[Observation], Mapping[str, float]]
"""A controller: what is seen -> setpoints to write."""

Watch = Callable[[Plant], None]
"""Is told of each second of a run: for plots."""


def run(scenario: Scenario, step: Step, *, seed: int = 0, watch: Watch | None = None) -> Result:
    """Let a controller run through a scenario.

    Args:
        scenario: What happens.
        step: The controller; called once in each period of the site.
        seed: For what the scenario leaves open.
        watch: Is told of each step of time.
    """
    plant = Plant(scenario, seed)
    ledger, waits = Ledger(plant), Waits(plant)
    period = scenario.site.period
    spent, steps, ahead = 0.0, 0, 0.0
    while plant.t < scenario.seconds:
        if plant.t >= ahead:
            seen = plant.observe()
            began = time.process_time()
            writes = step(seen)
            spent += time.process_time() - began
            steps += 1
            plant.apply(writes)
            ahead = plant.t + period
        plant.advance(1.0)
        ledger.watch(1.0)
        waits.watch()
        if watch is not None:
            watch(plant)
    return _result(plant, ledger, waits, spent / max(1, steps))


def _result(plant: Plant, ledger: Ledger, waits: Waits, step_time: float) -> Result:
    hours = [plant.charged(index) / 3600.0 for index in range(len(plant.outlets))]
    cars = plant.cars()
    return Result(
        scenario=plant.scenario,
        energy={car.visit.id: car.stored for car in cars},
        lost=frozenset(car.visit.id for car in cars if car.lost),
        over=ledger.over,
        late=ledger.late,
        late_strict=ledger.late_strict,
        longest=ledger.longest,
        worst=ledger.worst,
        heat=ledger.heat,
        budget=ledger.budget,
        unequal=ledger.unequal,
        unequal_any=ledger.unequal_any,
        writes=sum(plant.written),
        charging=sum(hours),
        writes_worst=max((n / h for n, h in zip(plant.written, hours, strict=True) if h >= 1), default=0.0),
        illegal=plant.illegal,
        idle=waits.idle,
        idle_cars=len(waits.idle_cars),
        waited=waits.waited,
        starved=waits.starved,
        starved_car=waits.starved_car,
        late_at=tuple(ledger.late_at),
        step_time=step_time,
    )
