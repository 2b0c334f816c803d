"""Values that follow the state of the station: availability, problems, power, the time."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from gateway.model.changes import Phase, SamplesTaken, TransactionChanged
from gateway.model.evse import ConnectorStatus
from gateway.model.rules.connectors import status_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from gateway.model.changes import Change
    from gateway.model.device.variable import VariableSpec
    from gateway.model.evse import ConnectorState
    from gateway.model.readings import Sample
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """What live values follow.

    ``power`` is what each EVSE draws in W, where that is measured; ``sensed`` what added sensors tell, by
    ``VariableRef.key``.
    """

    state: StationState
    now: datetime
    power: Mapping[int, float] = field(default_factory=dict)
    sensed: Mapping[str, str] = field(default_factory=dict)


def live_value(spec: VariableSpec, moment: Moment) -> str:
    """The value of a live variable at a moment; its default if nothing gives it."""
    ref, state = spec.ref, moment.state
    if (told := moment.sensed.get(ref.key)) is not None:
        return told
    match ref.variable:
        case "AvailabilityState":
            return _availability(state, ref.evse, ref.connector)
        case "Active" if ref.component == "BayOccupancySensor":
            return _boolean(bool(state.bay(ref.evse or 0)))
        case "DateTime":
            return timestamp(moment.now)
        case "Power" if ref.evse and ref.evse in moment.power and state.reachable:
            return f"{moment.power[ref.evse]:.1f}"
        case "Problem" if ref.component == "ChargingStation":
            return _boolean(bool(state.faults) or any(_troubled(connector) for connector in state.connectors))
        case "Problem" | "Tripped":
            here = [fault for c in state.connectors if c.evse == ref.evse for fault in c.faults]
            seen = [a.fault for c in state.connectors for a in c.alarms if a.evse == (ref.evse or 0) and a.fault]
            faults = [*(here if ref.evse else state.faults), *seen]
            return _boolean(any(fault.key == (ref.component, ref.variable) for fault in faults))
        case _:
            return spec.default


def _troubled(connector: ConnectorState) -> bool:
    return bool(connector.faults) or any(alarm.fault for alarm in connector.alarms)


def power_after(changes: Iterable[Change]) -> dict[int, float]:
    """The power in W by EVSE that changes tell of; nothing is drawn after the end of a transaction."""
    found: dict[int, float] = {}
    for change in changes:
        match change:
            case TransactionChanged(phase=Phase.ENDED):
                found[change.transaction.evse] = 0.0
            case TransactionChanged():
                found |= _measured(change.transaction.evse, change.samples)
            case SamplesTaken():
                found |= _measured(change.place.evse, change.samples)
            case _:
                pass
    return found


def measured_after(changes: Iterable[Change]) -> dict[int, Sample]:
    """The last readings by EVSE that changes tell of."""
    found: dict[int, Sample] = {}
    for change in changes:
        match change:
            case TransactionChanged() if change.samples:
                found[change.transaction.evse] = change.samples[-1]
            case SamplesTaken() if change.samples:
                found[change.place.evse] = change.samples[-1]
            case _:
                pass
    return found


def timestamp(at: datetime) -> str:
    """A UTC time as OCPP 2.0.1 writes it, with milliseconds (Part 2, 3.1)."""
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _measured(evse: int, samples: Iterable[Sample]) -> dict[int, float]:
    powers = [power for sample in samples if (power := sample.power()) is not None]
    return {evse: powers[-1]} if powers else {}


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
