"""What the tables of ``[[circuit]]`` refer to: EVSEs, meters and sensors of the site. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gateway.config.circuit import Circuit, Meter, MeterKeys, Switch
from gateway.sensing.plan import point_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from gateway.config.circuit import CircuitKeys, Spot
    from gateway.config.draft import Draft
    from gateway.config.draft_circuits import CircuitDraft
    from gateway.config.draft_sensors import SensorDraft, ValueDraft

_FORMS: tuple[Callable[[str, int], str], ...] = (
    lambda name, phase: f"{name}.{phase + 1}",
    lambda name, phase: f"{name}_{phase + 1}",
    lambda name, phase: f"{name}_l{phase + 1}",
    lambda name, phase: f"{name}_{'abc'[phase]}",
    lambda name, phase: f"{'abc'[phase]}_{name}",
)
"""How points of the three phases are named."""


def circuits_of(draft: Draft) -> tuple[Circuit, ...]:
    """The circuits of a draft that no rule has anything against."""
    known = evses(draft)
    return tuple(
        Circuit(
            keys=each.keys,
            evses=tuple(spot for name in each.keys.stations for spot in spots(name, known)),
            meter=meter_of(each, draft),
            switches=dict(_switches(each.keys, draft)),
            feed=feed_of(each, draft),
        )
        for each in draft.circuits
        if each.keys is not None
    )


def evses(draft: Draft) -> dict[str, tuple[int, ...]]:
    """Identity of each station -> numbers of its EVSEs."""
    return {
        each.keys.identity: tuple(evse.id for evse in each.keys.evse)
        for each in draft.stations
        if each.keys is not None
    }


def spots(name: str, known: Mapping[str, Sequence[int]]) -> tuple[Spot, ...]:
    """The EVSEs that ``IDENTITY`` or ``IDENTITY/2`` names; () where there are none."""
    identity, slash, number = name.partition("/")
    if not slash:
        return tuple((identity, evse) for evse in known.get(identity, ()))
    return tuple((identity, evse) for evse in known.get(identity, ()) if str(evse) == number)


def named(sensor: str, draft: Draft) -> SensorDraft | None:
    """The sensor of a name."""
    return next((each for each in draft.sensors if each.name == sensor), None)


def meter_of(circuit: CircuitDraft, draft: Draft) -> Meter | None:
    """What shows the currents of a circuit; None: nothing does."""
    if circuit.meter is None or circuit.keys is None:
        return None
    return _meter(circuit.meter, circuit.keys.max_current, draft)


def feed_of(circuit: CircuitDraft, draft: Draft) -> Meter | None:
    """What shows the currents of the connection that a circuit shares; None: nothing at this box."""
    shared = None if circuit.keys is None else circuit.keys.shared
    if shared is None or shared.meter is None:
        return None
    return _meter(MeterKeys(sensor=shared.meter, points=shared.meter_points), shared.max_current, draft)


def _meter(wanted: MeterKeys, limit: Sequence[float], draft: Draft) -> Meter | None:
    sensor = named(wanted.sensor, draft) if wanted.sensor is not None else None
    if sensor is None:
        return None
    there = [phase for phase, amps in enumerate(limit) if amps > 0]
    offered = [each.name for each in sensor.points]
    currents = _points(wanted.points, "current", there, offered)
    powers = _points(wanted.power_points, "power_phase", there, offered) or _lone(wanted, there, offered)
    if currents is None:
        return None
    return Meter(sensor=sensor.name, currents=currents, powers=powers or ())


def _points(
    given: tuple[str, ...] | None, name: str, there: Sequence[int], offered: Sequence[str]
) -> tuple[str, str, str] | None:
    """The points of the phases that there are; None if they cannot be told."""
    if given is not None:
        wanted = dict(zip(range(3) if len(given) > len(there) else there, given, strict=False))
        if set(there) - set(wanted) or (offered and {wanted[each] for each in there} - set(offered)):
            return None
        return _spread({each: wanted[each] for each in there})
    for form in _FORMS:
        found = {phase: form(name, phase) for phase in there}
        if set(found.values()) <= set(offered):
            return _spread(found)
    # A meter with one phase has no numbers; wired into a supply of one phase it is the one that there is.
    return _spread({there[0]: name}) if len(there) == 1 and name in offered else None


def _lone(wanted: MeterKeys, there: Sequence[int], offered: Sequence[str]) -> tuple[str, str, str] | None:
    """The power of a meter with one phase."""
    if wanted.power_points is not None or len(there) > 1:
        return None
    return _points(None, "power", there, offered)


def _spread(found: Mapping[int, str]) -> tuple[str, str, str]:
    return (found.get(0, ""), found.get(1, ""), found.get(2, ""))


def told_by(sensor: str, draft: Draft) -> Iterator[tuple[int, ValueDraft]]:
    """The values that ``SENSOR`` or ``SENSOR/POINT`` names, with their place in the sensor."""
    name, slash, point = sensor.partition("/")
    found = named(name, draft)
    for place, value in enumerate(found.values if found is not None else ()):
        if value.keys is None or found is None:
            continue
        of = point_of(value.keys, found.points)
        if not slash or point in {value.keys.point, of.name if of is not None else None}:
            yield place, value


def _switches(keys: CircuitKeys, draft: Draft) -> Iterator[tuple[int, Switch]]:
    for number, each in enumerate(keys.reduce):
        name = each.sensor.partition("/")[0]
        for place, _ in told_by(each.sensor, draft):
            yield number, Switch(sensor=name, channel=f"{name}/{place}")
            break
