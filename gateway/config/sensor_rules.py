"""Rules of sensors: what each table alone cannot show."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gateway.config.fields import Section
from gateway.config.findings import Problem
from gateway.config.translate import suggest
from gateway.model.catalogue import COMPONENTS, FOUNDING_NAMES, resolve_component, standard
from gateway.model.device_types import DataType
from gateway.model.equipment import variables_of
from gateway.sensing.meters import is_fiscal, spot_of
from gateway.sensing.plan import point_of, specified

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from gateway.config.draft import Draft
    from gateway.config.draft_sensors import SensorDraft, ValueDraft
    from gateway.config.sensor import ValueKeys
    from gateway.config.site import SensorModels
    from gateway.contracts.sensing import SensorPoint
    from gateway.sensing.meters import Spot


def check_sensors(draft: Draft, kinds: Mapping[str, SensorModels]) -> Iterator[Problem]:
    """Every broken rule; parts that are not valid themselves are passed over."""
    yield from _names(draft)
    offered = {each.name: _points(each, kinds) for each in draft.sensors}
    for sensor in draft.sensors:
        yield from _place(sensor, draft)
        for value in sensor.values:
            if value.keys is not None:
                yield from _component(value.path, value.keys)
                yield from _point(value, offered[sensor.name])
                yield from _output(value, offered)
                yield from _when(value.path, value.keys, offered[sensor.name])
        yield from _remarks(sensor)
    yield from _twice(draft)
    yield from _signing(draft, kinds)


def _signing(draft: Draft, kinds: Mapping[str, SensorModels]) -> Iterator[Problem]:
    """A meter that signs does so for one EVSE, and no other meter does."""
    stations = {each.keys.identity: [evse.id for evse in each.keys.evse] for each in draft.stations if each.keys}
    seen: dict[Spot, str] = {}
    for sensor in draft.sensors:
        values = [value.keys for value in sensor.values if value.keys is not None]
        if sensor.keys is None or sensor.options is None or not is_fiscal(values):
            continue
        if not kinds[sensor.keys.kind].signs(sensor.options):
            continue
        spot = spot_of(sensor.keys, stations)
        if spot is None:
            yield Problem(code="fiscal-place", path=sensor.path, params={"value": sensor.name}, severity="warning")
        elif (first := seen.setdefault(spot, sensor.name)) != sensor.name:
            params = {"value": sensor.name, "other": first, "station": spot[0], "evse": spot[1]}
            yield Problem(code="fiscal-twice", path=sensor.path, params=params)


def _points(sensor: SensorDraft, kinds: Mapping[str, SensorModels]) -> tuple[SensorPoint, ...]:
    if sensor.keys is None or sensor.options is None:
        return ()
    return kinds[sensor.keys.kind].points(sensor.options)


def _remarks(sensor: SensorDraft) -> Iterator[Problem]:
    """What the kind says of the table, as far as it is of a point that is used."""
    if not isinstance(sensor.options, Section):
        return
    used = {value.keys.point.partition(".")[0] for value in sensor.values if value.keys and value.keys.point}
    for each in sensor.options.remarks():
        if not each.point or not used or each.point in used:
            yield Problem(code=each.code, path=(*sensor.path, *each.path), params=each.params, severity="note")


def _names(draft: Draft) -> Iterator[Problem]:
    seen: set[str] = set()
    for sensor in draft.sensors:
        if sensor.name.casefold() in seen and sensor.name:
            key = "name" if sensor.keys is not None and sensor.keys.name is not None else "component"
            yield Problem(code="sensor-twice", path=(*sensor.path, key), params={"value": sensor.name})
        seen.add(sensor.name.casefold())


def _place(sensor: SensorDraft, draft: Draft) -> Iterator[Problem]:
    if sensor.keys is None:
        return
    wanted, evse = sensor.keys.station, sensor.keys.evse
    known = {each.keys.identity: each.keys for each in draft.stations if each.keys is not None}
    if wanted is not None and wanted not in known:
        params = {"value": wanted, "allowed": ", ".join(sorted(known))}
        yield Problem(
            code="sensor-station", path=(*sensor.path, "station"), params=params, suggestion=suggest(wanted, known)
        )
        return
    for keys in [known[wanted]] if wanted is not None else known.values():
        if evse is not None and evse not in {each.id for each in keys.evse}:
            where: dict[str, object] = {"value": evse, "station": keys.identity}
            yield Problem(code="sensor-evse", path=(*sensor.path, "evse"), params=where)


def _component(path: tuple[str | int, ...], keys: ValueKeys) -> Iterator[Problem]:
    component = resolve_component(keys.component)
    if component is None:
        names = [*COMPONENTS, *(each.name for each in FOUNDING_NAMES)]
        meant = suggest(keys.component, names)
        params = {"value": keys.component}
        yield Problem(
            code="sensor-component", path=(*path, "component"), params=params, suggestion=meant, severity="note"
        )
        return
    usual = variables_of(component)
    if (
        keys.variable is not None
        and usual
        and keys.variable not in usual
        and standard(component, keys.variable) is None
    ):
        params = {"value": keys.variable, "component": component, "allowed": ", ".join(usual)}
        meant = suggest(keys.variable, usual)
        yield Problem(
            code="sensor-variable", path=(*path, "variable"), params=params, suggestion=meant, severity="note"
        )
    entry = standard(component, keys.variable) if keys.variable is not None else None
    numeric = keys.loop is not None or keys.scale is not None or keys.offset is not None
    if entry is not None and entry.type is DataType.BOOLEAN and numeric:
        key = "loop" if keys.loop is not None else "scale" if keys.scale is not None else "offset"
        yield Problem(code="sensor-no-quantity", path=(*path, key), params={"value": f"{component}.{keys.variable}"})


def _point(value: ValueDraft, points: tuple[SensorPoint, ...]) -> Iterator[Problem]:
    names = [each.name for each in points]
    point = value.keys.point if value.keys is not None else None
    if not names or (point is None and len(names) == 1) or point in names:
        return
    params = {"value": point or "-", "allowed": ", ".join(names)}
    if point is None:
        yield Problem(code="sensor-point-missing", path=value.path, params=params)
    else:
        yield Problem(code="sensor-point", path=(*value.path, "point"), params=params, suggestion=suggest(point, names))


def _output(value: ValueDraft, offered: Mapping[str, tuple[SensorPoint, ...]]) -> Iterator[Problem]:
    react = value.keys.react if value.keys is not None else None
    if react is None or react.output is None:
        return
    sensor, _, point = react.output.partition("/")
    outputs = [each.name for each in offered.get(sensor, ()) if each.output]
    if (point and point in outputs) or (not point and len(outputs) == 1):
        return
    params = {"value": react.output, "allowed": ", ".join(outputs) or "-"}
    yield Problem(code="sensor-output", path=(*value.path, "react", "output"), params=params)


def _when(path: tuple[str | int, ...], keys: ValueKeys, points: tuple[SensorPoint, ...]) -> Iterator[Problem]:
    """An alert or reaction is of the value that it stands with: one about another variable would never be what is meant."""
    ref = specified(keys, None, point_of(keys, points)).ref
    if standard(ref.component, ref.variable) is None:
        return
    for key, when in (("alert", keys.alert and keys.alert.when), ("react", keys.react and keys.react.when)):
        if when and when.variable.casefold() != ref.variable.casefold():
            params = {"value": when.variable, "variable": ref.variable, "component": ref.component}
            yield Problem(code="sensor-when", path=(*path, key, "when"), params=params, suggestion=ref.variable)


def _twice(draft: Draft) -> Iterator[Problem]:
    """Two channels cannot both say what a variable is."""
    seen: dict[tuple[object, ...], str] = {}
    for sensor in draft.sensors:
        if sensor.keys is None:
            continue
        for value in sensor.values:
            keys = value.keys
            if keys is None:
                continue
            component = resolve_component(keys.component) or keys.component
            key = (sensor.keys.station, sensor.keys.evse, component, keys.instance, keys.variable)
            if key in seen:
                params = {"value": component, "other": seen[key]}
                yield Problem(code="sensor-variable-twice", path=(*value.path, "component"), params=params)
            seen[key] = sensor.name
