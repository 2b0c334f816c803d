"""Files on their way to real servers: HTTP, HTTPS, FTP, FTPS."""

from __future__ import annotations

import asyncio
import ssl
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
import trustme
from yarl import URL

from profiles.common.transfers.locations import address
from profiles.diagnostics.results import Result
from tests.fakes.box import ID, Box, open_box
from tests.profiles.diagnostics.carrying import FILE, carry
from tests.profiles.diagnostics.ftp_peer import ftp_peer
from tests.profiles.diagnostics.http_peer import http_peer

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path


@pytest.fixture
async def box(tmp_path: Path) -> AsyncIterator[Box]:
    async with open_box(tmp_path) as opened:
        yield opened


def authority() -> tuple[str, ssl.SSLContext]:
    """An authority's certificate, and a server's settings with one of its certificates."""
    made = trustme.CA()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    made.issue_cert("127.0.0.1").configure_cert(context)
    return made.cert_pem.bytes().decode(), context


async def test_a_file_is_put_into_the_folder_with_the_password_of_the_url(box: Box) -> None:
    async with http_peer() as peer:
        url = peer.url.replace("://", "://user:pass@") + "/logs/"
        assert await carry(box, url) is Result.UPLOADED
        assert peer.files == {"/logs/a.json": FILE.content}
        assert peer.users == ["Basic dXNlcjpwYXNz"]


async def test_a_url_with_a_query_is_the_place_of_the_file_itself(box: Box) -> None:
    async with http_peer() as peer:
        assert await carry(box, f"{peer.url}/bucket/key?sig=abc") is Result.UPLOADED
        assert list(peer.files) == ["/bucket/key?sig=abc"]


@pytest.mark.ocpp("N01.FR.19")
async def test_a_server_that_takes_no_put_gets_a_form_with_the_files_name_and_type(box: Box) -> None:
    async with http_peer() as peer:
        peer.posts_only = True
        assert await carry(box, f"{peer.url}/logs") is Result.UPLOADED
        assert peer.forms == [("/logs", "a.json", "application/octet-stream")]
        assert peer.files["a.json"] == FILE.content


@pytest.mark.parametrize(
    ("status", "result"),
    [
        (401, Result.DENIED),
        (403, Result.DENIED),
        (400, Result.BAD_MESSAGE),
        (413, Result.BAD_MESSAGE),
        (302, Result.FAILURE),
        (500, Result.FAILURE),
    ],
)
async def test_what_a_web_server_refuses_is_told_as_what_it_is(box: Box, status: int, result: Result) -> None:
    async with http_peer() as peer:
        peer.statuses = [status]
        assert await carry(box, f"{peer.url}/logs") is result


async def test_a_web_server_that_takes_neither_put_nor_post_does_not_support_it(box: Box) -> None:
    async with http_peer() as peer:
        peer.statuses = [405, 501]
        assert await carry(box, f"{peer.url}/logs") is Result.NOT_SUPPORTED


@pytest.mark.parametrize("scheme", ["http", "ftp", "ftps", "https"])
async def test_a_server_that_is_not_there_is_a_failure(box: Box, scheme: str) -> None:
    async with http_peer() as peer:
        port = URL(peer.url).port
    assert await carry(box, f"{scheme}://127.0.0.1:{port}/logs") is Result.FAILURE


@pytest.mark.ocpp("N01.FR.15")
@pytest.mark.parametrize("scheme", ["https", "ftps"])
async def test_a_server_is_trusted_if_its_authority_is_the_backends(box: Box, scheme: str) -> None:
    pem, tls = await asyncio.to_thread(authority)
    async with http_peer(tls) as web, ftp_peer(tls) as ftp:
        url = f"{web.url}/logs" if scheme == "https" else f"ftps://user:pass@{ftp.address}/logs"
        assert await carry(box, url) is Result.FAILURE
        box.member.installation = replace(box.member.installation, roots=pem)
        assert await carry(box, url) is Result.UPLOADED
        assert ftp.protected == (scheme == "ftps")
        box.member.installation = replace(box.member.installation, roots="")
        await box.hub.vault.keep(ID, {"csms-root-1.pem": pem})
        assert await carry(box, url) is Result.UPLOADED


@pytest.mark.ocpp("N01.FR.16")
async def test_a_server_is_trusted_if_the_system_trusts_its_authority(
    box: Box, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pem, tls = await asyncio.to_thread(authority)
    file = tmp_path / "system.pem"
    await asyncio.to_thread(file.write_text, pem)
    async with http_peer(tls) as peer:
        assert await carry(box, f"{peer.url}/logs") is Result.FAILURE
        monkeypatch.setenv("SSL_CERT_FILE", str(file))
        assert await carry(box, f"{peer.url}/logs") is Result.UPLOADED


async def test_a_file_is_stored_in_the_folder_of_the_ftp_url(box: Box) -> None:
    async with ftp_peer() as peer:
        assert await carry(box, f"ftp://us%40er:p%3Aw@{peer.address}/logs/today/") is Result.UPLOADED
        assert peer.files == {"logs/today/a.json": FILE.content}
        assert peer.users == [("us@er", "p:w")]


@pytest.mark.parametrize(
    ("verb", "answer", "result"),
    [
        ("PASS", "530 no", Result.DENIED),
        ("CWD", "550 no such folder", Result.DENIED),
        ("STOR", "553 name", Result.DENIED),
        ("STOR", "502 no", Result.NOT_SUPPORTED),
        ("STOR", "500 what", Result.BAD_MESSAGE),
        ("PASV", "hello", Result.BAD_MESSAGE),
        ("STOR", "452 full", Result.FAILURE),
    ],
)
async def test_what_an_ftp_server_refuses_is_told_as_what_it_is(
    box: Box, verb: str, answer: str, result: Result
) -> None:
    async with ftp_peer() as peer:
        peer.answers[verb] = answer
        assert await carry(box, f"ftp://{peer.address}/logs") is result
        assert peer.files == {}


async def test_an_ftp_server_without_tls_gets_no_password_over_ftps(box: Box) -> None:
    async with ftp_peer() as peer:
        assert await carry(box, f"ftps://user:pass@{peer.address}/logs") is Result.NOT_SUPPORTED
        assert peer.users == []


async def test_an_ftp_upload_can_be_given_up(box: Box) -> None:
    async with ftp_peer() as peer:
        peer.go.clear()
        task = asyncio.create_task(carry(box, f"ftp://{peer.address}/logs"))
        await peer.asked.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert peer.files == {}


async def test_no_line_break_gets_into_an_ftp_command(box: Box) -> None:
    async with ftp_peer() as peer:
        assert await carry(box, f"ftp://{peer.address}/a%0d%0aDELE%20x") is Result.BAD_MESSAGE


@pytest.mark.parametrize("text", ["http://[::1/x", "http://host:99999/", "x", "http://host:0/x"])
def test_what_is_no_address(text: str) -> None:
    assert address(text) is None
