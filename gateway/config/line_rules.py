"""Lines that several tables of the site file use: whoever is on one has to speak in the same way."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gateway.config.findings import Problem
from gateway.contracts import StationSettings

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from gateway.config.draft import Draft
    from gateway.config.positions import KeyPath
    from gateway.config.site import AdapterModels, SensorModels
    from gateway.contracts import LineUse


def check_lines(
    draft: Draft, adapters: Mapping[str, AdapterModels], kinds: Mapping[str, SensorModels]
) -> Iterator[Problem]:
    """Every use of a line that differs from the first one, whatever adapter or kind of sensor it is of."""
    first: dict[str, LineUse] = {}
    told: set[tuple[KeyPath, str]] = set()
    for path, use in _uses(draft, adapters, kinds):
        known, where = first.setdefault(use.name, use), ((*path, *use.path), use.name)
        if known is use or where in told:  # the EVSEs of a station are one table
            continue
        told.add(where)
        params: dict[str, object] = {"bus": use.name, "one": known.manner, "other": use.manner}
        if known.alone or use.alone:
            yield Problem(code="bus-taken", path=(*path, *use.path), params=params)
        elif known.manner != use.manner:
            yield Problem(code="bus-differs", path=(*path, *use.path), params=params)


def _uses(
    draft: Draft, adapters: Mapping[str, AdapterModels], kinds: Mapping[str, SensorModels]
) -> Iterator[tuple[KeyPath, LineUse]]:
    for station in draft.stations:
        if station.keys is None or station.settings is None:
            continue
        settings = StationSettings(
            identity=station.keys.identity,
            options=station.settings,
            connectors={evse.legacy_id: (evse.id, 1) for evse in station.keys.evse},
        )
        for use in adapters[station.keys.adapter].lines(settings):
            yield station.path, use
    for sensor in draft.sensors:
        if sensor.keys is None or sensor.options is None:
            continue
        for use in kinds[sensor.keys.kind].lines(sensor.options):
            yield sensor.path, use
