"""Monitors over the wire: what the certification cases of Advanced Device Management do with a real station below."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from gateway.bench.csms.ledger import Payload
    from tests.e2e.world import World

PLACE = {"name": "EVSE", "evse": {"id": 1}}
AVAILABILITY = {"component": PLACE, "variable": {"name": "AvailabilityState"}}


async def set_monitor(one: World, **data: object) -> Payload:
    """Set a monitor on the availability of EVSE 1; the result."""
    item = {**AVAILABILITY, "type": "Delta", "value": 1, "severity": 5, **data}
    answer = await one.call("SetVariableMonitoring", setMonitoringData=[item])
    result: Payload = answer["setMonitoringResult"][0]
    return result


@pytest.mark.ocpp("N04.FR.08", "N04.FR.11", "N07.FR.06", "N07.FR.07", "N07.FR.19", "N06.FR.01")
async def test_a_cable_makes_an_event_until_the_monitor_is_cleared(one: World) -> None:
    """TC_N_08, TC_N_18, TC_N_45, TC_N_52."""
    result = await set_monitor(one)
    assert result["status"] == "Accepted"
    since = one.news
    await one.station.sim.plug_in(1)
    told = (await one.heard("NotifyEvent", since)).payload
    (event,) = told["eventData"]
    assert told["seqNo"] == 0
    assert (event["trigger"], event["actualValue"], event["component"]) == ("Delta", "Occupied", PLACE)
    assert event["variableMonitoringId"] == result["id"]
    answer = await one.call("ClearVariableMonitoring", id=[result["id"]])
    assert answer["clearMonitoringResult"] == [{"id": result["id"], "status": "Accepted"}]
    since = one.news
    await one.station.sim.plug_out(1)
    await one.heard("StatusNotification", since, connectorStatus="Available", evseId=1)
    await one.settled()
    assert "NotifyEvent" not in {record.action for record in one.csms.received[since:]}


@pytest.mark.ocpp("N07.FR.13", "N02.FR.03", "N02.FR.04", "N03.FR.05")
async def test_a_monitor_is_still_there_after_a_restart_and_gone_with_the_base(one: World) -> None:
    """TC_N_02, TC_N_06, TC_N_53."""
    id_ = (await set_monitor(one))["id"]
    since = one.news
    await one.box.stop()
    await one.box.start()
    await one.booted(since=since)
    for_it: dict[str, Any] = {"requestId": 9, "componentVariable": [AVAILABILITY]}
    assert await one.call("GetMonitoringReport", **for_it) == {"status": "Accepted"}
    (found,) = (await one.heard("NotifyMonitoringReport", since, requestId=9)).payload["monitor"]
    assert [monitor["id"] for monitor in found["variableMonitoring"]] == [id_]
    assert (await one.call("SetMonitoringBase", monitoringBase="HardWiredOnly"))["status"] == "Accepted"
    assert (await one.call("GetMonitoringReport", **for_it))["status"] == "EmptyResultSet"


@pytest.mark.case("TC_N_22_CS", "TC_N_23_CS")
@pytest.mark.ocpp("N08.FR.05", "N08.FR.06", "N07.FR.04")
async def test_events_wait_for_a_backend_that_is_away(one: World) -> None:
    """TC_N_22, TC_N_24."""
    await one.impatient()
    assert await one.set_variable("MonitoringCtrlr", "OfflineQueuingSeverity", "7") == "Accepted"
    delta = (await set_monitor(one, severity=7))["id"]
    periodic = (await set_monitor(one, type="Periodic"))["id"]
    less = (await set_monitor(one, severity=8))["id"]
    await one.heard("NotifyEvent", one.news)
    await one.csms.go_down()
    since = one.news
    await one.station.sim.plug_in(1)
    await one.station.told_all()
    await one.station.sim.plug_out(1)
    await one.station.told_all()
    await one.back()
    await one.csms.wait_for(
        lambda record: (
            record.action == "NotifyEvent"
            and any(event["variableMonitoringId"] == periodic for event in record.payload["eventData"])
        ),
        10,
        since=since,
    )
    await one.settled()
    told = [
        event
        for record in one.csms.received[since:]
        if record.action == "NotifyEvent"
        for event in record.payload["eventData"]
    ]
    assert [event["actualValue"] for event in told if event["variableMonitoringId"] == delta] == [
        "Occupied",
        "Available",
    ]
    assert {event["trigger"] for event in told if event["variableMonitoringId"] == periodic} == {"Periodic"}
    assert less not in {event["variableMonitoringId"] for event in told}
    assert len({event["eventId"] for event in told}) == len(told)
