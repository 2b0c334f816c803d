"""The small CSMS against a WebSocket client."""

from __future__ import annotations

import asyncio
import ssl
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import aiohttp
import orjson
import pytest
import pytest_asyncio
import trustme

from gateway.bench.csms.answers import Silence
from gateway.bench.csms.ledger import CallError, CallResult
from gateway.bench.csms.server import Csms
from gateway.bench.csms.settings import BootPolicy, CsmsSettings
from gateway.model.errors import GatewayError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

BOOT = {"reason": "PowerUp", "chargingStation": {"model": "M", "vendorName": "V"}}
NOW = "2026-01-01T00:00:00.000Z"


def _event(seq: int, kind: str = "Updated", **more: Any) -> dict[str, Any]:
    return {
        "eventType": kind,
        "timestamp": NOW,
        "triggerReason": "MeterValuePeriodic",
        "seqNo": seq,
        "transactionInfo": {"transactionId": "tx-1"},
        **more,
    }


def _basic(name: str, password: str) -> dict[str, str]:
    return {"Authorization": aiohttp.encode_basic_auth(name, password)}


class Client:
    """Speaks OCPP-J by hand."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self.socket = socket
        self.count = 0

    async def ask(self, action: str, payload: object) -> list[Any]:
        self.count += 1
        return await self.raw(orjson.dumps([2, str(self.count), action, payload]).decode())

    async def raw(self, text: str) -> list[Any]:
        await self.socket.send_str(text)
        return await self.read()

    async def read(self) -> list[Any]:
        parts = orjson.loads(await self.socket.receive_str(timeout=5))
        assert isinstance(parts, list)
        return parts

    async def answer(self, payload: object) -> list[Any]:
        """Answer the next CALL and give it."""
        call = await self.read()
        await self.socket.send_str(orjson.dumps([3, call[1], payload]).decode())
        return call


@asynccontextmanager
async def connected(csms: Csms, station: str = "AT-1", **options: Any) -> AsyncIterator[Client]:
    options.setdefault("protocols", ["ocpp2.0.1"])
    async with aiohttp.ClientSession() as http, http.ws_connect(f"{csms.url}/{station}", **options) as socket:
        yield Client(socket)


@pytest_asyncio.fixture
async def csms() -> AsyncIterator[Csms]:
    async with Csms(CsmsSettings(tokens={"DEAD": "Blocked"})) as csms:
        yield csms


async def test_boot_heartbeat_and_tokens(csms: Csms) -> None:
    async with connected(csms) as client:
        kind, number, boot = await client.ask("BootNotification", BOOT)
        assert (kind, number, boot["status"], boot["interval"]) == (3, "1", "Accepted", 300)
        assert (await client.ask("Heartbeat", {}))[2]["currentTime"].endswith("Z")
        token = {"idToken": {"idToken": "DEAD", "type": "ISO14443"}}
        assert (await client.ask("Authorize", token))[2] == {"idTokenInfo": {"status": "Blocked"}}
        assert (await client.ask("TransactionEvent", _event(0, "Started", **token)))[2] == {
            "idTokenInfo": {"status": "Blocked"}
        }
        assert (await client.ask("TransactionEvent", _event(1)))[2] == {}
    assert [item.action for item in csms.received] == ["BootNotification", "Heartbeat", "Authorize"] + [
        "TransactionEvent"
    ] * 2
    assert {item.station for item in csms.received} == {"AT-1"}


@pytest.mark.parametrize(
    ("action", "payload", "code"),
    [
        ("Heartbeat", {"extra": 1}, "FormatViolation"),
        ("Authorize", {}, "OccurrenceConstraintViolation"),
        ("TransactionEvent", _event(0) | {"seqNo": "0"}, "TypeConstraintViolation"),
        ("TransactionEvent", _event(0) | {"eventType": "Paused"}, "PropertyConstraintViolation"),
        ("TransactionEvent", _event(0, transactionInfo={"transactionId": "x" * 37}), "PropertyConstraintViolation"),
        ("Nonsense", {}, "NotImplemented"),
        ("Reset", {"type": "Immediate"}, "NotSupported"),
    ],
)
async def test_bad_payloads_get_the_error_code_of_part_4(
    csms: Csms, action: str, payload: dict[str, Any], code: str
) -> None:
    async with connected(csms) as client:
        answer = await client.ask(action, payload)
    assert answer[:3] == [4, "1", code]
    assert isinstance(answer[4], dict)
    assert csms.transactions == {}


@pytest.mark.parametrize(
    ("text", "message_id", "code"),
    [
        ("no json", "-1", "RpcFrameworkError"),
        ("{}", "-1", "RpcFrameworkError"),
        ('[2,"7","Heartbeat"]', "7", "RpcFrameworkError"),
        (f'[2,"{"x" * 37}","Heartbeat",{{}}]', "-1", "RpcFrameworkError"),
        ('[9,"7","Heartbeat",{}]', "7", "MessageTypeNotSupported"),
    ],
)
async def test_bad_frames_are_answered(csms: Csms, text: str, message_id: str, code: str) -> None:
    async with connected(csms) as client:
        assert (await client.raw(text))[:3] == [4, message_id, code]


async def test_ledger_counts_duplicates_apart(csms: Csms) -> None:
    async with connected(csms) as client:
        for seq, kind in ((0, "Started"), (1, "Updated"), (1, "Updated"), (3, "Ended")):
            await client.ask("TransactionEvent", _event(seq, kind))
    held = csms.transactions["tx-1"]
    assert [event["seqNo"] for event in held.events] == [0, 1, 3]
    assert [event["seqNo"] for event in held.duplicates] == [1]
    assert held.missing == [2]
    assert held.is_ended


async def test_rejected_station_may_only_boot(csms: Csms) -> None:
    csms.boot["AT-1"] = BootPolicy(status="Rejected", interval=7)
    async with connected(csms) as client:
        assert (await client.ask("BootNotification", BOOT))[2]["status"] == "Rejected"
        assert (await client.ask("Heartbeat", {}))[2] == "SecurityError"
        csms.boot["AT-1"] = BootPolicy(status="Pending", interval=7)
        assert (await client.ask("BootNotification", BOOT))[2]["status"] == "Pending"


async def test_calls_to_a_station_follow_one_another(csms: Csms) -> None:
    async with connected(csms) as client:
        await csms.wait_until(lambda: "AT-1" in csms.connected)
        calls = [asyncio.create_task(csms.call("AT-1", "ClearCache", {})) for _ in range(2)]
        first = await client.read()
        with pytest.raises(TimeoutError):
            await client.socket.receive(timeout=0.1)
        await client.socket.send_str(orjson.dumps([3, first[1], {"status": "Accepted"}]).decode())
        second = await client.read()
        await client.socket.send_str(orjson.dumps([4, second[1], "InternalError", "no", {}]).decode())
        results = await asyncio.gather(*calls)
    assert results[0] == CallResult(payload={"status": "Accepted"})
    assert results[1] == CallError(code="InternalError", description="no")


async def test_answers_of_stations_are_validated(csms: Csms) -> None:
    async with connected(csms) as client:
        await csms.wait_until(lambda: bool(csms.connected))
        call = asyncio.create_task(csms.call("AT-1", "ClearCache", {}))
        await client.answer({"status": "Perhaps"})
        result = await call
    assert isinstance(result, CallResult)
    assert result.error is not None
    assert result.error.path == "status"


async def test_call_without_station_or_answer(csms: Csms) -> None:
    with pytest.raises(GatewayError, match="station-not-connected"):
        await csms.call("AT-1", "ClearCache", {})
    async with connected(csms) as client:
        await csms.wait_until(lambda: bool(csms.connected))
        with pytest.raises(TimeoutError):
            await csms.call("AT-1", "ClearCache", {}, within=0.05)
        lost = asyncio.create_task(csms.call("AT-1", "ClearCache", {}))
        await client.read()
        await client.read()
        await client.socket.close()
        with pytest.raises(GatewayError, match="station-not-connected"):
            await lost


async def test_hooks_override_answers(csms: Csms) -> None:
    csms.override("Heartbeat", lambda _: {"currentTime": NOW}, times=1)
    csms.override("DataTransfer", lambda _: CallError(code="InternalError"))
    csms.override("TransactionEvent", lambda _: Silence(), times=1)
    async with connected(csms) as client:
        assert (await client.ask("Heartbeat", {}))[2] == {"currentTime": NOW}
        assert (await client.ask("Heartbeat", {}))[2] != {"currentTime": NOW}
        assert (await client.ask("DataTransfer", {"vendorId": "bench"}))[2] == "InternalError"
        await client.socket.send_str(orjson.dumps([2, "lost", "TransactionEvent", _event(0)]).decode())
        assert (await client.ask("TransactionEvent", _event(0)))[0] == 3
        csms.override("Heartbeat", lambda _: Silence(drop=True))
        await client.socket.send_str('[2,"x","Heartbeat",{}]')
        assert (await client.socket.receive(timeout=5)).type in {aiohttp.WSMsgType.CLOSED, aiohttp.WSMsgType.ERROR}
    assert len(csms.transactions["tx-1"].duplicates) == 1


async def test_down_refuses_and_up_listens_on_the_same_port(csms: Csms) -> None:
    url = csms.url
    async with connected(csms) as client:
        await csms.wait_until(lambda: bool(csms.connected))
        await csms.go_down()
        assert (await client.socket.receive(timeout=5)).type is aiohttp.WSMsgType.CLOSE
    with pytest.raises(aiohttp.ClientConnectorError):
        async with connected(csms):
            pass
    await csms.come_up()
    assert csms.url == url
    async with connected(csms) as client:
        assert (await client.ask("Heartbeat", {}))[0] == 3


async def test_newer_connection_of_a_station_replaces_the_older(csms: Csms) -> None:
    async with connected(csms) as old, connected(csms) as new:
        assert (await new.ask("Heartbeat", {}))[0] == 3
        assert (await old.socket.receive(timeout=5)).type in {aiohttp.WSMsgType.CLOSED, aiohttp.WSMsgType.ERROR}
        assert csms.connected == {"AT-1"}


async def test_second_call_while_one_is_open_is_a_violation(csms: Csms) -> None:
    gate = asyncio.Event()

    async def slow(_: object) -> None:
        await gate.wait()

    csms.override("Heartbeat", slow)
    async with connected(csms) as client:
        await client.socket.send_str('[2,"a","Heartbeat",{}]')
        await client.ask("DataTransfer", {"vendorId": "x"})
        gate.set()
        assert (await client.read())[1] == "a"
    assert len(csms.violations) == 1


async def test_who_is_let_in() -> None:
    settings = CsmsSettings(password="secret", passwords={"AT-2": "other"}, stations=frozenset({"AT-1", "AT-2"}))
    async with Csms(settings) as csms:
        for station, password, status in (
            ("AT-1", "wrong", 401),
            ("AT-2", "secret", 401),
            ("AT-3", "secret", 404),
        ):
            with pytest.raises(aiohttp.WSServerHandshakeError) as refusal:
                async with connected(csms, station, headers=_basic(station, password)):
                    pass
            assert refusal.value.status == status
        async with connected(csms, "AT-1", headers=_basic("AT-1", "secret")) as client:
            assert (await client.ask("Heartbeat", {}))[0] == 3
        async with connected(csms, "AT-1", headers=_basic("AT-1", "secret"), protocols=["ocpp1.6"]) as client:
            assert client.socket.protocol is None
            assert (await client.socket.receive(timeout=5)).type is aiohttp.WSMsgType.CLOSE


async def test_wait_for_finds_what_came_before_and_what_comes_after(csms: Csms) -> None:
    async with connected(csms) as client:
        await client.ask("Heartbeat", {})
        before = await csms.wait_for(lambda item: item.action == "Heartbeat")
        assert before.message_id == "1"
        later = asyncio.create_task(csms.wait_for(lambda item: item.action == "Heartbeat", since=1))
        await client.ask("Heartbeat", {})
        assert (await later).message_id == "2"
    with pytest.raises(TimeoutError):
        await csms.wait_for(lambda item: item.action == "Never", 0.01)


async def test_tls() -> None:
    authority = trustme.CA()
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    client = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)

    def prepare() -> None:
        authority.issue_cert("127.0.0.1").configure_cert(server)
        authority.configure_trust(client)

    await asyncio.to_thread(prepare)
    async with Csms(CsmsSettings(tls=server)) as csms:
        assert csms.url.startswith("wss://")
        async with connected(csms, ssl=client) as station:
            assert (await station.ask("Heartbeat", {}))[0] == 3
