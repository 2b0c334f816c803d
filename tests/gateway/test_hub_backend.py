"""The hub towards the backend: statuses, variables, words on tokens, messages."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from gateway.contracts import CallRefused, Message
from gateway.keeper import BACKLOG
from gateway.model import commands as cmd
from gateway.model import events as ev
from gateway.model.device import VariableRef, VariableStatus
from gateway.model.evse import ConnectorStatus
from gateway.model.ids import Place
from gateway.timekeeper import TIME_SOURCE
from tests.fakes.box import ID, Box, open_box

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from gateway.contracts import Json

BEEP = ev.StationVariable(key="Beep", component="LegacyStation", variable="Beep", value="1", read_only=False)
BEEP_REF = VariableRef(component="LegacyStation", variable="Beep")
THRESHOLD = VariableRef(component="OCPPCommCtrlr", variable="OfflineThreshold")


@pytest.fixture
async def box(tmp_path: Path) -> AsyncIterator[Box]:
    async with open_box(tmp_path) as opened:
        await opened.arrive()
        yield opened


async def report(box: Box, evse: int, status: ConnectorStatus) -> None:
    place = Place(station=ID, evse=evse, connector=1)
    await box.hub.publish(ev.ConnectorChanged(place=place, at=box.clock.now(), status=status))


async def statuses(box: Box) -> list[tuple[int, str]]:
    return [(s["evseId"], s["connectorStatus"]) for s in await box.sent_of("StatusNotification")]


class TestStatuses:
    """Which connectors are told when (B01, B04)."""

    @pytest.mark.ocpp("B01.FR.05")
    async def test_every_one_after_a_boot(self, box: Box) -> None:
        await box.hub.booted(ID)
        assert await statuses(box) == [(1, "Available"), (2, "Available")]

    @pytest.mark.ocpp("B04.FR.01")
    async def test_every_one_after_a_long_time_offline(self, box: Box) -> None:
        await box.hub.reconnected(ID, timedelta(seconds=61))
        assert await statuses(box) == [(1, "Available"), (2, "Available")]

    @pytest.mark.ocpp("B04.FR.02")
    async def test_only_what_changed_after_a_short_one(self, box: Box) -> None:
        box.backend.since = None
        for status in (ConnectorStatus.OCCUPIED, ConnectorStatus.UNAVAILABLE, ConnectorStatus.OCCUPIED):
            await report(box, 2, status)
        await box.hub.reconnected(ID, timedelta(seconds=60))
        assert await statuses(box) == [(2, "Occupied")], "and of that only the last"

    async def test_after_a_long_time_none_is_told_twice(self, box: Box) -> None:
        box.backend.since = None
        await report(box, 2, ConnectorStatus.OCCUPIED)
        await box.hub.reconnected(ID, timedelta(hours=5))
        assert await statuses(box) == [(1, "Available"), (2, "Occupied")]

    async def test_each_change_while_the_backend_is_there(self, box: Box) -> None:
        for status in (ConnectorStatus.OCCUPIED, ConnectorStatus.AVAILABLE, ConnectorStatus.AVAILABLE):
            await report(box, 1, status)
        assert await statuses(box) == [(1, "Occupied"), (1, "Available")]


class TestVariables:
    """The box's own values, and those that the station holds."""

    async def test_the_boxs_own_is_kept_over_a_restart_and_honoured(self, tmp_path: Path) -> None:
        async with open_box(tmp_path) as box:
            await box.arrive()
            assert (await box.hub.set_variable(ID, THRESHOLD, "5")).status is VariableStatus.ACCEPTED
            assert box.adapter.commands == []
        async with open_box(tmp_path) as box:
            assert box.hub.integer(ID, "OCPPCommCtrlr", "OfflineThreshold") == 5
            await box.sent()
            await box.hub.reconnected(ID, timedelta(seconds=6))
            assert len(await statuses(box)) == 2

    async def test_a_value_that_does_not_fit_is_refused(self, box: Box) -> None:
        assert (await box.hub.set_variable(ID, THRESHOLD, "soon")).status is VariableStatus.REJECTED
        assert box.hub.integer(ID, "OCPPCommCtrlr", "OfflineThreshold") == 60

    async def test_the_stations_own_is_set_at_the_station(self, box: Box) -> None:
        await box.hub.publish(ev.VariablesReported(station=ID, at=box.clock.now(), variables=(BEEP,), complete=True))
        assert (await box.hub.set_variable(ID, BEEP_REF, "0")).status is VariableStatus.ACCEPTED
        assert [(c.key, c.value) for c in box.adapter.asked(cmd.SetVariable)] == [("Beep", "0")]
        assert box.hub.device(ID).value(BEEP_REF) == "0"
        await box.hub.publish(ev.VariablesReported(station=ID, at=box.clock.now(), variables=(BEEP,)))
        assert box.hub.device(ID).value(BEEP_REF) == "1", "what the station says now holds"

    @pytest.mark.parametrize(
        ("verdict", "status", "value"),
        [
            (cmd.Verdict.REBOOT_REQUIRED, VariableStatus.REBOOT_REQUIRED, "0"),
            (cmd.Verdict.REJECTED, VariableStatus.REJECTED, "1"),
            (cmd.Verdict.UNKNOWN, VariableStatus.UNKNOWN_VARIABLE, "1"),
        ],
    )
    async def test_the_stations_word_on_it_is_the_answer(
        self, box: Box, verdict: cmd.Verdict, status: VariableStatus, value: str
    ) -> None:
        await box.hub.publish(ev.VariablesReported(station=ID, at=box.clock.now(), variables=(BEEP,), complete=True))
        box.adapter.refuse(cmd.SetVariable, verdict=verdict)
        assert (await box.hub.set_variable(ID, BEEP_REF, "0")).status is status
        assert box.hub.device(ID).value(BEEP_REF) == value

    async def test_a_report_of_some_settings_leaves_the_others(self, box: Box) -> None:
        other = ev.StationVariable(key="Tone", component="LegacyStation", variable="Tone", value="x", read_only=True)
        for variables in ((BEEP,), (other,)):
            await box.hub.publish(ev.VariablesReported(station=ID, at=box.clock.now(), variables=variables))
        assert list(box.member.settings) == [BEEP, other]
        await box.hub.publish(ev.VariablesReported(station=ID, at=box.clock.now(), variables=(other,), complete=True))
        assert list(box.member.settings) == [other]


async def test_an_action_that_nobody_handles_is_not_supported(box: Box) -> None:
    with pytest.raises(CallRefused) as caught:
        await box.hub.handle(ID, "SetDisplayMessage", {})
    assert caught.value.code == "NotSupported"


async def test_posted_messages_keep_their_order(box: Box) -> None:
    await box.hub.post(ID, *(Message(action="Heartbeat", payload={}, stream=str(n)) for n in range(3)))
    assert [message.stream for message in await box.sent()] == ["0", "1", "2"]


async def test_a_backend_that_cannot_keep_up_is_told_the_latest(box: Box) -> None:
    """A contact that chatters must not fill the disk."""
    box.backend.since = box.clock.now()
    for number in range(3 * BACKLOG):
        await report(box, 1, ConnectorStatus.OCCUPIED if number % 2 else ConnectorStatus.UNAVAILABLE)
    await report(box, 2, ConnectorStatus.OCCUPIED)
    assert box.storage.outbox.length(ID) <= BACKLOG + 2
    told = await statuses(box)
    assert told[-2:] == [(1, "Occupied"), (2, "Occupied")]


async def test_strangers_are_counted(box: Box) -> None:
    for _ in range(2):
        await box.hub.refused("CP-X", "10.0.0.9")
    (stranger,) = box.fleet.strangers()
    assert (stranger.claimed_identity, stranger.count) == ("CP-X", 2)


@pytest.mark.ocpp("G02.FR.06")
async def test_the_backends_clock_is_followed(box: Box) -> None:
    noon = box.clock.now() + timedelta(days=9)
    box.hub.synchronise(ID, noon)
    assert box.hub.now() == noon


async def test_or_the_boxs_own_where_the_backend_says_so(box: Box) -> None:
    box.clock.hardware = box.clock.now() + timedelta(seconds=7)
    wanted: Json = {"component": {"name": "ClockCtrlr"}, "variable": {"name": "TimeSource"}}
    for source, status in (("NTP", "Rejected"), ("RealTimeClock,Heartbeat", "Accepted")):
        answer = await box.call("SetVariables", {"setVariableData": [{**wanted, "attributeValue": source}]})
        assert answer["setVariableResult"][0]["attributeStatus"] == status
    box.hub.synchronise(ID, box.clock.now() + timedelta(days=9))
    assert box.hub.now() == box.clock.hardware
    await box.hub.set_variable(ID, TIME_SOURCE, "Heartbeat")
    noon = box.clock.now() + timedelta(days=9)
    box.hub.synchronise(ID, noon)
    assert box.hub.now() == noon
