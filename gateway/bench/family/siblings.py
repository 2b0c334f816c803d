"""Points that stand in the same place of the wire and are read in different ways: they hold the same. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gateway.family.points import FieldPoint, FramePoint, PathPoint, RegisterPoint

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gateway.family.family import AnyFamily
    from gateway.family.points import AnyPoint


def place(point: AnyPoint) -> tuple[object, ...]:
    """Where a point stands, and how its raw value is made of what stands there."""
    match point:
        case RegisterPoint():
            form = (point.type, point.n, point.stride, point.word, point.byte, point.shared)
            return (point.table, point.at, point.unit_id, *form)
        case FramePoint():
            return (point.frame, point.byte, point.n, point.type, point.order)
        case FieldPoint():
            return (point.from_,)
        case PathPoint():
            return (point.from_, point.ptr)
    return ()


def siblings(family: AnyFamily) -> Mapping[str, tuple[str, ...]]:
    """Point -> all points in its place, itself among them, in the order of the file."""
    places: dict[tuple[object, ...], list[str]] = {}
    for name, point in family.points.items():
        places.setdefault(place(point), []).append(name)
    return {name: tuple(places[place(point)]) for name, point in family.points.items()}
