"""Firmware that waits for transactions: no new ones begin, and all is open again afterwards."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gateway.model import events as ev
from gateway.model.commands import ChangeAvailability
from gateway.model.device import VariableRef
from gateway.model.events import FirmwareStatus
from gateway.model.evse import ConnectorStatus
from gateway.model.ids import Place
from gateway.model.station import Capability
from profiles.firmware import FirmwareProfile
from profiles.firmware.pending import PATIENCE, Pending
from tests.fakes.box import ID, Box
from tests.profiles.firmware.orders import order, report
from tests.profiles.opened import limit, opened_with

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

ALLOW = VariableRef(component="ChargingStation", variable="AllowNewSessionsPendingFirmwareUpdate")


@pytest.fixture
async def made(tmp_path: Path) -> AsyncIterator[tuple[Box, Pending]]:
    async with opened_with(FirmwareProfile, tmp_path) as (box, profile):
        yield box, profile._pending


def asked(box: Box) -> list[tuple[int, bool]]:
    """(EVSE, operative) of what was asked of the station."""
    return [(command.place.evse, command.operative) for command in box.adapter.asked(ChangeAvailability)]


async def looked(box: Box, pending: Pending) -> list[tuple[int, bool]]:
    """As ``asked``, once the box has looked as often as it takes."""
    for _ in range(2):
        await pending.look(ID)
    await box.settled()
    return asked(box)


async def leave(box: Box, number: int) -> None:
    """The transaction at EVSE 1 ends, and its vehicle drives away."""
    await box.end(number)
    place = Place(station=ID, evse=1, connector=1)
    await box.hub.publish(ev.ConnectorChanged(place=place, at=box.clock.now(), status=ConnectorStatus.AVAILABLE))
    await box.settled()


async def download_while_charging(box: Box) -> int:
    """New firmware is there, and EVSE 1 is in use; the transaction's number."""
    admission = await box.begin(evse=1)
    await box.call("UpdateFirmware", order())
    await report(box, FirmwareStatus.DOWNLOADED)
    await box.settled()
    return admission.number


@pytest.mark.ocpp("L02.FR.04")
async def test_what_is_not_in_use_is_closed_at_once_and_the_rest_as_soon_as_it_is_free(
    made: tuple[Box, Pending],
) -> None:
    box, pending = made
    number = await download_while_charging(box)
    assert asked(box) == [(2, False)]
    statuses = await box.sent_of("StatusNotification")
    assert (statuses[-1]["evseId"], statuses[-1]["connectorStatus"]) == (2, "Unavailable")
    await leave(box, number)
    assert asked(box) == [(2, False), (1, False)]
    assert await looked(box, pending) == asked(box)
    await report(box, FirmwareStatus.INSTALLED)
    assert sorted((await looked(box, pending))[2:]) == [(1, True), (2, True)]
    assert all(connector.operative for connector in box.state.connectors)


async def test_nothing_is_closed_where_the_backend_allows_new_sessions(made: tuple[Box, Pending]) -> None:
    box, pending = made
    assert (await box.hub.set_variable(ID, ALLOW, "true")).accepted
    await download_while_charging(box)
    assert await looked(box, pending) == []


async def test_what_is_closed_is_opened_when_the_backend_allows_new_sessions(made: tuple[Box, Pending]) -> None:
    box, pending = made
    await download_while_charging(box)
    await box.hub.set_variable(ID, ALLOW, "true")
    assert await looked(box, pending) == [(2, False), (2, True)]


async def test_nothing_is_closed_without_a_transaction(made: tuple[Box, Pending]) -> None:
    box, pending = made
    await box.call("UpdateFirmware", order())
    await report(box, FirmwareStatus.DOWNLOADED)
    assert await looked(box, pending) == []


async def test_what_the_backend_has_closed_itself_stays_closed(made: tuple[Box, Pending]) -> None:
    box, pending = made
    await box.call("ChangeAvailability", {"operationalStatus": "Inoperative", "evse": {"id": 2, "connectorId": 1}})
    await download_while_charging(box)
    await report(box, FirmwareStatus.INSTALLATION_FAILED)
    assert await looked(box, pending) == [(2, False)]


async def test_a_station_that_never_installs_gets_its_drivers_back(made: tuple[Box, Pending]) -> None:
    box, pending = made
    number = await download_while_charging(box)
    await leave(box, number)
    assert await looked(box, pending) == [(2, False), (1, False)]
    box.clock.time += PATIENCE
    assert sorted((await looked(box, pending))[2:]) == [(1, True), (2, True)]
    await box.begin("another", evse=1)
    assert len(await looked(box, pending)) == 4


async def test_over_a_restart_of_the_box_nothing_stays_closed(tmp_path: Path) -> None:
    async with opened_with(FirmwareProfile, tmp_path) as (box, _):
        await download_while_charging(box)
        assert asked(box) == [(2, False)]
    async with opened_with(FirmwareProfile, tmp_path) as (box, profile):
        await profile._pending.recall()
        assert await looked(box, profile._pending) == []
        await report(box, FirmwareStatus.INSTALLED)
        assert await looked(box, profile._pending) == [(2, True)]


async def test_a_station_that_verifies_firmware_keeps_drivers_away_itself(made: tuple[Box, Pending]) -> None:
    box, pending = made
    await limit(box, Capability.FIRMWARE_UPDATE, Capability.SIGNED_FIRMWARE, Capability.CHANGE_AVAILABILITY)
    await download_while_charging(box)
    assert await looked(box, pending) == []
    assert box.hub.device(ID).spec(ALLOW) is None
