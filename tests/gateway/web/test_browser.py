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
from tests.gateway.web.loads import an_hour, look
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


async def test_a_technician_sees_load_and_chart(shop: Shop, tmp_path: Path) -> None:
    shop.load = history = an_hour()
    async with (
        served(shop.sight) as address,
        browser(tmp_path, "--remote-debugging-port=0", f"{address}/?lang=de") as process,
        ClientSession() as session,
    ):
        async with session.get(f"http://{await debugger(process)}/json/list") as response:
            (page,) = [each for each in await response.json() if each["type"] == "page"]
        async with session.ws_connect(page["webSocketDebuggerUrl"]) as console:
            before = await read(console, "45 A")
            look(history, 3611.0, (51.0, 40.0, 40.0))
            await read(console, "51 A")
            drawn = "[...document.querySelectorAll('svg polyline')].filter(e => e.getBoundingClientRect().width > 99)"
            lines = await evaluate(
                console, f"{drawn}.filter(e => getComputedStyle(e).stroke == 'rgb(230, 159, 0)').length"
            )
    assert "Last der Stromkreise" in before
    assert int(lines) == 3, "L2 of each circuit, in its colour: the page's own headers allow it"


async def evaluate(console: ClientWebSocketResponse, expression: str) -> str:
    """What the page makes of an expression."""
    await console.send_json({"id": 1, "method": "Runtime.evaluate", "params": {"expression": expression}})
    answer = await console.receive_json()
    return str(answer.get("result", {}).get("result", {}).get("value", ""))


async def read(console: ClientWebSocketResponse, part: str) -> str:
    """What can be read on the page, once it has this part."""
    while True:
        text = await evaluate(console, "document.body ? document.body.innerText : ''")
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
