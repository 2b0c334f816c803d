"""A box, a CSMS, and an OCPP 1.6-J station of which the test says every frame."""

from __future__ import annotations

import asyncio
import base64
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import TYPE_CHECKING, Any

import aiohttp
import orjson

from gateway.bench.csms.ledger import CallResult
from gateway.bench.csms.server import Csms
from gateway.bench.csms.settings import CsmsSettings
from tests.e2e.box import Box
from tests.ports import free_port

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Mapping
    from pathlib import Path

    from gateway.bench.csms.ledger import Payload

IDENTITY = "AT-E2E-0017"
NAME = "RAW16"
PASSWORD = "0011223344556677"
CARD = "04A1B2C3D4E5F6"
SITE = """
[box]
name = "Test"
data_dir = "{data_dir}"
[backend]
url = "{url}"
security_profile = 0
[southbound.ocpp_json]
listen = "127.0.0.1:{port}"
[[station]]
identity = "{identity}"
adapter = "ocpp_json"
charge_box_identity = "{name}"
station_password = "{password}"
{options}
[[station.evse]]
id = 1
connector = {{ type = "sType2", max_current = 32, phases = 3 }}
"""
CORE = {"SupportedFeatureProfiles": "Core"}


def now(ago: float = 0) -> str:
    """The time, or that so many seconds ago, as stations write it."""
    at = datetime.now(UTC) - timedelta(seconds=ago)
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def accepted(_: Payload) -> Payload:
    """What a station answers that has nothing against it."""
    return {"status": "Accepted"}


class RawStation:
    """One socket: it answers calls at any time, and says what the test says.

    Args:
        keys: its configuration; what is changed from afar is changed here.
    """

    def __init__(self, socket: aiohttp.ClientWebSocketResponse[bool], keys: Mapping[str, str]) -> None:
        self._socket = socket
        self._numbers = count(1)
        self._waiting: dict[str, asyncio.Future[list[Any]]] = {}
        self._news = asyncio.Condition()
        self.keys = dict(keys)
        self.calls: list[tuple[str, Payload]] = []
        self.answers: dict[str, Callable[[Payload], Payload]] = {
            "GetConfiguration": self._configuration,
            "ChangeConfiguration": self._change,
        }

    def _configuration(self, _: Payload) -> Payload:
        return {"configurationKey": [{"key": k, "readonly": False, "value": v} for k, v in self.keys.items()]}

    def _change(self, asked: Payload) -> Payload:
        if asked["key"] not in self.keys:
            return {"status": "NotSupported"}
        self.keys[asked["key"]] = asked["value"]
        return {"status": "Accepted"}

    async def run(self) -> None:
        """Hear until cancelled."""
        async for message in self._socket:
            frame: list[Any] = orjson.loads(message.data)
            if frame[0] == 2:
                answer = self.answers.get(frame[2], accepted)(frame[3])
                await self._socket.send_json([3, frame[1], answer])
                async with self._news:
                    self.calls.append((frame[2], frame[3]))
                    self._news.notify_all()
            else:
                self._waiting.pop(frame[1]).set_result(frame)

    async def say(self, action: str, **payload: object) -> Payload:
        """Send a request; the payload of its answer."""
        id_ = str(next(self._numbers))
        self._waiting[id_] = asyncio.get_running_loop().create_future()
        await self._socket.send_json([2, id_, action, payload])
        async with asyncio.timeout(20):
            frame = await self._waiting[id_]
        assert frame[0] == 3, frame
        answer: Payload = frame[2]
        return answer

    async def called(self, action: str, since: int = 0) -> Payload:
        """Wait for a call; its payload."""

        def found() -> list[Payload]:
            return [payload for name, payload in self.calls[since:] if name == action]

        async with asyncio.timeout(20), self._news:
            await self._news.wait_for(lambda: bool(found()))
        return found()[0]


@dataclass(kw_only=True)
class RawScene:
    """Everything in one test."""

    csms: Csms
    box: Box
    station: RawStation
    frames: list[str] = field(default_factory=list)

    async def until(self, predicate: Callable[[], bool]) -> None:
        await self.csms.wait_until(predicate, 20.0)

    async def call(self, action: str, **payload: Any) -> Payload:
        """Have the CSMS call the station; the valid answer."""
        answer = await self.csms.call(IDENTITY, action, payload)
        assert isinstance(answer, CallResult), answer
        assert answer.error is None, answer
        return answer.payload

    async def set_(self, component: str, variable: str, value: str) -> str:
        """SetVariables of one variable; the status."""
        data = {"component": {"name": component}, "variable": {"name": variable}, "attributeValue": value}
        answer = await self.call("SetVariables", setVariableData=[data])
        return str(answer["setVariableResult"][0]["attributeStatus"])

    async def begin(self, meter: int = 1000) -> int:
        """A transaction has begun a minute ago; its number."""
        answer = await self.station.say(
            "StartTransaction", connectorId=1, idTag=CARD, meterStart=meter, timestamp=now(60)
        )
        return int(answer["transactionId"])

    async def ended(self) -> Payload:
        """Wait for the end of the only transaction; its last event."""
        await self.until(lambda: any(held.is_ended for held in self.csms.transactions.values()))
        (held,) = self.csms.transactions.values()
        assert held.missing == []
        last: Payload = held.ordered[-1]
        return last


@asynccontextmanager
async def raw_scene(folder: Path, keys: Mapping[str, str], options: str = "") -> AsyncIterator[RawScene]:
    """A box and a station that has booted; at the end nothing that the box has sent may have been invalid.

    Args:
        folder: for the site file and the data.
        keys: the station's configuration, beside that it has the profile Core.
        options: further lines of its table in the site file.
    """
    async with Csms(CsmsSettings()) as csms:
        port = free_port()
        site = folder / "site.toml"
        site.write_text(
            SITE.format(
                data_dir=folder / "data", url=csms.url, port=port, identity=IDENTITY, name=NAME, password=PASSWORD,
                options=options,
            )
        )  # fmt: skip
        box = Box(site, folder / "data")
        await box.start()
        signed_in = {"Authorization": "Basic " + base64.b64encode(f"{NAME}:{PASSWORD}".encode()).decode()}
        url = f"ws://127.0.0.1:{port}/ocpp16/{NAME}"
        async with aiohttp.ClientSession() as http:
            socket = await _connected(http, url, signed_in)
            station = RawStation(socket, {**CORE, **keys})
            life = asyncio.create_task(station.run())
            try:
                await station.say("BootNotification", chargePointVendor="Raw", chargePointModel="16")
                await station.called("GetConfiguration")
                await station.say("StatusNotification", connectorId=1, status="Available", errorCode="NoError")
                await csms.wait_until(lambda: bool(csms.of("StatusNotification")), 20.0)
                yield RawScene(csms=csms, box=box, station=station)
                assert await box.stop() == 0
                assert [record for record in csms.received if record.error is not None] == []
                assert csms.violations == []
                assert [line for line in box.log if "Traceback" in line] == []
            finally:
                await socket.close()
                life.cancel()
                with suppress(asyncio.CancelledError):
                    await life
                await box.close()
                print(*box.log, sep="\n")  # noqa: T201 - shown by pytest if the test has failed


async def _connected(
    http: aiohttp.ClientSession, url: str, headers: Mapping[str, str]
) -> aiohttp.ClientWebSocketResponse[bool]:
    """Sign in as soon as the box listens."""
    async with asyncio.timeout(20):
        while True:
            try:
                return await http.ws_connect(url, protocols=("ocpp1.6",), headers=headers)
            except aiohttp.ClientConnectorError:
                await asyncio.sleep(0.05)
