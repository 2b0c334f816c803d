"""Whose visit it is at an EVSE, as load management sees it: with a transaction, before it, or while a pause has ended it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from gateway.load.site import Control
from gateway.model.device import VariableRef
from gateway.model.evse import ConnectorStatus
from gateway.model.session.policy import TxPoint, tx_points
from gateway.model.station import Capability

if TYPE_CHECKING:
    from datetime import datetime

    from gateway.config.circuit import Spot
    from gateway.load.ports import Box
    from gateway.load.site import Evse
    from gateway.model.station import StationState
    from gateway.model.transactions import Transaction

ARRIVAL = 900.0
"""Seconds for which a car that is plugged in and has no transaction is offered current where nobody sees whether it takes any."""

_START_POINT = VariableRef(component="TxCtrlr", variable="TxStartPoint")


@dataclass(slots=True)
class _Visit:
    """Its name; the transaction that it has, "" before there was one."""

    name: str
    transaction: str = ""


@dataclass(slots=True)
class Visits:
    """Names the visits at all EVSEs.

    Some transactions begin when current flows. Without any on offer they never would, so a car that has plugged in
    counts before that.
    """

    box: Box
    _visits: dict[str, _Visit] = field(default_factory=dict)
    _over: dict[str, datetime] = field(default_factory=dict)

    def look(self, evse: Evse, spot: Spot, running: Transaction | None, *, plugged: bool) -> str | None:
        """The name of the visit at an EVSE; None: nobody may charge.

        Args:
            evse: Which.
            spot: Where it is.
            running: Its transaction.
            plugged: Whether a car is connected.
        """
        state, since = self.box.station(spot[0]), _since(self.box.station(spot[0]), spot[1])
        before = self._visits.get(evse.id)
        if running is not None:
            if since is not None:
                self._over[evse.id] = since
            if running.token is None and Capability.BOX_SESSIONS in state.capabilities:
                self._visits.pop(evse.id, None)
                return None
            if before is None or not (evse.control is Control.ONOFF or before.transaction in {"", running.id}):
                before = self._visits[evse.id] = _Visit(running.id)
            before.transaction = running.id
            return before.name
        if before is not None and before.transaction and evse.control is Control.ONOFF and plugged:
            return before.name  # a pause may have ended the transaction
        if since is not None and self._arrived(evse, spot, state, since):
            if before is None or before.transaction:
                before = self._visits[evse.id] = _Visit(f"arrival {since.isoformat()}")
            return before.name
        self._visits.pop(evse.id, None)
        return None

    def _arrived(self, evse: Evse, spot: Spot, state: StationState, since: datetime) -> bool:
        """Whether a car that has plugged in may be about to begin a transaction, and might need current for it.

        Where the box runs the sessions, a transaction begins as soon as somebody is authorised, unless the backend wants
        it to wait for energy. A car whose transaction has ended needs another cable, or a start by the backend.
        """
        connectors = [each for each in state.connectors if each.evse == spot[1]]
        if not (state.operative and any(each.open and not each.alarms for each in connectors)):
            return False
        if any(each.evse in {0, spot[1]} for each in state.remote_starts):
            return True
        if self._over.get(evse.id) == since:
            return False
        if Capability.BOX_SESSIONS in state.capabilities:
            return tx_points(self.box.setting(spot[0], _START_POINT)) == {TxPoint.ENERGY_TRANSFER}
        return evse.measured or (self.box.now() - since).total_seconds() < ARRIVAL


def _since(state: StationState, evse: int) -> datetime | None:
    """Since when a cable is in it; None: there is none."""
    found = [e.at for e in state.connectors if e.evse == evse and e.reported is ConnectorStatus.OCCUPIED]
    return min(found, default=None)
