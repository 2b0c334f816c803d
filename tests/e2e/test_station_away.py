"""The station loses its line to the box, keeps what happens meanwhile, and tells it later."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.e2e.plan import TOKEN, Plan
from tests.e2e.truth import assert_all_whole
from tests.e2e.world import World, world

if TYPE_CHECKING:
    from pathlib import Path


async def test_line_cut_in_the_middle_of_a_session(one: World) -> None:
    truth = await one.station.charge(TOKEN, samples=2)
    await one.station.sim.link_down()
    more = len(truth.samples) + 4
    await one.station.until(lambda _: len(truth.samples) >= more)
    await one.station.sim.link_up()
    await one.station.told_all()
    await one.station.sim.present_token(1, TOKEN)
    await one.delivered()
    assert assert_all_whole(one) == 0


async def test_session_that_ends_while_the_line_is_cut(one: World) -> None:
    truth = await one.station.charge(TOKEN, samples=2)
    await one.station.sim.link_down()
    more = len(truth.samples) + 2
    await one.station.until(lambda _: len(truth.samples) >= more)
    await one.station.sim.plug_out(1)
    await one.station.sim.link_up()
    await one.delivered()
    assert assert_all_whole(one) == 0
    await one.heard("StatusNotification", connectorStatus="Available")


async def test_whole_sessions_without_a_line(tmp_path: Path) -> None:
    async with world(tmp_path, Plan(offline_unknown=True)) as made:
        station = made.station
        await station.sim.link_down()
        for token in ("AA000001", "AA000002"):
            truth = await station.charge(token, samples=3)
            assert truth.offline
            await station.sim.plug_out(1)
        running = await station.charge("AA000003", samples=2)
        await station.sim.link_up()
        await station.told_all()
        more = len(running.samples) + 2
        await station.until(lambda _: len(running.samples) >= more)
        await station.sim.plug_out(1)
        await made.delivered()
        assert assert_all_whole(made) == 0
        assert [t.token for t in station.ledger.transactions] == ["AA000001", "AA000002", "AA000003"]


async def test_sessions_without_a_line_are_marked_offline(tmp_path: Path) -> None:
    """What reaches the box later than OfflineThreshold allows was kept by the station."""
    async with world(tmp_path, Plan(offline_unknown=True)) as made:
        assert await made.set_variable("OCPPCommCtrlr", "OfflineThreshold", "0") == "Accepted"
        await made.station.sim.link_down()
        truth = await made.station.charge("AA000001", samples=1)
        await made.station.until(lambda _: len(truth.samples) >= 13)
        await made.station.sim.link_up()
        await made.station.told_all()
        await made.station.sim.plug_out(1)
        await made.delivered()
        assert assert_all_whole(made) == 0
        events = made.held()[0].events
        assert events[0]["offline"]
        assert events[1]["offline"]
        assert not events[-1]["offline"]


async def test_both_lines_are_cut(tmp_path: Path) -> None:
    async with world(tmp_path, Plan(offline_unknown=True)) as made:
        await made.impatient()
        await made.csms.go_down()
        await made.station.sim.link_down()
        await made.station.charge(TOKEN, samples=3)
        await made.station.sim.link_up()
        await made.station.told_all()
        await made.station.sim.plug_out(1)
        await made.station.told_all()
        await made.back()
        await made.delivered()
        assert assert_all_whole(made) == 0
        assert all(event["offline"] for event in made.held()[0].events)


async def test_reset_that_a_cut_line_delays_is_not_lost(one: World) -> None:
    """A reset on idle waits for its transaction; the station tells its end only when it is back."""
    await one.station.charge(TOKEN)
    await one.heard("TransactionEvent", eventType="Updated")
    assert (await one.call("Reset", type="OnIdle"))["status"] == "Scheduled"
    await one.station.sim.link_down()
    await one.station.sim.plug_out(1)
    assert one.station.ledger.boots == 1
    await one.station.sim.link_up()
    await one.station.until(lambda _: one.station.ledger.boots == 2)
    await one.delivered()
    assert assert_all_whole(one) == 0
