"""The demonstration itself: boot, plug in, card, charge, stop by the backend, unplug."""

from __future__ import annotations

import asyncio
import logging
import socket
import tempfile
from contextlib import AsyncExitStack
from pathlib import Path
from typing import TYPE_CHECKING

from gateway import app
from gateway.bench.clock import ScaledClock
from gateway.bench.csms.server import Csms
from gateway.bench.csms.settings import CsmsSettings
from gateway.bench.demo.screen import Screen
from gateway.bench.ocpp_s.config import StationConfig
from gateway.bench.ocpp_s.station import SimulatedStation
from gateway.config.load import load_site

if TYPE_CHECKING:
    from collections.abc import Coroutine, Mapping
    from typing import Any

    from gateway.config.site import AdapterModels
    from gateway.locale import Catalogue

IDENTITY = "DEMO-0001"
CHARGE_BOX = "OLD-STATION-1"
TOKEN = "04A1B2C3D4E5F6"  # noqa: S105 an RFID card's number
PATIENCE = 30.0

SITE = """\
[box]
name = "Demonstration"
data_dir = "{folder}"

[backend]
url = "{backend}"
security_profile = 0

[southbound.ocpp_soap]
listen = "127.0.0.1:{port}"

[[station]]
identity = "{identity}"
adapter = "ocpp_soap"
charge_box_identity = "{charge_box}"
[[station.evse]]
id = 1
connector = {{ type = "sType2", max_current = 32, phases = 3 }}
"""


async def show(adapters: Mapping[str, AdapterModels], *, full: bool, speed: float, words: Catalogue) -> bool:
    """Run the demonstration; True if the backend holds the whole session."""
    screen = Screen.on_stdout(full=full)
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(name)s: %(message)s")
    async with AsyncExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="stationlift-demo-"))
        csms = await stack.enter_async_context(Csms(CsmsSettings(), screen.json))
        port = _free_port()
        file = Path(folder) / "site.toml"
        text = SITE.format(folder=folder, backend=csms.url, port=port, identity=IDENTITY, charge_box=CHARGE_BOX)
        await asyncio.to_thread(file.write_text, text)
        site = await asyncio.to_thread(load_site, file, adapters, profiles=())
        box = await stack.enter_async_context(app.built(site))
        config = StationConfig(url=f"http://127.0.0.1:{port}/ocpp", identity=CHARGE_BOX)
        station = SimulatedStation(config, ScaledClock(speed=speed), screen.soap)
        async with asyncio.TaskGroup() as tasks:
            running: list[asyncio.Task[Any]] = [_start(tasks, app.serve(box)), _start(tasks, station.run())]
            try:
                whole = await _session(station, csms, screen, words)
            finally:
                for task in running:
                    task.cancel()
    return whole


def _start(tasks: asyncio.TaskGroup, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
    return tasks.create_task(work)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


async def _session(station: SimulatedStation, csms: Csms, screen: Screen, words: Catalogue) -> bool:
    screen.title(words.word("demo-boot"))
    await csms.wait_for(lambda call: call.action == "StatusNotification", PATIENCE)
    screen.title(words.word("demo-plug-in"))
    await station.plug_in(1)
    await csms.wait_for(_status("Occupied"), PATIENCE)
    screen.title(words.word("demo-card"))
    await station.present_token(1, TOKEN)
    started = await csms.wait_for(_event("Started"), PATIENCE)
    transaction = started.payload["transactionInfo"]["transactionId"]
    screen.title(words.word("demo-charge"))
    await csms.wait_until(lambda: len([c for c in csms.received if _event("Updated")(c)]) >= 3, PATIENCE)  # noqa: PLR2004
    screen.title(words.word("demo-stop"))
    await csms.call(IDENTITY, "RequestStopTransaction", {"transactionId": transaction})
    ended = await csms.wait_for(_event("Ended"), PATIENCE)
    screen.title(words.word("demo-plug-out"))
    await station.plug_out(1)
    await csms.wait_for(_status("Available"), PATIENCE, since=csms.received.index(ended))
    return _verdict(station, csms, transaction, screen, words)


def _event(kind: str) -> Any:  # noqa: ANN401 a predicate over the CSMS's records
    return lambda call: call.action == "TransactionEvent" and call.payload["eventType"] == kind


def _status(status: str) -> Any:  # noqa: ANN401 as above
    return lambda call: call.action == "StatusNotification" and call.payload["connectorStatus"] == status


def _verdict(station: SimulatedStation, csms: Csms, transaction: str, screen: Screen, words: Catalogue) -> bool:
    """Hold what the backend has against what the station did."""
    held = csms.transactions[transaction]
    did = station.ledger.transactions[-1]
    numbers = [event["seqNo"] for event in held.events]
    last = held.events[-1]["meterValue"][-1]["sampledValue"][0]["value"]
    delivered = (did.meter_stop or 0) - did.meter_start
    whole = numbers == list(range(len(numbers))) and last == did.meter_stop
    screen.title(words.word("demo-result"))
    screen.text(words.word("demo-held", events=len(numbers), numbers=f"0-{numbers[-1]}", energy=last - did.meter_start))
    screen.text(words.word("demo-did", energy=delivered))
    screen.text(words.word("demo-whole" if whole else "demo-not-whole"))
    return whole
