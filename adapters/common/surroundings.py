"""What the driver of an EVSE is given."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from adapters.common.config import FamilyKeys
    from adapters.common.evse import EvseDriver
    from adapters.common.metering import AddedMeter
    from adapters.common.wire import Wire
    from gateway.model.ids import Place
    from gateway.model.installation import Outlet


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
    """

    place: Place
    keys: FamilyKeys
    outlet: Outlet
    wire: Wire
    meter: AddedMeter | None
    notes: Mapping[str, str]
    found: Callable[[EvseDriver], Awaitable[None]]
    lost: Callable[[EvseDriver], Awaitable[None]]
