"""Signed meter values of a station that signs, at the begin of transactions and in them, whoever comes first."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gateway.model import events as ev
from gateway.model.commands import StopCharging
from gateway.model.evse import ConnectorStatus
from gateway.model.readings import Context
from tests.fakes.box import ID, RFID
from tests.profiles.core.test_signed_endings import PLACE, end, measure, sample, sign, signed

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from tests.fakes.box import Box

BEGIN = (1000.0, "Transaction.Begin", "c2lnbmVk1000")
DURING = (1500.0, "Sample.Periodic", "c2lnbmVk1500")


async def cable_first(box: Box) -> int:
    occupied = ev.ConnectorChanged(place=PLACE, at=box.clock.now(), status=ConnectorStatus.OCCUPIED)
    await box.hub.publish(occupied)
    return await sign(box)


async def card_first(box: Box) -> int:
    box.backend.answers["Authorize"] = {"idTokenInfo": {"status": "Accepted"}}
    assert (await box.hub.authorize(PLACE, RFID, patience=1.0)).accepted
    return await sign(box)


async def offline(box: Box) -> int:
    box.backend.since = None
    return await sign(box)


async def tell_begin(box: Box, number: int) -> None:
    """The station tells the signed value of the begin by itself, as OCPP 1.6 has no other way."""
    told = ev.Measured(place=PLACE, samples=(sample(box, 1000.0, Context.TRANSACTION_BEGIN),), number=number)
    await box.hub.publish(told)


@pytest.mark.parametrize(
    "start",
    [
        pytest.param(cable_first, marks=pytest.mark.ocpp("E02.FR.14")),
        pytest.param(card_first, marks=pytest.mark.ocpp("E03.FR.10")),
        pytest.param(offline, marks=pytest.mark.ocpp("E04.FR.10")),
    ],
)
async def test_with_what_they_are_of(box: Box, start: Callable[[Box], Awaitable[int]]) -> None:
    number = await start(box)
    await tell_begin(box, number)
    await measure(box, number, 1500.0)
    _, begin, during = await box.sent_of("TransactionEvent")
    assert [event["offline"] for event in (begin, during)] == [start is offline] * 2
    assert (signed(begin), signed(during)) == ([BEGIN], [DURING])


@pytest.mark.ocpp("E05.FR.06")
async def test_where_the_backend_refuses_the_token(box: Box) -> None:
    number = await sign(box)
    started = await box.next_event()
    await box.hub.responded(ID, started, {"idTokenInfo": {"status": "Invalid"}})
    await box.settled()
    (stop,) = box.adapter.asked(StopCharging)
    await tell_begin(box, number)
    await end(box, number, stop.cause)
    begin, ended = await box.sent_of("TransactionEvent")
    assert signed(begin) == [BEGIN]
    assert (ended["triggerReason"], len(signed(ended))) == ("Deauthorized", 1)
