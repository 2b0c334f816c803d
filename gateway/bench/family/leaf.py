"""The one point from which a value is derived, and what it has to hold for a wanted value. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gateway.bench.family.candidates import leaves
from gateway.bench.family.quantities import is_measured
from gateway.bench.family.raws import bounds, kind_of
from gateway.bench.family.solve import nearest
from gateway.family.evaluate import derived
from gateway.family.interpret import interpret

if TYPE_CHECKING:
    from gateway.family.family import AnyFamily
    from gateway.family.value import Value


def leaf_of(family: AnyFamily, name: str) -> str:
    """The point that alone decides a derived value; "" where there are several, or one that is measured itself."""
    if name in family.points or name not in family.derive:
        return ""
    found = [each for each in leaves(family, [name]) if kind_of(family, family.points[each]) == "whole"]
    return found[0] if len(found) == 1 and not is_measured(found[0]) else ""


def leaf_raw(family: AnyFamily, name: str, leaf: str, target: float) -> int | None:
    """The raw number of the leaf with which the derived value comes nearest to a target (in the value's own unit)."""
    point = family.points[leaf]
    low, high = bounds(point)
    if point.mask is not None:
        high = min(high, point.mask)

    def formula(raw: float) -> Value:
        return derived(family, {leaf: interpret(point, int(raw))}).get(name)

    return nearest(formula, target, max(0, low), min(high, 0xFFFF))
