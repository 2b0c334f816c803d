"""Certification cases of reservations: block H."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from tests.e2e.plan import TOKEN

if TYPE_CHECKING:
    from tests.e2e.world import World

OTHER = "DEADBEEF"
GROUP = {"idToken": "FAMILY", "type": "Central"}


async def reserve(one: World, number: int, evse: int | None = 1, token: str = TOKEN, **more: Any) -> str:
    until = datetime.now(UTC) + timedelta(seconds=more.pop("seconds", 600))
    payload = {
        "id": number,
        "expiryDateTime": until.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "idToken": {"idToken": token, "type": "ISO14443"},
        **more,
    }
    if evse is not None:
        payload["evseId"] = evse
    return str((await one.call("ReserveNow", **payload))["status"])


@pytest.mark.case("TC_H_02_CS", "TC_H_03_CS", "TC_H_13_CS", "TC_H_23_CS")
@pytest.mark.ocpp("H01.FR.02", "H01.FR.15", "H01.FR.19", "H01.FR.23", "H03.FR.01", "F01.FR.22")
async def test_reservation_that_is_replaced_and_used(one: World) -> None:
    """TC_H_02, TC_H_03, TC_H_13, TC_H_23."""
    assert await reserve(one, 6, None) == "Rejected"
    assert await reserve(one, 5) == "Accepted"
    await one.heard("StatusNotification", evseId=1, connectorId=1, connectorStatus="Reserved")
    assert await reserve(one, 6, token=OTHER) == "Occupied"
    since = one.news
    assert await reserve(one, 5, token=OTHER) == "Accepted"
    await one.station.sim.plug_in(1)
    await one.heard("StatusNotification", since, connectorStatus="Occupied")
    card = {"idToken": TOKEN, "type": "ISO14443"}
    start = await one.call("RequestStartTransaction", idToken=card, remoteStartId=1, evseId=1)
    assert start["status"] == "Rejected"
    await one.station.present(TOKEN)
    await one.station.told_all()
    assert one.held() == []
    await one.station.present(OTHER)
    await one.heard("TransactionEvent", eventType="Updated")
    started = one.held()[0].events[0]
    assert (started["idToken"]["idToken"], started["reservationId"]) == (OTHER, 5)


@pytest.mark.case("TC_H_04_CS", "TC_H_06_CS", "TC_H_21_CS")
@pytest.mark.ocpp("H01.FR.11", "H01.FR.14", "H01.FR.17")
async def test_what_is_taken_or_closed(two_evses: World) -> None:
    """TC_H_04, TC_H_06, TC_H_21."""
    await two_evses.station.charge(TOKEN, 1)
    await two_evses.heard("TransactionEvent", eventType="Updated")
    assert await reserve(two_evses, 1, 1, OTHER) == "Occupied"
    assert await reserve(two_evses, 2, 2, OTHER) == "Accepted"
    since = two_evses.news
    await two_evses.call("ChangeAvailability", operationalStatus="Inoperative", evse={"id": 2})
    await two_evses.heard("StatusNotification", since, evseId=2, connectorId=1, connectorStatus="Unavailable")
    update = await two_evses.heard("ReservationStatusUpdate", since)
    assert update.payload == {"reservationId": 2, "reservationUpdateStatus": "Removed"}
    assert await reserve(two_evses, 3, 2, OTHER) == "Unavailable"
    since = two_evses.news
    await two_evses.call("ChangeAvailability", operationalStatus="Operative", evse={"id": 2})
    await two_evses.heard("StatusNotification", since, evseId=2, connectorId=1, connectorStatus="Available")
    await two_evses.station.charge("DA2E02", 2)
    started = (await two_evses.heard("TransactionEvent", since, eventType="Started")).payload
    assert "reservationId" not in started


@pytest.mark.case("TC_H_19_CS")
@pytest.mark.ocpp("H03.FR.04", "H03.FR.08")
async def test_card_of_the_family_uses_the_reservation(one: World) -> None:
    """TC_H_19."""
    info = {"idTokenInfo": {"status": "Accepted", "groupIdToken": GROUP}}
    one.csms.override("Authorize", lambda _: info)
    assert await reserve(one, 11, groupIdToken=GROUP) == "Accepted"
    await one.heard("StatusNotification", connectorStatus="Reserved")
    await one.station.sim.plug_in(1)
    await one.station.present(OTHER)
    await one.heard("TransactionEvent", eventType="Updated")
    started = one.held()[0].events[0]
    assert (started["idToken"]["idToken"], started["reservationId"]) == (OTHER, 11)


@pytest.mark.case("TC_H_07_CS", "TC_H_22_CS")
@pytest.mark.ocpp("H01.FR.01", "H04.FR.01", "H04.FR.02", "H04.FR.03")
async def test_reservation_that_nobody_uses(one: World) -> None:
    """TC_H_07 and, with reservations switched off, TC_H_22."""
    since = one.news
    assert await reserve(one, 8, seconds=1.5) == "Accepted"
    await one.heard("StatusNotification", since, connectorStatus="Reserved")
    since = one.news
    await one.heard("StatusNotification", since, connectorStatus="Available")
    update = await one.heard("ReservationStatusUpdate", since)
    assert update.payload == {"reservationId": 8, "reservationUpdateStatus": "Expired"}
    await one.station.charge(OTHER)
    await one.heard("TransactionEvent", eventType="Updated")
    assert await one.set_variable("ReservationCtrlr", "Enabled", "false") == "Accepted"
    assert await reserve(one, 9) == "Rejected"
