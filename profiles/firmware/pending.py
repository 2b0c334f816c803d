"""Firmware that waits for transactions to end: until it is installed, no new ones begin (L02.FR.03, L02.FR.04).

A 1.x station says that it has downloaded firmware, and not whether it keeps drivers away until it can install it. So the
box closes what is not in use, and opens it again once the update has ended. A station with the security extension of
OCPP 1.6 does so itself.
"""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from gateway.model.commands import ChangeAvailability
from gateway.model.events import FirmwareStatus
from gateway.model.evse import Closure, ConnectorStatus
from gateway.model.ids import Place
from gateway.model.station import Capability
from profiles.common.wire import flag

if TYPE_CHECKING:
    from collections.abc import Callable

    from gateway.contracts import Json, Northbound
    from gateway.model.station import StationState

logger = logging.getLogger(__name__)

COMPONENT, VARIABLE = "ChargingStation", "AllowNewSessionsPendingFirmwareUpdate"
SHELF = "firmware"

TICK = 5.0
"""Seconds between looks; what was closed is opened by a look, so that the box has done by then what a boot asks for."""

PATIENCE = timedelta(hours=1)
"""A station that has not installed anything this long after its last transaction does not lose its drivers any longer."""

_DOCUMENT = "pending"
_WAITING = {FirmwareStatus.DOWNLOADED}
_AT_WORK = {FirmwareStatus.INSTALLING, FirmwareStatus.INSTALL_REBOOTING}
_READY = {FirmwareStatus.SIGNATURE_VERIFIED, FirmwareStatus.INSTALL_SCHEDULED}


def holds_back(state: StationState) -> bool:
    """Tell whether the box keeps drivers away for a station."""
    return state.capabilities >= {Capability.FIRMWARE_UPDATE, Capability.CHANGE_AVAILABILITY} and (
        Capability.SIGNED_FIRMWARE not in state.capabilities
    )


@dataclass(slots=True)
class _Closed:
    """What the box has closed for an update: (EVSE, connector). ``over``: not for this update again."""

    request_id: int
    connectors: set[tuple[int, int]] = field(default_factory=set)
    over: bool = False
    idle_since: datetime | None = None

    def json(self) -> Json:
        return {"requestId": self.request_id, "connectors": sorted(self.connectors), "over": self.over}


class Pending:
    """Closes and opens connectors around updates.

    Args:
        northbound: The box.
        waits: Tells whether firmware that the box has fetched waits for transactions only.
    """

    def __init__(self, northbound: Northbound, waits: Callable[[StationState], bool]) -> None:
        self._northbound = northbound
        self._waits = waits
        self._closed: dict[str, _Closed] = {}
        self._turns: dict[str, asyncio.Lock] = {}

    async def recall(self) -> None:
        """Take over what an earlier run has closed."""
        for station in self._northbound.stations():
            kept = (await self._northbound.shelf(SHELF).documents(station)).get(_DOCUMENT)
            if kept is not None and station not in self._closed:
                places = {(evse, connector) for evse, connector in kept["connectors"]}
                self._closed[station] = _Closed(kept["requestId"], places, kept["over"])

    def due(self, station: str) -> bool:
        """Tell whether there is something to close now."""
        state = self._northbound.station(station)
        return self._begins(state) and bool(self._free(state))

    async def look(self, station: str) -> None:
        """Close what has to be closed, and open what need not be any more.

        Raises:
            GatewayError: ``storage-failed``.
        """
        async with self._turns.setdefault(station, asyncio.Lock()):
            state, closed = self._northbound.station(station), self._closed.get(station)
            if closed is not None and not closed.over and not self._goes_on(state, closed):
                await self._open(station, closed)
            await self._close(station)

    async def close(self, station: str) -> None:
        """Close what has to be closed.

        Raises:
            GatewayError: ``storage-failed``.
        """
        async with self._turns.setdefault(station, asyncio.Lock()):
            await self._close(station)

    def _begins(self, state: StationState) -> bool:
        """True while firmware waits for transactions."""
        job, closed = state.firmware, self._closed.get(state.id)
        if job is None or not holds_back(state) or not state.reachable:
            return False
        if job.by_box:
            begun = closed is not None and closed.request_id == job.request_id
            if not (self._waits(state) or (begun and job.status in _AT_WORK)):
                return False
        elif job.status not in _WAITING:
            return False
        if closed is not None and closed.request_id == job.request_id:
            return not closed.over and not self._allowed(state.id)
        return bool(state.transactions) and not self._allowed(state.id)

    def _allowed(self, station: str) -> bool:
        return flag(self._northbound.device(station), COMPONENT, VARIABLE)

    def _free(self, state: StationState) -> list[tuple[int, int]]:
        """Connectors that are open and not in use."""
        closed = self._closed.get(state.id)
        ours = closed.connectors if closed is not None else set()
        return [
            (each.evse, each.connector)
            for each in state.connectors
            if each.evse
            and each.open
            and each.reported is not ConnectorStatus.OCCUPIED
            and state.transaction_at(each.evse) is None
            and (each.evse, each.connector) not in ours
        ]

    def _goes_on(self, state: StationState, closed: _Closed) -> bool:
        """True while the update that something was closed for has not ended."""
        job, now = state.firmware, self._northbound.now()
        if job is None or job.request_id != closed.request_id:
            return False
        if job.status not in _WAITING | _AT_WORK | (_READY if job.by_box else set()):
            return False
        if self._allowed(state.id):
            return False
        if state.transactions:
            closed.idle_since = None
        elif closed.idle_since is None:
            closed.idle_since = now
        elif now - closed.idle_since >= PATIENCE:
            logger.warning("%s: firmware was not installed in %s without a transaction", state.id, PATIENCE)
            return False
        return True

    async def _close(self, station: str) -> None:
        state = self._northbound.station(station)
        if state.firmware is None or not self._begins(state):
            return
        closed = self._closed.get(station)
        if closed is None or closed.request_id != state.firmware.request_id:
            if closed is not None and closed.connectors:
                return  # of the update before; a look opens it first
            closed = self._closed[station] = _Closed(state.firmware.request_id)
        for evse, connector in self._free(state):
            closed.connectors.add((evse, connector))
            await self._northbound.shelf(SHELF).keep(station, {_DOCUMENT: closed.json()})
            place = Place(station=station, evse=evse, connector=connector)
            await self._northbound.execute(ChangeAvailability(place=place, operative=False, closure=Closure.FIRMWARE))

    async def _open(self, station: str, closed: _Closed) -> None:
        """Open what was closed; it is over when a look finds it open, as a boot may close it again meanwhile."""
        state = self._northbound.station(station)
        if not state.reachable:
            return
        for evse, connector in sorted(closed.connectors):
            known = state.connector(evse, connector)
            if known is None or Closure.FIRMWARE not in known.closures:
                closed.connectors.discard((evse, connector))
            else:
                place = Place(station=station, evse=evse, connector=connector)
                await self._northbound.execute(
                    ChangeAvailability(place=place, operative=True, closure=Closure.FIRMWARE)
                )
        closed.over = not closed.connectors
        await self._northbound.shelf(SHELF).keep(station, {_DOCUMENT: closed.json()})
