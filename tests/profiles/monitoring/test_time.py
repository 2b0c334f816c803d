"""Periodic events (N08), and events while the backend is away (N07, N08)."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from gateway.model.evse import ConnectorStatus
from tests.fakes.box import ID
from tests.fakes.clock import START
from tests.profiles.monitoring.station import AVAILABILITY, POWER, monitored
from tests.profiles.opened import running

if TYPE_CHECKING:
    from pathlib import Path

FREE, BUSY = ConnectorStatus.AVAILABLE, ConnectorStatus.OCCUPIED
CLOCK = {"component": {"name": "ClockCtrlr"}, "variable": {"name": "DateTime"}}


@pytest.mark.ocpp("N08.FR.04", "N08.FR.05", "N08.FR.06")
async def test_a_periodic_monitor_tells_the_value_every_so_often(tmp_path: Path) -> None:
    async with monitored(tmp_path) as station:
        await station.draws(1234)
        id_ = (await station.set(POWER, "Periodic", 60))["id"]
        await station.wait(59)
        assert await station.told() == []
        await station.wait(1)
        (payload,) = await station.box.sent_of("NotifyEvent")
        (event,) = payload["eventData"]
        assert (payload["seqNo"], event["trigger"], event["actualValue"]) == (0, "Periodic", "1234.0")
        assert event["variableMonitoringId"] == id_
        await station.wait(60)
        await station.wait(30)
        assert len(await station.told()) == 1


@pytest.mark.ocpp("N08.FR.05", "N08.FR.07")
async def test_a_clock_aligned_monitor_tells_the_value_at_the_quarters_of_the_hour(tmp_path: Path) -> None:
    async with monitored(tmp_path) as station:
        station.box.clock.pass_(seconds=100)
        await station.set(POWER, "PeriodicClockAligned", 900)
        await station.wait(799)
        assert await station.told() == []
        await station.wait(1)
        (event,) = await station.told()
        assert (event["trigger"], event["timestamp"]) == ("Periodic", "2024-05-01T12:15:00.000Z")
        await station.wait(899)
        assert await station.told() == []
        await station.wait(1)
        assert len(await station.told()) == 1


async def test_events_that_come_together_are_told_together(tmp_path: Path) -> None:
    async with monitored(tmp_path) as station:
        for severity in range(3):
            await station.set(POWER, "Periodic", 60, severity=severity)
        await station.wait(60)
        (payload,) = await station.box.sent_of("NotifyEvent")
    assert len({event["eventId"] for event in payload["eventData"]}) == 3


@pytest.mark.ocpp("N07.FR.04", "N08.FR.03")
async def test_what_is_severe_enough_waits_for_the_backend(tmp_path: Path) -> None:
    async with monitored(tmp_path) as station:
        await station.variable("OfflineQueuingSeverity", "5")
        await station.set(AVAILABILITY, "Delta", 1, severity=5)
        await station.set(POWER, "Periodic", 60, severity=5)
        station.box.backend.since = None
        await station.shows(BUSY)
        await station.shows(FREE)
        await station.wait(60)
        station.box.backend.since = START
        await station.wait(1)
        triggers = [event["trigger"] for event in await station.told()]
    assert triggers == ["Delta", "Delta", "Periodic"]


async def test_what_is_not_is_told_only_if_it_is_still_so(tmp_path: Path) -> None:
    async with monitored(tmp_path) as station:
        await station.variable("OfflineQueuingSeverity", "5")
        await station.set(AVAILABILITY, "Delta", 1, severity=6)
        await station.set(POWER, "UpperThreshold", 7000, severity=6)
        await station.set(POWER, "Periodic", 60, severity=6)
        station.box.backend.since = None
        await station.shows(BUSY)
        await station.shows(FREE)
        await station.draws(9000)
        await station.wait(60)
        assert await station.told() == []
        station.box.backend.since = START
        await station.wait(1)
        assert [(event["trigger"], event["actualValue"]) for event in await station.told()] == [("Alerting", "9000.0")]


async def test_the_time_itself_can_be_watched(tmp_path: Path) -> None:
    async with monitored(tmp_path) as station:
        await station.set(CLOCK, "Delta", 2)
        for _ in range(6):
            await station.wait(1)
        assert await station.values() == ["2024-05-01T12:00:03.000Z", "2024-05-01T12:00:06.000Z"]


async def test_the_profile_looks_by_itself(tmp_path: Path) -> None:
    async with monitored(tmp_path) as station, running(station.profile):
        changed = station.box.storage.outbox.changed(ID)
        changed.clear()
        await station.set(POWER, "Periodic", 30)
        station.box.clock.pass_(seconds=30)
        await station.set(POWER, "Delta", 1)  # the clock of a test does not wake anybody
        async with asyncio.timeout(5):
            await changed.wait()
        assert [event["trigger"] for event in await station.told()] == ["Periodic"]


async def test_a_station_without_monitors_waits_for_nothing(tmp_path: Path) -> None:
    async with monitored(tmp_path) as station:
        assert station.profile.watch.pause() is None
        id_ = (await station.set(POWER, "Periodic", 30))["id"]
        assert station.profile.watch.pause() == 30
        await station.clear(id_)
        await station.draws(100)
        assert station.profile.watch.pause() is None
