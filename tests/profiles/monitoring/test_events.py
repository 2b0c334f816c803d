"""What monitors tell (N05, N07)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gateway.model import events as ev
from gateway.model.device import timestamp
from gateway.model.evse import ConnectorStatus
from gateway.model.ids import Place
from gateway.model.problems import fault_of
from tests.fakes.box import ID
from tests.fakes.clock import SettableClock
from tests.profiles.monitoring.station import AVAILABILITY, HARD_WIRED, HEARTBEAT, POWER, HardWired, monitored

if TYPE_CHECKING:
    from pathlib import Path

FREE, BUSY = ConnectorStatus.AVAILABLE, ConnectorStatus.OCCUPIED


@pytest.mark.ocpp("N07.FR.02", "N07.FR.06", "N07.FR.07", "N07.FR.16")
async def test_an_upper_threshold_is_told_and_its_end(tmp_path: Path) -> None:
    async with monitored(tmp_path) as station:
        id_ = (await station.set(POWER, "UpperThreshold", 7000))["id"]
        for watts in (7000, 7000.5, 9000):
            await station.draws(watts)
        (payload,) = await station.box.sent_of("NotifyEvent")
        now = timestamp(station.box.clock.now())
        (event,) = payload["eventData"]
        assert (payload["seqNo"], payload["tbc"], payload["generatedAt"]) == (0, False, now)
        assert event == {
            "eventId": event["eventId"],
            "timestamp": now,
            "trigger": "Alerting",
            "actualValue": "7000.5",
            "variableMonitoringId": id_,
            "eventNotificationType": "CustomMonitor",
            **POWER,
        }
        await station.draws(7000)
        (over,) = await station.told()
    assert (over["cleared"], over["actualValue"], over["trigger"]) == (True, "7000.0", "Alerting")
    assert over["eventId"] > event["eventId"]


@pytest.mark.ocpp("N07.FR.02", "N07.FR.17")
async def test_a_lower_threshold_is_told_and_its_end(tmp_path: Path) -> None:
    async with monitored(tmp_path) as station:
        await station.draws(5000)
        await station.set(POWER, "LowerThreshold", 1000)
        for watts in (1000, 999, 500, 1000):
            await station.draws(watts)
        told = await station.told()
    assert [(event["actualValue"], event.get("cleared", False)) for event in told] == [
        ("999.0", False),
        ("1000.0", True),
    ]
    assert {event["trigger"] for event in told} == {"Alerting"}


@pytest.mark.ocpp("N07.FR.16")
async def test_a_threshold_that_is_passed_already_is_told_after_the_answer(tmp_path: Path) -> None:
    async with monitored(tmp_path) as station:
        await station.draws(9000)
        item = {**POWER, "type": "UpperThreshold", "value": 7000, "severity": 5}
        reply = await station.box.hub.handle(ID, "SetVariableMonitoring", {"setMonitoringData": [item]})
        assert await station.told() == []
        assert reply.then is not None
        await reply.then()
        await station.box.settled()
        assert await station.values() == ["9000.0"]


@pytest.mark.ocpp("N07.FR.18")
async def test_a_number_is_told_when_it_has_changed_by_more_than_the_delta(tmp_path: Path) -> None:
    async with monitored(tmp_path) as station:
        await station.draws(5000)
        await station.set(POWER, "Delta", 1000)
        for watts in (6000, 6001, 5500, 5000.9, 7001.1):
            await station.draws(watts)
        told = await station.told()
    assert [event["actualValue"] for event in told] == ["6001.0", "5000.9", "7001.1"]
    assert {event["trigger"] for event in told} == {"Delta"}


@pytest.mark.ocpp("N07.FR.19", "N07.FR.06")
async def test_a_word_is_told_whenever_it_changes(tmp_path: Path) -> None:
    async with monitored(tmp_path) as station:
        id_ = (await station.set(AVAILABILITY, "Delta", 1000))["id"]
        for status in (BUSY, BUSY, FREE):
            await station.shows(status)
        told = await station.told()
    assert [event["actualValue"] for event in told] == ["Occupied", "Available"]
    assert {(event["trigger"], event["variableMonitoringId"]) for event in told} == {("Delta", id_)}


async def test_a_variable_that_the_backend_sets_is_watched_too(tmp_path: Path) -> None:
    async with monitored(tmp_path) as station:
        await station.set(HEARTBEAT, "Delta", 5)
        await station.variable("HeartbeatInterval", "600", "OCPPCommCtrlr")
        assert await station.values() == ["600"]


@pytest.mark.ocpp("N07.FR.10")
async def test_a_value_that_may_not_be_read_is_not_told(tmp_path: Path) -> None:
    secret = {"component": {"name": "LegacyStation"}, "variable": {"name": "Secret"}}
    held = ev.StationVariable(
        key="Secret", component="LegacyStation", variable="Secret", value="", read_only=False, unread=True
    )
    async with monitored(tmp_path) as station:
        hub, now = station.box.hub, station.box.clock.now()
        await hub.publish(ev.VariablesReported(station=ID, at=now, variables=(held,), complete=True))
        assert (await station.set(secret, "Periodic", 10))["status"] == "Accepted"
        await station.wait(10)
        assert [(event["trigger"], event["actualValue"]) for event in await station.told()] == [("Periodic", "")]


async def test_a_setting_that_the_station_tells_is_watched(tmp_path: Path) -> None:
    address = {"component": {"name": "LegacyStation"}, "variable": {"name": "Light"}}

    def light(value: str) -> ev.VariablesReported:
        held = ev.StationVariable(key="Light", component="LegacyStation", variable="Light", value=value, read_only=True)
        return ev.VariablesReported(station=ID, at=station.box.clock.now(), variables=(held,))

    async with monitored(tmp_path) as station:
        await station.box.hub.publish(light("50"))
        await station.set(address, "Delta", 1)
        await station.box.hub.publish(light("70"))
        await station.box.settled()
        assert await station.values() == ["70"]


@pytest.mark.ocpp("N07.FR.11")
@pytest.mark.parametrize(("value", "cleared"), [(8000, [True]), (6000, [])])
async def test_a_threshold_that_is_moved_is_compared_at_once(tmp_path: Path, value: float, cleared: list[bool]) -> None:
    async with monitored(tmp_path) as station:
        id_ = (await station.set(POWER, "UpperThreshold", 7000))["id"]
        await station.draws(7500)
        await station.box.sent()
        await station.set(POWER, "UpperThreshold", value, id=id_)
        assert [event["cleared"] for event in await station.told()] == cleared


@pytest.mark.ocpp("N07.FR.11")
async def test_a_threshold_that_is_moved_below_the_value_is_told(tmp_path: Path) -> None:
    async with monitored(tmp_path) as station:
        id_ = (await station.set(POWER, "UpperThreshold", 7000))["id"]
        await station.draws(6500)
        await station.set(POWER, "UpperThreshold", 6000, id=id_)
        assert await station.values() == ["6500.0"]


@pytest.mark.ocpp("N07.FR.12")
async def test_a_monitor_that_is_cleared_says_no_more(tmp_path: Path) -> None:
    async with monitored(tmp_path) as station:
        id_ = (await station.set(POWER, "UpperThreshold", 7000))["id"]
        await station.draws(7500)
        await station.box.sent()
        await station.clear(id_)
        await station.draws(100)
        assert await station.told() == []


@pytest.mark.ocpp("N07.FR.13", "N07.FR.14")
async def test_monitors_and_passed_thresholds_outlive_a_restart(tmp_path: Path) -> None:
    clock = SettableClock()
    async with monitored(tmp_path, clock=clock) as station:
        upper = (await station.set(POWER, "UpperThreshold", 7000, severity=3))["id"]
        cleared = (await station.set(POWER, "Delta", 1))["id"]
        await station.clear(cleared)
        await station.draws(7500)
        (event,) = await station.told()
        before = await station.report()
    async with monitored(tmp_path, clock=clock, arrive=False) as station:
        assert await station.report() == before
        await station.draws(8000)
        assert await station.told() == []
        await station.draws(6000)
        (over,) = await station.told()
        assert (over["variableMonitoringId"], over["cleared"]) == (upper, True)
        assert over["eventId"] > event["eventId"]
        assert (await station.set(POWER, "Delta", 1))["id"] not in {upper, cleared}


async def test_a_preconfigured_monitor_remembers_over_a_restart(tmp_path: Path) -> None:
    async with monitored(tmp_path, rated=True) as station:
        await station.draws(13_000)
        assert await station.values() == ["13000.0"]
        await station.clear(2)
    async with monitored(tmp_path, rated=True, arrive=False) as station:
        assert [monitor["id"] for monitor in await station.report()] == [1, 501, 502]
        await station.draws(13_000, evse=2)
        await station.draws(5000)
        assert [event["cleared"] for event in await station.told()] == [True]


@pytest.mark.ocpp("N05.FR.01", "N05.FR.03", "N07.FR.15")
async def test_what_is_less_severe_than_the_level_is_not_told(tmp_path: Path) -> None:
    async with monitored(tmp_path) as station:
        await station.set(POWER, "UpperThreshold", 7000, severity=5)
        await station.set(POWER, "UpperThreshold", 8000, severity=4)
        assert await station.level(4) == "Accepted"
        await station.draws(9000)
        assert await station.values() == ["9000.0"]
        await station.draws(100)
        assert len(await station.told()) == 1


async def test_a_level_that_is_raised_shows_what_is_so_then(tmp_path: Path) -> None:
    async with monitored(tmp_path) as station:
        await station.set(POWER, "UpperThreshold", 7000, severity=5)
        await station.level(4)
        await station.draws(9000)
        assert await station.told() == []
        await station.level(9)
        assert await station.values() == ["9000.0"]


@pytest.mark.ocpp("N05.FR.02")
@pytest.mark.parametrize("severity", [-1, 10])
async def test_a_level_that_there_is_not_is_rejected(tmp_path: Path, severity: int) -> None:
    async with monitored(tmp_path) as station:
        assert await station.level(severity) == "Rejected"
        assert station.box.hub.integer(ID, "MonitoringCtrlr", "ActiveMonitoringLevel") == 9


async def test_nothing_is_told_while_monitoring_is_off(tmp_path: Path) -> None:
    async with monitored(tmp_path) as station:
        await station.set(POWER, "UpperThreshold", 7000)
        await station.set(POWER, "Periodic", 10)
        await station.variable("Enabled", "false")
        await station.draws(9000)
        await station.wait(60)
        assert await station.told() == []
        await station.variable("Enabled", "true")
        assert "9000.0" in await station.values()


async def test_a_monitor_of_transactions_tells_which_one(tmp_path: Path) -> None:
    async with monitored(tmp_path) as station:
        await station.set(POWER, "UpperThreshold", 7000, transaction=True)
        await station.draws(9000)
        assert await station.told() == []
        admission = await station.box.begin()
        (running,) = station.box.state.transactions
        await station.draws(9000)
        (event,) = await station.told()
        assert event["transactionId"] == running.id
        await station.box.end(admission.number)
        await station.box.settled()
        assert await station.told() == []


async def test_the_end_of_a_transaction_is_the_end_of_its_power(tmp_path: Path) -> None:
    async with monitored(tmp_path) as station:
        await station.set(POWER, "UpperThreshold", 7000)
        admission = await station.box.begin()
        await station.draws(9000)
        await station.box.end(admission.number)
        await station.box.settled()
        assert await station.values() == ["9000.0", "0.0"]


async def test_a_fault_is_told_once_as_a_notification_and_events_share_their_numbers(tmp_path: Path) -> None:
    async with monitored(tmp_path, HardWired) as station:
        fault = fault_of("GroundFailure")
        assert fault is not None
        place = Place(station=ID, evse=1, connector=1)
        now = station.box.clock.now()
        changes = [
            ev.ConnectorChanged(place=place, at=now, status=ConnectorStatus.FAULTED, faults=(fault,)),
            ev.ConnectorChanged(
                place=Place(station=ID, evse=2, connector=1), at=now, status=ConnectorStatus.UNAVAILABLE
            ),
        ]
        await station.box.hub.publish(*changes)
        await station.box.settled()
        told = await station.told()
    kinds = [(event["eventNotificationType"], event.get("variableMonitoringId")) for event in told]
    assert kinds == [("HardWiredNotification", None), ("HardWiredMonitor", HARD_WIRED)]
    assert told[0]["eventId"] < told[1]["eventId"]
