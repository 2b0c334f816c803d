"""Values that follow the state of the station: availability, problems, the time."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gateway.model.evse import ConnectorStatus
from gateway.model.rules.connectors import status_of

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from gateway.model.device.variable import VariableSpec
    from gateway.model.station import StationState

_STATION_ORDER = (
    ConnectorStatus.AVAILABLE,
    ConnectorStatus.OCCUPIED,
    ConnectorStatus.RESERVED,
    ConnectorStatus.UNAVAILABLE,
    ConnectorStatus.FAULTED,
)
"""A station is as available as its most available EVSE."""

_EVSE_ORDER = (
    ConnectorStatus.OCCUPIED,
    ConnectorStatus.RESERVED,
    ConnectorStatus.AVAILABLE,
    ConnectorStatus.UNAVAILABLE,
    ConnectorStatus.FAULTED,
)
"""An EVSE charges one vehicle at a time: in use or reserved at one connector, it is so at all."""


def live_value(spec: VariableSpec, state: StationState, now: datetime) -> str:
    """The value of a live variable in this state and at this time; its default if nothing in the state gives it."""
    ref = spec.ref
    match ref.variable:
        case "AvailabilityState":
            return _availability(state, ref.evse, ref.connector)
        case "DateTime":
            return timestamp(now)
        case "Problem" if ref.component == "ChargingStation":
            return _boolean(bool(state.faults) or any(connector.faults for connector in state.connectors))
        case "Problem" | "Tripped":
            here = [fault for c in state.connectors if c.evse == ref.evse for fault in c.faults]
            faults = here if ref.evse else state.faults
            return _boolean(any(fault.key == (ref.component, ref.variable) for fault in faults))
        case _:
            return spec.default


def timestamp(at: datetime) -> str:
    """A UTC time as OCPP 2.0.1 writes it, with milliseconds (Part 2, 3.1)."""
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _availability(state: StationState, evse: int | None, connector: int | None) -> str:
    if not evse:
        return _station_availability(state)
    found = (
        status_of(state, c) for c in state.connectors if c.evse == evse and (not connector or c.connector == connector)
    )
    return _first(_EVSE_ORDER, found)


def _station_availability(state: StationState) -> str:
    return _first(_STATION_ORDER, (status_of(state, c) for c in state.connectors))


def _first(order: Iterable[ConnectorStatus], found: Iterable[ConnectorStatus]) -> str:
    present = set(found)
    return next((status for status in order if status in present), ConnectorStatus.UNAVAILABLE)


def _boolean(flag: bool) -> str:  # noqa: FBT001 - a conversion, not a switch
    return "true" if flag else "false"
