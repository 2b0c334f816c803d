"""The current that flows at an EVSE, as its values show it. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gateway.family.readings import currents, power
from gateway.model.installation import NOMINAL_VOLTAGE

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gateway.family.family import AnyFamily
    from gateway.family.value import Value

SHOWN = ("current", "power", "power_phase")
"""The points that tell."""

NOTHING = 100.0
"""W below which no vehicle charges."""

_PHASES = 3


def flow(family: AnyFamily, values: Mapping[str, Value], phases: int | None) -> tuple[float, ...]:
    """A on each phase of an EVSE; () where that cannot be told.

    A station that shows one number for several phases does not say which of them a vehicle uses.

    Args:
        family: Says in which units the values are.
        values: By point, with the derived ones.
        phases: How many phases the EVSE is wired with; None: not known.
    """
    count = phases or _PHASES
    row, watts = currents(family, values), power(family, values)
    if len(row) >= count:
        return tuple(abs(each) for each in row[:count])
    if len(row) > 1:
        return tuple(abs(each) for each in row)
    if watts is not None and abs(watts) < NOTHING:
        return (0.0,) * count
    if watts is None or row:
        return ()
    return (abs(watts) / NOMINAL_VOLTAGE,) if count == 1 else ()
