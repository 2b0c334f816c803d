"""Resets of a station without OCPP, and of its EVSE, on a whole box (B11, B12)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gateway.model.changes import BootReason
from tests.adapters.common.rig import CARD
from tests.adapters.common.site import opened

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from gateway.contracts import Json
    from tests.adapters.common.site import Site


@pytest.fixture
async def site(tmp_path: Path) -> AsyncIterator[Site]:
    """A vehicle charges there."""
    async with opened(tmp_path) as found:
        await found.plug()
        await found.present(CARD)
        await found.until(found.charges)
        await found.box.sent()
        found.box.backend.boots.clear()
        yield found


async def reset(site: Site, **fields: object) -> str:
    return str((await site.box.call("Reset", fields))["status"])


async def hold_again(site: Site) -> None:
    """The same card, taken away and held to the reader once more."""
    site.wire.card = ""
    await site.look(2)
    site.wire.card = CARD.value


def boots(site: Site) -> list[BootReason]:
    return site.box.backend.boots


def ends(sent: list[Json]) -> list[tuple[str, str]]:
    """Trigger and reason of the ends among TransactionEvents."""
    ended = [event for event in sent if event["eventType"] == "Ended"]
    return [(event["triggerReason"], event["transactionInfo"]["stoppedReason"]) for event in ended]


@pytest.mark.ocpp("B01.FR.09", "B12.FR.02", "B12.FR.04")
async def test_the_station_at_once(site: Site) -> None:
    assert await reset(site, type="Immediate") == "Accepted"
    assert ends(await site.box.sent_of("TransactionEvent")) == [("ResetCommand", "ImmediateReset")]
    assert site.box.state.transactions == ()
    await site.until(lambda: boots(site) != [])
    assert boots(site) == [BootReason.REMOTE_RESET]
    await site.look(3)
    assert site.wire.letter == "B", "the driver has not come back"


@pytest.mark.ocpp("B12.FR.01", "B12.FR.03")
async def test_the_station_when_idle(site: Site) -> None:
    assert await reset(site, type="OnIdle") == "Scheduled"
    await site.look(3)
    assert site.charges()
    await hold_again(site)
    await site.until(lambda: boots(site) != [])
    assert boots(site) == [BootReason.SCHEDULED_RESET]
    assert ends(await site.box.sent_of("TransactionEvent")) == [("StopAuthorized", "Local")]


@pytest.mark.ocpp("B11.FR.08", "B12.FR.07")
async def test_the_evse_when_idle(site: Site) -> None:
    assert await reset(site, type="OnIdle", evseId=1) == "Scheduled"
    await site.look(3)
    assert site.charges()
    site.wire.plugged = False
    await site.until(lambda: site.box.state.transactions == ())
    sent = await site.box.sent()
    told = [m.payload["connectorStatus"] for m in sent if m.action == "StatusNotification"]
    while told.count("Available") < 2:  # the vehicle has left, and the EVSE is there again
        await site.look()
        told += [payload["connectorStatus"] for payload in await site.box.sent_of("StatusNotification")]
    assert told == ["Available", "Available"]
    assert boots(site) == []
    await site.plug()
    await hold_again(site)
    await site.until(site.charges)


@pytest.mark.ocpp("B12.FR.08")
async def test_the_evse_at_once(site: Site) -> None:
    assert await reset(site, type="Immediate", evseId=1) == "Accepted"
    assert ends(await site.box.sent_of("TransactionEvent")) == [("ResetCommand", "ImmediateReset")]
    await site.until(lambda: site.wire.letter == "B")
    assert boots(site) == []
