"""Profile Tariff and Cost put together (OCPP 2.0.1 Part 2, I)."""

from __future__ import annotations

import asyncio
import logging
from datetime import timedelta
from typing import TYPE_CHECKING, Any, ClassVar

from typing_extensions import override

from gateway.contracts import CallRefused, Profile, Reply
from gateway.model.changes import Phase, TransactionChanged
from gateway.model.transactions import TriggerReason
from profiles.common.tokens import personal_message
from profiles.common.variable_specs import fixed, writable
from profiles.common.wire import moment
from profiles.tariff_cost.account import Account
from profiles.tariff_cost.ledger import Ledger
from profiles.tariff_cost.shown import Presented, Settings, price_notices, tariff_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from gateway.contracts import Backend, Handler, Json, Message, Northbound
    from gateway.model.changes import Change
    from gateway.model.device import VariableSpec
    from gateway.model.ids import Place
    from gateway.model.notices import Notice
    from gateway.model.station import StationState
    from gateway.model.tokens import Authorization, Token

logger = logging.getLogger(__name__)

CONTROLLER = "TariffCostCtrlr"
FALLBACK_LENGTH = 255
CURRENCY_LENGTH = 3
DAY = 86_400.0


class TariffCostProfile(Profile):
    """CostUpdated, and what answers of the backend say of tariffs and costs."""

    name: ClassVar[str] = "tariff_cost"

    def __init__(self, northbound: Northbound, backend: Backend) -> None:
        self._northbound = northbound
        self._backend = backend
        self._ledger = Ledger(northbound.shelf(self.name))
        self._presented: dict[str, list[Presented]] = {}
        self._ending: dict[str, list[TransactionChanged]] = {}

    @override
    def handlers(self) -> Mapping[str, Handler]:
        return {"CostUpdated": self.cost_updated}

    @override
    def variables(self, state: StationState) -> Iterable[VariableSpec]:
        able = self._northbound.installation(state.id).display
        for instance in ("Tariff", "Cost"):
            yield fixed(CONTROLLER, "Available", "true" if able else "false", instance=instance)
            if able:
                yield writable(CONTROLLER, "Enabled", "true", instance=instance)
        if able:
            yield writable(CONTROLLER, "TariffFallbackMessage", "", length=FALLBACK_LENGTH)
            yield writable(CONTROLLER, "TotalCostFallbackMessage", "", length=FALLBACK_LENGTH)
            # A wrong currency would be worse than none, so there is none until the backend has set it.
            yield writable(CONTROLLER, "Currency", "", length=CURRENCY_LENGTH)

    @override
    async def run(self) -> None:
        while True:
            for station in self._northbound.stations():
                await self._ledger.tidy(station, self._northbound.station(station), self._northbound.now())
            await asyncio.sleep(DAY)

    @override
    def notices(self, station: str) -> Iterable[Notice]:
        if not self._northbound.installation(station).display:
            return ()
        return price_notices(
            self._northbound.station(station),
            self._ledger.known(station),
            self._presented.get(station, ()),
            self._settings(station),
            self._northbound.now(),
            online=self._backend.accepted(station),
        )

    @override
    def on_authorization(self, place: Place, token: Token, authorization: Authorization) -> None:
        """Tell the tariff before the transaction (I01); who presents a token to stop has been told."""
        station, now = place.station, self._northbound.now()
        if any(token.same_as(running.token) for running in self._northbound.station(station).transactions):
            return
        patience = self._northbound.device(station).integer("TxCtrlr", "EVConnectionTimeOut")
        presented = Presented(
            evse=place.evse,
            token=token,
            accepted=authorization.accepted,
            message=authorization.message,
            until=now + timedelta(seconds=patience),
        )
        # At one place there is one driver at a time.
        others = [p for p in self._presented.get(station, ()) if p.until > now and p.evse != place.evse]
        self._presented[station] = [*(p for p in others if not p.token.same_as(token)), presented]

    @override
    def on_change(self, change: Change, state: StationState) -> Iterable[Message]:
        if isinstance(change, TransactionChanged) and change.phase is Phase.ENDED:
            self._ending.setdefault(state.id, []).append(change)
        return ()

    @override
    def on_commit(self, station: str) -> None:
        state = self._northbound.station(station)
        for change in self._ending.pop(station, ()):
            ended = change.transaction
            if state.transaction(ended.id) is None:  # else this was not committed, and comes again
                left = change.trigger is TriggerReason.EV_DEPARTED
                self._note(station, ended.id, evse=ended.evse, ended_at=change.at, offline=change.offline, left=left)
        self._ledger.forget(station, self._northbound.now())
        presented = self._presented.get(station, ())
        for running in state.transactions if presented else ():
            tariff = tariff_of(running, presented)
            known = self._ledger.known(station).get(running.id)
            if tariff is not None and (known is None or known.tariff is None):
                self._note(station, running.id, evse=running.evse, tariff=tariff)
        # Who charges has been told; after the end there is nobody any more who presents this token.
        tokens = [running.token for running in state.transactions]
        self._presented[station] = [p for p in presented if not any(p.token.same_as(each) for each in tokens)]

    @override
    async def on_response(self, station: str, message: Message, response: Json) -> None:
        """Take tariff and cost from the answer to a TransactionEvent (I02, I03, I06)."""
        if message.action != "TransactionEvent":
            return
        transaction, ended = (
            message.payload["transactionInfo"]["transactionId"],
            message.payload["eventType"] == "Ended",
        )
        changes: dict[str, Any] = {}
        told = (response.get("updatedPersonalMessage"), response.get("idTokenInfo", {}).get("personalMessage"))
        tariff = next((found for each in told if (found := personal_message(each)) is not None), None)
        if tariff is not None:
            changes["tariff"] = tariff
        if "totalCost" in response:
            changes["total" if ended else "cost"] = response["totalCost"]
        if ended:
            changes["settled"] = True
            if transaction not in self._ledger.known(station):
                # It ended before the box was started again; whoever paid for it has left.
                changes |= {"ended_at": moment(message.payload["timestamp"]), "offline": True}
        if changes:
            self._note(station, transaction, **changes)

    async def cost_updated(self, station: str, payload: Json) -> Reply:
        """Take the running cost (I02). The answer has no way to say that there is no such transaction.

        Raises:
            CallRefused: ``NotSupported``, where nobody would see it.
        """
        if not self._northbound.installation(station).display:
            raise CallRefused("NotSupported", action="CostUpdated")
        await self._ledger.read(station)
        transaction = payload["transactionId"]
        running = self._northbound.station(station).transaction(transaction)
        account = self._ledger.known(station).get(transaction)
        if running is not None:
            self._note(station, transaction, cost=payload["totalCost"])
        elif account is not None and account.settled:
            self._note(station, transaction, total=payload["totalCost"])
        else:
            logger.info("%s: cost of a transaction that does not run, passed over", station)
        return Reply(payload={})

    def _note(self, station: str, transaction: str, **changes: Any) -> None:  # noqa: ANN401 fields of Account
        """Change an account, now in memory and soon on disk."""
        running = self._northbound.station(station).transaction(transaction)
        if running is not None:
            changes["evse"] = running.evse
        before = self._ledger.known(station).get(transaction, Account())
        self._ledger.note(station, transaction, **changes)
        if self._ledger.known(station)[transaction] != before:
            self._northbound.background(self._ledger.keep(station, transaction))

    def _settings(self, station: str) -> Settings:
        device = self._northbound.device(station)
        return Settings(
            tariff=device.boolean(CONTROLLER, "Enabled", "Tariff"),
            cost=device.boolean(CONTROLLER, "Enabled", "Cost"),
            currency=device.text(CONTROLLER, "Currency"),
            tariff_fallback=device.text(CONTROLLER, "TariffFallbackMessage"),
            total_fallback=device.text(CONTROLLER, "TotalCostFallbackMessage"),
        )
