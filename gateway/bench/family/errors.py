"""The faults of a simulated station, by the names that its family has for them. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gateway.family.interpret import number

if TYPE_CHECKING:
    from gateway.family.family import AnyFamily
    from gateway.family.value import Value

_POINTS = ("error", "error_text")


def error_raws(family: AnyFamily, name: str) -> dict[str, Value]:
    """The raw values with which a station tells an error; empty where the family has no such error."""
    found: dict[str, Value] = {}
    for point_name in _POINTS:
        point = family.points.get(point_name)
        if point is None:
            continue
        for table, is_bits in ((point.map, False), (point.bits, True)):
            for key, each in table.items():
                whole = number(key)
                if each == name and whole is not None:
                    found[point_name] = (1 << whole if is_bits else whole) << point.shift
                elif each == name:
                    found[point_name] = key
        if point_name not in found and not point.map and not point.bits and point_name == "error_text":
            found[point_name] = name
    return found | _of_state(family, name)


def _of_state(family: AnyFamily, name: str) -> dict[str, Value]:
    state = family.state
    if state is None or state.point not in family.points:
        return {}
    point = family.points[state.point]
    for key, each in state.errors.items():
        if each == name:
            whole = number(key)
            named = next((raw for raw, value in point.map.items() if value == key), None)
            raw = key if named is None else named
            return {state.point: whole << point.shift if whole is not None and named is None else number(raw) or raw}
    return {}
