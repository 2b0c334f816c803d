"""A station behind a broker: retained and new messages, orders, life and death of station and broker."""

from __future__ import annotations

import asyncio
import logging
import subprocess
from typing import TYPE_CHECKING

import pytest
from typing_extensions import override

from adapters.common.wire import Refused, Unreachable
from adapters.mqtt.pool import MqttConnection, MqttPool
from gateway.config.fields import HostPort
from gateway.model.errors import GatewayError
from tests.adapters.mqtt.broker import EVSE, broker, family, news, reached, station, until
from tests.ports import free_port

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from adapters.mqtt.wire import MqttWire

STATE = "warp/abc/evse/state"


async def test_what_was_retained_is_there_at_once_and_what_is_new_wakes_the_reader(tmp_path: Path) -> None:
    async with broker(tmp_path) as at, station(at.port) as car, reached(at.port) as wire:
        await car.say(STATE, EVSE, retain=True)
        await car.say("warp/abc/info/name", "WARP 2\n", retain=True)
        await car.say("warp/xyz/evse/state", {"iec61851_state": 4}, retain=True)
        await wire.connect()
        took = await wire.read(["state", "limit", "model"])
        assert took.values == {"state": 2, "limit": 16.0, "model": "WARP 2"}
        wire.news.clear()
        await car.say(STATE, {**EVSE, "iec61851_state": 1})
        await news(wire)
        await until(wire, {"state": 1})
        assert wire.address == f"127.0.0.1:{at.port} warp/abc"


async def test_orders_arrive_as_the_family_writes_them(tmp_path: Path) -> None:
    async with broker(tmp_path) as at, station(at.port) as car, reached(at.port) as wire:
        await car.say(STATE, EVSE, retain=True)
        await wire.read(["state"])
        assert await wire.send("set_limit", {"ma": 6000}) == {}
        assert await car.heard("warp/abc/evse/current_update") == b'{"current":6000}'
        await wire.send("start", {})
        assert await car.heard("warp/abc/evse/start") == b"null"
        with pytest.raises(GatewayError, match="point-value"):
            await wire.send("to", {"where": "#"})
        with pytest.raises(GatewayError, match="message-unknown"):
            await wire.send("evse", {})
        with pytest.raises(Refused, match="point-not-writable"):
            await wire.write("limit", 6)


async def test_a_station_that_says_nothing_is_not_there(tmp_path: Path) -> None:
    async with broker(tmp_path) as at, reached(at.port) as wire:
        await wire.connect()
        with pytest.raises(Unreachable, match="station-silent"):
            await wire.read(["state"])
        with pytest.raises(Unreachable, match="station-silent"):
            await wire.send("start", {})


async def test_a_station_that_falls_silent_is_lost_until_it_speaks(tmp_path: Path) -> None:
    async with (
        broker(tmp_path) as at,
        station(at.port) as car,
        reached(at.port, family(link={"stale_s": 0.3})) as wire,
    ):
        await car.say(STATE, EVSE, retain=True)
        await wire.read(["state"])
        async with asyncio.timeout(5):
            while True:
                try:
                    await wire.read(["state"])
                except Unreachable:
                    break
                await asyncio.sleep(0.05)
        await wire.aclose()
        wire.news.clear()
        await car.say(STATE, {**EVSE, "iec61851_state": 0})
        await news(wire)
        await wire.connect()
        await until(wire, {"state": 0})


async def test_a_sign_of_life_alone_brings_a_silent_station_back(tmp_path: Path) -> None:
    of = family(link={"stale_s": 0.3, "online": "{prefix}/uptime"})
    async with broker(tmp_path) as at, station(at.port) as car, reached(at.port, of) as wire:
        await car.say(STATE, EVSE, retain=True)
        await wire.read(["state"])
        async with asyncio.timeout(5):
            while True:
                try:
                    await wire.read(["state"])
                except Unreachable:
                    break
                await asyncio.sleep(0.05)
        await car.say("warp/abc/uptime", {"uptime": 7})
        await until(wire, {"state": 2})


async def test_the_last_will_is_believed_at_once(tmp_path: Path) -> None:
    of = family(link={"online": "{prefix}/online", "offline_payload": "false"})
    async with broker(tmp_path) as at, reached(at.port, of) as wire:
        async with station(at.port, will=("warp/abc/online", "false")) as car:
            await car.say("warp/abc/online", "true", retain=True)
            await car.say(STATE, EVSE, retain=True)
            await wire.read(["state"])
            await car.die()
            with pytest.raises(Unreachable, match="station-offline"):
                await _as_long_as_it_lives(wire)
        async with station(at.port) as car:
            await car.say("warp/abc/online", "true", retain=True)
            await car.say(STATE, {**EVSE, "iec61851_state": 0}, retain=True)
            await until(wire, {"state": 0})


async def test_a_will_that_was_told_before_is_believed_too(tmp_path: Path) -> None:
    of = family(link={"online": "{prefix}/online", "offline_payload": "false"})
    async with broker(tmp_path) as at, station(at.port) as car, reached(at.port, of) as wire:
        await car.say(STATE, EVSE, retain=True)
        await car.say("warp/abc/online", "false", retain=True)
        with pytest.raises(Unreachable, match="station-offline"):
            await _as_long_as_it_lives(wire)


async def _as_long_as_it_lives(wire: MqttWire) -> None:
    """Read again at each news: the state, and that it was online, may come before the last word."""
    async with asyncio.timeout(5):
        while True:
            await wire.read(["state"])
            await news(wire)


async def test_a_topic_that_never_comes_is_no_value_and_no_loss(tmp_path: Path) -> None:
    probe = {"id": "old", "probe": {"point": "first", "fails": True}}
    async with broker(tmp_path) as at, station(at.port) as car, reached(at.port, family(variant=[probe])) as wire:
        await car.say(STATE, EVSE, retain=True)
        took = await wire.read(["state", "power", "first", "model"])
        assert took.values == {"state": 2}
        assert took.refused == {"first"}


async def test_another_variant_has_its_own_topics(tmp_path: Path) -> None:
    other = family(topics={"evse": {"sub": "{prefix}/v2/state"}})
    async with broker(tmp_path) as at, station(at.port) as car, reached(at.port) as wire:
        await car.say(STATE, EVSE, retain=True)
        await car.say("warp/abc/v2/state", {"iec61851_state": 3}, retain=True)
        await wire.read(["state"])
        wire.use(other)
        await until(wire, {"state": 3})
        wire.use(family())
        assert (await wire.read(["state"])).values == {"state": 2}
        await car.say("warp/abc/v2/state", {"iec61851_state": 4}, retain=True)
        await until(wire, {"state": 2})
        wire.use(other)  # what was subscribed to is not sent again by the broker
        await until(wire, {"state": 4})


async def test_wildcards_are_listened_to(tmp_path: Path) -> None:
    async with broker(tmp_path) as at, station(at.port) as car, reached(at.port) as wire:
        await car.say("warp/abc/meters/7/values", [230.5], retain=True)
        assert (await wire.read(["first"])).values == {"first": 230.5}


async def test_garbage_is_no_value_and_is_told_once(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.WARNING)
    async with broker(tmp_path) as at, station(at.port) as car, reached(at.port) as wire:
        await car.say(STATE, b"\xff{", retain=True)
        for _ in range(3):
            assert (await wire.read(["state", "limit"])).values == {"state": None, "limit": None}
    assert len(caplog.records) == 1


class _Log(logging.Handler):
    """What is logged, to wait for."""

    def __init__(self) -> None:
        super().__init__(logging.INFO)
        self.levels: asyncio.Queue[str] = asyncio.Queue()

    @override
    def emit(self, record: logging.LogRecord) -> None:
        self.levels.put_nowait(record.levelname)

    async def next(self) -> str:
        async with asyncio.timeout(10):
            return await self.levels.get()


@pytest.fixture
def log(caplog: pytest.LogCaptureFixture) -> Iterator[_Log]:
    caplog.set_level(logging.INFO, "adapters.mqtt")
    handler = _Log()
    logging.getLogger("adapters.mqtt").addHandler(handler)
    yield handler
    logging.getLogger("adapters.mqtt").removeHandler(handler)


async def test_a_broker_that_is_away_is_said_and_found_again(
    tmp_path: Path, log: _Log, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("adapters.mqtt.broker.BACKOFF_S", (0.02,))
    async with broker(tmp_path) as at, reached(at.port) as wire:
        async with station(at.port) as car:
            await car.say(STATE, EVSE, retain=True)
            await wire.read(["state"])
        await at.stop()
        assert await log.next() == "WARNING"
        with pytest.raises(Unreachable, match="no-connection"):
            await wire.read(["state"])
        with pytest.raises(Unreachable, match="no-connection"):
            await wire.send("start", {})
        await at.start()
        assert await log.next() == "INFO"
        async with station(at.port) as car:
            wire.news.clear()
            await car.say(STATE, {**EVSE, "iec61851_state": 0}, retain=True)
            await until(wire, {"state": 0})
            await car.heard(STATE)
            assert "warp/abc/evse/start" not in [topic for topic, *_ in car.told]  # an order is not kept for later
    assert log.levels.empty()


async def test_a_broker_that_is_not_there_is_said_at_once() -> None:
    async with reached(free_port()) as wire:
        with pytest.raises(Unreachable, match="no-connection"):
            await wire.connect()


async def test_credentials_come_from_their_file(tmp_path: Path) -> None:
    users, secret, wrong = tmp_path / "users", tmp_path / "secret", tmp_path / "wrong"
    command = ["mosquitto_passwd", "-c", "-b", str(users), "box", "süß"]
    await asyncio.to_thread(lambda: subprocess.run(command, check=True))
    secret.write_text("süß\n")
    wrong.write_text("salt\n")
    options = ("allow_anonymous false", f"password_file {users}")
    async with broker(tmp_path, *options) as at, station(at.port, user=("box", "süß")) as car:
        await car.say(STATE, EVSE, retain=True)
        async with reached(at.port, user="box", password_file=str(secret)) as wire:
            assert (await wire.read(["state"])).values == {"state": 2}
        async with reached(at.port, user="box", password_file=str(wrong)) as wire:
            with pytest.raises(Unreachable, match="broker-refused"):
                await wire.connect()


async def test_stations_share_one_connection(tmp_path: Path) -> None:
    async with broker(tmp_path) as at, station(at.port) as car:
        pool = MqttPool()
        address = HostPort("127.0.0.1", at.port)
        wires = [pool.wire(MqttConnection(broker=address, prefix=f"warp/{each}"), family(), 1) for each in "ab"]
        for number, each in enumerate("ab"):
            await car.say(f"warp/{each}/evse/state", {"iec61851_state": number}, retain=True)
        took = [await wire.read(["state"]) for wire in wires]
        assert [each.values for each in took] == [{"state": 0}, {"state": 1}]
        assert wires[0]._broker is wires[1]._broker
        await pool.aclose()
