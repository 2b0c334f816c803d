"""H01 to H04 on a 1.5 station, as the CSMS sees them."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from gateway.contracts import CallRefused
from gateway.model import events as ev
from gateway.model.commands import CancelReservation, Reserve, Verdict
from gateway.model.evse import ConnectorStatus
from gateway.model.ids import Place
from gateway.model.station import Capability
from gateway.model.tokens import Token
from profiles.reservation import ReservationProfile
from tests.fakes.box import ID, RFID, Box
from tests.fakes.clock import START, SettableClock
from tests.profiles.opened import limit, opened_with, running

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from gateway.contracts import Json, Message

OTHER = Token(value="04FFFFFF")


@pytest.fixture
async def both(tmp_path: Path) -> AsyncIterator[tuple[Box, ReservationProfile]]:
    async with opened_with(ReservationProfile, tmp_path) as opened:
        yield opened


@pytest.fixture
def box(both: tuple[Box, ReservationProfile]) -> Box:
    return both[0]


def order(id_: int = 7, evse: int | None = 1, minutes: float = 15, **more: Any) -> Json:
    """A ReserveNowRequest."""
    expiry = (START + timedelta(minutes=minutes)).isoformat()
    payload = {"id": id_, "expiryDateTime": expiry, "idToken": {"idToken": RFID.value, "type": "ISO14443"}, **more}
    return payload if evse is None else {**payload, "evseId": evse}


async def report(box: Box, status: ConnectorStatus, evse: int = 1) -> None:
    """The station reports a connector."""
    place = Place(station=ID, evse=evse, connector=1)
    await box.hub.publish(ev.ConnectorChanged(place=place, at=box.clock.now(), status=status))


async def set_enabled(box: Box, value: str) -> None:
    """The CSMS sets ReservationCtrlr.Enabled."""
    data = {"component": {"name": "ReservationCtrlr"}, "variable": {"name": "Enabled"}, "attributeValue": value}
    answer = await box.call("SetVariables", {"setVariableData": [data]})
    assert answer["setVariableResult"][0]["attributeStatus"] == "Accepted"


async def value(box: Box, variable: str) -> Json:
    """What GetVariables says of a variable of ReservationCtrlr."""
    asked = {"component": {"name": "ReservationCtrlr"}, "variable": {"name": variable}}
    result: Json = (await box.call("GetVariables", {"getVariableData": [asked]}))["getVariableResult"][0]
    return result


def statuses(messages: list[Message]) -> list[tuple[int, str]]:
    """(EVSE, status) of the StatusNotifications among messages."""
    return [(m.payload["evseId"], m.payload["connectorStatus"]) for m in messages if m.action == "StatusNotification"]


def updates(messages: list[Message]) -> list[tuple[int, str]]:
    """(reservation, status) of the ReservationStatusUpdates among messages."""
    return [
        (m.payload["reservationId"], m.payload["reservationUpdateStatus"])
        for m in messages
        if m.action == "ReservationStatusUpdate"
    ]


@pytest.mark.ocpp("H01.FR.03", "H01.FR.23")
async def test_an_evse_is_reserved_at_the_station_and_shown_so_to_all(box: Box) -> None:
    answer = await box.call("ReserveNow", order(groupIdToken={"idToken": "FLEET", "type": "Central"}))
    assert answer == {"status": "Accepted"}
    (asked,) = box.adapter.asked(Reserve)
    assert (asked.place.evse, asked.reservation, asked.token.value) == (1, 7, RFID.value)
    assert asked.group is not None
    assert (asked.group.value, asked.expires_at) == ("FLEET", START + timedelta(minutes=15))
    assert statuses(await box.sent()) == [(1, "Reserved")]
    await report(box, ConnectorStatus.RESERVED)  # a station that says so itself tells nothing new
    assert await box.sent() == []


@pytest.mark.ocpp("H01.FR.02")
async def test_the_same_id_replaces_the_reservation_and_frees_the_evse_it_had(box: Box) -> None:
    await box.call("ReserveNow", order(evse=1))
    await box.sent()
    assert (await box.call("ReserveNow", order(evse=2, minutes=30)))["status"] == "Accepted"
    (held,) = box.state.reservations
    assert (held.id, held.evse, held.expires_at) == (7, 2, START + timedelta(minutes=30))
    assert statuses(await box.sent()) == [(1, "Available"), (2, "Reserved")]


async def test_a_longer_time_for_the_same_evse_is_no_conflict_with_itself(box: Box) -> None:
    await box.call("ReserveNow", order(minutes=15))
    assert (await box.call("ReserveNow", order(minutes=30)))["status"] == "Accepted"
    assert [held.expires_at for held in box.state.reservations] == [START + timedelta(minutes=30)]


@pytest.mark.ocpp("H01.FR.11", "H01.FR.12", "H01.FR.14")
@pytest.mark.parametrize(
    ("status", "answer"),
    [
        (ConnectorStatus.OCCUPIED, "Occupied"),
        (ConnectorStatus.RESERVED, "Occupied"),
        (ConnectorStatus.FAULTED, "Faulted"),
        (ConnectorStatus.UNAVAILABLE, "Unavailable"),
    ],
)
async def test_an_evse_that_is_not_free_is_not_reserved(box: Box, status: ConnectorStatus, answer: str) -> None:
    await report(box, status)
    assert (await box.call("ReserveNow", order()))["status"] == answer
    assert box.adapter.asked(Reserve) == []
    assert box.state.reservations == ()


@pytest.mark.ocpp("H01.FR.11")
async def test_an_evse_is_reserved_once(box: Box) -> None:
    await box.call("ReserveNow", order(7))
    assert (await box.call("ReserveNow", order(8)))["status"] == "Occupied"
    assert [held.id for held in box.state.reservations] == [7]


@pytest.mark.parametrize(
    ("verdict", "status"),
    [
        (Verdict.REJECTED, "Rejected"),
        (Verdict.OCCUPIED, "Occupied"),
        (Verdict.FAULTED, "Faulted"),
        (Verdict.UNAVAILABLE, "Unavailable"),
        (Verdict.UNREACHABLE, "Rejected"),
    ],
)
async def test_what_the_station_refuses_is_refused_in_its_words(box: Box, verdict: Verdict, status: str) -> None:
    box.adapter.refuse(Reserve, verdict=verdict)
    answer = await box.call("ReserveNow", order())
    assert answer["status"] == status
    assert answer["statusInfo"]["reasonCode"]
    assert box.state.reservations == ()
    assert await box.sent() == []


@pytest.mark.ocpp("H01.FR.19")
async def test_an_evse_has_to_be_named(box: Box) -> None:
    for request in (order(evse=None), order(evse=None, connectorType="sType2")):
        answer = await box.call("ReserveNow", request)
        assert (answer["status"], answer["statusInfo"]["reasonCode"]) == ("Rejected", "MissingParam")
    assert (await value(box, "NonEvseSpecific"))["attributeValue"] == "false"


@pytest.mark.parametrize(
    ("request_", "reason"),
    [
        (order(evse=9), "UnknownEvse"),
        (order(evse=0), "UnknownEvse"),
        (order(connectorType="cCCS2"), "UnknownConnectorType"),
        (order(minutes=-1), "InvalidValue"),
    ],
)
async def test_what_cannot_be_is_rejected_with_its_reason(box: Box, request_: Json, reason: str) -> None:
    answer = await box.call("ReserveNow", request_)
    assert (answer["status"], answer["statusInfo"]["reasonCode"]) == ("Rejected", reason)
    assert box.adapter.asked(Reserve) == []


async def test_a_time_that_is_none_is_a_bad_message(box: Box) -> None:
    with pytest.raises(CallRefused) as caught:
        await box.call("ReserveNow", {**order(), "expiryDateTime": "tomorrow"})
    assert caught.value.code == "PropertyConstraintViolation"


@pytest.mark.ocpp("H01.FR.01")
async def test_no_reservation_is_taken_while_they_are_switched_off(box: Box) -> None:
    await set_enabled(box, "false")
    answer = await box.call("ReserveNow", order())
    assert (answer["status"], answer["statusInfo"]["reasonCode"]) == ("Rejected", "NotEnabled")


async def test_a_station_without_reservations_says_so(box: Box) -> None:
    await limit(box, Capability.RESET)
    answer = await box.call("ReserveNow", order())
    assert (answer["status"], answer["statusInfo"]["reasonCode"]) == ("Rejected", "UnsupportedRequest")
    assert (await value(box, "Available"))["attributeValue"] == "false"
    assert (await value(box, "Enabled"))["attributeStatus"] == "UnknownVariable"


@pytest.mark.ocpp("H02.FR.02")
async def test_a_reservation_is_cancelled_at_the_station_without_another_word(box: Box) -> None:
    await box.call("ReserveNow", order())
    await box.sent()
    assert await box.call("CancelReservation", {"reservationId": 7}) == {"status": "Accepted"}
    assert [command.reservation for command in box.adapter.asked(CancelReservation)] == [7]
    sent = await box.sent()
    assert (statuses(sent), updates(sent)) == ([(1, "Available")], [])


@pytest.mark.ocpp("H02.FR.01")
async def test_what_is_not_reserved_cannot_be_cancelled(box: Box) -> None:
    answer = await box.call("CancelReservation", {"reservationId": 7})
    assert (answer["status"], answer["statusInfo"]["reasonCode"]) == ("Rejected", "NotFound")
    assert box.adapter.asked(CancelReservation) == []


async def test_a_reservation_that_the_station_keeps_is_kept(box: Box) -> None:
    await box.call("ReserveNow", order())
    box.adapter.refuse(CancelReservation)
    assert (await box.call("CancelReservation", {"reservationId": 7}))["status"] == "Rejected"
    assert [held.id for held in box.state.reservations] == [7]


@pytest.mark.ocpp("H01.FR.15")
@pytest.mark.parametrize("told", [True, False], ids=["the station names it", "the station does not"])
async def test_the_start_that_uses_a_reservation_names_it(box: Box, told: bool) -> None:  # noqa: FBT001 parameter
    await box.call("ReserveNow", order())
    await box.sent()
    began = ev.TransactionBegan(
        place=Place(station=ID, evse=1, connector=1), at=START, token=RFID, meter_start=0.0, key="k",
        reservation=7 if told else None,
    )  # fmt: skip
    await box.hub.begin(began, patience=0.0)
    (started,) = await box.sent_of("TransactionEvent")
    assert started["reservationId"] == 7
    assert box.state.reservations == ()


async def test_the_start_of_another_token_uses_nothing(box: Box) -> None:
    await box.call("ReserveNow", order(evse=1))
    await box.begin(evse=2)
    await box.begin("other", evse=1, token=OTHER)
    assert [held.id for held in box.state.reservations] == [7]
    assert all("reservationId" not in payload for payload in await box.sent_of("TransactionEvent"))


@pytest.mark.ocpp("H01.FR.16", "H01.FR.17")
@pytest.mark.parametrize("status", [ConnectorStatus.FAULTED, ConnectorStatus.UNAVAILABLE])
async def test_a_reservation_goes_with_its_evse(both: tuple[Box, ReservationProfile], status: ConnectorStatus) -> None:
    box, profile = both
    await box.call("ReserveNow", order(7, evse=1))
    await box.call("ReserveNow", order(8, evse=2))
    await box.sent()
    withdrawn = asyncio.Event()

    async def note(_command: object) -> None:
        withdrawn.set()

    box.adapter.on_command = note
    async with running(profile):
        await report(box, status, evse=1)
        async with asyncio.timeout(10):
            await withdrawn.wait()
        await box.settled()
    sent = await box.sent()
    assert updates(sent) == [(7, "Removed")]
    assert statuses(sent) == [(1, status.value)]
    # The station must not keep what the CSMS takes as gone.
    assert [command.reservation for command in box.adapter.asked(CancelReservation)] == [7]
    assert [held.id for held in box.state.reservations] == [8]


@pytest.mark.ocpp("H01.FR.17")
async def test_a_reservation_goes_when_the_csms_closes_its_evse(box: Box) -> None:
    await box.call("ReserveNow", order())
    await box.sent()
    closing = {"operationalStatus": "Inoperative", "evse": {"id": 1}}
    assert (await box.call("ChangeAvailability", closing))["status"] == "Accepted"
    sent = await box.sent()
    assert (updates(sent), statuses(sent)) == ([(7, "Removed")], [(1, "Unavailable")])


async def test_a_station_out_of_reach_still_holds_its_reservation(box: Box) -> None:
    await box.call("ReserveNow", order())
    await box.sent()
    await box.hub.publish(ev.StationLost(station=ID, at=START))
    assert updates(await box.sent()) == []
    assert [held.id for held in box.state.reservations] == [7]


async def until_free(box: Box) -> None:
    """Wait until the station has no reservation."""
    changed = box.storage.outbox.changed(ID)
    async with asyncio.timeout(10):
        while box.state.reservations:
            changed.clear()
            await changed.wait()


@pytest.mark.ocpp("H04.FR.01", "H04.FR.02", "H04.FR.03")
async def test_an_unused_reservation_expires(both: tuple[Box, ReservationProfile]) -> None:
    box, profile = both
    async with running(profile):
        await box.call("ReserveNow", order(minutes=0.001))  # 60 ms of the loop's own time
        await box.sent()
        box.clock.pass_(minutes=1)
        await until_free(box)
    sent = await box.sent()
    assert (updates(sent), statuses(sent)) == ([(7, "Expired")], [(1, "Available")])
    assert box.adapter.asked(CancelReservation) == []  # it has a clock itself


@pytest.mark.ocpp("H04.FR.01")
async def test_a_reservation_whose_time_came_while_the_box_was_off_expires_at_its_start(tmp_path: Path) -> None:
    async with opened_with(ReservationProfile, tmp_path) as (box, _):
        await box.call("ReserveNow", order(7, evse=1, minutes=5))
        await box.call("ReserveNow", order(8, evse=2, minutes=60))
        await box.sent()
    later = SettableClock(START + timedelta(minutes=10))
    async with (
        opened_with(ReservationProfile, tmp_path, clock=later, online=False, arrive=False) as (box, profile),
        running(profile),
    ):
        async with asyncio.timeout(10):
            changed = box.storage.outbox.changed(ID)
            while len(box.state.reservations) > 1:
                changed.clear()
                await changed.wait()
        assert updates(await box.sent()) == [(7, "Expired")]
        assert [held.id for held in box.state.reservations] == [8]
