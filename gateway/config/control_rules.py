"""What holds each EVSE down: that it can, and what a technician should know of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gateway.config.findings import Problem
from gateway.config.translate import suggest

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from gateway.config.control import ControlKeys
    from gateway.config.draft import Draft, StationDraft
    from gateway.config.positions import KeyPath
    from gateway.config.site import AdapterModels, Evse, SensorModels
    from gateway.contracts.sensing import SensorPoint
    from gateway.model.throttle import OwnLimit

    Points = Mapping[str, tuple[SensorPoint, ...]]


def check_controls(
    draft: Draft, adapters: Mapping[str, AdapterModels], kinds: Mapping[str, SensorModels]
) -> Iterator[Problem]:
    """Every broken rule, and a note for each EVSE of a site that configures any means."""
    if not any(evse.control for station in draft.stations if station.keys for evse in station.keys.evse):
        return
    points = {
        sensor.name: kinds[sensor.keys.kind].points(sensor.options)
        for sensor in draft.sensors
        if sensor.keys is not None and sensor.options is not None
    }
    for station in draft.stations:
        if station.keys is not None and station.settings is not None:
            models = adapters[station.keys.adapter]
            own = models.own_limit(station.settings)
            for index, evse in enumerate(station.keys.evse):
                path = (*station.path, "evse", index)
                if evse.control is None:
                    yield _without(path, station, evse, own)
                else:
                    possible = models.controls(station.settings)
                    yield from _means((*path, "control"), station, evse, own, possible)
                    yield from _output((*path, "control"), evse.control, points)
    yield from _shared(draft)


def _without(path: KeyPath, station: StationDraft, evse: Evse, own: OwnLimit | None) -> Problem:
    code = "control-none" if own is None else "control-own" if own.certain else "control-own-perhaps"
    return Problem(code=code, path=path, params=_place(station, evse), severity="note")


def _place(station: StationDraft, evse: Evse) -> dict[str, object]:
    name = station.keys.identity if station.keys is not None else ""
    return {"station": name, "evse": evse.id, "current": f"{evse.connector.max_current:g}"}


def _means(
    path: KeyPath, station: StationDraft, evse: Evse, own: OwnLimit | None, possible: frozenset[str]
) -> Iterator[Problem]:
    control, params = evse.control, _place(station, evse)
    if control is None:
        return
    if own is not None and own.certain:
        yield Problem(code="control-needless", path=path, params=params)
        return
    if control.way not in possible:
        allowed = ", ".join(sorted(possible)) or "-"
        yield Problem(code="control-not-with", path=path, params={**params, "value": control.way, "allowed": allowed})
        return
    if (control.draws or 0.0) > evse.connector.max_current:
        yield Problem(code="control-draws", path=(*path, "draws"), params={**params, "value": f"{control.draws:g}"})
    if control.minimum > evse.connector.max_current:
        minimum = {**params, "value": f"{control.minimum:g}"}
        yield Problem(code="control-minimum", path=(*path, "minimum"), params=minimum)
    if control.remote:
        yield Problem(code="control-remote", path=path, params=params, severity="warning")
    code = "control-switches" if control.throttle == "switch" else "control-limits"
    yield Problem(code=code, path=path, params={**params, "means": control.told}, severity="note")


def _output(path: KeyPath, control: ControlKeys, points: Points) -> Iterator[Problem]:
    if control.driven is None:
        return
    sensor, _, point = control.driven.partition("/")
    analogue = control.pwm is not None
    there = [each.name for each in points.get(sensor, ()) if (each.analogue if analogue else each.output)]
    if (point and point in there) or (not point and len(there) == 1):
        return
    params = {"value": control.driven, "allowed": ", ".join(there) or "-"}
    meant = suggest(point, there) if sensor in points else suggest(sensor, points)
    code = "control-pwm" if analogue else "control-output"
    yield Problem(code=code, path=(*path, "pwm" if analogue else "output"), params=params, suggestion=meant)


def _shared(draft: Draft) -> Iterator[Problem]:
    """An output that two want to have differently; a reaction that opens what a limit closes is no protection."""
    users: dict[str, str] = {}
    for sensor in draft.sensors:
        for value in sensor.values:
            react = value.keys.react if value.keys is not None else None
            if react is not None and react.output is not None:
                users.setdefault(react.output, sensor.name)
    for station in draft.stations:
        for index, evse in enumerate(station.keys.evse if station.keys is not None else ()):
            output = evse.control.driven if evse.control is not None else None
            if output is None or station.keys is None:
                continue
            if output in users:
                key = "pwm" if evse.control is not None and evse.control.pwm is not None else "output"
                path = (*station.path, "evse", index, "control", key)
                yield Problem(code="control-output-twice", path=path, params={"value": output, "other": users[output]})
            users.setdefault(output, f"{station.keys.identity} EVSE {evse.id}")
