"""Commands through the hub: intent, effect, answer, and what follows of them later."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from gateway.model import commands as cmd
from gateway.model import events as ev
from gateway.model.changes import BootReason
from gateway.model.evse import ConnectorStatus
from gateway.model.ids import Place
from gateway.model.station import Capability
from gateway.model.tokens import Token
from gateway.needs import needed
from tests.fakes.box import ID, IDENTITY, RFID, Box, open_box

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

WHOLE = Place(station=ID)


@pytest.fixture
async def box(tmp_path: Path) -> AsyncIterator[Box]:
    async with open_box(tmp_path) as opened:
        await opened.arrive()
        yield opened


async def boot(box: Box) -> None:
    await box.hub.publish(ev.StationBooted(station=ID, at=box.clock.now(), identity=IDENTITY))
    await box.settled()


def closing(box: Box) -> list[tuple[int, bool]]:
    return [(command.place.evse, command.operative) for command in box.adapter.asked(cmd.ChangeAvailability)]


@pytest.mark.ocpp("F03.FR.03", "F03.FR.07")
async def test_a_stop_that_arrives_before_the_station_has_answered_is_the_backends(box: Box) -> None:
    admission = await box.begin()
    (started,) = await box.sent_of("TransactionEvent")

    async def stop_first(_command: cmd.Command) -> None:
        await box.end(admission.number, token=RFID)

    box.adapter.on_command = stop_first
    id_ = started["transactionInfo"]["transactionId"]
    assert (await box.call("RequestStopTransaction", {"transactionId": id_}))["status"] == "Accepted"
    (ended,) = await box.sent_of("TransactionEvent")
    assert (ended["triggerReason"], ended["transactionInfo"]["stoppedReason"]) == ("RemoteStop", "Remote")


async def test_a_start_that_arrives_before_the_station_has_answered_is_the_backends(box: Box) -> None:
    async def start_first(_command: cmd.Command) -> None:
        await box.begin()

    box.adapter.on_command = start_first
    request = {"idToken": {"idToken": RFID.value, "type": "ISO14443"}, "remoteStartId": 42, "evseId": 1}
    assert (await box.call("RequestStartTransaction", request))["status"] == "Accepted"
    (started,) = await box.sent_of("TransactionEvent")
    assert (started["triggerReason"], started["transactionInfo"]["remoteStartId"]) == ("RemoteStart", 42)


async def test_what_a_station_cannot_do_it_is_not_asked(box: Box) -> None:
    await box.hub.publish(
        ev.StationFound(station=ID, at=box.clock.now(), capabilities=frozenset({Capability.REMOTE_STOP}))
    )
    outcome = await box.hub.execute(cmd.Unlock(place=Place(station=ID, evse=1, connector=1)))
    assert outcome.verdict is cmd.Verdict.UNSUPPORTED
    assert box.adapter.commands == []


async def test_a_station_that_is_not_reached_is_not_asked(box: Box) -> None:
    await box.hub.publish(ev.StationLost(station=ID, at=box.clock.now()))
    outcome = await box.hub.execute(cmd.Reset(place=WHOLE, kind=cmd.ResetKind.IMMEDIATE))
    assert outcome.verdict is cmd.Verdict.UNREACHABLE
    assert box.state.reset is None


def test_every_command_needs_a_capability() -> None:
    here = {"station": ID}
    for command in (
        cmd.ClearTokens(**here), cmd.ReadVariables(station=ID), cmd.ReadLocalListVersion(**here),
        cmd.SetVariable(station=ID, key="k", value="v"), cmd.CancelReservation(station=ID, reservation=1),
        cmd.VendorRequest(station=ID, vendor="v"),
    ):  # fmt: skip
        assert needed(command) <= set(Capability)


class TestReset:
    """B11 and B12."""

    async def test_on_idle_waits_for_the_last_transaction_and_is_the_reason_of_the_boot(self, box: Box) -> None:
        first, second = (await box.begin("a", evse=1)).number, (await box.begin("b", evse=2)).number
        assert (await box.call("Reset", {"type": "OnIdle"}))["status"] == "Scheduled"
        await box.end(first, "s1", token=RFID)
        await box.settled()
        assert box.adapter.commands == []
        await box.end(second, "s2", token=RFID)
        await box.settled()
        assert [command.kind for command in box.adapter.asked(cmd.Reset)] == [cmd.ResetKind.ON_IDLE]
        ended = [e for e in await box.sent_of("TransactionEvent") if e["eventType"] == "Ended"]
        assert [event["transactionInfo"]["stoppedReason"] for event in ended] == ["Local", "Local"]
        await boot(box)
        assert box.backend.boots == [BootReason.SCHEDULED_RESET]

    async def test_a_refusal_later_is_the_end_of_it(self, box: Box) -> None:
        number = (await box.begin()).number
        await box.call("Reset", {"type": "OnIdle"})
        box.adapter.refuse(cmd.Reset)
        await box.end(number)
        await box.settled()
        assert (box.state.reset, box.state.reset_due) == (None, False)

    @pytest.mark.parametrize(
        ("verdict", "times"), [(cmd.Verdict.REJECTED, 3), (cmd.Verdict.UNREACHABLE, 3), (cmd.Verdict.UNANSWERED, 1)]
    )
    async def test_one_that_fails_is_tried_as_often_as_reset_retries_says(
        self, box: Box, verdict: cmd.Verdict, times: int
    ) -> None:
        data = {"component": {"name": "OCPPCommCtrlr"}, "variable": {"name": "ResetRetries"}, "attributeValue": "2"}
        answer = await box.call("SetVariables", {"setVariableData": [data]})
        assert answer["setVariableResult"][0]["attributeStatus"] == "Accepted"
        box.adapter.refuse(cmd.Reset, verdict=verdict)
        assert (await box.call("Reset", {"type": "Immediate"}))["status"] == "Rejected"
        assert len(box.adapter.asked(cmd.Reset)) == times

    @pytest.mark.ocpp("B11.FR.01", "B12.FR.02", "B01.FR.09")
    async def test_immediate_is_asked_for_at_once(self, box: Box) -> None:
        number = (await box.begin()).number
        assert (await box.call("Reset", {"type": "Immediate"}))["status"] == "Accepted"
        assert [command.kind for command in box.adapter.asked(cmd.Reset)] == [cmd.ResetKind.IMMEDIATE]
        await box.end(number)
        ended = (await box.sent_of("TransactionEvent"))[-1]
        assert (ended["triggerReason"], ended["transactionInfo"]["stoppedReason"]) == ("ResetCommand", "ImmediateReset")
        await boot(box)
        assert box.backend.boots == [BootReason.REMOTE_RESET]


@pytest.mark.ocpp("B11.FR.05")
async def test_what_is_reserved_is_so_again_after_a_boot(box: Box) -> None:
    kept, over = box.clock.now() + timedelta(hours=2), box.clock.now() + timedelta(minutes=1)
    for number, expires_at in ((1, over), (2, kept)):
        place = Place(station=ID, evse=number, connector=1)
        await box.hub.execute(
            cmd.Reserve(place=place, reservation=number, token=RFID, group=None, expires_at=expires_at)
        )
    box.adapter.commands.clear()
    box.clock.pass_(minutes=5)
    await boot(box)
    (again,) = box.adapter.asked(cmd.Reserve)
    assert (again.place.evse, again.reservation, again.token, again.expires_at) == (2, 2, RFID, kept)


class TestAvailability:
    """G03 and G04."""

    @pytest.mark.ocpp("B11.FR.02", "B12.FR.06", "G01.FR.02", "G03.FR.08", "G04.FR.09")
    async def test_it_is_set_again_after_a_boot(self, box: Box) -> None:
        await box.call("ChangeAvailability", {"operationalStatus": "Inoperative", "evse": {"id": 2}})
        await box.call("ChangeAvailability", {"operationalStatus": "Inoperative"})
        box.adapter.commands.clear()
        await boot(box)
        assert closing(box) == [(0, False), (2, False)]

    @pytest.mark.ocpp("G04.FR.08")
    async def test_opening_the_station_leaves_an_evse_closed_that_was_closed_by_itself(self, box: Box) -> None:
        await box.call("ChangeAvailability", {"operationalStatus": "Inoperative", "evse": {"id": 2}})
        await box.call("ChangeAvailability", {"operationalStatus": "Inoperative"})
        await box.sent()
        box.adapter.commands.clear()
        await box.call("ChangeAvailability", {"operationalStatus": "Operative"})
        await box.settled()
        assert closing(box) == [(0, True), (2, False)], "a 1.x station has opened all its connectors"
        told = await box.sent_of("StatusNotification")
        assert [(status["evseId"], status["connectorStatus"]) for status in told] == [(1, "Available")]

    @pytest.mark.ocpp("G04.FR.02", "G04.FR.03")
    async def test_a_refusal_changes_nothing(self, box: Box) -> None:
        box.adapter.refuse(cmd.ChangeAvailability)
        answer = await box.call("ChangeAvailability", {"operationalStatus": "Inoperative"})
        assert answer["status"] == "Rejected"
        assert box.state.operative
        assert await box.sent() == []


async def test_settings_are_read_after_a_boot_and_then_taken_as_fresh(box: Box) -> None:
    await boot(box)
    assert len(box.adapter.asked(cmd.ReadVariables)) == 1
    await box.hub.refresh_variables(ID)
    assert len(box.adapter.asked(cmd.ReadVariables)) == 1
    box.clock.pass_(hours=2)
    await box.hub.refresh_variables(ID)
    assert len(box.adapter.asked(cmd.ReadVariables)) == 2


async def test_a_remote_start_that_is_refused_leaves_nothing(box: Box) -> None:
    box.adapter.refuse(cmd.StartCharging)
    request = {"idToken": {"idToken": "X1", "type": "ISO14443"}, "remoteStartId": 1, "evseId": 1}
    assert (await box.call("RequestStartTransaction", request))["status"] == "Rejected"
    await box.begin(token=Token(value="X1"))
    assert (await box.sent_of("TransactionEvent"))[0]["triggerReason"] == "Authorized"


async def test_a_fault_is_told_with_its_end(box: Box) -> None:
    await box.hub.publish(ev.StationLost(station=ID, at=box.clock.now()))
    await box.hub.publish(
        ev.StationFound(station=ID, at=box.clock.now(), capabilities=frozenset(Capability) - {Capability.BOX_SESSIONS})
    )
    sent = await box.sent()
    told = [message.payload["eventData"][0] for message in sent if message.action == "NotifyEvent"]
    assert [event.get("cleared", False) for event in told] == [False, True]
    statuses = [m.payload["connectorStatus"] for m in sent if m.action == "StatusNotification"]
    assert statuses == [ConnectorStatus.UNAVAILABLE] * 2 + [ConnectorStatus.AVAILABLE] * 2
