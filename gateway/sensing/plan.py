"""From the site's sensors to channels and variables: what is read, how, and where it ends up. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from gateway.model.catalogue import resolve_component, standard
from gateway.model.device import VariableRef, VariableSpec
from gateway.model.device_types import DataType
from gateway.model.equipment import usual_variable, variables_of
from gateway.model.sensing import Contact, Hold, Loop, Manner, Scale, Words
from gateway.sensing.desk import Tap

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from gateway.config.sensor import Reaction, ValueKeys
    from gateway.config.site import Sensor
    from gateway.contracts.sensing import SensorPoint
    from gateway.model.sensing import Shape

_FACTORS = {
    ("kW", "W"): 1e3, ("kWh", "Wh"): 1e3, ("MWh", "Wh"): 1e6, ("mA", "A"): 1e-3, ("mV", "V"): 1e-3, ("J", "Wh"): 1 / 3600,
}  # fmt: skip
"""From the unit of a point to that of a variable, where they differ by more than their name."""

_NAMES = {"degC": "Celsius", "%": "Percent", "rpm": "RPM", "deg": "Deg"}
"""The standard's names of units (Part 2, Appendix 2) that points have others for."""

_MEASURED = frozenset({"Temperature", "Humidity", "Light", "Power", "EnergyImport", "EnergyImportRegister"})
"""What is measured also where the unit of the point is not known; anything else without a unit is a contact."""

_PERIODS = 3
_SLACK = 5.0
"""A value counts for so many polls and seconds more."""

CHANGE = 0.1
"""Share of a percent point, degree, volt ... below which a quantity has not changed, if the site file does not say."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Gives:
    """One variable of one station that a channel gives.

    Attributes:
        station: Its identity.
        spec: The variable.
        problem: True while the channel has no good value.
    """

    station: str
    spec: VariableSpec
    problem: VariableRef


@dataclass(frozen=True, slots=True, kw_only=True)
class Planned:
    """One channel: what is read, and what for.

    Attributes:
        tap: What is read.
        gives: The variables that it is, one for each station that the sensor belongs to.
        evse: Where it is, 0 for the station.
        keys: What the site file says of it.
    """

    tap: Tap
    gives: tuple[Gives, ...]
    evse: int
    keys: ValueKeys

    @property
    def reaction(self) -> Reaction | None:
        """What the box does by itself."""
        return self.keys.react


def planned(sensors: Iterable[Sensor], stations: Iterable[str]) -> tuple[Planned, ...]:
    """The channels of a checked site."""
    everywhere = tuple(stations)
    return tuple(each for sensor in sensors for each in _of_sensor(sensor, everywhere))


def _of_sensor(sensor: Sensor, everywhere: tuple[str, ...]) -> Iterator[Planned]:
    stations = everywhere if sensor.keys.station is None else (sensor.keys.station,)
    for number, keys in enumerate(sensor.values):
        point = point_of(keys, sensor.points)
        spec = specified(keys, sensor.keys.evse, point)
        yield Planned(
            tap=Tap(
                id=f"{sensor.name}/{number}",
                sensor=sensor.name,
                point=point.name if point else keys.point or "value",
                manner=_manner(keys, spec, point),
            ),
            gives=tuple(Gives(station=station, spec=spec, problem=_problem(spec.ref)) for station in stations),
            evse=sensor.keys.evse or 0,
            keys=keys,
        )


def point_of(keys: ValueKeys, points: Sequence[SensorPoint]) -> SensorPoint | None:
    """The point that a value comes from; None where it is not known."""
    if keys.point is None and len(points) == 1:
        return points[0]
    return next((each for each in points if each.name == keys.point), None)


def specified(keys: ValueKeys, evse: int | None, point: SensorPoint | None = None) -> VariableSpec:
    """The variable that a value of a sensor is; ``point`` is where it comes from."""
    component = resolve_component(keys.component) or keys.component
    contact = _is_contact(keys, usual_variable(component, contact=False), point)
    name = keys.variable or _meant(keys, component) or usual_variable(component, contact=contact)
    name = name or ("Active" if contact else "State")
    known = standard(component, name)
    low, high = keys.plausible or (None, None)
    type_ = _type(keys, known.type if known else None, contact=contact)
    return VariableSpec(
        ref=VariableRef(component=component, component_instance=keys.instance, evse=evse, variable=name),
        type=type_,
        unit=_unit(keys, known.unit if known else "", point) if type_ is not DataType.BOOLEAN else "",
        min_limit=low,
        max_limit=high,
        live=True,
    )


def _is_contact(keys: ValueKeys, quantity: str | None, point: SensorPoint | None) -> bool:
    """Tell whether a value is a contact; ``quantity`` is what the component may measure."""
    if keys.active is not None or keys.loop or keys.words or (keys.scale, keys.offset) != (None, None):
        return keys.active is not None
    if point is not None and point.unit:
        return False
    return quantity is None or (point is not None and quantity not in _MEASURED)


def _meant(keys: ValueKeys, component: str) -> str | None:
    """The variable that alert or reaction speak of."""
    for when in (keys.alert and keys.alert.when, keys.react and keys.react.when):
        if when and when.variable in variables_of(component):
            return when.variable
    return None


def _unit(keys: ValueKeys, known: str, point: SensorPoint | None) -> str:
    """The standard's unit of the variable, unless the point is of another that nothing turns into it."""
    sent = "" if point is None else _NAMES.get(point.unit, point.unit)
    turned = keys.scale is not None or keys.loop is not None or (point is not None and (point.unit, known) in _FACTORS)
    if not sent or turned or {sent, known} == {"Percent", "RH"}:
        return known
    return sent


def _type(keys: ValueKeys, known: DataType | None, *, contact: bool) -> DataType:
    if known is not None:
        return known
    if keys.words is not None:
        return DataType.STRING
    return DataType.BOOLEAN if contact else DataType.DECIMAL


def _problem(ref: VariableRef) -> VariableRef:
    return VariableRef(
        component=ref.component, component_instance=ref.component_instance, evse=ref.evse, variable="Problem"
    )


def _manner(keys: ValueKeys, spec: VariableSpec, point: SensorPoint | None) -> Manner:
    poll = point.poll if point else None
    stale = float("inf") if poll is None else _PERIODS * poll + _SLACK
    quantity = spec.type in {DataType.DECIMAL, DataType.INTEGER}
    return Manner(
        shape=_shape(keys, spec, point),
        stale_after=keys.stale_after or stale,
        hold=Hold(on=keys.hold[0], off=keys.hold[1]) if keys.hold else Hold(),
        change=keys.change if keys.change is not None else CHANGE if quantity else 0.0,
        forgives=1,
    )


def _shape(keys: ValueKeys, spec: VariableSpec, point: SensorPoint | None) -> Shape:
    if keys.words is not None:
        return Words(table={word.casefold(): meaning for word, meaning in keys.words.items()})
    if keys.loop is not None:
        return Loop(zero=keys.loop[0], full=keys.loop[1], factor=1.0 if point is None or point.unit != "A" else 1e3)
    if spec.type is DataType.BOOLEAN:
        return Contact(active=True if keys.active is None else keys.active)
    if spec.type is DataType.STRING:
        return Words(table={})
    low, high = keys.plausible or (float("-inf"), float("inf"))
    factor = keys.scale if keys.scale is not None else _FACTORS.get((point.unit, spec.unit), 1.0) if point else 1.0
    return Scale(factor=factor, offset=keys.offset or 0.0, low=low, high=high)
