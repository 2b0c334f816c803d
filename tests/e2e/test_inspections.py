"""Recurring inspections over the wire."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from gateway.model.device import timestamp
from tests.e2e.certification.watcher import Watcher, of
from tests.e2e.pair import pair

if TYPE_CHECKING:
    from pathlib import Path

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
