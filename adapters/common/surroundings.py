"""What the driver of an EVSE is given."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from gateway.model.transactions import ChargingState

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from adapters.common.config import FamilyKeys
    from adapters.common.evse import EvseDriver
    from adapters.common.metering import AddedMeter
    from adapters.common.wire import Wire
    from gateway.model.ids import Place
    from gateway.model.installation import Outlet
    from gateway.model.transactions import Transaction


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """What the driver of an EVSE is given.

    Attributes:
        place: The connector.
        keys: The station's keys in the site file.
        outlet: Its wiring.
        wire: The way to it.
        meter: Its added meter, if it has one.
        notes: What has been noted of the station.
        found: Called with the driver when the EVSE answers (again).
        lost: Called with the driver when it does not any more.
        watched: What flows is read as often as the state is.
    """

    place: Place
    keys: FamilyKeys
    outlet: Outlet
    wire: Wire
    meter: AddedMeter | None
    notes: Mapping[str, str]
    found: Callable[[EvseDriver], Awaitable[None]]
    lost: Callable[[EvseDriver], Awaitable[None]]
    watched: bool = False

    @property
    def cable_attached(self) -> bool:
        """True where the cable is the station's own (Part 2, ConnectorEnumType)."""
        return self.outlet.connector_type.startswith("c")


def was_plugged(running: Transaction | None) -> bool:
    """Whether a transaction that the box has left open had a vehicle."""
    return running is not None and running.charging_state is not ChargingState.IDLE
