"""Three processes: a simulated OCPP 1.6-J station, the box, and (in the test's own) a CSMS."""

from __future__ import annotations

import asyncio
import base64
import sys
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import aiohttp
import orjson
import trustme

from gateway.bench.csms.ledger import CallResult
from gateway.bench.csms.server import Csms
from gateway.bench.csms.settings import CsmsSettings
from tests.e2e.box import Box
from tests.e2e.raw16 import SITE
from tests.ports import free_port

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from gateway.bench.csms.ledger import Payload, TransactionRecord

_REPOSITORY = Path(__file__).parents[2]
IDENTITY = "AT-E2E-0016"
NAME = "OLD 16"
PASSWORD = "0011223344556677"
TOKEN = "04A1B2C3D4E5F6"


class Station:
    """The simulated station's process, and what it says to orders."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process

    @classmethod
    async def start(cls, port: int, password: str = PASSWORD) -> Station:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "gateway", "bench", "station", "--protocol", "ocpp1.6j",
            "--url", f"ws://127.0.0.1:{port}/ocpp16", "--identity", NAME, "--password", password,
            "--control", "-", "--speed", "300",
            cwd=_REPOSITORY, stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
        )  # fmt: skip
        made = cls(process)
        assert await made._line() == {"ready": NAME}
        return made

    async def _line(self) -> Any:
        assert self._process.stdout is not None
        async with asyncio.timeout(20):
            return orjson.loads(await self._process.stdout.readline())

    async def do(self, verb: str, **arguments: object) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(orjson.dumps({"do": verb, **arguments}) + b"\n")
        await self._process.stdin.drain()
        assert await self._line() == {"done": verb, **arguments}

    async def leave(self) -> None:
        if self._process.returncode is None:
            await self.do("exit")
            async with asyncio.timeout(10):
                await self._process.wait()


@dataclass(kw_only=True)
class Scene:
    """Everything in one test."""

    csms: Csms
    box: Box
    station: Station

    @property
    def transaction(self) -> TransactionRecord:
        """The only transaction."""
        (found,) = self.csms.transactions.values()
        return found

    async def until(self, predicate: Callable[[], bool]) -> None:
        await self.csms.wait_until(predicate, 20.0)

    def states(self) -> list[str]:
        """The states of charging that the CSMS has been told, in order."""
        infos = [event["transactionInfo"] for event in self.transaction.ordered]
        return [info["chargingState"] for info in infos if "chargingState" in info]

    def statuses(self) -> list[str]:
        return [record.payload["connectorStatus"] for record in self.csms.of("StatusNotification")]

    async def charge(self) -> None:
        """Plug in, show the card, and wait until energy flows."""
        await self.station.do("plug_in", evse=1)
        await self.station.do("present_token", evse=1, token=TOKEN)
        await self.until(lambda: bool(self.csms.transactions) and "Charging" in self.states())

    async def call(self, action: str, **payload: Any) -> Payload:
        answer = await self.csms.call(IDENTITY, action, payload)
        assert isinstance(answer, CallResult), answer
        assert answer.error is None, answer
        return answer.payload


@asynccontextmanager
async def scene(folder: Path) -> AsyncIterator[Scene]:
    """A box and a station that the CSMS has accepted; at the end nothing may have been invalid."""
    async with Csms(CsmsSettings()) as csms:
        port = free_port()
        site = folder / "site.toml"
        site.write_text(
            SITE.format(
                data_dir=folder / "data", url=csms.url, port=port, identity=IDENTITY, name=NAME, password=PASSWORD,
                options="",
            )
        )  # fmt: skip
        box = Box(site, folder / "data")
        await box.start()
        station = await Station.start(port)
        made = Scene(csms=csms, box=box, station=station)
        try:
            await made.until(lambda: "Available" in made.statuses())
            yield made
            await station.leave()
            assert await box.stop() == 0
            assert [record for record in csms.received if record.error is not None] == []
            assert csms.violations == []
            assert [line for line in box.log if "Traceback" in line] == []
        finally:
            await station.leave()
            await box.close()
            print(*box.log, sep="\n")  # noqa: T201 - shown by pytest if the test has failed


async def test_a_visit_with_all_its_stages(tmp_path: Path) -> None:
    async with scene(tmp_path) as made:
        boot = made.csms.of("BootNotification")[0].payload["chargingStation"]
        assert (boot["vendorName"], boot["model"]) == ("Stationlift", "Bench 1.6-J")
        await made.charge()
        await made.station.do("ev_pause", evse=1)
        await made.until(lambda: made.states()[-1] == "SuspendedEV")
        await made.station.do("ev_resume", evse=1)
        await made.until(lambda: made.states()[-1] == "Charging")
        await made.station.do("present_token", evse=1, token=TOKEN)
        await made.until(lambda: made.transaction.is_ended)
        await made.station.do("plug_out", evse=1)
        await made.until(lambda: made.statuses()[-1] == "Available")
        assert made.statuses() == ["Available", "Occupied", "Available"]
        assert made.transaction.missing == []
        ended = made.transaction.ordered[-1]
        assert (ended["triggerReason"], ended["transactionInfo"]["stoppedReason"]) == ("StopAuthorized", "Local")


async def test_the_backend_starts_stops_and_reads(tmp_path: Path) -> None:
    async with scene(tmp_path) as made:
        await made.station.do("plug_in", evse=1)
        card = {"idToken": TOKEN, "type": "ISO14443"}
        start = await made.call("RequestStartTransaction", idToken=card, remoteStartId=7, evseId=1)
        assert start["status"] == "Accepted"
        await made.until(lambda: bool(made.csms.transactions) and "Charging" in made.states())
        assert made.transaction.ordered[0]["triggerReason"] == "RemoteStart"
        stop = await made.call("RequestStopTransaction", transactionId=made.transaction.transaction_id)
        assert stop["status"] == "Accepted"
        await made.until(lambda: made.transaction.is_ended)
        ended = made.transaction.ordered[-1]
        assert (ended["triggerReason"], ended["transactionInfo"]["stoppedReason"]) == ("RemoteStop", "Remote")
        wanted = {"component": {"name": "LegacyStation"}, "variable": {"name": "SupportedFeatureProfiles"}}
        (value,) = (await made.call("GetVariables", getVariableData=[wanted]))["getVariableResult"]
        assert "SmartCharging" in value["attributeValue"]


async def test_a_fault_and_a_cut_line(tmp_path: Path) -> None:
    async with scene(tmp_path) as made:
        await made.charge()
        await made.station.do("fault", evse=1, error="GroundFailure")
        await made.until(lambda: made.transaction.is_ended and made.statuses()[-1] == "Faulted")
        await made.station.do("clear_fault", evse=1)
        await made.station.do("link_down")
        await made.station.do("plug_out", evse=1)
        await made.station.do("link_up")
        await made.until(lambda: made.statuses()[-1] == "Available")


async def test_a_box_that_is_killed_knows_the_transaction_again(tmp_path: Path) -> None:
    async with scene(tmp_path) as made:
        await made.charge()
        made.box.kill()
        await made.box.gone()
        await made.box.start()
        await made.station.do("ev_pause", evse=1)
        await made.until(lambda: made.states()[-1] == "SuspendedEV")
        await made.station.do("plug_out", evse=1)
        await made.until(lambda: made.transaction.is_ended)
        assert made.transaction.missing == []
        ended = made.transaction.ordered[-1]
        info = ended["transactionInfo"]
        assert (info["stoppedReason"], info["chargingState"]) == ("EVDisconnected", "Idle")


class Bare:
    """A station that is only a socket: it answers every call alike and says what the test says."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse[bool], answers: dict[str, Payload]) -> None:
        self._socket = socket
        self._answers = answers
        self.calls: list[tuple[str, Payload]] = []

    async def say(self, action: str, **payload: object) -> Payload:
        """Send a request; the payload of its answer."""
        await self._socket.send_json([2, "x", action, payload])
        while True:
            frame = await self.hear()
            if frame[0] != 2:
                assert frame[0] == 3, frame
                answer: Payload = frame[2]
                return answer

    async def hear(self) -> list[Any]:
        """The next frame; a call is answered."""
        async with asyncio.timeout(20):
            frame: list[Any] = await self._socket.receive_json()
        if frame[0] == 2:
            self.calls.append((frame[2], frame[3]))
            await self._socket.send_json([3, frame[1], self._answers.get(frame[2], {"status": "Accepted"})])
        return frame

    async def until_called(self, action: str) -> Payload:
        while True:
            found = next((payload for name, payload in self.calls if name == action), None)
            if found is not None:
                return found
            await self.hear()


async def test_what_the_security_extension_tells_and_takes(tmp_path: Path) -> None:
    settings = [
        {"key": "SupportedFeatureProfiles", "readonly": True, "value": "Core,FirmwareManagement"},
        {"key": "SecurityProfile", "readonly": False, "value": "1"},
    ]
    answers: dict[str, Payload] = {
        "GetConfiguration": {"configurationKey": settings},
        "GetLog": {"status": "Accepted", "filename": "a.zip"},
    }
    async with scene(tmp_path) as made:
        await made.station.leave()
        port = made.box.site.read_text().split('listen = "127.0.0.1:')[1].split('"')[0]
        signed_in = {"Authorization": "Basic " + base64.b64encode(f"{NAME}:{PASSWORD}".encode()).decode()}
        url = f"ws://127.0.0.1:{port}/ocpp16/{NAME.replace(' ', '%20')}"
        async with (
            aiohttp.ClientSession() as http,
            http.ws_connect(url, protocols=("ocpp1.6",), headers=signed_in) as socket,
        ):
            station = Bare(socket, answers)
            await station.say("BootNotification", chargePointVendor="Other", chargePointModel="M", firmwareVersion="2")
            await station.until_called("GetConfiguration")
            await station.say("SecurityEventNotification", type="TamperDetectionActivated", timestamp=_now())
            await made.until(lambda: "TamperDetectionActivated" in _security_events(made))
            assert await station.say("SignCertificate", csr="x") == {"status": "Rejected"}
            log = {"remoteLocation": "https://files.example.com/"}
            asked = asyncio.create_task(made.call("GetLog", logType="DiagnosticsLog", requestId=5, log=log))
            await station.until_called("GetLog")
            assert (await asked)["filename"] == "a.zip"
            await station.say("LogStatusNotification", status="Uploaded", requestId=5)
            await made.until(lambda: _logs(made)[-1:] == ["Uploaded"])
            certificate = trustme.CA().issue_cert("firmware").cert_chain_pems[0].bytes().decode()
            firmware = {
                "location": "https://files.example.com/fw", "retrieveDateTime": _now(),
                "signingCertificate": certificate, "signature": "c2ln",
            }  # fmt: skip
            order = asyncio.create_task(made.call("UpdateFirmware", requestId=6, firmware=firmware))
            assert (await station.until_called("SignedUpdateFirmware"))["firmware"]["signature"] == "c2ln"
            assert (await order)["status"] == "Accepted"
            await station.say("SignedFirmwareStatusNotification", status="InvalidSignature", requestId=6)
            await made.until(lambda: bool(made.csms.of("FirmwareStatusNotification")))
            (told,) = made.csms.of("FirmwareStatusNotification")
            assert told.payload == {"status": "InvalidSignature", "requestId": 6}


def _security_events(made: Scene) -> list[str]:
    return [record.payload["type"] for record in made.csms.of("SecurityEventNotification")]


def _logs(made: Scene) -> list[str]:
    return [record.payload["status"] for record in made.csms.of("LogStatusNotification")]


def _now() -> str:
    return datetime.now(UTC).isoformat()


async def test_a_station_with_a_wrong_password_stays_outside(tmp_path: Path) -> None:
    async with scene(tmp_path) as made:
        await made.station.leave()
        since = len(made.box.log)
        port = int(made.box.site.read_text().split('listen = "127.0.0.1:')[1].split('"')[0])
        stranger = await Station.start(port, password="wrong")
        await made.box.logged("refused", "password", since=since)
        await stranger.leave()
