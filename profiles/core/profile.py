"""Profile Core put together."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from typing_extensions import override

from gateway.contracts import Message, Profile
from gateway.model.alerts import variable_of
from gateway.model.changes import (
    Change,
    ConnectorStatusChanged,
    FaultChanged,
    SamplesTaken,
    TransactionChanged,
)
from gateway.model.device import VariableRef
from profiles.common import master_pass
from profiles.core import payloads
from profiles.core.authorization import Authorizer
from profiles.core.control import Control
from profiles.core.inventory import Inventory
from profiles.core.latest import LatestReadings
from profiles.core.transactions import Transactions
from profiles.core.trigger import Trigger
from profiles.core.variables import core_variables
from profiles.core.vendor_messages import VendorMessages

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from gateway.contracts import Backend, Handler, Json, Northbound
    from gateway.model.commands import Outcome
    from gateway.model.device import VariableSpec
    from gateway.model.ids import Place
    from gateway.model.station import StationState
    from gateway.model.tokens import Authorization, Token


class CoreProfile(Profile):
    """Everything that a charging station cannot do without."""

    name: ClassVar[str] = "core"
    rank: ClassVar[int] = 100

    def __init__(self, northbound: Northbound, backend: Backend) -> None:
        self._northbound = northbound
        self._latest = LatestReadings()
        self._authorizer = Authorizer(northbound, backend)
        self._transactions = Transactions(northbound, backend, self._authorizer)
        self._vendors = VendorMessages(northbound, backend)
        self._handlers = {
            **self._transactions.handlers(),
            **Control(northbound, backend).handlers(),
            **self._vendors.handlers(),
            **Trigger(northbound, backend, self._latest).handlers(),
            **Inventory(northbound, backend).handlers(),
        }

    @override
    def handlers(self) -> Mapping[str, Handler]:
        return self._handlers

    @override
    def variables(self, state: StationState) -> Iterable[VariableSpec]:
        yield from core_variables(state, self._northbound.installation(state.id))
        yield from self._vendors.variables(state.id)

    @override
    def on_change(self, change: Change, state: StationState) -> Iterable[Message]:
        match change:
            case ConnectorStatusChanged():
                key = f"status/{change.place.evse}/{change.place.connector}"
                payload = payloads.status_notification(change)
                return (Message(action="StatusNotification", payload=payload, supersedes=key),)
            case TransactionChanged():
                self._latest.note(state.id, change.transaction.evse, change.samples)
                payload = payloads.transaction_event(change)
                stream = change.transaction.id
                return (Message(action="TransactionEvent", payload=payload, stream=stream, requested=change.requested),)
            case SamplesTaken():
                self._latest.note(state.id, change.place.evse, change.samples)
                payload = payloads.meter_values(change)
                tells = payload["meterValue"] and not change.asked
                return (Message(action="MeterValues", payload=payload),) if tells else ()
            case FaultChanged():
                return (Message(action="NotifyEvent", payload=self._fault(change, state)),)
            case _:
                return ()

    def _fault(self, change: FaultChanged, state: StationState) -> Json:
        """The event of a fault; what it follows from may be told a moment later, as nothing waits for that."""
        events, cause = self._northbound.events, change.cause
        because = None if cause is None else events.last(state.id, cause.variable, cleared=cause.over)
        number = events.new(state.id, variable_of(change.place, change.fault), cleared=not change.active)
        running = state.transaction_at(change.place.evse) if change.place.evse else None
        return payloads.notify_event(change, number, because, None if running is None else running.id)

    @override
    async def on_response(self, station: str, message: Message, response: Json) -> None:
        if message.action == "TransactionEvent":
            await self._transactions.on_response(station, message.payload, response)
        elif message.action == "BootNotification" and response["status"] == "Accepted" and response["interval"] > 0:
            interval = VariableRef(component="OCPPCommCtrlr", variable="HeartbeatInterval")
            await self._northbound.set_variable(station, interval, str(response["interval"]))  # B01.FR.04

    @override
    async def authorize(self, place: Place, token: Token, *, patience: float) -> Authorization | None:
        found = await self._authorizer.authorize(place, token, patience)
        return master_pass.presented(self._northbound, place.station, found)

    @override
    async def vendor_message(self, station: str, vendor: str, message: str | None, data: str | None) -> Outcome | None:
        return await self._vendors.vendor_message(station, vendor, message, data)
