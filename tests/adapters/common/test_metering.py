"""Where the energy of an EVSE comes from, and what becomes of it when a source fails."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from adapters.common.energy import Source
from adapters.common.metering import AddedMeter, Metering, Reach
from gateway.family.link import Rates
from gateway.model.readings import ENERGY_REGISTER
from tests.adapters.common.leader import family
from tests.fakes import timeless
from tests.fakes.wire import WallboxWire

if TYPE_CHECKING:
    from gateway.family.value import Value

FAMILY = family()
NOW = datetime(2026, 1, 1, tzinfo=UTC)


def shows(at: float, absent: set[str] | None = None, **values: Value) -> Reach:
    return Reach(family=FAMILY, values=values, absent=absent or set(), read_at=lambda _: at)


class Notebook:
    def __init__(self) -> None:
        self.texts: list[str] = []

    async def note(self, text: str) -> None:
        self.texts.append(text)


def metering(noted: str = "", wanted: str = "auto", meter: AddedMeter | None = None) -> tuple[Metering, Notebook]:
    book = Notebook()
    return Metering(wanted, meter, noted, book.note), book


def test_the_stations_own_meter_is_the_first_choice() -> None:
    made, _ = metering()
    assert made.register() is None
    made.take(shows(1.0, energy_total=100.0, current=(10.0, 10.0, 10.0)), 1.0)
    assert (made.register(), made.source) == (100_000.0, Source.STATION)


def test_without_any_meter_power_is_added_up() -> None:
    made, _ = metering()
    for second in range(0, 61, 10):
        current = (10.0, 10.0, 10.0)
        made.take(shows(float(second), {"energy_total"}, current=current, voltage=(230.0, None, None)), float(second))
    assert made.source is Source.INTEGRATED
    assert made.register() == round(6900 / 60, 1)


def test_integration_is_what_the_site_asks_for() -> None:
    made, _ = metering(wanted="integrate")
    made.take(shows(1.0, energy_total=100.0, current=(1.0, 0.0, 0.0)), 1.0)
    assert made.source is Source.INTEGRATED


def test_a_derived_counter_is_a_counter() -> None:
    points = {name: point for name, point in FAMILY.points.items() if name != "energy_total"}
    points["energy_l1"] = FAMILY.points["energy_total"]
    formula = FAMILY.derive | {"energy_total": _formula("energy_l1")}
    derived = FAMILY.model_copy(update={"points": points, "derive": formula})
    made, _ = metering()
    made.take(replace(shows(1.0, energy_l1=5.0, energy_total=5.0), family=derived), 1.0)
    assert made.source is Source.STATION


def _formula(text: str) -> object:
    control = family(stop={"seq": [{"point": "enable", "value": text}]}).control
    assert control.stop is not None
    return control.stop.seq[0].value


def test_another_source_goes_on_from_where_the_register_stood() -> None:
    made, _ = metering(noted="0.000/5000.000@meter.energy_total")
    made.take(shows(1.0, energy_total=90_000.0), 1.0)
    assert made.register() == 5000.0
    made.take(shows(2.0, energy_total=90_001.0), 2.0)
    assert made.register() == 6000.0


def test_a_meter_that_goes_silent_leaves_the_register_as_it_is() -> None:
    async def script() -> None:
        wire = WallboxWire(FAMILY)
        meter = AddedMeter(wire)
        made, _ = metering(meter=meter)
        task = asyncio.create_task(meter.run())
        station = shows(1.0, energy_total=1.0, current=(16.0, 16.0, 16.0))
        await asyncio.sleep(1)
        made.take(station, 1.0)
        assert (made.register(), made.source) == (100_000.0, Source.METER)
        wire.down = True
        await asyncio.sleep(60)
        made.take(station, 60.0)
        assert (made.register(), made.source) == (100_000.0, Source.METER)
        sample = made.sample(FAMILY, station.values, NOW)
        assert [r.value for r in sample.readings if r.measurand == ENERGY_REGISTER] == [100_000.0]
        wire.down, wire.energy = False, 100.5
        await asyncio.sleep(30)
        made.take(station, 100.0)
        assert made.register() == 100_500.0
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

    timeless.run(script())


def test_a_meter_is_read_at_once_for_whoever_wants_to_know_now() -> None:
    """Unless it is lost: then nobody waits for it."""

    async def script() -> None:
        link = FAMILY.link.model_copy(update={"poll": Rates(fast=600.0, medium=600.0, slow=600.0)})
        wire = WallboxWire(FAMILY.model_copy(update={"link": link}))
        meter = AddedMeter(wire)
        made, _ = metering(meter=meter)
        task = asyncio.create_task(meter.run())
        station = shows(1.0, energy_total=1.0)
        await asyncio.sleep(1)
        wire.energy = 100.7
        made.take(station, 2.0)
        assert made.register() == 100_000.0
        await made.look()
        made.take(station, 2.0)
        assert made.register() == 100_700.0
        wire.down = True
        await asyncio.sleep(7200)
        reads: list[object] = []
        wire.on_read = lambda points, _: reads.append(points)
        await made.look()
        assert reads == []
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

    timeless.run(script())


def test_what_the_meter_alone_can_tell_is_noted_now_and_then() -> None:
    async def script() -> None:
        made, book = metering()
        for step in range(100):
            made.take(shows(float(step), energy_total=100.0 + step * 0.05), float(step))
            await made.keep()
        assert len(book.texts) == 5
        again, _ = metering(noted=book.texts[-1])
        again.take(shows(1.0, energy_total=0.0), 1.0)
        again.take(shows(2.0, energy_total=0.0), 2.0)
        assert (again.register() or 0) > 104_000.0 - 1000.0, "a meter that was changed while the box was off"

    timeless.run(script())


def test_what_nothing_else_can_tell_is_noted_every_time() -> None:
    async def script() -> None:
        made, book = metering(wanted="integrate")
        for step in range(10):
            made.take(shows(float(step), power=11_000.0), float(step))
            await made.keep()
        assert len(book.texts) == 10
        again, _ = metering(noted=book.texts[-1], wanted="integrate")
        assert again.register() == made.register()

    timeless.run(script())
