"""Shipped families are recognised among all others, each served from its own file."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from adapters.modbus.scan import scan
from gateway.contracts import ScanRequest
from gateway.family.family import AsciiFamily, ModbusFamily
from gateway.family.library import find_family
from tests.gateway.bench.family.support import served, station


@pytest.mark.parametrize(
    "name",
    [
        "abl-emh1",  # in the ASCII dialect
        "bender-cc61x",  # hangs up over registers that it does not have
        "heidelberg-ec",  # on a line
        "phoenix-charx",  # registers of the first connector begin at 1000
        "sunspec-meter",  # has its registers in a chain
    ],
)
async def test_a_station_is_recognised_among_all_families(name: str) -> None:
    file = await asyncio.to_thread(find_family, name)
    family = file.base
    assert isinstance(family, ModbusFamily | AsciiFamily)
    async with served(station(file)) as made, asyncio.timeout(40):
        where = made.connection
        way: dict[str, Any] = {key: (str(where[key]),) for key in ("serial", "tcp", "rtu_tcp") if key in where}
        request = ScanRequest(
            units=(family.link.unit,), bauds=(family.link.baud,), formats=(family.link.format,), timeout=0.1, **way
        )
        found = [sighting async for sighting in scan(request)]

    assert [(each.code, each.family) for each in found] == [("scan-family", name)]
    assert {key: found[0].connection[key] for key in way} == {key: str(where[key]) for key in way}
