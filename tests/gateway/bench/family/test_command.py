"""``stationlift bench station --family``, as a process that is told what to do on its standard input."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.gateway.bench.family.support import SAMPLES
from tests.gateway.bench.test_commands import STATION, running

if TYPE_CHECKING:
    from tests.gateway.bench.test_commands import Process


def _sample(name: str) -> str:
    return str(SAMPLES / f"sample-{name}.toml")


async def test_it_says_how_it_is_reached_and_obeys() -> None:
    async with running(STATION, "--family", _sample("modbus"), "--transport", "tcp", "--control", "-") as process:
        first = await process.hear()
        assert (first["ready"], first["kind"]) == ("sample-modbus", "modbus")
        assert first["connection"]["tcp"].startswith("127.0.0.1:")
        assert first["connection"]["unit"] == 1
        assert await process.ask({"do": "plug_in"}) == {"done": "plug_in", "evse": 1}
        assert await process.ask({"do": "plug_in"}) == {"error": "car-present", "evse": 1}
        state = await process.ask({"do": "state"})
        assert (state["done"], state["plugged"], state["limit"], state["writes"]) == ("state", True, 16.0, {})
        assert await process.ask({"do": "state", "evse": 2}) == {"error": "unknown-evse", "evse": 2}
        assert (await process.ask({"do": "present_token", "evse": 1, "token": "04A1"}))["done"] == "present_token"
        assert (await process.ask({"do": "fault", "evse": 1, "error": "pilot"}))["done"] == "fault"
        assert (await process.ask({"do": "state"}))["letter"] == "E"
        assert await process.ask({"do": "power_cycle"}) == {"done": "power_cycle"}
        assert await process.ask({"do": "exit"}) == {"done": "exit"}
        assert await process.process.wait() == 0


async def test_a_serial_line_is_announced_by_its_device() -> None:
    async with running(STATION, "--family", _sample("line"), "--control", "-") as process:
        connection = (await process.hear())["connection"]
        assert connection["serial"].startswith("/dev/")
        assert (connection["baud"], connection["format"]) == (115_200, "8N1")
        await process.tell({"do": "exit"})
        assert await process.process.wait() == 0


async def test_a_meter_beside_a_station_without_modbus() -> None:
    options = ("--family", _sample("udp"), "--meter", _sample("meter"), "--meter-unit", "4", "--control", "-")
    async with running(STATION, *options) as process:
        first = await process.hear()
        assert first["meter"]["connection"]["unit"] == 4
        assert first["meter"]["connection"]["tcp"].startswith("127.0.0.1:")
        assert "host" in first["connection"]
        await process.tell({"do": "exit"})
        assert await process.process.wait() == 0


@pytest.mark.parametrize(
    ("options", "error"),
    [
        (("--family", "no-such-family"), b"family-unknown"),
        (("--family", _sample("watts"), "--variant", "new"), b"family-variant-unknown"),
        (("--family", _sample("watts"), "--transport", "udp"), b"transport-unknown"),
        (("--family", _sample("mqtt")), b"broker-missing"),
        (("--family", _sample("udp"), "--connectors", "0"), b"wrong-option"),
        (("--family", _sample("udp"), "--connectors", "2"), b"connectors-too-many"),
    ],
)
async def test_what_cannot_be_is_said_and_ends_it(options: tuple[str, ...], error: bytes) -> None:
    async with running(STATION, *options) as process:
        assert await _error(process) == 2
        assert process.process.stderr is not None
        assert error in await process.process.stderr.read()


async def _error(process: Process) -> int:
    return await process.process.wait()
