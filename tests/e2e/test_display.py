"""What a driver reads on the box's own page, from a backend's message to a real browser's request."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest
from aiohttp import ClientSession

from tests.e2e.plan import TOKEN
from tests.e2e.world import world
from tests.ports import free_port

if TYPE_CHECKING:
    from pathlib import Path


async def read(page: ClientSession, part: str) -> str:
    """The page, once it has this part."""
    async with asyncio.timeout(15):
        while True:
            async with page.get("/?lang=en") as response:
                text = await response.text()
            if part in text:
                return text
            await asyncio.sleep(0.02)


async def test_messages_and_costs_reach_the_driver_and_survive_a_kill(tmp_path: Path) -> None:
    port = free_port()
    web = f'\n[web]\nlisten = "127.0.0.1:{port}"\n'
    async with world(tmp_path, more=web) as made, ClientSession(f"http://127.0.0.1:{port}") as page:
        assert (await made.get_variable("DisplayMessageCtrlr", "Available"))["attributeValue"] == "true"
        assert await made.set_variable("TariffCostCtrlr", "Currency", "EUR") == "Accepted"
        content = {"format": "UTF8", "content": "Grüß Gott", "language": "de"}
        message = {"id": 1, "priority": "AlwaysFront", "message": content}
        assert (await made.call("SetDisplayMessage", message=message))["status"] == "Accepted"
        assert "free" in await read(page, "Grüß Gott")
        await made.station.charge(TOKEN, 1, 1)
        await made.until(lambda: bool(made.held()))
        (transaction,) = made.held()
        assert await made.call("CostUpdated", totalCost=4.2, transactionId=transaction.transaction_id) == {}
        text = await read(page, "4.20 EUR")
        assert TOKEN[-4:] not in text
        made.box.kill()
        await made.box.gone()
        lines = len(made.box.log)
        await made.box.start()
        await made.box.logged("page on", since=lines)
        text = await read(page, "4.20 EUR")
        assert "Grüß Gott" in text
        await made.back()


@pytest.mark.ocpp("I04.FR.01", "I04.FR.02", "I05.FR.01", "I05.FR.02")
async def test_while_the_backend_is_away_its_fallbacks_are_shown(tmp_path: Path) -> None:
    port = free_port()
    web = f'\n[web]\nlisten = "127.0.0.1:{port}"\n'
    async with world(tmp_path, more=web) as made, ClientSession(f"http://127.0.0.1:{port}") as page:
        await made.impatient()
        for name, text in (("TariffFallbackMessage", "See the sign"), ("TotalCostFallbackMessage", "You get a bill")):
            assert await made.set_variable("TariffCostCtrlr", name, text) == "Accepted"
        truth = await made.station.charge(TOKEN, 1, 1)
        await read(page, "See the sign")  # the backend is there, and has told no tariff
        await made.csms.go_down()
        await made.station.sim.present_token(1, TOKEN)
        await made.station.until(lambda _: truth.stopped_at is not None)
        await made.station.sim.plug_out(1)
        assert "See the sign" not in await read(page, "You get a bill")
        await made.station.charge(TOKEN, 1, 1)
        await read(page, "See the sign")
        await made.back()


async def test_without_a_page_there_is_no_display(tmp_path: Path) -> None:
    async with world(tmp_path) as made:
        assert (await made.get_variable("DisplayMessageCtrlr", "Available"))["attributeValue"] == "false"
        content = {"format": "UTF8", "content": "Hello"}
        refusal = await made.refused("SetDisplayMessage", message={"id": 1, "priority": "InFront", "message": content})
        assert refusal.code == "NotSupported"
