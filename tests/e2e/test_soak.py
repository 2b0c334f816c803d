"""Drivers, broken lines, an absent backend and a box that is killed, all at random: nothing is lost or told twice."""

from __future__ import annotations

import asyncio
import contextlib
import random
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pytest

from gateway.model.errors import GatewayError
from tests.e2e.plan import Plan
from tests.e2e.truth import assert_repeats_are_repeats, assert_samples, registers, when
from tests.e2e.world import world

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from pathlib import Path

    from gateway.bench.csms.ledger import TransactionRecord
    from gateway.bench.ocpp_s.ledger import Transaction
    from tests.e2e.visitor import Visitor
    from tests.e2e.world import World

SEED = 1509
SECONDS = 8.0
STATIONS = 4
EVSES = 2

AFTERWARDS = 20.0
"""Seconds for what has piled up to reach the backend."""


@dataclass(slots=True, kw_only=True)
class Storm:
    """What happens to the world for a while, drawn from a seed.

    Args:
        world: to whom.
        dice: decides.
        seconds: how long, at least.
        calm: the longest pause between two misfortunes.
    """

    world: World
    dice: random.Random
    seconds: float
    calm: float = 1.5
    kills: int = 0
    outages: int = 0
    remote_starts: int = 0
    _over: asyncio.Event = field(default_factory=asyncio.Event)

    async def rage(self) -> None:
        """Let it all happen, then put everything in order again."""
        work = [asyncio.create_task(self._drivers(visitor)) for visitor in self.world.stations]
        work.append(asyncio.create_task(self._misfortunes()))
        work.append(asyncio.create_task(self._end()))
        await asyncio.gather(*work)

    async def _end(self) -> None:
        """When its time is up, and there was a session for each station: a busy machine makes few of them."""
        stations = self.world.stations
        await self._wait_for(self.seconds)
        while sum(len(visitor.ledger.transactions) for visitor in stations) < len(stations):
            await self._wait_for(0.1)
        self._over.set()

    async def _wait_for(self, seconds: float) -> None:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._over.wait()

    async def _wait(self, longest: float) -> bool:
        """Wait a while; False when it is all over."""
        await self._wait_for(self.dice.uniform(0, longest))
        return not self._over.is_set()

    async def _misfortunes(self) -> None:
        """Two kills and two outages in any order, and again."""
        deck: list[Callable[[], Awaitable[None]]] = []
        while await self._wait(self.calm):
            if not deck:
                deck = [self._kill, self._kill, self._backend_away, self._connection_lost]
                self.dice.shuffle(deck)
            await deck.pop()()

    async def _kill(self) -> None:
        self.kills += 1
        self.world.box.kill()
        await self.world.box.gone()
        await self.world.box.start()

    async def _backend_away(self) -> None:
        self.outages += 1
        await self.world.csms.go_down()
        await self._wait(self.calm)
        await self.world.csms.come_up()

    async def _connection_lost(self) -> None:
        self.outages += 1
        with contextlib.suppress(GatewayError):
            await self.world.csms.disconnect(self.dice.choice(self.world.stations).id)

    async def _drivers(self, visitor: Visitor) -> None:
        sim = visitor.sim
        while await self._wait(0.4):
            with contextlib.suppress(GatewayError):
                await self._something(visitor)
        await sim.link_up()
        for evse in range(1, visitor.plan.evses + 1):
            with contextlib.suppress(GatewayError):  # no fault, no cable
                await sim.clear_fault(evse)
            with contextlib.suppress(GatewayError):
                await sim.plug_out(evse)

    async def _something(self, visitor: Visitor) -> None:
        """One thing that a driver, a car, a cable, the mains or an operator may do."""
        sim, dice = visitor.sim, self.dice
        evse = dice.randint(1, visitor.plan.evses)
        token = f"04A1B2C3D4E5{dice.randrange(8):02X}"
        running = sim.connector(evse).session
        happenings: list[Callable[[], Awaitable[None]]] = [
            lambda: sim.plug_in(evse),
            lambda: sim.plug_in(evse),
            lambda: sim.present_token(evse, token),
            lambda: sim.present_token(evse, running.token if running else token),
            lambda: sim.plug_out(evse),
            lambda: sim.ev_pause(evse),
            lambda: sim.ev_resume(evse),
            lambda: sim.fault(evse, dice.choice(("GroundFailure", "OverCurrentFailure"))),
            lambda: sim.clear_fault(evse),
            sim.link_down,
            sim.link_up,
            sim.link_up,
            sim.power_cycle,
            lambda: self._backend_asks(visitor, evse),
        ]
        await dice.choice(happenings)()

    async def _backend_asks(self, visitor: Visitor, evse: int) -> None:
        """Start or stop from afar; whatever comes of it."""
        running = [t.transaction_id for t in self.world.held(visitor) if not t.is_ended]
        with contextlib.suppress(GatewayError, TimeoutError):
            if running:
                await self.world.csms.call(
                    visitor.id, "RequestStopTransaction", {"transactionId": self.dice.choice(running)}, within=0.5
                )
                return
            # A card of its own: a driver who shows the same one meanwhile cannot be told from this.
            self.remote_starts += 1
            start = {
                "remoteStartId": self.remote_starts,
                "evseId": evse,
                "idToken": {"idToken": f"04FF{self.remote_starts:08X}", "type": "ISO14443"},
            }
            await self.world.csms.call(visitor.id, "RequestStartTransaction", start, within=0.5)


async def impatient(world: World, visitor: Visitor) -> None:
    """Let the box look for a CSMS that is away once a second."""
    for name, value in (("WaitMinimum", "1"), ("RandomRange", "0"), ("RepeatTimes", "0")):
        variable = {"component": {"name": "OCPPCommCtrlr"}, "variable": {"name": f"RetryBackOff{name}"}}
        answer = await world.call("SetVariables", visitor, setVariableData=[{**variable, "attributeValue": value}])
        assert answer["setVariableResult"][0]["attributeStatus"] == "Accepted"


async def assert_nothing_lost(storm: Storm, within: float) -> int:
    """Once all is quiet, the CSMS holds what the stations did; gives the number of transactions."""
    made = storm.world
    for visitor in made.stations:
        await visitor.told_all(within)
        await made.delivered(visitor=visitor, within=within)
    await made.settled(within)
    number = 0
    for visitor in made.stations:
        truths = {(t.started_at, t.connector): t for t in visitor.ledger.transactions}
        held = {_place_and_time(record): record for record in made.held(visitor)}
        assert truths.keys() == held.keys()
        for key, truth in truths.items():
            assert_true(truth, held[key])
        number += len(truths)
        # A kill lets the event under way and the one before it come again, a lost connection the one under way.
        assert_repeats_are_repeats(made, visitor, allowed=2 * storm.kills + storm.outages)
    return number


def _place_and_time(record: TransactionRecord) -> tuple[object, int]:
    first = record.events[0]
    return when(first["timestamp"]), first["evse"]["id"]


def assert_true(truth: Transaction, record: TransactionRecord) -> None:
    """One transaction is at the CSMS, each event once and in order, as its station knows it."""
    events = record.events
    assert [event["seqNo"] for event in events] == list(range(len(events)))
    started, *updates, ended = events
    assert [event["eventType"] for event in events] == ["Started", *["Updated"] * len(updates), "Ended"]
    assert truth.stopped_at is not None
    # Not why it started: where the answer to a remote start was lost, the box cannot know.
    assert started["idToken"]["idToken"] == truth.token
    assert registers(started) == [(truth.started_at, truth.meter_start)]
    assert_samples(truth, updates)
    assert registers(ended)[-1] == (truth.stopped_at, truth.meter_stop)
    assert when(ended["timestamp"]) == truth.stopped_at


@pytest.mark.timeout(60)
@pytest.mark.ocpp("E04.FR.01")
async def test_a_stormy_week(tmp_path: Path) -> None:
    plans = [
        Plan(identity=f"AT-SOAK-{n:04}", charge_box=f"OLD-{n}", evses=EVSES, offline_unknown=True)
        for n in range(1, STATIONS + 1)
    ]
    async with world(tmp_path, *plans) as made:
        for visitor in made.stations:
            await impatient(made, visitor)
        storm = Storm(world=made, dice=random.Random(SEED), seconds=SECONDS)  # noqa: S311 - the same in every run
        await storm.rage()
        assert await assert_nothing_lost(storm, AFTERWARDS) >= STATIONS
        assert storm.kills >= 1
        assert storm.outages >= 1
