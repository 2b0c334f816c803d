"""A family station on a whole box: nobody charges where the CSMS, or the box, keeps drivers away (G03, G04)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gateway.model.commands import ChangeAvailability
from gateway.model.evse import Closure, ConnectorStatus
from gateway.model.ids import Place
from tests.adapters.common.site import opened
from tests.fakes.box import ID

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from tests.adapters.common.site import Site


@pytest.fixture
async def site(tmp_path: Path) -> AsyncIterator[Site]:
    """Whoever plugs in charges there."""
    async with opened(tmp_path, "free_vend") as found:
        yield found


async def set_to(site: Site, status: str, evse: int = 0) -> str:
    where = {"evse": {"id": evse}} if evse else {}
    answer = await site.box.call("ChangeAvailability", {"operationalStatus": status, **where})
    return str(answer["status"])


async def idle(site: Site) -> bool:
    """The vehicle is there and does not charge, for as long as it takes to look twice."""
    await site.until(lambda: site.wire.letter == "B")
    await site.look(3)
    return site.wire.letter == "B" and site.box.state.transactions == ()


@pytest.mark.ocpp("G03.FR.07", "G04.FR.08")
@pytest.mark.parametrize("first", [0, 1])
async def test_it_takes_both_to_open_what_was_closed_twice(site: Site, first: int) -> None:
    assert await set_to(site, "Inoperative", 1) == "Accepted"
    assert await set_to(site, "Inoperative") == "Accepted"
    site.wire.plugged = True
    assert await set_to(site, "Operative", first) == "Accepted"
    assert await idle(site)
    assert site.status() is ConnectorStatus.UNAVAILABLE
    assert await set_to(site, "Operative", 1 - first) == "Accepted"
    await site.until(site.charges)


async def test_nor_does_it_open_while_the_box_keeps_drivers_away(site: Site) -> None:
    place = Place(station=ID, evse=1, connector=1)
    await site.box.hub.execute(ChangeAvailability(place=place, operative=False, closure=Closure.FIRMWARE))
    site.wire.plugged = True
    await set_to(site, "Inoperative", 1)
    await set_to(site, "Operative", 1)
    assert await idle(site)
    await site.box.hub.execute(ChangeAvailability(place=place, operative=True, closure=Closure.FIRMWARE))
    await site.until(site.charges)


@pytest.mark.ocpp("G03.FR.05")
async def test_a_transaction_goes_on_and_no_other_begins(site: Site) -> None:
    site.wire.plugged = True
    await site.until(site.charges)
    assert await set_to(site, "Inoperative", 1) == "Scheduled"
    await site.look(2)
    assert site.charges()
    assert site.status() is ConnectorStatus.OCCUPIED
    site.wire.plugged = False
    await site.until(lambda: site.status() is ConnectorStatus.UNAVAILABLE)
    site.wire.plugged = True
    assert await idle(site)
