"""The UNIX socket for `stationlift limit`: one order, one answer."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING, Protocol

from gateway.limit_orders import LimitAnswer, order_from_json, to_json
from gateway.model.charging import LimitSource
from gateway.model.errors import GatewayError
from gateway.model.events import Event, LimitImposed
from gateway.model.ids import Place
from gateway.model.limits.reason import LimitName, LimitReason
from gateway.unix_socket import serve_socket

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime
    from pathlib import Path

    from gateway.limit_orders import LimitOrder
    from gateway.model.station import StationState

logger = logging.getLogger(__name__)

PATIENCE = 5.0
"""Seconds for an order to come."""

_NAMES = {
    LimitSource.SYSTEM_OPERATOR: LimitName.GRID,
    LimitSource.EMS: LimitName.ENERGY_MANAGER,
    LimitSource.OTHER: LimitName.TECHNICIAN,
}


class Stations(Protocol):
    """The part of the hub that takes limits."""

    def stations(self) -> tuple[str, ...]:
        """Every station of the site."""

    def station(self, station: str) -> StationState:
        """The state of a station now."""

    def now(self) -> datetime:
        """The box's clock, UTC."""

    async def publish(self, *events: Event) -> None:
        """Apply and commit what has happened."""


async def serve_limits(path: Path, stations: Stations, ready: Callable[[], None] = lambda: None) -> None:
    """Take orders until cancelled.

    Args:
        path: Of the socket.
        stations: What takes the limits.
        ready: Told once orders are taken.
    """

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        async with asyncio.timeout(PATIENCE):
            document = await reader.readline()
        writer.write(to_json(await carry_out(document, stations)))
        await writer.drain()

    await serve_socket(path, answer, ready)


async def carry_out(document: bytes, stations: Stations) -> LimitAnswer:
    """Do what an order asks for, durably; what is wrong with it otherwise."""
    try:
        # The first order loads what reads it, which takes its time.
        order = await asyncio.to_thread(order_from_json, document)
    except ValueError:
        return LimitAnswer(error="limit-order-invalid")
    try:
        _check(order, stations)
        await stations.publish(_event(order, stations.now()))
    except GatewayError as error:
        return LimitAnswer(error=error.code, params=dict(error.params))
    logger.info("%s: %s limits EVSE %d: %s", order.station, order.holder, order.evse, _text(order))
    return LimitAnswer()


def _check(order: LimitOrder, stations: Stations) -> None:
    if not order.makes_sense:
        raise GatewayError("limit-order-invalid")
    if order.station not in stations.stations():
        raise GatewayError("limit-unknown-station", value=order.station, known=", ".join(stations.stations()))
    state = stations.station(order.station)
    if order.evse and order.evse not in state.evses():
        raise GatewayError("limit-unknown-evse", value=order.station, evse=order.evse)
    if not state.limitable:
        raise GatewayError("limit-not-taken", value=order.station)


def _event(order: LimitOrder, now: datetime) -> LimitImposed:
    return LimitImposed(
        place=Place(station=order.station, evse=order.evse),
        at=now,
        holder=order.holder,
        current=order.current,
        schedule=order.schedule,
        source=order.source,
        grid_critical=order.grid_critical,
        reason=LimitReason.of(_NAMES[order.source], holder=order.holder),
    )


def _text(order: LimitOrder) -> str:
    found = [] if order.current is None else [f"{order.current:g} A"]
    found += [f"{limit:g} A from {start} s" for start, limit in order.steps]
    found += [] if order.lasting is None else [f"for {order.lasting} s"]
    return ", ".join(found) or "no more"
