"""Orders for limits, over a real UNIX socket."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import pytest

from gateway.limit_orders import LimitAnswer, LimitOrder, answer_from_json, limit_socket, order_from_json, to_json
from gateway.limit_server import serve_limits
from gateway.model.charging import ChargingPeriod, ChargingSchedule, LimitSource, RateUnit
from gateway.model.errors import GatewayError
from gateway.model.events import LimitImposed
from gateway.model.evse import ConnectorState, ConnectorStatus
from gateway.model.ids import Place
from gateway.model.limits.reason import LimitReason
from gateway.model.station import Capability, StationState
from tests.fakes.clock import START

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from datetime import datetime
    from pathlib import Path

    from gateway.model.events import Event

CONNECTOR = ConnectorState(evse=1, connector=1, reported=ConnectorStatus.AVAILABLE, at=START)


@dataclass
class Shop:
    """Two stations: one takes limits."""

    events: list[Event] = field(default_factory=list)
    full: bool = False

    def stations(self) -> tuple[str, ...]:
        return ("AT-1", "AT-2")

    def station(self, station: str) -> StationState:
        capabilities = frozenset({Capability.SMART_CHARGING}) if station == "AT-1" else frozenset()
        return StationState(id=station, capabilities=capabilities, connectors=(CONNECTOR,))

    def now(self) -> datetime:
        return START

    async def publish(self, *events: Event) -> None:
        if self.full:
            raise GatewayError("storage-failed")
        self.events += events


@asynccontextmanager
async def served(folder: Path, shop: Shop) -> AsyncIterator[Path]:
    path = limit_socket(folder)
    ready = asyncio.Event()
    serving = asyncio.create_task(serve_limits(path, shop, ready.set))
    try:
        async with asyncio.timeout(10):
            await ready.wait()
        yield path
    finally:
        serving.cancel()
        with suppress(asyncio.CancelledError):
            await serving
    assert not path.exists()


async def ask(path: Path, document: bytes) -> LimitAnswer:
    reader, writer = await asyncio.open_unix_connection(path)
    writer.write(document)
    writer.write_eof()
    try:
        return answer_from_json(await reader.read())
    finally:
        writer.close()


async def test_a_limit_is_set_and_given_up(tmp_path: Path) -> None:
    shop = Shop()
    order = LimitOrder(station="AT-1", evse=1, holder="ems", source=LimitSource.EMS, current=10.0, grid_critical=True)
    async with served(tmp_path, shop) as path:
        assert await ask(path, to_json(order)) == LimitAnswer()
        assert await ask(path, to_json(replace(order, current=None))) == LimitAnswer()
    set_ = LimitImposed(
        place=Place(station="AT-1", evse=1), at=START, holder="ems", current=10.0, source=LimitSource.EMS,
        grid_critical=True, reason=LimitReason.of("ems", holder="ems"),
    )  # fmt: skip
    assert shop.events == [set_, replace(set_, current=None)]


async def test_steps_are_a_schedule(tmp_path: Path) -> None:
    shop = Shop()
    async with served(tmp_path, shop) as path:
        await ask(path, to_json(LimitOrder(station="AT-1", steps=((0, 16.0), (60, 8.0)), lasting=90)))
    (event,) = shop.events
    assert isinstance(event, LimitImposed)
    periods = (ChargingPeriod(start=0, limit=16.0), ChargingPeriod(start=60, limit=8.0))
    assert event.schedule == ChargingSchedule(id=1, unit=RateUnit.AMPERE, periods=periods, duration=90)


@pytest.mark.ocpp("K11.FR.05", "K12.FR.04")
@pytest.mark.parametrize(
    ("order", "error"),
    [
        (LimitOrder(station="AT-9", current=1.0), "limit-unknown-station"),
        (LimitOrder(station="AT-1", evse=7, current=1.0), "limit-unknown-evse"),
        (LimitOrder(station="AT-2", current=1.0), "limit-not-taken"),
        (LimitOrder(station="AT-1", current=-1.0), "limit-order-invalid"),
        (LimitOrder(station="AT-1", current=1e9), "limit-order-invalid"),
        (LimitOrder(station="AT-1", current=1.0, source=LimitSource.CSO), "limit-order-invalid"),
        (LimitOrder(station="AT-1", current=1.0, lasting=5), "limit-order-invalid"),
        (LimitOrder(station="AT-1", steps=((5, 1.0),)), "limit-order-invalid"),
        (LimitOrder(station="AT-1", steps=((0, 1.0), (0, 2.0))), "limit-order-invalid"),
        (LimitOrder(station="AT-1", holder="", current=1.0), "limit-order-invalid"),
    ],
)
async def test_what_cannot_be_done(tmp_path: Path, order: LimitOrder, error: str) -> None:
    shop = Shop()
    async with served(tmp_path, shop) as path:
        assert (await ask(path, to_json(order))).error == error
    assert shop.events == []


async def test_what_is_no_order_and_what_cannot_be_kept(tmp_path: Path) -> None:
    async with served(tmp_path, Shop(full=True)) as path:
        assert (await ask(path, b"{}\n")).error == "limit-order-invalid"
        assert (await ask(path, b"")).error == "limit-order-invalid"
        assert (await ask(path, to_json(LimitOrder(station="AT-1", current=1.0)))).error == "storage-failed"


def test_an_order_survives_its_json() -> None:
    order = LimitOrder(station="AT-1", steps=((0, 16.0), (60, 8.0)), lasting=90, source=LimitSource.SYSTEM_OPERATOR)
    assert order_from_json(to_json(order)) == order
