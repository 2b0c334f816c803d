"""A family station on a whole box: who has reserved charges, and nobody else (H03)."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from gateway.model.events import ReservationLapsed
from gateway.model.evse import ConnectorStatus
from gateway.model.installation import Outlet
from gateway.model.tokens import Token
from tests.adapters.common.rig import CARD
from tests.adapters.common.site import opened
from tests.profiles.reservation.test_reservation import order, report

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from gateway.contracts import Json
    from tests.adapters.common.site import Site

OTHER = Token(value="04FFFFFF")
FRIEND = Token(value="04EEEEEE")
FLEET: Json = {"idToken": "FLEET", "type": "Central"}
MINE: Json = {"idToken": {"idToken": CARD.value, "type": "ISO14443"}}


@pytest.fixture
async def site(tmp_path: Path) -> AsyncIterator[Site]:
    async with opened(tmp_path) as found:
        yield found


async def reserve(site: Site, **more: object) -> None:
    assert await site.box.call("ReserveNow", {**order(7, 1), **MINE, **more}) == {"status": "Accepted"}
    assert site.status() is ConnectorStatus.RESERVED


async def kept_though_plugged(site: Site) -> None:
    """A cable is in it by now, and it is reserved all the same."""

    def seen() -> bool:
        connector = site.box.state.connector(1)
        return connector is not None and connector.reported is ConnectorStatus.OCCUPIED

    await site.until(seen)
    assert site.status() is ConnectorStatus.RESERVED


@pytest.mark.ocpp("G01.FR.06", "H03.FR.01", "H01.FR.15", "H03.FR.09", "E01.FR.13")
async def test_only_who_has_reserved_charges(site: Site) -> None:
    await reserve(site)
    await site.present(OTHER)
    site.wire.plugged = True
    await kept_though_plugged(site)
    assert (site.wire.letter, site.box.state.transactions) == ("B", ())
    await site.box.sent()
    await site.present(CARD)
    await site.until(lambda: site.wire.letter == "C")
    sent = await site.box.sent()
    event = next(message.payload for message in sent if message.action == "TransactionEvent")
    assert (event["eventType"], event["reservationId"]) == ("Started", 7)
    assert site.box.state.reservations == ()
    statuses = [message.payload["connectorStatus"] for message in sent if message.action == "StatusNotification"]
    assert statuses == ["Occupied"]


@pytest.mark.ocpp("H03.FR.04", "H03.FR.08")
async def test_or_a_token_of_the_same_group(site: Site) -> None:
    await reserve(site, groupIdToken=FLEET)
    site.box.backend.answers["Authorize"] = {"idTokenInfo": {"status": "Accepted", "groupIdToken": FLEET}}
    await site.present(OTHER)
    site.wire.plugged = True
    await site.until(lambda: site.wire.letter == "C")
    (event, *_) = await site.box.sent_of("TransactionEvent")
    assert (event["idToken"]["idToken"], event["reservationId"]) == (OTHER.value, 7)


@pytest.mark.ocpp("H03.FR.04", "H03.FR.07", "H03.FR.10")
async def test_or_a_token_whose_group_the_cache_knows(site: Site) -> None:
    site.box.backend.answers["Authorize"] = {"idTokenInfo": {"status": "Accepted", "groupIdToken": FLEET}}
    await site.present(OTHER)
    await site.look(2)
    await site.set_("TxCtrlr", "EVConnectionTimeOut", "1")
    site.box.clock.pass_(seconds=5)
    await site.look(2)  # nobody has plugged in
    await site.set_("TxCtrlr", "EVConnectionTimeOut", "60")
    await site.set_("AuthCtrlr", "LocalPreAuthorize", "true")
    await reserve(site, groupIdToken=FLEET)
    asked = len(site.box.backend.asked)
    await site.box.sent()
    site.wire.card = ""
    await site.look(3)
    site.wire.card = OTHER.value
    await site.until(lambda: site.status() is ConnectorStatus.AVAILABLE)
    told = [payload["connectorStatus"] for payload in await site.box.sent_of("StatusNotification")]
    assert told == ["Available"], "used up, though no cable is in"
    site.wire.plugged = True
    await site.until(lambda: site.wire.letter == "C")
    (event, *_) = await site.box.sent_of("TransactionEvent")
    assert event["reservationId"] == 7
    assert len(site.box.backend.asked) == asked


@pytest.mark.parametrize(
    ("more", "grouped"),
    [
        pytest.param({}, False, marks=pytest.mark.ocpp("H03.FR.03", "H01.FR.07")),
        pytest.param({}, True, marks=pytest.mark.ocpp("H03.FR.06")),
        pytest.param({"connectorType": "sType2"}, False, marks=pytest.mark.ocpp("H03.FR.02", "H01.FR.09")),
        pytest.param({"connectorType": "sType2"}, True, marks=pytest.mark.ocpp("H03.FR.05")),
    ],
)
async def test_the_last_evse_that_is_left_is_kept(site: Site, more: Json, *, grouped: bool) -> None:
    plugs = {(evse, 1): Outlet(connector_type="sType2") for evse in (1, 2)}
    site.box.member.installation = replace(site.box.member.installation, outlets=plugs)
    site.box.member.device = None  # it has other variables now
    wanted = {**order(7, None), **MINE, **more, **({"groupIdToken": FLEET} if grouped else {})}
    assert await site.box.call("ReserveNow", wanted) == {"status": "Accepted"}
    assert site.status() is ConnectorStatus.AVAILABLE, "there is another one"
    await report(site.box, ConnectorStatus.OCCUPIED, evse=2)
    assert site.status() is ConnectorStatus.RESERVED
    await site.present(OTHER)
    site.wire.plugged = True
    await kept_though_plugged(site)
    assert site.box.state.transactions == ()
    if grouped:
        site.box.backend.answers["Authorize"] = {"idTokenInfo": {"status": "Accepted", "groupIdToken": FLEET}}
    await site.box.sent()
    await site.present(FRIEND if grouped else CARD)
    await site.until(lambda: site.wire.letter == "C")
    (event, *_) = await site.box.sent_of("TransactionEvent")
    assert event["reservationId"] == 7


@pytest.mark.ocpp("G01.FR.09", "G03.FR.09")
async def test_a_cable_alone_changes_nothing(site: Site) -> None:
    await reserve(site)
    await site.box.sent()
    site.wire.plugged = True
    await kept_though_plugged(site)
    await site.present(OTHER)
    site.wire.plugged = False
    await site.until(lambda: site.wire.letter == "A")
    assert site.status() is ConnectorStatus.RESERVED
    assert await site.box.sent_of("StatusNotification") == []


@pytest.mark.parametrize("over", ["CancelReservation", "expiry"])
async def test_a_cable_is_shown_once_the_reservation_is_over(site: Site, over: str) -> None:
    await reserve(site)
    site.wire.plugged = True
    await kept_though_plugged(site)
    await site.box.sent()
    if over == "expiry":
        lapsed = ReservationLapsed(station=site.box.state.id, at=site.box.clock.now(), reservation=7, expired=True)
        await site.box.hub.publish(lapsed)
    else:
        await site.box.call("CancelReservation", {"reservationId": 7})
    assert site.status() is ConnectorStatus.OCCUPIED
    told = [payload["connectorStatus"] for payload in await site.box.sent_of("StatusNotification")]
    assert told == ["Occupied"]


@pytest.mark.parametrize(
    "evse",
    [
        pytest.param(1, marks=pytest.mark.ocpp("H02.FR.02", "H02.FR.03", "H02.FR.04")),
        pytest.param(None, marks=pytest.mark.ocpp("H02.FR.05", "H02.FR.06")),
    ],
)
async def test_everybody_charges_again_once_it_is_cancelled(site: Site, evse: int | None) -> None:
    assert await site.box.call("ReserveNow", {**order(7, evse), **MINE}) == {"status": "Accepted"}
    if evse is None:
        # One EVSE is left for one reservation.
        await report(site.box, ConnectorStatus.FAULTED, evse=2)
    assert site.status() is ConnectorStatus.RESERVED
    await site.box.sent()
    assert await site.box.call("CancelReservation", {"reservationId": 7}) == {"status": "Accepted"}
    told = [(p["evseId"], p["connectorStatus"]) for p in await site.box.sent_of("StatusNotification")]
    assert told == [(1, "Available")]
    await site.present(OTHER)
    site.wire.plugged = True
    await site.until(lambda: site.wire.letter == "C")


@pytest.mark.ocpp("H01.FR.11")
async def test_who_has_been_accepted_and_has_yet_to_plug_in_is_not_turned_away(site: Site) -> None:
    await site.present(OTHER)
    assert (await site.box.call("ReserveNow", {**order(7, 1), **MINE}))["status"] == "Occupied"
    site.wire.plugged = True
    await site.until(lambda: site.wire.letter == "C")


async def test_nobody_charges_for_the_plugging_in_while_it_is_reserved(tmp_path: Path) -> None:
    async with opened(tmp_path, "free_vend") as site:
        await reserve(site)
        site.wire.plugged = True
        await kept_though_plugged(site)
        assert site.wire.letter == "B"
        await site.box.call("CancelReservation", {"reservationId": 7})
        await site.until(lambda: site.wire.letter == "C")


@pytest.mark.ocpp("H03.FR.01")
async def test_it_outlives_the_box(tmp_path: Path) -> None:
    async with opened(tmp_path) as site:
        await reserve(site)
    async with opened(tmp_path) as site:
        await site.until(lambda: site.status() is ConnectorStatus.RESERVED)
        await site.present(OTHER)
        site.wire.plugged = True
        await kept_though_plugged(site)
        assert site.box.state.transactions == ()
        await site.present(CARD)
        await site.until(lambda: site.wire.letter == "C")
