"""Where cases of transactions are played: a wallbox without OCPP, its driver with car and card, and the CSMS."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import count
from typing import TYPE_CHECKING, Any

from gateway.bench.car import Car

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gateway.bench.csms.ledger import Payload
    from tests.e2e.pair import Pair, Side

FAMILY = "amperfied"
"""It has a card reader, and tells whether car or station waits."""

TOKEN = "04A1B2C3"
CARD = {"idToken": TOKEN, "type": "ISO14443"}
EVSE = {"id": 1, "connectorId": 1}
_FIRST = {
    "TxStartPoint": "PowerPathClosed",
    "TxStopPoint": "EVConnected,Authorized",
    "EVConnectionTimeOut": "60",
    "StopTxOnEVSideDisconnect": "true",
}


@dataclass(slots=True, kw_only=True)
class Visit:
    """One wallbox.

    Attributes:
        since: Where the CSMS's list of messages ended when the case began.
    """

    both: Pair
    side: Side
    since: int = 0
    _taken: int = 0
    _numbers: Iterator[int] = field(default_factory=lambda: count(100))

    # -- what the driver does -----------------------------------------------------------------------------------------

    async def plug(self, car: Car | None = None) -> None:
        """Connect EV and EVSE; the CSMS is told of it."""
        since = self.both.world.news
        self.both.stand.outlet.plug(car or Car())
        await self.side.heard("StatusNotification", since, connectorStatus="Occupied", evseId=1, connectorId=1)

    async def unplug(self) -> None:
        """Take the EV away; the CSMS is told of it."""
        since = self.both.world.news
        self.both.stand.outlet.plug(None)
        await self.side.heard("StatusNotification", since, connectorStatus="Available", evseId=1, connectorId=1)

    async def present(self) -> None:
        """State Authorized (local): the CSMS is asked about the token."""
        since = self.both.world.news
        self.both.stand.outlet.present(TOKEN)
        assert (await self.side.heard("Authorize", since))["idToken"] == CARD
        self.both.stand.outlet.present("")

    async def start_remotely(self, *, asks: bool = False, **more: Any) -> Payload:
        """State Authorized (remote); ``asks``: the CSMS is asked about the token."""
        since = self.both.world.news
        fields = {"idToken": CARD, "remoteStartId": next(self._numbers), "evseId": 1, **more}
        answer = await self.side.call("RequestStartTransaction", **fields)
        assert answer["status"] == "Accepted"
        if asks:
            assert (await self.side.heard("Authorize", since))["idToken"] == CARD
        return answer

    # -- what the CSMS hears ------------------------------------------------------------------------------------------

    async def event(self) -> Payload:
        """The next TransactionEvent; each belongs to the transaction of the one before, unless that has ended."""
        await self.side.until(lambda: len(self._events()) > self._taken)
        found = self._events()
        event = found[self._taken]
        before = found[self._taken - 1] if self._taken else None
        self._taken += 1
        if before is None or before["eventType"] == "Ended":
            assert (event["eventType"], event["seqNo"]) == ("Started", 0)
        else:
            assert event["eventType"] != "Started"
            assert event["seqNo"] == before["seqNo"] + 1
            assert event["transactionInfo"]["transactionId"] == before["transactionInfo"]["transactionId"]
        return event

    def _events(self) -> list[Payload]:
        return self.side.received("TransactionEvent", self.since)

    async def step(self, kind: str, reason: str, state: str = "", **fields: Any) -> Payload:
        """The next TransactionEvent, which has to be this one; ``state`` "": it is as before.

        A look at the station while the vehicle is unplugged may find no current before it finds no vehicle.
        """
        event = await self.event()
        if reason == "EVCommunicationLost" and event["transactionInfo"].get("chargingState") == "SuspendedEV":
            event = await self.event()
        told = (event["eventType"], event["triggerReason"], event["transactionInfo"].get("chargingState", ""))
        assert told == (kind, reason, state), event
        assert all(event.get(name) == value for name, value in fields.items()), event
        return event

    async def flows(self) -> None:
        """The last step of the state EnergyTransferStarted; a car may take a moment to begin."""
        event = await self.event()
        if event["transactionInfo"].get("chargingState") == "SuspendedEV":
            event = await self.event()
        told = (event["eventType"], event["triggerReason"], event["transactionInfo"].get("chargingState", ""))
        assert told == ("Updated", "ChargingStateChanged", "Charging"), event

    def quiet(self) -> bool:
        """True where no TransactionEvent has come but those that were looked at."""
        return len(self._events()) == self._taken

    async def set_(self, variable: str, value: str, component: str = "TxCtrlr") -> None:
        """Set a variable."""
        assert await self.side.set({"name": component}, variable, value) == "Accepted"

    # -- between two cases --------------------------------------------------------------------------------------------

    async def tidy(self) -> None:
        """No transaction, no vehicle, no card, and the settings as they were."""
        self.both.stand.outlet.present("")
        for variable, value in _FIRST.items():
            await self.set_(variable, value)
        for each in self._open():
            await self.side.call("RequestStopTransaction", transactionId=each)
        if self.both.stand.outlet.summary()["plugged"]:
            await self.unplug()
        await self.side.until(lambda: not self._open())
        await self.set_("AuthorizeRemoteStart", "false", "AuthCtrlr")
        self.since, self._taken = self.both.world.news, 0

    def _open(self) -> set[str]:
        """The transactions that have begun and not ended."""
        kinds = [(event["transactionInfo"]["transactionId"], event["eventType"]) for event in self._events()]
        return {each for each, _ in kinds} - {each for each, kind in kinds if kind == "Ended"}
