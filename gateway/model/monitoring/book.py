"""The monitors of one station: those that are built in, those that the backend has set, and what they remember."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from gateway.model.device_types import DataType
from gateway.model.monitoring.judge import FRESH, Finding, Memory, Seen, judge
from gateway.model.monitoring.monitor import MonitoringBase, Origin, VariableMonitor

if TYPE_CHECKING:
    from collections.abc import Iterable

    from gateway.model.device.model import DeviceModel
    from gateway.model.monitoring.setting import Wish
    from gateway.model.station import StationState

SECOND = timedelta(seconds=1)

FIRST_CUSTOM = 100_000
"""Ids below are those of built-in monitors."""

Held = Callable[[VariableMonitor], bool]
"""Whether a monitor is held back: its events are not wanted now."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Book:
    """Immutable: every change is a new book.

    Attributes:
        built_in: Hard-wired and preconfigured monitors.
        custom: What the backend has set, by id; one with the id of a preconfigured monitor stands in its place.
        removed: Ids of preconfigured monitors that the backend has cleared.
        base: Which monitors there are at all.
        next_id: Of the next custom monitor.
        memories: By id; a monitor without one is fresh.
    """

    built_in: tuple[VariableMonitor, ...] = ()
    custom: Mapping[int, VariableMonitor] = field(default_factory=dict)
    removed: frozenset[int] = frozenset()
    base: MonitoringBase = MonitoringBase.FACTORY_DEFAULT
    next_id: int = FIRST_CUSTOM
    memories: Mapping[int, Memory] = field(default_factory=dict)

    @property
    def monitors(self) -> tuple[VariableMonitor, ...]:
        """The monitors that there are, in the order of their ids."""
        found = {monitor.id: monitor for monitor in self.built_in if self._stands(monitor)} | dict(self.custom)
        return tuple(found[id_] for id_ in sorted(found))

    def _stands(self, monitor: VariableMonitor) -> bool:
        if monitor.origin is Origin.HARD_WIRED:
            return True
        return self.base is not MonitoringBase.HARD_WIRED_ONLY and monitor.id not in self.removed

    @property
    def exceeded(self) -> frozenset[int]:
        """The monitors that have told of a passed threshold, and not of its end."""
        return frozenset(id_ for id_, memory in self.memories.items() if memory.exceeded)

    def with_built_in(self, monitors: Iterable[VariableMonitor]) -> Book:
        """The book of a station whose built-in monitors are these."""
        return replace(self, built_in=tuple(monitors))

    def with_wish(self, wish: Wish) -> tuple[Book, VariableMonitor]:
        """The book with a monitor that may be set; one that stands in another's place is a custom one (N04.FR.15).

        A threshold that is only moved goes on from where it was (N07.FR.11); anything else starts anew.
        """
        id_ = self.next_id if wish.id is None else wish.id
        monitor = VariableMonitor(
            id=id_, ref=wish.ref, type=wish.type, value=wish.value, severity=wish.severity, transaction=wish.transaction
        )
        before = next((each for each in self.monitors if each.id == id_), None)
        goes_on = before is not None and before.type is wish.type and wish.type.threshold
        return replace(
            self,
            custom={**self.custom, id_: monitor},
            next_id=self.next_id + (wish.id is None),
            memories=self.memories if goes_on else _without(self.memories, id_),
        ), monitor

    def without(self, id_: int) -> Book:
        """The book without a monitor. A preconfigured one is gone until the base is set again (N03.FR.03)."""
        built_in = any(monitor.id == id_ for monitor in self.built_in)
        return replace(
            self,
            custom={key: monitor for key, monitor in self.custom.items() if key != id_},
            removed=self.removed | {id_} if built_in else self.removed,
            memories=_without(self.memories, id_),
        )

    def based_on(self, base: MonitoringBase) -> Book:
        """The book after SetMonitoringBase (N03.FR.03 to N03.FR.05)."""
        custom = self.custom if base is MonitoringBase.ALL else {}
        after = replace(self, base=base, removed=frozenset(), custom=custom)
        # A preconfigured monitor that was replaced starts anew.
        same = {monitor.id for monitor in after.monitors if monitor in self.monitors}
        return replace(after, memories={id_: memory for id_, memory in self.memories.items() if id_ in same})

    def looked(self, device: DeviceModel, state: StationState, now: datetime, held: Held) -> tuple[Book, list[Finding]]:
        """The book after a look at all that is monitored, and the events of it.

        A monitor that is held back stays as it is, so that it tells afterwards what is true then; what is due meanwhile
        is left out. One whose variable is not there, or whose transaction does not run, forgets.

        Args:
            device: The values now.
            state: Tells of transactions.
            now: The time.
            held: Which monitors are held back.
        """
        memories, findings = dict(self.memories), []
        for monitor in self.monitors:
            spec = device.spec(monitor.ref)
            if spec is None or (monitor.transaction and not _running(monitor, state)):
                memories.pop(monitor.id, None)
                continue
            before = memories.get(monitor.id, FRESH)
            seen = Seen(type=spec.type, value=device.value(spec.ref), now=now)
            after, finding = judge(monitor, before, seen)
            if held(monitor):
                # The first value counts all the same, so that a delta has something to be told from.
                first = before.base is None
                after = replace(before, due=after.due, base=after.base if first else before.base)
                finding = None
            memories[monitor.id] = after
            if finding is not None:
                findings.append(replace(finding, transaction=_transaction(monitor, state)))
        same = memories == self.memories
        return (self if same else replace(self, memories=memories)), findings

    def rebased(self) -> Book:
        """The book after a restart of the station: a delta is counted from the next value (Part 1, 4.4)."""
        return replace(self, memories={id_: replace(memory, base=None) for id_, memory in self.memories.items()})

    def due(self, device: DeviceModel) -> datetime | None:
        """When time alone may make an event; None if never. A variable that is the time is looked at once a second."""
        times = [due for memory in self.memories.values() if (due := memory.next) is not None]
        for monitor in self.monitors:
            spec = device.spec(monitor.ref)
            if spec is not None and spec.live and spec.type is DataType.DATE_TIME and device.moment is not None:
                times.append(device.moment.now + SECOND)
        return min(times, default=None)


def _running(monitor: VariableMonitor, state: StationState) -> bool:
    if monitor.ref.evse:
        return state.transaction_at(monitor.ref.evse) is not None
    return bool(state.transactions)


def _transaction(monitor: VariableMonitor, state: StationState) -> str | None:
    """The transaction that an event is of: the one at the EVSE, or of a monitor of transactions the only one."""
    if monitor.ref.evse:
        running = state.transaction_at(monitor.ref.evse)
        return running.id if running is not None else None
    return state.transactions[0].id if monitor.transaction and len(state.transactions) == 1 else None


def _without(memories: Mapping[int, Memory], id_: int) -> dict[int, Memory]:
    return {key: memory for key, memory in memories.items() if key != id_}
