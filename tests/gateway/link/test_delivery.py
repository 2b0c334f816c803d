"""The outbox over a real WebSocket: order, retries, lost connections."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING

import pytest

from gateway.contracts import Message
from gateway.link.rpc import CallError
from gateway.link.status import LinkState
from tests.gateway.link.fakes import STATION, FakeOutbox, eventually, status_notification, transaction_event

if TYPE_CHECKING:
    from tests.gateway.link.csms import Csms
    from tests.gateway.link.fakes import Box

REFUSED = CallError("", "InternalError", "database away")


def _seq(csms: Csms) -> list[tuple[str, int]]:
    events = (call.payload for call in csms.calls if call.action == "TransactionEvent")
    return [(event["transactionInfo"]["transactionId"], event["seqNo"]) for event in events]


@pytest.mark.ocpp("GEN.FR.01")
async def test_messages_go_out_in_order_and_one_at_a_time(csms: Csms, box: Box) -> None:
    csms.silent.add("TransactionEvent")
    box.outbox.post(*(transaction_event(seq_no=number) for number in range(3)))
    async with box.run(csms.url):
        peer = await csms.peer()
        for number in range(1, 4):
            call = await peer.called("TransactionEvent", number)
            assert len(_seq(csms)) == number
            await peer.raw(b'[3,"somebody else",{}]')
            await peer.request("NoAction", {})  # answered after that
            assert len(box.outbox.acknowledged) == number - 1
            await peer.raw(f'[3,"{call.id}",{{}}]'.encode())
        await eventually(lambda: len(box.outbox.acknowledged) == 3)
    assert _seq(csms) == [("t1", 0), ("t1", 1), ("t1", 2)]


@pytest.mark.ocpp("GEN.FR.01")
async def test_what_else_there_is_to_say_waits_for_the_answer_as_well(csms: Csms, box: Box) -> None:
    csms.silent.add("TransactionEvent")
    async with box.run(csms.url) as link:
        await box.state(LinkState.ACCEPTED)
        peer = await csms.peer()
        box.outbox.post(transaction_event())
        call = await peer.called("TransactionEvent")
        token = {"idToken": {"idToken": "04A2", "type": "ISO14443"}}
        asking = asyncio.create_task(link.ask(STATION, "Authorize", token, patience=5))
        link.beat(STATION)
        await peer.request("NoAction", {})  # answered after all that
        assert peer.actions() == ["BootNotification", "TransactionEvent"]
        await peer.raw(f'[3,"{call.id}",{{}}]'.encode())
        assert await asking is not None
        await peer.called("Heartbeat")


async def test_response_is_acted_on_before_the_row_goes(csms: Csms, box: Box) -> None:
    csms.responses["TransactionEvent"] = {"idTokenInfo": {"status": "Blocked"}}
    box.outbox.post(transaction_event())
    async with box.run(csms.url):
        await eventually(lambda: bool(box.outbox.acknowledged))
    assert box.outbox.log[-2:] == ["responded TransactionEvent", "acknowledged 1"]
    assert box.handlers.responses[-1][1] == {"idTokenInfo": {"status": "Blocked"}}


async def test_response_that_cannot_be_stored_keeps_the_row(csms: Csms, box: Box) -> None:
    async with box.run(csms.url):
        await box.state(LinkState.ACCEPTED)
        box.handlers.refuse_responses = 1
        box.outbox.post(transaction_event())
        await eventually(lambda: bool(box.outbox.acknowledged))
    calls = [call for call in csms.calls if call.action == "TransactionEvent"]
    assert len(calls) == 2
    assert calls[0].id == calls[1].id


@pytest.mark.ocpp("E13.FR.02", "E13.FR.03")
async def test_refused_event_is_sent_again_after_growing_waits(csms: Csms, box: Box) -> None:
    csms.refuse["TransactionEvent"] = REFUSED
    box.handlers.variables["MessageAttemptInterval"] = 10
    box.outbox.post(transaction_event())
    async with box.run(csms.url):
        peer = await csms.peer()
        time = asyncio.get_running_loop().time
        times = []
        for number in (1, 2, 3):
            await peer.called("TransactionEvent", number)
            times.append(time())
            if number == 2:
                csms.refuse.clear()
        await eventually(lambda: bool(box.outbox.acknowledged))
    # Waits are measured at the CSMS, where the first may begin a little late.
    assert times[1] - times[0] > 0.09
    assert times[2] - times[1] > 0.19
    assert [message.action for message, _ in box.handlers.responses] == ["BootNotification", "TransactionEvent"]


@pytest.mark.ocpp("E13.FR.04")
async def test_event_is_given_up_after_its_last_attempt_and_the_next_goes(
    csms: Csms, box: Box, caplog: pytest.LogCaptureFixture
) -> None:
    csms.refuse["TransactionEvent"] = REFUSED
    box.outbox.post(transaction_event("t1", 0), transaction_event("t1", 1))
    async with box.run(csms.url):
        await eventually(lambda: len(box.outbox.acknowledged) == 2)
    assert _seq(csms) == [("t1", 0)] * 3 + [("t1", 1)] * 3
    assert [message.action for message, _ in box.handlers.responses] == ["BootNotification"]
    assert [r.levelno for r in caplog.records if "gave up" in r.getMessage()] == [logging.ERROR] * 2


async def test_while_one_transaction_waits_others_go_on(csms: Csms, box: Box) -> None:
    csms.refuse["TransactionEvent"] = REFUSED
    box.handlers.variables["MessageAttemptInterval"] = 10_000
    box.outbox.post(transaction_event("t1", 0), transaction_event("t1", 1), status_notification())
    box.outbox.post(transaction_event("t2", 0))
    async with box.run(csms.url):
        peer = await csms.peer()
        await peer.called("TransactionEvent", 2)
    assert _seq(csms) == [("t1", 0), ("t2", 0)]
    assert "StatusNotification" in peer.actions()


@pytest.mark.case("TC_E_41_CS")
@pytest.mark.ocpp("GEN.FR.01", "E13.FR.02", "E13.FR.03")
async def test_silence_counts_as_a_failed_attempt(csms: Csms, box: Box) -> None:
    csms.silent.add("TransactionEvent")
    async with box.run(csms.url):
        await box.state(LinkState.ACCEPTED)
        peer = await csms.peer()
        box.handlers.variables |= {"MessageTimeout": 5, "MessageAttemptInterval": 10}
        box.outbox.post(transaction_event())
        times = []
        for number in (1, 2, 3):
            await peer.called("TransactionEvent", number)
            times.append(asyncio.get_running_loop().time())
        await eventually(lambda: bool(box.outbox.acknowledged))
    assert _seq(csms) == [("t1", 0)] * 3
    assert len(csms.peers) == 1
    # The time for an answer, and the interval times the attempts before; the first may begin a little late at the CSMS.
    assert times[1] - times[0] > 0.14
    assert times[2] - times[1] > 0.24


@pytest.mark.case("TC_E_42_CS")
@pytest.mark.ocpp("E13.FR.02")
async def test_event_that_is_answered_the_second_time_is_not_sent_again(csms: Csms, box: Box) -> None:
    csms.silent.add("TransactionEvent")
    async with box.run(csms.url):
        await box.state(LinkState.ACCEPTED)
        peer = await csms.peer()
        box.handlers.variables["MessageTimeout"] = 5
        box.outbox.post(transaction_event("t1", 0), transaction_event("t1", 1))
        await peer.called("TransactionEvent")
        csms.silent.clear()
        await eventually(lambda: len(box.outbox.acknowledged) == 2)
    assert _seq(csms) == [("t1", 0), ("t1", 0), ("t1", 1)]


@pytest.mark.ocpp("E04.FR.02")
async def test_lost_connection_repeats_the_event_and_counts_nothing(csms: Csms, box: Box) -> None:
    csms.silent.add("TransactionEvent")
    box.outbox.post(transaction_event())
    async with box.run(csms.url):
        for number in range(1, 6):
            peer = await csms.peer(number)
            await peer.called("TransactionEvent")
            assert box.outbox.rows[0].attempts == 0
            await peer.socket.close()
        csms.silent.clear()
        await eventually(lambda: bool(box.outbox.acknowledged))
    assert {call.id for call in csms.calls if call.action == "TransactionEvent"} == {"box-1"}


async def test_dead_network_counts_nothing_either(csms: Csms, box: Box) -> None:
    """No answer, and no pong: TCP has not noticed yet that the CSMS is away."""
    csms.silent.add("TransactionEvent")
    csms.pongs = False
    async with box.run(csms.url):
        await box.state(LinkState.ACCEPTED)
        box.handlers.variables["MessageTimeout"] = 5
        box.outbox.post(transaction_event())
        await (await csms.peer(2)).called("TransactionEvent")
        assert box.outbox.rows[0].attempts == 0


async def test_other_messages_are_repeated_once(csms: Csms, box: Box) -> None:
    csms.silent.add("StatusNotification")
    box.outbox.post(status_notification())
    async with box.run(csms.url):
        for number in (1, 2):
            peer = await csms.peer(number)
            await peer.called("StatusNotification")
            await peer.socket.close()
        await eventually(lambda: bool(box.outbox.acknowledged))
        await csms.peer(3)
    assert [call.action for call in csms.calls].count("StatusNotification") == 2


async def test_other_messages_are_dropped_when_refused(csms: Csms, box: Box) -> None:
    csms.refuse["StatusNotification"] = REFUSED
    box.outbox.post(status_notification(), transaction_event())
    async with box.run(csms.url):
        await (await csms.peer()).called("TransactionEvent")
    assert [call.action for call in csms.calls].count("StatusNotification") == 1


async def test_own_invalid_message_blocks_nobody(csms: Csms, box: Box) -> None:
    box.outbox.post(Message(action="StatusNotification", payload={"evseId": "one"}), transaction_event())
    async with box.run(csms.url):
        await eventually(lambda: len(box.outbox.acknowledged) == 2)
    assert "StatusNotification" not in [call.action for call in csms.calls]


async def test_invalid_response_does_not_send_the_event_twice(csms: Csms, box: Box) -> None:
    csms.responses["TransactionEvent"] = {"idTokenInfo": "fine"}
    box.outbox.post(transaction_event())
    async with box.run(csms.url):
        await eventually(lambda: bool(box.outbox.acknowledged))
    assert len(_seq(csms)) == 1
    assert [message.action for message, _ in box.handlers.responses] == ["BootNotification"]


async def test_long_queue_is_sent_in_portions(csms: Csms, box: Box) -> None:
    box.outbox = box.handlers.outbox = FakeOutbox(window=10)
    box.outbox.post(*(transaction_event(seq_no=number) for number in range(95)))
    async with box.run(csms.url):
        await eventually(lambda: len(box.outbox.acknowledged) == 95)
    assert _seq(csms) == [("t1", number) for number in range(95)]


async def test_late_answer_is_ignored(csms: Csms, box: Box) -> None:
    csms.silent.add("Authorize")
    async with box.run(csms.url) as link:
        peer = await csms.peer()
        await box.state(LinkState.ACCEPTED)
        box.handlers.variables["MessageTimeout"] = 5
        token = {"idToken": {"idToken": "04A2", "type": "ISO14443"}}
        assert await link.ask(STATION, "Authorize", token, patience=5) is None
        call = await peer.called("Authorize")
        await peer.raw(f'[3,"{call.id}",{{"idTokenInfo":{{"status":"Accepted"}}}}]'.encode())
        csms.silent.clear()
        box.outbox.post(status_notification())
        await peer.called("StatusNotification")
    assert len(csms.peers) == 1
