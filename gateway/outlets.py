"""What adapters are told of a station of the site."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gateway.contracts import StationSettings
from gateway.model.installation import NOMINAL_VOLTAGE, Outlet

if TYPE_CHECKING:
    from gateway.config.site import Station


def settings_of(station: Station, *, watched: bool = False) -> StationSettings:
    """What an adapter needs to know; ``watched``: load management wants to know what flows."""
    return StationSettings(
        identity=station.identity,
        options=station.settings,
        connectors={evse.legacy_id: (evse.id, 1) for evse in station.evse},
        outlets=outlets_of(station),
        watched=watched,
    )


def outlets_of(station: Station) -> dict[tuple[int, int], Outlet]:
    """The wiring by (evseId, connectorId)."""
    return {(e.id, 1): _outlet(e.connector.type, e.connector.phases, e.connector.max_current) for e in station.evse}


def _outlet(kind: str, phases: int, max_current: float) -> Outlet:
    return Outlet(connector_type=kind, phases=phases, power=phases * max_current * NOMINAL_VOLTAGE, current=max_current)
