"""What the box will do by itself, told to the technician before it does."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gateway.config.findings import Problem

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gateway.config.draft import Draft
    from gateway.config.draft_sensors import SensorDraft, ValueDraft


def tell_reactions(draft: Draft) -> Iterator[Problem]:
    """A note for each ``react``: when, what, and where."""
    for sensor in draft.sensors:
        for value in sensor.values:
            if sensor.keys is not None and value.keys is not None and value.keys.react is not None:
                yield from _told(sensor, value, _place(sensor, draft))


def _place(sensor: SensorDraft, draft: Draft) -> str:
    """Stations and EVSE, in terms that are the same in every language."""
    keys = sensor.keys
    stations = [each.keys.identity for each in draft.stations if each.keys is not None]
    if keys is not None and keys.station is not None:
        stations = [keys.station]
    return ", ".join(stations) + (f" EVSE {keys.evse}" if keys is not None and keys.evse is not None else "")


def _told(sensor: SensorDraft, value: ValueDraft, place: str) -> Iterator[Problem]:
    keys = value.keys
    react = keys.react if keys is not None else None
    if keys is None or react is None:
        return
    when = react.when or (keys.alert.when if keys.alert is not None else None)
    curve = ", ".join(f"{quantity:g}: {share * 100:g} %" for quantity, share in react.curve)
    params = {"sensor": sensor.name, "place": place, "when": str(when), "curve": curve, "back": f"{react.back:g}"}
    path = (*value.path, "react")
    match react.do:
        case "stop":
            yield Problem(code="reaction-stop", path=path, params=params, severity="note")
        case "block":
            yield Problem(code="reaction-block", path=path, params=params, severity="note")
        case "fault":
            yield Problem(code="reaction-fault", path=path, params=params, severity="note")
        case "derate":
            yield Problem(code="reaction-derate", path=path, params=params, severity="note")
        case "tamper":
            yield Problem(code="reaction-tamper", path=path, params=params, severity="note")
    if react.output is not None:
        params = {"sensor": sensor.name, "when": str(when), "output": react.output}
        yield Problem(code="reaction-output", path=(*path, "output"), params=params, severity="note")
    if react.lost == "trip":
        yield Problem(code="reaction-lost", path=(*path, "lost"), params={"sensor": sensor.name}, severity="note")
