"""A simulated station in a test: the simulator, its life as a task, and every envelope that it sees."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from gateway.bench.clock import ScaledClock
from gateway.bench.ocpp_s.config import StationConfig
from gateway.bench.ocpp_s.memory import Entry, Memory
from gateway.bench.ocpp_s.station import SimulatedStation
from tests import wsdl_oracle
from tests.e2e.plan import KEYS

if TYPE_CHECKING:
    from collections.abc import Callable

    from gateway.bench.clock import Clock
    from gateway.bench.ocpp_s.ledger import Command, Ledger, Transaction
    from gateway.bench.ocpp_s.soap import Node
    from tests.e2e.plan import Plan

PATIENCE = 15.0


@dataclass(frozen=True, slots=True)
class Seen:
    """An envelope, as the station sees its direction."""

    direction: str
    operation: str
    xml: bytes


class Visitor:
    """One station.

    Args:
        plan: what it is.
        url: where it calls in.
        watch: told direction and operation of each envelope.
    """

    def __init__(self, plan: Plan, url: str, watch: Callable[[str, str], None], clock: Clock | None = None) -> None:
        self.plan = plan
        self.id = plan.identity
        self.seen: list[Seen] = []
        self._watch = watch
        self.clock = clock or ScaledClock(speed=plan.speed)
        config = StationConfig(
            url=url,
            identity=plan.charge_box,
            dialect=plan.dialect,
            evses=plan.evses,
            quirks=plan.quirks,
            clock_skew=plan.clock_skew,
            retry_interval=30.0 * plan.speed / 600.0,  # 50 ms
            offline_unknown=plan.offline_unknown,
        )
        self.sim = SimulatedStation(config, self.clock, self._trace, memory=Memory(keys={**KEYS, **plan.keys}))
        self._life: asyncio.Task[None] | None = None

    def _trace(self, direction: str, operation: str, xml: bytes) -> None:
        self.seen.append(Seen(direction, operation, xml))
        self._watch(f"soap-{direction}", operation)

    @property
    def ledger(self) -> Ledger:
        return self.sim.ledger

    @property
    def last(self) -> Transaction:
        return self.ledger.transactions[-1]

    async def enter(self) -> None:
        """Come to life."""
        self._life = asyncio.create_task(self.sim.run())
        await self.sim.ready.wait()

    async def leave(self) -> None:
        """End the simulation."""
        if self._life is not None:
            await self.sim.exit()
            async with asyncio.timeout(PATIENCE):
                await self._life
            self._life = None

    async def until(self, predicate: Callable[[SimulatedStation], bool], within: float = PATIENCE) -> None:
        async with asyncio.timeout(within):
            await self.sim.wait_until(predicate)

    async def told_all(self, within: float = PATIENCE) -> None:
        """Wait until the box has answered everything that the station had to say."""
        await self.until(lambda s: s.is_accepted and not s.backlog, within)

    async def present(self, token: str, evse: int = 1) -> None:
        """Hold a card to the reader and wait for what comes of it."""
        before = len(self.ledger.exchanges)
        await self.sim.present_token(evse, token)
        await self.until(lambda _: any(e.operation == "Authorize" for e in self.ledger.exchanges[before:]))

    async def charge(self, token: str, evse: int = 1, samples: int = 1) -> Transaction:
        """Plug in, show the card, and charge until so many readings were taken."""
        number = len(self.ledger.transactions)
        await self.sim.plug_in(evse)
        await self.sim.present_token(evse, token)
        await self.until(lambda _: len(self.ledger.transactions) > number)
        truth = self.ledger.transactions[number]
        await self.until(lambda _: len(truth.samples) >= samples)
        return truth

    def commands(self, operation: str) -> list[Command]:
        """What the station was asked and has answered."""
        return [command for command in self.ledger.commands if command.operation == operation]

    async def say(self, operation: str, message_id: str = "", **fields: Any) -> Node:
        """Send a request that the simulator would not send by itself; the body of the answer."""
        entry = Entry(operation=operation, fields=fields)
        if message_id:
            entry.message_id = message_id
        return await self.sim._line.exchange(entry, fields, self.sim.url)

    def check(self) -> None:
        """Everything that the box has sent fits the WSDL, and the station has nothing to complain of."""
        assert self.ledger.complaints == []
        if not wsdl_oracle.available():
            return
        for seen in self.seen:
            if seen.direction == "in" and seen.operation.endswith("Request"):
                wsdl_oracle.validate_request(seen.xml, self.plan.dialect.version)
            elif seen.direction == "in" and seen.operation != "Fault":
                wsdl_oracle.validate_body(seen.xml, self.plan.dialect.version)
