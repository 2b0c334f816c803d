"""A simulated station with HTTP, asked by aiohttp."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import aiohttp

from tests.gateway.bench.family.support import sample, served, station

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from gateway.bench.family.station import FamilyStation

_AUTH = {"Authorization": aiohttp.encode_basic_auth("admin", "secret")}


@asynccontextmanager
async def asking(made: FamilyStation) -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession(f"{made.connection['url']}/api/", headers=_AUTH) as session:
        yield session


async def test_requests_with_and_without_placeholders() -> None:
    async with served(station(sample("http"))) as made, asking(made) as session:
        async with session.get("status?filter=car,alw,amp") as answer:
            found = await answer.json()
            assert (found["car"], found["amp"], len(found["nrg"])) == (1, 32, 12)
        async with session.get("status?filter=sse,fwv") as answer:
            assert await answer.json() == {"sse": "10002000"}
        async with session.get("set?amp=14") as answer:
            assert await answer.json() == {"amp": True}
        assert made.outlet(1).summary()["limit"] == 14.0
        async with session.get("set?amp=99") as answer:
            assert answer.status == 400
        async with session.put("schedule", data='{"limit":8,"from":"00:00"}') as answer:
            assert answer.status == 200
        async with session.post("lock", data='{"on":true}') as answer:
            assert answer.status == 200
        async with session.get("nothing") as answer:
            assert answer.status == 404
        assert made.outlet(1).summary()["writes"] == {"set": 2, "schedule": 1, "lock": 1}


async def test_whoever_has_no_password_is_refused() -> None:
    async with (
        served(station(sample("http"))) as made,
        aiohttp.ClientSession() as session,
        session.get(f"{made.connection['url']}/api/status?filter=sse,fwv") as answer,
    ):
        assert answer.status == 401


async def test_a_cut_line_comes_back_at_the_same_address() -> None:
    async with served(station(sample("http"))) as made:
        await made.link_down()
        await made.link_up()
        async with asking(made) as session, session.get("status?filter=car,alw,amp") as answer:
            assert answer.status == 200
