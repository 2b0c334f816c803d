"""A station's watchdog is fed in time, whatever else is going on."""

from __future__ import annotations

import asyncio
from itertools import pairwise
from typing import Any

import pytest

from tests.adapters.common.hours import Hours, drive

FED: dict[str, Any] = {
    "points.beat": {"at": 70, "access": "w"},
    "points.patience": {"at": 71, "unit": "s", "poll": "slow"},
    "watchdog": {"kind": "write", "seq": [{"point": "beat", "value": 1}], "timeout_s": 6},
}


def gaps(hours: Hours) -> list[float]:
    beats = [at for at, point, _ in hours.times if point == "beat"]
    return [after - before for before, after in pairwise(beats)]


def noting(hours: Hours) -> None:
    """Note when what is written; reads may be made slow with ``hours.wire.takes``."""
    hours.wire.on_write = lambda point, value: hours.times.append((asyncio.get_running_loop().time(), point, value))
    hours.wire.shown.update(beat=0, patience=None)


def test_it_is_fed_three_times_within_its_time_out_while_polls_are_slow() -> None:
    async def script(hours: Hours) -> None:
        await asyncio.sleep(5)
        hours.wire.takes = 20.0
        await asyncio.sleep(300)
        assert len(gaps(hours)) > 100
        assert max(gaps(hours)) <= 2.1

    drive(script, family=FED, before=noting)


@pytest.mark.parametrize(
    ("dog", "patience", "most"),
    [
        ({"timeout_s": 6, "timeout": "patience"}, None, 2.1),
        ({"timeout_s": 60, "timeout": "patience"}, 3.0, 1.1),
        ({"timeout": "patience", "timeout_s": None}, None, 10.1),
        ({"every_s": "patience / 2", "timeout_s": None}, 4.0, 2.1),
        ({"every_s": "patience / 2", "timeout_s": 9}, None, 3.1),
    ],
)
def test_the_shortest_time_out_that_is_known_counts(
    dog: dict[str, object], patience: float | None, most: float
) -> None:
    keys = {key: value for key, value in {**FED["watchdog"], **dog}.items() if value is not None}

    def before(hours: Hours) -> None:
        noting(hours)
        hours.wire.shown["patience"] = patience

    async def script(hours: Hours) -> None:
        await asyncio.sleep(30)
        hours.times.clear()
        await asyncio.sleep(120)
        assert max(gaps(hours)) <= most

    drive(script, family={**FED, "watchdog": keys}, before=before)


def test_it_is_not_fed_while_the_station_is_lost_and_again_afterwards() -> None:
    async def script(hours: Hours) -> None:
        await asyncio.sleep(10)
        hours.wire.down = True
        await asyncio.sleep(5)
        hours.times.clear()
        await asyncio.sleep(60)
        assert not hours.times
        hours.wire.down = False
        await asyncio.sleep(60)
        assert len(gaps(hours)) > 10

    drive(script, family=FED, before=noting)


def test_the_limit_is_repeated_where_that_is_what_it_wants() -> None:
    async def script(hours: Hours) -> None:
        await hours.plug()
        await asyncio.sleep(30)
        hours.times.clear()
        await asyncio.sleep(60)
        assert [value for _, point, value in hours.times if point == "limit"] == [20.0] * 30

    drive(script, family={**FED, "watchdog": {"kind": "rewrite-limit", "timeout_s": 6}}, before=noting)


def test_any_read_will_do_and_only_of_what_can_be_read() -> None:
    asked: list[str] = []

    def before(hours: Hours) -> None:
        noting(hours)
        hours.wire.on_read = lambda points, rank: asked.extend(points if rank == 0 else ())

    async def script(hours: Hours) -> None:
        await asyncio.sleep(20)
        assert set(asked) == {"state"}
        assert hours.wire.written == [("enable", 0)] or ("beat", 1) not in hours.wire.written

    drive(script, family={**FED, "watchdog": {"kind": "read-any", "timeout_s": 6}}, before=before)
