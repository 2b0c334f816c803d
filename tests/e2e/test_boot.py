"""The station's registration at the CSMS, and what outlives a kill of the box or a restart of the station."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gateway.bench.csms.settings import BootPolicy, CsmsSettings
from tests.e2e.plan import TOKEN, Plan
from tests.e2e.truth import assert_all_whole
from tests.e2e.world import World, world

if TYPE_CHECKING:
    from pathlib import Path

CARD = {"idToken": TOKEN, "type": "ISO14443"}
PENDING = CsmsSettings(boot=BootPolicy(status="Pending", interval=2))


@pytest.mark.case("TC_B_02_CS")
@pytest.mark.ocpp("B02.FR.01", "B02.FR.02", "B02.FR.05", "B01.FR.08")
async def test_pending_station_is_configured_and_then_accepted(tmp_path: Path) -> None:
    async with world(tmp_path, settings=PENDING, booted=False) as made:
        await made.heard("BootNotification")
        await made.station.told_all()
        await made.call("GetVariables", getVariableData=[_variable("OCPPCommCtrlr", "OfflineThreshold")])
        assert await made.set_variable("OCPPCommCtrlr", "OfflineThreshold", "77") == "Accepted"
        assert (await made.call("GetBaseReport", requestId=9, reportBase="FullInventory"))["status"] == "Accepted"
        await made.heard("NotifyReport", requestId=9)
        start = await made.call("RequestStartTransaction", idToken=CARD, remoteStartId=1, evseId=1)
        assert start["status"] == "Rejected"
        stop = await made.call("RequestStopTransaction", transactionId="x")
        assert stop["status"] == "Rejected"
        # The station itself may charge; the backend hears of it when it has accepted (B02.FR.03).
        assert await made.set_variable("AuthCtrlr", "OfflineTxForUnknownIdEnabled", "true") == "Accepted"
        truth = await made.station.charge(TOKEN, samples=2)
        assert truth.start_status == "Accepted"
        allowed = {"BootNotification", "NotifyReport"}
        assert {record.action for record in made.csms.received} == allowed
        made.csms.boot[made.station.id] = BootPolicy(status="Accepted")
        await made.heard("StatusNotification", evseId=1)
        await made.station.sim.plug_out(1)
        await made.delivered()
        assert assert_all_whole(made) == 0
        value = await made.get_variable("OCPPCommCtrlr", "OfflineThreshold")
        assert value["attributeValue"] == "77"


@pytest.mark.case("TC_B_02_CS")
@pytest.mark.ocpp("B02.FR.02")
async def test_pending_station_sends_what_is_triggered(tmp_path: Path) -> None:
    async with world(tmp_path, settings=PENDING, booted=False) as made:
        await made.heard("BootNotification")
        await made.station.told_all()
        evse = {"id": 1, "connectorId": 1}
        assert (await made.call("TriggerMessage", requestedMessage="StatusNotification", evse=evse))[
            "status"
        ] == "Accepted"
        await made.heard("StatusNotification")
        made.csms.boot[made.station.id] = BootPolicy(status="Accepted")
        since = made.news
        assert (await made.call("TriggerMessage", requestedMessage="BootNotification"))["status"] == "Accepted"
        boot = await made.heard("BootNotification", since)
        assert boot.payload["reason"] == "Triggered"
        await made.booted()


@pytest.mark.case("TC_B_03_CS", "TC_B_30_CS")
@pytest.mark.ocpp("B03.FR.02", "B03.FR.08")
async def test_rejected_station_is_silent_until_the_interval_is_over(tmp_path: Path) -> None:
    settings = CsmsSettings(boot=BootPolicy(status="Rejected", interval=2))
    async with world(tmp_path, settings=settings, booted=False) as made:
        first = await made.heard("BootNotification")
        await made.station.told_all()
        refused = await made.refused("GetVariables", getVariableData=[_variable("OCPPCommCtrlr", "OfflineThreshold")])
        assert refused.code == "SecurityError"
        await made.station.sim.plug_in(1)
        assert made.station.sim.point.admit(1, TOKEN, "")  # by its own list
        await made.station.told_all()
        assert made.station.last.start_status == "Accepted"
        made.csms.boot[made.station.id] = BootPolicy(status="Accepted")
        await made.until(lambda: len(made.csms.of("BootNotification")) >= 2)
        first, second = made.csms.of("BootNotification")[:2]
        assert (second.at - first.at).total_seconds() >= 2
        between = made.csms.received[1 : made.csms.received.index(second)]
        assert between == []
        await made.station.sim.plug_out(1)
        await made.delivered()
        assert assert_all_whole(made) == 0


@pytest.mark.ocpp("G02.FR.01", "G02.FR.02")
async def test_heartbeat_interval_of_the_boot(tmp_path: Path) -> None:
    async with world(tmp_path, settings=CsmsSettings(boot=BootPolicy(interval=1))) as made:
        await made.until(lambda: len(made.csms.of("Heartbeat")) >= 2)
        first, second = made.csms.of("Heartbeat")[:2]
        assert (second.at - first.at).total_seconds() == pytest.approx(1, abs=0.5)
        assert (await made.get_variable("OCPPCommCtrlr", "HeartbeatInterval"))["attributeValue"] == "1"


async def test_variables_outlive_a_kill(one: World) -> None:
    assert await one.set_variable("OCPPCommCtrlr", "OfflineThreshold", "123") == "Accepted"
    assert await one.set_variable("AuthCtrlr", "LocalPreAuthorize", "true") == "Accepted"
    assert await one.set_variable("LegacyStation", "BenchFanThreshold", "61") == "Accepted"
    one.box.kill()
    await one.box.gone()
    since = one.news
    await one.box.start()
    await one.booted(since=since)
    for component, variable, value in (
        ("OCPPCommCtrlr", "OfflineThreshold", "123"),
        ("AuthCtrlr", "LocalPreAuthorize", "true"),
        ("LegacyStation", "BenchFanThreshold", "61"),
    ):
        assert (await one.get_variable(component, variable))["attributeValue"] == value


@pytest.mark.ocpp("C10.FR.02")
async def test_known_tokens_outlive_a_kill(one: World) -> None:
    await one.whole_session()
    await one.delivered()
    await one.csms.go_down()
    one.box.kill()
    await one.box.gone()
    await one.box.start()
    await one.answered()
    assert one.station.sim.point.outlets.memory.cache
    one.station.sim.tokens.clear_cache()
    truth = await one.station.charge(TOKEN)
    assert not truth.offline


@pytest.mark.ocpp("G03.FR.08", "G01.FR.02", "B11.FR.02")
async def test_availability_outlives_kill_of_the_box_and_reset_of_the_station(two_evses: World) -> None:
    """The station forgets it; the box does not."""
    one = two_evses
    memory = one.station.sim.point.outlets.memory
    answer = await one.call("ChangeAvailability", operationalStatus="Inoperative", evse={"id": 2})
    assert answer["status"] == "Accepted"
    one.box.kill()
    await one.box.gone()
    since = one.news
    await one.box.start()
    await one.heard("StatusNotification", since, evseId=1, connectorStatus="Available")
    await one.heard("StatusNotification", since, evseId=2, connectorStatus="Unavailable")
    memory.inoperative.clear()
    since = one.news
    assert (await one.call("Reset", type="Immediate"))["status"] == "Accepted"
    await one.booted(since=since)
    await one.station.until(lambda _: memory.inoperative == {2})
    statuses = [r.payload for r in one.csms.of("StatusNotification") if r.payload["evseId"] == 2]
    assert statuses[-1]["connectorStatus"] == "Unavailable"
    value = await one.call(
        "GetVariables",
        getVariableData=[
            {"component": {"name": "EVSE", "evse": {"id": 2}}, "variable": {"name": "AvailabilityState"}},
        ],
    )
    assert value["getVariableResult"][0]["attributeValue"] == "Unavailable"


@pytest.mark.ocpp("G04.FR.09")
async def test_availability_of_the_station_outlives_all_restarts(two_evses: World) -> None:
    one = two_evses
    memory = one.station.sim.point.outlets.memory
    assert (await one.call("ChangeAvailability", operationalStatus="Inoperative"))["status"] == "Accepted"
    one.box.kill()
    await one.box.gone()
    await one.box.start()
    await one.answered()
    memory.inoperative.clear()
    await one.station.sim.power_cycle()
    await one.station.told_all()
    await one.station.until(lambda _: {1, 2} <= memory.inoperative or 0 in memory.inoperative)


@pytest.mark.ocpp("B07.FR.01")
async def test_full_inventory_comes_in_pages_without_gaps(one: World) -> None:
    answer = await one.call("GetBaseReport", requestId=31, reportBase="FullInventory")
    assert answer["status"] == "Accepted"
    await one.until(lambda: any(not r.payload.get("tbc", False) for r in one.csms.of("NotifyReport")))
    pages = [r.payload for r in one.csms.of("NotifyReport")]
    assert [page["seqNo"] for page in pages] == list(range(len(pages)))
    assert len(pages) > 1
    assert {page["requestId"] for page in pages} == {31}
    assert [page.get("tbc", False) for page in pages] == [True] * (len(pages) - 1) + [False]
    items = [item for page in pages for item in page["reportData"]]
    names = {(i["component"]["name"], i["variable"]["name"]) for i in items}
    for wanted in (
        ("OCPPCommCtrlr", "HeartbeatInterval"),
        ("TxCtrlr", "TxStartPoint"),
        ("EVSE", "AvailabilityState"),
        ("Connector", "ConnectorType"),
        ("ChargingStation", "VendorName"),
        ("LegacyStation", "BenchHardwareRevision"),
    ):
        assert wanted in names
    places = [
        (repr(sorted(i["component"].items(), key=str)), repr(sorted(i["variable"].items(), key=str))) for i in items
    ]
    assert len(places) == len(set(places))
    values = {
        i["variable"]["name"]: i["variableAttribute"][0].get("value")
        for i in items
        if i["component"]["name"] == "LegacyStation"
    }
    assert values["BenchHardwareRevision"] == "B2"


async def test_unknown_station_is_told_once_and_by_its_own_name(tmp_path: Path) -> None:
    """The box waits for the station to say what it is."""
    async with world(tmp_path, Plan(), booted=True) as made:
        boots = made.csms.of("BootNotification")
        assert {b.payload["chargingStation"]["vendorName"] for b in boots} == {"Stationlift"}
        assert len(boots) == 1


def _variable(component: str, variable: str) -> dict[str, dict[str, str]]:
    return {"component": {"name": component}, "variable": {"name": variable}}
