"""When a periodic monitor is due (Part 2, N08.FR.06 and N08.FR.07)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from gateway.model.monitoring.monitor import MonitorType

_ORIGIN = datetime(1970, 1, 1, tzinfo=UTC)
"""A midnight: intervals that divide an hour or a day are aligned with its hours."""


def first_due(type_: MonitorType, interval: timedelta, now: datetime) -> datetime:
    """When a monitor that is set now is due for the first time; ``interval`` is longer than nothing."""
    if type_ is MonitorType.PERIODIC:
        return now + interval
    return _ORIGIN + ((now - _ORIGIN) // interval + 1) * interval


def next_due(type_: MonitorType, interval: timedelta, due: datetime, now: datetime) -> datetime:
    """When a monitor that was due is due again.

    What was missed, because the box was busy or its clock was set, is not made up for: the next time is after ``now``,
    and no more than an interval after it.
    """
    if type_ is not MonitorType.PERIODIC:
        return first_due(type_, interval, now)
    return due + ((now - due) // interval + 1) * interval
