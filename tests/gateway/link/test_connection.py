"""Opening the connection: what is offered, what is refused, and what each failure is called."""

from __future__ import annotations

import asyncio
import logging
import socket
import ssl
from base64 import b64encode
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
import trustme
from aiohttp import ClientSession

from gateway.link.connection import connect
from gateway.link.status import LinkState
from gateway.link.target import Target, tls_context
from gateway.model.errors import GatewayError
from tests.gateway.link.csms import Csms, running
from tests.gateway.link.fakes import PASSWORD, STATION, TIMING, eventually, status_notification

if TYPE_CHECKING:
    from pathlib import Path

    from tests.gateway.link.fakes import Box


async def _failure(target: Target, tls: ssl.SSLContext | None = None, seconds: float = 5) -> GatewayError:
    async with ClientSession() as http:
        with pytest.raises(GatewayError) as error:
            await connect(http, target, tls, replace(TIMING, connect=seconds))
    return error.value


def _target(url: str, profile: int = 1) -> Target:
    return Target(identity=STATION, url=url, password=PASSWORD, security_profile=profile)


@pytest.mark.case("TC_A_01_CS")
@pytest.mark.ocpp("A00.FR.202", "A00.FR.203", "A00.FR.204")
async def test_handshake_offers_ocpp_201_with_basic_authentication(csms: Csms, box: Box) -> None:
    async with box.run(csms.url):
        peer = await csms.peer()
    assert peer.path == "/ocpp/CS-1"
    assert peer.headers["Sec-WebSocket-Protocol"] == "ocpp2.0.1"
    assert "Sec-WebSocket-Extensions" not in peer.headers
    assert peer.headers["Authorization"] == "Basic " + b64encode(f"CS-1:{PASSWORD}".encode()).decode()


@pytest.mark.parametrize(
    ("status", "code"),
    [(401, "csms-unauthorized"), (403, "csms-unauthorized"), (404, "csms-station-unknown"), (503, "csms-http-status")],
)
async def test_http_refusals_have_their_names(csms: Csms, status: int, code: str) -> None:
    csms.status = status
    error = await _failure(_target(csms.url))
    assert (error.code, error.params["status"]) == (code, status)
    assert PASSWORD not in str(error)


@pytest.mark.parametrize("subprotocols", [(), ("ocpp1.6",)])
async def test_csms_that_does_not_choose_ocpp_201_is_left(csms: Csms, subprotocols: tuple[str, ...]) -> None:
    csms.subprotocols = subprotocols
    error = await _failure(_target(csms.url))
    assert error.code == "csms-subprotocol-refused"
    await (await csms.peer()).gone()


async def test_nobody_there_is_refused() -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        error = await _failure(_target(f"ws://127.0.0.1:{unused.getsockname()[1]}/ocpp"))
    assert error.code == "csms-refused"


async def test_name_that_does_not_exist(monkeypatch: pytest.MonkeyPatch) -> None:
    async def nothing(*args: object, **kwargs: object) -> list[object]:
        del args, kwargs
        raise socket.gaierror(socket.EAI_NONAME, "unknown")

    monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", nothing)
    error = await _failure(_target("ws://csms.invalid/ocpp"))
    assert error.code == "csms-name-not-found"


async def test_peer_that_never_answers_the_handshake_times_out() -> None:
    async def mute(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()

    server = await asyncio.start_server(mute, "127.0.0.1", 0)
    async with server:
        port = server.sockets[0].getsockname()[1]
        error = await _failure(_target(f"ws://127.0.0.1:{port}/ocpp"), seconds=0.05)
    assert error.code == "csms-timeout"


async def test_something_that_is_no_http_is_unreachable() -> None:
    async def chatter(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"220 mail.example.com ESMTP\r\n")
        writer.close()

    server = await asyncio.start_server(chatter, "127.0.0.1", 0)
    async with server:
        port = server.sockets[0].getsockname()[1]
        error = await _failure(_target(f"ws://127.0.0.1:{port}/ocpp"))
    assert error.code in {"csms-unreachable", "csms-http-status"}


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


def _server(authority: trustme.CA, name: str = "localhost") -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(name).configure_cert(context)
    return context


def _client(authority: trustme.CA, folder: Path) -> ssl.SSLContext:
    path = folder / "ca.pem"
    authority.cert_pem.write_to_path(str(path))
    return tls_context(path)


@pytest.mark.case("TC_A_04_CS")
@pytest.mark.ocpp("A00.FR.301", "A00.FR.302", "A00.FR.312")
async def test_security_profile_2_talks_over_tls(authority: trustme.CA, tmp_path: Path, box: Box) -> None:
    box.target = replace(box.target, security_profile=2)
    box.tls = _client(authority, tmp_path)
    box.outbox.post(status_notification())
    async with running(Csms(), _server(authority)) as csms, box.run(csms.url):
        peer = await csms.peer()
        await peer.called("StatusNotification")
    assert peer.headers["Authorization"].startswith("Basic ")


@pytest.mark.ocpp("A00.FR.308", "A00.FR.311")
async def test_certificate_of_another_authority_is_refused(authority: trustme.CA, tmp_path: Path) -> None:
    client = _client(trustme.CA(), tmp_path)
    async with running(Csms(), _server(authority)) as csms:
        error = await _failure(_target(csms.url, 2), client)
    assert error.code == "csms-certificate-invalid"
    assert error.params["reason"]
    assert not csms.attempts


@pytest.mark.case("TC_A_05_CS")
@pytest.mark.ocpp("A00.FR.309", "A00.FR.311")
async def test_certificate_of_another_name_is_refused(authority: trustme.CA, tmp_path: Path) -> None:
    client = _client(authority, tmp_path)
    async with running(Csms(), _server(authority, "other.example.com")) as csms:
        error = await _failure(_target(csms.url, 2), client)
    assert error.code == "csms-certificate-invalid"
    assert not csms.attempts


@pytest.mark.ocpp("A00.FR.313")
@pytest.mark.filterwarnings("ignore:ssl.TLSVersion:DeprecationWarning")
async def test_tls_older_than_1_2_is_refused(authority: trustme.CA, tmp_path: Path) -> None:
    server = _server(authority)
    server.minimum_version = ssl.TLSVersion.TLSv1
    server.maximum_version = ssl.TLSVersion.TLSv1_1
    server.set_ciphers("ALL:@SECLEVEL=0")
    client = _client(authority, tmp_path)
    async with running(Csms(), server) as csms:
        error = await _failure(_target(csms.url, 2), client)
    # A server that resets without an alert cannot be told from one that is away.
    assert error.code in {"csms-tls-failed", "csms-unreachable"}
    assert client.minimum_version is ssl.TLSVersion.TLSv1_2
    assert not csms.attempts


async def test_tls_to_a_plain_server_fails_as_tls(csms: Csms, tmp_path: Path, authority: trustme.CA) -> None:
    error = await _failure(_target(csms.url.replace("ws://", "wss://"), 2), _client(authority, tmp_path))
    assert error.code == "csms-tls-failed"


async def test_however_long_the_csms_would_have_it_wait_it_comes_back(csms: Csms, box: Box) -> None:
    box.handlers.variables.update(RetryBackOffWaitMinimum=86_400, RetryBackOffRepeatTimes=20)
    box.timing = replace(box.timing, longest_away=0.02)
    async with box.run(csms.url):
        await (await csms.peer(1)).socket.close()
        await csms.peer(2)


async def test_loss_and_return_are_logged_once_without_the_password(
    csms: Csms, box: Box, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "gateway.link")
    csms.status = 401
    async with box.run(csms.url) as link:
        await eventually(lambda: csms.attempts >= 4)
        assert link.status(STATION).state is LinkState.CONNECTING
        assert link.status(STATION).problem == "csms-unauthorized"
        csms.status = None
        await box.state(LinkState.ACCEPTED)
        assert link.status(STATION).problem == ""
    assert [r.levelname for r in caplog.records if "csms-unauthorized" in r.getMessage()] == ["WARNING"]
    assert len([r for r in caplog.records if "connected to the CSMS" in r.getMessage()]) == 1
    assert PASSWORD not in caplog.text
    assert b64encode(PASSWORD.encode()).decode() not in caplog.text
