"""What a sensor of the box stops is stopped before the disk has it, and yet none of it is lost."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from gateway.model import commands as cmd
from gateway.model import events as ev
from gateway.model.commands import ChangeAvailability, StopCharging
from gateway.model.errors import GatewayError
from gateway.model.ids import Place
from gateway.model.transactions import STOPPED_UNKNOWN, cause_of_fault
from tests.fakes.box import ID, open_box

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence
    from pathlib import Path

    from gateway.model.evse import Fault
    from gateway.store.writer import Statement, Writer
    from tests.fakes.box import Box

STATION, SECOND = Place(station=ID), Place(station=ID, evse=2, connector=1)
HOLDER = "sensor fire"


@pytest.fixture
async def box(tmp_path: Path) -> AsyncIterator[Box]:
    async with open_box(tmp_path) as opened:
        await opened.arrive()
        yield opened


class Disk:
    """The disk of a box, which takes its time, or is broken."""

    def __init__(self, writer: Writer, monkeypatch: pytest.MonkeyPatch) -> None:
        self.fast = asyncio.Event()
        self.broken = False
        self._commit = writer.commit
        monkeypatch.setattr(writer, "commit", self.commit)

    async def commit(self, statements: Sequence[Statement]) -> None:
        if self.broken:
            raise GatewayError("storage-failed", cause="disk full")
        await self.fast.wait()
        await self._commit(statements)


async def asked(box: Box) -> None:
    """Wait until the station is asked for something; it stands in ``commands`` then."""
    asked = asyncio.Event()

    async def note(_: cmd.Command) -> None:
        asked.set()

    box.adapter.on_command = note
    async with asyncio.timeout(5):
        await asked.wait()


def alarm(box: Box, *, active: bool = True, where: Place = STATION, fault: Fault | None = None) -> ev.AlarmChanged:
    return ev.AlarmChanged(place=where, at=box.clock.now(), holder=HOLDER, active=active, fault=fault)


async def test_nobody_waits_for_a_slow_disk(box: Box, monkeypatch: pytest.MonkeyPatch) -> None:
    await box.begin(evse=2)
    disk = Disk(box.storage.writer, monkeypatch)
    async with asyncio.TaskGroup() as group:
        telling = group.create_task(box.hub.publish(alarm(box)))
        halting = group.create_task(box.hub.brakes.halt(STATION, HOLDER, STOPPED_UNKNOWN))
        await asked(box)
        assert box.adapter.held == {HOLDER: 0.0}
        assert not telling.done()
        assert not halting.done(), "what was asked is still to be noted"
        disk.fast.set()
    await box.settled()
    assert [type(command) for command in box.adapter.commands] == [
        StopCharging, ChangeAvailability, ChangeAvailability,
    ], "asked once, and before anything is closed"  # fmt: skip


async def test_without_a_disk_it_is_stopped_all_the_same(box: Box, monkeypatch: pytest.MonkeyPatch) -> None:
    admission = await box.begin(evse=2)
    disk = Disk(box.storage.writer, monkeypatch)
    disk.broken = True
    await box.hub.brakes.halt(STATION, HOLDER, STOPPED_UNKNOWN)
    assert len(box.adapter.asked(StopCharging)) == 1
    disk.broken = False
    disk.fast.set()
    await box.end(admission.number)
    assert box.state.transactions == ()


async def test_what_the_station_reports_meanwhile_is_known_for_what_it_is(box: Box) -> None:
    admission = await box.begin(evse=2)
    await box.sent()

    async def end(command: cmd.Command) -> None:
        if isinstance(command, StopCharging):
            await box.end(admission.number)

    box.adapter.on_command = end
    await box.hub.brakes.halt(SECOND, HOLDER, cause_of_fault(("EmergencyStop",)))
    (ended,) = await box.sent_of("TransactionEvent")
    assert (ended["eventType"], ended["transactionInfo"]["stoppedReason"]) == ("Ended", "EmergencyStop")


async def test_only_what_charges_there_is_stopped(box: Box) -> None:
    await box.begin()
    await box.hub.brakes.halt(SECOND, HOLDER, STOPPED_UNKNOWN)
    assert box.adapter.commands == []
    box.hub.brakes.hold_back(SECOND, HOLDER, None)
    assert box.adapter.held == {}


async def test_killed_between_the_stop_and_its_commit_the_end_is_still_told(tmp_path: Path) -> None:
    with pytest.MonkeyPatch.context() as patch:
        async with open_box(tmp_path) as box:
            await box.arrive()
            admission = await box.begin(evse=2)
            await box.sent()
            Disk(box.storage.writer, patch)  # never gets to it
            halting = asyncio.create_task(box.hub.brakes.halt(STATION, HOLDER, STOPPED_UNKNOWN))
            await asked(box)
            halting.cancel()
    async with open_box(tmp_path) as again:
        assert len(again.state.transactions) == 1
        await again.end(admission.number)
        (ended,) = await again.sent_of("TransactionEvent")
        assert ended["eventType"] == "Ended"


async def test_killed_between_the_alarm_and_the_stop_it_is_stopped_as_soon_as_it_is_found(tmp_path: Path) -> None:
    async with open_box(tmp_path) as box:
        await box.arrive()
        await box.begin(evse=2)
        box.adapter.refuse(StopCharging)
        await box.hub.publish(alarm(box, where=SECOND))
        await box.settled()
    async with open_box(tmp_path) as again:
        await again.hub.publish(
            ev.StationFound(station=ID, at=again.clock.now(), capabilities=again.state.capabilities)
        )
        await again.settled()
        (stop,) = again.adapter.asked(StopCharging)
        assert stop.cause == STOPPED_UNKNOWN
