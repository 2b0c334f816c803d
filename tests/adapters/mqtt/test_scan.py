"""A broker's messages tell which stations are there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from adapters.mqtt.recognise import Recogniser
from adapters.mqtt.scan import scan
from gateway.contracts import ScanRequest
from tests.adapters.mqtt.broker import EVSE, broker, family, station
from tests.ports import free_port

if TYPE_CHECKING:
    from pathlib import Path

    from gateway.contracts import Progress
    from gateway.family.family import MqttFamily


def _other() -> MqttFamily:
    return family(
        meta={"id": "other", "vendor": "W", "models": ["N"], "completeness": 1, "sources": ["a test"]},
        topics={"evse": {"sub": "{prefix}/evse/state"}, "meter": {"sub": "{prefix}/never"}},
    )


async def test_a_station_is_named_with_its_prefix(tmp_path: Path) -> None:
    steps: list[Progress] = []
    async with broker(tmp_path) as at, station(at.port) as car:
        await car.say("home/garage/evse/state", EVSE, retain=True)
        await car.say("home/garage/info/name", "WARP 2", retain=True)
        await car.say("home/garage/meter/values", {"power": 3}, retain=True)
        await car.say("lamp/evse/state", "on", retain=True)
        await car.say("a/b/c/d/evse/state", EVSE, retain=True)
        request = ScanRequest(brokers=(f"127.0.0.1:{at.port}",), progress=steps.append)
        found = [each async for each in scan(request, [family(), _other()], 0.5)]
        assert [topic for topic, *_ in car.told] == []
    assert len(found) == 1
    assert found[0].code == "scan-family"
    assert found[0].family == "mqtt"
    assert found[0].connection == {"broker": f"127.0.0.1:{at.port}", "prefix": "home/garage"}
    assert (found[0].plausible, found[0].asked) == (4, 5)
    assert found[0].evidence == {"model": "WARP 2", "state": "2"}
    assert found[0].params["others"] == "other"
    assert [(step.done, step.total) for step in steps] == [(0, 1), (1, 1)]


async def test_a_broker_that_is_not_there_is_said() -> None:
    request = ScanRequest(brokers=(f"127.0.0.1:{free_port()}", "no such broker"))
    assert [each.code async for each in scan(request, [family()], 0.1)] == ["no-connection", "not-host-port"]


async def test_without_a_broker_nothing_is_done() -> None:
    assert [each async for each in scan(ScanRequest(tcp=("127.0.0.1",)))] == []


def test_what_fits_two_families_alike_is_not_certain() -> None:
    recogniser = Recogniser([family(), _other()])
    recogniser.hear("warp/evse/state", b'{"iec61851_state": 1}')
    recogniser.hear("warp/meters/3/values", b"[230]")
    recogniser.hear("elsewhere/state", b"1")
    found = recogniser.found()
    assert [(each.prefix, each.plausible) for each in found] == [("warp", 2), ("warp", 2)]
    assert "+/+/evse/state" in recogniser.filters
