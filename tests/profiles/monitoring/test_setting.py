"""SetVariableMonitoring and ClearVariableMonitoring (N04, N06)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gateway.contracts import CallRefused
from gateway.model.errors import GatewayError
from profiles.monitoring.variables import BYTES_PER_MESSAGE, ITEMS_PER_MESSAGE
from tests.fakes.box import ID
from tests.profiles.monitoring.station import AVAILABILITY, HARD_WIRED, HEARTBEAT, POWER, HardWired, monitored

if TYPE_CHECKING:
    from pathlib import Path

DELTA = {"type": "Delta", "value": 1, "severity": 8}
NOBODY = {"component": {"name": "Fan"}, "variable": {"name": "FanSpeed"}}
NOTHING = {"component": {"name": "EVSE", "evse": {"id": 1}}, "variable": {"name": "FanSpeed"}}


@pytest.mark.ocpp("N04.FR.01", "N04.FR.02", "N04.FR.03", "N04.FR.04", "N04.FR.08", "N04.FR.11")
async def test_every_monitor_of_a_request_gets_its_own_answer(tmp_path: Path) -> None:
    async with monitored(tmp_path) as station:
        items = [{**address, **DELTA} for address in (AVAILABILITY, NOBODY, NOTHING, POWER)]
        answer = await station.box.call("SetVariableMonitoring", {"setMonitoringData": items})
    results = answer["setMonitoringResult"]
    assert [result["status"] for result in results] == ["Accepted", "UnknownComponent", "UnknownVariable", "Accepted"]
    echoed = [{"component": result["component"], "variable": result["variable"]} for result in results]
    assert echoed == [AVAILABILITY, NOBODY, NOTHING, POWER]
    assert [(result["type"], result["severity"]) for result in results] == [("Delta", 8)] * 4
    assert [("id" in result) for result in results] == [True, False, False, True]
    assert results[0]["id"] != results[3]["id"]


@pytest.mark.ocpp("N04.FR.05")
async def test_a_word_has_no_threshold(tmp_path: Path) -> None:
    async with monitored(tmp_path) as station:
        assert (await station.set(AVAILABILITY, "UpperThreshold", 1))["status"] == "UnsupportedMonitorType"


@pytest.mark.ocpp("N04.FR.06")
@pytest.mark.parametrize(("type_", "value"), [("UpperThreshold", 86_401), ("LowerThreshold", 0)])
async def test_a_threshold_outside_the_range_of_the_variable_is_rejected(
    tmp_path: Path, type_: str, value: float
) -> None:
    async with monitored(tmp_path) as station:
        result = await station.set(HEARTBEAT, type_, value)
        assert (result["status"], result["statusInfo"]["reasonCode"]) == ("Rejected", "ValueOutOfRange")
        assert await station.report() == []


@pytest.mark.ocpp("N04.FR.14")
async def test_a_negative_difference_is_rejected(tmp_path: Path) -> None:
    async with monitored(tmp_path) as station:
        assert (await station.set(POWER, "Delta", -1))["status"] == "Rejected"
        assert (await station.set(AVAILABILITY, "Delta", -1))["status"] == "Rejected"


async def test_a_severity_that_there_is_not_is_rejected(tmp_path: Path) -> None:
    async with monitored(tmp_path) as station:
        assert (await station.set(POWER, "Delta", 1, severity=10))["status"] == "Rejected"


@pytest.mark.ocpp("N04.FR.10")
async def test_the_same_monitor_twice_is_a_duplicate(tmp_path: Path) -> None:
    async with monitored(tmp_path) as station:
        await station.set(POWER, "UpperThreshold", 67, severity=4)
        assert (await station.set(POWER, "UpperThreshold", 78, severity=4))["status"] == "Duplicate"
        assert (await station.set(POWER, "UpperThreshold", 78, severity=3))["status"] == "Accepted"
        assert (await station.set(POWER, "LowerThreshold", 78, severity=4))["status"] == "Accepted"


@pytest.mark.ocpp("N04.FR.12")
async def test_a_monitor_is_replaced_by_its_id(tmp_path: Path) -> None:
    async with monitored(tmp_path) as station:
        id_ = (await station.set(POWER, "UpperThreshold", 67))["id"]
        assert (await station.set(POWER, "LowerThreshold", 78, severity=3, id=id_))["id"] == id_
        (found,) = await station.report()
        assert (found["id"], found["type"], found["value"], found["severity"]) == (id_, "LowerThreshold", 78, 3)


@pytest.mark.ocpp("N04.FR.13", "N04.FR.16")
async def test_only_a_monitor_that_there_is_on_this_variable_can_be_replaced(tmp_path: Path) -> None:
    async with monitored(tmp_path) as station:
        id_ = (await station.set(POWER, "Delta", 5))["id"]
        unknown = await station.set(POWER, "Delta", 6, id=id_ + 1)
        assert (unknown["status"], "id" in unknown) == ("Rejected", False)
        assert (await station.set(HEARTBEAT, "Delta", 6, id=id_))["status"] == "Rejected"
        assert [(found["id"], found["value"]) for found in await station.report()] == [(id_, 5)]


@pytest.mark.ocpp("N04.FR.18", "N06.FR.03")
async def test_a_hard_wired_monitor_can_neither_be_changed_nor_cleared(tmp_path: Path) -> None:
    whole = {"component": {"name": "ChargingStation"}, "variable": {"name": "AvailabilityState"}}
    async with monitored(tmp_path, HardWired) as station:
        assert (await station.set(whole, "Delta", 1, severity=9, id=HARD_WIRED))["status"] == "Rejected"
        assert await station.clear(HARD_WIRED) == ["Rejected"]
        assert [(found["id"], found["severity"]) for found in await station.report()] == [(HARD_WIRED, 0)]


@pytest.mark.ocpp("N04.FR.09")
async def test_a_request_that_is_too_long_is_refused(tmp_path: Path) -> None:
    async with monitored(tmp_path) as station:
        items = [{**POWER, **DELTA}] * (ITEMS_PER_MESSAGE + 1)
        with pytest.raises(CallRefused, match="OccurrenceConstraintViolation"):
            await station.box.hub.handle(ID, "SetVariableMonitoring", {"setMonitoringData": items})
        item = {**POWER, **DELTA, "customData": {"vendorId": "x", "text": "x" * BYTES_PER_MESSAGE}}
        with pytest.raises(CallRefused, match="FormatViolation"):
            await station.box.hub.handle(ID, "SetVariableMonitoring", {"setMonitoringData": [item]})
        assert await station.report() == []


@pytest.mark.ocpp("N06.FR.01", "N06.FR.02", "N06.FR.05")
async def test_monitors_are_cleared_by_their_ids(tmp_path: Path) -> None:
    async with monitored(tmp_path) as station:
        ids = [(await station.set(address, "Delta", 1))["id"] for address in (POWER, AVAILABILITY)]
        assert await station.clear(ids[0], 4711, ids[0]) == ["Accepted", "NotFound", "NotFound"]
        assert [found["id"] for found in await station.report()] == ids[1:]


@pytest.mark.ocpp("N06.FR.06", "N06.FR.07")
async def test_a_request_to_clear_that_is_too_long_is_refused(tmp_path: Path) -> None:
    async with monitored(tmp_path) as station:
        with pytest.raises(CallRefused, match="OccurrenceConstraintViolation"):
            await station.clear(*range(ITEMS_PER_MESSAGE + 1))
        payload = {"id": [1], "customData": {"vendorId": "x", "text": "x" * BYTES_PER_MESSAGE}}
        with pytest.raises(CallRefused, match="FormatViolation"):
            await station.box.hub.handle(ID, "ClearVariableMonitoring", payload)


async def test_nothing_is_set_or_cleared_while_monitoring_is_off(tmp_path: Path) -> None:
    async with monitored(tmp_path) as station:
        id_ = (await station.set(POWER, "Delta", 1))["id"]
        await station.variable("Enabled", "false")
        result = await station.set(POWER, "Periodic", 10)
        assert (result["status"], result["statusInfo"]["reasonCode"]) == ("Rejected", "NotEnabled")
        assert await station.clear(id_) == ["Rejected"]
        assert await station.base("All") == await station.level(3) == "Rejected"
        assert (await station.box.call("GetMonitoringReport", {"requestId": 1}))["status"] == "Rejected"


async def test_what_cannot_be_kept_is_not_accepted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def full(*_: object) -> None:
        raise GatewayError("storage-failed")

    async with monitored(tmp_path) as station:
        id_ = (await station.set(POWER, "Delta", 1))["id"]
        monkeypatch.setattr(station.box.storage.writer, "commit", full)
        answer = await station.box.call("SetVariableMonitoring", {
            "setMonitoringData": [{**POWER, **DELTA}, {**NOBODY, **DELTA}]
        })  # fmt: skip
        assert [result["status"] for result in answer["setMonitoringResult"]] == ["Rejected", "UnknownComponent"]
        assert await station.clear(id_) == ["Rejected"]
        assert await station.base("HardWiredOnly") == await station.level(1) == "Rejected"
        monkeypatch.undo()
        assert [found["id"] for found in await station.report()] == [id_]
