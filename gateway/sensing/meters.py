"""Which sensor signs the transactions of which EVSE. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gateway.model.catalogue import resolve_component

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from gateway.config.sensor import SensorKeys, ValueKeys

FISCAL = "FiscalMetering"

Spot = tuple[str, int]
"""Identity of a station, and number of an EVSE."""


def is_fiscal(values: Iterable[ValueKeys]) -> bool:
    """Tell whether a sensor is a meter for billing."""
    return any(resolve_component(each.component) == FISCAL for each in values)


def spot_of(keys: SensorKeys, stations: Mapping[str, Iterable[int]]) -> Spot | None:
    """The EVSE that a meter belongs to; None where that could be several.

    Args:
        keys: Of the sensor.
        stations: The EVSEs of each station.
    """
    station = keys.station or (next(iter(stations)) if len(stations) == 1 else None)
    if station is None or station not in stations:
        return None
    evses = tuple(stations[station])
    evse = keys.evse or (evses[0] if len(evses) == 1 else None)
    return None if evse is None or evse not in evses else (station, evse)
