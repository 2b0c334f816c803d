"""Reports of many monitors and of many messages keep nobody waiting, as a full inventory does not."""

from __future__ import annotations

from typing import TYPE_CHECKING

from profiles.display import DisplayProfile
from profiles.display.profile import CAPACITY
from profiles.monitoring import MonitoringProfile
from tests.benchmarks.test_inventory_pause import LONGEST, SETTINGS, grown, pulse
from tests.fakes.box import ID, valid
from tests.profiles.opened import give_display, opened_with

if TYPE_CHECKING:
    from pathlib import Path

    from gateway.contracts import Json
    from tests.fakes.box import Box

AT_ONCE = 50
"""Monitors in one request."""


def wish(number: int) -> Json:
    where = {"component": {"name": "LegacyStation"}, "variable": {"name": f"Setting{number}"}}
    return {**where, "type": "Delta", "value": 1, "severity": 8}


async def paused(box: Box, action: str, payload: Json) -> float:
    """How long the loop is held for a report, in s."""
    await box.sent()
    async with pulse() as beat:
        reply = await box.hub.handle(ID, action, valid(action, payload))
        assert reply.then is not None
        await reply.then()
    return beat.longest


async def test_a_report_of_all_monitors(tmp_path: Path) -> None:
    async with opened_with(MonitoringProfile, tmp_path) as (box, _):
        await grown(box)
        for first in range(0, SETTINGS, AT_ONCE):
            wanted = [wish(number) for number in range(first, first + AT_ONCE)]
            answer = await box.call("SetVariableMonitoring", {"setMonitoringData": wanted})
            assert {result["status"] for result in answer["setMonitoringResult"]} == {"Accepted"}
        asked: Json = {"requestId": 1, "monitoringCriteria": ["DeltaMonitoring"]}
        assert await paused(box, "GetMonitoringReport", asked) < LONGEST
        pages = await box.sent_of("NotifyMonitoringReport")
        assert len(pages) > 1
        assert sum(len(page["monitor"]) for page in pages) >= SETTINGS


async def test_a_report_of_all_messages(tmp_path: Path) -> None:
    async with opened_with(DisplayProfile, tmp_path) as (box, _):
        give_display(box)
        for number in range(CAPACITY):
            message = {"format": "UTF8", "content": "x" * 512}
            order = {"message": {"id": number, "priority": "NormalCycle", "message": message}}
            assert (await box.call("SetDisplayMessage", order))["status"] == "Accepted"
        assert await paused(box, "GetDisplayMessages", {"requestId": 1}) < LONGEST
        pages = await box.sent_of("NotifyDisplayMessages")
        assert sum(len(page["messageInfo"]) for page in pages) == CAPACITY
