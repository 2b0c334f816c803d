"""Added devices with a page of their own, and on a line of text; and what is no sensor."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from pydantic import ValidationError

from adapters.sensors import family_device
from adapters.sensors.family import HttpKeys, HttpSensors, LineKeys, LineSensors, ModbusKeys
from gateway.family.load import read_family
from gateway.model.commands import Verdict
from tests.adapters.line.station import Station
from tests.adapters.sensors.families import sensor, shows
from tests.fakes.panel import FakePanel
from tests.running import running

if TYPE_CHECKING:
    from pathlib import Path

SHELLY = HttpKeys.model_validate({"family": "shelly-http", "connection": {"url": "http://10.0.0.9"}})

BOARD = """\
schema = 1
kind = "ascii-line"
[meta]
id = "board"
vendor = "Acme"
models = ["relay board"]
role = "sensor"
completeness = 3
sources = ["a test"]
[link]
transports = ["serial"]
timeout_ms = 300
retries = 0
poll = { fast = 0.05, medium = 0.1, slow = 60.0 }
[framing]
end = "\\r"
ok = "OK"
nack = "ERR"
[commands]
inputs = { tx = "I?", rx = "{first:d} {second:d}" }
relay = { tx = "R?", rx = "{state:d}" }
set_on = { tx = "R1" }
set_off = { tx = "R0" }
[points]
inputs = { from = ["inputs.first", "inputs.second"], poll = "fast" }
relay_1 = { from = "relay.state", access = "rw", on = "set_on", off = "set_off" }
[[vector]]
tx = "I?"
rx = "OK 1 0"
expect = { inputs = [1, 0] }
"""


@pytest.fixture(autouse=True)
def _soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(family_device, "RETRY", 0.05)


@pytest.fixture
def board(tmp_path: Path) -> LineKeys:
    file = tmp_path / "board.toml"
    file.write_text(BOARD, encoding="utf-8")
    return LineKeys.model_validate({"family": read_family(file), "connection": {"serial": "/dev/ttyUSB0"}})


async def test_a_device_with_a_page_is_read_and_switched() -> None:
    output = False

    async def status(_: web.Request) -> web.Response:
        return web.json_response({"switch:0": {"id": 0, "output": output, "apower": 25.5}, "input:0": {"state": True}})

    async def info(_: web.Request) -> web.Response:
        return web.json_response({"model": "SNSW-001P16EU", "ver": "1.4.4", "mac": "A8032AB12345"})

    async def switch(request: web.Request) -> web.Response:
        nonlocal output
        before, output = output, request.query == {"id": "0", "on": "true"}
        return web.json_response({"was_on": before})

    app = web.Application()
    app.router.add_get("/rpc/Shelly.GetStatus", status)
    app.router.add_get("/rpc/Shelly.GetDeviceInfo", info)
    app.router.add_get("/rpc/Switch.Set", switch)
    async with TestServer(app, host="127.0.0.1") as server:
        panel = FakePanel()
        wanted = ("relay_1", "relay_1_power", "input_1", "model")
        sensors = HttpSensors([sensor("it", SHELLY, wanted, url=f"http://127.0.0.1:{server.port}")])
        async with running(sensors.run(panel)):
            await shows(panel, "it", relay_1=False, relay_1_power=25.5, input_1=True, model="SNSW-001P16EU")
            assert (await sensors.switch("it", "relay_1", on=True)).verdict is Verdict.ACCEPTED
            await shows(panel, "it", relay_1=True)
            assert (await sensors.switch("it", "relay_1", on=False)).verdict is Verdict.ACCEPTED
            await shows(panel, "it", relay_1=False)
            assert (await sensors.switch("it", "input_1", on=True)).verdict is Verdict.UNSUPPORTED


async def test_a_device_on_a_line_of_text_is_read_and_switched(board: LineKeys) -> None:
    station = Station({b"I?": b"OK 1 0\r", b"R?": b"OK 0\r"})

    def on() -> bytes:
        station.answers[b"R?"] = b"OK 1\r"
        return b"OK\r"

    station.answers |= {b"R1": on, b"R0": b"ERR\r"}
    with station.on_pty() as path:
        panel, sensors = FakePanel(), LineSensors([sensor("it", board, ["inputs.2", "relay_1"], serial=path)])
        async with running(sensors.run(panel)):
            await shows(panel, "it", inputs__1=1, inputs__2=0, relay_1=0)
            assert (await sensors.switch("it", "relay_1", on=True)).verdict is Verdict.ACCEPTED
            await shows(panel, "it", relay_1=1)
            assert (await sensors.switch("it", "relay_1", on=False)).verdict is Verdict.REJECTED
            station.answers.clear()
            await panel.until(lambda panel: bool(panel.losses))


def test_the_points_of_a_line_have_their_names(board: LineKeys) -> None:
    points = LineSensors.points(board)
    assert [(each.name, each.poll, each.output) for each in points] == [
        ("inputs.1", 0.05, False),
        ("inputs.2", 0.05, False),
        ("relay_1", 0.1, True),
    ]


def test_a_station_is_no_sensor() -> None:
    with pytest.raises(ValidationError) as error:
        ModbusKeys.model_validate({"family": "heidelberg-ec", "connection": {"serial": "/dev/ttyUSB0"}})
    assert error.value.errors()[0]["type"] == "family-station"


def test_a_variant_that_the_family_does_not_have_is_refused() -> None:
    with pytest.raises(ValidationError) as error:
        ModbusKeys.model_validate({"family": "wago-750", "variants": ["inputs-5"], "connection": {"tcp": "10.0.0.9"}})
    assert error.value.errors()[0]["type"] == "family-variant-unknown"
