"""Recurring inspections over the wire."""

from __future__ import annotations

import asyncio
import os
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from gateway.model.device import timestamp
from tests.e2e.certification.watcher import Watcher, of
from tests.e2e.pair import pair

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

    from tests.e2e.pair import Pair

SITE = """
[[inspection]]
component = "RCD"
every = "6 months"
last = 2020-01-10
severity = 3

[[inspection]]
component = "PowerContactor"
cycles = 1
"""

RCD, CONTACTOR = {"name": "RCD"}, {"name": "PowerContactor", "evse": {"id": 1}}


async def test_an_overdue_inspection_is_told_and_the_backend_confirms_it(tmp_path: Path) -> None:
    async with pair(tmp_path, more=SITE) as both:
        watcher = Watcher(both=both, side=both.sides[0])
        (monitor,) = await watcher.monitors(of(RCD, "InspectionOverdue"))
        told = monitor["variableMonitoring"][0]
        assert (told["type"], told["severity"]) == ("Delta", 3)
        event = await watcher.event(told["id"], 0)
        assert (event["actualValue"], event["eventNotificationType"]) == ("true", "PreconfiguredMonitor")
        (due,) = await watcher.report(of(RCD, "InspectionDue"))
        assert due["variableAttribute"][0]["value"] == "2020-07-10T12:00:00.000Z"

        since, now = watcher.news, timestamp(datetime.now(UTC))
        assert await watcher.side.set(RCD, "InspectionLast", now) == "Accepted"
        event = await watcher.event(told["id"], since, cleared=True)
        assert event["actualValue"] == "false"
        assert (await watcher.side.value(RCD, "InspectionLast"))["attributeValue"] == now


async def test_what_a_contactor_has_done_is_in_the_inventory(tmp_path: Path) -> None:
    async with pair(tmp_path, more=SITE) as both:
        watcher = Watcher(both=both, side=both.sides[0])
        items = await watcher.report({"component": CONTACTOR})
        values = {item["variable"]["name"]: item["variableAttribute"][0].get("value") for item in items}
        assert {name: values[name] for name in ("SwitchingCycles", "SwitchingCyclesDue", "InspectionOverdue")} == {
            "SwitchingCycles": "0",
            "SwitchingCyclesDue": "1",
            "InspectionOverdue": "false",
        }


SHORT_MINUTE = """
import profiles.maintenance

profiles.maintenance.MINUTE = 0.2
"""
"""What every Python process runs first where it is found: the box then looks at its counts more often."""


async def test_what_a_contactor_has_done_outlives_a_kill(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    early = tmp_path / "early"
    early.mkdir()
    (early / "sitecustomize.py").write_text(SHORT_MINUTE)
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(filter(None, (str(early), os.environ.get("PYTHONPATH")))))
    async with pair(tmp_path, more=SITE) as both:
        watcher = Watcher(both=both, side=both.sides[0])

        async def worked(cycles: str) -> None:
            async with asyncio.timeout(20):
                while True:
                    told = await watcher.side.value(CONTACTOR, "SwitchingCycles")
                    if told["attributeValue"] == cycles:
                        return
                    await asyncio.sleep(0.05)

        await watcher.charge()
        await worked("1")
        await kill(both)
        assert (await watcher.side.value(CONTACTOR, "SwitchingCycles"))["attributeValue"] == "1"
        await watcher.plug(into=False)
        await watcher.charge()
        await worked("2")
        await kill(both)
        assert (await watcher.side.value(CONTACTOR, "SwitchingCycles"))["attributeValue"] == "2"
        assert (await watcher.side.value(CONTACTOR, "InspectionOverdue"))["attributeValue"] == "true"


async def kill(both: Pair) -> None:
    """Kill -9, and start again until both stations are there."""
    since, world = both.world.news, both.world
    world.box.kill()
    await world.box.gone()
    await world.box.start()
    for side in both.sides:
        await side.heard("BootNotification", since)
