"""What is measured: the box and the floor, each as a process of its own with stations in front of it."""

from __future__ import annotations

import asyncio
import socket
import sys
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from benchmarks.processes import running
from benchmarks.stations import OldStation

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from benchmarks.csms import CsmsStub

PATIENCE = 60.0
"""Seconds for all stations to be connected."""

BOX, FLOOR = "box", "floor"

_SITE = """\
[box]
name = "Benchmark"
data_dir = "{folder}"

[backend]
url = "ws://127.0.0.1:{csms}/box"
security_profile = 0

[southbound.ocpp_soap]
listen = "127.0.0.1:{port}"
"""
_STATION = """
[[station]]
identity = "{name}"
adapter = "ocpp_soap"
charge_box_identity = "OLD-{name}"
[[station.evse]]
id = 1
connector = {{ type = "sType2", max_current = 32, phases = 3 }}
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """A running process with its stations, all of them connected northbound."""

    name: str
    pid: int
    stations: tuple[OldStation, ...]


def names(count: int) -> list[str]:
    """The identities of stations."""
    return [f"ST-{number:04}" for number in range(count)]


@asynccontextmanager
async def box(folder: Path, csms: CsmsStub, count: int, *, keep_alive: bool) -> AsyncIterator[Subject]:
    """The box, run as a technician runs it, on a site of so many stations."""
    port = free_port()
    site = folder / "site.toml"
    text = _SITE.format(folder=folder / "data", csms=csms.port, port=port)
    text += "".join(_STATION.format(name=name) for name in names(count))
    await asyncio.to_thread(site.write_text, text)
    command = (sys.executable, "-m", "gateway", "run", str(site), "--log-level", "WARNING")
    async with running(command) as process:
        stations = _stations(BOX, csms, port, count, keep_alive=keep_alive)
        await listening(port)
        for station in stations:
            await station.boot()
        paths = [station.path for station in stations]
        await csms.wait("StatusNotification", paths, PATIENCE)
        for station in stations:
            await station.begin()
        await csms.wait("TransactionEvent", paths, PATIENCE)
        yield Subject(name=BOX, pid=process.pid, stations=stations)
        for station in stations:
            station.close()


@asynccontextmanager
async def floor(folder: Path, csms: CsmsStub, count: int, *, keep_alive: bool) -> AsyncIterator[Subject]:
    """The floor with as many stations."""
    command = (
        sys.executable, "-m", "benchmarks.floor", "--csms", str(csms.port),
        "--database", str(folder / "floor.sqlite"), "--stations", ",".join(names(count)),
    )  # fmt: skip
    async with running(command) as process:
        if process.stdout is None:
            raise RuntimeError(command)
        async with asyncio.timeout(PATIENCE):
            port = int(await process.stdout.readline())
        stations = _stations(FLOOR, csms, port, count, keep_alive=keep_alive)
        yield Subject(name=FLOOR, pid=process.pid, stations=stations)
        for station in stations:
            station.close()


def _stations(side: str, csms: CsmsStub, port: int, count: int, *, keep_alive: bool) -> tuple[OldStation, ...]:
    return tuple(
        OldStation(
            name=name,
            path=f"{side}/{name}",
            port=port,
            # An address each: the box bounds the connections of one peer.
            address=f"127.0.{1 + number // 250}.{1 + number % 250}",
            ledger=csms.ledger,
            keep_alive=keep_alive,
        )
        for number, name in enumerate(names(count))
    )


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


async def listening(port: int) -> None:
    """Wait until somebody listens on a port."""
    async with asyncio.timeout(PATIENCE):
        while True:
            try:
                _, writer = await asyncio.open_connection("127.0.0.1", port)
            except ConnectionRefusedError:
                await asyncio.sleep(0.05)
            else:
                writer.close()
                return
