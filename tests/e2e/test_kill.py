"""The box is killed at seeded points of charging sessions; the backend ends up with each transaction whole."""

from __future__ import annotations

import asyncio
import contextlib
import random
import signal
from typing import TYPE_CHECKING

import pytest

from gateway.model.errors import GatewayError
from tests.e2e.fuse import Fuse, Point
from tests.e2e.plan import Plan
from tests.e2e.truth import assert_all_whole
from tests.e2e.world import World, world

if TYPE_CHECKING:
    from pathlib import Path

    from gateway.bench.ocpp_s.ledger import Transaction

GROUPS, POINTS = 6, 9
MESSAGES = 46
"""A session of four readings has about so many messages on both sides, from the station's boot to the last status."""

ENDINGS = ("card", "backend", "plug")
PAUSE = 30.0
"""Simulated seconds before a driver, or the backend, tries again."""


def points(group: int) -> list[tuple[Point, ...]]:
    """The points of a group: a message, and a moment after it, as what the box does lies between messages.

    In every third session the box is killed again, in the middle of its next start or soon after it.
    """
    dice = random.Random(1500 + group)  # noqa: S311 - the same points in every run
    drawn: list[tuple[Point, ...]] = []
    for number in range(POINTS):
        first = Point(dice.randint(1, MESSAGES), dice.choice((0.0, 0.0, 0.001, 0.002, 0.004, 0.015)))
        again = Point(dice.randint(1, 16), dice.choice((0.0, 0.001, 0.01)))
        drawn.append((first, again) if number % 3 == 2 else (first,))
    return drawn


async def visit(world: World, ending: str, token: str) -> None:
    """A session whose every step is tried until it works, as people do."""
    station, sim = world.station, world.station.sim
    await sim.power_cycle()
    await station.told_all()
    await sim.plug_in(1)
    truth = await charging(world, token)
    await station.until(lambda _: len(truth.samples) >= 4)
    if ending == "card":
        await sim.present_token(1, token)
    elif ending == "backend":
        await stopped_by_backend(world, truth)
    if ending != "plug":
        await station.until(lambda _: truth.stopped_at is not None)
    await sim.plug_out(1)
    await station.told_all()
    await world.delivered()


async def charging(world: World, token: str) -> Transaction:
    station = world.station
    number = len(station.ledger.transactions)
    while True:
        await station.present(token)
        if len(station.ledger.transactions) > number:
            return station.ledger.transactions[number]
        await station.clock.sleep(PAUSE)


async def stopped_by_backend(world: World, truth: Transaction) -> None:
    """Ask until the station has stopped; a killed box may have passed the order on and not said so."""
    await world.until(lambda: any(not t.is_ended for t in world.held()))
    running = next(t for t in world.held() if not t.is_ended).transaction_id
    while truth.stopped_at is None:
        with contextlib.suppress(TimeoutError, GatewayError):
            await world.csms.call(world.station.id, "RequestStopTransaction", {"transactionId": running}, within=2.0)
        await world.station.clock.sleep(PAUSE)


@pytest.mark.timeout(60)
@pytest.mark.parametrize("group", range(GROUPS))
async def test_killed_anywhere_in_a_session_nothing_is_lost(tmp_path: Path, group: int) -> None:
    ending = ENDINGS[group % len(ENDINGS)]
    async with world(tmp_path, Plan(speed=1200.0)) as made:
        await made.impatient()
        kills = 0
        for number, drawn in enumerate(points(group)):
            burning = asyncio.create_task(Fuse(made, drawn).burn())
            async with asyncio.timeout(20):
                await visit(made, ending, f"04A1B2C3D4E5{number:02X}")
                await burning
            kills += len(drawn)
            # An event whose answer the kill took is sent once more, under the same message id.
            assert_all_whole(made, repeats=kills)
        await made.answered()
        assert made.box.exit_codes == [-signal.SIGKILL] * kills
        assert made.station.ledger.boots == 1 + POINTS


@pytest.mark.ocpp("E12.FR.01", "E12.FR.02")
async def test_killed_while_a_backlog_goes_out(tmp_path: Path) -> None:
    """Each kill lets one event come again at most, under its message id: the one whose answer the kill took."""
    async with world(tmp_path, Plan(speed=1200.0)) as made:
        await made.impatient()
        await made.whole_session(samples=1)
        await made.delivered()
        await made.csms.go_down()
        for _ in range(3):
            await made.whole_session(samples=20)
        burning = asyncio.create_task(Fuse(made, (Point(7), Point(20), Point(9)), counts=is_event).burn())
        async with asyncio.timeout(20):
            await made.csms.come_up()
            await burning
            await made.delivered()
        assert_all_whole(made, repeats=3)
        await made.settled()
        told = [event for record in made.held()[1:] for event in record.events]
        assert all(event["offline"] for event in told)


def is_event(side: str, what: str) -> bool:
    return side == "frame-in" and '"TransactionEvent"' in what
