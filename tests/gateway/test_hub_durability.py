"""All or nothing: a commit that fails, a caller that is cancelled, a box that starts again in the middle."""

from __future__ import annotations

import asyncio
import sqlite3
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from gateway.contracts import Message
from gateway.model import commands as cmd
from gateway.model import events as ev
from gateway.model.errors import GatewayError
from gateway.model.evse import ConnectorStatus
from gateway.model.ids import Place
from gateway.model.station import Capability
from gateway.store import writer
from tests.fakes.box import ID, IDENTITY, RFID, Box, open_box

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from pathlib import Path

    from gateway.contracts import Json

ON_DISK = "SELECT json_extract(payload, '$.seqNo') FROM outbox WHERE action = 'TransactionEvent' ORDER BY id"


@pytest.fixture
async def box(tmp_path: Path) -> AsyncIterator[Box]:
    async with open_box(tmp_path) as opened:
        await opened.arrive()
        yield opened


@pytest.fixture
def disk(monkeypatch: pytest.MonkeyPatch) -> Disk:
    """The disk, to be filled up."""
    disk = Disk(attempt=writer._attempt)
    monkeypatch.setattr(writer, "_attempt", disk.try_)
    return disk


@dataclass
class Disk:
    """Refuses what would write (``full``) or everything that needs a lock (``read_only``)."""

    attempt: Callable[[sqlite3.Connection, list[writer._Job]], bool]
    full: bool = False
    read_only: bool = False

    def try_(self, connection: sqlite3.Connection, jobs: list[writer._Job]) -> bool:
        """Run a group, or fail it."""
        writes = any(not sql.startswith("SELECT") for job in jobs for sql, _ in job.statements)
        if self.read_only or (self.full and writes):
            for job in jobs:
                job.error = sqlite3.OperationalError("disk I/O error")
            return False
        return self.attempt(connection, jobs)


async def running(box: Box) -> int:
    """A transaction, and the messages of its start out of the way."""
    number = (await box.begin()).number
    await box.sent()
    return number


class TestStorageFails:
    """Then nothing has happened, and the station is not answered."""

    async def test_of_a_report_nothing_is_kept(self, box: Box, disk: Disk) -> None:
        number = await running(box)
        before = box.state
        disk.full = True
        down = ev.ConnectorChanged(
            place=Place(station=ID, evse=2, connector=1), at=box.clock.now(), status=ConnectorStatus.FAULTED
        )
        for report in (box.measure(1500.0), box.end(number), box.begin("next", evse=2), box.hub.publish(down)):
            with pytest.raises(GatewayError, match="storage-failed"):
                await report
        assert box.state == before
        assert await box.sent() == []
        assert box.member.awaited == {}
        disk.full = False
        await box.measure(1500.0)
        await box.end(number)
        assert [event["seqNo"] for event in await box.sent_of("TransactionEvent")] == [1, 2]

    async def test_the_station_is_not_asked_what_cannot_be_noted(self, box: Box, disk: Disk) -> None:
        disk.full = True
        with pytest.raises(GatewayError, match="storage-failed"):
            await box.hub.execute(cmd.Reset(place=Place(station=ID), kind=cmd.ResetKind.IMMEDIATE))
        assert box.adapter.commands == []

    @pytest.mark.parametrize("read_only", [False, True])
    async def test_a_driver_is_authorized_all_the_same(self, box: Box, disk: Disk, read_only: bool) -> None:  # noqa: FBT001 parameter
        box.backend.answers["Authorize"] = {"idTokenInfo": {"status": "Accepted"}}
        disk.full, disk.read_only = True, read_only
        found = await box.hub.authorize(Place(station=ID), RFID, patience=1.0)
        assert found.accepted


class TestCancelled:
    """A caller that goes away must not leave memory behind the disk."""

    @pytest.mark.parametrize("yields", range(5))
    async def test_reports_go_on_without_a_gap(self, box: Box, yields: int) -> None:
        number = await running(box)
        cancelled = asyncio.create_task(box.measure(1500.0))
        for _ in range(yields):
            await asyncio.sleep(0)
        cancelled.cancel()
        await box.measure(1600.0)
        await box.end(number)
        rows = await box.storage.writer.read([(ON_DISK, ())])
        told = [event["seqNo"] for event in await box.sent_of("TransactionEvent")]
        assert told == list(range(1, len(told) + 1))
        assert [seq for (seq,) in rows] == told, "on disk as in memory"
        assert len(told) in {2, 3}, "the report of the caller that went away is told whole, or not at all"
        assert cancelled.cancelled()

    async def test_a_posted_message_is_sent(self, box: Box) -> None:
        posting = asyncio.create_task(box.hub.post(ID, Message(action="Heartbeat", payload={})))
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        posting.cancel()
        await asyncio.wait([posting])
        stored = await box.storage.writer.read([("SELECT count(*) FROM outbox", ())])
        assert len(await box.sent()) == stored[0][0]

    async def test_a_command_is_carried_out(self, box: Box) -> None:
        reached, go_on = asyncio.Event(), asyncio.Event()

        async def slow(_command: cmd.Command) -> None:
            reached.set()
            await go_on.wait()

        box.adapter.on_command = slow
        place = Place(station=ID, evse=1)
        caller = asyncio.create_task(box.hub.execute(cmd.ChangeAvailability(place=place, operative=False)))
        await reached.wait()
        caller.cancel()
        await asyncio.wait([caller])
        go_on.set()
        await box.settled()
        connector = box.state.connector(1)
        assert connector is not None
        assert not connector.operative


class TestRestart:
    """The box starts again; the station does not notice, and neither does the backend."""

    async def test_in_the_middle_of_a_transaction(self, tmp_path: Path) -> None:
        told: list[Json] = []
        async with open_box(tmp_path) as box:
            await box.arrive()
            number = (await box.begin("k")).number
            told += await box.sent_of("TransactionEvent")
        async with open_box(tmp_path, clock=box.clock) as box:
            assert (await box.begin("k")).number == number, "a repeat over the restart"
            await box.measure(1500.0, number=number)
            told += await box.sent_of("TransactionEvent")
        async with open_box(tmp_path, clock=box.clock) as box:
            await box.end(number)
            await box.end(number)
            told += await box.sent_of("TransactionEvent")
        assert [(event["eventType"], event["seqNo"]) for event in told] == [
            ("Started", 0),
            ("Updated", 1),
            ("Ended", 2),
        ]
        assert len({event["transactionInfo"]["transactionId"] for event in told}) == 1

    async def test_a_repeated_stop_without_a_number_is_still_known(self, tmp_path: Path) -> None:
        async with open_box(tmp_path) as box:
            await box.arrive()
            await running(box)
            await box.end(None)
        async with open_box(tmp_path) as box:
            await box.sent()
            await box.end(None)
            assert await box.sent() == []

    async def test_what_was_not_sent_is_sent(self, tmp_path: Path) -> None:
        async with open_box(tmp_path) as box:
            await box.arrive()
            await box.begin()
        async with open_box(tmp_path) as box:
            (started,) = await box.sent_of("TransactionEvent")
        assert (started["eventType"], started["offline"]) == ("Started", True)

    async def test_what_the_backend_set_and_the_station_said_is_kept(self, tmp_path: Path) -> None:
        setting = ev.StationVariable(key="Beep", component="LegacyStation", variable="Beep", value="1", read_only=False)
        async with open_box(tmp_path) as box:
            report = ev.VariablesReported(station=ID, at=box.clock.now(), variables=(setting,), complete=True)
            await box.hub.publish(report)
            await box.arrive()
            place = Place(station=ID, evse=2)
            await box.hub.execute(cmd.ChangeAvailability(place=place, operative=False))
        async with open_box(tmp_path) as box:
            assert box.member.settings == (setting,)
            assert box.state.identity == IDENTITY
            assert [connector.operative for connector in box.state.connectors] == [True, False]

    @pytest.mark.ocpp("B12.FR.01", "B12.FR.03")
    async def test_a_reset_that_waits_is_done_afterwards(self, tmp_path: Path) -> None:
        async with open_box(tmp_path) as box:
            await box.arrive()
            number = await running(box)
            assert (await box.call("Reset", {"type": "OnIdle"}))["status"] == "Scheduled"
            box.adapter.refuse(cmd.Reset, verdict=cmd.Verdict.UNREACHABLE)
            await box.hub.publish(ev.StationLost(station=ID, at=box.clock.now()))
            await box.end(number)
            await box.settled()
            assert box.adapter.asked(cmd.Reset) == []
        async with open_box(tmp_path) as box:
            found = ev.StationFound(
                station=ID, at=box.clock.now(), capabilities=frozenset(Capability) - {Capability.BOX_SESSIONS}
            )
            await box.hub.publish(found)
            await box.settled()
            assert [reset.kind for reset in box.adapter.asked(cmd.Reset)] == [cmd.ResetKind.ON_IDLE]
            await box.hub.publish(found)
            await box.settled()
            assert len(box.adapter.asked(cmd.Reset)) == 1
