"""Alerts of the power that an EVSE draws: there from the start, where it is known what the wiring is for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gateway.model.device.variable import VariableRef
from gateway.model.installation import Alerting, AlertKind, Outlet

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gateway.model.installation import Installation
    from gateway.model.station import StationState

OVERLOAD = 1.1
"""The wiring is known in A, and a public grid's voltage may be 10 % above its nominal one (EN 50160)."""

OVERLOAD_SEVERITY = 4
"""Error: somebody has to look at it, and nobody in danger is waiting: that is what the fuse is for."""

DANGER = 1.3
"""A fuse holds a little less than this for an hour (IEC 60898: 1.13 and 1.45 times its current)."""

DANGER_SEVERITY = 3
"""Critical: limits are not kept, and the wiring warms up."""


def overloads(state: StationState, installation: Installation) -> Iterator[tuple[int, Alerting, Alerting]]:
    """For each EVSE with a known power: its number, the alert of a little too much, and that of far too much."""
    unknown = Outlet()
    for evse in (number for number in state.evses() if number):
        rated = installation.outlets.get((evse, 1), unknown).power
        if rated:
            ref = VariableRef(component="EVSE", evse=evse, variable="Power")
            yield evse, _above(ref, rated * OVERLOAD, OVERLOAD_SEVERITY), _above(ref, rated * DANGER, DANGER_SEVERITY)


def _above(ref: VariableRef, watts: float, severity: int) -> Alerting:
    return Alerting(ref=ref, severity=severity, above=round(watts, 1), kind=AlertKind.OVERLOAD)
