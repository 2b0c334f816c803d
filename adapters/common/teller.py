"""Tells the hub of a connector, whenever its status or its faults have changed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from adapters.common.observe import status
from gateway.model.events import BayChanged, ConnectorChanged

if TYPE_CHECKING:
    from collections.abc import Iterable

    from gateway.contracts import Southbound
    from gateway.family.evaluate import Condition
    from gateway.model.evse import Fault
    from gateway.model.ids import Place


class Teller:
    """Remembers what was told of one connector."""

    def __init__(self, hub: Southbound, place: Place) -> None:
        self._hub = hub
        self._place = place
        self._told: ConnectorChanged | None = None

    def forget(self) -> None:
        """Have the next state told, whatever it is."""
        self._told = None

    async def tell_bay(self, occupied: bool | None) -> None:  # noqa: FBT001 what the sensor says
        """Tell that a vehicle stands in the parking bay or not, if that is not known; None: nothing sees it.

        Raises:
            GatewayError: ``storage-failed``; it is told next time.
        """
        if occupied is not None and self._hub.station(self._place.station).bay(self._place.evse) is not occupied:
            await self._hub.publish(BayChanged(place=self._place, at=self._hub.now(), occupied=occupied))

    async def tell(self, found: Condition, faults: Iterable[Fault], *, plugged: bool) -> None:
        """Tell the state, if it is another than was told.

        Args:
            found: What the station shows.
            faults: What the box has found out besides.
            plugged: A vehicle is there.

        Raises:
            GatewayError: ``storage-failed``; it is told next time.
        """
        every = {fault.key: fault for fault in (*reversed(found.faults), *faults)}
        event = ConnectorChanged(
            place=self._place,
            at=self._hub.now(),
            status=status(found, plugged=plugged),
            faults=tuple(every.values()),
        )
        before = self._told
        if before is None or (before.status, before.faults) != (event.status, event.faults):
            await self._hub.publish(event)
            self._told = event
