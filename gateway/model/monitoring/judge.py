"""Whether a value, or the time, makes an event of a monitor (Part 2, N07 and N08)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import TYPE_CHECKING

from gateway.model.alerts.latch import REST, Latch
from gateway.model.device.values import well_formed
from gateway.model.device_types import DataType
from gateway.model.monitoring.monitor import NUMERIC, MonitorType
from gateway.model.monitoring.schedule import first_due, next_due

if TYPE_CHECKING:
    from gateway.model.installation import Alerting
    from gateway.model.monitoring.monitor import VariableMonitor


class Trigger(StrEnum):
    """EventTriggerEnumType (Part 2, 3.32)."""

    ALERTING = "Alerting"
    DELTA = "Delta"
    PERIODIC = "Periodic"


@dataclass(frozen=True, slots=True, kw_only=True)
class Memory:
    """What a monitor remembers.

    ``latch``: what the backend knows of a passed threshold, or of an alert. ``base``: the value that a delta is counted
    from, None before the first. ``due``: the next time of a periodic one, or when a delta may be told again. ``told``: when
    deltas were told, the last few times.
    """

    latch: Latch = REST
    base: str | None = None
    due: datetime | None = None
    told: tuple[datetime, ...] = ()

    @property
    def exceeded(self) -> bool:
        """True where the backend knows that a threshold is passed, or that an alert stands."""
        return self.latch.standing

    @property
    def next(self) -> datetime | None:
        """When time alone may make an event; None: never."""
        return min((due for due in (self.due, self.latch.due) if due is not None), default=None)


FRESH = Memory()

MOST = 10
WINDOW = timedelta(seconds=10)
"""A monitor tells no more than so many changes within so long: once a second, if a value never rests."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """A variable as it is now; "" where it has no value."""

    type: DataType
    value: str
    now: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """An event of a monitor.

    ``cleared``: a threshold is passed no more, or an alert is over. ``restless``: it comes so often that its end is told
    only when it was quiet for a while. ``transaction``: the id of the one it is of.
    """

    monitor: VariableMonitor
    trigger: Trigger
    value: str
    at: datetime
    cleared: bool = False
    restless: bool = False
    transaction: str | None = None


def judge(monitor: VariableMonitor, memory: Memory, seen: Seen) -> tuple[Memory, Finding | None]:
    """What a monitor remembers after a look at its variable, and the event that this makes."""
    match monitor.type:
        case MonitorType.UPPER_THRESHOLD | MonitorType.LOWER_THRESHOLD:
            return _threshold(monitor, memory, seen)
        case MonitorType.DELTA:
            return _paced(memory, *_delta(monitor, memory, seen), seen.now)
        case MonitorType.PERIODIC | MonitorType.PERIODIC_CLOCK_ALIGNED:
            return _periodic(monitor, memory, seen)


def _threshold(monitor: VariableMonitor, memory: Memory, seen: Seen) -> tuple[Memory, Finding | None]:
    """An event when the value passes the threshold, not on it, and one when it is back (N07.FR.02, FR.16, FR.17)."""
    value = _number(seen)
    if value is None:
        return memory, None
    limit, back = _decimal(monitor.value), _decimal(monitor.hysteresis) if memory.exceeded else 0
    exceeded = value > limit - back if monitor.type is MonitorType.UPPER_THRESHOLD else value < limit + back
    after = replace(memory, latch=memory.latch.fed(exceeded, seen.now))
    if after.exceeded is memory.exceeded:
        return after, None
    return after, _event(monitor, Trigger.ALERTING, after, seen)


def _event(monitor: VariableMonitor, trigger: Trigger, after: Memory, seen: Seen) -> Finding:
    return Finding(
        monitor=monitor,
        trigger=trigger,
        value=seen.value,
        at=seen.now,
        cleared=not after.exceeded,
        restless=after.latch.restless,
    )


def _delta(monitor: VariableMonitor, memory: Memory, seen: Seen) -> tuple[Memory, Finding | None]:
    """An event when the value has changed since the last one, a number by more than so much (N07.FR.18, FR.19)."""
    if monitor.alert is not None:
        return _match(monitor, monitor.alert, memory, seen)
    if memory.base is None:
        # A number that has no value yet has nothing to differ from.
        known = seen.value != "" or not _measured(seen)
        return (replace(memory, base=seen.value) if known else memory), None
    if not _differs(monitor, memory.base, seen):
        return memory, None
    event = Finding(monitor=monitor, trigger=Trigger.DELTA, value=seen.value, at=seen.now)
    return replace(memory, base=seen.value), event


def _paced(before: Memory, after: Memory, event: Finding | None, now: datetime) -> tuple[Memory, Finding | None]:
    """What changes more often than it may be told is told later, as it is then. Begin and end of an alert are no such."""
    if event is None:
        return (after if after.due is None else replace(after, due=None)), None
    if after.exceeded is not before.exceeded:
        return after, event
    told = tuple(at for at in before.told if now - WINDOW < at <= now)
    if len(told) >= MOST:
        return replace(before, told=told, due=told[0] + WINDOW), None
    return replace(after, told=(*told, now), due=None), event


def _match(monitor: VariableMonitor, alert: Alerting, memory: Memory, seen: Seen) -> tuple[Memory, Finding | None]:
    """As a delta, and each event says whether the value is an alert or the end of one.

    An alert is told that is there from the start, as nothing was seen to change then. Of a number, only beginning and end
    are told. No value is no event: that the sensor is lost is one of its own.
    """
    met = alert.met(seen.value, standing=memory.exceeded)
    if met is None:
        return memory, None
    latch = memory.latch.fed(met, seen.now)
    after = replace(memory, latch=latch, base=seen.value)
    if latch.standing is memory.exceeded and (latch.restless or not _another_word(memory.base, seen)):
        return after, None
    return after, _event(monitor, Trigger.DELTA, after, seen)


def _another_word(base: str | None, seen: Seen) -> bool:
    """True where a text has become another one, which N07.FR.19 wants told."""
    return base not in {None, seen.value} and not _measured(seen) and seen.type is not DataType.BOOLEAN


def _differs(monitor: VariableMonitor, base: str, seen: Seen) -> bool:
    if not _measured(seen):
        return seen.value != base
    before, now = _number(replace(seen, value=base)), _number(seen)
    return before is not None and now is not None and abs(now - before) > _decimal(monitor.value)


def _periodic(monitor: VariableMonitor, memory: Memory, seen: Seen) -> tuple[Memory, Finding | None]:
    """An event every so many seconds."""
    interval = timedelta(seconds=monitor.value)
    due = memory.due
    if due is None or due - seen.now > interval:  # new, or the clock has been set back
        return replace(memory, due=first_due(monitor.type, interval, seen.now)), None
    if due > seen.now:
        return memory, None
    event = Finding(monitor=monitor, trigger=Trigger.PERIODIC, value=seen.value, at=seen.now)
    return replace(memory, due=next_due(monitor.type, interval, due, seen.now)), event


def _measured(seen: Seen) -> bool:
    """True where a difference has a size; that of a dateTime is in seconds (Part 1, 4.4)."""
    return seen.type in NUMERIC or seen.type is DataType.DATE_TIME


def _number(seen: Seen) -> Decimal | None:
    """The value as a number; None where it is none, as a station's own setting may be."""
    if not well_formed(seen.type, seen.value):
        return None
    if seen.type is DataType.DATE_TIME:
        return _decimal(datetime.fromisoformat(seen.value).timestamp())
    return Decimal(seen.value)


def _decimal(number: float) -> Decimal:
    """The number as it is written: 0.1 and not the nearest binary fraction."""
    return Decimal(str(number))
