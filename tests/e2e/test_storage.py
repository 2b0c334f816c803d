"""The box's disk fails: what cannot be kept is not answered, and the station says it again."""

from __future__ import annotations

import resource
from typing import TYPE_CHECKING

import pytest

from tests.e2e.box import Box
from tests.e2e.plan import TOKEN, Plan, site_text
from tests.e2e.truth import assert_all_whole

if TYPE_CHECKING:
    from pathlib import Path

    from tests.e2e.world import World

FULL = 0
"""Bytes that the process may still write into files."""


def limit_disk(world: World, size: int) -> None:
    resource.prlimit(world.box.pid, resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))


@pytest.mark.parametrize("moment", ["start", "readings", "stop"])
async def test_disk_is_full_and_then_is_not(one: World, moment: str) -> None:
    station = one.station
    if moment == "start":
        await station.sim.plug_in(1)
        await station.told_all()
        limit_disk(one, FULL)
        assert station.sim.point.admit(1, TOKEN, "")
        truth = station.last
    else:
        truth = await station.charge(TOKEN, samples=2)
        await station.told_all()
        limit_disk(one, FULL)
    if moment == "stop":
        await station.sim.plug_out(1)
    operation = {"start": "StartTransaction", "readings": "MeterValues", "stop": "StopTransaction"}[moment]
    before = len(station.ledger.exchanges)
    if moment == "stop":
        await station.until(lambda _: len(station.ledger.exchanges) >= before + 3)
    else:
        await station.until(lambda _: [e.operation for e in station.ledger.exchanges[before:]].count(operation) >= 3)
    tried = station.ledger.exchanges[before:]
    assert {e.outcome for e in tried if e.operation in {operation, "MeterValues"}} == {"lost"}
    assert not (await one.box.status()).storage.ok
    limit_disk(one, resource.RLIM_INFINITY)
    more = len(truth.samples) + 2
    if moment != "stop":
        await station.until(lambda _: len(truth.samples) >= more)
        await station.sim.plug_out(1)
    await station.told_all()
    await one.delivered()
    assert assert_all_whole(one) == 0
    assert (await one.box.status()).storage.ok
    assert len([line for line in one.box.log if "storage fails" in line]) == 1
    assert len([line for line in one.box.log if "storage works again" in line]) == 1


async def test_damaged_database_is_said_at_once(tmp_path: Path) -> None:
    data = tmp_path / "data"
    data.mkdir(mode=0o700)
    (data / "stationlift.sqlite").write_bytes(b"no database at all" * 100)
    site = tmp_path / "site.toml"
    site.write_text(site_text(data, "ws://127.0.0.1:9/ocpp", 15_999, [Plan()]))
    box = Box(site, data)
    await box.start()
    assert await box.gone() == 1
    assert "storage-unusable" in "\n".join(box.log)
    assert "Traceback" not in "\n".join(box.log)
