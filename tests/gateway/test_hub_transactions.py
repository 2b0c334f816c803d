"""Transactions through the hub: what the station is answered, and what the backend gets."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from gateway.model import events as ev
from gateway.model.ids import Place
from gateway.model.tokens import Authorization, AuthorizationStatus
from tests.fakes.box import ID, RFID, Box, open_box

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from gateway.contracts import Json

BLOCKED = Authorization(status=AuthorizationStatus.BLOCKED)


@pytest.fixture
async def box(tmp_path: Path) -> AsyncIterator[Box]:
    async with open_box(tmp_path) as opened:
        await opened.arrive()
        yield opened


async def events(box: Box) -> list[Json]:
    return await box.sent_of("TransactionEvent")


def kinds(sent: list[Json]) -> list[tuple[str, int]]:
    return [(event["eventType"], event["seqNo"]) for event in sent]


@pytest.mark.ocpp("E01.FR.07", "E01.FR.09", "E01.FR.16", "E03.FR.01", "E07.FR.02", "E07.FR.05")
async def test_a_session(box: Box) -> None:
    admission = await box.begin()
    box.clock.pass_(minutes=1)
    await box.measure(1500.0, number=admission.number)
    box.clock.pass_(minutes=1)
    await box.end(admission.number, token=RFID)
    start, update, end = await events(box)
    assert kinds([start, update, end]) == [("Started", 0), ("Updated", 1), ("Ended", 2)]
    assert len({event["transactionInfo"]["transactionId"] for event in (start, update, end)}) == 1
    assert start["evse"] == {"id": 1, "connectorId": 1}
    assert start["idToken"]["idToken"] == RFID.value
    assert start["meterValue"][0]["sampledValue"][0]["context"] == "Transaction.Begin"
    assert (update["triggerReason"], update["transactionInfo"]["chargingState"]) == ("ChargingStateChanged", "Charging")
    assert "evse" not in update
    assert "idToken" not in update
    assert (end["triggerReason"], end["transactionInfo"]["stoppedReason"]) == ("StopAuthorized", "Local")
    assert end["meterValue"][-1]["sampledValue"][0]["value"] == 2000.0
    assert [event["offline"] for event in (start, update, end)] == [False, False, False]


@pytest.mark.ocpp("E01.FR.08")
async def test_a_start_that_comes_again_gets_the_same_number_and_is_not_told(box: Box) -> None:
    first = await box.begin("k")
    assert (await box.begin("k")).number == first.number
    await box.end(first.number)
    assert (await box.begin("k")).number == first.number, "after its stop, too"
    told = await events(box)
    assert kinds(told) == [("Started", 0), ("Ended", 1)]
    second = await box.begin("other")
    assert second.number != first.number
    (other,) = await events(box)
    assert len({event["transactionInfo"]["transactionId"] for event in told}) == 1
    assert other["transactionInfo"]["transactionId"] != told[0]["transactionInfo"]["transactionId"]


async def test_two_that_repeat_each_other_at_once_are_one(box: Box) -> None:
    admissions = await asyncio.gather(*(box.begin("k") for _ in range(5)))
    assert len({admission.number for admission in admissions}) == 1
    assert kinds(await events(box)) == [("Started", 0)]


async def test_a_stop_that_comes_again_is_taken_and_not_told(box: Box, caplog: pytest.LogCaptureFixture) -> None:
    admission = await box.begin()
    await box.end(admission.number)
    await box.end(admission.number)
    assert "stopped again" not in caplog.text
    await box.end(admission.number, meter=2500.0)
    assert "stopped again with 2500.0 Wh instead of 2000.0 Wh" in caplog.text
    assert kinds(await events(box)) == [("Started", 0), ("Ended", 1)]


@pytest.mark.parametrize("number", [None, 0, -1])
async def test_a_stop_without_a_number_that_comes_again_is_not_told(box: Box, number: int | None) -> None:
    await box.begin()
    await box.end(number)
    await box.end(number)
    assert kinds(await events(box)) == [("Started", 0), ("Ended", 1)]


@pytest.mark.parametrize("number", [None, 77])
async def test_a_stop_of_an_unknown_transaction_is_told_once(box: Box, number: int | None) -> None:
    await box.end(number)
    await box.end(number)
    start, end = await events(box)
    assert kinds([start, end]) == [("Started", 0), ("Ended", 1)]
    assert (start["offline"], end["transactionInfo"]["stoppedReason"]) == (True, "Other")


async def test_repeats_within_one_commit_are_known(box: Box) -> None:
    admission = await box.begin()
    stop = ev.TransactionEnded(station=ID, at=box.clock.now(), number=admission.number, meter_stop=5.0, key="s")
    numberless = ev.TransactionEnded(station=ID, at=box.clock.now(), number=None, meter_stop=5.0, key="n")
    await box.hub.publish(stop, stop, numberless, numberless)
    assert kinds(await events(box)) == [("Started", 0), ("Ended", 1), ("Started", 0), ("Ended", 1)]


async def test_readings_that_come_after_the_end_are_told_apart_from_it(box: Box) -> None:
    admission = await box.begin()
    await box.end(admission.number)
    await box.sent()
    await box.measure(1999.0, number=admission.number)
    (message,) = await box.sent()
    assert (message.action, message.payload["evseId"]) == ("MeterValues", 1)


async def test_late_readings_are_not_of_the_next_transaction(box: Box) -> None:
    first = await box.begin("a")
    await box.end(first.number)
    await box.begin("b")
    await box.sent()
    await box.measure(1999.0, number=first.number)
    assert [message.action for message in await box.sent()] == ["MeterValues"]


class TestWord:
    """What a begin is answered about its token."""

    async def test_the_backends_word_in_time(self, box: Box) -> None:
        waiting = asyncio.create_task(box.begin(patience=30.0))
        started = await box.next_event()
        box.hub.authorized(ID, started.stream, BLOCKED)
        assert (await waiting).authorization == BLOCKED

    async def test_a_repeat_waits_for_the_same_word(self, box: Box) -> None:
        first = asyncio.create_task(box.begin(patience=30.0))
        started = await box.next_event()
        repeat = asyncio.create_task(box.begin(patience=30.0))
        await asyncio.sleep(0)
        await box.hub.queued(ID, None)  # by now the repeat has been looked up, and waits
        box.hub.authorized(ID, started.stream, BLOCKED)
        assert [admission.authorization for admission in await asyncio.gather(first, repeat)] == [BLOCKED, BLOCKED]

    async def test_a_repeat_after_the_word_gets_it(self, box: Box) -> None:
        box.backend.answers["Authorize"] = {"idTokenInfo": {"status": "Accepted"}}
        await box.hub.authorize(Place(station=ID), RFID, patience=1.0)
        await box.begin()
        (started,) = await events(box)
        box.hub.authorized(ID, started["transactionInfo"]["transactionId"], BLOCKED)
        assert (await box.begin()).authorization == BLOCKED

    async def test_without_a_word_the_last_one(self, box: Box) -> None:
        box.backend.answers["Authorize"] = {"idTokenInfo": {"status": "Blocked"}}
        await box.hub.authorize(Place(station=ID), RFID, patience=1.0)
        assert (await box.begin()).authorization == BLOCKED

    async def test_without_any_the_cached_one(self, box: Box) -> None:
        await box.storage.tokens.remember(ID, RFID, BLOCKED)
        assert (await box.begin()).authorization == BLOCKED

    async def test_else_the_driver_may_charge(self, box: Box) -> None:
        assert (await box.begin()).authorization.accepted

    async def test_of_a_station_that_did_not_wait_nothing_is_left(self, box: Box) -> None:
        waiting = asyncio.create_task(box.begin(patience=60.0))
        await box.next_event()
        waiting.cancel()
        await asyncio.wait([waiting])
        await box.end(None)
        assert box.member.awaited == {}

    async def test_offline_nobody_waits(self, box: Box) -> None:
        box.backend.since = None
        async with asyncio.timeout(5):
            assert (await box.begin(patience=3600.0)).authorization.accepted


class TestOffline:
    """The flag over an outage (E11)."""

    @pytest.mark.ocpp("E04.FR.01", "E04.FR.03")
    async def test_what_happens_while_the_backend_is_away_waits_and_says_so(self, box: Box) -> None:
        box.backend.since = None
        admission = await box.begin()
        box.clock.pass_(hours=24)
        await box.end(admission.number)
        box.backend.since = box.clock.pass_(minutes=1)
        assert [event["offline"] for event in await events(box)] == [True, True]

    @pytest.mark.ocpp("E11.FR.07")
    async def test_what_waited_when_the_backend_went_away_says_so(self, box: Box) -> None:
        await box.begin()
        await box.hub.reconnected(ID, timedelta(seconds=5))
        assert [event["offline"] for event in await events(box)] == [True]

    async def test_a_start_that_the_station_kept_is_offline(self, box: Box) -> None:
        box.clock.pass_(hours=3)
        await box.begin(at=box.clock.now() - timedelta(hours=1))
        assert [event["offline"] for event in await events(box)] == [True]
