"""`stationlift family probe` against simulated stations on real wires."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING

import pytest

from gateway.family.library import find_family
from tests.gateway.bench.family.support import served, station
from tests.gateway.cli.running import call

if TYPE_CHECKING:
    from gateway.family.load import FamilyFile

KEBA: FamilyFile = find_family("keba-modbus")
"""Read at import, as that blocks."""


def written(connection: object) -> str:
    assert isinstance(connection, dict)
    return "{ " + ", ".join(f"{key} = {json.dumps(value)}" for key, value in connection.items()) + " }"


async def test_every_point_is_shown_and_nothing_is_written(capsys: pytest.CaptureFixture[str]) -> None:
    async with served(station(KEBA)) as made:
        code = await asyncio.to_thread(
            call, "family", "probe", "keba-modbus", "--connection", written(dict(made.connection))
        )
        assert made.outlet(1).writes == {}
    told = capsys.readouterr()
    assert code == 0
    rows = dict(line.split(None, 1) for line in told.out.splitlines() if line.strip())
    assert rows["letter"] == "A"
    assert rows["max_current"] == "32.0 A"
    assert set(rows) >= {name for name, point in KEBA.base.points.items() if point.readable}


async def test_a_station_that_is_not_there_is_said_so(capsys: pytest.CaptureFixture[str]) -> None:
    async with served(station(KEBA)) as made:
        connection = written(dict(made.connection))
    code = await asyncio.to_thread(call, "family", "probe", "keba-modbus", "--connection", connection)
    told = capsys.readouterr()
    assert code == 1
    assert "error[" in told.err


@pytest.mark.parametrize(
    ("connection", "code"),
    [("nothing", "probe-connection"), ('{ tpc = "192.0.2.1" }', "unknown-key"), ("{ unit = 1 }", "connection-ways")],
)
def test_a_wrong_connection_is_explained(connection: str, code: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert call("family", "probe", "keba-modbus", "--connection", connection) == 1
    assert f"error[{code}]" in capsys.readouterr().err


def test_the_adapter_of_another_kind_is_found(capsys: pytest.CaptureFixture[str]) -> None:
    assert call("family", "probe", "abl-emh1", "--connection", '{ serial = "/dev/nowhere" }') == 1
    assert "/dev/nowhere" in capsys.readouterr().err
