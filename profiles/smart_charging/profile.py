"""Profile Smart Charging put together."""

from __future__ import annotations

import asyncio
import contextlib
from dataclasses import replace
from typing import TYPE_CHECKING, ClassVar

from typing_extensions import override

from gateway.contracts import Profile
from gateway.model.changes import FaultChanged, LimitChanged, StationRestarted
from gateway.model.errors import GatewayError
from gateway.model.rules.connectors import UNREACHABLE
from profiles.smart_charging.book import Book
from profiles.smart_charging.external import Notices
from profiles.smart_charging.governor import Governor
from profiles.smart_charging.precedence import Precedence, Presented, told
from profiles.smart_charging.requests import Requests
from profiles.smart_charging.variables import enabled, evse_variables, smart_charging_variables

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from gateway.contracts import Backend, Handler, Json, Message, Northbound, Refusal
    from gateway.model.changes import Change
    from gateway.model.commands import StartCharging
    from gateway.model.device import VariableSpec
    from gateway.model.ids import Place
    from gateway.model.station import StationState
    from gateway.model.tokens import Authorization, Token
    from profiles.smart_charging.book import Holdings


class SmartChargingProfile(Profile):
    """Charging profiles of the backend become limits of the station's EVSEs."""

    name: ClassVar[str] = "smart_charging"

    def __init__(self, northbound: Northbound, backend: Backend) -> None:
        self._northbound = northbound
        self._book = Book(northbound.shelf(self.name))
        self._requests = Requests(northbound, backend, self._book, lambda station: self._governor(station).wake())
        self._notices = Notices()
        self._presented = Presented()
        self._governors: dict[str, Governor] = {}

    @override
    def handlers(self) -> Mapping[str, Handler]:
        return self._requests.handlers()

    @override
    def variables(self, state: StationState) -> Iterable[VariableSpec]:
        installation = self._northbound.installation(state.id)
        return (*smart_charging_variables(state), *evse_variables(state, installation))

    @override
    def on_change(self, change: Change, state: StationState) -> Iterable[Message]:
        match change:
            case LimitChanged():
                device = self._northbound.device(state.id)
                return self._notices.messages(change, device) if enabled(state, device) else ()
            case StationRestarted():
                self._governor(state.id).forget()
            case FaultChanged() if change.fault == UNREACHABLE:
                self._governor(state.id).forget()
        return ()

    @override
    def on_commit(self, station: str) -> None:
        self._governor(station).on_commit(self._northbound.station(station))

    @override
    def on_authorization(self, place: Place, token: Token, authorization: Authorization) -> None:
        self._presented.note(place.station, token, authorization.priority)

    @override
    async def on_response(self, station: str, message: Message, response: Json) -> None:
        """Take what the backend says of a transaction's priority (K03.FR.05)."""
        if message.action != "TransactionEvent":
            return
        transaction = message.payload["transactionInfo"]["transactionId"]

        def rule(held: Holdings) -> Holdings:
            old = held.precedence.get(transaction, Precedence())
            new = told(old, response)
            return held if new == old else replace(held, precedence={**held.precedence, transaction: new})

        running = self._northbound.station(station).transaction(transaction) is not None
        if running and ("chargingPriority" in response or "chargingPriority" in response.get("idTokenInfo", {})):
            # The store tells of its own failure; then the priority is what it was.
            with contextlib.suppress(GatewayError):
                await self._book.change(station, rule)
            self._governor(station).wake()

    @override
    async def start_with(self, start: StartCharging, charging_profile: Json) -> Refusal | None:
        return await self._requests.start_with(start, charging_profile)

    @override
    async def run(self) -> None:
        """Keep every station at what it may draw."""
        async with asyncio.TaskGroup() as tasks:
            for station in self._northbound.stations():
                tasks.create_task(self._governor(station).run())

    def _governor(self, station: str) -> Governor:
        if station not in self._governors:
            self._governors[station] = Governor(station, self._northbound, self._book, self._presented)
        return self._governors[station]
