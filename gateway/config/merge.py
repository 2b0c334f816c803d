"""What a site sets in a sensor of a bundle: its keys over those of the bundle. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias, cast

from gateway.config.sensor import SensorKeys, ValueKeys

if TYPE_CHECKING:
    from collections.abc import Mapping

Table: TypeAlias = "dict[str, object]"

_GIVEN_UP = frozenset({"alert", "react"})
"""Keys that ``false`` takes away."""
_OF_EVERY_KIND = (frozenset(SensorKeys.model_fields) | frozenset(ValueKeys.model_fields) | {"value"}) - {"point"}


def merged(sensor: Mapping[str, object], over: Mapping[str, object]) -> Table:
    """A bundle's ``[[sensor]]`` with the keys of the site.

    Tables are merged key by key, everything else is replaced. Several values are told apart by their point. A sensor of
    another kind keeps what every kind has: what it means, its alert and its reaction.
    """
    base = dict(sensor)
    if "kind" in over and over["kind"] != sensor.get("kind"):
        base = {key: value for key, value in sensor.items() if key in _OF_EVERY_KIND}
    values = over.get("value")
    if not isinstance(base.get("value"), list) or not isinstance(values, dict):
        return _deep(base, over)
    rest = {key: value for key, value in over.items() if key != "value"}
    return _deep(base, rest) | {"value": _values(cast("list[object]", base["value"]), values)}


def points_of(values: object) -> tuple[str, ...]:
    """The point of each ``[[sensor.value]]``, "" where there is none."""
    tables = values if isinstance(values, list) else []
    return tuple(str(each.get("point", "")) if isinstance(each, dict) else "" for each in tables)


def _values(tables: list[object], over: Mapping[str, object]) -> list[object]:
    points = points_of(tables)
    found = [
        _deep(each, cast("Table", over[point]))
        if isinstance(each, dict) and isinstance(over.get(point), dict)
        else over.get(point, each)
        for point, each in zip(points, tables, strict=True)
    ]
    added = (
        ({"point": point} | each) if isinstance(each, dict) else each
        for point, each in over.items()
        if point not in points
    )
    return [*found, *added]


def _deep(base: Mapping[str, object], over: Mapping[str, object]) -> Table:
    found = dict(base)
    for key, value in over.items():
        under = found.get(key)
        if key in _GIVEN_UP and value is False:
            found.pop(key, None)
        elif isinstance(under, dict) and isinstance(value, dict):
            found[key] = _deep(under, value)
        else:
            found[key] = value
    return found
