"""Every family that comes with the box: the box's own wire reads from the simulated station what that holds."""

from __future__ import annotations

import asyncio
import contextlib
from contextlib import AsyncExitStack, asynccontextmanager
from typing import TYPE_CHECKING, Any

import pytest

from adapters.common.actor import Actor
from adapters.common.wire import Rank, Unreachable, pool_class
from gateway.bench.family.candidates import leaves
from gateway.family.family import UdpFamily
from gateway.family.interpret import interpret
from gateway.family.library import all_families
from gateway.family.load import read_family
from gateway.family.points import RegisterPoint
from tests.fakes.manual_clock import ManualClock
from tests.gateway.bench.family.support import SAMPLES, any_port, served, station, until
from tests.gateway.bench.family.test_mqtt import broker

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Collection, Mapping
    from pathlib import Path

    from adapters.common.wire import Pool, Wire
    from gateway.bench.family.outlet import Outlet
    from gateway.bench.family.station import FamilyStation
    from gateway.family.load import FamilyFile
    from gateway.family.value import Value

FILES = {path.stem: path for path in (*sorted(SAMPLES.glob("*.toml")), *all_families().values())}
_TICKING = {"session_time", "charge_time", "uptime"}


@pytest.fixture(params=list(FILES.values()), ids=list(FILES))
def file(request: pytest.FixtureRequest) -> FamilyFile:
    return any_port(read_family(request.param))


@pytest.fixture
def pool(file: FamilyFile) -> Pool:
    return pool_class(file.base.kind)()


@asynccontextmanager
async def wired(file: FamilyFile, pool: Pool, folder: Path) -> AsyncIterator[tuple[FamilyStation, Wire]]:
    """A simulated station of a family, and the box's wire to it."""
    async with AsyncExitStack() as stack:
        options: dict[str, Any] = {}
        if file.base.kind == "mqtt":
            options["broker"] = await stack.enter_async_context(broker(folder))
        if isinstance(file.base, UdpFamily):
            options["host"] = "127.0.0.2"
        clock = ManualClock()  # what is measured stands still between two looks
        made = await stack.enter_async_context(served(station(file, clock=clock), **options))
        if file.base.meta.role == "station":
            await made.plug_in(1)
            await clock.advance(60)
        stack.push_async_callback(pool.aclose)
        connection = type(pool).Connection.model_validate(
            {**made.connection, **await asyncio.to_thread(_credentials, file, folder)}
        )
        wire = pool.wire(connection, file.base, 1)
        await wire.connect()
        stack.push_async_callback(wire.aclose)
        yield made, wire


async def test_each_point_is_read_as_the_station_holds_it(file: FamilyFile, pool: Pool, tmp_path: Path) -> None:
    async with wired(file, pool, tmp_path) as (made, wire):
        outlet = made.outlet(1)
        names = [name for name in file.base.points if _stands_alone(file, outlet, name)]
        took = await _read(wire, names)
        for name, value in took.items():
            point = file.base.points[name]
            assert _alike(value, interpret(point, outlet.raw(name))), name
        assert not {name for name in names if getattr(file.base.points[name], "from_", None) is None} - set(took)


async def test_a_limit_goes_there_and_comes_back(file: FamilyFile, pool: Pool, tmp_path: Path) -> None:
    limit = file.base.control.limit
    if limit is None:
        pytest.skip("no limit")
    async with wired(file, pool, tmp_path) as (made, wire):

        async def look(*names: str, rank: Rank = Rank.POLL) -> Mapping[str, Value]:
            del rank
            return await _read(wire, leaves(file.base, names)) if names else {}

        actor = Actor(wire, look)
        await look(limit.verify.point if limit.verify is not None else next(iter(file.base.points)))
        if file.base.control.enable is not None and file.base.control.enable.when is None:
            await actor.run(file.base.control.enable.on)
        value = limit.max if limit.unit == "W" else 10.0
        await actor.run(limit.write, value=value, amps=value / (690 if limit.unit == "W" else 1), phases=3)
        await until(lambda: abs(made.outlet(1).flags.limit - value) <= limit.step + 0.1)


def _credentials(file: FamilyFile, folder: Path) -> dict[str, object]:
    auth = getattr(file.base.link, "auth", "none")
    if auth == "none":
        return {}
    secret = folder / "secret"
    secret.write_text("secret")
    secret.chmod(0o600)
    return {"token_file": secret} if auth == "bearer" else {"user": "admin", "password_file": secret}


async def _read(wire: Wire, names: Collection[str]) -> Mapping[str, Value]:
    """Read; the first request may only wake the station, and a topic may not have come yet."""
    async with asyncio.timeout(10):
        while True:
            with contextlib.suppress(Unreachable):
                return (await wire.read(names)).values
            await asyncio.sleep(0.02)


def _stands_alone(file: FamilyFile, outlet: Outlet, name: str) -> bool:
    """False for what cannot be read, does not stand still, or is another reading of another point's registers."""
    point = file.base.points[name]
    if not point.readable or name in _TICKING or name in outlet.absent:
        return False
    return not isinstance(point, RegisterPoint) or all(
        outlet.rank(each) <= outlet.rank(name)
        for each, other in file.base.points.items()
        if isinstance(other, RegisterPoint)
        and (other.table, other.unit_id, other.shared) == (point.table, point.unit_id, point.shared)
        and other.at < point.at + point.span
        and point.at < other.at + other.span
    )


def _alike(one: Value, other: Value) -> bool:
    if isinstance(one, tuple) and isinstance(other, tuple):
        return len(one) == len(other) and all(_alike(each, that) for each, that in zip(one, other, strict=True))
    if isinstance(one, int | float) and isinstance(other, int | float):
        return abs(one - other) <= 0.05 * max(1.0, abs(other))
    # A plain text may look like a number.
    return one == other or str(one) == str(other)
