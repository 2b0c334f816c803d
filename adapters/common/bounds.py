"""How much an EVSE may draw whatever is asked for: site, nameplate, station, cable; and in how many phases."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gateway.family.evaluate import FLOWING_AMPERES
from gateway.family.limit import Ceilings
from gateway.model.installation import NOMINAL_VOLTAGE

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gateway.family.family import AnyFamily
    from gateway.family.value import Value
    from gateway.model.installation import Outlet

_MOST_PHASES = 3


class Bounds:
    """The ceilings of one EVSE. What a cable or the station has said holds until it says something else.

    Args:
        outlet: The wiring; an EVSE whose fuse is not known gets no current.
        nameplate: A per phase on the station's nameplate, if that is known.
    """

    def __init__(self, outlet: Outlet, nameplate: float | None) -> None:
        self._outlet = outlet
        self._nameplate = nameplate
        self._cable: float | None = None
        self._station: float | None = None

    def take(self, values: Mapping[str, Value], *, plugged: bool) -> None:
        """Take over what has been read; without a vehicle the cable is another one next time."""
        self._station = _amps(values.get("max_current")) or self._station
        self._cable = (_amps(values.get("cable_current")) or self._cable) if plugged else None

    def ceilings(self, family: AnyFamily, values: Mapping[str, Value]) -> tuple[Ceilings, int]:
        """The ceilings, in A per phase, and the phases that a limit in W is shared among."""
        limit, phases = family.control.limit, self._phases(family, values)
        highest = limit.max if limit is not None else float("inf")
        if limit is not None and limit.unit == "W":
            highest = limit.max / phases  # W per phase is more than any A: setpoint() clamps the W themselves
        return Ceilings(
            family=highest,
            site=self._outlet.current if self._outlet.current is not None else 0.0,
            nameplate=self._nameplate,
            station=_amps(values.get("max_current")) or self._station,
            cable=_amps(values.get("cable_current")) or self._cable,
        ), phases

    def fallback(self, family: AnyFamily, amps: float) -> float:
        """What a station may be told to fall back to: no more than its ceilings, 0 below its minimum; A per phase."""
        lowest = min(amps, self.ceilings(family, {})[0].lowest()[0])
        limit = family.control.limit
        smallest = limit.min if limit is not None and limit.unit == "A" else 0.0
        return lowest if lowest >= smallest else 0.0

    def in_unit(self, amps: float, unit: str) -> float:
        """A per phase in the unit of a point, A or W; W of all phases that are wired."""
        return amps if unit != "W" else amps * NOMINAL_VOLTAGE * (self._outlet.phases or 1)

    def _phases(self, family: AnyFamily, values: Mapping[str, Value]) -> int:
        """For W those phases that are seen to carry current, at least one: a vehicle on one phase draws all of it there."""
        limit = family.control.limit
        if limit is None or limit.unit == "A":
            return self._outlet.phases or _MOST_PHASES
        current = values.get("current")
        row = current if isinstance(current, tuple) else (current,)
        return max(1, sum(isinstance(each, int | float) and each > FLOWING_AMPERES for each in row))


def _amps(value: Value) -> float | None:
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None
