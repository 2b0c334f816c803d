"""Rules of inspections: what each table alone cannot show."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from gateway.config.findings import Problem
from gateway.config.translate import suggest
from gateway.inspections import counted_at, inspected_at, working
from gateway.model.catalogue import COMPONENTS, FOUNDING_NAMES, resolve_component
from gateway.sensing.plan import specified

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

    from gateway.config.draft import Draft
    from gateway.config.draft_inspections import InspectionDraft
    from gateway.inspections import Spot


def check_inspections(draft: Draft, today: date | None = None) -> Iterator[Problem]:
    """Every broken rule of the tables that are valid themselves.

    Args:
        draft: The document.
        today: By the calendar; that of this machine if absent.
    """
    today = today or datetime.now(UTC).date()
    seen: dict[tuple[str, Spot], int] = {}
    for number, each in enumerate(draft.inspections):
        if each.keys.last is not None and each.keys.last > today:
            params = {"value": each.keys.last.isoformat()}
            yield Problem(code="inspection-future", path=(*each.path, "last"), params=params, severity="warning")
        yield from _component(each)
        yield from _place(each, draft)
        yield from _counted(each, draft)
        for place in _places(each, draft):
            if seen.setdefault(place, number) != number:
                params = {"value": each.keys.component}
                yield Problem(code="inspection-twice", path=(*each.path, "component"), params=params)
                break


def _component(each: InspectionDraft) -> Iterator[Problem]:
    name, path = each.keys.component, (*each.path, "component")
    if resolve_component(name) is None:
        meant = suggest(name, [*COMPONENTS, *(known.name for known in FOUNDING_NAMES)])
        params = {"value": name}
        yield Problem(code="inspection-component", path=path, params=params, suggestion=meant, severity="note")


def _place(each: InspectionDraft, draft: Draft) -> Iterator[Problem]:
    known = _evses(draft)
    wanted, evse = each.keys.station, each.keys.evse
    if wanted is not None and wanted not in known:
        params = {"value": wanted, "allowed": ", ".join(sorted(known))}
        meant = suggest(wanted, known)
        yield Problem(code="inspection-station", path=(*each.path, "station"), params=params, suggestion=meant)
    for station in _stations(each, draft):
        if evse is not None and evse not in known[station]:
            where: dict[str, object] = {"value": evse, "station": station}
            yield Problem(code="inspection-evse", path=(*each.path, "evse"), params=where)


def _counted(each: InspectionDraft, draft: Draft) -> Iterator[Problem]:
    """A counter needs somebody who counts."""
    if each.keys.cycles is None and each.keys.hours is None:
        return
    key = "cycles" if each.keys.cycles is not None else "hours"
    for station in _stations(each, draft):
        if not counted_at(each.keys, _evses(draft)[station], _working(draft, station)):
            params = {"value": each.keys.component, "station": station}
            yield Problem(code="inspection-uncounted", path=(*each.path, key), params=params)
            return


def _places(each: InspectionDraft, draft: Draft) -> Iterator[tuple[str, Spot]]:
    for station in _stations(each, draft):
        for spot in inspected_at(each.keys, _evses(draft)[station], _working(draft, station)):
            yield station, spot


def _stations(each: InspectionDraft, draft: Draft) -> list[str]:
    known, wanted = _evses(draft), each.keys.station
    return list(known) if wanted is None else [wanted] if wanted in known else []


def _evses(draft: Draft) -> dict[str, tuple[int, ...]]:
    return {
        each.keys.identity: tuple(evse.id for evse in each.keys.evse)
        for each in draft.stations
        if each.keys is not None
    }


def _working(draft: Draft, station: str) -> frozenset[Spot]:
    return working(
        specified(value.keys, sensor.keys.evse).ref
        for sensor in draft.sensors
        if sensor.keys is not None and sensor.keys.station in {None, station}
        for value in sensor.values
        if value.keys is not None
    )
