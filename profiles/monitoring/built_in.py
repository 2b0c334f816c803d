"""The monitors that a station has from the start."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gateway.model.alerts import overloads
from gateway.model.monitoring import MonitorType, Origin, VariableMonitor

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gateway.model.installation import Alerting, Installation
    from gateway.model.station import StationState

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
    for evse, over, danger in overloads(state, installation):
        yield _of_alert(evse, over)
        yield _of_alert(HARD_WIRED_FROM + evse, danger, Origin.HARD_WIRED)
    for number, alert in enumerate(installation.alerts, FIRST_ALERT):
        yield _of_alert(number, alert)


def _of_alert(number: int, alert: Alerting, origin: Origin = Origin.PRECONFIGURED) -> VariableMonitor:
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
        origin=origin,
        hysteresis=alert.hysteresis,
        alert=alert,
    )
