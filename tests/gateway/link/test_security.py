"""Security profile 3, the security events of a connection, and a change of the way to the CSMS."""

from __future__ import annotations

import asyncio
import socket
import ssl
import threading
from base64 import b64encode
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import pytest
import trustme

from gateway.contracts import Reply
from gateway.link.route import Candidate, Candidates, Route
from gateway.link.security import events_of
from gateway.link.service import Link, Parts
from gateway.link.status import LinkState
from gateway.link.target import CLIENT_CERTIFICATE, Target, tls_context
from gateway.model.changes import BootReason
from gateway.model.errors import GatewayError
from tests.gateway.link.csms import Csms, running
from tests.gateway.link.fakes import NOW, PASSWORD, SCHEMAS, STATION, eventually

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from aiohttp import web

    from gateway.contracts import Json
    from tests.gateway.link.fakes import Box


@pytest.fixture
def authority() -> trustme.CA:
    return trustme.CA()


def _server(authority: trustme.CA, *, clients: trustme.CA | None = None) -> ssl.SSLContext:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert("localhost").configure_cert(context)
    if clients is not None:
        context.verify_mode = ssl.CERT_REQUIRED
        clients.configure_trust(context)
    return context


def _files(authority: trustme.CA, folder: Path, issuer: trustme.CA | None = None) -> tuple[Path, tuple[Path, Path]]:
    """The CA file, and the certificate and key of the station."""
    ca, certificate, key = folder / "ca.pem", folder / "station.pem", folder / "station.key"
    authority.cert_pem.write_to_path(str(ca))
    own = (issuer or authority).issue_cert("station-1", common_name="SN-1")
    own.private_key_pem.write_to_path(str(key))
    certificate.write_bytes(b"".join(blob.bytes() for blob in own.cert_chain_pems))
    return ca, (certificate, key)


@pytest.mark.ocpp("A00.FR.401", "A00.FR.402", "A00.FR.415")
@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
async def test_security_profile_3_shows_the_stations_certificate_and_no_password(
    authority: trustme.CA, tmp_path: Path, box: Box, version: ssl.TLSVersion
) -> None:
    ca, client = _files(authority, tmp_path)
    box.target = replace(box.target, security_profile=CLIENT_CERTIFICATE)
    box.tls = tls_context(ca, client=client)
    server = _server(authority, clients=authority)
    server.minimum_version = server.maximum_version = version
    async with running(Csms(), server) as csms, box.run(csms.url):
        peer = await csms.peer()
        await peer.called("BootNotification")
    assert "Authorization" not in peer.headers


@asynccontextmanager
async def _refusing(context: ssl.SSLContext) -> AsyncIterator[str]:
    """A TLS server that tells why it refuses a handshake, which asyncio's own server does not; gives its URL."""
    listener = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        while True:
            try:
                plain, _ = listener.accept()
            except OSError:
                return
            secure = context.wrap_socket(plain, server_side=True, do_handshake_on_connect=False)
            with suppress(OSError):
                secure.do_handshake()
            # Reading on lets the alert arrive before the end of the connection does.
            with socket.socket(fileno=secure.detach()) as rest, suppress(OSError):
                rest.shutdown(socket.SHUT_WR)
                while rest.recv(4096):
                    pass

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        yield f"wss://localhost:{listener.getsockname()[1]}/ocpp"
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        await asyncio.to_thread(thread.join)


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
async def test_certificate_that_the_csms_does_not_take_is_named_so(
    authority: trustme.CA, tmp_path: Path, box: Box, version: ssl.TLSVersion
) -> None:
    ca, client = _files(authority, tmp_path, issuer=trustme.CA())
    box.target = replace(box.target, security_profile=CLIENT_CERTIFICATE)
    box.tls = tls_context(ca, client=client)
    server = _server(authority, clients=authority)
    server.minimum_version = server.maximum_version = version
    async with _refusing(server) as url, box.run(url) as link:
        await eventually(lambda: link.status(STATION).problem == "csms-certificate-refused")
        await eventually(lambda: bool(box.handlers.security))
    assert [event for event, _ in box.handlers.security] == ["FailedToAuthenticateAtCsms"]


@pytest.mark.ocpp("A00.FR.308", "A00.FR.310", "A00.FR.311", "A00.FR.411", "A00.FR.413", "A00.FR.414")
@pytest.mark.parametrize("profile", [2, 3])
async def test_certificate_of_a_stranger_is_a_security_event_and_told_once(
    authority: trustme.CA, tmp_path: Path, box: Box, profile: int
) -> None:
    ca, client = _files(trustme.CA(), tmp_path)
    box.target = replace(box.target, security_profile=profile)
    box.tls = tls_context(ca, client=client if profile == CLIENT_CERTIFICATE else None)
    server, handshakes = _server(authority), []
    server.sni_callback = lambda *_: handshakes.append(1)
    async with running(Csms(), server) as csms, box.run(csms.url) as link:
        await eventually(lambda: link.status(STATION).problem == "csms-certificate-invalid" and len(handshakes) > 3)
    assert [event for event, _ in box.handlers.security] == ["InvalidCsmsCertificate", "CsmsFailedToAuthenticate"]
    assert not csms.attempts


@pytest.mark.ocpp("A00.FR.319", "A00.FR.422")
@pytest.mark.parametrize("suite", ["ECDHE-ECDSA-AES128-GCM-SHA256", "ECDHE-ECDSA-AES256-GCM-SHA384"])
@pytest.mark.parametrize("profile", [2, 3])
async def test_required_cipher_suites_are_spoken(
    authority: trustme.CA, tmp_path: Path, box: Box, profile: int, suite: str
) -> None:
    ca, client = _files(authority, tmp_path)
    box.target = replace(box.target, security_profile=profile)
    box.tls = tls_context(ca, client=client if profile == CLIENT_CERTIFICATE else None)
    server = _server(authority)
    server.maximum_version = ssl.TLSVersion.TLSv1_2
    server.set_ciphers(suite)
    async with running(Csms(), server) as csms, box.run(csms.url):
        await (await csms.peer()).called("BootNotification")


@pytest.mark.ocpp("A00.FR.320", "A00.FR.323", "A00.FR.423", "A00.FR.426")
@pytest.mark.parametrize("suite", ["ECDHE-ECDSA-NULL-SHA", "ECDHE-ECDSA-AES128-SHA"])
@pytest.mark.parametrize("profile", [2, 3])
async def test_csms_with_weak_ciphers_only_is_left_and_told(
    authority: trustme.CA, tmp_path: Path, box: Box, profile: int, suite: str
) -> None:
    ca, client = _files(authority, tmp_path)
    box.target = replace(box.target, security_profile=profile)
    box.tls = tls_context(ca, client=client if profile == CLIENT_CERTIFICATE else None)
    server = _server(authority)
    server.maximum_version = ssl.TLSVersion.TLSv1_2
    server.set_ciphers(f"{suite}:@SECLEVEL=0")
    async with _refusing(server) as url, box.run(url):
        await eventually(lambda: bool(box.handlers.security))
    assert [event for event, _ in box.handlers.security] == ["InvalidTLSCipherSuite"]


@pytest.mark.case("TC_A_06_CS")
@pytest.mark.ocpp("A00.FR.314", "A00.FR.316", "A00.FR.416", "A00.FR.417", "A00.FR.419")
@pytest.mark.filterwarnings("ignore:ssl.TLSVersion:DeprecationWarning")
@pytest.mark.parametrize("profile", [2, 3])
async def test_csms_with_old_tls_only_is_left_and_told(
    authority: trustme.CA, tmp_path: Path, box: Box, profile: int
) -> None:
    ca, client = _files(authority, tmp_path)
    box.target = replace(box.target, security_profile=profile)
    box.tls = tls_context(ca, client=client if profile == CLIENT_CERTIFICATE else None)
    server = _server(authority)
    server.minimum_version, server.maximum_version = ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1
    server.set_ciphers("ALL:@SECLEVEL=0")
    async with _refusing(server) as url, box.run(url):
        await eventually(lambda: bool(box.handlers.security))
    assert [event for event, _ in box.handlers.security] == ["InvalidTLSVersion"]


def test_old_tls_is_told_by_its_name() -> None:
    error = GatewayError("csms-tls-failed", host="h", port=1, reason="TLSV1_ALERT_PROTOCOL_VERSION")
    assert events_of(error) == ("InvalidTLSVersion",)
    assert events_of(GatewayError("csms-refused")) == ()


async def test_messages_that_are_none_are_a_security_event(csms: Csms, box: Box) -> None:
    async with box.run(csms.url):
        peer = await csms.peer()
        await peer.called("BootNotification")
        await peer.exchange(b"hello")
        await peer.exchange(b"hello")
    assert box.handlers.security == [("InvalidMessages", "not JSON")]


def test_key_of_another_certificate_is_refused(authority: trustme.CA, tmp_path: Path) -> None:
    ca, (certificate, _) = _files(authority, tmp_path)
    other = tmp_path / "other.key"
    trustme.CA().issue_cert("x").private_key_pem.write_to_path(str(other))
    with pytest.raises(GatewayError) as refused:
        tls_context(ca, client=(certificate, other))
    assert refused.value.code == "certificate-unusable"


# --- several ways -----------------------------------------------------------------------------------------------------


@dataclass
class Ways:
    """An access whose ways a test changes."""

    ways: list[Candidate] = field(default_factory=list)
    attempts: int = 1
    worked: list[Candidate] = field(default_factory=list)

    async def candidates(self, station: str) -> Candidates:
        del station
        return Candidates(ways=tuple(self.ways), attempts=self.attempts)

    async def connected(self, station: str, candidate: Candidate) -> None:
        del station
        self.worked.append(candidate)


@asynccontextmanager
async def running_by(box: Box, access: Ways) -> AsyncIterator[Link]:
    parts = Parts(outbox=box.outbox, handlers=box.handlers, schemas=SCHEMAS, now=lambda: NOW, random=lambda: 0.5)
    link = Link([box.target], parts, prefix="box-", access=access, timing=box.timing)
    link.hello(STATION)
    task = asyncio.create_task(link.run())
    try:
        yield link
    finally:
        task.cancel()
        await asyncio.wait([task])
        assert task.cancelled(), task.exception()


def _way(url: str, slot: int = 1, password: str = PASSWORD, *, fallback: bool = False) -> Candidate:
    return Candidate(target=Target(identity=STATION, url=url, password=password), slot=slot, fallback=fallback)


@pytest.mark.ocpp("A02.FR.28", "A03.FR.24", "B10.FR.08", "B10.FR.09")
def test_a_round_tries_each_way_so_often_and_former_credentials_last() -> None:
    old = _way("ws://a", fallback=True)
    first, second = _way("ws://a"), _way("ws://b", 2)
    route = Route(Candidates(ways=(first, old, second), attempts=2))
    seen = []
    for _ in range(7):
        seen.append(route.current)
        route.failed()
    assert seen == [first, first, second, second, old, old, first]


@pytest.mark.ocpp("B10.FR.03", "B10.FR.10")
async def test_the_next_profile_is_tried_and_told_with_a_boot(csms: Csms, box: Box) -> None:
    async with running(Csms()) as other:
        access = Ways(ways=[_way(csms.url), _way(other.url, 2)], attempts=2)
        csms.status = 503
        async with running_by(box, access) as link:
            peer = await other.peer()
            await peer.called("BootNotification")
            assert csms.attempts == 2
            assert link.status(STATION).url.startswith(other.url)
            csms.status = None
            await peer.socket.close()
            # Back to the first, which has to be told of the station, although that has not rebooted.
            await (await csms.peer()).called("BootNotification")
    assert [way.slot for way in access.worked] == [2, 1]


@pytest.mark.ocpp("B10.FR.04", "B10.FR.06", "A05.FR.05")
async def test_a_new_profile_counts_when_the_station_boots(csms: Csms, box: Box) -> None:
    async with running(Csms()) as other:
        access = Ways(ways=[_way(csms.url)])
        async with running_by(box, access) as link:
            peer = await csms.peer()
            await peer.called("BootNotification")
            await box_accepted(link)
            access.ways = [_way(other.url, 2), _way(csms.url)]
            left: list[bool] = []

            def look(_request: web.Request) -> bool:
                left.append(peer.socket.closed)
                return True

            other.accept = look
            link.reconnect(STATION, at_boot=True)
            assert link.accepted(STATION)
            link.boot_again(STATION, BootReason.REMOTE_RESET)
            boot = await (await other.peer()).called("BootNotification")
            assert boot.payload["reason"] == "RemoteReset"
            assert left == [True], "the first is left before the other is tried"
            assert peer.socket.closed
            assert peer.actions().count("BootNotification") == 1


async def box_accepted(link: Link) -> None:
    await eventually(lambda: link.status(STATION).state is LinkState.ACCEPTED)


async def test_the_answer_goes_out_before_the_connection_ends(csms: Csms, box: Box) -> None:
    access = Ways(ways=[_way(csms.url)])
    async with running_by(box, access) as link:

        async def change(payload: Json) -> Reply:
            del payload
            access.ways = [_way(csms.url, password="new-password-0123456")]
            link.reconnect(STATION)
            await asyncio.sleep(0)
            return Reply(payload={"status": "Accepted"})

        box.handlers.answers["ClearCache"] = change
        peer = await csms.peer()
        await peer.called("BootNotification")
        await box_accepted(link)
        answer = await peer.request("ClearCache", {})
        assert getattr(answer, "payload", None) == {"status": "Accepted"}
        await peer.gone()
        again = await csms.peer(2)
        assert again.headers["Authorization"] != peer.headers["Authorization"]
        await box_accepted(link)
        assert "BootNotification" not in again.actions()  # the same CSMS, which knows the station


async def test_former_password_is_taken_where_the_new_one_fails(csms: Csms, box: Box) -> None:
    csms.accept = lambda request: request.headers["Authorization"] == "Basic " + _basic(PASSWORD)
    access = Ways(ways=[_way(csms.url, password="new-password-0123456"), _way(csms.url, fallback=True)])
    async with running_by(box, access):
        await (await csms.peer()).called("BootNotification")
    assert [way.fallback for way in access.worked] == [True]
    assert [event for event, _ in box.handlers.security] == ["FailedToAuthenticateAtCsms"]


def _basic(password: str) -> str:
    return b64encode(f"{STATION}:{password}".encode()).decode()
