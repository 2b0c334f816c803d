"""What a sensor of the box sees keeps drivers away, whatever the CSMS and the station say meanwhile."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gateway.model import commands as cmd
from gateway.model import events as ev
from gateway.model.commands import ChangeAvailability
from gateway.model.evse import Closure, ConnectorStatus, Fault
from gateway.model.ids import Place
from gateway.model.rules.connectors import status_of
from tests.fakes.box import ID, open_box

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from tests.fakes.box import Box

STATION, FIRST, SECOND = (Place(station=ID, evse=evse, connector=min(evse, 1)) for evse in range(3))
FLOOD = Fault(component="FloodSensor", variable="Tripped", info="water in the cabinet")


@pytest.fixture
async def box(tmp_path: Path) -> AsyncIterator[Box]:
    async with open_box(tmp_path) as opened:
        await opened.arrive()
        yield opened


async def alarm(
    box: Box, *, active: bool, where: Place = STATION, fault: Fault | None = FLOOD, holder: str = "sump"
) -> None:
    await box.hub.publish(ev.AlarmChanged(place=where, at=box.clock.now(), holder=holder, active=active, fault=fault))
    await box.settled()


async def told(box: Box) -> list[tuple[int, str]]:
    return sorted((each["evseId"], each["connectorStatus"]) for each in await box.sent_of("StatusNotification"))


def asked(box: Box) -> list[tuple[int, bool]]:
    found = [(command.place.evse, command.operative) for command in box.adapter.asked(ChangeAvailability)]
    box.adapter.commands.clear()
    return found


async def test_a_fault_of_the_station_closes_all_of_it_until_it_is_over(box: Box) -> None:
    await alarm(box, active=True)
    (event,) = await box.sent_of("NotifyEvent")
    assert event["eventData"][0]["component"]["name"] == "FloodSensor"
    await alarm(box, active=True)
    assert await box.sent_of("NotifyEvent") == []
    assert asked(box) == [(1, False), (2, False)]
    await alarm(box, active=False)
    assert asked(box) == [(1, True), (2, True)]
    (over,) = await box.sent_of("NotifyEvent")
    assert over["eventData"][0]["cleared"] is True


async def test_the_status_says_so_and_what_the_station_reports_does_not_change_it(box: Box) -> None:
    await alarm(box, active=True, where=SECOND)
    assert await told(box) == [(2, "Faulted")]
    await box.hub.publish(ev.ConnectorChanged(place=SECOND, at=box.clock.now(), status=ConnectorStatus.AVAILABLE))
    assert await told(box) == []
    await alarm(box, active=False, where=SECOND)
    assert await told(box) == [(2, "Available")]


async def test_without_a_fault_it_is_unavailable_and_of_two_alarms_the_last_opens(box: Box) -> None:
    await alarm(box, active=True, where=FIRST, fault=None, holder="fire")
    await alarm(box, active=True, where=FIRST, fault=None, holder="gas")
    assert await told(box) == [(1, "Unavailable")]
    await alarm(box, active=False, where=FIRST, fault=None, holder="fire")
    assert await told(box) == []
    assert (1, True) not in asked(box)
    await alarm(box, active=False, where=FIRST, fault=None, holder="gas")
    assert await told(box) == [(1, "Available")]
    assert asked(box) == [(1, True)]


async def test_neither_the_csms_nor_the_box_opens_what_a_sensor_closes(box: Box) -> None:
    await alarm(box, active=True, where=SECOND, fault=None)
    await told(box)
    await box.hub.execute(ChangeAvailability(place=SECOND, operative=False, closure=Closure.FIRMWARE))
    await box.hub.execute(ChangeAvailability(place=SECOND, operative=True, closure=Closure.FIRMWARE))
    payload = {"operationalStatus": "Operative", "evse": {"id": 2}}
    assert (await box.call("ChangeAvailability", payload))["status"] == "Accepted"
    await box.settled()
    assert (2, True) not in asked(box)
    assert await told(box) == []
    await alarm(box, active=False, where=SECOND, fault=None)
    assert asked(box) == [(2, True)]


async def test_what_the_csms_has_closed_stays_closed_after_an_alarm(box: Box) -> None:
    await box.call("ChangeAvailability", {"operationalStatus": "Inoperative", "evse": {"id": 2}})
    await alarm(box, active=True, where=SECOND, fault=None)
    asked(box)
    await alarm(box, active=False, where=SECOND, fault=None)
    assert asked(box) == []
    assert not box.state.connectors[1].open


async def test_charging_is_stopped_before_anything_is_closed(box: Box) -> None:
    await box.begin(evse=2)
    emergency = Fault(component="EmergencyStopSensor", variable="Tripped", code="EmergencyStop")
    await alarm(box, active=True, where=SECOND, fault=emergency)
    stop, *rest = [type(command) for command in box.adapter.commands]
    assert (stop, rest) == (cmd.StopCharging, [ChangeAvailability])
    (stopped,) = box.adapter.asked(cmd.StopCharging)
    assert stopped.cause.reason == "EmergencyStop"


async def test_an_alarm_outlives_the_box(tmp_path: Path) -> None:
    async with open_box(tmp_path) as box:
        await box.arrive()
        await alarm(box, active=True, where=SECOND)
    async with open_box(tmp_path) as again:
        await again.arrive()
        assert status_of(again.state, again.state.connectors[1]) is ConnectorStatus.FAULTED
        assert not again.state.connectors[1].open
