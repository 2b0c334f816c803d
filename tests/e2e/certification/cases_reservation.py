"""Cases of reservations of any EVSE and of a connector type (Part 6, TC_H), each as a function of its name."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.e2e.certification.visit import CARD

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from gateway.bench.csms.ledger import Payload
    from tests.e2e.certification.bay import Bay

    Case = Callable[[Bay], Awaitable[None]]

OTHER: Payload = {"idToken": "DEADBEEF", "type": "ISO14443"}
GROUP: Payload = {"idToken": "FAMILY", "type": "Central"}


async def _reserved_and_used(bay: Bay, **more: Any) -> None:
    """Reserve, show the card, charge: the connector is free to its driver as soon as the card was shown."""
    since = bay.both.world.news
    assert await bay.reserve(**more) == "Accepted"
    await bay.shown("Reserved", since)
    since = bay.both.world.news
    await bay.present()
    await bay.shown("Available", since)
    await bay.plug()
    started = await bay.charges()
    assert started["reservationId"] == bay.reserved[-1]
    assert started["idToken"] == CARD


@pytest.mark.ocpp("H01.FR.15", "H03.FR.01", "H03.FR.09", "H03.FR.10")
async def tc_h_01_cs(bay: Bay) -> None:
    await _reserved_and_used(bay, evseId=1)


@pytest.mark.ocpp("H01.FR.04", "H01.FR.07", "H01.FR.15", "H01.FR.18", "H03.FR.03")
async def tc_h_08_cs(bay: Bay) -> None:
    await _reserved_and_used(bay)


@pytest.mark.ocpp("H01.FR.11")
async def tc_h_09_cs(bay: Bay) -> None:
    assert await bay.reserve(OTHER, evseId=1) == "Accepted"
    assert await bay.reserve() == "Occupied"


@pytest.mark.ocpp("H01.FR.11")
async def tc_h_10_cs(bay: Bay) -> None:
    await bay.charge()
    assert await bay.reserve() == "Occupied"


@pytest.mark.ocpp("H01.FR.14")
async def tc_h_12_cs(bay: Bay) -> None:
    since = bay.both.world.news
    await bay.side.call("ChangeAvailability", operationalStatus="Inoperative")
    await bay.shown("Unavailable", since)
    assert await bay.reserve() == "Unavailable"


@pytest.mark.ocpp("H01.FR.20")
async def tc_h_14_cs(bay: Bay) -> None:
    since = bay.both.world.news
    assert await bay.reserve() == "Accepted"
    await bay.shown("Reserved", since)


@pytest.mark.ocpp("H01.FR.06", "H01.FR.09", "H01.FR.15", "H03.FR.02")
async def tc_h_15_cs(bay: Bay) -> None:
    await _reserved_and_used(bay, connectorType="sType2")


@pytest.mark.ocpp("H01.FR.11", "H01.FR.24")
async def tc_h_16_cs(bay: Bay) -> None:
    since = bay.both.world.news
    assert await bay.reserve(OTHER, connectorType="sType2") == "Accepted"
    await bay.shown("Reserved", since)
    assert await bay.reserve(connectorType="sType2") == "Occupied"


@pytest.mark.ocpp("H03.FR.06", "H03.FR.08", "H03.FR.09", "H03.FR.10")
async def tc_h_24_cs(bay: Bay) -> None:
    info = {"idTokenInfo": {"status": "Accepted", "groupIdToken": GROUP}}
    bay.both.world.csms.override("Authorize", lambda _: info)
    try:
        since = bay.both.world.news
        assert await bay.reserve(OTHER, groupIdToken=GROUP) == "Accepted"
        await bay.shown("Reserved", since)
        since = bay.both.world.news
        await bay.present()
        await bay.shown("Available", since)
        await bay.plug()
        started = await bay.charges()
        assert (started["idToken"], started["reservationId"]) == (CARD, bay.reserved[-1])
    finally:
        bay.both.world.csms.restore("Authorize")


CASES: dict[str, Case] = {
    case.__name__.upper(): case
    for case in (
        tc_h_01_cs, tc_h_08_cs, tc_h_09_cs, tc_h_10_cs, tc_h_12_cs, tc_h_14_cs, tc_h_15_cs, tc_h_16_cs, tc_h_24_cs,
    )
}  # fmt: skip
"""By id."""
