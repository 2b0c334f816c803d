"""A ``Southbound`` for tests of adapters: it keeps what it is told, and answers as the test says."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from gateway.contracts import Admission
from gateway.model.commands import Outcome, Verdict
from gateway.model.errors import GatewayError
from gateway.model.station import StationState
from gateway.model.tokens import Authorization, AuthorizationStatus

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from gateway.model.device import VariableRef
    from gateway.model.events import Event, TransactionBegan
    from gateway.model.ids import Place
    from gateway.model.tokens import Token


class FakeBox:
    """A Southbound that keeps events in a list; ``change`` is notified of each."""

    def __init__(self, clock: list[datetime]) -> None:
        self.clock = clock
        self.events: list[Event] = []
        self.asked: list[Token] = []
        self.vendor: list[tuple[str, str | None, str | None]] = []
        self.strangers: list[tuple[str, str]] = []
        self.numbers: dict[str, int] = {}
        self.authorization = Authorization(status=AuthorizationStatus.ACCEPTED)
        self.vendor_answer = Outcome(verdict=Verdict.ACCEPTED)
        self.disk_full = False
        self.flowing: list[tuple[Place, tuple[float, ...]]] = []
        self.hold = asyncio.Event()
        self.hold.set()
        self.states: dict[str, StationState] = {}
        self.settings: dict[str, str] = {}
        self.kept: dict[str, dict[str, str]] = {}
        self.read_only = False
        self.change = asyncio.Condition()

    def now(self) -> datetime:
        return self.clock[0]

    async def publish(self, *events: Event) -> None:
        if self.disk_full:
            raise GatewayError("storage-failed")
        async with self.change:
            self.events.extend(events)
            self.change.notify_all()

    async def begin(self, event: TransactionBegan, *, patience: float) -> Admission:
        del patience
        await self.publish(event)
        number = self.numbers.setdefault(event.key, 17_000_000 + len(self.numbers))
        return Admission(number=number, authorization=self.authorization)

    async def authorize(self, place: Place, token: Token, *, patience: float) -> Authorization:
        del place, patience
        self.asked.append(token)
        async with self.change:
            self.change.notify_all()
        await self.hold.wait()
        return self.authorization

    async def vendor_message(self, station: str, vendor: str, message: str | None, data: str | None) -> Outcome:
        del station
        self.vendor.append((vendor, message, data))
        await self.hold.wait()
        return self.vendor_answer

    async def refused(self, claimed_identity: str, peer: str) -> None:
        self.strangers.append((claimed_identity, peer))

    def flows(self, place: Place, currents: Sequence[float]) -> None:
        self.flowing.append((place, tuple(currents)))

    def station(self, station: str) -> StationState:
        return self.states.get(station, StationState(id=station))

    def setting(self, station: str, ref: VariableRef) -> str:
        del station
        return self.settings.get(ref.label, "")

    async def notes(self, station: str) -> dict[str, str]:
        return dict(self.kept.get(station, {}))

    async def note(self, station: str, name: str, value: str) -> None:
        if self.disk_full:
            raise GatewayError("storage-failed")
        self.kept.setdefault(station, {})[name] = value

    def of(self, kind: type[Event]) -> list[Event]:
        return [event for event in self.events if isinstance(event, kind)]

    async def until(self, true: Callable[[], bool]) -> None:
        async with asyncio.timeout(5), self.change:
            await self.change.wait_for(true)
