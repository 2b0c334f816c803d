"""A station of OCPP 1.2 over SOAP: visits, what the backend may ask, and what it may not."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import pytest_asyncio

from gateway.bench.ocpp_s.dialects import V12
from gateway.bench.ocpp_s.quirks import Quirk
from tests.e2e.plan import TOKEN, Plan
from tests.e2e.truth import ENERGY, registers, when
from tests.e2e.world import World, world

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from gateway.bench.csms.ledger import Payload

OLD = Plan(dialect=V12)


@pytest_asyncio.fixture
async def old(tmp_path: Path) -> AsyncIterator[World]:
    """One station of 1.2 that has been accepted."""
    async with world(tmp_path, OLD) as made:
        yield made


def _events(made: World, number: int = -1) -> list[Payload]:
    return made.held()[number].events


async def test_visit_is_whole(old: World) -> None:
    truth = await old.whole_session(samples=3)
    await old.delivered()
    started, *updates, ended = _events(old)
    assert started["idToken"] == {"idToken": TOKEN, "type": "ISO14443"}
    assert (when(started["timestamp"]), registers(started)) == (
        truth.started_at,
        [(truth.started_at, truth.meter_start)],
    )
    assert [register for event in updates for register in registers(event)] == truth.samples
    assert {sample["measurand"] for event in updates for sample in event["meterValue"][0]["sampledValue"]} == {ENERGY}
    assert (when(ended["timestamp"]), registers(ended)[-1]) == (truth.stopped_at, (truth.stopped_at, truth.meter_stop))
    assert ended["transactionInfo"]["stoppedReason"] == "Local"
    assert [event["seqNo"] for event in (started, *updates, ended)] == list(range(len(truth.samples) + 2))
    states = [record.payload["connectorStatus"] for record in old.csms.of("StatusNotification")]
    assert states[-3:] == ["Available", "Occupied", "Available"]


async def test_energy_comes_in_the_transaction_though_the_station_does_not_name_it(old: World) -> None:
    await old.station.charge(TOKEN, samples=2)
    await old.heard("TransactionEvent", eventType="Updated")
    assert "transactionId" not in old.station.ledger.answered("MeterValues")[0].fields
    assert old.csms.of("MeterValues") == []


async def test_backend_starts_and_stops(old: World) -> None:
    await old.station.sim.plug_in(1)
    token = {"idToken": TOKEN, "type": "ISO14443"}
    assert (await old.call("RequestStartTransaction", idToken=token, remoteStartId=7, evseId=1))["status"] == "Accepted"
    started = await old.heard("TransactionEvent", eventType="Started")
    assert (started.payload["triggerReason"], started.payload["transactionInfo"]["remoteStartId"]) == ("RemoteStart", 7)
    transaction = started.payload["transactionInfo"]["transactionId"]
    await old.station.until(lambda _: old.station.last.transaction_id is not None)  # else it cannot know what to stop
    assert (await old.call("RequestStopTransaction", transactionId=transaction))["status"] == "Accepted"
    await old.delivered()
    assert _events(old)[-1]["transactionInfo"]["stoppedReason"] == "Remote"


async def test_long_token_reaches_the_station_under_a_name_that_1_2_can_carry(old: World) -> None:
    token = {"idToken": "A-TOKEN-OF-18-CHAR", "type": "Central"}
    await old.station.sim.plug_in(1)
    assert (await old.call("RequestStartTransaction", idToken=token, remoteStartId=8, evseId=1))["status"] == "Accepted"
    started = await old.heard("TransactionEvent", eventType="Started")
    assert started.payload["idToken"] == token
    assert len(old.station.last.token) == 15


async def test_fault_of_the_station_is_told(old: World) -> None:
    await old.station.sim.fault(1, "PowerSwitchFailure")
    await old.heard("StatusNotification", connectorStatus="Faulted")
    await old.station.sim.clear_fault(1)
    await old.until(lambda: old.csms.of("StatusNotification")[-1].payload["connectorStatus"] == "Available")


async def test_what_1_2_has_is_done_and_what_it_has_not_is_refused(old: World) -> None:
    evse = {"id": 1}
    assert (await old.call("ChangeAvailability", operationalStatus="Inoperative", evse=evse))["status"] == "Accepted"
    await old.heard("StatusNotification", connectorStatus="Unavailable")
    assert (await old.call("ClearCache"))["status"] == "Accepted"
    assert (await old.call("UnlockConnector", evseId=1, connectorId=1))["status"] == "Unlocked"
    assert (await old.get_variable("ReservationCtrlr", "Available"))["attributeValue"] == "false"
    told = await old.call("DataTransfer", vendorId="bench", data="hello")
    assert told["status"] in {"Rejected", "UnknownVendorId"}
    asked = {command.operation for command in old.station.ledger.commands}
    assert asked <= V12.commands
    assert old.station.ledger.complaints == []


async def test_setting_can_be_told_and_is_known_from_then_on(old: World) -> None:
    assert (await old.get_variable("TxCtrlr", "EVConnectionTimeOut"))["attributeStatus"] == "Rejected"
    assert await old.set_variable("TxCtrlr", "EVConnectionTimeOut", "77") == "Accepted"
    assert old.station.sim.point.keys.get("ConnectionTimeOut") == "77"
    assert (await old.get_variable("TxCtrlr", "EVConnectionTimeOut"))["attributeValue"] == "77"
    since = old.news
    await old.station.sim.power_cycle()
    await old.booted(since=since)
    assert (await old.get_variable("TxCtrlr", "EVConnectionTimeOut"))["attributeValue"] == "77"
    assert await old.set_variable("LegacyStation", "LightIntensity", "20") == "Accepted"
    assert old.station.sim.point.keys.get("LightIntensity") == "20"
    assert old.station.commands("GetConfiguration") == []


@pytest.mark.parametrize("action", ["ReserveNow", "CancelReservation"])
async def test_reservation_is_refused_without_asking_the_station(old: World, action: str) -> None:
    payload: dict[str, Any] = {"reservationId": 5}
    if action == "ReserveNow":
        token = {"idToken": TOKEN, "type": "ISO14443"}
        payload = {"id": 5, "expiryDateTime": "2099-01-01T00:00:00Z", "idToken": token, "evseId": 1}
    assert (await old.call(action, **payload))["status"] == "Rejected"
    assert old.station.commands(action) == []


async def test_list_of_the_box_decides_where_the_station_keeps_none(old: World) -> None:
    entry = {"idToken": {"idToken": TOKEN, "type": "ISO14443"}, "idTokenInfo": {"status": "Accepted"}}
    sent = await old.call("SendLocalList", versionNumber=1, updateType="Full", localAuthorizationList=[entry])
    assert sent["status"] == "Accepted"
    assert (await old.call("GetLocalListVersion"))["versionNumber"] == 1
    await old.impatient()
    await old.csms.go_down()
    await old.station.present(TOKEN)
    learnt = old.station.sim.tokens.offline(TOKEN, old.station.sim.point.outlets.now())
    assert learnt is not None
    assert learnt.status == "Accepted"
    await old.back()
    assert old.station.commands("SendLocalList") == []


async def test_station_that_charges_on_after_a_refusal_is_stopped(tmp_path: Path) -> None:
    async with world(tmp_path, Plan(dialect=V12, quirks=frozenset({Quirk.CHARGE_ON_INVALID}))) as made:
        no = {"idTokenInfo": {"status": "Invalid"}}
        made.csms.override("TransactionEvent", lambda r: no if r.payload["eventType"] == "Started" else None)
        await made.station.charge(TOKEN, samples=0)
        await made.delivered(1)
        assert _events(made)[-1]["transactionInfo"]["stoppedReason"] == "DeAuthorized"
