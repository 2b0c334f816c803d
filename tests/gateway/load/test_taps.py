"""Readings of circuits' meters from what drivers tell."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from gateway.config.circuit import Meter
from gateway.contracts.sensing import SensorPoint
from gateway.load.taps import TOGETHER, Taps
from gateway.model.errors import GatewayError
from tests.fakes.timeless import run

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gateway.model.sensing import Value

CURRENTS = ("current.1", "current.2", "current.3")
POWERS = ("power.1", "power.2", "power.3")
METER = Meter(sensor="house", currents=CURRENTS, powers=POWERS)


class Desk:
    """A panel that keeps what it is told."""

    def __init__(self) -> None:
        self.heard: list[tuple[str, Mapping[str, Value]]] = []
        self.gone: list[str] = []
        self.read_only = False

    def told(self, sensor: str, values: Mapping[str, Value]) -> None:
        self.heard.append((sensor, values))

    def lost(self, sensor: str, error: GatewayError) -> None:
        del error
        self.gone.append(sensor)


def values(*amps: float, watts: float = 1.0) -> dict[str, Value]:
    return {**dict(zip(CURRENTS, amps, strict=True)), **dict.fromkeys(POWERS, watts)}


def taps(unit: str = "A", meter: Meter = METER) -> Taps:
    points = [SensorPoint(name=name, unit=unit) for name in CURRENTS]
    return Taps({"main": meter}, {"house": points}, ["ripple/0"])


def test_the_same_value_again_is_another_reading() -> None:
    async def life() -> None:
        made, woken, desk = taps(), [], Desk()
        made.heard = lambda: woken.append(asyncio.get_running_loop().time())
        panel = made.on(desk)
        assert made.readings() == {"main": None}
        for _ in range(3):
            panel.told("house", values(1.0, 2.0, 3.0))
            await asyncio.sleep(1.0)
        panel.told("other", {"current.1": 99.0})
        found = made.readings()["main"]
        assert found is not None
        assert (found.t, found.i) == (woken[-1], (1.0, 2.0, 3.0))
        assert len(woken) == len(set(woken)) == 3
        assert len(desk.heard) == 4
        panel.lost("house", GatewayError("connection-lost"))
        assert desk.gone == ["house"]
        assert not panel.read_only

    run(life())


def test_a_current_that_flows_to_the_grid_is_negative() -> None:
    async def life() -> None:
        made = taps()
        made.told("house", values(4.0, 5.0, 6.0, watts=-800.0))
        found = made.readings()["main"]
        assert found is not None
        assert found.i == (-4.0, -5.0, -6.0)

    run(life())


def test_currents_are_in_ampere_whatever_the_meter_sends() -> None:
    async def life() -> None:
        made = taps("mA", Meter(sensor="house", currents=("current.1", "", "")))
        made.told("house", {"current.1": 4500.0})
        found = made.readings()["main"]
        assert found is not None
        assert found.i == (4.5, 0.0, 0.0)

    run(life())


def test_phases_that_come_one_by_one_are_one_reading_as_old_as_the_oldest() -> None:
    async def life() -> None:
        made = taps()
        loop = asyncio.get_running_loop()
        made.told("house", {"current.1": 1.0})
        first = loop.time()
        await asyncio.sleep(0.5)
        made.told("house", {"current.2": 2.0})
        assert made.readings() == {"main": None}
        made.told("house", {"current.3": float("nan")})
        assert made.readings() == {"main": None}
        made.told("house", {"current.3": 3.0})
        found = made.readings()["main"]
        assert found is not None
        assert abs(found.t - first) < 0.01
        await asyncio.sleep(TOGETHER + 1)
        made.told("house", {"current.1": 9.0})
        assert made.readings()["main"] == found

    run(life())


def test_a_switch_that_changes_is_looked_at_at_once() -> None:
    made, woken = taps(), []
    made.heard = lambda: woken.append(1)
    made.changed("else/0")
    made.changed("ripple/0")
    assert woken == [1]


def test_without_a_meter_nobody_listens() -> None:
    desk = Desk()
    assert Taps({}, {}).on(desk) is desk
