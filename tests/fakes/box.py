"""A whole box on a real database, with a scripted adapter below and a fake backend above."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from gateway.fleet import Fleet, Member, first_state
from gateway.hub import Hub
from gateway.link.validation import Direction, Schemas
from gateway.model import events as ev
from gateway.model.ids import Place
from gateway.model.readings import Reading, Sample
from gateway.model.station import Capability, StationIdentity, StationState
from gateway.model.tokens import Token
from gateway.store.storage import Storage, open_storage
from profiles.core import CoreProfile
from tests.fakes.adapter import ScriptedAdapter
from tests.fakes.backend import FakeBackend
from tests.fakes.clock import START, SettableClock

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping
    from datetime import datetime
    from pathlib import Path

    from gateway.contracts import Admission, Json, Message

ID = "CP-1"
IDENTITY = StationIdentity(vendor="Schrack", model="i-CHARGE", firmware="1.0")
RFID = Token(value="04A1B2C3")
TWO_OUTLETS: Mapping[int, tuple[int, int]] = {1: (1, 1), 2: (2, 1)}

SCHEMAS = Schemas.load()
"""Read at import, as that blocks."""


def valid(action: str, payload: Json, direction: Direction = Direction.REQUEST) -> Json:
    """The payload, once it has met its schema."""
    violation = SCHEMAS.validate(action, direction, payload)
    assert violation is None, f"{action}: {violation} in {payload}"
    return payload


@dataclass
class Box:
    """The parts of the box, and short ways to drive them."""

    hub: Hub
    storage: Storage
    fleet: Fleet
    profile: CoreProfile
    adapter: ScriptedAdapter = field(default_factory=ScriptedAdapter)
    backend: FakeBackend = field(default_factory=FakeBackend)
    clock: SettableClock = field(default_factory=SettableClock)

    @property
    def member(self) -> Member:
        """The station at run time."""
        return self.fleet.member(ID)

    @property
    def state(self) -> StationState:
        """The station's state."""
        return self.hub.station(ID)

    async def settled(self) -> None:
        """Wait until the hub has done what it does by itself."""
        async with asyncio.timeout(10):
            await self.hub.idle()

    async def arrive(self, identity: StationIdentity = IDENTITY) -> None:
        """The station shows up and boots; the backend is there and knows of it."""
        found = ev.StationFound(
            station=ID,
            at=self.clock.now(),
            capabilities=frozenset(Capability)
            - {Capability.BOX_SESSIONS, Capability.SIGNED_FIRMWARE, Capability.TRIGGER, Capability.PLUG_AND_CHARGE},
        )
        await self.hub.publish(found, ev.StationBooted(station=ID, at=self.clock.now(), identity=identity))
        await self.settled()
        self.backend.boots.clear()
        self.adapter.commands.clear()
        await self.sent()

    async def begin(self, key: str = "start", *, evse: int = 1, token: Token = RFID, at: datetime | None = None,
                    patience: float = 0.0) -> Admission:  # fmt: skip
        """The station starts a transaction."""
        event = ev.TransactionBegan(
            place=Place(station=ID, evse=evse, connector=1), at=at or self.clock.now(), token=token, meter_start=1000.0,
            key=key,
        )  # fmt: skip
        return await self.hub.begin(event, patience=patience)

    async def measure(self, energy: float, *, evse: int = 1, number: int | None = None) -> None:
        """The station reports its import register (Wh)."""
        sample = Sample(at=self.clock.now(), readings=(Reading(value=energy),))
        await self.hub.publish(
            ev.Measured(place=Place(station=ID, evse=evse, connector=1), samples=(sample,), number=number)
        )

    async def end(self, number: int | None, key: str = "stop", *, meter: float = 2000.0, token: Token | None = None,
                  at: datetime | None = None) -> None:  # fmt: skip
        """The station stops a transaction."""
        await self.hub.publish(
            ev.TransactionEnded(
                station=ID, at=at or self.clock.now(), number=number, meter_stop=meter, key=key, token=token
            )
        )

    async def sent(self) -> list[Message]:
        """Take all that waits for the backend, in order; each message has met its schema."""
        outbox, found = self.storage.outbox, []
        while True:
            queued = outbox.head(ID, skip=frozenset(), requested_only=False)
            if queued is not None:
                valid(queued.message.action, queued.message.payload)
                found.append(queued.message)
                outbox.acknowledge(queued)
            elif outbox.more(ID):
                await outbox.refill(ID)
            else:
                return found

    async def next_event(self) -> Message:
        """Wait for a TransactionEvent to send, and take all that waits until then."""
        changed = self.storage.outbox.changed(ID)
        async with asyncio.timeout(10):
            while True:
                changed.clear()
                events = [message for message in await self.sent() if message.action == "TransactionEvent"]
                if events:
                    return events[0]
                await changed.wait()

    async def sent_of(self, action: str) -> list[Json]:
        """As ``sent``, but the payloads of one action."""
        return [message.payload for message in await self.sent() if message.action == action]

    async def call(self, action: str, payload: Json) -> Json:
        """The backend calls; the answer has met its schema, and what follows it has been done."""
        reply = await self.hub.handle(ID, action, valid(action, payload))
        if reply.then is not None:
            await reply.then()
        return valid(action, reply.payload, Direction.RESPONSE)


@asynccontextmanager
async def open_box(
    path: Path,
    *,
    connectors: Mapping[int, tuple[int, int]] = TWO_OUTLETS,
    clock: SettableClock | None = None,
    online: bool = True,
) -> AsyncIterator[Box]:
    """Open a box on the database in a folder; what an earlier one has left is taken over."""
    clock = clock or SettableClock()
    adapter, backend = ScriptedAdapter(), FakeBackend(since=START if online else None)
    async with open_storage(path / "box.sqlite", [ID], clock.now) as storage:
        state, settings = (await storage.queries.states()).get(ID, (None, ()))
        member = Member(
            id=ID, adapter_name=adapter.name, adapter=adapter, settings=settings,
            state=first_state(ID, connectors, state, clock.now()), values=await storage.queries.variables(ID),
        )  # fmt: skip
        fleet = Fleet([member])
        hub = Hub(fleet, storage, clock)
        backend.hub = hub
        profile = CoreProfile(hub, backend)
        hub.attach(backend, [profile])
        try:
            yield Box(
                hub=hub, storage=storage, fleet=fleet, profile=profile, adapter=adapter, backend=backend, clock=clock
            )
        finally:
            await hub.aclose()
