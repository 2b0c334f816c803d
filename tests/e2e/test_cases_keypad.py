"""The page of a box on which drivers can type and choose: key codes (C04), and the master pass (TC_C_47, TC_C_48)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from aiohttp import ClientSession

from tests.e2e.pair import pair
from tests.e2e.plan import TOKEN, Plan
from tests.e2e.world import world
from tests.ports import free_port

if TYPE_CHECKING:
    from pathlib import Path

    from gateway.bench.csms.answers import Answer
    from gateway.bench.csms.ledger import Record
    from tests.e2e.world import World

OTHER, BADGE, CODE = "DEADBEEF", "04BADBAD", "47110815"
MASTERS = {"idToken": "POLICE", "type": "Central"}


def knows(world: World) -> None:
    """The CSMS knows two cards, a master pass and a key code."""

    def info(record: Record) -> Answer:
        token = record.payload.get("idToken", {}).get("idToken")
        if token is None:
            return None
        if token == BADGE:
            return {"idTokenInfo": {"status": "Accepted", "groupIdToken": MASTERS}}
        return {"idTokenInfo": {"status": "Accepted" if token in {TOKEN, OTHER, CODE} else "Invalid"}}

    world.csms.override("Authorize", info)
    world.csms.override("TransactionEvent", info)


async def post(page: str, station: str, what: str, **form: str) -> str:
    """Send a form of the page; the page that comes back."""
    async with (
        ClientSession(page) as browser,
        browser.post(f"/station/{station}/{what}?lang=en", data=form) as response,
    ):
        assert response.status == 200
        return await response.text()


async def shown(page: str, station: str) -> str:
    async with ClientSession(page) as browser, browser.get(f"/station/{station}?lang=en") as response:
        return await response.text()


@pytest.mark.case("TC_C_47_CS", "TC_C_48_CS")
@pytest.mark.ocpp("C16.FR.01", "C16.FR.07")
async def test_who_has_a_master_pass_chooses_what_it_stops(tmp_path: Path) -> None:
    """TC_C_48, then TC_C_47."""
    listen = f"127.0.0.1:{free_port()}"
    page = f"http://{listen}"
    async with world(tmp_path, Plan(evses=2), more=f'[web]\nlisten = "{listen}"\nkeypad = true\n') as one:
        identity = one.station.id
        knows(one)
        assert await one.set_variable("AuthCtrlr", "MasterPassGroupId", "POLICE") == "Accepted"
        first = await one.station.charge(TOKEN, 1)
        second = await one.station.charge(OTHER, 2)
        assert "What is to be stopped?" not in await shown(page, identity)
        await one.station.present(BADGE)
        assert "What is to be stopped?" in await shown(page, identity)
        assert first.stopped_at is second.stopped_at is None
        await post(page, identity, "stop", evse="1")
        await one.station.until(lambda _: first.stopped_at is not None)
        more = len(second.samples) + 1
        await one.station.until(lambda _: len(second.samples) >= more)
        assert second.stopped_at is None
        await one.station.sim.plug_out(1)
        third = await one.station.charge(TOKEN, 1)
        await one.station.present(BADGE)
        await post(page, identity, "stop", evse="0")
        await one.station.until(lambda _: second.stopped_at is not None and third.stopped_at is not None)
        await one.delivered(3)
        ends = [held.events[-1] for held in one.held()]
        assert {event["transactionInfo"]["stoppedReason"] for event in ends} == {"MasterPass"}
        assert all("idToken" not in event or event["idToken"]["idToken"] == BADGE for event in ends)


@pytest.mark.ocpp("C04.FR.04")
async def test_a_key_code_charges_at_a_wallbox(tmp_path: Path) -> None:
    async with pair(tmp_path, web="keypad = true") as both:
        side, token = both.sides[1], {"idToken": CODE, "type": "KeyCode"}
        knows(both.world)
        types = await side.value({"name": "AuthCtrlr"}, "SupportedIdTokenTypes")
        assert "KeyCode" in types["attributeValue"]
        await both.stand.sim.plug_in(1)
        await side.heard("StatusNotification", connectorStatus="Occupied")
        assert "is accepted" in await post(both.page, side.identity, "code", evse="1", code=CODE)
        assert (await side.heard("Authorize"))["idToken"] == token
        assert (await side.heard("TransactionEvent", eventType="Started"))["idToken"] == token
        assert "is accepted" in await post(both.page, side.identity, "code", evse="1", code=CODE)
        ended = await side.heard("TransactionEvent", eventType="Ended")
        assert (ended["triggerReason"], ended["idToken"]) == ("StopAuthorized", token)
        assert "is not accepted" in await post(both.page, side.identity, "code", evse="1", code="0815")
        assert "wait a while" in await post(both.page, side.identity, "code", evse="1", code=CODE)
        assert not any(CODE in line or "0815" in line for line in both.world.box.log)
