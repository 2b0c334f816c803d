"""Certification cases of availability and of messages on demand: block G, TC_F_05 to TC_F_27."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import pytest

from tests.e2e.plan import TOKEN, Plan
from tests.e2e.truth import assert_all_whole, energy
from tests.e2e.world import World, world

if TYPE_CHECKING:
    from pathlib import Path

    from gateway.bench.csms.ledger import Payload

WHOLE: dict[str, Any] = {}
EVSE = {"evse": {"id": 2}}
CONNECTOR = {"evse": {"id": 2, "connectorId": 1}}
METER = {"ClockAlignedDataInterval": "1", "MeterValueSampleInterval": "1"}


async def change(world_: World, operational: str, scope: dict[str, Any]) -> str:
    return str((await world_.call("ChangeAvailability", operationalStatus=operational, **scope))["status"])


def statuses(world_: World, since: int) -> dict[int, str]:
    """The last status of each EVSE's connector since then."""
    told = [r.payload for r in world_.csms.received[since:] if r.action == "StatusNotification"]
    return {p["evseId"]: p["connectorStatus"] for p in told}


def _are(world_: World, since: int, expected: dict[int, str]) -> bool:
    return statuses(world_, since) == expected


@pytest.mark.case(
    "TC_G_03_CS",
    "TC_G_04_CS",
    "TC_G_05_CS",
    "TC_G_06_CS",
    "TC_G_07_CS",
    "TC_G_08_CS",
    "TC_G_09_CS",
    "TC_G_10_CS",
    "TC_G_12_CS",
    "TC_G_13_CS",
    "TC_G_15_CS",
    "TC_G_16_CS",
)
@pytest.mark.ocpp("G03.FR.02", "G03.FR.03", "G03.FR.04", "G03.FR.06", "G03.FR.07", "G04.FR.04", "G04.FR.08")
@pytest.mark.parametrize("scope", [WHOLE, EVSE, CONNECTOR], ids=["station", "evse", "connector"])
async def test_there_and_back_and_what_is_so_already(two_evses: World, scope: dict[str, Any]) -> None:
    """TC_G_03 to TC_G_10, TC_G_12, TC_G_13, TC_G_15, TC_G_16."""
    affected = {2} if scope else {1, 2}
    for operational, status in (("Operative", None), ("Inoperative", "Unavailable"), ("Operative", "Available")):
        since = two_evses.news
        assert await change(two_evses, operational, scope) == "Accepted"
        if status is not None:
            expected = dict.fromkeys(affected, status)
            await two_evses.until(partial(_are, two_evses, since, expected))
        assert await change(two_evses, operational, scope) == "Accepted"
        await two_evses.settled()
        assert statuses(two_evses, since) == ({} if status is None else dict.fromkeys(affected, status))


@pytest.mark.case("TC_G_14_CS", "TC_G_17_CS")
@pytest.mark.ocpp("G03.FR.05", "G04.FR.06")
@pytest.mark.parametrize("scope", [WHOLE, CONNECTOR], ids=["station", "connector"])
async def test_transaction_goes_on_to_its_end(two_evses: World, scope: dict[str, Any]) -> None:
    """TC_G_14, TC_G_17."""
    truth = await two_evses.station.charge(TOKEN, 2)
    await two_evses.heard("TransactionEvent", eventType="Updated")
    since = two_evses.news
    assert await change(two_evses, "Inoperative", scope) == "Scheduled"
    if not scope:
        await two_evses.heard("StatusNotification", since, evseId=1, connectorStatus="Unavailable")
    more = len(truth.samples) + 2
    await two_evses.station.until(lambda _: len(truth.samples) >= more)
    assert 2 not in statuses(two_evses, since)
    await two_evses.station.sim.present_token(2, TOKEN)
    await two_evses.heard("StatusNotification", since, evseId=2, connectorStatus="Unavailable")
    await two_evses.delivered()
    assert statuses(two_evses, since) == ({2: "Unavailable"} if scope else {1: "Unavailable", 2: "Unavailable"})
    assert assert_all_whole(two_evses) == 0


@pytest.mark.case("TC_G_18_CS", "TC_G_19_CS", "TC_G_21_CS")
@pytest.mark.ocpp("B01.FR.07", "G03.FR.08", "G04.FR.09")
@pytest.mark.parametrize("scope", [WHOLE, EVSE, CONNECTOR], ids=["station", "evse", "connector"])
async def test_closed_stays_closed_over_a_reset(two_evses: World, scope: dict[str, Any]) -> None:
    """TC_G_18, TC_G_19, TC_G_21."""
    memory = two_evses.station.sim.point.outlets.memory
    assert await change(two_evses, "Inoperative", scope) == "Accepted"
    await two_evses.heard("StatusNotification", evseId=2, connectorStatus="Unavailable")
    memory.inoperative.clear()
    since = two_evses.news
    assert (await two_evses.call("Reset", type="Immediate"))["status"] == "Accepted"
    await two_evses.booted(since=since)
    await two_evses.started(since=since)
    await two_evses.station.until(lambda _: 2 in memory.inoperative)
    await two_evses.station.told_all()
    await two_evses.settled()
    told = [r.payload for r in two_evses.csms.received[since:] if r.action == "StatusNotification"]
    assert {p["connectorStatus"] for p in told if p["evseId"] == 2} == {"Unavailable"}
    assert statuses(two_evses, since)[1] == ("Available" if scope else "Unavailable")
    events = [r.payload["type"] for r in two_evses.csms.received[since:] if r.action == "SecurityEventNotification"]
    assert {"StartupOfTheDevice", "ResetOrReboot"} & set(events)


@pytest.mark.case("TC_F_11_CS", "TC_F_12_CS", "TC_F_13_CS", "TC_F_14_CS")
@pytest.mark.ocpp("F06.FR.06", "F06.FR.07", "F06.FR.11")
async def test_readings_on_demand(tmp_path: Path) -> None:
    """TC_F_11 to TC_F_14: of one EVSE, and of all."""
    async with world(tmp_path, Plan(evses=2, speed=1.0, keys=METER)) as made:
        for evse in (1, 2):
            await made.heard("MeterValues", evseId=evse)
        for asked, expected in ((EVSE, {2}), (WHOLE, {1, 2})):
            told = await _on_demand(made, "MeterValues", asked, len(expected))
            assert {p["evseId"] for p in told} == expected
        for evse in (1, 2):
            await made.station.charge(TOKEN, evse, samples=2)
        await made.until(lambda: len([h for h in made.held() if _charging(h.events)]) == 2)
        for asked, expected in ((EVSE, {2}), (WHOLE, {1, 2})):
            told = await _on_demand(made, "TransactionEvent", asked, len(expected))
            numbers = {h.transaction_id: h.events[0]["evse"]["id"] for h in made.held()}
            assert {numbers[p["transactionInfo"]["transactionId"]] for p in told} == expected
            assert {p["transactionInfo"]["chargingState"] for p in told} == {"Charging"}


def _charging(events: list[Payload]) -> bool:
    return any(event["transactionInfo"].get("chargingState") == "Charging" for event in events)


async def _on_demand(made: World, message: str, scope: dict[str, Any], count: int) -> list[Payload]:
    def told() -> list[Payload]:
        new = [r.payload for r in made.csms.received[since:] if r.action == message]
        return [p for p in new if {v["context"] for v in p["meterValue"][0]["sampledValue"]} == {"Trigger"}]

    since = made.news
    assert (await made.call("TriggerMessage", requestedMessage=message, **scope))["status"] == "Accepted"
    await made.until(lambda: len(told()) >= count)
    assert all(energy(p["meterValue"][0]) is not None for p in told())
    assert all(p["triggerReason"] == "Trigger" for p in told() if "triggerReason" in p)
    return told()


@pytest.mark.case(
    "TC_F_15_CS", "TC_F_17_CS", "TC_F_18_CS", "TC_F_20_CS", "TC_F_23_CS", "TC_F_24_CS", "TC_F_26_CS", "TC_F_27_CS"
)
@pytest.mark.ocpp("F06.FR.03", "F06.FR.05", "F06.FR.08", "F06.FR.15", "F06.FR.16", "F06.FR.17")
async def test_status_on_demand(one: World) -> None:
    """TC_F_15, TC_F_17, TC_F_18, TC_F_20, TC_F_23, TC_F_24, TC_F_26, TC_F_27."""
    connector: dict[str, Any] = {"evse": {"id": 1, "connectorId": 1}}
    for message, scope in (
        ("Heartbeat", WHOLE),
        ("LogStatusNotification", WHOLE),
        ("FirmwareStatusNotification", WHOLE),
        ("FirmwareStatusNotification", connector),
        ("StatusNotification", connector),
    ):
        since = one.news
        assert (await one.call("TriggerMessage", requestedMessage=message, **scope))["status"] == "Accepted"
        told = (await one.heard(message, since)).payload
        assert told.get("status", "Idle") == "Idle"
        assert told.get("connectorStatus", "Available") == "Available"
    await one.station.sim.plug_in(1)
    await one.heard("StatusNotification", connectorStatus="Occupied")
    since = one.news
    answer = await one.call("TriggerMessage", requestedMessage="StatusNotification", **connector)
    assert answer["status"] == "Accepted"
    assert (await one.heard("StatusNotification", since)).payload["connectorStatus"] == "Occupied"
    for message, status in (("BootNotification", "Rejected"), ("SignCombinedCertificate", "NotImplemented")):
        assert (await one.call("TriggerMessage", requestedMessage=message))["status"] == status


@pytest.mark.case("TC_F_06_CS", "TC_F_07_CS", "TC_F_10_CS")
@pytest.mark.ocpp("F05.FR.01", "F05.FR.03", "F05.FR.04", "F05.FR.06")
async def test_unlock_of_what_there_is(one: World) -> None:
    """TC_F_07, TC_F_10; TC_F_06 is the same on a connector with a cable."""
    assert (await one.call("UnlockConnector", evseId=1, connectorId=1))["status"] == "Unlocked"
    await one.station.sim.plug_in(1)
    await one.station.told_all()
    assert (await one.call("UnlockConnector", evseId=1, connectorId=1))["status"] == "Unlocked"
    assert (await one.call("UnlockConnector", evseId=1, connectorId=999))["status"] == "UnknownConnector"
    assert len(one.station.commands("UnlockConnector")) == 2
