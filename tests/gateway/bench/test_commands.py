"""Both simulators as processes that are told what to do on their standard input."""

from __future__ import annotations

import asyncio
import sys
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import aiohttp
import orjson
import pytest

from gateway.bench.ocpp_s.dialects import DIALECTS
from tests.gateway.bench.ocpp_s.central import Central

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from gateway.bench.ocpp_s.dialects import Dialect

_RUN = "import sys; from gateway.cli import main; sys.exit(main(['bench', *sys.argv[1:]]))"
STATION, CSMS = "station", "csms"


class Process:
    """A simulator under control."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self.process = process

    async def tell(self, order: object) -> None:
        assert self.process.stdin is not None
        line = order if isinstance(order, bytes) else orjson.dumps(order)
        self.process.stdin.write(line + b"\n")
        await self.process.stdin.drain()

    async def hear(self) -> dict[str, Any]:
        assert self.process.stdout is not None
        message = orjson.loads(await self.process.stdout.readline())
        assert isinstance(message, dict)
        return message

    async def ask(self, order: object) -> dict[str, Any]:
        await self.tell(order)
        return await self.hear()


@asynccontextmanager
async def running(module: str, *options: str, stdin: int | Any = asyncio.subprocess.PIPE) -> AsyncIterator[Process]:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        _RUN,
        module,
        *options,
        stdin=stdin,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        async with asyncio.timeout(30):
            yield Process(process)
    finally:
        if process.returncode is None:
            process.kill()
        await process.communicate()


@pytest.mark.parametrize("dialect", DIALECTS, ids=lambda dialect: dialect.version)
async def test_station_is_controlled_line_by_line(dialect: Dialect) -> None:
    async with Central(dialect=dialect) as central:
        options = ["--protocol", dialect.protocol, "--url", central.url, "--identity", "CP-9", "--control", "-"]
        options += ["--evses", "2", "--speed", "600", "--trace"]
        async with running(STATION, *options) as station:
            ready = await station.hear()
            assert ready["ready"] == "CP-9"
            boot = await central.until_seen("bootNotification")
            assert boot.texts["chargePointModel"] == f"Bench {dialect.version}-S"
            await central.until_seen("statusNotification", 3)
            assert await station.ask({"do": "plug_in", "evse": 1}) == {"done": "plug_in", "evse": 1}
            assert (await station.ask(b"rubbish"))["error"] == "control-json"
            assert (await station.ask({"do": "plug_in", "evse": 4}))["error"] == "unknown-evse"
            assert (await station.ask({"do": "present_token", "evse": 1, "token": "AB"}))["done"] == "present_token"
            await central.until_seen("meterValues", 3)
            assert (await station.ask({"do": "plug_out"}))["done"] == "plug_out"
            await central.until_seen("stopTransaction")
            assert await station.ask({"do": "exit"}) == {"done": "exit"}
            assert await station.process.wait() == 0
            assert station.process.stderr is not None
            traced = [orjson.loads(line) for line in (await station.process.stderr.read()).splitlines()]
        assert traced[0]["dir"] == "out"
        assert traced[0]["operation"] == "bootNotificationRequest"
        assert traced[1]["xml"].startswith("<s:Envelope")


@pytest.mark.parametrize("control", [True, False])
@pytest.mark.parametrize("source", ["empty-file", "dev-null", "closed-pipe"])
async def test_end_of_input_ends_a_controlled_station_only(tmp_path: Path, source: str, *, control: bool) -> None:
    path = tmp_path / "orders"
    await asyncio.to_thread(path.write_bytes, b"")
    async with Central() as central:
        options = ["--url", central.url, "--identity", "CP-9", *(["--control", "-"] if control else [])]
        place = {"empty-file": path, "dev-null": Path("/dev/null")}.get(source)
        stdin = asyncio.subprocess.PIPE if place is None else await asyncio.to_thread(place.open, "rb")
        async with running(STATION, *options, stdin=stdin) as station:
            if station.process.stdin is not None:
                station.process.stdin.close()
            await station.hear()
            if control:
                assert await station.process.wait() == 0
            else:
                await central.until_seen("bootNotification")
                assert station.process.returncode is None
        if not isinstance(stdin, int):
            stdin.close()


async def test_orders_from_a_file_are_carried_out(tmp_path: Path) -> None:
    path = tmp_path / "orders"
    await asyncio.to_thread(path.write_bytes, b'{"do":"plug_in"}\n\n{"do":"exit"}')
    stdin = await asyncio.to_thread(path.open, "rb")
    options = ("--url", "http://127.0.0.1:9/", "--identity", "CP-9", "--control", "-")
    async with running(STATION, *options, stdin=stdin) as station:
        assert [next(iter(await station.hear())) for _ in range(3)] == ["ready", "done", "done"]
        assert await station.process.wait() == 0
    stdin.close()


async def test_csms_is_controlled_line_by_line(tmp_path: Path) -> None:
    secret = tmp_path / "password"
    await asyncio.to_thread(secret.write_text, "s3cret\n")
    async with running(CSMS, "--listen", "127.0.0.1:0", "--control", "-", "--password-file", str(secret)) as csms:
        url = (await csms.hear())["url"]
        assert await csms.ask({"tokens": {"DEADBEEF": "Blocked"}}) == {"done": "tokens"}
        headers = {"Authorization": aiohttp.encode_basic_auth("AT-1", "s3cret")}
        async with (
            aiohttp.ClientSession() as http,
            http.ws_connect(f"{url}/AT-1", protocols=["ocpp2.0.1"], headers=headers) as socket,
        ):
            token = {"idToken": {"idToken": "DEADBEEF", "type": "ISO14443"}}
            await socket.send_str(orjson.dumps([2, "1", "Authorize", token]).decode())
            heard = await csms.hear()
            assert heard == {"dir": "in", "station": "AT-1", "message": [2, "1", "Authorize", token]}
            assert (await csms.hear())["message"][2] == {"idTokenInfo": {"status": "Blocked"}}
            await socket.receive_str()
            call = {"call": "ClearCache", "station": "AT-1", "payload": {}}
            await csms.tell(call)
            number = orjson.loads(await socket.receive_str())[1]
            await socket.send_str(orjson.dumps([3, number, {"status": "Accepted"}]).decode())
            said = [await csms.hear() for _ in range(3)]
            assert said[2] == {
                "call": "ClearCache",
                "station": "AT-1",
                "result": {"status": "Accepted"},
                "invalid": None,
            }
        assert (await csms.ask({"call": "ClearCache", "station": "AT-2", "payload": {}}))["error"] == (
            "station-not-connected"
        )
        assert (await csms.ask({"call": "ClearCache"}))["error"] == "wrong-argument"
        assert (await csms.ask(b"rubbish"))["error"] == "unknown-order"
        assert await csms.ask({"down": True}) == {"done": "down"}
        assert await csms.ask({"up": True}) == {"done": "up"}
        await csms.tell({"exit": True})
        assert await csms.process.wait() == 0


async def test_taken_port_is_said_and_not_a_traceback() -> None:
    async with Central() as central:
        port = central.url.rsplit(":", 1)[1].removesuffix("/cs")
        async with running(CSMS, "--listen", f"127.0.0.1:{port}") as csms:
            assert await csms.process.wait() == 1
            assert csms.process.stderr is not None
            assert orjson.loads(await csms.process.stderr.read())["error"] == "listen"
        options = ("--url", central.url, "--identity", "CP-9", "--callback", f"127.0.0.1:{port}")
        async with running(STATION, *options) as station:
            assert await station.process.wait() == 1
