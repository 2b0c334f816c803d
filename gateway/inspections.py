"""From the site's inspections to those of each station: where they are, and what counts for them. Pure."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from typing import TYPE_CHECKING, TypeAlias

from gateway.model.catalogue import resolve_component
from gateway.model.inspection import AT_WORK, SEEN_BY_BOX, Inspection, Source
from gateway.model.inspection.plan import DUE_SOON, OVERDUE
from gateway.model.installation import Alerting, AlertKind

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import date

    from gateway.config.inspection import InspectionKeys
    from gateway.config.site import Site, Station
    from gateway.model.device import VariableRef, VariableSpec

Spot: TypeAlias = tuple[str, str, int]
"""A component of a station: name and instance in lower case, EVSE (0: none)."""

NOON = time(12, tzinfo=UTC)
"""A day of the site file is meant where the box stands: at noon UTC it is the same day nearly everywhere."""

SOON_SEVERITY = 6
"""Warning: somebody should plan a visit."""


def inspections_of(site: Site, station: Station, equipment: Iterable[VariableSpec]) -> tuple[Inspection, ...]:
    """The inspections of one station of a checked site.

    Args:
        site: The site.
        station: One of its stations.
        equipment: The variables that sensors give it.
    """
    evses, sensed = tuple(evse.id for evse in station.evse), working(spec.ref for spec in equipment)
    return tuple(
        _inspection(keys, spot, sensed)
        for keys in site.inspection
        if keys.station in {None, station.identity}
        for spot in inspected_at(keys, evses, sensed)
    )


def inspection_alerts(inspections: Iterable[Inspection]) -> tuple[Alerting, ...]:
    """What the backend hears of inspections by itself: that one is due soon, and that it is overdue."""
    return tuple(
        alert
        for each in inspections
        for alert in (
            Alerting(ref=each.ref(DUE_SOON), severity=max(SOON_SEVERITY, each.severity), kind=AlertKind.DUE),
            Alerting(ref=each.ref(OVERDUE), severity=each.severity, kind=AlertKind.OVERDUE),
        )
    )


def working(refs: Iterable[VariableRef]) -> frozenset[Spot]:
    """The components of which these variables tell whether they work."""
    return frozenset(ref.component_key[:3] for ref in refs if ref.variable in AT_WORK)


def inspected_at(keys: InspectionKeys, evses: Iterable[int], sensed: frozenset[Spot]) -> Iterator[Spot]:
    """Where the component is: what the box counts without a sensor is at each EVSE, if none is named."""
    component = resolve_component(keys.component) or keys.component
    spot = (component.casefold(), (keys.instance or "").casefold(), keys.evse or 0)
    counts = keys.cycles is not None or keys.hours is not None
    if counts and keys.evse is None and component in SEEN_BY_BOX and spot not in sensed:
        for evse in evses:
            yield (*spot[:2], evse)
    else:
        yield spot


def counted_at(keys: InspectionKeys, evses: Iterable[int], sensed: frozenset[Spot]) -> bool:
    """True where something tells how often and how long the component works."""
    by_box = (resolve_component(keys.component) or keys.component) in SEEN_BY_BOX
    return by_box or all(spot in sensed for spot in inspected_at(keys, evses, sensed))


def _inspection(keys: InspectionKeys, spot: Spot, sensed: frozenset[Spot]) -> Inspection:
    component = resolve_component(keys.component) or keys.component
    return Inspection(
        component=component,
        instance=keys.instance,
        evse=spot[2] or None,
        every=keys.every,
        cycles=keys.cycles,
        hours=keys.hours,
        last=_moment(keys.last),
        soon=timedelta(days=keys.soon_days),
        severity=keys.severity,
        source=Source.SENSOR if spot in sensed else SEEN_BY_BOX.get(component, Source.SENSOR),
    )


def _moment(day: date | None) -> datetime | None:
    return None if day is None else datetime.combine(day, NOON)
