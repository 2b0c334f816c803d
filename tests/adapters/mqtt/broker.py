"""A real broker, and a station behind it."""

from __future__ import annotations

import asyncio
import json
import shutil
from contextlib import asynccontextmanager, suppress
from typing import TYPE_CHECKING, Any

import pytest
from paho.mqtt.client import Client
from paho.mqtt.enums import CallbackAPIVersion

from adapters.common.wire import Unreachable
from adapters.mqtt.pool import MqttConnection, MqttPool
from gateway.family.family import MqttFamily
from tests.ports import free_port

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from pathlib import Path

    from adapters.mqtt.wire import MqttWire
    from gateway.family.value import Value

EVSE = {"iec61851_state": 2, "allowed_charging_current": 16000}


def family(**changes: Any) -> MqttFamily:
    """A family of the kind of WARP; ``changes`` by the name of a table."""
    tables: dict[str, dict[str, object]] = {
        "link": {"prefix": "warp/abc", "timeout_ms": 300, "stale_s": 60, "qos": 1},
        "topics": {
            "evse": {"sub": "{prefix}/evse/state"},
            "meter": {"sub": "{prefix}/meter/values"},
            "name": {"sub": "{prefix}/info/name"},
            "any": {"sub": "{prefix}/meters/+/values"},
            "set_limit": {"pub": "{prefix}/evse/current_update", "payload": '{"current":{ma:d}}'},
            "start": {"pub": "{prefix}/evse/start", "payload": "null", "retain": True},
            "to": {"pub": "{prefix}/{where}"},
        },
        "points": {
            "state": {"from": "evse", "ptr": "/iec61851_state"},
            "limit": {"from": "evse", "ptr": "/allowed_charging_current", "scale": 0.001, "unit": "A"},
            "power": {"from": "meter", "ptr": "/power", "unit": "W", "optional": True},
            "model": {"from": "name"},
            "first": {"from": "any", "ptr": "/0"},
        },
    }
    return MqttFamily.model_validate({
        "schema": 1,
        "kind": "mqtt",
        "meta": {"id": "mqtt", "vendor": "V", "models": ["M"], "completeness": 1, "sources": ["a test"]},
        **{name: {**table, **changes.get(name, {})} for name, table in tables.items()},
        **{name: change for name, change in changes.items() if name not in tables},
    })  # fmt: skip


class Mosquitto:
    """A broker process that can be stopped and started again at its port."""

    def __init__(self, folder: Path, *options: str) -> None:
        self.port = free_port()
        self._file = folder / "mosquitto.conf"
        lines = ["user root", f"listener {self.port} 127.0.0.1", *(options or ("allow_anonymous true",))]
        self._file.write_text("\n".join(lines) + "\n")
        self._process: asyncio.subprocess.Process | None = None

    async def start(self) -> None:
        """Start, and wait until it listens."""
        program = shutil.which("mosquitto", path="/usr/sbin:/usr/bin:/usr/local/sbin:/usr/local/bin")
        if program is None:
            pytest.skip("mosquitto is not installed")
        self._process = await asyncio.create_subprocess_exec(
            program, "-c", str(self._file), stderr=asyncio.subprocess.PIPE
        )
        async with asyncio.timeout(10):
            while self._process.stderr is not None:
                line = await self._process.stderr.readline()
                if b"running" in line:
                    break
                assert line, "the broker does not start"

    async def stop(self) -> None:
        """Stop; what was retained is forgotten."""
        process, self._process = self._process, None
        if process is not None:
            process.terminate()
            await process.communicate()


@asynccontextmanager
async def broker(folder: Path, *options: str) -> AsyncIterator[Mosquitto]:
    """A running broker."""
    found = Mosquitto(folder, *options)
    await found.start()
    try:
        yield found
    finally:
        await found.stop()


class Station:
    """A client that publishes as a station does, and notes what it is told."""

    def __init__(self, port: int, will: tuple[str, str] | None = None, user: tuple[str, str] | None = None) -> None:
        self.port = port
        self.told: list[tuple[str, bytes, bool]] = []
        self.asked = asyncio.Event()
        self._loop = asyncio.get_running_loop()
        self._subscribed = asyncio.Event()
        self._client = Client(CallbackAPIVersion.VERSION2)
        if will is not None:
            self._client.will_set(*will, retain=True)
        if user is not None:
            self._client.username_pw_set(*user)
        self._client.on_message = lambda _client, _data, message: self._soon(
            self._hear, message.topic, message.payload, message.retain
        )
        self._client.on_subscribe = lambda *_: self._soon(self._subscribed.set)

    def _soon(self, function: Callable[..., None], *args: object) -> None:
        self._loop.call_soon_threadsafe(function, *args)

    def _hear(self, topic: str, payload: bytes, retained: bool) -> None:  # noqa: FBT001
        self.told.append((topic, payload, retained))
        self.asked.set()

    async def start(self) -> None:
        await asyncio.to_thread(self._client.connect, "127.0.0.1", self.port, 30)
        self._client.loop_start()
        self._client.subscribe("warp/+/evse/+", 1)
        async with asyncio.timeout(5):
            await self._subscribed.wait()

    def listen(self, topics: str) -> None:
        """Note what is said on more topics."""
        self._client.subscribe(topics, 1)

    async def say(self, topic: str, payload: object, *, retain: bool = False) -> None:
        """Publish a text, or anything else as JSON."""
        data = payload if isinstance(payload, str | bytes) else json.dumps(payload)
        info = self._client.publish(topic, data, 1, retain)
        await asyncio.to_thread(info.wait_for_publish, 5)

    async def heard(self, topic: str) -> bytes:
        """The next message on a topic."""
        async with asyncio.timeout(5):
            while True:
                for each, payload, _ in self.told:
                    if each == topic:
                        return payload
                self.asked.clear()
                await self.asked.wait()

    async def stop(self) -> None:
        self._client.disconnect()
        await asyncio.to_thread(self._client.loop_stop)
        self._client.on_message = self._client.on_subscribe = None

    async def die(self) -> None:
        """Be gone without a word, so that the broker tells the last will."""
        await asyncio.to_thread(self._client.loop_stop)
        sock = self._client.socket()
        assert sock is not None
        sock.close()


@asynccontextmanager
async def station(port: int, **options: Any) -> AsyncIterator[Station]:
    """A connected station."""
    found = Station(port, **options)
    await found.start()
    try:
        yield found
    finally:
        await found.stop()


@asynccontextmanager
async def reached(port: int, of: MqttFamily | None = None, **connection: Any) -> AsyncIterator[MqttWire]:
    """The wire to a station; it is not connected yet."""
    pool = MqttPool()
    known = MqttConnection.model_validate({"broker": f"127.0.0.1:{port}", **connection})
    try:
        yield pool.wire(known, of or family(), 1)
    finally:
        await pool.aclose()


async def news(wire: MqttWire) -> None:
    """Wait until the station has told something, and take note of it."""
    async with asyncio.timeout(5):
        await wire.news.wait()
    wire.news.clear()


async def until(wire: MqttWire, expected: dict[str, Value]) -> None:
    """Wait until the points have these values."""
    async with asyncio.timeout(5):
        while True:
            wire.news.clear()
            with suppress(Unreachable):
                if (await wire.read(expected.keys())).values == expected:
                    return
            await wire.news.wait()
