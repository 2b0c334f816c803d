"""Heartbeats, pings, reconnections and asks."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from gateway.contracts import Reply
from gateway.link.rpc import CallError
from gateway.link.status import LinkState
from gateway.model.changes import BootReason
from tests.gateway.link.csms import Csms, running
from tests.gateway.link.fakes import STATION, eventually, status_notification, transaction_event

if TYPE_CHECKING:
    from gateway.contracts import Json
    from tests.gateway.link.fakes import Box

TOKEN = {"idToken": {"idToken": "04A2", "type": "ISO14443"}}


@pytest.mark.ocpp("B01.FR.04", "G02.FR.01", "G02.FR.02")
async def test_boot_interval_sets_the_heartbeat(csms: Csms, box: Box) -> None:
    csms.boots = [("Accepted", 2)]
    async with box.run(csms.url):
        await (await csms.peer()).called("Heartbeat", 2)
    assert len(box.handlers.times) >= 2


async def test_changed_heartbeat_interval_counts_at_once(csms: Csms, box: Box) -> None:
    async def faster(request: Json) -> Reply:
        del request
        box.handlers.variables["HeartbeatInterval"] = 2
        return Reply(payload={"setVariableResult": [
            {"attributeStatus": "Accepted", "component": {"name": "C"}, "variable": {"name": "V"}}
        ]})  # fmt: skip

    box.handlers.answers["SetVariables"] = faster
    csms.boots = [("Accepted", 80_000)]
    async with box.run(csms.url):
        peer = await csms.peer()
        await box.state(LinkState.ACCEPTED)
        data = {"attributeValue": "2", "component": {"name": "C"}, "variable": {"name": "V"}}
        await peer.request("SetVariables", {"setVariableData": [data]})
        await peer.called("Heartbeat")


async def test_heartbeat_on_request(csms: Csms, box: Box) -> None:
    async with box.run(csms.url) as link:
        link.beat(STATION)
        peer = await csms.peer()
        await box.state(LinkState.ACCEPTED)
        assert peer.actions() == ["BootNotification"]
        link.beat(STATION)
        await peer.called("Heartbeat")


async def test_csms_without_a_clock_is_tolerated(csms: Csms, box: Box) -> None:
    csms.responses["Heartbeat"] = {"currentTime": "half past ten"}
    async with box.run(csms.url) as link:
        peer = await csms.peer()
        await box.state(LinkState.ACCEPTED)
        link.beat(STATION)
        await peer.called("Heartbeat")
        csms.responses["Heartbeat"] = {"currentTime": "2025-03-01T12:00:01"}
        link.beat(STATION)
        await eventually(lambda: len(box.handlers.times) == 2)
    assert box.handlers.times[1] - box.handlers.times[0] == timedelta(seconds=1)


async def test_pings_go_out_and_stop_when_switched_off(csms: Csms, box: Box) -> None:
    box.handlers.variables["WebSocketPingInterval"] = 1
    async with box.run(csms.url) as link:
        peer = await csms.peer()
        await peer.until(lambda: peer.pings >= 3)
        box.handlers.variables["WebSocketPingInterval"] = 0
        link.refresh(STATION)
        await box.state(LinkState.ACCEPTED)
        box.outbox.post(status_notification())
        await peer.called("StatusNotification")
        pings = peer.pings
        box.outbox.post(*(status_notification() for _ in range(20)))
        await peer.called("StatusNotification", 21)
        assert peer.pings <= pings + 1


async def test_missing_pong_leads_to_a_new_connection(csms: Csms, box: Box) -> None:
    csms.pongs = False
    box.handlers.variables["WebSocketPingInterval"] = 1
    async with box.run(csms.url):
        await csms.peer(2)


async def test_ping_of_the_csms_is_answered(csms: Csms, box: Box) -> None:
    async with box.run(csms.url):
        peer = await csms.peer()
        await box.state(LinkState.ACCEPTED)
        async with asyncio.timeout(5):
            await peer.socket.ping(b"now")
            box.outbox.post(status_notification())
            await peer.called("StatusNotification")


async def test_return_of_the_csms_is_told_with_the_time_it_was_away(csms: Csms, box: Box) -> None:
    """The hub compares the time with OfflineThreshold; no BootNotification, as nothing has booted."""
    async with box.run(csms.url):
        peer = await csms.peer()
        await box.state(LinkState.ACCEPTED)
        await peer.socket.close()
        second = await csms.peer(2)
        await second.called("Heartbeat")
    assert second.actions() == ["Heartbeat"]
    assert box.handlers.boots == 1
    assert [timedelta(0) < away < timedelta(seconds=5) for away in box.handlers.returns] == [True]


async def test_station_that_booted_offline_boots_instead(box: Box) -> None:
    async with running(Csms()) as csms:
        port = int(csms.url.split(":")[2].split("/")[0])
        task = box.run(csms.url)
        link = await task.__aenter__()
        await box.state(LinkState.ACCEPTED)
    await box.state(LinkState.OFFLINE)
    await eventually(lambda: bool(link.status(STATION).problem))
    link.boot_again(STATION, BootReason.WATCHDOG)
    box.outbox.post(transaction_event())
    async with running(Csms(), port=port) as again:
        peer = await again.peer()
        await peer.called("TransactionEvent")
        assert peer.actions() == ["BootNotification", "TransactionEvent"]
        await task.__aexit__(None, None, None)
    assert box.handlers.returns == [timedelta(0)], "what waits was offline; the statuses follow the boot"


async def test_whoever_asks_is_told_at_once_that_the_csms_is_lost(csms: Csms, box: Box) -> None:
    csms.silent.add("Authorize")
    token = {"idToken": {"idToken": "AA", "type": "Local"}}
    async with box.run(csms.url) as link, asyncio.timeout(4):
        peer = await csms.peer()
        await box.state(LinkState.ACCEPTED)
        asked = [asyncio.create_task(link.ask(STATION, "Authorize", token, patience=60)) for _ in range(3)]
        await peer.called("Authorize")
        await peer.socket.close()
        assert await asyncio.gather(*asked) == [None] * 3


async def test_ask_overtakes_the_outbox(csms: Csms, box: Box) -> None:
    csms.silent.add("TransactionEvent")
    box.outbox.post(*(transaction_event(seq_no=number) for number in range(3)))
    async with box.run(csms.url) as link:
        peer = await csms.peer()
        call = await peer.called("TransactionEvent")
        asking = asyncio.create_task(link.ask(STATION, "Authorize", TOKEN, patience=5))
        await asyncio.sleep(0)
        await peer.raw(f'[3,"{call.id}",{{}}]'.encode())
        assert await asking == {"idTokenInfo": {"status": "Accepted"}}
        await peer.called("TransactionEvent", 2)
    assert peer.actions() == ["BootNotification", "TransactionEvent", "Authorize", "TransactionEvent"]


@pytest.mark.parametrize("trouble", ["refused", "invalid", "impatient", "lost", "senseless"])
async def test_ask_without_a_good_answer_gives_none(csms: Csms, box: Box, trouble: str) -> None:
    async with box.run(csms.url) as link:
        peer = await csms.peer()
        await box.state(LinkState.ACCEPTED)
        if trouble == "refused":
            csms.refuse["Authorize"] = CallError("", "InternalError")
        elif trouble == "invalid":
            csms.responses["Authorize"] = {"idTokenInfo": {"status": "Perhaps"}}
        elif trouble in {"impatient", "lost"}:
            csms.silent.add("Authorize")
        token = {"card": "04A2"} if trouble == "senseless" else TOKEN
        patience = 0.05 if trouble == "impatient" else 60
        asking = asyncio.create_task(link.ask(STATION, "Authorize", token, patience=patience))
        waiting = asyncio.create_task(link.ask(STATION, "Authorize", token, patience=patience))
        if trouble == "lost":
            await peer.called("Authorize")
            await peer.socket.close()
        assert await asking is None
        assert await waiting is None


async def test_ask_that_nobody_waits_for_any_more_is_not_sent(csms: Csms, box: Box) -> None:
    csms.silent.add("TransactionEvent")
    box.outbox.post(transaction_event())
    async with box.run(csms.url) as link:
        peer = await csms.peer()
        call = await peer.called("TransactionEvent")
        assert await link.ask(STATION, "Authorize", TOKEN, patience=0.01) is None
        await peer.raw(f'[3,"{call.id}",{{}}]'.encode())
        box.outbox.post(status_notification())
        await peer.called("StatusNotification")
    assert "Authorize" not in peer.actions()


async def test_offline_ask_gives_none_at_once(csms: Csms, box: Box) -> None:
    link = box.make(csms.url)
    assert await link.ask(STATION, "Authorize", TOKEN, patience=60) is None


async def test_back_off_without_waits_still_pauses(csms: Csms, box: Box) -> None:
    box.handlers.variables.update(RetryBackOffWaitMinimum=0, RetryBackOffRandomRange=0)
    box.timing = replace(box.timing, second=0.05)
    csms.status = 503
    async with box.run(csms.url):
        began = asyncio.get_running_loop().time()
        await eventually(lambda: csms.attempts == 3)
        assert asyncio.get_running_loop().time() - began > 0.09
