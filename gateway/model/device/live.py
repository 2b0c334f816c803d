"""Values that follow the state of the station: availability, problems, the time."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gateway.model.evse import ConnectorStatus

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from gateway.model.device.variable import VariableSpec
    from gateway.model.evse import ConnectorState
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
            return _boolean(any(connector.faults for connector in state.connectors))
        case "Problem" | "Tripped":
            places = (c for c in state.connectors if c.evse == (ref.evse or 0))
            wanted = (ref.component, ref.variable)
            return _boolean(any(fault.key == wanted for connector in places for fault in connector.faults))
        case _:
            return spec.default


def timestamp(at: datetime) -> str:
    """A UTC time as OCPP 2.0.1 writes it, with milliseconds (Part 2, 3.1)."""
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _availability(state: StationState, evse: int | None, connector: int | None) -> str:
    if not evse:
        return _station_availability(state)
    found = (
        _status(c, state) for c in state.connectors if c.evse == evse and (not connector or c.connector == connector)
    )
    return _first(_EVSE_ORDER, found)


def _station_availability(state: StationState) -> str:
    own = next((c.reported for c in state.connectors if c.evse == 0), None)
    if own is ConnectorStatus.FAULTED:
        return own
    if not state.reachable:
        return ConnectorStatus.UNAVAILABLE
    return _first(_STATION_ORDER, (_status(c, state) for c in state.connectors if c.evse))


def _status(connector: ConnectorState, state: StationState) -> ConnectorStatus:
    at_rest = connector.status not in {ConnectorStatus.FAULTED, ConnectorStatus.OCCUPIED}
    return ConnectorStatus.UNAVAILABLE if at_rest and not state.operative else connector.status


def _first(order: Iterable[ConnectorStatus], found: Iterable[ConnectorStatus]) -> str:
    present = set(found)
    return next((status for status in order if status in present), ConnectorStatus.UNAVAILABLE)


def _boolean(flag: bool) -> str:  # noqa: FBT001 - a conversion, not a switch
    return "true" if flag else "false"
