"""An adapter that really listens, a box that only notes what it is told, and a station that answers as it is told."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from lxml import etree

from adapters.ocpp1x.patience import Patience
from adapters.ocpp_soap.adapter import OcppSoapAdapter
from adapters.ocpp_soap.config import SiteConfig, StationConfig
from adapters.ocpp_soap.envelope import SOAP_12, WSA
from adapters.ocpp_soap.http_client import post
from gateway.config.fields import HostPort
from gateway.contracts import StationSettings
from gateway.model.errors import GatewayError
from gateway.model.tokens import Authorization, AuthorizationStatus
from tests import wsdl_oracle
from tests.adapters.ocpp_soap.samples import CP, CS
from tests.fakes.southbound import FakeBox

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterable

    from adapters.ocpp_soap.http_types import HttpReply

NOW = datetime(2024, 5, 1, 12, 0, tzinfo=UTC)
STATION = "AT-EBE-0001"
NAME = "SCHRACK-0815"
ACCEPTED = Authorization(status=AuthorizationStatus.ACCEPTED)


def settings(
    options: StationConfig | None = None,
    identity: str = STATION,
    connectors: dict[int, tuple[int, int]] | None = None,
) -> StationSettings:
    return StationSettings(
        identity=identity,
        options=options or StationConfig(charge_box_identity=NAME),
        connectors=connectors or {},
    )


@dataclass(kw_only=True)
class Rig:
    adapter: OcppSoapAdapter
    box: FakeBox
    clock: list[datetime] = field(default_factory=lambda: [NOW])

    @property
    def url(self) -> str:
        host, port = self.adapter.address
        return f"http://{host}:{port}/ocpp"

    async def send(self, body: bytes) -> HttpReply:
        return await post(self.url, body, {"Content-Type": "application/soap+xml"}, timeout=10)

    async def ask(self, body: str, *, identity: str = NAME, from_url: str = "", service: str = CS) -> etree._Element:
        """Send a body, check the answer against the WSDL, and give its body element."""
        reply = await self.send(request(body, identity=identity, from_url=from_url, service=service))
        assert reply.status == 200, reply.body
        if wsdl_oracle.available():
            wsdl_oracle.validate_response(reply.body, "urn:uuid:77")
        return etree.fromstring(reply.body).find(f"{{{SOAP_12}}}Body")[0]  # type: ignore[index]

    async def dropped(self, body: str | bytes) -> bool:
        """Tell whether the connection is closed without an answer to a body, or to a whole envelope as bytes."""
        try:
            await self.send(request(body) if isinstance(body, str) else body)
        except GatewayError as error:
            return error.code in {"station-answer-malformed", "station-unreachable"}
        return False


@asynccontextmanager
async def running(
    *stations: StationSettings, patience: Patience | None = None, networks: tuple[str, ...] = ("127.0.0.0/8",)
) -> AsyncIterator[Rig]:
    """An adapter that listens on a free port."""
    site = SiteConfig(listen=HostPort("127.0.0.1", 0), allowed_networks=networks)
    clock = [NOW]
    adapter = OcppSoapAdapter(site, stations or (settings(),), patience=patience or Patience(call=3.0, settle=0.0))
    box = FakeBox(clock)
    task = asyncio.create_task(adapter.run(box))
    try:
        async with asyncio.timeout(5):
            await adapter.ready.wait()
        yield Rig(adapter=adapter, box=box, clock=clock)
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


def request(body: str, *, identity: str = NAME, from_url: str = "", service: str = CS, headers: str = "") -> bytes:
    """A request as a station writes it."""
    name = f"<c:chargeBoxIdentity>{identity}</c:chargeBoxIdentity>" if identity else ""
    sender = f"<a:From><a:Address>{from_url}</a:Address></a:From>" if from_url else ""
    return (
        f'<s:Envelope xmlns:s="{SOAP_12}" xmlns:a="{WSA}" xmlns:c="{service}"><s:Header>{name}'
        f"<a:Action>/X</a:Action><a:MessageID>urn:uuid:77</a:MessageID>{sender}{headers}</s:Header>"
        f"<s:Body>{body}</s:Body></s:Envelope>"
    ).encode()


def element(name: str, **fields: object) -> str:
    """A body element with text children, in the order given."""
    inner = "".join(f"<c:{key}>{value}</c:{key}>" for key, value in fields.items())
    return f"<c:{name}>{inner}</c:{name}>"


def values(body: etree._Element) -> dict[str, str]:
    """Every leaf below an element by its local name."""
    return {etree.QName(e).localname: e.text or "" for e in body.iter("*") if len(e) == 0 and e is not body}


@dataclass(kw_only=True)
class FakeStation:
    """A station's own service: keeps what it is called with, and answers from a list of raw replies, the last for ever."""

    replies: list[bytes] = field(default_factory=list)
    calls: list[bytes] = field(default_factory=list)
    url: str = ""
    called: asyncio.Event = field(default_factory=asyncio.Event)

    def body(self, index: int = -1) -> dict[str, str]:
        found = etree.fromstring(self.calls[index]).find(f"{{{SOAP_12}}}Body")
        assert found is not None
        return values(found[0])

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        length = next(
            int(line.partition(b":")[2]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length")
        )
        self.calls.append(await reader.readexactly(length))
        self.called.set()
        writer.write(self.replies.pop(0) if len(self.replies) > 1 else self.replies[0])
        await writer.drain()
        writer.close()


@asynccontextmanager
async def station(*replies: bytes) -> AsyncIterator[FakeStation]:
    """A station that listens on a free port."""
    fake = FakeStation(replies=list(replies))
    server = await asyncio.start_server(fake.serve, "127.0.0.1", 0)
    fake.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/cp"
    try:
        yield fake
    finally:
        server.close()
        await server.wait_closed()


def http(body: bytes, *, status: int = 200, headers: Iterable[str] = ()) -> bytes:
    """A raw HTTP answer."""
    lines = [f"HTTP/1.1 {status} X", f"Content-Length: {len(body)}", *headers, "", ""]
    return "\r\n".join(lines).encode() + body


def answer(name: str, inner: str = "", *, header: str = "<s:Header/>") -> bytes:
    """A SOAP answer of a station."""
    return http(
        f'<s:Envelope xmlns:s="{SOAP_12}" xmlns:c="{CP}">{header}<s:Body><c:{name}>{inner}</c:{name}></s:Body>'
        "</s:Envelope>".encode()
    )


def status(name: str, value: str = "Accepted") -> bytes:
    """An answer that is a status."""
    return answer(name, f"<c:status>{value}</c:status>")
