"""`stationlift run --dry-run`: stations are read, what the backend would receive is shown, and nothing is written."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.e2e.families.round import Yard, yard
from tests.e2e.families.stand import station_files

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.e2e.families.stand import Stand

_FILES = {name: file for name, file in station_files().items() if name in {"heidelberg-ec", "go-e-http"}}
_REPOSITORY = Path(__file__).parents[3]
_WITHIN = 20.0

Shown = dict[str, Any]


class Rehearsal:
    """The command as a process, and what it has shown."""

    def __init__(self, site: Path) -> None:
        self._site = site
        self._process: asyncio.subprocess.Process | None = None
        self.shown: list[Shown] = []

    async def start(self) -> None:
        self._process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "gateway", "run", "--dry-run", str(self._site),
            cwd=_REPOSITORY, stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL,
        )  # fmt: skip

    async def until(self, station: str, action: str, **fields: object) -> Mapping[str, Any]:
        """Read what is shown until a message with these fields has come, if it has not."""
        async with asyncio.timeout(_WITHIN):
            while (found := self._find(station, action, fields)) is None:
                assert self._process is not None
                assert self._process.stdout is not None
                line = await self._process.stdout.readline()
                assert line, "it has ended"
                self.shown.append(json.loads(line))
        return found

    def _find(self, station: str, action: str, fields: Mapping[str, object]) -> Mapping[str, Any] | None:
        for each in self.shown:
            payload: Mapping[str, Any] = each["payload"]
            if (each["station"], each["action"]) == (station, action) and fields.items() <= payload.items():
                return payload
        return None

    async def interrupt(self) -> None:
        """Control-C."""
        assert self._process is not None
        if self._process.returncode is None:
            os.kill(self._process.pid, signal.SIGINT)
        async with asyncio.timeout(_WITHIN):
            await self._process.communicate()


async def test_stations_are_read_and_not_written(tmp_path: Path) -> None:
    async with yard(tmp_path, _FILES) as made:
        rehearsal = Rehearsal(made.box.site)
        await rehearsal.start()
        try:
            for stand in made.stands:
                await _shown(rehearsal, stand)
        finally:
            await rehearsal.interrupt()
        _nothing_was_written(made)


async def _shown(rehearsal: Rehearsal, stand: Stand) -> None:
    boot = await rehearsal.until(stand.identity, "BootNotification")
    assert boot["chargingStation"]["vendorName"] == stand.file.base.meta.vendor
    await rehearsal.until(stand.identity, "StatusNotification", connectorStatus="Available")
    await stand.sim.plug_in(1)
    await rehearsal.until(stand.identity, "StatusNotification", connectorStatus="Occupied")
    await stand.sim.fault(1, stand.fault[0])
    await rehearsal.until(stand.identity, "StatusNotification", connectorStatus="Faulted")


def _nothing_was_written(made: Yard) -> None:
    for stand in made.stands:
        base = stand.file.base
        # Over HTTP every request is counted; one that reads changes nothing.
        reading = {getattr(point, "from_", "") for point in base.points.values()}
        writes = stand.outlet.summary()["writes"]
        assert isinstance(writes, dict)
        assert set(writes) <= reading, stand.name
    assert made.csms.received == []
    assert made.csms.connected == frozenset()
