"""Which variants of a family a station is. Pure."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gateway.family.family import AnyFamily, Probe
    from gateway.family.value import Value

_NUMBER = re.compile(r"\d+")


def matching(family: AnyFamily, values: Mapping[str, Value], failed: frozenset[str]) -> tuple[str, ...]:
    """The ids of the variants whose probe is true.

    Args:
        family: The family without variants.
        values: What was read, by point.
        failed: Points whose read the station has refused.
    """
    return tuple(each.id for each in family.variant if _true(each.probe, values.get(each.probe.point), failed))


def _true(probe: Probe, value: Value, failed: frozenset[str]) -> bool:
    if probe.fails is not None:
        return (probe.point in failed) is probe.fails
    if value is None or isinstance(value, tuple) or not _asks(probe):
        return False
    if probe.prefix is not None and not str(value).startswith(probe.prefix):
        return False
    key = _key(value)
    return (
        (probe.eq is None or key == _key(probe.eq))
        and (probe.lt is None or key < _key(probe.lt))
        and (probe.le is None or key <= _key(probe.le))
        and (probe.gt is None or key > _key(probe.gt))
        and (probe.ge is None or key >= _key(probe.ge))
    )


def _asks(probe: Probe) -> bool:
    """False for a probe without a condition: only the site file can say that a station is this variant."""
    return any(each is not None for each in (probe.prefix, probe.eq, probe.lt, probe.le, probe.gt, probe.ge))


def _key(value: object) -> tuple[tuple[float, ...], str]:
    """What to compare by: numbers as numbers, versions part by part, whatever stands before the first digit."""
    if isinstance(value, bool | int | float):
        return (float(value),), ""
    numbers = tuple(float(each) for each in _NUMBER.findall(str(value)))
    return numbers, "" if numbers else str(value)
