"""The outlets of the simulated station: their meters, what it says of their status, and the outbox that it says it in."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from gateway.bench import car
from gateway.bench.ocpp_s import messages
from gateway.bench.ocpp_s.connector import Connector
from gateway.bench.ocpp_s.keys import MAX_CURRENT
from gateway.bench.ocpp_s.memory import Entry, Memory
from gateway.bench.ocpp_s.profiles import LEAST_CURRENT, Profiles
from gateway.model.errors import GatewayError

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from gateway.bench.clock import Clock
    from gateway.bench.ocpp_s.config import StationConfig


class Outlets:
    """All connectors of the station.

    Args:
        config: the station's settings.
        clock: simulated time.
        memory: what a power cycle does not take from the station.
        news: called after each change that the outside may wait for.
    """

    def __init__(self, config: StationConfig, clock: Clock, memory: Memory, news: Callable[[], None]) -> None:
        self.config = config
        self.clock = clock
        self.memory = memory
        self.news = news
        self.online = False
        self.own_fault = ""
        self.profiles = Profiles()
        self.transferred: dict[int, float] = {}
        self.cut: set[int] = set()
        self._settled = clock.elapsed()
        self._limited_at = self.now()
        self._own_status = ("", "")
        self.connectors = {
            number: Connector(
                number=number,
                evse=car.Evse(
                    max_current=config.max_current,
                    phases=config.phases,
                    register=memory.registers.get(number, config.meter_start),
                ),
            )
            for number in range(1, config.evses + 1)
        }

    def now(self) -> datetime:
        """Give the time by the station's own clock, in whole milliseconds."""
        at = self.clock.now() + timedelta(seconds=self.config.clock_skew)
        return at.replace(microsecond=at.microsecond // 1000 * 1000)

    def write(self, at: datetime) -> str:
        """Write a time stamp as this station does."""
        return messages.stamp(at, self.config.quirks)

    def settle(self) -> None:
        """Let the meters count up to now."""
        now = self.clock.elapsed()
        for connector in self.connectors.values():
            connector.evse = car.advance(connector.evse, now - self._settled)
            self.memory.registers[connector.number] = connector.evse.register
        self._settled = now

    def limit(self) -> None:
        """Let the charging profiles that hold now take effect."""
        self.settle()
        now = self._limited_at = self.now()
        for number, connector in self.connectors.items():
            begun = None if connector.session is None else connector.session.begun
            volts = connector.evse.voltage * self.config.phases
            limit = self.profiles.limit(number, now, begun, volts=volts)
            given = (limit, self.by_vendor(number), self.config.max_current)
            current = min(each for each in given if each is not None)
            connector.evse = replace(connector.evse, max_current=0.0 if number in self.cut else current)

    def by_vendor(self, number: int) -> float | None:
        """What the means of its vendor allow a connector, A per phase: the key, and the message of a DataTransfer."""
        text = self.memory.keys.get(f"{MAX_CURRENT}{number}", "")
        told = [float(text)] if text else []
        told += [self.transferred[number]] if number in self.transferred else []
        return (0.0 if min(told) < LEAST_CURRENT else min(told)) if told else None

    def next_limit(self) -> datetime | None:
        """When the charging profiles may limit otherwise than they were last seen to: that may have passed."""
        since = self._limited_at
        begun = (connector.session.begun for connector in self.connectors.values() if connector.session is not None)
        edges = (self.profiles.next_edge(since, at) for at in (None, *begun))
        return min((edge for edge in edges if edge is not None), default=None)

    def connector(self, number: int) -> Connector:
        """Give a connector.

        Raises:
            GatewayError: ``unknown-evse``.
        """
        if number not in self.connectors:
            raise GatewayError("unknown-evse", evse=number)
        return self.connectors[number]

    def operative(self, number: int) -> bool:
        """Tell whether a connector (0: the station) is in service."""
        return not {0, number} & self.memory.inoperative

    def post(self, entry: Entry) -> None:
        """Put a request into the outbox; offline, a status replaces the older one of its connector."""
        if entry.operation == "StatusNotification" and not self.online:
            self._forget_status(entry.fields["connectorId"])
        if entry.durable or self.online or entry.operation == "StatusNotification":
            self.memory.outbox.append(entry)
        self.news()

    def report(self, connector: Connector) -> None:
        """Post a StatusNotification if the status of a connector has changed."""
        fine, error = connector.status(operative=self.operative(connector.number))
        state = (self.config.dialect.state(fine), error)
        if state != connector.reported:
            connector.reported = state
            self.post(self._status(connector.number, state))

    def report_each(self) -> None:
        """Post a StatusNotification of each connector whose status has changed."""
        for connector in self.connectors.values():
            self.report(connector)

    def tell(self, number: int) -> None:
        """Post a StatusNotification, changed or not, of a connector; 0 is the station."""
        if number == 0:
            self._own_status = ("", "")
            self.report_station()
        else:
            connector = self.connector(number)
            connector.reported = ("", "")
            self.report(connector)

    def report_station(self) -> None:
        """Post a StatusNotification of connector 0 if the status of the station has changed."""
        state = ("Faulted", self.own_fault) if self.own_fault else ("Available", "NoError")
        if state != self._own_status:
            self._own_status = state
            self.post(self._status(0, state))

    def report_all(self) -> None:
        """Put the status of every connector at the head of the outbox, as after a boot."""
        waiting = [entry for entry in self.memory.outbox if entry.operation != "StatusNotification"]
        self.memory.outbox.clear()
        self._own_status = ("", "")
        self.report_station()
        for connector in self.connectors.values():
            connector.reported = ("", "")
            self.report(connector)
        self.memory.outbox.extend(waiting)

    def lose_line(self) -> None:
        """Go offline: of what waits, only transactions and the latest status of each connector stay."""
        self.online = False
        waiting = list(self.memory.outbox)
        self.memory.outbox.clear()
        for entry in waiting:
            self.post(entry)

    def _status(self, number: int, state: tuple[str, str]) -> Entry:
        fields = messages.status(self.config.dialect, number, state, self.write(self.now()))
        return Entry(operation="StatusNotification", fields=fields)

    def _forget_status(self, number: int) -> None:
        self.memory.outbox[:] = [
            entry
            for entry in self.memory.outbox
            if entry.operation != "StatusNotification" or entry.fields["connectorId"] != number
        ]
