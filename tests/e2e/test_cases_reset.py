"""Certification cases of boot, reset and reconnection: TC_B_20 to TC_B_24, TC_B_29, TC_B_41, TC_B_51, TC_B_57."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from gateway.bench.csms.settings import CsmsSettings
from tests.e2e.plan import TOKEN, Plan
from tests.e2e.trust import PASSWORD, Passwords, secret
from tests.e2e.truth import assert_all_whole
from tests.e2e.world import World, world

if TYPE_CHECKING:
    from pathlib import Path

    from gateway.bench.csms.ledger import Payload

OTHER = "DEADBEEF"


def status_after(two: World, since: int, evse: int) -> str:
    """The last status of an EVSE's connector that the CSMS has heard of."""
    told = [r.payload for r in two.csms.received[since:] if r.action == "StatusNotification"]
    return str([p for p in told if p["evseId"] == evse][-1]["connectorStatus"])


async def reserve(two: World, number: int, evse: int) -> Payload:
    until = datetime.now(UTC) + timedelta(minutes=10)
    return await two.call(
        "ReserveNow",
        id=number,
        evseId=evse,
        expiryDateTime=until.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        idToken={"idToken": TOKEN, "type": "ISO14443"},
    )


@pytest.mark.case("TC_B_20_CS", "TC_B_23_CS")
@pytest.mark.ocpp("B11.FR.01", "B11.FR.02", "B11.FR.03", "B11.FR.04")
async def test_reset_on_idle_without_a_transaction_is_at_once(two_evses: World) -> None:
    """TC_B_20 and, with an EVSE that is closed, TC_B_23."""
    two = two_evses
    await two.call("ChangeAvailability", operationalStatus="Inoperative", evse={"id": 2, "connectorId": 1})
    await two.heard("StatusNotification", connectorStatus="Unavailable")
    two.station.sim.point.outlets.memory.inoperative.clear()
    since = two.news
    assert (await two.call("Reset", type="OnIdle"))["status"] == "Accepted"
    await two.booted(since=since)
    await two.started(since=since)
    assert (await two.heard("BootNotification", since)).payload["reason"] == "RemoteReset"
    await two.station.until(lambda s: s.point.outlets.memory.inoperative == {2})
    await two.station.told_all()
    await two.settled()
    assert (status_after(two, since, 1), status_after(two, since, 2)) == ("Available", "Unavailable")


@pytest.mark.case("TC_B_24_CS")
@pytest.mark.ocpp("B01.FR.13", "B11.FR.05")
async def test_reservation_outlives_a_reset(two_evses: World) -> None:
    """TC_B_24."""
    two = two_evses
    assert (await reserve(two, 4, 2))["status"] == "Accepted"
    await two.heard("StatusNotification", connectorStatus="Reserved")
    since = two.news
    assert (await two.call("Reset", type="OnIdle"))["status"] == "Accepted"
    await two.booted(since=since)
    await two.started(since=since)
    assert (await two.heard("BootNotification", since)).payload["reason"] == "RemoteReset"
    await two.station.until(lambda s: s.point.outlets.connectors[2].reservation is not None)
    await two.station.told_all()
    await two.settled()
    assert (status_after(two, since, 1), status_after(two, since, 2)) == ("Available", "Reserved")
    assert (await two.call("CancelReservation", reservationId=4))["status"] == "Accepted"


@pytest.mark.case("TC_B_22_CS", "TC_B_29_CS")
@pytest.mark.ocpp("B12.FR.02", "B12.FR.04", "B12.FR.09")
async def test_immediate_reset_says_so_in_every_message(two_evses: World) -> None:
    """TC_B_22, and TC_B_29 before it."""
    two = two_evses
    await two.station.charge(TOKEN, samples=2)
    await two.heard("TransactionEvent", eventType="Updated")
    for kind in ("OnIdle", "Immediate"):
        assert (await two.call("Reset", type=kind, evseId=1))["status"] == "Rejected"
    since = two.news
    assert (await two.call("Reset", type="Immediate"))["status"] == "Accepted"
    await two.delivered()
    await two.booted(since=since)
    ended = two.held()[0].events[-1]
    assert ended["triggerReason"] == "ResetCommand"
    info = ended["transactionInfo"]
    assert (info["stoppedReason"], info["chargingState"]) == ("ImmediateReset", "EVConnected")
    assert "idToken" not in ended
    assert (await two.heard("BootNotification", since)).payload["reason"] == "RemoteReset"
    await two.station.told_all()
    await two.settled()
    assert (status_after(two, since, 1), status_after(two, since, 2)) == ("Occupied", "Available")


@pytest.mark.case("TC_B_41_CS")
@pytest.mark.ocpp("B12.FR.01", "B12.FR.03")
async def test_reset_on_idle_waits_for_every_transaction(two_evses: World) -> None:
    """TC_B_41; TC_B_21 is a part of it."""
    two = two_evses
    first, second = await two.station.charge(TOKEN, 1), await two.station.charge(OTHER, 2)
    await two.heard("TransactionEvent", eventType="Started")
    since = two.news
    assert (await two.call("Reset", type="OnIdle"))["status"] == "Scheduled"
    await two.station.sim.present_token(1, TOKEN)
    await two.delivered(1)
    assert second.stopped_at is None
    assert two.station.ledger.boots == 1
    await two.station.sim.present_token(2, OTHER)
    await two.delivered(2)
    await two.station.until(lambda _: two.station.ledger.boots == 2)
    await two.booted(since=since)
    assert (first.reason, second.reason) == ("Local", "Local")
    assert (await two.heard("BootNotification", since)).payload["reason"] == "ScheduledReset"
    await two.started(since=since)
    await two.station.told_all()
    await two.settled()
    assert (status_after(two, since, 1), status_after(two, since, 2)) == ("Occupied", "Occupied")
    assert assert_all_whole(two) == 0


@pytest.mark.case("TC_B_51_CS")
@pytest.mark.ocpp("B04.FR.01")
async def test_every_connector_is_told_after_a_long_absence_with_what_has_changed(two_evses: World) -> None:
    """TC_B_51."""
    two = two_evses
    await two.impatient()
    assert await two.set_variable("OCPPCommCtrlr", "OfflineThreshold", "0") == "Accepted"
    await two.csms.go_down()
    await two.station.sim.plug_in(2)
    await two.station.told_all()
    since = two.news
    await two.back()
    await two.heard("StatusNotification", since, evseId=1, connectorStatus="Available")
    await two.heard("StatusNotification", since, evseId=2, connectorStatus="Occupied")
    await two.settled()
    told = [r.payload["evseId"] for r in two.csms.received[since:] if r.action == "StatusNotification"]
    assert sorted(told) == [1, 2]
    assert [r.action for r in two.csms.received[since:] if r.action == "BootNotification"] == []


@pytest.mark.case("TC_B_57_CS")
async def test_waits_between_attempts_to_connect_double(tmp_path: Path) -> None:
    """TC_B_57."""
    plan, passwords = Plan(), Passwords()
    passwords[plan.identity] = PASSWORD
    backend = f"security_profile = 1\n{secret(tmp_path, PASSWORD)}"
    clock = asyncio.get_running_loop().time
    async with world(tmp_path, plan, settings=CsmsSettings(passwords=passwords), backend=backend) as made:
        for name, value in (("WaitMinimum", "1"), ("RandomRange", "0"), ("RepeatTimes", "2")):
            assert await made.set_variable("OCPPCommCtrlr", f"RetryBackOff{name}", value) == "Accepted"
        lost = clock()
        await made.csms.disconnect(plan.identity)
        await passwords.asked_again(1)
        assert clock() - lost >= 1.0
        await made.csms.wait_until(lambda: plan.identity in made.csms.connected)
        passwords[plan.identity] = "another-password"
        lost = clock()
        await made.csms.disconnect(plan.identity)
        await passwords.asked_again(1)
        refused = clock()
        assert refused - lost >= 1.0
        passwords[plan.identity] = PASSWORD
        await passwords.asked_again(1)
        assert clock() - refused >= 2.0
        await made.csms.wait_until(lambda: plan.identity in made.csms.connected)
