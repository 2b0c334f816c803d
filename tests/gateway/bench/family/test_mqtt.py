"""A simulated station at a real broker, watched and told by an independent client."""

from __future__ import annotations

import asyncio
import contextlib
import json
import shutil
import socket
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import paho.mqtt.client as paho
import pytest
from paho.mqtt.enums import CallbackAPIVersion

from tests.gateway.bench.family.support import sample, served, station

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from pathlib import Path

pytestmark = pytest.mark.skipif(shutil.which("mosquitto") is None, reason="mosquitto is not installed")


@asynccontextmanager
async def broker(folder: Path) -> AsyncIterator[tuple[str, int]]:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = int(free.getsockname()[1])
    config = folder / "mosquitto.conf"
    await asyncio.to_thread(config.write_text, f"listener {port} 127.0.0.1\nallow_anonymous true\npersistence false\n")
    process = await asyncio.create_subprocess_exec("mosquitto", "-c", str(config), stderr=asyncio.subprocess.DEVNULL)
    try:
        async with asyncio.timeout(10):
            while True:
                with contextlib.suppress(OSError):
                    _, writer = await asyncio.open_connection("127.0.0.1", port)
                    writer.close()
                    break
                await asyncio.sleep(0.02)
        yield "127.0.0.1", port
    finally:
        process.terminate()
        await process.wait()


class Watcher:
    """Keeps the last message of each topic."""

    def __init__(self) -> None:
        self.told: dict[str, str] = {}
        self._news = asyncio.Event()
        self._loop = asyncio.get_running_loop()
        self.client = paho.Client(CallbackAPIVersion.VERSION2)
        self.client.on_message = self._on_message
        self.client.on_connect = lambda client, *_: client.subscribe("sample/#", qos=1)

    def _on_message(self, _client: Any, _data: Any, message: paho.MQTTMessage) -> None:
        self._loop.call_soon_threadsafe(self._keep, message.topic, message.payload.decode())

    def _keep(self, topic: str, payload: str) -> None:
        self.told[topic] = payload
        self._news.set()

    async def until(self, topic: str, true: Callable[[Any], bool]) -> None:
        async with asyncio.timeout(10):
            while topic not in self.told or not true(json.loads(self.told[topic])):
                self._news.clear()
                await self._news.wait()


@asynccontextmanager
async def watching(address: tuple[str, int]) -> AsyncIterator[Watcher]:
    watcher = Watcher()
    await asyncio.to_thread(watcher.client.connect, *address)
    watcher.client.loop_start()
    try:
        yield watcher
    finally:
        watcher.client.disconnect()
        await asyncio.to_thread(watcher.client.loop_stop)


async def test_it_tells_its_state_and_obeys(tmp_path: Path) -> None:
    async with (
        broker(tmp_path) as address,
        served(station(sample("mqtt")), broker=address) as made,
        watching(address) as watcher,
    ):
        assert made.connection == {"broker": f"{address[0]}:{address[1]}", "prefix": "sample/abc"}
        await watcher.until("sample/abc/evse/state", lambda page: page["iec"] == 0)
        await watcher.until("sample/abc/serial", lambda page: page == 10002000)
        await watcher.until("sample/abc/online", lambda page: page is True)
        await made.plug_in(1)
        await watcher.until("sample/abc/evse/state", lambda page: page["iec"] == 2)
        watcher.client.publish("sample/abc/evse/external_update", '{"current":11000}', qos=1)
        await watcher.until("sample/abc/evse/external", lambda page: page["current"] == 11_000)
        await watcher.until("sample/abc/meter", lambda page: page["i"] == [11, 11, 11])
        watcher.client.publish("sample/abc/evse/stop", "null", qos=1)
        await watcher.until("sample/abc/meter", lambda page: page["power"] == 0)
        assert made.outlet(1).summary()["released"] is False


async def test_a_cut_line_brings_the_last_will(tmp_path: Path) -> None:
    async with (
        broker(tmp_path) as address,
        served(station(sample("mqtt")), broker=address, prefix="sample/other") as made,
        watching(address) as watcher,
    ):
        await watcher.until("sample/other/online", lambda page: page is True)
        await made.link_down()
        await watcher.until("sample/other/online", lambda page: page is False)
        await made.link_up()
        await watcher.until("sample/other/online", lambda page: page is True)
