"""Load management, end to end: a meter that steps, that is lost, and a box that is killed."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from gateway.cli import main
from tests.e2e.garage import FALLBACK, FEEDER, RATED, WORST, garage

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

WITHIN = 1.5
"""Seconds from the meter's registers to the last station's."""
SLOW = 2.0
"""What a busy test machine may add."""


async def test_a_step_of_other_loads_reaches_every_station_in_time(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    async with garage(tmp_path, 3) as made:
        await made.plug()
        await made.until(lambda: made.shared)
        made.base = FEEDER - 3 * FALLBACK - 2
        took = await made.until(lambda: max(made.all) < RATED and made.base + sum(made.all) <= FEEDER)
        assert took < WITHIN + SLOW
        status = await made.bound("circuit")
        assert {limit.holder for each in status.stations for limit in each.limits} == {"load"}
        words = ["--lang", "en", "load", "explain", "--site", str(made.box.site), "B-1/1"]
        assert await asyncio.to_thread(main, words) == 0
        shown = capsys.readouterr().out
        assert "B-1/1: " in shown
        assert f"of {FEEDER:g} A flow" in shown
        assert await asyncio.to_thread(main, [*words[:-1], "B-9"]) != 0


async def test_without_its_meter_the_worst_case_counts(tmp_path: Path) -> None:
    async with garage(tmp_path, 3) as made:
        await made.plug()
        await made.until(lambda: made.shared)
        made.lose_meter()
        await made.box.logged("load management", "house", "lost")
        await made.until(lambda: WORST + sum(made.all) <= FEEDER)
        made.mend_meter()
        await made.box.logged("load management", "house", "back")
        assert len([line for line in made.box.log if "load management: the meter" in line]) == len(("lost", "back"))


async def test_after_a_restart_nobody_has_more_than_the_fall_back_until_the_meter_was_read(tmp_path: Path) -> None:
    async with garage(tmp_path, 3) as made:
        await made.plug()
        await made.until(lambda: made.shared)
        made.box.kill()
        await made.box.gone()
        made.lose_meter()
        await made.box.start()
        await made.until(lambda: max(made.all) <= FALLBACK)
        await made.box.logged("load management", "house", "lost")
        assert max(made.all) <= FALLBACK
        made.mend_meter()
        await made.box.logged("load management", "house", "back")
