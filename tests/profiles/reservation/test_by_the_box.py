"""H01 to H04 at a station whose transactions the box runs: it keeps any one of several EVSEs, too."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from gateway.model import events as ev
from gateway.model.commands import CancelReservation, Outcome, Reserve, StartCharging, Verdict
from gateway.model.evse import ConnectorStatus
from gateway.model.ids import Place
from gateway.model.installation import Outlet
from gateway.model.station import Capability
from gateway.model.tokens import Token, TokenType
from gateway.model.transactions import ChargingState, TriggerReason
from profiles.reservation import ReservationProfile
from tests.fakes.box import ID, RFID, Box
from tests.fakes.clock import START
from tests.profiles.opened import limit, opened_with
from tests.profiles.reservation.test_reservation import order, report, set_enabled, statuses, updates, value

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from gateway.contracts import Json

OTHER = Token(value="04FFFFFF")
ABLE = (Capability.BOX_SESSIONS, Capability.RESERVATION, Capability.REMOTE_START, Capability.CHANGE_AVAILABILITY)
ANY = {"evse": None}


@pytest.fixture
async def box(tmp_path: Path) -> AsyncIterator[Box]:
    async with opened_with(ReservationProfile, tmp_path) as (opened, _):
        plugs = {(1, 1): Outlet(connector_type="sType2"), (2, 1): Outlet(connector_type="cCCS2")}
        opened.member.installation = replace(opened.member.installation, outlets=plugs)
        await limit(opened, *ABLE)
        opened.member.device = None  # it has other variables now
        await opened.sent()
        yield opened


async def reserve(box: Box, id_: int = 7, evse: int | None = None, **more: object) -> str:
    return str((await box.call("ReserveNow", order(id_, evse, **more)))["status"])  # type: ignore[arg-type]


async def begin(box: Box, evse: int, token: Token | None, state: ChargingState = ChargingState.EV_CONNECTED) -> int:
    event = ev.TransactionBegan(
        place=Place(station=ID, evse=evse, connector=1), at=box.clock.now(), token=token, meter_start=0.0,
        key=f"{evse} {token}", trigger=TriggerReason.AUTHORIZED, charging_state=state,
    )  # fmt: skip
    return (await box.hub.begin(event, patience=0.0)).number


async def test_the_box_can_keep_any_one(box: Box) -> None:
    assert (await value(box, "Available"))["attributeValue"] == "true"
    assert (await value(box, "NonEvseSpecific"))["attributeValue"] == "true"


@pytest.mark.ocpp("H01.FR.04", "H01.FR.18", "H01.FR.20")
async def test_any_one_of_two(box: Box) -> None:
    assert await reserve(box) == "Accepted"
    assert statuses(await box.sent()) == [], "two are free, and one is wanted"
    (asked,) = box.adapter.asked(Reserve)
    assert (asked.place.evse, asked.among) == (0, ())
    await report(box, ConnectorStatus.OCCUPIED, evse=1)
    assert statuses(await box.sent()) == [(1, "Occupied"), (2, "Reserved")]
    await report(box, ConnectorStatus.AVAILABLE, evse=1)
    assert statuses(await box.sent()) == [(1, "Available"), (2, "Available")]


@pytest.mark.ocpp("H01.FR.04", "H01.FR.11", "H01.FR.20")
async def test_no_more_are_taken_than_there_are(box: Box) -> None:
    assert await reserve(box, 7) == "Accepted"
    assert await reserve(box, 8, 2) == "Accepted"
    assert statuses(await box.sent()) == [(1, "Reserved"), (2, "Reserved")]
    assert await reserve(box, 9) == "Occupied"
    assert await reserve(box, 9, 1) == "Occupied"
    assert await reserve(box, 7, 1) == "Accepted", "one with the same id takes its place"


@pytest.mark.ocpp("H02.FR.06")
async def test_the_others_are_shown_free_once_one_of_as_many_is_cancelled(box: Box) -> None:
    assert [await reserve(box, 7), await reserve(box, 8)] == ["Accepted", "Accepted"]
    assert statuses(await box.sent()) == [(1, "Reserved"), (2, "Reserved")]
    assert (await box.call("CancelReservation", {"reservationId": 7}))["status"] == "Accepted"
    assert statuses(await box.sent()) == [(1, "Available"), (2, "Available")]


@pytest.mark.ocpp("H01.FR.06", "H01.FR.24")
async def test_a_type_of_connector(box: Box) -> None:
    assert await reserve(box, 7, connectorType="cCCS2") == "Accepted"
    assert statuses(await box.sent()) == [(2, "Reserved")], "the only one of its kind"
    assert await reserve(box, 8, connectorType="cCCS2") == "Occupied"
    assert await reserve(box, 8, connectorType="cG105") == "Rejected"
    assert await reserve(box, 8) == "Accepted"


@pytest.mark.ocpp("H01.FR.12", "H01.FR.14")
@pytest.mark.parametrize(
    ("status", "answer"), [(ConnectorStatus.FAULTED, "Faulted"), (ConnectorStatus.UNAVAILABLE, "Unavailable")]
)
async def test_where_none_can_be_used(box: Box, status: ConnectorStatus, answer: str) -> None:
    for evse in (1, 2):
        await report(box, status, evse)
    assert await reserve(box) == answer


@pytest.mark.ocpp("H01.FR.01")
async def test_none_while_they_are_switched_off(box: Box) -> None:
    await set_enabled(box, "false")
    assert await reserve(box) == "Rejected"


async def test_not_where_a_driver_has_just_been_authorised(box: Box) -> None:
    box.adapter.answers[Reserve] = Outcome(verdict=Verdict.OCCUPIED)
    assert await reserve(box, 7, 1) == "Occupied"
    assert box.state.reservations == ()


@pytest.mark.ocpp("H01.FR.16")
async def test_it_goes_when_the_last_evse_that_it_may_have_goes(box: Box) -> None:
    await reserve(box)
    await report(box, ConnectorStatus.FAULTED, evse=1)
    sent = await box.sent()
    assert (updates(sent), statuses(sent)) == ([], [(1, "Faulted"), (2, "Reserved")])
    await report(box, ConnectorStatus.FAULTED, evse=2)
    assert updates(await box.sent()) == [(7, "Removed")]


@pytest.mark.ocpp("H02.FR.02")
async def test_it_is_cancelled_though_the_station_is_away(box: Box) -> None:
    await reserve(box, 7, 1)
    await box.hub.publish(ev.StationLost(station=ID, at=START))
    assert updates(await box.sent()) == []
    assert (await box.call("CancelReservation", {"reservationId": 7}))["status"] == "Accepted"
    assert box.adapter.asked(CancelReservation) == []
    await box.hub.publish(ev.StationFound(station=ID, at=START, capabilities=frozenset(ABLE)))
    assert statuses(await box.sent()) == [(1, "Available"), (2, "Available")]


@pytest.mark.ocpp("H03.FR.09", "H03.FR.10")
async def test_a_driver_who_has_not_plugged_in_yet_has_used_it(box: Box) -> None:
    await reserve(box, 7, 1)
    await box.sent()
    await begin(box, 1, RFID, ChargingState.IDLE)
    assert statuses(await box.sent()) == [(1, "Available")]
    assert box.state.reservations == ()


@pytest.mark.ocpp("H01.FR.15", "E01.FR.13")
async def test_a_token_that_comes_after_the_start_uses_it(box: Box) -> None:
    await reserve(box)
    await report(box, ConnectorStatus.OCCUPIED, evse=1)
    number = await begin(box, 1, None)
    await box.sent()
    update = ev.TransactionUpdated(
        place=Place(station=ID, evse=1, connector=1), at=box.clock.now(), number=number,
        trigger=TriggerReason.AUTHORIZED, token=OTHER, reservation=7,
    )  # fmt: skip
    await box.hub.publish(update)
    sent = await box.sent()
    (event,) = [m.payload for m in sent if m.action == "TransactionEvent"]
    assert (event["eventType"], event["reservationId"]) == ("Updated", 7)
    assert statuses(sent) == [(2, "Available")], "nothing is kept there any more"


@pytest.mark.parametrize(("token", "group", "evse"), [(RFID, "", 1), (OTHER, "FLEET", 1), (OTHER, "", 2)])
async def test_the_backend_starts_where_the_reservation_lets_it(box: Box, token: Token, group: str, evse: int) -> None:
    await reserve(box, 7, 1, groupIdToken={"idToken": "FLEET", "type": "Central"})
    start: Json = {"idToken": {"idToken": token.value, "type": "ISO14443"}, "remoteStartId": 1}
    if group:
        start["groupIdToken"] = {"idToken": group, "type": "Central"}
    assert (await box.call("RequestStartTransaction", start))["status"] == "Accepted"
    (asked,) = box.adapter.asked(StartCharging)
    assert (asked.place.evse, asked.token.value) == (evse, token.value)
    assert asked.group == (Token(value=group, type=TokenType.CENTRAL) if group else None)


async def test_the_backend_cannot_start_where_another_has_reserved(box: Box) -> None:
    await reserve(box, 7, 1)
    start: Json = {"idToken": {"idToken": OTHER.value, "type": "ISO14443"}, "remoteStartId": 1, "evseId": 1}
    answer = await box.call("RequestStartTransaction", start)
    assert answer["status"] == "Rejected"
    assert "reserved" in answer["statusInfo"]["additionalInfo"]
