"""The simulated station apart from its line: outlets, transactions, meter readings, availability, reservations.

Everything here is synchronous: what must be said is put into the outbox of the memory, in order.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from gateway.bench import car
from gateway.bench.ocpp_s import messages
from gateway.bench.ocpp_s.connector import Connector, Pending, Reservation
from gateway.bench.ocpp_s.dialects import COARSE
from gateway.bench.ocpp_s.keys import Keys
from gateway.bench.ocpp_s.ledger import Ledger
from gateway.bench.ocpp_s.memory import Entry, Memory
from gateway.bench.ocpp_s.outlets import Outlets
from gateway.bench.ocpp_s.quirks import Quirk
from gateway.bench.ocpp_s.sessions import Sessions
from gateway.model.errors import GatewayError

if TYPE_CHECKING:
    from collections.abc import Callable

    from gateway.bench.clock import Clock
    from gateway.bench.ocpp_s.config import StationConfig


class ChargePoint:
    """What the station is and does, whatever the state of its line.

    Args:
        config: its settings.
        clock: simulated time.
        memory: what a power cycle does not take from it.
        news: called after each change that the outside may wait for.
    """

    def __init__(self, config: StationConfig, clock: Clock, memory: Memory, news: Callable[[], None]) -> None:
        self.outlets = Outlets(config, clock, memory, news)
        self.keys = Keys(config.dialect.keys, memory.keys)
        self.ledger = Ledger()
        self.sessions = Sessions(self.outlets, self.keys, self.ledger)

    # -- what happens at an outlet --------------------------------------------------------------------------------

    def plug_in(self, number: int) -> None:
        """Put the plug of a car in.

        Raises:
            GatewayError: ``unknown-evse``, or ``car-present``.
        """
        connector = self.outlets.connector(number)
        if connector.evse.car is not None:
            raise GatewayError("car-present", evse=number)
        self.outlets.settle()
        connector.evse = car.plug_in(connector.evse, self.outlets.config.car)
        self.outlets.report(connector)
        pending = connector.pending
        if pending is not None and not connector.refuses(
            pending.token, pending.parent, operative=self.outlets.operative(number)
        ):
            self.sessions.start(connector, pending.token, pending.parent, remote=pending.remote)
        self.outlets.news()

    def plug_out(self, number: int) -> None:
        """Pull the plug, which ends a running transaction.

        Raises:
            GatewayError: ``unknown-evse``, or ``no-car``.
        """
        connector = self._with_car(number)
        self.outlets.settle()
        self.sessions.stop(number, "EVDisconnected")
        connector.evse = car.plug_out(connector.evse)
        connector.finished = False
        self.outlets.report(connector)
        self.outlets.news()

    def pause(self, number: int, *, paused: bool) -> None:
        """Let the car stop or resume drawing current; before OCPP 1.6 there is no message for it.

        Raises:
            GatewayError: ``unknown-evse``, or ``no-car``.
        """
        connector = self._with_car(number)
        self.outlets.settle()
        connector.evse = car.pause(connector.evse, paused=paused)
        self.outlets.report(connector)
        self.outlets.news()

    def fail(self, number: int, error: str) -> None:
        """Raise a fault, which ends a running transaction; an empty error clears it. 0 is the station itself.

        Raises:
            GatewayError: ``unknown-evse``, or ``unknown-error-code``.
        """
        known = self.outlets.config.dialect.error_codes
        if error and error not in known:
            raise GatewayError("unknown-error-code", error=error, known=sorted(known))
        if number == 0:
            self.outlets.own_fault = error
            self.outlets.report_station()
        else:
            connector = self.outlets.connector(number)
            self.outlets.settle()
            connector.evse = car.fail(connector.evse, error)
            self.outlets.report(connector)
            if error:
                self.sessions.stop(number, "Fault")
        self.outlets.news()

    def admit(self, number: int, token: str, parent: str, *, remote: bool = False) -> bool:
        """Let an authorized token charge: at once with a car, else when one comes within ConnectionTimeOut.

        Returns:
            False if the connector refuses the token.
        """
        connector = self.outlets.connector(number)
        if connector.refuses(token, parent, operative=self.outlets.operative(number)):
            return False
        self.outlets.settle()
        if connector.evse.car is not None:
            self.sessions.start(connector, token, parent, remote=remote)
        else:
            until = self.outlets.clock.elapsed() + self.keys.number("ConnectionTimeOut")
            connector.pending = Pending(token=token, parent=parent, remote=remote, until=until)
        self.outlets.news()
        return True

    def _with_car(self, number: int) -> Connector:
        connector = self.outlets.connector(number)
        if connector.evse.car is None:
            raise GatewayError("no-car", evse=number)
        return connector

    # -- availability and reservations ----------------------------------------------------------------------------

    def change_availability(self, number: int, *, operative: bool) -> str:
        """Put a connector, or with 0 the whole station, into or out of service and give the status to answer."""
        numbers = list(self.outlets.connectors) if number == 0 else [self.outlets.connector(number).number]
        scheduled = False
        for each in numbers:
            self.outlets.memory.retiring.discard(each)
            if operative:
                self.outlets.memory.inoperative.discard(each)
            elif self.outlets.connectors[each].session is not None:
                self.outlets.memory.retiring.add(each)
                scheduled = True
            else:
                self.outlets.memory.inoperative.add(each)
        for each in numbers:
            self.outlets.report(self.outlets.connectors[each])
        self.outlets.news()
        return "Scheduled" if scheduled else "Accepted"

    def reserve(self, number: int, reservation: Reservation) -> str:
        """Reserve a connector and give the status to answer (OCPP 1.5, section 5.11)."""
        if number not in self.outlets.connectors:
            return "Rejected"
        connector = self.outlets.connectors[number]
        held = connector.reservation
        fine, _ = connector.status(operative=self.outlets.operative(number))
        state = COARSE.get(fine, fine)
        if state in {"Faulted", "Occupied", "Unavailable"}:
            return state
        if held is not None and held.number != reservation.number:
            return "Occupied"
        self.cancel_reservation(reservation.number)
        connector.reservation = reservation
        self.outlets.report(connector)
        self.outlets.news()
        return "Accepted"

    def cancel_reservation(self, number: int) -> bool:
        """Cancel a reservation; False if there is none of that number."""
        for connector in self.outlets.connectors.values():
            if connector.reservation is not None and connector.reservation.number == number:
                connector.reservation = None
                self.outlets.report(connector)
                self.outlets.news()
                return True
        return False

    # -- power ----------------------------------------------------------------------------------------------------

    def lose_power(self, reason: str) -> None:
        """Lose the supply: transactions end now, and are told of after the reboot."""
        silent = reason == "PowerLoss" and Quirk.FORGET_ON_POWER_LOSS in self.outlets.config.quirks
        self.outlets.online = False
        for connector in self.outlets.connectors.values():
            self.sessions.stop(connector.number, reason, silent=silent)
            connector.pending = None
            connector.reservation = None
        self.outlets.memory.outbox[:] = [entry for entry in self.outlets.memory.outbox if entry.durable]

    def resume(self) -> None:
        """End what ran when the process died: as after a power loss, with what the memory held last."""
        for session in list(self.outlets.memory.sessions.values()):
            meter = int(self.outlets.memory.registers.get(session.connector, 0.0))
            fields = messages.stop(
                self.outlets.config.dialect, "", self.outlets.memory.saved_at, meter, session.data, "PowerLoss"
            )
            self.outlets.post(Entry(operation="StopTransaction", fields=fields, durable=True, session=session.number))
        self.outlets.memory.sessions.clear()
