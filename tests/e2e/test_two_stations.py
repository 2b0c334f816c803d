"""Two stations on one listener: neither disturbs the other, however it behaves."""

from __future__ import annotations

import asyncio
import contextlib
import random
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest_asyncio

from tests.e2e.plan import Plan
from tests.e2e.truth import assert_all_whole
from tests.e2e.world import World, world

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

BOMB = b"""<?xml version="1.0"?><!DOCTYPE l [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>
<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope"><s:Body>&b;</s:Body></s:Envelope>"""
FOREIGN = BOMB.replace(b'"aaaaaaaaaa"', b'SYSTEM "file:///etc/passwd"')


def envelope(identity: str, body: str) -> bytes:
    return (
        '<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope" xmlns:o="urn://Ocpp/Cs/2012/06/">'
        f"<s:Header><o:chargeBoxIdentity>{identity}</o:chargeBoxIdentity></s:Header><s:Body>{body}</s:Body></s:Envelope>"
    ).encode()


def post(body: bytes, length: int | None = None) -> bytes:
    size = len(body) if length is None else length
    return b"POST /ocpp HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n%b" % (size, body)


def rubbish(dice: random.Random) -> bytes:
    """What a broken station, or a curious one, may send."""
    return dice.choice([
        dice.randbytes(dice.randrange(1, 400)),
        b"GET / HTTP/1.1\r\n\r\n",
        b"\r\n\r\n\r\n",
        b"POST /ocpp HTTP/9.9\r\nContent-Length: nine\r\n\r\n",
        post(dice.randbytes(200)),
        post(BOMB),
        post(FOREIGN),
        post(b"<a>" * 5000),
        post(b"x" * 10, length=10_000_000),
        post(envelope("OLD-2", "<o:noSuchRequest/>")),
        post(envelope("OLD-2", "<o:startTransactionRequest><o:connectorId>many</o:connectorId></o:startTransactionRequest>")),
        post(envelope("OLD-2", "<o:statusNotificationRequest/>")),
        post(envelope("OLD-2", "<o:meterValuesRequest><o:values><o:value>nan</o:value></o:values></o:meterValuesRequest>")),
        post(envelope("OLD-2", "")),
    ])  # fmt: skip


@pytest_asyncio.fixture
async def two(tmp_path: Path) -> AsyncIterator[World]:
    plans = (Plan(), Plan(identity="AT-E2E-0002", charge_box="OLD-2", evses=2))
    async with world(tmp_path, *plans) as made:
        yield made


async def throw(world: World, data: bytes) -> None:
    """Send bytes, take whatever comes, and close."""
    reader, writer = await asyncio.open_connection("127.0.0.1", world.port)
    with contextlib.suppress(ConnectionError, TimeoutError):
        writer.write(data)
        await writer.drain()
        async with asyncio.timeout(0.05):
            await reader.read()
    writer.close()
    with contextlib.suppress(ConnectionError):
        await writer.wait_closed()


async def test_sessions_at_the_same_time_stay_apart(two: World) -> None:
    first, second = two.stations
    a = await first.charge("AA000001", samples=0)
    b = await second.charge("BB000001", evse=1, samples=0)
    c = await second.charge("BB000002", evse=2, samples=2)
    await first.until(lambda _: len(a.samples) >= 3)
    await two.call("RequestStopTransaction", second, transactionId=two.held(second)[0].transaction_id)
    await first.sim.plug_out(1)
    await second.until(lambda _: b.stopped_at is not None)
    await second.sim.present_token(2, "BB000002")
    await two.delivered(visitor=first)
    await two.delivered(visitor=second)
    assert (b.reason, c.reason) == ("Remote", "Local")
    assert assert_all_whole(two, first) == 0
    assert assert_all_whole(two, second) == 0


async def test_rubbish_of_one_does_not_reach_the_other(two: World) -> None:
    first, second = two.stations
    await second.sim.link_down()
    dice = random.Random(15)  # noqa: S311 - the same bytes in every run
    stalled = [await asyncio.open_connection("127.0.0.1", two.port) for _ in range(20)]
    for _, writer in stalled:
        writer.write(b"POST /ocpp HTTP/1.1\r\nContent-Le")  # and no more
    session = asyncio.create_task(two.whole_session("AA000001", samples=12))
    async with asyncio.timeout(30):
        thrown = 0
        while not session.done():
            await throw(two, rubbish(dice))
            thrown += 1
        await session
    assert thrown > 20
    for _, writer in stalled:
        writer.close()
    await two.delivered(visitor=first)
    assert assert_all_whole(two, first) == 0
    waits = [after.at - before.at for before, after in pairwise(first.ledger.exchanges)]
    assert max(w.total_seconds() for w in waits) < 2
    await second.sim.link_up()
    await second.told_all()
    await second.charge("BB000001", evse=2, samples=1)
    await second.sim.plug_out(2)
    await two.until(lambda: any(t.is_ended and t.events[0].get("idToken", {}).get("idToken") == "BB000001"
                                for t in two.held(second)))  # fmt: skip


async def test_one_connection_lost_is_not_the_others(two: World) -> None:
    first, second = two.stations
    since = two.news
    await two.csms.disconnect(second.id)
    await two.whole_session("AA000001")
    await two.delivered(visitor=first)
    assert assert_all_whole(two, first) == 0
    assert not any(event["offline"] for event in two.held(first)[0].events)
    assert all(record.station == first.id for record in two.csms.received[since:])
