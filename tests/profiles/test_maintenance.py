"""Recurring inspections in the device model of a running box."""

from __future__ import annotations

from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from gateway.inspections import inspection_alerts
from gateway.model.device import DataType, VariableSpec, VariableStatus, timestamp
from gateway.model.inspection import Inspection, Interval, Source
from profiles.equipment import EquipmentProfile
from profiles.maintenance import MaintenanceProfile
from profiles.monitoring import MonitoringProfile
from tests.fakes.box import ID, open_box
from tests.fakes.clock import START, SettableClock
from tests.profiles.opened import described, running

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from tests.fakes.box import Box

DAY = timedelta(days=1)
RCD = Inspection(component="RCD", every=Interval(days=100), last=START - 90 * DAY)
CONTACTOR = Inspection(component="PowerContactor", evse=1, cycles=2, source=Source.ENERGY)
FAN = Inspection(component="AirCoolingSystem", cycles=100_000, hours=5.0, source=Source.SENSOR)
RUNS = VariableSpec(ref=FAN.ref("Active"), type=DataType.BOOLEAN, live=True)
LOCK = Inspection(component="EVRetentionLock", evse=1, cycles=1000, hours=50.0, source=Source.TRANSACTION)


class Ticks:
    """A clock that nobody sets."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


class Workshop:
    """A box, its inspections, and short ways to look at them."""

    def __init__(self, box: Box, profile: MaintenanceProfile, ticks: Ticks) -> None:
        self.box, self.profile, self.ticks = box, profile, ticks

    def value(self, inspection: Inspection, variable: str) -> str:
        return self.box.hub.device(ID).get(inspection.ref(variable)).value or ""

    async def events(self) -> list[tuple[str, str]]:
        await self.box.settled()
        told = await self.box.sent_of("NotifyEvent")
        return [(e["variable"]["name"], e["actualValue"]) for page in told for e in page["eventData"]]

    async def confirm(self, inspection: Inspection, at: str) -> str:
        return (await self.box.hub.set_variable(ID, inspection.ref("InspectionLast"), at)).status

    async def pass_time(self, time: timedelta) -> None:
        self.box.clock.time += time
        self.ticks.now += time.total_seconds()
        await self.profile.look()
        await self.box.settled()


@asynccontextmanager
async def workshop(
    path: Path,
    *inspections: Inspection,
    clock: SettableClock | None = None,
    arrive: bool = True,
    monitors_last: bool = False,
) -> AsyncIterator[Workshop]:
    async with open_box(path, clock=clock) as box:
        found = replace(
            box.member.installation, inspections=inspections, alerts=inspection_alerts(inspections), equipment=(RUNS,)
        )
        box.member.installation = found
        ticks = Ticks()
        profile = MaintenanceProfile(box.hub, box.backend, ticks)
        monitoring = MonitoringProfile(box.hub, box.backend)
        box.hub.attach(box.backend, [box.profile, profile, monitoring, EquipmentProfile(box.hub, box.backend)])
        if arrive:
            await box.arrive()
        if not monitors_last:
            await monitoring.watch.book(ID)
        await profile.load()
        await profile.look()
        async with running(monitoring):
            await monitoring.watch.book(ID)
            monitoring.watch.look(ID)
            yield Workshop(box, profile, ticks)


async def test_what_an_inspection_adds_to_the_device_model(tmp_path: Path) -> None:
    async with workshop(tmp_path, RCD, LOCK) as shop:
        assert await described(shop.box, "RCD") == {
            "InspectionLast": ("dateTime", "ReadWrite", None),
            "InspectionDue": ("dateTime", "ReadOnly", None),
            "InspectionDueSoon": ("boolean", "ReadOnly", None),
            "InspectionOverdue": ("boolean", "ReadOnly", None),
        }
        assert {name: kind for name, (kind, *_) in (await described(shop.box, "EVRetentionLock")).items()} == {
            "InspectionLast": "dateTime",
            "InspectionDueSoon": "boolean",
            "InspectionOverdue": "boolean",
            "SwitchingCycles": "integer",
            "SwitchingCyclesDue": "integer",
            "OperatingHours": "decimal",
            "OperatingHoursDue": "decimal",
        }
        assert shop.value(RCD, "InspectionDue") == timestamp(START + 10 * DAY)


async def test_the_backend_hears_that_an_inspection_is_due_soon_and_then_overdue(tmp_path: Path) -> None:
    async with workshop(tmp_path, RCD) as shop:
        assert await shop.events() == [("InspectionDueSoon", "true")]
        await shop.pass_time(9 * DAY)
        assert await shop.events() == []
        await shop.pass_time(DAY)
        assert await shop.events() == [("InspectionOverdue", "true")]
        assert await shop.confirm(RCD, timestamp(shop.box.clock.now())) == VariableStatus.ACCEPTED
        assert sorted(await shop.events()) == [("InspectionDueSoon", "false"), ("InspectionOverdue", "false")]


async def test_what_the_backend_has_confirmed_is_kept_over_a_restart(tmp_path: Path) -> None:
    clock = SettableClock()
    async with workshop(tmp_path, RCD, clock=clock) as shop:
        await shop.confirm(RCD, timestamp(START))
    async with workshop(tmp_path, RCD, clock=clock, arrive=False) as shop:
        assert shop.value(RCD, "InspectionLast") == timestamp(START)
        assert shop.value(RCD, "InspectionDue") == timestamp(START + 100 * DAY)


async def test_a_later_day_of_the_site_file_counts(tmp_path: Path) -> None:
    clock = SettableClock()
    async with workshop(tmp_path, RCD, clock=clock) as shop:
        await shop.confirm(RCD, timestamp(START - DAY))
    later = replace(RCD, last=START)
    async with workshop(tmp_path, later, clock=clock, arrive=False) as shop:
        assert shop.value(later, "InspectionLast") == timestamp(START)


async def test_nothing_was_inspected_in_the_future(tmp_path: Path) -> None:
    async with workshop(tmp_path, RCD) as shop:
        assert await shop.confirm(RCD, timestamp(START + DAY)) == VariableStatus.REJECTED
        assert await shop.confirm(RCD, "yesterday") == VariableStatus.REJECTED
        assert shop.value(RCD, "InspectionLast") == timestamp(START - 90 * DAY)


async def test_an_inspection_that_is_overdue_at_the_start_is_told(tmp_path: Path) -> None:
    async with workshop(tmp_path, replace(RCD, last=START - 200 * DAY)) as shop:
        assert ("InspectionOverdue", "true") in await shop.events()


async def test_an_alarm_that_came_before_the_monitors_were_read_is_told(tmp_path: Path) -> None:
    async with workshop(tmp_path, replace(RCD, last=START - 200 * DAY), monitors_last=True) as shop:
        assert ("InspectionOverdue", "true") in await shop.events()


async def test_each_charge_is_a_cycle_of_contactor_and_lock(tmp_path: Path) -> None:
    async with workshop(tmp_path, CONTACTOR, LOCK) as shop:
        for key in ("one", "two"):
            assert shop.value(CONTACTOR, "InspectionOverdue") == "false"
            begun = await shop.box.begin(key)
            await shop.pass_time(timedelta(hours=1))
            await shop.box.end(begun.number, key + " ends")
            await shop.pass_time(timedelta(hours=1))
        assert [shop.value(CONTACTOR, name) for name in ("SwitchingCycles", "InspectionOverdue")] == ["2", "true"]
        assert [shop.value(LOCK, name) for name in ("SwitchingCycles", "OperatingHours")] == ["2", "2.00"]
        await shop.confirm(CONTACTOR, timestamp(shop.box.clock.now()))
        assert [shop.value(CONTACTOR, name) for name in ("SwitchingCyclesDue", "InspectionOverdue")] == ["4", "false"]


async def test_the_other_outlet_wears_no_contactor(tmp_path: Path) -> None:
    async with workshop(tmp_path, CONTACTOR) as shop:
        await shop.box.begin(evse=2)
        await shop.profile.look()
        assert shop.value(CONTACTOR, "SwitchingCycles") == "0"


async def test_a_sensor_of_the_fan_counts_its_hours(tmp_path: Path) -> None:
    async with workshop(tmp_path, FAN) as shop:
        for on, hours in (("true", 3), ("", 4), ("true", 2), ("false", 5)):
            shop.box.hub.sensed(ID, {RUNS.ref.key: on})
            await shop.pass_time(timedelta(hours=hours))
        assert [shop.value(FAN, name) for name in ("OperatingHours", "InspectionDueSoon", "InspectionOverdue")] == [
            "5.00",
            "true",
            "true",
        ]


async def test_counts_go_on_after_a_restart_and_a_closed_contact_is_not_counted_twice(tmp_path: Path) -> None:
    clock = SettableClock()
    async with workshop(tmp_path, FAN, clock=clock) as shop:
        shop.box.hub.sensed(ID, {RUNS.ref.key: "true"})
        await shop.pass_time(timedelta(hours=1))
        told = shop.value(FAN, "OperatingHours")
    async with workshop(tmp_path, FAN, clock=clock, arrive=False) as shop:
        assert shop.value(FAN, "OperatingHours") == told == "1.00"
        shop.box.hub.sensed(ID, {RUNS.ref.key: "true"})
        await shop.pass_time(timedelta(hours=1))
        assert shop.value(FAN, "OperatingHours") == "2.00"
        kept = await shop.box.hub.shelf("maintenance").documents(ID)
        assert [document["cycles"] for document in kept.values()] == [1]


async def test_a_contact_that_flutters_is_written_once_a_minute(tmp_path: Path) -> None:
    async with workshop(tmp_path, FAN) as shop:
        before = await shop.box.hub.shelf("maintenance").documents(ID)
        for number in range(500):
            shop.ticks.now += 0.01
            shop.box.hub.sensed(ID, {RUNS.ref.key: str(number % 2 == 0).lower()})
        await shop.box.settled()
        assert await shop.box.hub.shelf("maintenance").documents(ID) == before
        await shop.profile.look()
        (kept,) = (await shop.box.hub.shelf("maintenance").documents(ID)).values()
        assert kept["cycles"] == 250


async def test_what_was_counted_is_kept_at_an_orderly_end(tmp_path: Path) -> None:
    async with workshop(tmp_path, FAN) as shop:
        async with running(shop.profile):
            await shop.box.hub.shelf("maintenance").documents(ID)  # by now it runs
            shop.box.hub.sensed(ID, {RUNS.ref.key: "true"})
        (kept,) = (await shop.box.hub.shelf("maintenance").documents(ID)).values()
        assert kept["cycles"] == 1
