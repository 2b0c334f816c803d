"""GetMonitoringReport and SetMonitoringBase (N02, N03)."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

import orjson
import pytest
from typing_extensions import override

from gateway.contracts import CallRefused
from gateway.model.device import DataType, VariableRef, VariableSpec, timestamp
from profiles.common.paging import PAGE_BYTES
from profiles.monitoring import MonitoringProfile
from tests.fakes.box import ID
from tests.profiles.monitoring.station import AVAILABILITY, HARD_WIRED, HEARTBEAT, POWER, RATED, HardWired, monitored

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from gateway.contracts import Json
    from gateway.model.station import StationState
    from tests.profiles.monitoring.station import Station

IN_DANGER = (501, 502)
"""The hard-wired monitors of every station whose wiring is known."""

TYPES = ("UpperThreshold", "LowerThreshold", "Delta", "Periodic", "PeriodicClockAligned")


def evse(number: int | None, variable: str = "AvailabilityState", component: str = "EVSE") -> Json:
    """The address of a variable of an EVSE, or of the station."""
    place = {"name": component} if number is None else {"name": component, "evse": {"id": number}}
    return {"component": place, "variable": {"name": variable}}


async def every_type(station: Station) -> None:
    """Set a monitor of each type on the power of EVSE 1, and a delta on its availability."""
    for type_ in TYPES:
        assert (await station.set(POWER, type_, 3600, severity=5))["status"] == "Accepted"
    await station.set(AVAILABILITY, "Delta", 1)
    await station.box.sent()


@pytest.mark.ocpp("N02.FR.01", "N02.FR.03", "N02.FR.04", "N02.FR.09", "N02.FR.11")
async def test_a_report_of_everything_follows_the_answer(tmp_path: Path) -> None:
    async with monitored(tmp_path) as station:
        await every_type(station)
        reply = await station.box.hub.handle(ID, "GetMonitoringReport", {"requestId": 42})
        assert (reply.payload, await station.box.sent()) == ({"status": "Accepted"}, [])
        assert reply.then is not None
        await reply.then()
        (page,) = await station.box.sent_of("NotifyMonitoringReport")
        at = timestamp(station.box.clock.now())
    assert (page["requestId"], page["seqNo"], page["tbc"], page["generatedAt"]) == (42, 0, False, at)
    found = {data["variable"]["name"]: data for data in page["monitor"]}
    assert [monitor["type"] for monitor in found["Power"]["variableMonitoring"]] == list(TYPES)
    assert found["Power"]["component"] == POWER["component"]
    (delta,) = found["AvailabilityState"]["variableMonitoring"]
    assert delta == {"id": delta["id"], "transaction": False, "value": 1, "type": "Delta", "severity": 5}


@pytest.mark.ocpp("N02.FR.09")
async def test_a_long_report_comes_in_parts(tmp_path: Path) -> None:
    async with monitored(tmp_path) as station:
        device = station.box.hub.device(ID)
        refs = [spec.ref for spec in device.specs.values() if spec.type != "dateTime" and not spec.ref.evse][:70]
        for ref in refs:
            named: Json = {"name": ref.variable}
            if ref.variable_instance:
                named["instance"] = ref.variable_instance
            for type_ in ("Delta", "Periodic"):
                address = {"component": {"name": ref.component}, "variable": named}
                assert (await station.set(address, type_, 600))["status"] == "Accepted"
        await station.box.call("GetMonitoringReport", {"requestId": 1})
        pages = await station.box.sent_of("NotifyMonitoringReport")
    assert len(pages) > 1
    assert [page["seqNo"] for page in pages] == list(range(len(pages)))
    assert [page["tbc"] for page in pages] == [True] * (len(pages) - 1) + [False]
    assert max(len(orjson.dumps(page)) for page in pages) <= PAGE_BYTES
    assert sum(len(page["monitor"]) for page in pages) == len(refs)


@pytest.mark.ocpp("N02.FR.06", "N02.FR.12", "N02.FR.13", "N02.FR.14")
@pytest.mark.parametrize(
    ("criteria", "types"),
    [
        (["ThresholdMonitoring"], {"UpperThreshold", "LowerThreshold"}),
        (["DeltaMonitoring"], {"Delta"}),
        (["PeriodicMonitoring"], {"Periodic", "PeriodicClockAligned"}),
        (["DeltaMonitoring", "PeriodicMonitoring"], {"Delta", "Periodic", "PeriodicClockAligned"}),
    ],
)
async def test_a_criterion_is_a_kind_of_monitor(tmp_path: Path, criteria: list[str], types: set[str]) -> None:
    async with monitored(tmp_path) as station:
        await every_type(station)
        found = await station.report(monitoringCriteria=criteria)
    assert {monitor["type"] for monitor in found} == types
    assert len(found) == len(types) + ("Delta" in types)


@pytest.mark.ocpp("N02.FR.05")
async def test_criteria_and_variables_both_limit_a_report(tmp_path: Path) -> None:
    async with monitored(tmp_path) as station:
        await every_type(station)
        (found,) = await station.report(monitoringCriteria=["DeltaMonitoring"], componentVariable=[POWER])
    assert (found["variable"]["name"], found["type"]) == ("Power", "Delta")


@pytest.mark.ocpp("N02.FR.08", "N02.FR.16", "N02.FR.17", "N02.FR.18", "N02.FR.19", "N02.FR.21")
@pytest.mark.parametrize(
    ("wanted", "count"),
    [
        (evse(1), 1),
        ({"component": {"name": "EVSE", "evse": {"id": 1}}}, 2),
        (evse(None), 2),
        ({"component": {"name": "evse"}, "variable": {"name": "power"}}, 1),
        (evse(1, component="Connector"), 1),
        (evse(None, "Problem", "ElectricalFeed"), 2),
        ({"component": {"name": "DeviceDataCtrlr"}, "variable": {"name": "ItemsPerMessage"}}, 2),
        (
            {
                "component": {"name": "DeviceDataCtrlr"},
                "variable": {"name": "ItemsPerMessage", "instance": "GetReport"},
            },
            1,
        ),
    ],
)
async def test_what_is_left_open_of_an_address_means_all(tmp_path: Path, wanted: Json, count: int) -> None:
    limits = [
        {"component": {"name": "DeviceDataCtrlr"}, "variable": {"name": "ItemsPerMessage", "instance": instance}}
        for instance in ("GetReport", "GetVariables")
    ]
    connector = {"component": {"name": "Connector", "evse": {"id": 1, "connectorId": 1}}, "variable": {
        "name": "AvailabilityState"
    }}  # fmt: skip
    problems = [evse(None, "Problem", "ElectricalFeed"), evse(2, "Problem", "ElectricalFeed")]
    async with monitored(tmp_path) as station:
        for address in (evse(1), evse(2), POWER, connector, *problems, *limits):
            assert (await station.set(address, "Delta", 1))["status"] == "Accepted"
        assert len(await station.report(componentVariable=[wanted])) == count


class Doubled(MonitoringProfile):
    """The profile of a station that has a component twice."""

    name: ClassVar[str] = "doubled"

    @override
    def variables(self, state: StationState) -> Iterator[VariableSpec]:
        yield from super().variables(state)
        for instance in ("front", "back"):
            ref = VariableRef(component="Display", component_instance=instance, variable="Count")
            yield VariableSpec(ref=ref, type=DataType.INTEGER, default="1")


@pytest.mark.ocpp("N02.FR.20", "N02.FR.21")
async def test_an_instance_of_a_component_is_that_one_and_none_is_all_of_them(tmp_path: Path) -> None:
    def display(instance: str) -> Json:
        named = {"name": "Display", "instance": instance} if instance else {"name": "Display"}
        return {"component": named, "variable": {"name": "Count"}}

    async with monitored(tmp_path, Doubled) as station:
        for instance in ("front", "back"):
            assert (await station.set(display(instance), "Delta", 1))["status"] == "Accepted"
        for wanted, found in (("front", {"front"}), ("back", {"back"}), ("", {"front", "back"}), ("side", set())):
            told = await station.report(componentVariable=[display(wanted)])
            assert {monitor["component"]["instance"] for monitor in told} == found


@pytest.mark.ocpp("N02.FR.10")
async def test_a_report_of_nothing_is_not_sent(tmp_path: Path) -> None:
    async with monitored(tmp_path) as station:
        assert (await station.box.call("GetMonitoringReport", {"requestId": 1}))["status"] == "EmptyResultSet"
        await station.set(POWER, "Delta", 1)
        assert await station.report(monitoringCriteria=["PeriodicMonitoring"]) == []
        assert await station.report(componentVariable=[AVAILABILITY]) == []
        assert await station.box.sent() == []


@pytest.mark.ocpp("N02.FR.07")
async def test_a_report_is_not_asked_for_with_too_many_variables(tmp_path: Path) -> None:
    async with monitored(tmp_path) as station:
        limit = station.box.hub.integer(ID, "DeviceDataCtrlr", "ItemsPerMessage", "GetReport")
        with pytest.raises(CallRefused, match="OccurrenceConstraintViolation"):
            await station.report(componentVariable=[POWER] * (limit + 1))


@pytest.mark.ocpp("N03.FR.01", "N03.FR.03")
async def test_all_brings_back_what_was_cleared_and_keeps_what_was_set(tmp_path: Path) -> None:
    async with monitored(tmp_path, rated=True) as station:
        own = (await station.set(HEARTBEAT, "Delta", 1))["id"]
        await station.set(POWER, "UpperThreshold", 9000, severity=5, id=1)
        await station.clear(2)
        assert await station.base("All") == "Accepted"
        found = {monitor["id"]: monitor["value"] for monitor in await station.report()}
    danger = dict.fromkeys(IN_DANGER, pytest.approx(RATED * 1.3))
    assert found == {1: 9000, 2: pytest.approx(RATED * 1.1), own: 1, **danger}


@pytest.mark.ocpp("N03.FR.01", "N03.FR.04", "N04.FR.15")
async def test_the_factory_default_takes_away_what_was_set_and_changed(tmp_path: Path) -> None:
    async with monitored(tmp_path, rated=True) as station:
        before = await station.report()
        await station.set(HEARTBEAT, "Delta", 1)
        await station.set(POWER, "UpperThreshold", 9000, severity=before[0]["severity"] + 1, id=before[0]["id"])
        assert await station.base("FactoryDefault") == "Accepted"
        assert await station.report() == before


@pytest.mark.ocpp("N04.FR.15")
async def test_a_preconfigured_monitor_that_was_changed_is_a_custom_one(tmp_path: Path) -> None:
    async with monitored(tmp_path, rated=True) as station:
        await station.draws(RATED * 1.2, evse=2)
        await station.set(POWER, "UpperThreshold", 9000, severity=4, id=1)
        await station.draws(10_000)
        kinds = {event["variableMonitoringId"]: event["eventNotificationType"] for event in await station.told()}
    assert kinds == {2: "PreconfiguredMonitor", 1: "CustomMonitor"}


@pytest.mark.ocpp("N03.FR.01", "N03.FR.05")
async def test_hard_wired_only_leaves_nothing_else(tmp_path: Path) -> None:
    async with monitored(tmp_path, HardWired, rated=True) as station:
        await station.set(HEARTBEAT, "Delta", 1)
        assert await station.base("HardWiredOnly") == "Accepted"
        assert {monitor["id"] for monitor in await station.report()} == {HARD_WIRED, *IN_DANGER}
        await station.draws(RATED * 1.2)
        assert await station.told() == []
        await station.draws(RATED * 1.4)
        (event,) = await station.told()
        assert (event["variableMonitoringId"], event["eventNotificationType"]) == (IN_DANGER[0], "HardWiredMonitor")
    async with monitored(tmp_path, HardWired, rated=True, arrive=False) as station:
        assert {monitor["id"] for monitor in await station.report()} == {HARD_WIRED, *IN_DANGER}


async def test_the_controller_shows_what_is_in_force(tmp_path: Path) -> None:
    async with monitored(tmp_path) as station:
        await station.base("All")
        await station.level(4)
        device = station.box.hub.device(ID)
        assert device.text("MonitoringCtrlr", "ActiveMonitoringBase") == "All"
        assert device.integer("MonitoringCtrlr", "ActiveMonitoringLevel") == 4
        assert device.boolean("MonitoringCtrlr", "Available")
        await station.box.call("GetReport", {"requestId": 1, "componentVariable": [POWER]})
        (report,) = await station.box.sent_of("NotifyReport")
    assert report["reportData"][0]["variableCharacteristics"]["supportsMonitoring"] is True
