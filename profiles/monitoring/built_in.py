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

DANGER = 1.3
"""A fuse holds a little less than this for an hour (IEC 60898: 1.13 and 1.45 times its current)."""

DANGER_SEVERITY = 3
"""Critical: limits are not kept, and the wiring warms up."""

HARD_WIRED_FROM = 500
"""Ids of hard-wired monitors: this and the EVSE's."""


FIRST_ALERT = 1001
"""Ids of the site file's alerts begin here; those of EVSEs are theirs."""


def built_in(state: StationState, installation: Installation) -> Iterator[VariableMonitor]:
    """The alerts of the site file; and of an EVSE that draws more than it is wired for, where its power is measured.

    Preconfigured, so that the CSMS may have another threshold: a little more. Hard-wired: so much more that it is to
    be heard of whatever the CSMS has set.

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
            yield VariableMonitor(
                id=HARD_WIRED_FROM + evse,
                ref=VariableRef(component="EVSE", evse=evse, variable="Power"),
                type=MonitorType.UPPER_THRESHOLD,
                value=round(rated * DANGER, 1),
                severity=DANGER_SEVERITY,
                origin=Origin.HARD_WIRED,
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
        id=number,
        ref=alert.ref,
        type=type_,
        value=value,
        severity=alert.severity,
        origin=Origin.PRECONFIGURED,
        hysteresis=alert.hysteresis,
    )
