"""Tells of transactions that the box has paused, where the station does not (chargingState SuspendedEVSE)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gateway.model.events import TransactionUpdated
from gateway.model.ids import Place
from gateway.model.station import Capability
from gateway.model.transactions import ChargingState, TriggerReason

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gateway.contracts import Northbound
    from gateway.model.limits.outlook import Outlook
    from gateway.model.transactions import Transaction


class Pauses:
    """The transactions of one station.

    A station that takes limits by itself (OCPP 1.6) tells what it does, and who runs the sessions of others does. One that was
    given means of limiting does not know of them, and OCPP 1.5 has no word for it.
    """

    def __init__(self, station: str, northbound: Northbound) -> None:
        self._station = station
        self._northbound = northbound
        self._told: dict[int, str] = {}

    async def tell(self, outlook: Outlook, given: Mapping[int, float | None]) -> None:
        """Bring the transactions in line with what their EVSEs have taken (A per phase; None: no limit).

        Raises:
            GatewayError: ``storage-failed``.
        """
        if Capability.BOX_SESSIONS in outlook.state.capabilities:
            return
        for evse, limit in given.items():
            running = self._northbound.station(self._station).transaction_at(evse)
            wiring = outlook.wiring(evse)
            if wiring.throttle is None:
                continue
            paused = wiring.pauses(limit)
            if running is not None and not running.charging_told:
                await self._one(running, paused=paused)
            if running is None or not paused:
                self._told.pop(evse, None)

    async def _one(self, running: Transaction, *, paused: bool) -> None:
        """One that is paused and yet charges, as its readings show, is not told to be paused again and again."""
        now, state = running.charging_state, None
        first = self._told.get(running.evse) != running.id
        if paused and (now is ChargingState.EV_CONNECTED or (now is ChargingState.CHARGING and first)):
            state = ChargingState.SUSPENDED_EVSE
        elif not paused and now is ChargingState.SUSPENDED_EVSE:
            state = ChargingState.EV_CONNECTED  # the next readings show whether current flows
        if state is not None:
            await self._northbound.publish(
                TransactionUpdated(
                    place=Place(station=self._station, evse=running.evse, connector=running.connector),
                    at=self._northbound.now(),
                    number=running.number,
                    trigger=TriggerReason.CHARGING_STATE_CHANGED,
                    charging_state=state,
                    by_box=True,
                )
            )
        if paused:
            self._told[running.evse] = running.id
