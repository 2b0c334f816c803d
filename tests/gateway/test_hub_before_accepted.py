"""Transactions before the CSMS has accepted the station: told later, or (TxBeforeAcceptedEnabled) not begun at all."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gateway.model import commands as cmd
from gateway.model import events as ev
from gateway.model.device import VariableRef
from gateway.model.ids import Place
from gateway.model.tokens import AuthorizationStatus
from tests.fakes.box import ID, IDENTITY, RFID, open_box
from tests.fakes.clock import START

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from tests.fakes.box import Box

ENABLED = VariableRef(component="TxCtrlr", variable="TxBeforeAcceptedEnabled")
KNOWN = {"status": "Accepted"}


@pytest.fixture
async def box(tmp_path: Path) -> AsyncIterator[Box]:
    """The CSMS is there, and has not accepted the station."""
    async with open_box(tmp_path) as opened:
        opened.backend.is_pending = True
        await opened.arrive()
        yield opened


async def accepted(box: Box) -> None:
    """The CSMS accepts the station."""
    box.backend.is_pending = False
    await box.hub.booted(ID)
    await box.settled()


def asked(box: Box) -> list[tuple[int, bool]]:
    """What the station was asked for: the EVSE, and whether it is to be open."""
    return [(command.place.evse, command.operative) for command in box.adapter.asked(cmd.ChangeAvailability)]


@pytest.mark.ocpp("B02.FR.03", "B03.FR.01")
async def test_they_are_allowed_by_what_is_known_and_wait(box: Box) -> None:
    await accepted(box)
    box.backend.answers["Authorize"] = {"idTokenInfo": KNOWN}
    place = Place(station=ID, evse=1, connector=1)
    assert (await box.hub.authorize(place, RFID, patience=1)).accepted
    box.backend.is_pending = True
    await box.hub.publish(ev.StationBooted(station=ID, at=box.clock.now(), identity=IDENTITY))
    await box.settled()
    box.backend.asked.clear()
    assert (await box.hub.authorize(place, RFID, patience=1)).status is AuthorizationStatus.ACCEPTED
    assert box.backend.asked == [], "the CSMS is not asked"
    assert (await box.begin()).number
    await accepted(box)
    (started,) = await box.sent_of("TransactionEvent")
    assert (started["eventType"], asked(box)) == ("Started", [])


async def test_or_nobody_begins_until_then(box: Box) -> None:
    assert (await box.hub.set_variable(ID, ENABLED, "false")).accepted
    await box.settled()
    assert asked(box) == [(1, False), (2, False)]
    await accepted(box)
    assert asked(box)[2:] == [(1, True), (2, True)]
    told = [(s["evseId"], s["connectorStatus"]) for s in await box.sent_of("StatusNotification")]
    assert told[-2:] == [(1, "Available"), (2, "Available")]
    box.adapter.commands.clear()
    await box.hub.publish(ev.StationBooted(station=ID, at=box.clock.now(), identity=IDENTITY))
    await box.settled()
    assert asked(box) == [(1, False), (2, False)], "it has booted, and is not accepted again"
    await box.hub.set_variable(ID, ENABLED, "true")
    await box.settled()
    assert asked(box)[2:] == [(1, True), (2, True)]


async def test_what_the_csms_has_closed_is_not_opened_by_it(box: Box) -> None:
    await accepted(box)
    await box.call("ChangeAvailability", {"operationalStatus": "Inoperative", "evse": {"id": 2}})
    await box.hub.set_variable(ID, ENABLED, "false")
    await box.hub.publish(ev.StationBooted(station=ID, at=box.clock.now(), identity=IDENTITY))
    await box.settled()
    box.adapter.commands.clear()
    await accepted(box)
    assert asked(box) == [(1, True)]
    assert [(c.evse, c.open) for c in box.state.connectors] == [(1, True), (2, False)]


async def test_it_holds_over_a_restart_of_the_box(tmp_path: Path) -> None:
    async with open_box(tmp_path) as box:
        await box.arrive()
        await accepted(box)
        await box.hub.set_variable(ID, ENABLED, "false")
        assert asked(box) == []
    async with open_box(tmp_path) as again:
        capabilities = box.state.capabilities
        await again.hub.publish(ev.StationFound(station=ID, at=START, capabilities=capabilities))
        await again.settled()
        assert asked(again) == [(1, False), (2, False)]
        await accepted(again)
        assert asked(again)[2:] == [(1, True), (2, True)]
