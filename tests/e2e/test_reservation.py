"""ReserveNow and CancelReservation, at the station and back."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from tests.e2e.plan import TOKEN

if TYPE_CHECKING:
    from gateway.bench.csms.ledger import Payload
    from tests.e2e.world import World

OTHER = "DEADBEEF"


async def reserve(world: World, number: int, evse: int = 1, seconds: float = 600, token: str = TOKEN) -> Payload:
    until = datetime.now(UTC) + timedelta(seconds=seconds)
    return await world.call(
        "ReserveNow",
        id=number,
        evseId=evse,
        expiryDateTime=until.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        idToken={"idToken": token, "type": "ISO14443"},
    )


@pytest.mark.case("TC_H_17_CS", "TC_H_18_CS")
@pytest.mark.ocpp("H01.FR.03", "H01.FR.11", "H01.FR.23", "H02.FR.01", "H02.FR.02")
async def test_reserve_and_cancel(two_evses: World) -> None:
    connectors = two_evses.station.sim.point.outlets.connectors
    since = two_evses.news
    assert (await reserve(two_evses, 12, evse=2))["status"] == "Accepted"
    await two_evses.heard("StatusNotification", since, evseId=2, connectorStatus="Reserved")
    held = connectors[2].reservation
    assert held is not None
    assert (held.number, held.token) == (12, TOKEN)
    assert (await reserve(two_evses, 13, evse=2))["status"] == "Occupied"
    assert (await two_evses.call("CancelReservation", reservationId=99))["status"] == "Rejected"
    since = two_evses.news
    assert (await two_evses.call("CancelReservation", reservationId=12))["status"] == "Accepted"
    await two_evses.heard("StatusNotification", since, evseId=2, connectorStatus="Available")
    assert connectors[2].reservation is None


@pytest.mark.case("TC_H_01_CS")
@pytest.mark.ocpp("H01.FR.15", "H03.FR.01")
async def test_only_the_reserved_token_charges_and_uses_the_reservation_up(one: World) -> None:
    assert (await reserve(one, 5))["status"] == "Accepted"
    await one.heard("StatusNotification", connectorStatus="Reserved")
    await one.station.sim.plug_in(1)
    await one.station.present(OTHER)
    await one.station.told_all()
    assert one.station.ledger.transactions == []
    await one.station.present(TOKEN)
    started = (await one.heard("TransactionEvent", eventType="Started")).payload
    assert started["reservationId"] == 5
    assert started["idToken"]["idToken"] == TOKEN
    assert one.station.last.reservation_id == 5
    assert (await one.call("CancelReservation", reservationId=5))["status"] == "Rejected"


@pytest.mark.ocpp("H01.FR.12", "H01.FR.14")
async def test_what_cannot_be_reserved(two_evses: World) -> None:
    await two_evses.station.sim.fault(1, "OtherError")
    await two_evses.heard("StatusNotification", connectorStatus="Faulted")
    assert (await reserve(two_evses, 1, evse=1))["status"] == "Faulted"
    await two_evses.call("ChangeAvailability", operationalStatus="Inoperative", evse={"id": 2})
    assert (await reserve(two_evses, 2, evse=2))["status"] == "Unavailable"
    assert (await reserve(two_evses, 3, evse=7))["status"] == "Rejected"
    assert two_evses.station.commands("ReserveNow") == []


@pytest.mark.ocpp("H04.FR.01", "H04.FR.03")
@pytest.mark.parametrize("kill", [False, True])
async def test_reservation_ends_by_its_time(one: World, *, kill: bool) -> None:
    since = one.news
    assert (await reserve(one, 8, seconds=1.5))["status"] == "Accepted"
    if kill:
        one.box.kill()
        await one.box.gone()
        await one.box.start()
    update = await one.heard("ReservationStatusUpdate", since)
    assert update.payload == {"reservationId": 8, "reservationUpdateStatus": "Expired"}
    await one.until(lambda: one.csms.of("StatusNotification")[-1].payload["connectorStatus"] == "Available")
    assert one.station.sim.point.outlets.connectors[1].reservation is None


@pytest.mark.ocpp("H01.FR.16")
async def test_fault_removes_the_reservation(one: World) -> None:
    assert (await reserve(one, 21))["status"] == "Accepted"
    await one.station.sim.fault(1, "OtherError")
    update = await one.heard("ReservationStatusUpdate")
    assert update.payload == {"reservationId": 21, "reservationUpdateStatus": "Removed"}
    await one.station.until(lambda _: one.station.commands("CancelReservation") != [])
    assert one.station.sim.point.outlets.connectors[1].reservation is None
