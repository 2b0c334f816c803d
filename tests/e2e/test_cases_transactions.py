"""Certification cases of transactions, remote start and remote stop: blocks E and F."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest

from tests.e2e.plan import TOKEN, Plan
from tests.e2e.truth import assert_all_whole
from tests.e2e.world import World, world

if TYPE_CHECKING:
    from pathlib import Path

    from gateway.bench.csms.answers import Answer
    from gateway.bench.csms.ledger import Record

OTHER = "DEADBEEF"
CARD = {"idToken": TOKEN, "type": "ISO14443"}


@pytest.mark.case("TC_E_06_CS", "TC_E_15_CS", "TC_G_01_CS", "TC_G_02_CS")
@pytest.mark.ocpp("E02.FR.05", "E02.FR.07", "E02.FR.13", "E02.FR.15", "E01.FR.16")
async def test_cable_first(one: World) -> None:
    """TC_E_06, TC_E_15, TC_G_01, TC_G_02, TC_C_39's reusable states."""
    since = one.news
    await one.station.sim.plug_in(1)
    await one.heard("StatusNotification", since, connectorStatus="Occupied", evseId=1, connectorId=1)
    await one.station.told_all()
    assert one.held() == []
    await one.station.present(TOKEN)
    await one.heard("TransactionEvent", eventType="Updated")
    told = [r.action for r in one.csms.received[since:] if r.action != "SecurityEventNotification"]
    assert told[:3] == ["StatusNotification", "Authorize", "TransactionEvent"]
    await one.station.sim.present_token(1, TOKEN)
    await one.delivered()
    started, charging, *_, ended = one.held()[0].events
    assert (started["triggerReason"], started["idToken"]) == ("Authorized", CARD)
    assert started["evse"] == {"id": 1, "connectorId": 1}
    assert charging["triggerReason"] == "ChargingStateChanged"
    assert charging["transactionInfo"]["chargingState"] == "Charging"
    info = ended["transactionInfo"]
    assert ended["triggerReason"] == "StopAuthorized"
    assert (info["chargingState"], info["stoppedReason"]) == ("EVConnected", "Local")
    since = one.news
    await one.station.sim.plug_out(1)
    await one.heard("StatusNotification", since, connectorStatus="Available")
    assert assert_all_whole(one) == 0


@pytest.mark.case("TC_E_05_CS", "TC_E_39_CS")
@pytest.mark.ocpp("E03.FR.01")
async def test_card_first_and_too_late_with_the_cable(tmp_path: Path) -> None:
    """TC_E_39 and, as the EVSE is ready for the next driver, TC_E_05."""
    async with world(tmp_path, Plan()) as one:
        assert await one.set_variable("TxCtrlr", "EVConnectionTimeOut", "60") == "Accepted"
        assert one.station.sim.point.keys.number("ConnectionTimeOut") == 60
        await one.station.present(TOKEN)
        connector = one.station.sim.point.outlets.connectors[1]
        await one.station.until(lambda _: connector.pending is not None)
        await one.station.until(lambda _: connector.pending is None)
        since = one.news
        await one.station.sim.plug_in(1)
        await one.heard("StatusNotification", since, connectorStatus="Occupied")
        await one.station.told_all()
        assert one.station.ledger.transactions == []
        assert one.held() == []
        await one.station.sim.plug_out(1)
        await one.station.present(TOKEN)
        await one.station.until(lambda _: connector.pending is not None)
        await one.station.sim.plug_in(1)
        await one.heard("TransactionEvent", eventType="Updated")
        assert one.held()[0].events[0]["triggerReason"] == "Authorized"


@pytest.mark.case("TC_E_31_CS", "TC_E_33_CS")
@pytest.mark.ocpp(
    "E08.FR.04", "E08.FR.05", "E08.FR.06", "E08.FR.07", "E08.FR.08", "E12.FR.01",
    "E12.FR.02", "E14.FR.04", "E14.FR.07",
)  # fmt: skip
@pytest.mark.parametrize(
    "card",
    [
        pytest.param(TOKEN, marks=[pytest.mark.case("TC_E_44_CS"), pytest.mark.ocpp("E08.FR.01")]),
        pytest.param(OTHER, marks=[pytest.mark.case("TC_E_45_CS"), pytest.mark.ocpp("E08.FR.02")]),
    ],
    ids=["the same", "of the family"],
)
async def test_ended_offline_and_asked_about_before_it_is_told(one: World, card: str) -> None:
    """TC_E_31, TC_E_33; by the card that has started it TC_E_44, by another one of its family TC_E_45."""
    await one.impatient()
    group = {"idTokenInfo": {"status": "Accepted", "groupIdToken": {"idToken": "FAMILY", "type": "Central"}}}
    one.csms.override("Authorize", lambda _: group)
    await one.station.say("Authorize", idTag=OTHER)
    truth = await one.station.charge(TOKEN, samples=2)
    await one.heard("TransactionEvent", eventType="Updated")
    number = one.held()[0].transaction_id
    told = len(one.held()[0].events)
    await one.csms.go_down()
    await one.station.sim.present_token(1, card)
    await one.station.until(lambda _: truth.stopped_at is not None)
    await one.station.sim.plug_out(1)
    await one.station.told_all()
    gate = asyncio.Event()
    hold(one, gate)
    await one.back()
    answer = await one.call("GetTransactionStatus", transactionId=number)
    assert answer == {"ongoingIndicator": False, "messagesInQueue": True}
    assert await one.call("GetTransactionStatus") == {"messagesInQueue": True}
    gate.set()
    await one.delivered()
    await one.settled()
    ended = one.held()[0].events[-1]
    assert all(event["offline"] for event in one.held()[0].events[told + 1 :])
    assert (ended["offline"], ended["triggerReason"]) == (True, "StopAuthorized")
    assert ended["idToken"]["idToken"] == card
    assert assert_all_whole(one, repeats=1) <= 1
    answer = await one.call("GetTransactionStatus", transactionId=number)
    assert answer == {"ongoingIndicator": False, "messagesInQueue": False}


@pytest.mark.case("TC_E_29_CS", "TC_E_30_CS", "TC_E_40_CS")
@pytest.mark.ocpp("E11.FR.01", "E11.FR.02", "E14.FR.02", "E14.FR.04", "E14.FR.05")
async def test_running_and_asked_about(one: World) -> None:
    """TC_E_29, TC_E_30, TC_E_40."""
    await one.impatient()
    truth = await one.station.charge(TOKEN, samples=2)
    await one.heard("TransactionEvent", eventType="Updated")
    number = one.held()[0].transaction_id
    await one.csms.go_down()
    more = len(truth.samples) + 4
    await one.station.until(lambda _: len(truth.samples) >= more)
    gate = asyncio.Event()
    hold(one, gate)
    await one.back()
    answer = await one.call("GetTransactionStatus", transactionId=number)
    assert answer == {"ongoingIndicator": True, "messagesInQueue": True}
    assert (await one.set_variable("SampledDataCtrlr", "TxUpdatedInterval", "0")) == "Accepted"
    gate.set()
    await one.station.told_all()
    await one.settled()
    answer = await one.call("GetTransactionStatus", transactionId=number)
    assert answer == {"ongoingIndicator": True, "messagesInQueue": False}
    held = one.held()[0].events
    offline = [event for event in held if event["offline"]]
    assert len(offline) >= 3
    assert {event["eventType"] for event in offline} == {"Updated"}
    assert all(event["meterValue"] for event in offline)


def hold(one: World, gate: asyncio.Event) -> None:
    """Keep the CSMS's answers to events back until the gate opens."""

    async def wait(_: Record) -> Answer:
        await gate.wait()
        return None

    one.csms.override("TransactionEvent", wait)


@pytest.mark.case("TC_E_21_CS", "TC_F_02_CS", "TC_F_08_CS", "TC_F_09_CS")
@pytest.mark.ocpp("F01.FR.12", "F02.FR.01", "F01.FR.19")
async def test_remote_start_with_a_profile_and_remote_stop(one: World) -> None:
    """TC_F_02 with a card that has to be asked about, TC_F_08, TC_F_09, TC_E_21."""
    assert await one.set_variable("AuthCtrlr", "AuthorizeRemoteStart", "true") == "Accepted"
    profile: dict[str, Any] = {
        "id": 1,
        "stackLevel": 0,
        "chargingProfilePurpose": "TxProfile",
        "chargingProfileKind": "Relative",
        "chargingSchedule": [
            {"id": 1, "chargingRateUnit": "A", "chargingSchedulePeriod": [{"startPeriod": 0, "limit": 6}]}
        ],
    }
    start: dict[str, Any] = {"idToken": CARD, "remoteStartId": 9, "evseId": 1, "chargingProfile": profile}
    assert (await one.call("RequestStartTransaction", **start))["status"] == "Accepted"
    await one.heard("Authorize")
    await one.station.until(lambda s: s.point.outlets.connectors[1].pending is not None)
    await one.station.sim.plug_in(1)
    await one.heard("TransactionEvent", eventType="Updated")
    started = one.held()[0].events[0]
    assert (started["triggerReason"], started["transactionInfo"]["remoteStartId"]) == ("RemoteStart", 9)
    wrong = await one.call("RequestStopTransaction", transactionId=one.held()[0].transaction_id[:-1])
    assert wrong["status"] == "Rejected"
    right = await one.call("RequestStopTransaction", transactionId=one.held()[0].transaction_id)
    assert right["status"] == "Accepted"
    await one.delivered()
    ended = one.held()[0].events[-1]
    assert (ended["triggerReason"], ended["transactionInfo"]["stoppedReason"]) == ("RemoteStop", "Remote")
    assert assert_all_whole(one) == 0


@pytest.mark.case("TC_F_04_CS")
@pytest.mark.ocpp("F02.FR.01")
async def test_remote_start_again_after_the_cable_came_too_late(one: World) -> None:
    """TC_F_04: with PowerPathClosed nothing has begun yet, so nothing is ended."""
    assert await one.set_variable("TxCtrlr", "EVConnectionTimeOut", "60") == "Accepted"
    connector = one.station.sim.point.outlets.connectors[1]
    for number in (1, 2):
        answer = await one.call("RequestStartTransaction", idToken=CARD, remoteStartId=number, evseId=1)
        assert answer["status"] == "Accepted"
        await one.station.until(lambda _: connector.pending is not None)
        if number == 1:
            await one.station.until(lambda _: connector.pending is None)
    assert one.held() == []
    await one.station.sim.plug_in(1)
    started = (await one.heard("TransactionEvent", eventType="Started")).payload
    assert started["triggerReason"] == "RemoteStart"
    assert started["transactionInfo"]["remoteStartId"] == 2
