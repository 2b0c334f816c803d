"""A station of OCPP 1.6 over SOAP: the stages of a visit, why it ended, phases, limits and reports on request."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import pytest_asyncio

from gateway.bench.ocpp_s.dialects import V16
from tests.e2e.plan import TOKEN, Plan
from tests.e2e.truth import registers, when
from tests.e2e.world import World, world

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from gateway.bench.csms.ledger import Payload

NEW = Plan(dialect=V16)
CARD = {"idToken": TOKEN, "type": "ISO14443"}


@pytest_asyncio.fixture
async def new(tmp_path: Path) -> AsyncIterator[World]:
    """One station of 1.6 that has been accepted."""
    async with world(tmp_path, NEW) as made:
        yield made


def _events(made: World) -> list[Payload]:
    return made.held()[-1].events


def _stages(made: World) -> list[str]:
    """Each state of charging that the CSMS was told, without repeats."""
    told = [event["transactionInfo"].get("chargingState") for event in _events(made)]
    found: list[str] = []
    for state in told:
        if state is not None and found[-1:] != [state]:
            found.append(state)
    return found


async def test_visit_is_whole(new: World) -> None:
    truth = await new.whole_session(samples=3)
    await new.delivered()
    events = _events(new)
    assert [event["seqNo"] for event in events] == list(range(len(events)))
    assert when(events[0]["timestamp"]) == truth.started_at
    assert registers(events[0]) == [(truth.started_at, truth.meter_start)]
    measured = [event for event in events[1:-1] if event["triggerReason"] == "MeterValuePeriodic"]
    assert [register for event in measured for register in registers(event)] == truth.samples
    ended = events[-1]
    assert (when(ended["timestamp"]), registers(ended)[-1]) == (truth.stopped_at, (truth.stopped_at, truth.meter_stop))
    assert ended["transactionInfo"]["stoppedReason"] == "Local"
    states = [record.payload["connectorStatus"] for record in new.csms.of("StatusNotification")]
    assert states[-3:] == ["Available", "Occupied", "Available"]


async def test_stage_of_the_visit_is_the_charging_state(new: World) -> None:
    await new.station.charge(TOKEN)
    await new.until(lambda: _stages(new)[-1:] == ["Charging"])
    await new.station.sim.ev_pause(1)
    await new.until(lambda: _stages(new)[-1:] == ["SuspendedEV"])
    suspended = _events(new)[-1]
    assert suspended["triggerReason"] in {"ChargingStateChanged", "MeterValuePeriodic"}
    await new.station.sim.ev_resume(1)
    await new.until(lambda: _stages(new)[-1:] == ["Charging"])
    changed = [event for event in _events(new) if event["triggerReason"] == "ChargingStateChanged"]
    assert [event["transactionInfo"]["chargingState"] for event in changed][-2:] == ["SuspendedEV", "Charging"]


@pytest.mark.parametrize(
    ("how", "trigger", "reason"),
    [
        ("plug_out", "EVCommunicationLost", "EVDisconnected"),
        ("power_cycle", "AbnormalCondition", "PowerLoss"),
    ],
)
async def test_station_says_why_it_ended(new: World, how: str, trigger: str, reason: str) -> None:
    await new.station.charge(TOKEN)
    await (new.station.sim.plug_out(1) if how == "plug_out" else new.station.sim.power_cycle())
    await new.delivered()
    ended = _events(new)[-1]
    assert (ended["triggerReason"], ended["transactionInfo"]["stoppedReason"]) == (trigger, reason)


async def test_backend_starts_and_stops(new: World) -> None:
    await new.station.sim.plug_in(1)
    assert (await new.call("RequestStartTransaction", idToken=CARD, remoteStartId=7, evseId=1))["status"] == "Accepted"
    started = await new.heard("TransactionEvent", eventType="Started")
    assert (started.payload["triggerReason"], started.payload["transactionInfo"]["remoteStartId"]) == ("RemoteStart", 7)
    transaction = started.payload["transactionInfo"]["transactionId"]
    await new.station.until(lambda _: new.station.last.transaction_id is not None)  # else it cannot know what to stop
    assert (await new.call("RequestStopTransaction", transactionId=transaction))["status"] == "Accepted"
    await new.delivered()
    ended = _events(new)[-1]
    assert (ended["triggerReason"], ended["transactionInfo"]["stoppedReason"]) == ("RemoteStop", "Remote")


async def test_readings_keep_their_phase(tmp_path: Path) -> None:
    keys = {"MeterValuesSampledData": "Energy.Active.Import.Register,Current.Import,Voltage"}
    async with world(tmp_path, Plan(dialect=V16, keys=keys)) as made:
        await made.station.charge(TOKEN)
        await made.heard("TransactionEvent", eventType="Updated", triggerReason="MeterValuePeriodic")
        measured = next(event for event in _events(made) if event["triggerReason"] == "MeterValuePeriodic")
        samples = measured["meterValue"][0]["sampledValue"]
        by_phase = {(s["measurand"], s.get("phase")): s["unitOfMeasure"]["unit"] for s in samples if "phase" in s}
        assert by_phase == {
            **{("Current.Import", phase): "A" for phase in ("L1", "L2", "L3")},
            **{("Voltage", f"{phase}-N"): "V" for phase in ("L1", "L2", "L3")},
        }


async def test_operations_that_are_spelled_otherwise_in_1_6(new: World) -> None:
    entry = {"idToken": CARD, "idTokenInfo": {"status": "Accepted"}}
    sent = await new.call("SendLocalList", versionNumber=4, updateType="Full", localAuthorizationList=[entry])
    assert sent["status"] == "Accepted"
    await new.station.until(lambda station: station.point.outlets.memory.list_version > 0)
    assert TOKEN.casefold() in new.station.sim.point.outlets.memory.local_list
    assert (await new.call("UnlockConnector", evseId=1, connectorId=1))["status"] == "Unlocked"
    assert await new.set_variable("TxCtrlr", "EVConnectionTimeOut", "77") == "Accepted"
    assert new.station.sim.point.keys.get("ConnectionTimeOut") == "77"
    expiry = "2099-01-01T00:00:00Z"
    reserved = await new.call("ReserveNow", id=5, expiryDateTime=expiry, idToken=CARD, evseId=1)
    assert reserved["status"] == "Accepted"
    await new.heard("StatusNotification", connectorStatus="Reserved")
    assert (await new.call("CancelReservation", reservationId=5))["status"] == "Accepted"
    told = await new.call("DataTransfer", vendorId="bench", data="hello")
    assert (told["status"], told["data"]) == ("Accepted", "hello")


async def test_station_set_to_1_5_that_speaks_1_6_charges_all_the_same(tmp_path: Path) -> None:
    async with world(tmp_path, Plan(dialect=V16, version="1.5")) as made:
        await made.whole_session()
        await made.delivered()
        assert "Charging" in _stages(made)
        line = await made.box.logged("is set to OCPP 1.5 in the site file and speaks 1.6")
        assert "WARNING" in line


@pytest.mark.ocpp("F06.FR.06", "F06.FR.07", "F06.FR.09", "F06.FR.10")
async def test_readings_of_a_transaction_that_are_asked_for_are_measured_then(new: World) -> None:
    await new.station.charge(TOKEN)
    await new.until(lambda: _stages(new)[-1:] == ["Charging"])
    for message in ("TransactionEvent", "MeterValues"):
        asked = len(new.station.commands("TriggerMessage"))
        before = when(
            next(event for event in reversed(_events(new)) if "meterValue" in event)["meterValue"][0]["timestamp"]
        )
        since = new.news
        answer = await new.call("TriggerMessage", requestedMessage=message, evse={"id": 1})
        assert answer["status"] == "Accepted"
        fields = {"triggerReason": "Trigger"} if message == "TransactionEvent" else {"evseId": 1}
        told = (await new.heard(message, since, **fields)).payload
        assert len(new.station.commands("TriggerMessage")) == asked + 1
        (value,) = told["meterValue"]
        assert {each["context"] for each in value["sampledValue"]} == {"Trigger"}
        assert when(value["timestamp"]) > before
        assert told.get("transactionInfo", {}).get("chargingState", "Charging") == "Charging"
