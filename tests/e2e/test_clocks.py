"""Stations whose clock is wrong, or that do not say which zone it is in."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from gateway.bench.ocpp_s.quirks import Quirk
from tests.e2e.plan import TOKEN, Plan
from tests.e2e.truth import assert_all_whole, registers, when
from tests.e2e.world import World, world

if TYPE_CHECKING:
    from pathlib import Path

HOUR, DAY = 3600.0, 86_400.0
SINCE_1970 = datetime.now(UTC).timestamp()


def assert_energy_is_right(made: World) -> None:
    truth = made.station.last
    (record,) = made.held()
    events = record.events
    assert [e["seqNo"] for e in events] == list(range(len(events)))
    assert registers(events[0])[0][1] == truth.meter_start
    assert [registers(e)[0][1] for e in events[1:-1]] == [wh for _, wh in truth.samples]
    assert registers(events[-1])[-1][1] == truth.meter_stop


@pytest.mark.parametrize("skew", [HOUR, DAY, 400 * DAY], ids=["hour", "day", "year"])
async def test_clock_ahead_never_leads_to_times_in_the_future(tmp_path: Path, skew: float) -> None:
    async with world(tmp_path, Plan(clock_skew=skew)) as made:
        before = datetime.now(UTC)
        await made.whole_session(samples=3)
        await made.delivered()
        assert_energy_is_right(made)
        stamps = [when(e["timestamp"]) for e in made.held()[0].events]
        assert stamps == sorted(stamps)
        assert before - timedelta(seconds=1) <= stamps[0]
        assert stamps[-1] <= datetime.now(UTC)
        for record in made.csms.of("StatusNotification"):
            assert when(record.payload["timestamp"]) <= datetime.now(UTC)


async def test_clock_that_nobody_has_set_is_replaced_by_the_boxs(tmp_path: Path) -> None:
    async with world(tmp_path, Plan(clock_skew=-SINCE_1970)) as made:
        before = datetime.now(UTC)
        await made.whole_session(samples=3)
        await made.delivered()
        assert made.station.last.started_at.year == 1970
        assert_energy_is_right(made)
        stamps = [when(e["timestamp"]) for e in made.held()[0].events]
        assert stamps == sorted(stamps)
        assert before - timedelta(seconds=1) <= stamps[0]
        assert stamps[-1] <= datetime.now(UTC)
        assert not any(e["offline"] for e in made.held()[0].events)


async def test_clock_a_day_behind_looks_like_what_was_kept(tmp_path: Path) -> None:
    """A station that has just been found may be delivering old messages: its times are taken as they are."""
    async with world(tmp_path, Plan(clock_skew=-DAY)) as made:
        await made.whole_session(samples=3)
        await made.delivered()
        assert_all_whole(made)
        assert all(e["offline"] for e in made.held()[0].events)


async def test_clock_jumps_back_in_a_session(one: World) -> None:
    """The sequence numbers go on, and no event is before the start of its transaction."""
    truth = await one.station.charge(TOKEN, samples=2)
    clock = one.station.clock
    clock._start -= timedelta(hours=2)
    more = len(truth.samples) + 2
    await one.station.until(lambda _: len(truth.samples) >= more)
    await one.station.sim.plug_out(1)
    await one.delivered()
    assert_energy_is_right(one)
    events = one.held()[0].events
    assert all(when(e["timestamp"]) >= when(events[0]["timestamp"]) for e in events)


async def test_times_without_a_zone_are_utc(tmp_path: Path) -> None:
    async with world(tmp_path, Plan(quirks=frozenset({Quirk.NAIVE_TIME}))) as made:
        await made.whole_session(samples=2)
        await made.delivered()
        assert assert_all_whole(made) == 0
        assert not any(e["offline"] for e in made.held()[0].events)


async def test_times_without_a_zone_in_the_zone_of_the_site_file(tmp_path: Path) -> None:
    """Kolkata has no daylight saving time: five and a half hours ahead all year."""
    plan = Plan(quirks=frozenset({Quirk.NAIVE_TIME}), clock_skew=5.5 * HOUR, options='time_zone = "Asia/Kolkata"')
    async with world(tmp_path, plan) as made:
        await made.whole_session(samples=2)
        await made.delivered()
        truth, (record,) = made.station.last, made.held()
        shift = timedelta(hours=5.5)
        assert when(record.events[0]["timestamp"]) == truth.started_at - shift
        assert truth.stopped_at is not None
        assert when(record.events[-1]["timestamp"]) == truth.stopped_at - shift
        assert not any(e["offline"] for e in record.events)
