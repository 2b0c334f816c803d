"""The monitors that a station has from the start."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gateway.model.device import VariableRef
from gateway.model.installation import Outlet
from gateway.model.monitoring import MonitorType, Origin, VariableMonitor

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gateway.model.installation import Alerting, Installation
    from gateway.model.station import StationState

OVERLOAD = 1.1
"""The wiring is known in A, and a public grid's voltage may be 10 % above its nominal one (EN 50160)."""

OVERLOAD_SEVERITY = 4
"""Error: somebody has to look at it, and nobody in danger is waiting: that is what the fuse is for."""


FIRST_ALERT = 1001
"""Ids of the site file's alerts begin here; those of EVSEs are theirs."""


def built_in(state: StationState, installation: Installation) -> Iterator[VariableMonitor]:
    """Preconfigured: the alerts of the site file, and an EVSE that draws more than it is wired for, where that is known and its power is measured.

    Faults are no monitors: a station tells of them by itself, and the core profile passes them on.
    """
    unknown = Outlet()
    for evse in (number for number in state.evses() if number):
        rated = installation.outlets.get((evse, 1), unknown).power
        if rated:
            yield VariableMonitor(
                id=evse,
                ref=VariableRef(component="EVSE", evse=evse, variable="Power"),
                type=MonitorType.UPPER_THRESHOLD,
                value=round(rated * OVERLOAD, 1),
                severity=OVERLOAD_SEVERITY,
                origin=Origin.PRECONFIGURED,
            )
    for number, alert in enumerate(installation.alerts, FIRST_ALERT):
        yield _of_alert(number, alert)


def _of_alert(number: int, alert: Alerting) -> VariableMonitor:
    """A threshold; of what is no number every change (Part 2, Appendix 4, Active)."""
    if alert.above is not None:
        type_, value = MonitorType.UPPER_THRESHOLD, alert.above
    elif alert.below is not None:
        type_, value = MonitorType.LOWER_THRESHOLD, alert.below
    else:
        type_, value = MonitorType.DELTA, 1.0
    return VariableMonitor(
        id=number, ref=alert.ref, type=type_, value=value, severity=alert.severity, origin=Origin.PRECONFIGURED
    )
