"""SmartChargingCtrlr, of a station that takes limits and of one that does not."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gateway.model.station import Capability
from tests.profiles.opened import described, limit
from tests.profiles.smart_charging.rig import CONTROLLER, profile

if TYPE_CHECKING:
    from tests.profiles.smart_charging.rig import Rig


async def values(rig: Rig) -> dict[str, str]:
    """The component's variables, as a report has them."""
    payload = {"requestId": 1, "reportBase": "FullInventory"}
    await rig.box.call("GetBaseReport", payload)
    found = {}
    for report in await rig.box.sent_of("NotifyReport"):
        for data in report.get("reportData", ()):
            if data["component"]["name"] == CONTROLLER:
                found[data["variable"]["name"]] = data["variableAttribute"][0].get("value", "")
    return found


async def test_every_variable_of_a_station_that_takes_limits(rig: Rig) -> None:
    assert await values(rig) == {
        "Available": "true", "Enabled": "true", "ACPhaseSwitchingSupported": "false", "Phases3to1": "false",
        "ProfileStackLevel": "99", "RateUnit": "A,W", "PeriodsPerSchedule": "1024", "Entries": "0",
        "ExternalControlSignalsEnabled": "true", "NotifyChargingLimitWithSchedules": "false",
        "LimitChangeSignificance": "1.0",
    }  # fmt: skip


async def test_their_types_and_who_may_write_them(rig: Rig) -> None:
    assert await described(rig.box, CONTROLLER) == {
        "Available": ("boolean", "ReadOnly", None), "Enabled": ("boolean", "ReadWrite", None),
        "ACPhaseSwitchingSupported": ("boolean", "ReadOnly", None), "Phases3to1": ("boolean", "ReadOnly", None),
        "ProfileStackLevel": ("integer", "ReadOnly", None), "RateUnit": ("MemberList", "ReadOnly", None),
        "PeriodsPerSchedule": ("integer", "ReadOnly", None), "Entries/ChargingProfiles": ("integer", "ReadOnly", 100),
        "ExternalControlSignalsEnabled": ("boolean", "ReadOnly", None),
        "NotifyChargingLimitWithSchedules": ("boolean", "ReadWrite", None),
        "LimitChangeSignificance": ("decimal", "ReadWrite", 100),
    }  # fmt: skip


async def test_a_station_that_takes_none_says_so(rig: Rig) -> None:
    await limit(rig.box, Capability.REMOTE_START)
    assert await values(rig) == {"Available": "false"}


async def test_entries_are_counted(rig: Rig) -> None:
    await rig.accept(1, profile((0, 6.0)))
    await rig.accept(2, profile((0, 7.0), id=2))
    await rig.until({1: 6.0, 2: 7.0})
    assert (await values(rig))["Entries"] == "2"
    await rig.clear(id_=2)
    await rig.until({1: 6.0, 2: None})
    assert (await values(rig))["Entries"] == "1"
