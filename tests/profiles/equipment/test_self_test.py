"""The self test of a running box."""

from __future__ import annotations

from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from gateway.model.device import DataType, VariableRef, VariableSpec, VariableStatus
from gateway.model.equipment import of_box
from gateway.model.errors import GatewayError
from gateway.sensing.own import own_alerts
from profiles.equipment import EquipmentProfile, self_test
from profiles.monitoring import MonitoringProfile
from tests.fakes.box import ID, open_box
from tests.fakes.clock import START, SettableClock

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    import pytest

    from tests.fakes.box import Box

PROBE = VariableRef(component="FloodSensor", component_instance="sump", variable="Problem")


@asynccontextmanager
async def opened(path: Path, clock: SettableClock | None = None) -> AsyncIterator[tuple[Box, EquipmentProfile]]:
    """A box with one sensor, whose clock is right unless one is given."""
    async with open_box(path, clock=clock or SettableClock(datetime.now(UTC))) as box:
        equipment = (VariableSpec(ref=PROBE, type=DataType.BOOLEAN, default="false", live=True),)
        box.member.installation = replace(box.member.installation, equipment=equipment, alerts=own_alerts())
        profile, monitoring = EquipmentProfile(box.hub, box.backend), MonitoringProfile(box.hub, box.backend)
        box.hub.attach(box.backend, [box.profile, profile, monitoring])
        await box.arrive()
        await monitoring.watch.book(ID)
        monitoring.watch.look(ID)
        yield box, profile


def value(box: Box, variable: str) -> str:
    return box.hub.device(ID).get(of_box(variable)).value or ""


async def test_a_box_that_is_well_says_so(tmp_path: Path) -> None:
    async with opened(tmp_path) as (box, profile):
        await profile.test(ID)
        assert (value(box, "Problem"), value(box, "SelftestFindings")) == ("false", "")
        assert value(box, "SelftestLast")


async def test_the_backend_starts_it_and_hears_what_is_wrong(tmp_path: Path) -> None:
    async with opened(tmp_path) as (box, _profile):
        box.hub.sensed(ID, {PROBE.key: "true"})
        done = await box.hub.set_variable(ID, of_box("SelftestActive"), "true")
        assert done.status is VariableStatus.ACCEPTED
        await box.settled()
        assert (value(box, "Problem"), value(box, "SelftestFindings")) == ("true", "FloodSensor[sump]")
        told = [event for page in await box.sent_of("NotifyEvent") for event in page["eventData"]]
        assert [(e["component"]["instance"], e["variable"]["name"], e["actualValue"]) for e in told] == [
            ("Box", "Problem", "true")
        ]


async def test_false_starts_nothing(tmp_path: Path) -> None:
    async with opened(tmp_path) as (box, _profile):
        assert (await box.hub.set_variable(ID, of_box("SelftestActive"), "false")).status is VariableStatus.ACCEPTED
        await box.settled()
        assert value(box, "SelftestLast") == ""


async def test_a_clock_of_another_day_is_found(tmp_path: Path) -> None:
    async with opened(tmp_path, SettableClock(START)) as (box, profile):
        await profile.test(ID)
        await box.settled()
        assert value(box, "SelftestFindings") == "clock"


async def test_a_full_disk_and_a_database_that_takes_nothing_are_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with opened(tmp_path) as (box, profile):
        monkeypatch.setattr(self_test, "LEAST_ROOM", 1 << 60)

        async def refused(_entries: object) -> None:
            raise GatewayError("storage-failed", reason="read-only")

        with monkeypatch.context() as broken:
            broken.setattr(box.storage.writer, "commit", refused)
            await profile.test(ID)
        await box.settled()
        assert value(box, "SelftestFindings") == "database,disk"
