"""A real broker is told which alerts stand."""

from __future__ import annotations

import asyncio
import gc
import json
import logging
import socket
from contextlib import asynccontextmanager, suppress
from typing import TYPE_CHECKING, Any

import pytest
import trustme
from paho.mqtt.client import Client, topic_matches_sub
from paho.mqtt.enums import CallbackAPIVersion
from typing_extensions import override

from gateway.alerting import teller
from gateway.alerting.teller import Teller
from gateway.alerting.topics import all_of, topic
from gateway.config.alerts import AlertBroker
from gateway.config.fields import HostPort
from gateway.mqtt.link import Link
from tests.adapters.mqtt.broker import broker
from tests.gateway.alerting.scene import FLOOD, HEAT, ID, LOST, POWER, Scene, running

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from paho.mqtt.client import MQTTMessage

STATUS = "house/box 1/status"
WET = "house/box 1/AT%2B1%2Fa/FloodSensor/Active"
HOT = "house/box 1/AT%2B1%2Fa/TemperatureSensor.rail %231/Temperature"


class Reader:
    """Somebody at the broker: what is retained there by now, and how often something was told."""

    def __init__(self, port: int, user: tuple[str, str] | None, ca: Path | None) -> None:
        self.kept: dict[str, Any] = {}
        self.told: list[str] = []
        self._news = asyncio.Event()
        self._loop = asyncio.get_running_loop()
        self._client = Client(CallbackAPIVersion.VERSION2)
        self._client.on_message = self._from_thread
        self._port = port
        if user is not None:
            self._client.username_pw_set(*user)
        if ca is not None:
            self._client.tls_set(str(ca))

    def _from_thread(self, _client: Client, _data: object, message: MQTTMessage) -> None:
        self._loop.call_soon_threadsafe(self._hear, message.topic, bytes(message.payload))

    def _hear(self, name: str, payload: bytes) -> None:
        self.told.append(name)
        self.kept[name] = payload.decode()
        if not payload:
            del self.kept[name]
        self._news.set()

    async def start(self) -> None:
        await asyncio.to_thread(self._client.connect, "127.0.0.1", self._port, 30)
        self._client.loop_start()
        self._client.subscribe("house/#", 1)

    async def stop(self) -> None:
        self._client.disconnect()
        await asyncio.to_thread(self._client.loop_stop)
        self._client.on_message = None

    async def keep(self, name: str, payload: str) -> None:
        """Publish a retained message."""
        info = self._client.publish(name, payload, 1, retain=True)
        await asyncio.to_thread(info.wait_for_publish, 5)

    async def sees(self, *names: str, status: str = "online") -> None:
        """Wait until these alerts are retained, and no others."""
        async with asyncio.timeout(10):
            while self.kept.keys() - {STATUS} != set(names) or self.kept.get(STATUS) != status:
                self._news.clear()
                await self._news.wait()


@asynccontextmanager
async def reading(port: int, user: tuple[str, str] | None = None, ca: Path | None = None) -> AsyncIterator[Reader]:
    reader = Reader(port, user, ca)
    await reader.start()
    try:
        yield reader
    finally:
        await reader.stop()


@asynccontextmanager
async def told(scene: Scene, port: int, **settings: Any) -> AsyncIterator[asyncio.Task[None]]:
    """The broker is told of what stands."""
    wanted = AlertBroker(broker=HostPort("127.0.0.1", port), prefix="house/box 1", **settings)
    async with running(scene):
        task = asyncio.create_task(Teller(wanted, scene.board, scene.stations(), pace=0.0).run())
        try:
            yield task
        finally:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task


@pytest.fixture(autouse=True)
def _hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(teller, "BACKOFF_S", (0.01,))


class Log(logging.Handler):
    """What is logged, as level and text."""

    def __init__(self) -> None:
        super().__init__(logging.INFO)
        self.lines: list[tuple[str, str]] = []
        self.said = asyncio.Event()

    @override
    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append((record.levelname, record.getMessage()))
        self.said.set()

    @property
    def text(self) -> str:
        return "\n".join(text for _, text in self.lines)


@pytest.fixture
async def log() -> AsyncIterator[Log]:
    handler = Log()
    teller.logger.addHandler(handler)
    teller.logger.setLevel(logging.INFO)
    yield handler
    teller.logger.removeHandler(handler)
    teller.logger.setLevel(logging.NOTSET)


@pytest.fixture
def scene() -> Scene:
    return Scene()


async def test_an_alert_is_retained_until_it_is_over(scene: Scene, tmp_path: Path) -> None:
    async with broker(tmp_path) as at, reading(at.port) as reader:
        async with told(scene, at.port):
            await reader.sees()
            scene.tell(FLOOD, "true")
            scene.tell(HEAT, "61.5")
            await reader.sees(WET, HOT)
            assert json.loads(reader.kept[WET]) == {
                "station": ID, "component": "FloodSensor", "variable": "Active", "kind": "sensor", "severity": 2,
                "value": "true", "message": "Wasser im Schrank", "since": "2024-05-01T12:00:00.000Z",
            }  # fmt: skip
            assert json.loads(reader.kept[HOT])["instance"] == "rail #1"
            scene.tell(FLOOD, "false")
            await reader.sees(HOT)
        await reader.sees(HOT, status="offline")


async def test_what_is_over_since_an_earlier_life_is_taken_away(scene: Scene, tmp_path: Path) -> None:
    scene.tell(HEAT, "70")
    other = "house/box 1/AT-2/FloodSensor/Active"
    async with broker(tmp_path) as at, reading(at.port) as reader:
        for name in (WET, HOT, other):
            await reader.keep(name, "{}")
        async with told(scene, at.port):
            await reader.sees(HOT, other)
            assert json.loads(reader.kept[HOT])["value"] == "70"


async def test_a_broker_that_comes_back_hears_all_of_it(scene: Scene, tmp_path: Path, log: Log) -> None:
    scene.tell(FLOOD, "true")
    async with broker(tmp_path) as at, told(scene, at.port):
        async with reading(at.port) as reader:
            await reader.sees(WET)
        await at.stop()
        async with asyncio.timeout(10):
            await log.said.wait()
        for number in range(1000):
            scene.tell(HEAT, f"{61 + number % 30}")
        scene.tell(FLOOD, "false")
        await at.start()
        async with reading(at.port) as reader:
            await reader.sees(HOT)
            assert len([name for name in reader.told if name == HOT]) == 1, "what waits is what stands"
    assert [level for level, _ in log.lines] == ["WARNING", "INFO"]


async def test_a_box_that_dies_is_offline(scene: Scene, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    links: list[Link] = []

    class Kept(Link):
        """Can be got hold of."""

        def __init__(self, *arguments: Any) -> None:
            super().__init__(*arguments)
            links.append(self)

    monkeypatch.setattr(teller, "Link", Kept)
    async with broker(tmp_path) as at, reading(at.port) as reader, told(scene, at.port) as task:
        await reader.sees()
        sock = links[0]._client.socket()
        assert isinstance(sock, socket.socket)
        monkeypatch.setattr(teller, "BACKOFF_S", (3600.0,))
        sock.shutdown(socket.SHUT_RDWR)
        await reader.sees(status="offline")
        assert not task.done()


async def test_a_user_and_a_password(scene: Scene, tmp_path: Path, log: Log) -> None:
    secret, users = tmp_path / "secret", tmp_path / "users"
    secret.write_text("s3cret-words\n")
    users.write_text("")
    making = await asyncio.create_subprocess_exec("mosquitto_passwd", "-b", str(users), "box", "s3cret-words")
    assert await making.wait() == 0
    options = ("allow_anonymous false", f"password_file {users}")
    async with broker(tmp_path, *options) as at:
        scene.tell(FLOOD, "true")
        async with (
            reading(at.port, ("box", "s3cret-words")) as reader,
            told(scene, at.port, user="box", password_file=secret),
        ):
            await reader.sees(WET)
        assert log.lines == []
        async with told(scene, at.port), asyncio.timeout(10):
            await log.said.wait()
    assert "Not authorized" in log.text
    assert "s3cret" not in log.text


# After a failed handshake paho leaves its socket to the garbage collector.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning", "ignore::ResourceWarning")
async def test_a_broker_is_trusted_by_the_sites_certificates(scene: Scene, tmp_path: Path, log: Log) -> None:
    ca = trustme.CA()
    cert = ca.issue_cert("127.0.0.1")
    trusted, stranger, key, chain = (tmp_path / name for name in ("ca.pem", "other.pem", "key.pem", "chain.pem"))
    ca.cert_pem.write_to_path(str(trusted))
    trustme.CA().cert_pem.write_to_path(str(stranger))
    cert.private_key_pem.write_to_path(str(key))
    cert.cert_chain_pems[0].write_to_path(str(chain))
    options = ("allow_anonymous true", f"certfile {chain}", f"keyfile {key}")
    async with broker(tmp_path, *options) as at:
        async with told(scene, at.port, ca_file=stranger), asyncio.timeout(10):
            await log.said.wait()
        assert "certificate" in log.text.casefold()
        log.lines.clear()
        scene.tell(FLOOD, "true")
        async with told(scene, at.port, ca_file=trusted), reading(at.port, ca=trusted) as reader:
            await reader.sees(WET)
    assert log.lines == []
    gc.collect()


async def test_topics_of_a_station_are_its_own(scene: Scene) -> None:
    for ref, value in ((FLOOD, "true"), (HEAT, "99"), (LOST, "true")):
        scene.tell(ref, value)
    scene.power[1] = 20_000.0
    scene.stands()
    topics = {alert.ref.key: topic("house", alert) for alert in scene.board.everywhere()}
    assert topics[POWER.key] == "house/AT%2B1%2Fa/EVSE.1/Power"
    assert len(set(topics.values())) == len(topics) == 4
    for name in topics.values():
        assert topic_matches_sub(all_of("house", ID), name)
        assert not set(name) & set("+#")
