"""The floor: the cheapest possible Python that does the same with the same bytes.

One process, one loop, no check of anything: cut the HTTP request by Content-Length, parse the XML, one durable commit,
one WebSocket frame from a template, read the reply, one HTTP answer from a template. The deletion of a row that was
acknowledged rides on the next commit. Run as a process of its own by ``benchmarks.bridge``.
"""

from __future__ import annotations

import argparse
import asyncio
import base64
import os
import signal
import sqlite3
import struct
from pathlib import Path
from typing import cast

import orjson
from lxml import etree
from typing_extensions import override

from benchmarks.messages import Scenario, answer, call_payload, charge_box
from gateway.cli.loop import run_loop

BACKLOG = 1024
"""Connections that wait to be accepted: every station may call at once."""

_AT = "@at@"
_KEY = b"\0\0\0\0"
_ANSWERS = {"statusNotificationRequest": "StatusNotification", "meterValuesRequest": "MeterValues"}
_ACTIONS = {"StatusNotification": "StatusNotification", "MeterValues": "TransactionEvent"}
_SCENARIOS = {"StatusNotification": Scenario.STATUS, "MeterValues": Scenario.METER}


class Store:
    """The durable outbox: one commit for each message."""

    def __init__(self, path: Path) -> None:
        self._connection = sqlite3.connect(path, isolation_level=None)
        for pragma in ("page_size=1024", "journal_mode=WAL", "synchronous=FULL", "journal_size_limit=4194304"):
            self._connection.execute(f"PRAGMA {pragma}")
        self._connection.execute("CREATE TABLE outbox (id INTEGER PRIMARY KEY, station TEXT, payload BLOB)")
        self._acknowledged: list[tuple[int]] = []
        self._last = 0

    def put(self, station: str, payload: bytes) -> int:
        """Commit a message; gives its number."""
        self._last += 1
        execute = self._connection.execute
        execute("BEGIN")
        execute("INSERT INTO outbox VALUES (?, ?, ?)", (self._last, station, payload))
        if self._acknowledged:
            self._connection.executemany("DELETE FROM outbox WHERE id = ?", self._acknowledged)
            self._acknowledged.clear()
        execute("COMMIT")
        return self._last

    def acknowledge(self, number: int) -> None:
        """Have a message deleted with the next commit."""
        self._acknowledged.append((number,))

    def close(self) -> None:
        """Write what is owed."""
        self._connection.executemany("DELETE FROM outbox WHERE id = ?", self._acknowledged)
        self._connection.close()


class Socket(asyncio.Protocol):
    """The WebSocket of one station."""

    def __init__(self, path: str, store: Store) -> None:
        self._path = path
        self._store = store
        self._buffer = b""
        self._transport: asyncio.Transport | None = None
        self.open = asyncio.get_running_loop().create_future()

    @override
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)
        key = base64.b64encode(os.urandom(16)).decode()
        self._transport.write(
            (
                f"GET /{self._path} HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                f"Sec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Protocol: ocpp2.0.1\r\n\r\n"
            ).encode()
        )

    @override
    def data_received(self, data: bytes) -> None:
        buffer = self._buffer + data if self._buffer else data
        if not self.open.done():
            _, blank, buffer = buffer.partition(b"\r\n\r\n")
            if blank:
                self.open.set_result(None)
        while len(buffer) >= 2 and len(buffer) >= 2 + buffer[1]:  # noqa: PLR2004 - a header of two bytes: replies are short
            text, buffer = buffer[2 : 2 + buffer[1]], buffer[2 + buffer[1] :]
            self._store.acknowledge(int(orjson.loads(text)[1]))
        self._buffer = buffer

    def send(self, text: bytes) -> None:
        """Send a text; masked, as a client must, with a key that changes nothing."""
        size = len(text)
        if self._transport is None:
            return
        if size < 126:  # noqa: PLR2004 - RFC 6455, 5.2
            self._transport.write(bytes((0x81, 0x80 | size)) + _KEY + text)
        else:
            self._transport.write(struct.pack("!BBH", 0x81, 0x80 | 126, size) + _KEY + text)


class Bridge:
    """From a SOAP body to the answer."""

    def __init__(self, store: Store, sockets: dict[str, Socket]) -> None:
        self._store = store
        self._sockets = sockets
        self._payloads = {name: tuple(call_payload(s, _AT).split(_AT.encode())) for name, s in _SCENARIOS.items()}
        self._answers = {name: answer(name) for name in _SCENARIOS}

    def take(self, body: bytes) -> bytes:
        """Parse, commit, send; gives the answer, with a place for the value of Connection."""
        root = etree.fromstring(body)
        station = root[0][0].text or ""
        message = root[1][0]
        name = _ANSWERS.get(message.tag.rpartition("}")[2])
        if name is None:
            return self._answers["StatusNotification"]
        at = (message[-1] if name == "StatusNotification" else message[-1][0]).text or ""
        payload = at.encode().join(self._payloads[name])
        number = self._store.put(station, payload)
        self._sockets[station].send(b'[2,"%d","%b",%b]' % (number, _ACTIONS[name].encode(), payload))
        return self._answers[name]


class Http(asyncio.Protocol):
    """One connection of a station."""

    def __init__(self, bridge: Bridge) -> None:
        self._bridge = bridge
        self._buffer = b""
        self._transport: asyncio.Transport | None = None

    @override
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)

    @override
    def data_received(self, data: bytes) -> None:
        buffer = self._buffer + data if self._buffer else data
        self._buffer = buffer
        end = buffer.find(b"\r\n\r\n")
        if end < 0 or self._transport is None:
            return
        at = buffer.find(b"Content-Length: ")
        length = int(buffer[at + 16 : buffer.find(b"\r", at)])
        if len(buffer) < end + 4 + length:
            return
        self._buffer = b""
        closing = buffer.find(b"Connection: close", 0, end) >= 0
        reply = self._bridge.take(buffer[end + 4 :])
        self._transport.write(reply.replace(b"%b", b"close" if closing else b"keep-alive", 1))
        if closing:
            self._transport.close()


async def serve(csms_port: int, database: Path, stations: list[str]) -> None:
    """Serve until SIGTERM; prints the port once every station is connected."""
    loop = asyncio.get_running_loop()
    store = Store(database)
    sockets: dict[str, Socket] = {}
    for station in stations:
        connection = loop.create_connection(lambda s=station: Socket(f"floor/{s}", store), "127.0.0.1", csms_port)  # type: ignore[misc]
        _, sockets[charge_box(station)] = await connection
        await sockets[charge_box(station)].open
    bridge = Bridge(store, sockets)
    server = await loop.create_server(lambda: Http(bridge), "127.0.0.1", 0, backlog=BACKLOG)
    print(server.sockets[0].getsockname()[1], flush=True)
    stop = asyncio.Event()
    loop.add_signal_handler(signal.SIGTERM, stop.set)
    await stop.wait()
    server.close()
    store.close()


def main() -> None:
    """Run the floor."""
    parser = argparse.ArgumentParser(description="The cheapest possible bridge.")
    parser.add_argument("--csms", type=int, required=True, help="port of the CSMS")
    parser.add_argument("--database", type=Path, required=True)
    parser.add_argument("--stations", required=True, help="names, with commas")
    args = parser.parse_args()
    run_loop(serve(args.csms, args.database, args.stations.split(",")))


if __name__ == "__main__":
    main()
