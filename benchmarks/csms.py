"""A CSMS that accepts everything at once. It serves the box and the floor alike."""

from __future__ import annotations

import asyncio
from collections import Counter
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import orjson
from aiohttp import WSMsgType, web

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from benchmarks.ledger import Ledger

BOOT_INTERVAL = 86_400
"""Heartbeat interval that stations are given: none is due while a measurement runs."""

_CALL = 2
"""OCPP-J's MessageTypeId of a request."""


@dataclass(slots=True, kw_only=True)
class CsmsStub:
    """The stub's state.

    Attributes:
        ledger: told of every CALL.
        calls: how often each action came, by path of the station.
        port: listened on at 127.0.0.1.
        orders: CALLs that each station gets once it has booted.
    """

    ledger: Ledger
    port: int = 0
    orders: tuple[tuple[str, dict[str, Any]], ...] = ()
    calls: Counter[tuple[str, str]] = field(default_factory=Counter)
    _news: asyncio.Event = field(default_factory=asyncio.Event)

    async def wait(self, action: str, paths: list[str], patience: float) -> None:
        """Wait until an action has come of every station.

        Raises:
            TimeoutError: it has not, in ``patience`` seconds.
        """
        async with asyncio.timeout(patience):
            while not all(self.calls[path, action] for path in paths):
                self._news.clear()
                await self._news.wait()

    async def quiet(self, seconds: float) -> None:
        """Wait until no CALL has come for some time."""
        before = -1
        while before != (now := self.calls.total()):
            before = now
            await asyncio.sleep(seconds)

    async def serve(self, request: web.Request) -> web.WebSocketResponse:
        """Serve the connection of one station."""
        socket = web.WebSocketResponse(protocols=("ocpp2.0.1",), compress=False)
        await socket.prepare(request)
        path = request.match_info["path"]
        async for message in socket:
            if message.type is WSMsgType.TEXT:
                kind, id_, *rest = orjson.loads(message.data)
                if kind != _CALL:
                    continue
                action, payload = rest
                self.ledger.seen((path, payload.get("timestamp", "")))
                self.calls[path, action] += 1
                self._news.set()
                await socket.send_str(orjson.dumps([3, id_, _response(action, payload)]).decode())
                if action == "BootNotification":
                    for number, order in enumerate(self.orders):
                        await socket.send_str(orjson.dumps([_CALL, f"order-{number}", *order]).decode())
        return socket


@asynccontextmanager
async def csms_stub(ledger: Ledger) -> AsyncIterator[CsmsStub]:
    """A CSMS on 127.0.0.1, at any free port."""
    stub = CsmsStub(ledger=ledger)
    app = web.Application()
    app.router.add_get("/{path:.*}", stub.serve)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=1.0)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        stub.port = int(runner.addresses[0][1])
        yield stub
    finally:
        await runner.cleanup()


def _response(action: str, payload: dict[str, Any]) -> dict[str, Any]:
    now = datetime.now(UTC).isoformat()
    if action == "BootNotification":
        return {"status": "Accepted", "currentTime": now, "interval": BOOT_INTERVAL}
    if action == "Heartbeat":
        return {"currentTime": now}
    if "idToken" in payload:
        return {"idTokenInfo": {"status": "Accepted"}}
    return {}
