"""Rules of circuits: meters, other loads, and the sensors that reductions hang on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gateway.config.circuits import meter_of, named, told_by
from gateway.config.findings import Problem
from gateway.config.translate import suggest
from gateway.sensing.plan import point_of, specified

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gateway.config.circuit import CircuitKeys, Reduction
    from gateway.config.draft import Draft
    from gateway.config.draft_circuits import CircuitDraft
    from gateway.config.positions import KeyPath


def check_meters(draft: Draft) -> Iterator[Problem]:
    """Every broken rule of tables that are valid themselves."""
    for circuit in draft.circuits:
        yield from _meter(circuit, draft)
        if circuit.keys is None:
            continue
        yield from _base(circuit, circuit.keys)
        for number, each in enumerate(circuit.keys.reduce):
            yield from _reduction((*circuit.path, "reduce", number), each, draft)
            if each.rule is not None and (circuit.metered or any(circuit.keys.base_load or ())):
                path = (*circuit.path, "reduce", number, "rule")
                params = {"value": circuit.keys.id}
                yield Problem(code="circuit-14a-others", path=path, params=params, severity="warning")


def _meter(circuit: CircuitDraft, draft: Draft) -> Iterator[Problem]:
    if circuit.meter is None or circuit.meter.sensor is None:
        return
    sensor = named(circuit.meter.sensor, draft)
    if sensor is None:
        known = [each.name for each in draft.sensors if each.name]
        meant = suggest(circuit.meter.sensor, known)
        params = {"value": circuit.meter.sensor, "allowed": ", ".join(known) or "-"}
        yield Problem(code="circuit-meter", path=circuit.meter_path, params=params, suggestion=meant)
        return
    valid = sensor.keys is not None and sensor.options is not None and circuit.keys is not None
    if valid and meter_of(circuit, draft) is None:
        points = [each.name for each in sensor.points if each.unit == "A"]
        params = {"value": sensor.name, "allowed": ", ".join(points) or "-"}
        yield Problem(code="circuit-meter-currents", path=circuit.meter_path, params=params)


def _base(circuit: CircuitDraft, keys: CircuitKeys) -> Iterator[Problem]:
    """A meter is there because of other loads, and may be lost."""
    if circuit.metered and keys.base_load is None:
        yield Problem(code="circuit-base-load", path=circuit.meter_path, params={"value": keys.id}, on_key=True)
    if not circuit.metered and keys.base_load is not None and any(keys.base_load):
        most = f"{max(keys.base_load):g}"
        params = {"value": keys.id, "current": most}
        path = (*circuit.path, "base_load")
        yield Problem(code="circuit-base-reserved", path=path, params=params, severity="note")


def _reduction(path: KeyPath, keys: Reduction, draft: Draft) -> Iterator[Problem]:
    sensor = named(keys.sensor.partition("/")[0], draft)
    if sensor is None:
        known = [each.name for each in draft.sensors if each.values]
        params = {"value": keys.sensor, "allowed": ", ".join(known) or "-"}
        meant = suggest(keys.sensor, known)
        yield Problem(code="circuit-reduce-sensor", path=(*path, "sensor"), params=params, suggestion=meant)
        return
    values = [each for _, each in told_by(keys.sensor, draft)]
    if len(values) != 1:
        points = [each.keys.point or "" for each in sensor.values if each.keys is not None]
        names = [f"{sensor.name}/{point}" if point else sensor.name for point in points]
        params = {"value": keys.sensor, "allowed": ", ".join(names) or "-"}
        yield Problem(code="circuit-reduce-value", path=(*path, "sensor"), params=params)
        return
    value = values[0].keys
    if value is None:
        return
    variable = specified(value, None, point_of(value, sensor.points)).ref.variable
    if keys.when.variable.casefold() != variable.casefold():
        at = (*path, "when") if "when" in keys.model_fields_set else path
        params = {"value": str(keys.when), "variable": variable, "sensor": keys.sensor}
        yield Problem(code="circuit-reduce-when", path=at, params=params, suggestion=variable)
