"""An EVSE with two connectors: what is reserved is the EVSE, and both are told so (H01.FR.20, H01.FR.23, H04.FR.03)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from profiles.reservation import ReservationProfile
from tests.fakes.box import open_box
from tests.profiles.opened import running
from tests.profiles.reservation.test_reservation import order, until_free, updates

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from tests.fakes.box import Box


@pytest.fixture
async def both(tmp_path: Path) -> AsyncIterator[tuple[Box, ReservationProfile]]:
    async with open_box(tmp_path, connectors={1: (1, 1), 2: (1, 2)}) as box:
        profile = ReservationProfile(box.hub, box.backend)
        box.hub.attach(box.backend, sorted([profile, box.profile], key=lambda each: each.rank))
        await box.arrive()
        yield box, profile


async def told(box: Box) -> list[tuple[int, int, str]]:
    return [
        (status["evseId"], status["connectorId"], status["connectorStatus"])
        for status in await box.sent_of("StatusNotification")
    ]


@pytest.mark.ocpp("H01.FR.23", "H02.FR.04")
async def test_both_are_reserved_and_free_again_when_it_is_cancelled(both: tuple[Box, ReservationProfile]) -> None:
    box, _ = both
    assert await box.call("ReserveNow", order()) == {"status": "Accepted"}
    assert await told(box) == [(1, 1, "Reserved"), (1, 2, "Reserved")]
    assert await box.call("CancelReservation", {"reservationId": 7}) == {"status": "Accepted"}
    assert await told(box) == [(1, 1, "Available"), (1, 2, "Available")]


@pytest.mark.ocpp("H04.FR.03")
async def test_both_are_free_again_when_its_time_is_over(both: tuple[Box, ReservationProfile]) -> None:
    box, profile = both
    async with running(profile):
        assert await box.call("ReserveNow", order(minutes=0.001)) == {"status": "Accepted"}
        await box.sent()
        box.clock.pass_(minutes=1)
        await until_free(box)
    sent = await box.sent()
    assert updates(sent) == [(7, "Expired")]
    found = [(m.payload["connectorId"], m.payload["connectorStatus"]) for m in sent if m.action == "StatusNotification"]
    assert found == [(1, "Available"), (2, "Available")]
