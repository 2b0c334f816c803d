"""Transactions of the simulated station and the meter readings that belong to them."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from gateway.bench import car
from gateway.bench.ocpp_s import messages
from gateway.bench.ocpp_s.ledger import Ledger, Transaction
from gateway.bench.ocpp_s.memory import Entry, Session

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from gateway.bench.ocpp_s.connector import Connector
    from gateway.bench.ocpp_s.keys import Keys
    from gateway.bench.ocpp_s.outlets import Outlets


class Sessions:
    """Starts, stops and meters transactions.

    Args:
        outlets: where they happen.
        keys: the configuration keys that set intervals and measurands.
        ledger: where the truth is written down.
    """

    def __init__(self, outlets: Outlets, keys: Keys, ledger: Ledger) -> None:
        self._outlets = outlets
        self._keys = keys
        self._ledger = ledger
        self._aligned: datetime | None = None
        self._plan_aligned()

    def start(self, connector: Connector, token: str, parent: str, *, remote: bool) -> None:
        """Start a transaction at a connector that has a car and no transaction.

        Args:
            connector: where.
            token: who charges.
            parent: parentIdTag of that token, empty if unknown.
            remote: whether the central system asked for it.
        """
        outlets = self._outlets
        at = outlets.now()
        reservation, connector.reservation = connector.reservation, None
        connector.pending = None
        connector.finished = False
        connector.evse = car.close_contactor(connector.evse)
        outlets.memory.last_session += 1
        session = Session(
            number=outlets.memory.last_session,
            connector=connector.number,
            token=token,
            parent=parent,
            started=at.isoformat(),
        )
        session.next_sample = self._next_sample()
        connector.session = session
        outlets.memory.sessions[connector.number] = session
        outlets.limit()
        self._keep(connector, session, "Transaction.Begin", outlets.write(at))
        truth = Transaction(
            number=session.number,
            connector=connector.number,
            token=token,
            started_at=at,
            meter_start=int(connector.evse.register),
            remote=remote,
            offline=not outlets.online,
            reservation_id=None if reservation is None else reservation.number,
        )
        self._ledger.transactions.append(truth)
        fields = messages.start(connector.number, token, outlets.write(at), truth.meter_start, truth.reservation_id)
        outlets.post(Entry(operation="StartTransaction", fields=fields, durable=True, session=session.number))
        outlets.report(connector)

    def stop(self, number: int, reason: str, token: str = "", *, silent: bool = False) -> bool:
        """End the running transaction, if any.

        Args:
            number: the connector.
            reason: for the ledger, and on the wire since OCPP 1.6.
            token: who ended it, empty if nobody did by card.
            silent: never tell the central system.

        Returns:
            False if no transaction runs there.
        """
        outlets = self._outlets
        connector = outlets.connector(number)
        session = connector.session
        if session is None:
            return False
        outlets.settle()
        at = outlets.now()
        meter = int(connector.evse.register)
        self._keep(connector, session, "Transaction.End", outlets.write(at))
        connector.evse = car.open_contactor(connector.evse)
        connector.session = None
        connector.finished = connector.evse.car is not None
        outlets.memory.sessions.pop(number, None)
        outlets.profiles.end(number)
        outlets.limit()
        truth = self._ledger.transaction(session.number)
        truth.stopped_at, truth.meter_stop, truth.reason, truth.forgotten = at, meter, reason, silent
        if not silent:
            fields = messages.stop(outlets.config.dialect, token, outlets.write(at), meter, session.data, reason)
            outlets.post(Entry(operation="StopTransaction", fields=fields, durable=True, session=session.number))
        if number in outlets.memory.retiring:
            outlets.memory.retiring.discard(number)
            outlets.memory.inoperative.add(number)
        outlets.report(connector)
        outlets.news()
        return True

    def _keep(self, connector: Connector, session: Session, context: str, at: str) -> None:
        names = self._keys.measurands("StopTxnSampledData")
        if names:
            session.data.append(self._reading(connector, names, context, at))

    def _sample(self, connector: Connector, session: Session) -> None:
        session.next_sample = self._next_sample()
        at = self._outlets.now()
        stamp = self._outlets.write(at)
        self._ledger.transaction(session.number).samples.append((at, int(connector.evse.register)))
        self._keep(connector, session, "Sample.Periodic", stamp)
        names = self._keys.measurands("MeterValuesSampledData")
        if names:
            self._post_reading(connector, self._reading(connector, names, "Sample.Periodic", stamp))

    def _read_aligned(self) -> None:
        names = self._keys.measurands("MeterValuesAlignedData")
        stamp = self._outlets.write(self._outlets.now())
        for connector in self._outlets.connectors.values() if names else ():
            self._post_reading(connector, self._reading(connector, names, "Sample.Clock", stamp))

    def tell(self, number: int) -> None:
        """Post the readings of a connector because somebody asks for them."""
        self._outlets.settle()
        names = self._keys.measurands("MeterValuesSampledData")
        stamp = self._outlets.write(self._outlets.now())
        connector = self._outlets.connector(number)
        self._post_reading(connector, self._reading(connector, names, "Trigger", stamp))

    def _reading(self, connector: Connector, names: tuple[str, ...], context: str, at: str) -> messages.Fields:
        return messages.reading(self._outlets.config.dialect, connector.evse, names, context, at)

    def _post_reading(self, connector: Connector, reading: messages.Fields) -> None:
        session = connector.session
        self._outlets.post(
            Entry(
                operation="MeterValues",
                fields=messages.meter_values(self._outlets.config.dialect, connector.number, [reading]),
                durable=session is not None,
                session=None if session is None else session.number,
            )
        )

    def next_time(self) -> float | None:
        """Give the simulated second at which ``on_time`` has something to do, None if there is nothing."""
        return min(self._times(), default=None)

    def on_time(self) -> None:
        """Do what is due: readings, time-outs, expiries."""
        self._outlets.limit()
        elapsed = self._outlets.clock.elapsed()
        if self._aligned is not None and self._aligned <= self._outlets.now():
            self._plan_aligned()
            self._read_aligned()
        for connector in self._outlets.connectors.values():
            session = connector.session
            if session is not None and session.next_sample is not None and session.next_sample <= elapsed:
                self._sample(connector, session)
            if connector.pending is not None and connector.pending.until <= elapsed:
                connector.pending = None
            if connector.reservation is not None and connector.reservation.expiry <= self._outlets.now():
                connector.reservation = None
            self._outlets.report(connector)
        self._outlets.news()

    def plan(self) -> None:
        """Plan the readings anew after their intervals were changed."""
        self._plan_aligned()
        for connector in self._outlets.connectors.values():
            if connector.session is not None:
                connector.session.next_sample = self._next_sample()
        self._outlets.news()

    def _times(self) -> Iterator[float]:
        if self._aligned is not None:
            yield self._until(self._aligned)
        change = self._outlets.next_limit()
        if change is not None:
            yield self._until(change)
        for connector in self._outlets.connectors.values():
            if connector.session is not None and connector.session.next_sample is not None:
                yield connector.session.next_sample
            if connector.pending is not None:
                yield connector.pending.until
            if connector.reservation is not None:
                yield self._until(connector.reservation.expiry)

    def _until(self, at: datetime) -> float:
        return self._outlets.clock.elapsed() + max(0.0, (at - self._outlets.now()).total_seconds())

    def _next_sample(self) -> float | None:
        interval = self._keys.number("MeterValueSampleInterval")
        return self._outlets.clock.elapsed() + interval if interval else None

    def _plan_aligned(self) -> None:
        interval = self._keys.number("ClockAlignedDataInterval")
        if not interval:
            self._aligned = None
            return
        now = self._outlets.now()
        midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
        periods = int((now - midnight).total_seconds() // interval) + 1
        self._aligned = midnight + timedelta(seconds=periods * interval)
