"""Reset of one EVSE, of a station whose sessions the box runs (B11, B12)."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from gateway.model import commands as cmd
from gateway.model import events as ev
from gateway.model.device import VariableRef
from gateway.model.ids import Place
from gateway.model.station import Capability
from tests.fakes.box import ID, RFID, open_box
from tests.profiles.opened import limit

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from gateway.contracts import Json
    from tests.fakes.box import Box

SECOND = Place(station=ID, evse=2, connector=1)


@pytest.fixture
async def led(tmp_path: Path) -> AsyncIterator[Box]:
    """A box with a station of two EVSEs that it runs itself."""
    async with open_box(tmp_path) as box:
        await box.arrive()
        await limit(box, Capability.BOX_SESSIONS, Capability.RESET, Capability.CHANGE_AVAILABILITY)
        yield box


async def asked_for(box: Box, kind: str, evse: int) -> Json:
    """The answer to a Reset."""
    return await box.call("Reset", {"type": kind, "evseId": evse})


def resets(box: Box) -> list[int]:
    """The EVSEs that the adapter was asked to reset."""
    return [command.place.evse for command in box.adapter.asked(cmd.Reset)]


async def ended(box: Box) -> list[tuple[str, str]]:
    """Trigger and reason of each end that the CSMS was told of."""
    events = [event for event in await box.sent_of("TransactionEvent") if event["eventType"] == "Ended"]
    return [(event["triggerReason"], event["transactionInfo"]["stoppedReason"]) for event in events]


@pytest.mark.ocpp("B11.FR.10")
async def test_an_evse_says_whether_it_can_be_reset(led: Box) -> None:
    ref = VariableRef(component="EVSE", variable="AllowReset", evse=2)
    assert led.hub.device(ID).value(ref) == "true"
    await limit(led, Capability.RESET)
    assert led.hub.device(ID).value(ref) == "false"
    assert (await asked_for(led, "Immediate", 2))["status"] == "Rejected"


async def test_of_an_evse_that_there_is_not_nothing_is_reset(led: Box) -> None:
    answer = await asked_for(led, "Immediate", 3)
    assert (answer["status"], answer["statusInfo"]["reasonCode"]) == ("Rejected", "UnknownEvse")
    assert resets(led) == []


@pytest.mark.ocpp("B11.FR.08")
@pytest.mark.parametrize("kind", ["Immediate", "OnIdle"])
async def test_the_csms_hears_of_its_connectors_only_and_of_no_boot(led: Box, kind: str) -> None:
    assert await asked_for(led, kind, 2) == {"status": "Accepted"}
    assert resets(led) == [2]
    await led.sent()
    await led.hub.publish(ev.EvseRestarted(place=SECOND, at=led.clock.now()))
    await led.settled()
    told = await led.sent()
    assert [(m.action, m.payload["evseId"]) for m in told] == [("StatusNotification", 2)]
    assert led.backend.boots == []


@pytest.mark.ocpp("B12.FR.02", "B12.FR.08")
async def test_immediately_it_ends_the_transaction_there_and_no_other(led: Box) -> None:
    await led.begin("a", evse=1)
    second = (await led.begin("b", evse=2)).number
    assert await asked_for(led, "Immediate", 2) == {"status": "Accepted"}
    await led.end(second, "s2")
    assert await ended(led) == [("ResetCommand", "ImmediateReset")]
    (other,) = led.state.transactions
    assert other.stop_cause is None
    assert (led.state.reset, led.backend.boots) == (None, [])


@pytest.mark.ocpp("B12.FR.01", "B12.FR.07")
async def test_on_idle_it_waits_for_the_transaction_there(led: Box) -> None:
    first = (await led.begin("a", evse=1)).number
    second = (await led.begin("b", evse=2)).number
    assert await asked_for(led, "OnIdle", 2) == {"status": "Scheduled"}
    await led.end(first, "s1", token=RFID)
    await led.settled()
    assert resets(led) == []
    await led.end(second, "s2", token=RFID)
    await led.settled()
    assert resets(led) == [2]
    assert await ended(led) == [("StopAuthorized", "Local"), ("StopAuthorized", "Local")]
    assert led.state.evses_due == ()


async def test_while_another_evse_charges_an_idle_one_is_reset_at_once(led: Box) -> None:
    await led.begin("a", evse=1)
    assert await asked_for(led, "OnIdle", 2) == {"status": "Accepted"}
    assert resets(led) == [2]


async def test_what_waits_is_done_after_a_restart_of_the_box(tmp_path: Path) -> None:
    async with open_box(tmp_path) as box:
        await box.arrive()
        await limit(box, Capability.BOX_SESSIONS, Capability.RESET)
        number = (await box.begin(evse=2)).number
        assert await asked_for(box, "OnIdle", 2) == {"status": "Scheduled"}
    async with open_box(tmp_path) as again:
        await again.end(number)
        await again.settled()
        assert resets(again) == [2]


async def test_a_reset_of_the_station_takes_what_waits_with_it(led: Box) -> None:
    number = (await led.begin(evse=2)).number
    assert await asked_for(led, "OnIdle", 2) == {"status": "Scheduled"}
    assert await led.call("Reset", {"type": "Immediate"}) == {"status": "Accepted"}
    await led.end(number)
    await led.settled()
    assert resets(led) == [0]


async def test_a_refusal_leaves_the_transaction_as_it_was(led: Box) -> None:
    number = (await led.begin(evse=2)).number
    led.adapter.refuse(cmd.Reset)
    assert (await asked_for(led, "Immediate", 2))["status"] == "Rejected"
    await led.end(number, token=RFID)
    assert await ended(led) == [("StopAuthorized", "Local")]


@pytest.mark.ocpp("B11.FR.02", "B12.FR.06")
async def test_what_was_closed_is_closed_again_afterwards(led: Box) -> None:
    for evse in (1, 2):
        await led.call("ChangeAvailability", {"operationalStatus": "Inoperative", "evse": {"id": evse}})
    assert await asked_for(led, "Immediate", 2) == {"status": "Accepted"}
    led.adapter.commands.clear()
    await led.sent()
    await led.hub.publish(ev.EvseRestarted(place=SECOND, at=led.clock.now()))
    await led.settled()
    closed = [(command.place.evse, command.operative) for command in led.adapter.asked(cmd.ChangeAvailability)]
    assert closed == [(2, False)]
    told = [(status["evseId"], status["connectorStatus"]) for status in await led.sent_of("StatusNotification")]
    assert told == [(2, "Unavailable")]


@pytest.mark.ocpp("B11.FR.05")
async def test_what_was_reserved_is_so_afterwards(led: Box) -> None:
    await limit(led, Capability.BOX_SESSIONS, Capability.RESET, Capability.RESERVATION)
    until = led.clock.now() + timedelta(hours=1)
    await led.hub.execute(cmd.Reserve(place=SECOND, reservation=7, token=RFID, group=None, expires_at=until))
    assert await asked_for(led, "Immediate", 2) == {"status": "Accepted"}
    await led.sent()
    await led.hub.publish(ev.EvseRestarted(place=SECOND, at=led.clock.now()))
    told = [(status["evseId"], status["connectorStatus"]) for status in await led.sent_of("StatusNotification")]
    assert told == [(2, "Reserved")]
