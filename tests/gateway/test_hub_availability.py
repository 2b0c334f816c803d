"""What becomes of a connector that the CSMS, the box and the station itself have closed, in whatever order (G03, G04)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gateway.model import commands as cmd
from gateway.model import events as ev
from gateway.model.commands import ChangeAvailability
from gateway.model.device import VariableRef
from gateway.model.evse import Closure, ConnectorStatus, Fault
from gateway.model.ids import Place
from tests.fakes.box import ID, IDENTITY, open_box

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from gateway.contracts import Json
    from tests.fakes.box import Box

SECOND = Place(station=ID, evse=2, connector=1)
EVSE: Json = {"evse": {"id": 2}}
EVSE_STATE = VariableRef(component="EVSE", evse=2, variable="AvailabilityState")
CONNECTOR_STATE = VariableRef(component="Connector", evse=2, connector=1, variable="AvailabilityState")
BROKEN = Fault(component="PowerContactor", code="PowerSwitchFailure")


@pytest.fixture
async def box(tmp_path: Path) -> AsyncIterator[Box]:
    async with open_box(tmp_path) as opened:
        await opened.arrive()
        yield opened


async def csms(box: Box, status: str, where: Json) -> str:
    """The CSMS's ChangeAvailability; the answer."""
    answer = await box.call("ChangeAvailability", {"operationalStatus": status, **where})
    await box.settled()
    return str(answer["status"])


async def by_box(box: Box, *, operative: bool) -> None:
    """The box closes or opens the second EVSE for a reason of its own."""
    await box.hub.execute(ChangeAvailability(place=SECOND, operative=operative, closure=Closure.FIRMWARE))
    await box.settled()


async def report(box: Box, status: ConnectorStatus, *faults: Fault) -> None:
    """The station reports the second EVSE."""
    await box.hub.publish(ev.ConnectorChanged(place=SECOND, at=box.clock.now(), status=status, faults=faults))


async def told(box: Box) -> list[tuple[int, str]]:
    """EVSE and status of what the CSMS has been told by now."""
    return [(each["evseId"], each["connectorStatus"]) for each in await box.sent_of("StatusNotification")]


def asked(box: Box) -> list[tuple[int, bool]]:
    """What the station was asked for: the EVSE, and whether it is to be open."""
    return [(command.place.evse, command.operative) for command in box.adapter.asked(cmd.ChangeAvailability)]


@pytest.mark.ocpp("G03.FR.03", "G03.FR.08")
async def test_what_the_csms_closes_meanwhile_stays_closed_when_the_box_opens(box: Box) -> None:
    await by_box(box, operative=False)
    assert await told(box) == [(2, "Unavailable")]
    assert await csms(box, "Inoperative", EVSE) == "Accepted"
    await by_box(box, operative=True)
    assert await told(box) == []
    assert (2, True) not in asked(box)
    assert await csms(box, "Operative", EVSE) == "Accepted"
    assert await told(box) == [(2, "Available")]
    assert asked(box)[-1] == (2, True)


@pytest.mark.ocpp("G03.FR.02", "G03.FR.07")
async def test_what_the_csms_opens_meanwhile_opens_with_the_box(box: Box) -> None:
    await csms(box, "Inoperative", EVSE)
    await by_box(box, operative=False)
    assert await csms(box, "Operative", EVSE) == "Accepted"
    assert await told(box) == [(2, "Unavailable")]
    assert (2, True) not in asked(box)
    await by_box(box, operative=True)
    assert await told(box) == [(2, "Available")]


async def test_the_station_as_a_whole_opens_without_what_the_box_has_closed(box: Box) -> None:
    await by_box(box, operative=False)
    await csms(box, "Inoperative", {})
    assert await told(box) == [(2, "Unavailable"), (1, "Unavailable")]
    box.adapter.commands.clear()
    await csms(box, "Operative", {})
    assert await told(box) == [(1, "Available")]
    assert asked(box) == [(0, True), (2, False)]
    await by_box(box, operative=True)
    assert await told(box) == [(2, "Available")]
    assert all(connector.operative for connector in box.state.connectors)


@pytest.mark.ocpp("G03.FR.07", "G04.FR.07", "G04.FR.08")
async def test_an_evse_that_is_opened_in_a_closed_station_opens_with_it(box: Box) -> None:
    await csms(box, "Inoperative", EVSE)
    await csms(box, "Inoperative", {})
    await box.sent()
    box.adapter.commands.clear()
    assert await csms(box, "Operative", EVSE) == "Accepted"
    assert (await told(box), asked(box)) == ([], [])
    await csms(box, "Operative", {})
    assert await told(box) == [(1, "Available"), (2, "Available")]
    assert asked(box) == [(0, True)]


@pytest.mark.ocpp("G03.FR.06", "G03.FR.07")
async def test_a_fault_outranks_what_was_set_and_leaves_it(box: Box) -> None:
    await report(box, ConnectorStatus.FAULTED, BROKEN)
    assert await csms(box, "Inoperative", EVSE) == "Accepted"
    assert await told(box) == [(2, "Faulted")]
    await report(box, ConnectorStatus.AVAILABLE)
    assert await told(box) == [(2, "Unavailable")]
    await report(box, ConnectorStatus.FAULTED, BROKEN)
    await csms(box, "Operative", EVSE)
    await report(box, ConnectorStatus.AVAILABLE)
    assert await told(box) == [(2, "Faulted"), (2, "Available")]


@pytest.mark.ocpp("G03.FR.04", "G03.FR.06")
async def test_a_cable_alone_does_not_keep_an_evse_open(box: Box) -> None:
    await report(box, ConnectorStatus.OCCUPIED)
    assert await csms(box, "Inoperative", EVSE) == "Accepted"
    assert await told(box) == [(2, "Occupied"), (2, "Unavailable")]
    assert await csms(box, "Operative", EVSE) == "Accepted"
    assert await told(box) == [(2, "Occupied")], "as it is again"


@pytest.mark.ocpp("G01.FR.05", "G03.FR.05")
@pytest.mark.parametrize("where", [EVSE, pytest.param({}, marks=pytest.mark.ocpp("G04.FR.06"))], ids=["evse", "all"])
async def test_a_transaction_goes_on_and_its_connector_closes_with_the_unplugging(box: Box, where: Json) -> None:
    await report(box, ConnectorStatus.OCCUPIED)
    number = (await box.begin(evse=2)).number
    await box.sent()
    assert await csms(box, "Inoperative", where) == "Scheduled"
    await box.end(number)
    assert [each for each in await told(box) if each[0] == 2] == []
    await report(box, ConnectorStatus.AVAILABLE)
    assert await told(box) == [(2, "Unavailable")]


@pytest.mark.ocpp("G01.FR.01")
@pytest.mark.parametrize("reported", ConnectorStatus)
@pytest.mark.parametrize("reachable", [True, False])
async def test_a_connector_always_has_one_of_the_five_statuses(
    box: Box, reported: ConnectorStatus, *, reachable: bool
) -> None:
    await report(box, reported)
    if not reachable:
        await box.hub.publish(ev.StationLost(station=ID, at=box.clock.now()))
    await box.hub.booted(ID)
    five = {"Available", "Occupied", "Reserved", "Unavailable", "Faulted"}
    assert {status for _, status in await told(box)} <= five
    for operative in (False, True):
        await by_box(box, operative=operative)
        for ref in (EVSE_STATE, CONNECTOR_STATE):
            assert box.hub.device(ID).value(ref) in five


@pytest.mark.ocpp("G03.FR.04", "G03.FR.06", "G03.FR.07", "G04.FR.05", "G04.FR.07", "G04.FR.08")
@pytest.mark.parametrize("where", [{"evse": {"id": 1}}, {}], ids=["evse", "all"])
async def test_every_connector_of_an_evse_closes_and_is_then_as_it_was(tmp_path: Path, where: Json) -> None:
    async with open_box(tmp_path, connectors={1: (1, 1), 2: (1, 2)}) as box:
        await box.arrive()
        second = Place(station=ID, evse=1, connector=2)
        occupied = ev.ConnectorChanged(place=second, at=box.clock.now(), status=ConnectorStatus.OCCUPIED)
        await box.hub.publish(occupied)
        await box.sent()

        async def now() -> list[tuple[int, str]]:
            return [(s["connectorId"], s["connectorStatus"]) for s in await box.sent_of("StatusNotification")]

        assert await csms(box, "Inoperative", where) == "Accepted"
        assert await now() == [(1, "Unavailable"), (2, "Unavailable")]
        assert await csms(box, "Operative", where) == "Accepted"
        assert await now() == [(1, "Available"), (2, "Occupied")]


@pytest.mark.ocpp("G01.FR.08")
async def test_of_the_other_connector_of_an_evse_nothing_is_told(tmp_path: Path) -> None:
    async with open_box(tmp_path, connectors={1: (1, 1), 2: (1, 2)}) as box:
        await box.arrive()
        place = Place(station=ID, evse=1, connector=2)
        changed = ev.ConnectorChanged(place=place, at=box.clock.now(), status=ConnectorStatus.OCCUPIED)
        await box.hub.publish(changed)
        found = [(s["connectorId"], s["connectorStatus"]) for s in await box.sent_of("StatusNotification")]
        assert found == [(2, "Occupied")]


async def test_who_has_closed_what_outlives_the_box_and_a_boot_of_the_station(tmp_path: Path) -> None:
    async with open_box(tmp_path) as box:
        await box.arrive()
        await by_box(box, operative=False)
        await csms(box, "Inoperative", {"evse": {"id": 1}})
    async with open_box(tmp_path) as again:
        await again.arrive()
        assert asked(again) == []
        await again.hub.publish(ev.StationBooted(station=ID, at=again.clock.now(), identity=IDENTITY))
        await again.settled()
        assert asked(again) == [(1, False), (2, False)]
        await by_box(again, operative=True)
        assert [(c.evse, c.open) for c in again.state.connectors] == [(1, False), (2, True)]
