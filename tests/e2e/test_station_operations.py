"""The ten operations that an OCPP 1.5 station calls, with the CSMS there."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from gateway.bench.csms.ledger import CallError
from tests.e2e.plan import TOKEN, Plan
from tests.e2e.truth import assert_all_whole, registers, when
from tests.e2e.world import World, world

if TYPE_CHECKING:
    from pathlib import Path

    from gateway.bench.csms.ledger import Payload, Record


@pytest.mark.case("TC_B_01_CS")
@pytest.mark.ocpp("B01.FR.01", "B01.FR.05")
async def test_boot_notification_and_the_status_of_each_connector(two_evses: World) -> None:
    await two_evses.started()
    boots = two_evses.csms.of("BootNotification")
    config = two_evses.station.sim.config
    assert boots[-1].payload["chargingStation"] == {
        "vendorName": config.vendor,
        "model": config.model,
        "serialNumber": config.serial,
        "firmwareVersion": config.firmware,
    }
    told = two_evses.csms.received[two_evses.csms.received.index(boots[-1]) :]
    statuses = {
        (r.payload["evseId"], r.payload["connectorId"]): r.payload["connectorStatus"]
        for r in told
        if r.action == "StatusNotification"
    }
    assert statuses == {(1, 1): "Available", (2, 1): "Available"}


async def test_heartbeat_is_answered_by_the_box_and_stays_there(one: World) -> None:
    station = one.station
    await station.until(lambda _: len(station.ledger.answered("Heartbeat")) >= 2)
    answer = next(s.xml for s in reversed(station.seen) if s.operation == "heartbeatResponse").decode()
    told = datetime.fromisoformat(answer.split("currentTime>")[1].split("<")[0])
    assert abs(told - datetime.now(UTC)) < timedelta(seconds=5)
    assert one.csms.of("Heartbeat") == []


async def test_authorize_brings_back_all_that_the_backend_says(one: World) -> None:
    expiry = datetime.now(UTC).replace(microsecond=0) + timedelta(days=2)
    info = {
        "status": "Accepted",
        "cacheExpiryDateTime": expiry.isoformat().replace("+00:00", "Z"),
        "groupIdToken": {"idToken": "FAMILY", "type": "Central"},
    }
    one.csms.override("Authorize", lambda _: {"idTokenInfo": info})
    await one.station.present(TOKEN)
    asked = one.csms.of("Authorize")[-1].payload
    assert asked["idToken"] == {"idToken": TOKEN, "type": "ISO14443"}
    learnt = one.station.sim.tokens.offline(TOKEN, datetime.now(UTC))
    assert learnt is not None
    assert (learnt.status, learnt.parent, when(learnt.expiry)) == ("Accepted", "FAMILY", expiry)


REFUSALS = {
    "Blocked": "Blocked",
    "Expired": "Expired",
    "Invalid": "Invalid",
    "ConcurrentTx": "ConcurrentTx",
    "NoCredit": "Blocked",
    "Unknown": "Invalid",
    "NotAtThisTime": "Invalid",
}
"""AuthorizationStatus of OCPP 1.5 by that of OCPP 2.0.1."""


@pytest.mark.case("TC_C_02_CS", "TC_C_06_CS", "TC_C_07_CS", "TC_C_56_CS")
async def test_refused_token_does_not_charge(one: World) -> None:
    await one.station.sim.plug_in(1)
    for said, told in REFUSALS.items():
        one.csms.tokens[TOKEN] = said
        await one.station.present(TOKEN)
        await one.station.told_all()
        answer = next(s.xml for s in reversed(one.station.seen) if s.operation == "authorizeResponse").decode()
        assert f">{told}<" in answer, said
    assert one.station.ledger.transactions == []
    assert one.held() == []


@pytest.mark.ocpp("E02.FR.01")
async def test_session_from_card_to_card(one: World) -> None:
    truth = await one.whole_session(samples=3)
    await one.delivered()
    assert truth.start_status == "Accepted"
    assert assert_all_whole(one) == 0
    events = one.held()[0].events
    assert not any(event["offline"] for event in events)
    assert events[0]["transactionInfo"]["chargingState"] == "EVConnected"
    assert events[1]["transactionInfo"]["chargingState"] == "Charging"
    assert events[1]["triggerReason"] == "ChargingStateChanged"
    assert [event["triggerReason"] for event in events[2:-1]] == ["MeterValuePeriodic"] * (len(events) - 3)


async def test_session_that_ends_with_the_plug(one: World) -> None:
    await one.station.charge(TOKEN)
    await one.station.sim.plug_out(1)
    await one.delivered()
    assert assert_all_whole(one) == 0


@pytest.mark.case("TC_G_01_CS", "TC_G_02_CS")
@pytest.mark.ocpp("G01.FR.03", "G01.FR.04")
async def test_status_follows_plug_and_unplug(one: World) -> None:
    since = one.news
    await one.station.sim.plug_in(1)
    await one.heard("StatusNotification", since, connectorStatus="Occupied", evseId=1, connectorId=1)
    await one.station.sim.plug_out(1)
    await one.heard("StatusNotification", since, connectorStatus="Available", evseId=1, connectorId=1)


@pytest.mark.ocpp("G05.FR.02")
async def test_fault_is_status_and_event_and_both_go_again(one: World) -> None:
    since = one.news
    await one.station.sim.fault(1, "ConnectorLockFailure")
    await one.heard("StatusNotification", since, connectorStatus="Faulted")
    raised = (await one.heard("NotifyEvent", since)).payload["eventData"][0]
    assert raised["component"] == {"name": "ConnectorPlugRetentionLock", "evse": {"id": 1}}
    assert (raised["variable"]["name"], raised["actualValue"]) == ("Problem", "true")
    assert raised["techCode"] == "ConnectorLockFailure"
    then = one.news
    await one.station.sim.clear_fault(1)
    await one.heard("StatusNotification", then, connectorStatus="Available")
    cleared = (await one.heard("NotifyEvent", then)).payload["eventData"][0]
    assert cleared["component"] == raised["component"]
    assert (cleared["actualValue"], cleared["cleared"]) == ("false", True)
    assert cleared["eventId"] != raised["eventId"]


async def test_fault_of_the_station_itself(one: World) -> None:
    since = one.news
    await one.station.sim.fault(0, "PowerMeterFailure")
    raised = (await one.heard("NotifyEvent", since)).payload["eventData"][0]
    assert raised["component"] == {"name": "FiscalMetering"}
    await one.heard("StatusNotification", since, connectorStatus="Faulted", evseId=1)


async def test_fault_ends_the_transaction_with_its_reason(one: World) -> None:
    truth = await one.station.charge(TOKEN)
    await one.station.sim.fault(1, "GroundFailure")
    await one.delivered()
    ended = one.held()[0].events[-1]
    assert ended["transactionInfo"]["stoppedReason"] == "GroundFault"
    assert ended["triggerReason"] == "AbnormalCondition"
    assert registers(ended)[-1] == (truth.stopped_at, truth.meter_stop)


async def test_meter_values_outside_and_inside_of_a_transaction(tmp_path: Path) -> None:
    """Clock-aligned readings, one a second: the station's clock is not accelerated."""
    plan = Plan(speed=1.0, keys={"ClockAlignedDataInterval": "1", "MeterValueSampleInterval": "0"})
    async with world(tmp_path, plan) as made:
        outside = await made.heard("MeterValues")
        assert outside.payload["evseId"] == 1
        value = outside.payload["meterValue"][0]
        assert value["sampledValue"][0]["context"] == "Sample.Clock"
        assert when(value["timestamp"]).microsecond < 100_000
        await made.station.charge(TOKEN, samples=0)
        await made.heard("TransactionEvent", eventType="Updated", triggerReason="MeterValueClock")
        await made.station.leave()
        await made.settled()
        told = told_readings(made)
        held = [r for r in made.csms.received if r.action == "MeterValues" or _is_update(r)]
        stamps = [_first_stamp(r.payload) for r in held]
        assert stamps in (told, told[:-1])


def told_readings(world: World) -> list[str]:
    """The stamps of the readings that the station has told, or was about to tell when it was switched off."""
    told: list[Any] = [e.fields for e in world.station.ledger.exchanges if e.operation == "MeterValues"]
    return list(dict.fromkeys(str(fields["values"][0]["timestamp"]) for fields in told))


def _is_update(record: Record) -> bool:
    return record.action == "TransactionEvent" and record.payload["eventType"] == "Updated"


def _first_stamp(payload: Payload) -> str:
    return str(payload["meterValue"][0]["timestamp"])


async def test_all_measurands_that_have_a_place_in_ocpp_2_arrive_with_their_units(tmp_path: Path) -> None:
    names = "Energy.Active.Import.Register,Power.Active.Import,Current.Import,Voltage,Temperature"
    async with world(tmp_path, Plan(keys={"MeterValuesSampledData": names})) as made:
        await made.station.charge(TOKEN)
        update = await made.heard("TransactionEvent", eventType="Updated")
        values = {v["measurand"]: v for v in update.payload["meterValue"][0]["sampledValue"]}
        assert {name: v["unitOfMeasure"]["unit"] for name, v in values.items()} == {
            "Energy.Active.Import.Register": "Wh",
            "Power.Active.Import": "W",
            "Current.Import": "A",
            "Voltage": "V",
        }
        assert values["Power.Active.Import"]["value"] == 11_040
        assert values["Current.Import"]["value"] == 16
        await made.station.sim.present_token(1, TOKEN)
        await made.delivered()


@pytest.mark.ocpp("P01.FR.01", "P02.FR.02", "P02.FR.04", "P02.FR.08")
async def test_data_transfer_to_the_backend_and_its_answer(one: World) -> None:
    one.csms.override("DataTransfer", lambda _: {"status": "Accepted", "data": "42 °C"}, times=1)
    sim = one.station.sim
    assert await sim.transfer_data("org.example", "fan", "<speed/>") == ("Accepted", "42 °C")
    sent = one.csms.of("DataTransfer")[-1].payload
    assert sent == {"vendorId": "org.example", "messageId": "fan", "data": "<speed/>"}
    assert await sim.transfer_data("org.example") == ("UnknownVendorId", "")
    assert await sim.transfer_data("bench", "x") == ("Accepted", "")
    one.csms.override("DataTransfer", lambda _: CallError(code="InternalError"), times=1)
    assert await sim.transfer_data("bench", "x") == ("Rejected", "")
    await one.whole_session()
    await one.delivered()
    assert len(one.csms.of("DataTransfer")) == 4, "the box has none of its own"


async def test_progress_that_nobody_asked_for_is_answered(one: World) -> None:
    for operation, status in (
        ("FirmwareStatusNotification", "Downloaded"),
        ("FirmwareStatusNotification", "InstallationFailed"),
        ("DiagnosticsStatusNotification", "Uploaded"),
        ("DiagnosticsStatusNotification", "UploadFailed"),
    ):
        answer = await one.station.say(operation, status=status)
        assert answer.name == operation[0].lower() + operation[1:] + "Response"
    await one.whole_session()
    await one.delivered()
    assert assert_all_whole(one) == 0
    # Without the requestId of an order there is nothing that OCPP 2.0.1 could be told.
    assert one.csms.of("FirmwareStatusNotification") == []
    assert one.csms.of("LogStatusNotification") == []


@pytest.mark.ocpp("E05.FR.10")
async def test_token_that_the_backend_refuses_at_the_start_is_stopped(one: World) -> None:
    blocked = {"idTokenInfo": {"status": "Blocked"}}
    one.csms.override("TransactionEvent", lambda r: blocked if r.payload["eventType"] == "Started" else None)
    await one.station.sim.plug_in(1)
    await one.station.present(TOKEN)
    await one.delivered(1)
    truth = one.station.last
    assert truth.start_status == "Blocked"
    assert truth.reason in {"DeAuthorized", "Remote"}
    info = one.held()[0].events[-1]["transactionInfo"]
    assert info["stoppedReason"] == "DeAuthorized"
    assert one.held()[0].events[-1]["triggerReason"] == "Deauthorized"


@pytest.mark.case("TC_C_08_CS")
@pytest.mark.ocpp("C12.FR.02", "C12.FR.04")
async def test_known_token_charges_without_asking_where_the_backend_wants_it_so(one: World) -> None:
    await one.whole_session()
    await one.delivered()
    assert await one.set_variable("AuthCtrlr", "LocalPreAuthorize", "true") == "Accepted"
    asked = len(one.csms.of("Authorize"))
    await one.whole_session()
    await one.delivered()
    assert len(one.csms.of("Authorize")) == asked
    assert assert_all_whole(one) == 0
