"""The monitors of every station at run time: looked at when something has changed, or time has come."""

from __future__ import annotations

import asyncio
import contextlib
from collections import defaultdict
from datetime import timedelta
from typing import TYPE_CHECKING

from gateway.contracts import Message
from gateway.model.alerts import Causes
from profiles.monitoring.keeping import Keeping
from profiles.monitoring.variables import base_of, enabled, held_back
from profiles.monitoring.wire import event_data, event_pages

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from datetime import datetime

    from gateway.contracts import Backend, Json, Northbound
    from gateway.model.changes import Change
    from gateway.model.device import DeviceModel
    from gateway.model.installation import Installation
    from gateway.model.monitoring import Book, Finding, VariableMonitor
    from gateway.model.station import StationState

SECOND = timedelta(seconds=1)
LONGEST_WAIT = timedelta(minutes=1)
"""The box's clock may be set while something waits for a time of day."""


class Watch:
    """Looks at monitored variables, and posts the events.

    Args:
        northbound: The box.
        backend: Where events go.
        built_in: The monitors that a station has from the start.
    """

    def __init__(
        self,
        northbound: Northbound,
        backend: Backend,
        built_in: Callable[[StationState, Installation], Iterable[VariableMonitor]],
    ) -> None:
        self._northbound = northbound
        self._backend = backend
        self._built_in = built_in
        self._keeping = Keeping(northbound.shelf("monitoring"))
        self._books: dict[str, Book] = {}
        self._kept: dict[str, Book] = {}
        self._locks: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)
        self._evses: dict[str, tuple[int, ...]] = {}
        self._due: dict[str, datetime] = {}
        self._restarted: set[str] = set()
        self._causes: defaultdict[str, Causes] = defaultdict(Causes)
        self._news = asyncio.Event()

    async def run(self) -> None:
        """Look at every station at the start, and then whenever time has come. Nothing to wait for costs nothing."""
        for station in self._northbound.stations():
            await self.book(station)
            self.look(station)
        while True:
            self._news.clear()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(self.pause()):
                    await self._news.wait()
            self.look_at_due()

    def pause(self) -> float | None:
        """Seconds until something is due; None while nothing is."""
        first = min(self._due.values(), default=None)
        return None if first is None else min(first - self._northbound.now(), LONGEST_WAIT).total_seconds()

    def look_at_due(self) -> None:
        """Look at the stations whose time has come."""
        now = self._northbound.now()
        for station in [station for station, due in self._due.items() if due <= now]:
            self.look(station)

    async def book(self, station: str) -> Book:
        """The monitors of a station, read once."""
        if station not in self._books:
            book = await self._keeping.load(station, base_of(self._northbound.device(station)))
            if station not in self._books:  # somebody else may have read it meanwhile
                self._books[station] = self._kept[station] = book
        return self._current(station)

    async def change(self, station: str, rule: Callable[[Book], Book]) -> None:
        """Change the monitors of a station, and keep them so.

        Raises:
            GatewayError: ``storage-failed``; nothing has changed.
        """
        async with self._locks[station]:
            after = rule(await self.book(station))
            await self._keeping.keep(station, self._kept[station], after)
            self._kept[station] = after
            # Meanwhile values may have changed, and with them what monitors remember.
            self._books[station] = rule(self._books[station])

    def note(self, station: str, change: Change) -> None:
        """Something has changed that events may follow from."""
        self._causes[station] = self._causes[station].noted(change)

    def restarted(self, station: str) -> None:
        """The station has restarted: once this is real, differences are counted anew."""
        self._restarted.add(station)

    def look(self, station: str) -> None:
        """Look at all that is monitored of a station, if its monitors have been read; the events go their way."""
        if station not in self._books:
            return
        book = self._current(station)
        self._due.pop(station, None)
        if not book.monitors:
            return
        device = self._northbound.device(station)
        if not enabled(device):
            return
        after, findings = self._looked(station, book, device)
        if station in self._restarted:
            self._restarted.discard(station)
            after, _ = self._looked(station, after.rebased(), device)
        self._books[station] = after
        self._wait(station, after, device)
        if findings or after.exceeded != self._kept[station].exceeded:
            payloads = self._payloads(station, findings, device)
            self._northbound.background(self._tell(station, payloads))

    def _current(self, station: str) -> Book:
        """The book, with the monitors that the station has from the start as it is now."""
        state = self._northbound.station(station)
        evses = state.evses()
        if self._evses.get(station) != evses:
            self._evses[station] = evses
            monitors = tuple(self._built_in(state, self._northbound.installation(station)))
            self._books[station] = self._books[station].with_built_in(monitors)
        return self._books[station]

    def _looked(self, station: str, book: Book, device: DeviceModel) -> tuple[Book, list[Finding]]:
        held = held_back(device, offline=not self._backend.accepted(station))
        return book.looked(device, self._northbound.station(station), self._northbound.now(), held)

    def _wait(self, station: str, book: Book, device: DeviceModel) -> None:
        """Note when to look again although nothing changes."""
        times = [book.due(device)]
        if not self._backend.accepted(station):
            held, always = held_back(device, offline=True), held_back(device, offline=False)
            if any(held(monitor) and not always(monitor) for monitor in book.monitors):
                times.append(self._northbound.now() + SECOND)  # nobody tells when the backend is back
        first = min((time for time in times if time is not None), default=None)
        if first is not None:
            self._due[station] = first
            self._news.set()

    def _numbered(self, station: str, finding: Finding) -> tuple[int, int | None]:
        """The number of an event, and that of its cause if it is known (N07.FR.05)."""
        ref, events = finding.monitor.ref, self._northbound.events
        cause = self._causes[station].of(ref)
        known = None if cause is None else events.last(station, cause.variable, cleared=cause.over)
        return events.new(station, ref, cleared=finding.cleared), known

    def _payloads(self, station: str, findings: Sequence[Finding], device: DeviceModel) -> tuple[Json, ...]:
        if not findings:
            return ()
        size = device.integer("DeviceDataCtrlr", "ReportingValueSize")
        events = [event_data(each, self._numbered(station, each), device, size) for each in findings]
        return tuple(event_pages(events, self._northbound.now()))

    async def _tell(self, station: str, payloads: Iterable[Json]) -> None:
        """Post first, note then: what is told twice after a power cut does less harm than what is never told."""
        messages = [Message(action="NotifyEvent", payload=payload) for payload in payloads]
        if messages:
            await self._backend.post(station, *messages)
        async with self._locks[station]:
            now = self._books[station]
            await self._keeping.keep(station, self._kept[station], now)
            self._kept[station] = now
