"""Where cases of authorization are played: a wallbox whose driver has several cards, and a CSMS that can be away."""

from __future__ import annotations

import asyncio
import contextlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from typing_extensions import override

from tests.e2e.certification.visit import TOKEN, Visit

if TYPE_CHECKING:
    from collections.abc import Callable

    from gateway.bench.csms.answers import Answer
    from gateway.bench.csms.ledger import Payload, Record

BADGE = "04BADBAD"
MASTERS = "POLICE"
AUTH, CACHE, LIST, COMM, TX = "AuthCtrlr", "AuthCacheCtrlr", "LocalAuthListCtrlr", "OCPPCommCtrlr", "TxCtrlr"
_LOOK, _WITHIN = 0.05, 15.0
_FIRST = {
    (AUTH, "LocalPreAuthorize"): "false", (AUTH, "OfflineTxForUnknownIdEnabled"): "false",
    (AUTH, "MasterPassGroupId"): "", (CACHE, "DisablePostAuthorize"): "false", (TX, "StopTxOnInvalidId"): "true",
    (TX, "MaxEnergyOnInvalidId"): "0", (COMM, "RetryBackOffWaitMinimum"): "1", (COMM, "RetryBackOffRandomRange"): "0",
    (COMM, "RetryBackOffRepeatTimes"): "0",
}  # fmt: skip


@dataclass(slots=True, kw_only=True)
class Gate(Visit):
    """One wallbox."""

    async def show(self, token: str = TOKEN) -> None:
        """Hold a card to the reader until the CSMS is asked about it."""
        since = self.both.world.news
        self.both.stand.outlet.present(token)
        asked = await self.side.heard("Authorize", since)
        assert asked["idToken"] == {"idToken": token, "type": "ISO14443"}
        self.both.stand.outlet.present("")

    async def show_until(self, predicate: Callable[[], bool], token: str = TOKEN) -> None:
        """Hold a card to the reader until something is so, and take it away."""
        self.both.stand.outlet.present(token)
        await self.rest(predicate)
        self.both.stand.outlet.present("")

    async def rest(self, predicate: Callable[[], bool]) -> None:
        """Wait until something is so at the wallbox, which tells nobody by itself."""
        async with asyncio.timeout(_WITHIN):
            while not predicate():
                with contextlib.suppress(TimeoutError):
                    await self.side.until(predicate, _LOOK)

    def flowing(self) -> bool:
        """Tell whether current flows."""
        return self.both.stand.outlet.charge.evse.current > 0

    def say(self, status: str, **tokens: Any) -> None:
        """Let the CSMS say this of every token; ``tokens``: another IdTokenInfo by token."""
        csms = self.both.world.csms

        def info(record: Record) -> Answer:
            if "idToken" not in record.payload:
                return None
            return {"idTokenInfo": tokens.get(record.payload["idToken"]["idToken"], {"status": status})}

        csms.override("Authorize", info)
        csms.override("TransactionEvent", info)

    def asked(self) -> list[str]:
        """The tokens that the CSMS was asked about in this case."""
        return [each["idToken"]["idToken"] for each in self.side.received("Authorize", self.since)]

    async def away(self) -> None:
        """The CSMS closes the connection, and takes none."""
        await self.both.world.csms.go_down()

    async def back(self) -> None:
        """The CSMS takes connections again."""
        csms = self.both.world.csms
        await csms.come_up()
        await csms.wait_until(lambda: self.side.identity in csms.connected)

    async def told(self, **wanted: object) -> Payload:
        """Wait for the next TransactionEvent with these values, in itself or its transactionInfo; others may come before."""
        while True:
            event = await self.event()
            if all({**event, **event["transactionInfo"]}.get(name) == value for name, value in wanted.items()):
                return event

    @override
    async def tidy(self) -> None:
        csms = self.both.world.csms
        if self.side.identity not in csms.connected:
            await self.back()
        for (component, variable), value in _FIRST.items():
            await self.set_(variable, value, component)
        await Visit.tidy(self)
        csms.restore("Authorize")
        csms.restore("TransactionEvent")
        assert (await self.side.call("ClearCache"))["status"] == "Accepted"
        self.since, self._taken = self.both.world.news, 0
