"""The page in a real browser, where there is one."""

from __future__ import annotations

import asyncio
import re
import shutil
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from aiohttp import ClientSession

from gateway.model.alerts import Alert
from gateway.model.device import VariableRef
from gateway.model.evse import ConnectorStatus
from gateway.model.installation import AlertKind
from gateway.model.notices import Notice, NoticeKind
from tests.gateway.web.sights import NOON, Shop, connector, served

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from aiohttp import ClientWebSocketResponse

CHROMIUM = shutil.which("chromium")
PATIENCE = 45

pytestmark = [
    pytest.mark.skipif(CHROMIUM is None, reason="chromium is not installed"),
    pytest.mark.timeout(120),
]


@pytest.fixture
def shop() -> Shop:
    made = Shop()
    made.notices["AT|2"] = [Notice(kind=NoticeKind.MESSAGE, text="Welcome", in_front=True)]
    return made


@asynccontextmanager
async def browser(folder: Path, *arguments: str) -> AsyncIterator[asyncio.subprocess.Process]:
    assert CHROMIUM is not None
    process = await asyncio.create_subprocess_exec(
        CHROMIUM, "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run",
        f"--user-data-dir={folder}", *arguments,
        stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    try:
        async with asyncio.timeout(PATIENCE):
            yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.communicate()


async def test_a_driver_reads_the_page(shop: Shop, tmp_path: Path) -> None:
    async with (
        served(shop.sight) as address,
        browser(tmp_path, "--dump-dom", f"{address}/station/AT%7C2?lang=de") as process,
    ):
        out, _ = await process.communicate()
    assert "Welcome" in out.decode()
    assert "Ladepunkt 1" in out.decode()


async def test_a_driver_sees_a_change(shop: Shop, tmp_path: Path) -> None:
    """What comes after the page has been read is brought by its script, which its own headers have to allow."""
    async with (
        served(shop.sight) as address,
        browser(tmp_path, "--remote-debugging-port=0", f"{address}/station/AT%7C2?lang=en") as process,
        ClientSession() as session,
    ):
        async with session.get(f"http://{await debugger(process)}/json/list") as response:
            (page,) = [each for each in await response.json() if each["type"] == "page"]
        async with session.ws_connect(page["webSocketDebuggerUrl"]) as console:
            before = await read(console, "free")
            shop.states["AT|2"] = replace(shop.states["AT|2"], connectors=(connector(1, ConnectorStatus.FAULTED),))
            after = await read(console, "faulty")
    for text in (before, after):
        assert "Welcome" in text
        assert "No connection to the box" not in text


async def test_a_technician_sees_an_alert_come_and_go(shop: Shop, tmp_path: Path) -> None:
    ref = VariableRef(component="FloodSensor", variable="Active")
    water = Alert(
        station="AT|2",
        ref=ref,
        kind=AlertKind.SENSOR,
        severity=2,
        value="true",
        message="Wasser im Schrank",
        since=NOON,
    )
    async with (
        served(shop.sight) as address,
        browser(tmp_path, "--remote-debugging-port=0", f"{address}/station/AT%7C2?lang=de") as process,
        ClientSession() as session,
    ):
        async with session.get(f"http://{await debugger(process)}/json/list") as response:
            (page,) = [each for each in await response.json() if each["type"] == "page"]
        async with session.ws_connect(page["webSocketDebuggerUrl"]) as console:
            assert "Meldungen" not in await read(console, "frei")
            shop.alerts["AT|2"] = [water]
            shown = await read(console, "Meldungen")
            shop.alerts.clear()
            shop.states["AT|2"] = replace(shop.states["AT|2"], connectors=(connector(1, ConnectorStatus.FAULTED),))
            over = await read(console, "gestört")
    assert "Systemausfall Wasser im Schrank" in shown
    assert "FloodSensor.Active = true, Seit 12:00" in shown
    assert "Meldungen" not in over


async def read(console: ClientWebSocketResponse, part: str) -> str:
    """What can be read on the page, once it has this part."""
    wanted = {"expression": "document.body ? document.body.innerText : ''"}
    while True:
        await console.send_json({"id": 1, "method": "Runtime.evaluate", "params": wanted})
        answer = await console.receive_json()
        text = str(answer.get("result", {}).get("result", {}).get("value", ""))
        if part in text:
            return text


async def debugger(process: asyncio.subprocess.Process) -> str:
    """Host and port where the browser can be asked what it shows."""
    assert process.stderr is not None
    async for line in process.stderr:
        found = re.search(rb"DevTools listening on ws://([^/]+)/", line)
        if found:
            return found[1].decode()
    raise AssertionError("the browser has ended")
