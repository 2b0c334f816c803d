"""Which alerts stand."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from gateway.model.alerts import OFTEN, RESTLESS
from gateway.model.evse import Alarm, Fault
from gateway.model.installation import AlertKind
from tests.gateway.alerting.scene import FLOOD, HEAT, ID, LOST, Scene, running

WET, HOT = ("FloodSensor.Active", 2), ("TemperatureSensor[rail #1].Temperature", 4)


@pytest.fixture
def scene() -> Scene:
    return Scene()


async def test_an_alert_stands_until_it_is_over(scene: Scene) -> None:
    assert scene.stands() == []
    assert scene.sees(FLOOD, "true") == [WET]
    (alert,) = scene.board.alerts(ID)
    assert (alert.message, alert.value, alert.since) == ("Wasser im Schrank", "true", scene.time)
    scene.time += timedelta(minutes=5)
    assert scene.sees(HEAT, "61.5") == [WET, HOT], "the most severe first"
    assert scene.board.alerts(ID)[0].since == scene.time - timedelta(minutes=5)
    assert scene.sees(HEAT, "56") == [WET, HOT], "not back by the hysteresis"
    assert scene.sees(FLOOD, "false") == [HOT]
    assert scene.sees(HEAT, "55") == []


async def test_a_sensor_that_is_lost_is_one_and_what_it_saw_stands_on(scene: Scene) -> None:
    scene.sees(HEAT, "80")
    scene.tell(HEAT, "")
    assert set(scene.sees(LOST, "true")) == {HOT, ("TemperatureSensor[rail #1].Problem", 4)}
    assert {alert.kind for alert in scene.board.alerts(ID)} == {AlertKind.LOST, AlertKind.SENSOR}


@pytest.mark.parametrize(("power", "severity"), [(11_500.0, None), (12_500.0, 4), (15_000.0, 3)])
async def test_of_two_about_one_variable_the_worse_counts(scene: Scene, power: float, severity: int | None) -> None:
    scene.power[1] = power
    scene.board.on_commit(ID)
    assert scene.stands() == ([] if severity is None else [("EVSE#1.Power", severity)])


async def test_faults_and_alarms_of_the_station_are_alerts(scene: Scene) -> None:
    lock = Fault(component="ConnectorPlugRetentionLock", code="ConnectorLockFailure")
    (connector,) = scene.state.connectors
    alarms = (Alarm(holder="sensor fire"), Alarm(holder="sensor sump", fault=Fault(component="FloodSensor")))
    scene.state = replace(scene.state, connectors=(replace(connector, faults=(lock,), alarms=alarms),))
    scene.board.on_commit(ID)
    assert sorted(label for label, _ in scene.stands()) == [
        "ConnectorPlugRetentionLock#1.Problem", "FloodSensor.Problem", "sensor fire.Alarm",
    ]  # fmt: skip
    assert "FloodSensor.Problem" not in dict(scene.sees(FLOOD, "true")), "its alert says so already"


async def test_what_toggles_stays_and_is_over_when_it_was_quiet(scene: Scene) -> None:
    follower, changes = scene.board.follow(), 0
    for number in range(1000):
        scene.time += timedelta(milliseconds=10)
        scene.sees(FLOOD, "true" if number % 2 == 0 else "false")
        changes += follower.is_set()
        follower.clear()
    assert scene.stands() == [WET]
    assert changes <= 2 * OFTEN
    assert scene.board.pause() == pytest.approx(RESTLESS.total_seconds())
    scene.time += RESTLESS
    assert scene.stands() == []


async def test_it_looks_when_something_has_changed(scene: Scene) -> None:
    follower = scene.board.follow()
    async with running(scene), asyncio.timeout(10):
        scene.tell(FLOOD, "true")
        await follower.wait()
        assert [alert.ref for alert in scene.board.everywhere()] == [FLOOD]
        follower.clear()
        scene.tell(FLOOD, "false")
        await follower.wait()
        assert scene.board.everywhere() == ()
