"""What the CSMS has of one station, and how it asks the station for something."""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING, Any

from gateway.bench.csms.ledger import CallResult

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from gateway.bench.csms.ledger import Payload, Record, TransactionRecord
    from gateway.bench.csms.server import Csms
    from tests.e2e.families.stand import Stand

_LOOK = 0.1
"""Seconds between two looks at physics, which tell nobody by themselves."""


async def deliver(csms: Csms, stands: Iterable[Stand]) -> None:
    """Sort what the CSMS receives by station until cancelled: many wait, and each only looks at its own."""
    found = {stand.identity: stand for stand in stands}
    done: list[Record] = []
    while True:
        await csms.wait_until(lambda: len(csms.received) > len(done), within=3600.0)
        for record in csms.received[len(done) :]:
            done.append(record)
            stand = found[record.station]
            stand.told.append(record)
            stand.news.set()


class Desk:
    """The CSMS's side of one station."""

    def __init__(self, csms: Csms, stand: Stand) -> None:
        self._csms = csms
        self._stand = stand

    @property
    def now(self) -> int:
        """Where the list of what was received ends now."""
        return len(self._stand.told)

    async def until(self, predicate: Callable[[], bool]) -> None:
        """Wait until something is so, at the CSMS or at the station; whoever calls sets the time limit."""
        while not predicate():
            self._stand.news.clear()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(_LOOK):
                    await self._stand.news.wait()

    async def rest(self, seconds: float) -> None:
        """Let some time pass in which nothing is expected to happen."""
        end = asyncio.get_running_loop().time() + seconds
        await self.until(lambda: asyncio.get_running_loop().time() >= end)

    async def call(self, action: str, **payload: Any) -> Payload:
        """Call the station; the valid answer."""
        answer = await self._csms.call(self._stand.identity, action, payload)
        assert isinstance(answer, CallResult), answer
        assert answer.error is None, answer
        return answer.payload

    async def set_variable(self, component: str, variable: str, value: str, evse: int | None = None) -> str:
        """The status of SetVariables for one variable."""
        where: Payload = {"name": component} if evse is None else {"name": component, "evse": {"id": evse}}
        data = {"component": where, "variable": {"name": variable}, "attributeValue": value}
        answer = await self.call("SetVariables", setVariableData=[data])
        return str(answer["setVariableResult"][0]["attributeStatus"])

    def received(self, action: str, since: int = 0) -> list[Payload]:
        return [record.payload for record in self._stand.told[since:] if record.action == action]

    def statuses(self, since: int = 0) -> list[str]:
        """Every status of the connector that was told."""
        return [str(payload["connectorStatus"]) for payload in self.received("StatusNotification", since)]

    def events(self, since: int = 0) -> list[Payload]:
        """Every TransactionEvent."""
        return self.received("TransactionEvent", since)

    def problems(self, since: int = 0) -> list[Payload]:
        """Every eventData of NotifyEvent."""
        return [data for payload in self.received("NotifyEvent", since) for data in payload["eventData"]]

    def states(self, since: int = 0) -> list[str]:
        """Every chargingState that was told."""
        told = [event["transactionInfo"].get("chargingState") for event in self.events(since)]
        return [state for state in told if state is not None]

    @property
    def transactions(self) -> list[TransactionRecord]:
        """What it holds of transactions."""
        return [held for held in self._csms.transactions.values() if held.station == self._stand.identity]


def sampled(event: Payload, measurand: str) -> list[float]:
    """The values of a measurand in an event, phase by phase."""
    return [
        float(value["value"])
        for meter in event.get("meterValue", [])
        for value in meter["sampledValue"]
        if value.get("measurand") == measurand
    ]
