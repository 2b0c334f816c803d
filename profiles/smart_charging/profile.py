"""Profile Smart Charging put together."""

from __future__ import annotations

import contextlib
from dataclasses import replace
from typing import TYPE_CHECKING, ClassVar

from typing_extensions import override

from gateway.contracts import Profile
from gateway.model.changes import LimitChanged
from gateway.model.errors import GatewayError
from gateway.model.transactions import ChargingState, TriggerReason
from profiles.smart_charging.book import Book
from profiles.smart_charging.external import Notices
from profiles.smart_charging.precedence import Precedence, Presented, told
from profiles.smart_charging.requests import Requests
from profiles.smart_charging.upkeep import tidied
from profiles.smart_charging.variables import (
    ENTRIES,
    enabled,
    evse_variables,
    significant,
    smart_charging_variables,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from gateway.contracts import Backend, Handler, Json, Message, Northbound, Refusal
    from gateway.model.changes import Change
    from gateway.model.commands import StartCharging
    from gateway.model.device import VariableSpec
    from gateway.model.ids import Place
    from gateway.model.limits.allowances import Allowances
    from gateway.model.station import StationState
    from gateway.model.tokens import Authorization, Token
    from profiles.smart_charging.book import Holdings


class SmartChargingProfile(Profile):
    """Charging profiles of the backend become limits of the station's EVSEs."""

    name: ClassVar[str] = "smart_charging"

    def __init__(self, northbound: Northbound, backend: Backend) -> None:
        self._northbound = northbound
        self._book = Book(northbound.shelf(self.name))
        self._requests = Requests(northbound, backend, self._book)
        self._notices = Notices()
        self._presented = Presented()

    @override
    def handlers(self) -> Mapping[str, Handler]:
        return self._requests.handlers()

    @override
    def variables(self, state: StationState) -> Iterable[VariableSpec]:
        installation = self._northbound.installation(state.id)
        return (*smart_charging_variables(state), *evse_variables(state, installation))

    @override
    def on_change(self, change: Change, state: StationState) -> Iterable[Message]:
        if not isinstance(change, LimitChanged):
            return ()
        device = self._northbound.device(state.id)
        return self._notices.messages(change, device) if enabled(state, device) else ()

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
            self._northbound.allowances_changed(station)

    @override
    async def start_with(self, start: StartCharging, charging_profile: Json) -> Refusal | None:
        return await self._requests.start_with(start, charging_profile)

    @override
    async def allowances(self, station: str) -> Allowances:
        """Bring what is kept in line with the transactions, and note how much it is."""
        held = await self._book.of(station)
        if self._tidied(station, held) is not held:
            held = await self._book.change(station, lambda old: self._tidied(station, old))
        count, device = str(len(held.installed)), self._northbound.device(station)
        if device.spec(ENTRIES) is not None and device.value(ENTRIES) != count:
            await self._northbound.note_variable(station, ENTRIES, count)
        return held.allowances(counting=enabled(self._northbound.station(station), device))

    def _tidied(self, station: str, held: Holdings) -> Holdings:
        state, now = self._northbound.station(station), self._northbound.now()
        return tidied(held, state, now, self._presented.at(station))

    @override
    async def rate_changed(self, station: str, evse: int, before: float | None, after: float | None) -> None:
        """Tell a transaction that charges at another rate (K11.FR.04, K13.FR.03)."""
        state, device = self._northbound.station(station), self._northbound.device(station)
        running = state.transaction_at(evse)
        if running is None or running.charging_state is ChargingState.IDLE or not enabled(state, device):
            return
        if significant(device, before, after):
            await self._northbound.retell(station, running.id, (), TriggerReason.CHARGING_RATE_CHANGED)
