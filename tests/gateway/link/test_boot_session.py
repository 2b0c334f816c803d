"""Booting at a real WebSocket server."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from gateway.contracts import Reply
from gateway.link.rpc import CallError, CallResult
from gateway.link.status import LinkState
from gateway.model.changes import BootReason
from tests.gateway.link.fakes import (
    STATION,
    TIMING,
    eventually,
    security_event,
    status_notification,
    transaction_event,
)

if TYPE_CHECKING:
    from gateway.contracts import Json
    from tests.gateway.link.csms import Csms
    from tests.gateway.link.fakes import Box


async def _empty(payload: Json) -> Reply:
    del payload
    return Reply(payload={"status": "Accepted"})


@pytest.mark.ocpp("B01.FR.01", "B01.FR.09")
async def test_first_message_says_what_the_station_is(csms: Csms, box: Box) -> None:
    async with box.run(csms.url):
        call = await (await csms.peer()).called("BootNotification")
    assert call.payload == {
        "reason": "PowerUp",
        "chargingStation": {"model": "Post", "vendorName": "Old", "serialNumber": "S1", "firmwareVersion": "1.0"},
    }


async def test_nothing_connects_before_the_station_is_known(csms: Csms, box: Box) -> None:
    async with box.run(csms.url, hello=False) as link:
        assert link.status(STATION).state is LinkState.OFFLINE
        await asyncio.sleep(0)
        assert not csms.attempts
        link.boot_again(STATION, BootReason.LOCAL_RESET)
        call = await (await csms.peer()).called("BootNotification")
    assert call.payload["reason"] == "LocalReset"


@pytest.mark.ocpp("B01.FR.08")
async def test_acceptance_opens_the_outbox(csms: Csms, box: Box) -> None:
    box.outbox.post(transaction_event())
    box.handlers.after_boot = (status_notification(),)
    async with box.run(csms.url) as link:
        peer = await csms.peer()
        await peer.called("StatusNotification")
        assert link.accepted(STATION)
        since = link.online_since(STATION)
        assert since is not None
        assert box.now - timedelta(seconds=5) < since <= box.now
        assert link.status(STATION).state is LinkState.ACCEPTED
    assert peer.actions() == ["BootNotification", "TransactionEvent", "StatusNotification"]
    assert box.handlers.times == [datetime(2025, 3, 1, 12, tzinfo=UTC)]
    assert not link.accepted(STATION)
    assert link.online_since(STATION) is None


async def test_security_events_of_a_start_follow_the_statuses(csms: Csms, box: Box) -> None:
    """Part 6, reusable state Booted."""
    box.outbox.post(security_event(), transaction_event())
    box.handlers.after_boot = (status_notification(1), status_notification(2))
    async with box.run(csms.url):
        peer = await csms.peer()
        await peer.called("SecurityEventNotification")
        box.outbox.post(security_event(), status_notification(3))
        await peer.called("StatusNotification", 3)
    told = ["TransactionEvent", "StatusNotification", "StatusNotification", "SecurityEventNotification"]
    assert peer.actions() == ["BootNotification", *told, "SecurityEventNotification", "StatusNotification"]


async def test_how_long_it_is_on_line_does_not_depend_on_the_clock(csms: Csms, box: Box) -> None:
    """The answer to the boot sets the clock just after the station was accepted; later answers may, too."""
    async with box.run(csms.url) as link:
        await box.state(LinkState.ACCEPTED)
        for by in (timedelta(days=-365), timedelta(days=3650)):
            box.now += by
            since = link.online_since(STATION)
            assert since is not None
            assert box.now - timedelta(seconds=5) < since <= box.now


@pytest.mark.ocpp("B02.FR.01", "B02.FR.02", "B02.FR.06", "B02.FR.08")
async def test_pending_sends_only_what_was_asked_for(csms: Csms, box: Box) -> None:
    csms.boots = [("Pending", 30), ("Accepted", 0)]
    box.handlers.answers["ClearCache"] = _empty
    box.outbox.post(status_notification(1))
    async with box.run(csms.url) as link:
        peer = await csms.peer()
        await box.state(LinkState.PENDING)
        assert link.pending(STATION)
        assert not link.accepted(STATION)
        assert await link.ask(STATION, "Heartbeat", {}, patience=5) is None
        assert isinstance(await peer.request("ClearCache", {}), CallResult)
        box.outbox.post(status_notification(2, requested=True))
        await peer.called("BootNotification", 2)
        await peer.called("StatusNotification", 2)
        assert len(csms.peers) == 1
    assert peer.actions() == ["BootNotification", "StatusNotification", "BootNotification", "StatusNotification"]
    assert [call.payload.get("evseId") for call in peer.calls] == [None, 2, None, 1]


@pytest.mark.ocpp("B02.FR.02")
async def test_pending_sends_a_triggered_heartbeat(csms: Csms, box: Box) -> None:
    csms.boots = [("Pending", 86_400)]
    async with box.run(csms.url) as link:
        peer = await csms.peer()
        await box.state(LinkState.PENDING)
        link.beat(STATION)
        await peer.called("Heartbeat")
    assert peer.actions() == ["BootNotification", "Heartbeat"]


@pytest.mark.ocpp("B02.FR.04")
async def test_trigger_asks_again_before_the_interval_has_passed(csms: Csms, box: Box) -> None:
    csms.boots = [("Pending", 86_400), ("Accepted", 0)]
    async with box.run(csms.url) as link:
        peer = await csms.peer()
        await box.state(LinkState.PENDING)
        link.boot_again(STATION, BootReason.TRIGGERED)
        call = await peer.called("BootNotification", 2)
        await box.state(LinkState.ACCEPTED)
    assert call.payload["reason"] == "Triggered"


@pytest.mark.ocpp("B03.FR.02", "B03.FR.06", "B03.FR.08")
async def test_rejected_says_nothing_and_refuses_calls(csms: Csms, box: Box) -> None:
    csms.boots = [("Rejected", 20), ("Accepted", 0)]
    box.handlers.answers["ClearCache"] = _empty
    box.outbox.post(status_notification(requested=True))
    async with box.run(csms.url) as link:
        peer = await csms.peer()
        await box.state(LinkState.REJECTED)
        link.beat(STATION)
        answer = await peer.request("ClearCache", {})
        assert isinstance(answer, CallError)
        assert answer.code == "SecurityError"
        assert peer.actions() == ["BootNotification"]
        await peer.called("BootNotification", 2)
        await peer.called("StatusNotification")


@pytest.mark.ocpp("B02.FR.07")
@pytest.mark.parametrize("status", ["Pending", pytest.param("Rejected", marks=pytest.mark.ocpp("B03.FR.05"))])
async def test_no_interval_leaves_the_wait_to_the_station(csms: Csms, box: Box, status: str) -> None:
    csms.boots = [(status, 0), ("Accepted", 0)]
    box.timing = replace(TIMING, boot=0.1)
    async with box.run(csms.url):
        peer = await csms.peer()
        await peer.called("BootNotification")
        began = asyncio.get_running_loop().time()
        await peer.called("BootNotification", 2)
    assert asyncio.get_running_loop().time() - began > 0.1


async def test_refused_or_unanswered_boot_is_repeated(csms: Csms, box: Box) -> None:
    csms.refuse["BootNotification"] = CallError("", "InternalError")
    async with box.run(csms.url):
        peer = await csms.peer()
        await peer.called("BootNotification", 2)
        csms.refuse.clear()
        csms.silent.add("BootNotification")
        box.handlers.variables["MessageTimeout"] = 2
        await peer.called("BootNotification", 4)
        csms.silent.clear()
        await box.state(LinkState.ACCEPTED)


async def test_invalid_boot_response_accepts_nobody(csms: Csms, box: Box) -> None:
    csms.boots = [("Welcome", 0), ("Accepted", 0)]
    async with box.run(csms.url):
        await (await csms.peer()).called("BootNotification", 2)
        await box.state(LinkState.ACCEPTED)


@pytest.mark.ocpp("B01.FR.03", "B01.FR.08")
async def test_station_that_boots_again_is_silent_until_accepted_again(csms: Csms, box: Box) -> None:
    async with box.run(csms.url) as link:
        peer = await csms.peer()
        await box.state(LinkState.ACCEPTED)
        csms.silent.add("BootNotification")
        link.boot_again(STATION, BootReason.REMOTE_RESET)
        box.outbox.post(status_notification())
        assert not link.accepted(STATION)
        assert link.status(STATION).state is LinkState.BOOTING
        call = await peer.called("BootNotification", 2)
        assert call.payload["reason"] == "RemoteReset"
        csms.silent.clear()
        assert peer.actions() == ["BootNotification"] * 2
        await peer.raw(
            f'[3,"{call.id}",{{"currentTime":"2025-03-01T12:00:00Z","interval":0,"status":"Accepted"}}]'.encode()
        )
        await peer.called("StatusNotification")
    assert box.handlers.boots == 2


@pytest.mark.ocpp("B12.FR.05")
async def test_event_that_gets_no_answer_waits_for_the_end_of_the_reboot(csms: Csms, box: Box) -> None:
    async with box.run(csms.url) as link:
        peer = await csms.peer()
        await box.state(LinkState.ACCEPTED)
        box.handlers.variables["MessageTimeout"] = 5
        csms.silent.add("TransactionEvent")
        box.outbox.post(transaction_event())
        lost = await peer.called("TransactionEvent")
        link.boot_again(STATION, BootReason.REMOTE_RESET)
        await peer.called("BootNotification", 2)
        csms.silent.clear()
        again = await peer.called("TransactionEvent", 2)
        await eventually(lambda: bool(box.outbox.acknowledged))
    assert again == lost
    assert peer.actions() == ["BootNotification", "TransactionEvent", "BootNotification", "TransactionEvent"]


async def test_calls_before_the_first_boot_response_are_refused(csms: Csms, box: Box) -> None:
    csms.silent.add("BootNotification")
    async with box.run(csms.url):
        peer = await csms.peer()
        await peer.called("BootNotification")
        answer = await peer.request("ClearCache", {})
    assert isinstance(answer, CallError)
    assert answer.code == "SecurityError"


async def test_boot_lost_with_the_connection_is_sent_on_the_next(csms: Csms, box: Box) -> None:
    csms.silent.add("BootNotification")
    async with box.run(csms.url):
        peer = await csms.peer()
        await peer.called("BootNotification")
        csms.silent.clear()
        await peer.socket.close()
        await (await csms.peer(2)).called("BootNotification")
        await box.state(LinkState.ACCEPTED)


async def test_interval_of_pending_holds_over_a_reconnection(csms: Csms, box: Box) -> None:
    csms.boots = [("Pending", 60), ("Accepted", 0)]
    async with box.run(csms.url):
        peer = await csms.peer()
        await box.state(LinkState.PENDING)
        began = asyncio.get_running_loop().time()
        await peer.socket.close()
        await (await csms.peer(2)).called("BootNotification")
    assert asyncio.get_running_loop().time() - began > 0.5


async def test_failing_storage_does_not_end_the_boot(csms: Csms, box: Box) -> None:
    box.handlers.refuse_responses = 1
    async with box.run(csms.url):
        await csms.peer()
        await eventually(lambda: box.link.accepted(STATION))
