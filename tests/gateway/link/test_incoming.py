"""CALLs of the CSMS: answered, refused, and never the end of a session."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from gateway.contracts import CallRefused, Reply
from gateway.link.connection import MAX_MESSAGE
from gateway.link.incoming import MAX_WAITING
from gateway.link.rpc import Call, CallError, CallResult, encode_call
from gateway.link.status import LinkState
from gateway.model.changes import BootReason
from gateway.model.errors import GatewayError
from tests.gateway.link.fakes import STATION, TIMING, eventually, status_notification, transaction_event

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from gateway.contracts import Json
    from tests.gateway.link.csms import Csms, Peer
    from tests.gateway.link.fakes import Box


def _replying(payload: Json, then: Callable[[], Awaitable[None]] | None = None) -> Callable[[Json], Awaitable[Reply]]:
    async def handler(request: Json) -> Reply:
        del request
        return Reply(payload=payload, then=then)

    return handler


def _failing(error: GatewayError) -> Callable[[Json], Awaitable[Reply]]:
    async def handler(request: Json) -> Reply:
        del request
        raise error

    return handler


async def _accepted(csms: Csms, box: Box) -> Peer:
    peer = await csms.peer()
    await box.state(LinkState.ACCEPTED)
    return peer


@pytest.mark.ocpp("GEN.FR.02")
async def test_call_is_answered_with_its_id(csms: Csms, box: Box) -> None:
    box.handlers.answers["ClearCache"] = _replying({"status": "Accepted"})
    async with box.run(csms.url):
        peer = await _accepted(csms, box)
        assert await peer.request("ClearCache", {}, "an-id") == CallResult("an-id", {"status": "Accepted"})


@pytest.mark.ocpp("GEN.FR.03")
@pytest.mark.parametrize(
    ("action", "payload", "code"),
    [
        ("RemoteStartTransaction", {}, "NotImplemented"),
        ("clearcache", {}, "NotImplemented"),
        ("SetDisplayMessage", None, "OccurrenceConstraintViolation"),
        ("ClearDisplayMessage", {"id": 1}, "NotSupported"),
        ("Reset", {"type": 7}, "TypeConstraintViolation"),
        ("Reset", {"type": "Soft"}, "PropertyConstraintViolation"),
        ("Reset", {"type": "Immediate", "hard": True}, "FormatViolation"),
        ("Reset", [], "ProtocolError"),
        ("UnlockConnector", {"evseId": 1, "connectorId": 1}, "SecurityError"),
        ("ClearCache", {}, "InternalError"),
        ("GetLocalListVersion", {}, "InternalError"),
        ("Reset", {"type": "OnIdle"}, "InternalError"),
    ],
)
async def test_each_refusal_has_its_code(csms: Csms, box: Box, action: str, payload: Any, code: str) -> None:
    box.handlers.answers["UnlockConnector"] = _failing(CallRefused("SecurityError", reason="not now"))
    box.handlers.answers["ClearCache"] = _failing(GatewayError("storage-failed"))
    box.handlers.answers["GetLocalListVersion"] = _failing(CallRefused("NoCodeOfOcpp"))
    box.handlers.answers["Reset"] = _replying({"status": "Perhaps"})
    async with box.run(csms.url):
        peer = await _accepted(csms, box)
        answer = await peer.request(action, payload)
    assert isinstance(answer, CallError)
    assert answer.code == code


async def test_follow_up_comes_after_the_answer(csms: Csms, box: Box) -> None:
    peer: Peer
    order: list[str] = []

    async def then() -> None:
        await peer.until(lambda: bool(peer.others))
        order.append("answered")
        assert await box.link.ask(STATION, "Heartbeat", {}, patience=5) is not None
        order.append("asked")
        raise GatewayError("storage-failed")

    box.handlers.answers["ClearCache"] = _replying({"status": "Accepted"}, then)
    async with box.run(csms.url):
        peer = await _accepted(csms, box)
        await peer.request("ClearCache", {})
        await eventually(lambda: order == ["answered", "asked"])
        assert isinstance(await peer.request("ClearDisplayMessage", {"id": 1}), CallError)


@pytest.mark.ocpp("GEN.FR.05")
async def test_the_answer_comes_before_what_follows_from_it(csms: Csms, box: Box) -> None:
    """What a CALL has caused goes out after its answer, even if it is there before, and a boot as well."""

    async def reset(request: Json) -> Reply:
        del request
        box.outbox.post(transaction_event())
        box.link.boot_again(STATION, BootReason.REMOTE_RESET)
        await asyncio.sleep(0.01)
        return Reply(payload={"status": "Accepted"}, then=then)

    async def then() -> None:
        box.outbox.post(status_notification(requested=True))

    box.timing = replace(TIMING, answer=60)
    box.handlers.answers["Reset"] = reset
    async with box.run(csms.url):
        peer = await _accepted(csms, box)
        await peer.raw(encode_call("c1", "Reset", {"type": "Immediate"}))
        await peer.called("StatusNotification")
        assert [type(frame) for frame in peer.frames[:3]] == [Call, CallResult, Call]
    assert peer.actions() == ["BootNotification", "BootNotification", "TransactionEvent", "StatusNotification"]


async def test_many_calls_in_a_row_do_not_hold_up_what_follows_from_the_first(csms: Csms, box: Box) -> None:
    async def clear(request: Json) -> Reply:
        del request
        box.outbox.post(status_notification())
        await asyncio.sleep(0.001)
        return Reply(payload={"status": "Accepted"})

    box.timing = replace(TIMING, answer=60)
    box.handlers.answers["ClearCache"] = clear
    async with box.run(csms.url):
        peer = await _accepted(csms, box)
        for number in range(10):
            await peer.raw(encode_call(str(number), "ClearCache", {}))
        await peer.called("StatusNotification", 10)
    kinds = [type(frame) for frame in peer.frames[1:]]
    assert kinds.index(Call) < kinds.index(CallResult) + 3


async def test_slow_call_holds_up_neither_the_outbox_nor_pongs(csms: Csms, box: Box) -> None:
    gate = asyncio.Event()

    async def slow(request: Json) -> Reply:
        del request
        await gate.wait()
        return Reply(payload={"status": "Accepted"})

    box.handlers.answers["ClearCache"] = slow
    async with box.run(csms.url):
        peer = await _accepted(csms, box)
        await peer.raw(encode_call("c1", "ClearCache", {}))
        await peer.raw(encode_call("c2", "ClearCache", {}))
        box.outbox.post(status_notification())
        await peer.called("StatusNotification")
        await peer.socket.ping(b"are you there")
        assert not peer.others
        gate.set()
        await peer.until(lambda: len(peer.others) == 2)
    assert [answer.id for answer in peer.others] == ["c1", "c2"]


async def test_what_a_lost_csms_had_asked_for_is_not_done(csms: Csms, box: Box) -> None:
    gate, done = asyncio.Event(), []

    async def slow(request: Json) -> Reply:
        done.append(request)
        await gate.wait()
        return Reply(payload={"status": "Accepted"})

    box.handlers.answers["ClearCache"] = slow
    async with box.run(csms.url):
        peer = await _accepted(csms, box)
        for number in range(3):
            await peer.raw(encode_call(str(number), "ClearCache", {}))
        await eventually(lambda: len(done) == 1)
        await peer.socket.close()
        again = await csms.peer(2)
        gate.set()
        await again.request("ClearCache", {})
    assert len(done) == 2, "the one that was being carried out, and the new one"


async def test_csms_that_does_not_wait_its_turn_is_bounded(csms: Csms, box: Box) -> None:
    gate = asyncio.Event()

    async def slow(request: Json) -> Reply:
        del request
        await gate.wait()
        return Reply(payload={"status": "Accepted"})

    box.handlers.answers["ClearCache"] = slow
    async with box.run(csms.url):
        peer = await _accepted(csms, box)
        for number in range(MAX_WAITING + 5):
            await peer.raw(encode_call(str(number), "ClearCache", {}))
        await peer.until(lambda: len(peer.others) >= 1)
        answer = peer.others[0]
        assert isinstance(answer, CallError)
        assert answer.code == "GenericError"
        gate.set()
        await peer.until(lambda: len(peer.others) == MAX_WAITING + 5)


async def test_command_outlives_the_connection_that_brought_it(csms: Csms, box: Box) -> None:
    began, gate, done = asyncio.Event(), asyncio.Event(), asyncio.Event()

    async def slow(request: Json) -> Reply:
        del request
        began.set()
        await gate.wait()
        done.set()
        return Reply(payload={"status": "Accepted"})

    box.handlers.answers["ClearCache"] = slow
    async with box.run(csms.url):
        peer = await _accepted(csms, box)
        await peer.raw(encode_call("c1", "ClearCache", {}))
        await began.wait()
        await peer.raw(encode_call("c2", "ClearCache", {}))
        await peer.socket.close()
        second = await csms.peer(2)
        began.clear()
        gate.set()
        async with asyncio.timeout(5):
            await done.wait()
        assert isinstance(await second.request("ClearCache", {}, "c3"), CallResult)
    assert [answer.id for answer in second.others] == ["c3"]


@pytest.mark.ocpp("GEN.FR.03")
@pytest.mark.parametrize(
    ("text", "id_", "code"),
    [
        (b"hello", "-1", "RpcFrameworkError"),
        (b"\xff\xff", "-1", "RpcFrameworkError"),
        (b'[2,"1"', "-1", "RpcFrameworkError"),
        (b"[[[", "-1", "RpcFrameworkError"),
        (b'[2,"i"]', "i", "RpcFrameworkError"),
        (b'[9,"i",{}]', "i", "MessageTypeNotSupported"),
    ],
)
async def test_bad_frame_is_answered_and_the_session_goes_on(
    csms: Csms, box: Box, text: bytes, id_: str, code: str
) -> None:
    box.handlers.answers["ClearCache"] = _replying({"status": "Accepted"})
    async with box.run(csms.url):
        peer = await _accepted(csms, box)
        answer = await peer.exchange(text)
        assert isinstance(answer, CallError)
        assert (answer.id, answer.code) == (id_, code)
        assert isinstance(await peer.request("ClearCache", {}), CallResult)
    assert len(csms.peers) == 1


async def test_bad_answers_and_binary_frames_are_ignored(csms: Csms, box: Box) -> None:
    box.handlers.answers["ClearCache"] = _replying({"status": "Accepted"})
    async with box.run(csms.url):
        peer = await _accepted(csms, box)
        for text in (
            b"[3]",
            b'[3,"x"]',
            b'[4,"x","NotSupported","",{}]',
            b'[4,"-1","GenericError","",{}]',
            b'[3,"x",7]',
        ):
            await peer.raw(text)
        await peer.socket.send_bytes(b'[2,"b","ClearCache",{}]')
        assert isinstance(await peer.request("ClearCache", {}, "ok"), CallResult)
    assert [answer.id for answer in peer.others] == ["ok"]


async def test_message_beyond_the_limit_ends_the_connection_only(csms: Csms, box: Box) -> None:
    async with box.run(csms.url):
        peer = await _accepted(csms, box)
        await peer.raw(b'[2,"1","DataTransfer",{"vendorId":"' + b"x" * MAX_MESSAGE + b'"}]')
        await peer.gone()
        assert peer.socket.close_code == 1009
        await csms.peer(2)
        await box.state(LinkState.ACCEPTED)


async def test_a_call_that_is_not_valid_is_logged_once_of_its_kind(csms: Csms, box: Box) -> None:
    async with box.run(csms.url):
        peer = await _accepted(csms, box)
        for payload in ({"type": 7}, {"type": 8}, {"type": "Soft"}):
            await peer.request("Reset", payload)
        await peer.request("RemoteStartTransaction", {})  # of another version, and refused as such
    assert [event for event, _ in box.handlers.security] == ["InvalidMessages"] * 2
    assert all(info.startswith("Reset: ") for _, info in box.handlers.security)


async def test_a_call_that_comes_once_more_is_logged_as_a_replay(csms: Csms, box: Box) -> None:
    box.handlers.answers["ClearCache"] = _replying({"status": "Accepted"})
    async with box.run(csms.url):
        peer = await _accepted(csms, box)
        await peer.request("ClearCache", {}, "one")
        await peer.request("ClearCache", {}, "two")
        assert box.handlers.security == []
        for _ in range(2):
            assert await peer.request("ClearCache", {}, "one") == CallResult("one", {"status": "Accepted"})
        assert box.handlers.security == [("AttemptedReplayAttacks", "ClearCache one")]
        await peer.socket.close()
        again = await csms.peer(2)
        await box.state(LinkState.ACCEPTED)
        await again.request("ClearCache", {}, "one")  # its answer may have been lost with the connection
    assert len(box.handlers.security) == 1
