"""What the backend asks of a station, and what the station then truly does."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.e2e.certification.stage import profile
from tests.e2e.plan import TOKEN, Plan
from tests.e2e.truth import assert_all_whole
from tests.e2e.world import world
from tests.fakes.program import serving

if TYPE_CHECKING:
    from pathlib import Path

    from tests.e2e.world import World

CARD = {"idToken": TOKEN, "type": "ISO14443"}


@pytest.mark.case("TC_E_01_CS", "TC_F_01_CS", "TC_F_03_CS")
@pytest.mark.ocpp("F01.FR.02", "F02.FR.01")
@pytest.mark.parametrize("plugged_first", [True, False])
async def test_remote_start(one: World, *, plugged_first: bool) -> None:
    sim = one.station.sim
    if plugged_first:
        await sim.plug_in(1)
        await one.station.told_all()
    answer = await one.call("RequestStartTransaction", idToken=CARD, remoteStartId=4711, evseId=1)
    assert answer["status"] == "Accepted"
    if not plugged_first:
        await sim.plug_in(1)
    started = (await one.heard("TransactionEvent", eventType="Started")).payload
    assert started["triggerReason"] == "RemoteStart"
    assert started["transactionInfo"]["remoteStartId"] == 4711
    assert one.station.last.remote
    assert one.csms.of("Authorize") == []
    await sim.plug_out(1)
    await one.delivered()
    assert assert_all_whole(one) == 0


@pytest.mark.case("TC_K_38_CS")
@pytest.mark.ocpp("F01.FR.01")
@pytest.mark.parametrize("status", ["Accepted", "Blocked"])
async def test_remote_start_with_authorization(one: World, status: str) -> None:
    """TC_K_38, too: the station takes no limits, and the profile is ignored."""
    ignored = profile(1, "TxProfile", chargingProfileKind="Relative")
    one.csms.tokens[TOKEN] = status
    assert await one.set_variable("AuthCtrlr", "AuthorizeRemoteStart", "true") == "Accepted"
    await one.station.sim.plug_in(1)
    await one.station.told_all()
    answer = await one.call("RequestStartTransaction", idToken=CARD, remoteStartId=7, evseId=1, chargingProfile=ignored)
    assert answer["status"] == "Accepted"
    assert (await one.heard("Authorize")).payload["idToken"] == CARD
    if status == "Accepted":
        started = (await one.heard("TransactionEvent", eventType="Started")).payload
        assert started["triggerReason"] == "RemoteStart"
        assert started["transactionInfo"]["remoteStartId"] == 7
    else:
        # The next question is only answered when the one before is done with.
        await one.call("GetTransactionStatus")
        assert one.station.commands("RemoteStartTransaction") == []
        assert one.station.ledger.transactions == []


@pytest.mark.ocpp("F01.FR.23", "F01.FR.24")
async def test_remote_start_that_cannot_be(two_evses: World) -> None:
    start: dict[str, Any] = {"idToken": CARD, "remoteStartId": 1}
    assert (await two_evses.call("RequestStartTransaction", **start, evseId=9))["status"] == "Rejected"
    await two_evses.station.sim.fault(2, "OtherError")
    await two_evses.heard("StatusNotification", connectorStatus="Faulted")
    assert (await two_evses.call("RequestStartTransaction", **start, evseId=2))["status"] == "Rejected"
    await two_evses.station.charge(TOKEN)
    await two_evses.heard("TransactionEvent", eventType="Updated")
    assert (await two_evses.call("RequestStartTransaction", **start, evseId=1))["status"] == "Rejected"
    assert two_evses.station.commands("RemoteStartTransaction") == []


async def test_remote_start_without_evse_takes_the_one_with_the_cable(two_evses: World) -> None:
    await two_evses.station.sim.plug_in(2)
    await two_evses.heard("StatusNotification", connectorStatus="Occupied")
    answer = await two_evses.call("RequestStartTransaction", idToken=CARD, remoteStartId=1)
    assert answer["status"] == "Accepted"
    started = (await two_evses.heard("TransactionEvent", eventType="Started")).payload
    assert started["evse"]["id"] == 2
    assert two_evses.station.last.connector == 2


async def test_remote_start_with_a_token_that_is_too_long_for_the_old_station(one: World) -> None:
    token = {"idToken": "DE-ABC-C12E45F78-0123456789012345", "type": "eMAID"}
    await one.station.sim.plug_in(1)
    await one.station.told_all()
    assert (await one.call("RequestStartTransaction", idToken=token, remoteStartId=5, evseId=1))["status"] == "Accepted"
    started = (await one.heard("TransactionEvent", eventType="Started")).payload
    assert started["idToken"] == token
    assert len(one.station.last.token) <= 20


@pytest.mark.ocpp("F03.FR.03", "F03.FR.07", "F03.FR.08")
async def test_remote_stop(one: World) -> None:
    truth = await one.station.charge(TOKEN, samples=2)
    await one.heard("TransactionEvent", eventType="Updated")
    wrong = await one.call("RequestStopTransaction", transactionId="no-such-transaction")
    assert wrong["status"] == "Rejected"
    right = await one.call("RequestStopTransaction", transactionId=one.held()[0].transaction_id)
    assert right["status"] == "Accepted"
    await one.delivered()
    assert truth.reason == "Remote"
    assert assert_all_whole(one) == 0
    again = await one.call("RequestStopTransaction", transactionId=one.held()[0].transaction_id)
    assert again["status"] == "Rejected"


@pytest.mark.ocpp("B11.FR.01", "B11.FR.03", "B11.FR.04")
async def test_reset_of_an_idle_station(one: World) -> None:
    since = one.news
    assert (await one.call("Reset", type="Immediate"))["status"] == "Accepted"
    boot = await one.heard("BootNotification", since)
    assert boot.payload["reason"] == "RemoteReset"
    await one.booted(since=since)
    assert one.station.ledger.boots == 2
    assert one.station.sim.is_accepted


@pytest.mark.ocpp("B12.FR.02", "B12.FR.04")
async def test_immediate_reset_ends_the_transaction(one: World) -> None:
    truth = await one.station.charge(TOKEN, samples=2)
    await one.heard("TransactionEvent", eventType="Updated")
    since = one.news
    assert (await one.call("Reset", type="Immediate"))["status"] == "Accepted"
    await one.delivered()
    await one.booted(since=since)
    assert truth.reason == "Reset"
    assert assert_all_whole(one) == 0
    assert one.station.ledger.boots == 2


@pytest.mark.case("TC_B_21_CS")
@pytest.mark.ocpp("B12.FR.01", "B12.FR.03")
async def test_reset_on_idle_waits_for_the_end_of_the_transaction(one: World) -> None:
    truth = await one.station.charge(TOKEN)
    await one.heard("TransactionEvent", eventType="Updated")
    since = one.news
    assert (await one.call("Reset", type="OnIdle"))["status"] == "Scheduled"
    more = len(truth.samples) + 2
    await one.station.until(lambda _: len(truth.samples) >= more)
    assert truth.stopped_at is None
    assert one.station.ledger.boots == 1
    await one.station.sim.present_token(1, TOKEN)
    await one.station.until(lambda _: one.station.ledger.boots == 2)
    await one.booted(since=since)
    await one.started(since=since)
    assert truth.reason == "Local"
    assert (await one.heard("BootNotification", since)).payload["reason"] == "ScheduledReset"
    await one.heard("SecurityEventNotification", since)
    await one.delivered()
    assert assert_all_whole(one) == 0


@pytest.mark.case("TC_B_28_CS")
@pytest.mark.ocpp("B11.FR.09")
async def test_reset_of_one_evse_is_refused(one: World) -> None:
    for kind in ("OnIdle", "Immediate"):
        assert (await one.call("Reset", type=kind, evseId=1))["status"] == "Rejected"
    assert one.station.commands("Reset") == []


@pytest.mark.ocpp("F05.FR.01", "F05.FR.03", "F05.FR.04")
async def test_unlock(one: World) -> None:
    assert (await one.call("UnlockConnector", evseId=1, connectorId=1))["status"] == "Unlocked"
    assert len(one.station.commands("UnlockConnector")) == 1
    assert (await one.call("UnlockConnector", evseId=1, connectorId=2))["status"] == "UnknownConnector"
    assert (await one.call("UnlockConnector", evseId=5, connectorId=1))["status"] == "UnknownConnector"


@pytest.mark.case("TC_F_05_CS")
@pytest.mark.ocpp("F05.FR.02")
async def test_unlock_never_touches_a_running_transaction(one: World) -> None:
    truth = await one.station.charge(TOKEN)
    await one.heard("TransactionEvent", eventType="Updated")
    answer = await one.call("UnlockConnector", evseId=1, connectorId=1)
    assert answer["status"] == "OngoingAuthorizedTransaction"
    assert one.station.commands("UnlockConnector") == []
    assert truth.stopped_at is None


@pytest.mark.ocpp("G03.FR.01", "G03.FR.02", "G03.FR.03", "G03.FR.04", "G03.FR.07")
async def test_change_availability_of_an_evse(two_evses: World) -> None:
    memory = two_evses.station.sim.point.outlets.memory
    since = two_evses.news
    for _ in range(2):  # the second time it is so already
        answer = await two_evses.call("ChangeAvailability", operationalStatus="Inoperative", evse={"id": 2})
        assert answer["status"] == "Accepted"
    told = await two_evses.heard("StatusNotification", since)
    assert (told.payload["evseId"], told.payload["connectorStatus"]) == (2, "Unavailable")
    assert memory.inoperative == {2}
    since = two_evses.news
    await two_evses.call("ChangeAvailability", operationalStatus="Operative", evse={"id": 2, "connectorId": 1})
    told = await two_evses.heard("StatusNotification", since)
    assert (told.payload["evseId"], told.payload["connectorStatus"]) == (2, "Available")
    assert memory.inoperative == set()
    unknown = await two_evses.call("ChangeAvailability", operationalStatus="Operative", evse={"id": 3})
    assert unknown["status"] == "Rejected"


@pytest.mark.ocpp("G04.FR.01", "G04.FR.05", "G04.FR.07", "G04.FR.08")
async def test_change_availability_of_the_station(two_evses: World) -> None:
    memory = two_evses.station.sim.point.outlets.memory
    await two_evses.call("ChangeAvailability", operationalStatus="Inoperative", evse={"id": 2})
    since = two_evses.news
    assert (await two_evses.call("ChangeAvailability", operationalStatus="Inoperative"))["status"] == "Accepted"
    await two_evses.heard("StatusNotification", since, evseId=1, connectorStatus="Unavailable")
    assert {1, 2} <= memory.inoperative or 0 in memory.inoperative
    since = two_evses.news
    assert (await two_evses.call("ChangeAvailability", operationalStatus="Operative"))["status"] == "Accepted"
    await two_evses.heard("StatusNotification", since, evseId=1, connectorStatus="Available")
    await two_evses.station.until(lambda _: memory.inoperative == {2})
    value = await two_evses.call(
        "GetVariables",
        getVariableData=[
            {"component": {"name": "EVSE", "evse": {"id": number}}, "variable": {"name": "AvailabilityState"}}
            for number in (1, 2)
        ],
    )
    assert [r["attributeValue"] for r in value["getVariableResult"]] == ["Available", "Unavailable"]


@pytest.mark.case("TC_G_11_CS")
@pytest.mark.ocpp("G03.FR.05", "G01.FR.05")
async def test_change_availability_waits_for_the_end_of_a_transaction(one: World) -> None:
    truth = await one.station.charge(TOKEN)
    await one.heard("TransactionEvent", eventType="Updated")
    answer = await one.call("ChangeAvailability", operationalStatus="Inoperative", evse={"id": 1})
    assert answer["status"] == "Scheduled"
    more = len(truth.samples) + 1
    await one.station.until(lambda _: len(truth.samples) > more)
    assert truth.stopped_at is None
    since = one.news
    await one.station.sim.plug_out(1)
    await one.heard("StatusNotification", since, connectorStatus="Unavailable")
    await one.delivered()
    assert assert_all_whole(one) == 0
    assert one.station.sim.point.outlets.memory.inoperative == {1}


@pytest.mark.case("TC_C_37_CS")
@pytest.mark.ocpp("C11.FR.01", "C11.FR.02", "C11.FR.03")
async def test_clear_cache_makes_box_and_station_forget(one: World) -> None:
    await one.impatient()
    await one.station.present(TOKEN)
    memory = one.station.sim.point.outlets.memory
    assert memory.cache
    assert (await one.call("ClearCache"))["status"] == "Accepted"
    assert memory.cache == {}
    await one.csms.go_down()
    await one.station.present(TOKEN)
    answer = next(s.xml for s in reversed(one.station.seen) if s.operation == "authorizeResponse").decode()
    assert ">Invalid<" in answer


@pytest.mark.case("TC_C_38_CS")
@pytest.mark.ocpp("C11.FR.04")
async def test_clear_cache_without_a_cache(one: World) -> None:
    assert await one.set_variable("AuthCacheCtrlr", "Enabled", "false") == "Accepted"
    assert (await one.call("ClearCache"))["status"] == "Rejected"


async def test_change_configuration(one: World) -> None:
    keys = one.station.sim.point.keys
    assert await one.set_variable("SampledDataCtrlr", "TxUpdatedInterval", "7") == "Accepted"
    assert keys.number("MeterValueSampleInterval") == 7
    assert await one.set_variable("LegacyStation", "BenchFanThreshold", "51") == "Accepted"
    assert keys.number("BenchFanThreshold") == 51
    assert await one.set_variable("LegacyStation", "BenchFanThreshold", "hot") == "Rejected"
    assert await one.set_variable("LegacyStation", "BenchHardwareRevision", "C1") == "Rejected"
    assert await one.set_variable("LegacyStation", "NoSuchKey", "1") == "UnknownVariable"
    assert await one.set_variable("NoSuchComponent", "X", "1") == "UnknownComponent"
    assert keys.get("BenchHardwareRevision") == "B2"
    assert (await one.get_variable("LegacyStation", "BenchFanThreshold"))["attributeValue"] == "51"


async def test_get_configuration(one: World) -> None:
    expected = {
        ("SampledDataCtrlr", "TxUpdatedInterval"): "60",
        ("TxCtrlr", "EVConnectionTimeOut"): "36000",
        ("LegacyStation", "BenchHardwareRevision"): "B2",
        ("LegacyStation", "ChargePointId"): one.station.plan.charge_box,
    }
    assert one.station.commands("GetConfiguration")
    for (component, variable), value in expected.items():
        result = await one.get_variable(component, variable)
        assert (result["attributeStatus"], result.get("attributeValue")) == ("Accepted", value)


@pytest.mark.ocpp("P01.FR.03", "P01.FR.05", "P01.FR.07")
async def test_data_transfer_to_the_station(one: World) -> None:
    assert await one.call("DataTransfer", vendorId="bench", messageId="echo", data="<hello/>") == {
        "status": "Accepted",
        "data": "<hello/>",
    }
    assert (await one.call("DataTransfer", vendorId="bench", data={"a": [1, 2]}))["data"] == '{"a": [1, 2]}'
    assert (await one.call("DataTransfer", vendorId="somebody"))["status"] == "UnknownVendorId"
    assert len(one.station.commands("DataTransfer")) == 3


@pytest.mark.ocpp("P01.FR.06", "P01.FR.07")
async def test_data_transfer_to_a_program_beside_the_box(tmp_path: Path) -> None:
    async with serving() as program:
        program.answer = {"status": "Accepted", "data": {"on": True}}
        table = f'[[station.extension]]\nvendor = "com.example.lamps"\nmessages = ["Dim"]\nurl = "{program.url}"\n'
        async with world(tmp_path, Plan(options=table)) as made:
            asked: dict[str, Any] = {"vendorId": "com.example.lamps", "messageId": "Dim", "data": {"level": 5}}
            assert await made.call("DataTransfer", **asked) == program.answer
            assert program.asked == [{**asked, "station": made.station.id}]
            assert (await made.call("DataTransfer", **{**asked, "messageId": "x"}))["status"] == "UnknownMessageId"
            switch = ("CustomizationCtrlr", "CustomImplementationEnabled", "com.example.lamps")
            assert (await made.get_variable(*switch))["attributeValue"] == "true"
            assert made.station.commands("DataTransfer") == []


@pytest.mark.ocpp("F06.FR.04", "F06.FR.05", "F06.FR.08")
async def test_trigger_message(one: World) -> None:
    frames: list[str] = []
    one.watches.append(lambda side, text: frames.append(text) if side == "frame-in" else None)
    for message in ("Heartbeat", "StatusNotification", "FirmwareStatusNotification", "LogStatusNotification"):
        since = one.news
        payload: dict[str, Any] = {"requestedMessage": message, "evse": {"id": 1, "connectorId": 1}}
        assert (await one.call("TriggerMessage", **payload))["status"] == "Accepted"
        await one.heard(message, since)
        answered = next(at for at, text in enumerate(frames) if text.startswith("[3,"))
        assert answered < next(at for at, text in enumerate(frames) if f'"{message}"' in text)
        frames.clear()
    assert (await one.call("TriggerMessage", requestedMessage="BootNotification"))["status"] == "Rejected"
    combined = await one.call("TriggerMessage", requestedMessage="SignCombinedCertificate")
    assert combined["status"] == "NotImplemented"


@pytest.mark.ocpp("F06.FR.07")
async def test_trigger_of_transaction_event_and_meter_values(one: World) -> None:
    await one.station.charge(TOKEN, samples=2)
    await one.heard("TransactionEvent", eventType="Updated", triggerReason="MeterValuePeriodic")
    since = one.news
    answer = await one.call("TriggerMessage", requestedMessage="TransactionEvent", evse={"id": 1})
    assert answer["status"] == "Accepted"
    told = (await one.heard("TransactionEvent", since, triggerReason="Trigger")).payload
    assert told["transactionInfo"]["chargingState"] == "Charging"
    assert told["meterValue"]
    assert (await one.call("TriggerMessage", requestedMessage="MeterValues", evse={"id": 1}))["status"] == "Accepted"
    await one.heard("MeterValues", since, evseId=1)
    await one.station.sim.plug_out(1)
    await one.delivered()
    assert one.held()[0].missing == []
    assert one.held()[0].duplicates == []


@pytest.mark.case("TC_E_28_CS", "TC_E_32_CS", "TC_E_34_CS")
@pytest.mark.ocpp("E14.FR.01", "E14.FR.02", "E14.FR.03", "E14.FR.05", "E14.FR.06", "E14.FR.08")
async def test_transaction_status(one: World) -> None:
    nothing = {"ongoingIndicator": False, "messagesInQueue": False}
    assert await one.call("GetTransactionStatus", transactionId="no-such-transaction") == nothing
    assert await one.call("GetTransactionStatus") == {"messagesInQueue": False}
    await one.station.charge(TOKEN)
    await one.heard("TransactionEvent", eventType="Updated")
    number = one.held()[0].transaction_id
    assert (await one.call("GetTransactionStatus", transactionId=number))["ongoingIndicator"] is True
    await one.station.sim.plug_out(1)
    await one.delivered()
    await one.settled()
    assert await one.call("GetTransactionStatus", transactionId=number) == nothing


async def test_station_that_is_away_is_unreachable_and_says_so(one: World) -> None:
    await one.station.sim.link_down()
    start = await one.call("RequestStartTransaction", idToken=CARD, remoteStartId=1, evseId=1)
    assert start["status"] == "Rejected"
    assert (await one.call("Reset", type="Immediate"))["status"] == "Rejected"
    assert (await one.call("UnlockConnector", evseId=1, connectorId=1))["status"] == "UnlockFailed"
    away = await one.call("ChangeAvailability", operationalStatus="Inoperative", evse={"id": 1})
    assert away["status"] == "Rejected"
    assert one.station.ledger.commands == [c for c in one.station.ledger.commands if c.operation == "GetConfiguration"]
