"""Firmware on its way from real servers: HTTP, HTTPS, FTP, FTPS, SFTP; and what the disk can take."""

from __future__ import annotations

import asyncio
import errno
import logging
import shutil
import ssl
from collections import namedtuple
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
import trustme

from profiles.firmware import sink as sinks
from profiles.firmware.fetcher import Fetcher
from profiles.firmware.sink import Sink
from tests.fakes.box import ID, Box, open_box
from tests.profiles.diagnostics.ftp_peer import ftp_peer
from tests.profiles.firmware.file_peer import file_peer
from tests.profiles.sftp_peer import host_key, sftp_peer

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

CONTENT = bytes(range(256)) * 4096
Usage = namedtuple("Usage", ["total", "used", "free"])  # noqa: PYI024 - as the library has it


@pytest.fixture
async def box(tmp_path: Path) -> AsyncIterator[Box]:
    async with open_box(tmp_path) as opened:
        yield opened


@pytest.fixture
def target(tmp_path: Path) -> Path:
    return tmp_path / "fw.bin"


async def fetch(box: Box, location: str, target: Path) -> bytes | None:
    """Try once; what is there afterwards. Nothing is left beside it."""
    async with asyncio.timeout(20):
        done = await Fetcher(box.hub).fetch(ID, location, target)

    def found() -> bytes | None:
        assert not target.with_name("fw.bin.part").exists()
        return target.read_bytes() if target.exists() else None

    content = await asyncio.to_thread(found)
    assert done == (content is not None)
    return content


def authority() -> tuple[str, ssl.SSLContext]:
    """An authority's certificate, and a server's settings with one of its certificates."""
    made = trustme.CA()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    made.issue_cert("127.0.0.1").configure_cert(context)
    return made.cert_pem.bytes().decode(), context


async def test_by_http_with_the_password_of_the_url(box: Box, target: Path) -> None:
    async with file_peer() as peer:
        peer.files["/a/fw.bin"] = CONTENT
        peer.moved["/latest"] = "/a/fw.bin"
        assert await fetch(box, peer.url.replace("://", "://user:pass@") + "/latest", target) == CONTENT
        assert set(peer.users) == {"Basic dXNlcjpwYXNz"}
        await asyncio.to_thread(target.unlink)
        assert await fetch(box, f"{peer.url}/none", target) is None


@pytest.mark.ocpp("L01.FR.08", "L02.FR.05")
@pytest.mark.parametrize("scheme", ["https", "ftps"])
async def test_encrypted_from_a_server_whose_authority_is_the_backends(box: Box, target: Path, scheme: str) -> None:
    pem, tls = await asyncio.to_thread(authority)
    async with file_peer(tls) as web, ftp_peer(tls) as ftp:
        web.files["/a/fw.bin"] = ftp.files["a/fw.bin"] = CONTENT
        url = f"{web.url}/a/fw.bin" if scheme == "https" else f"ftps://user:pass@{ftp.address}/a/fw.bin"
        assert await fetch(box, url, target) is None
        box.member.installation = replace(box.member.installation, roots=pem)
        assert await fetch(box, url, target) == CONTENT
        assert ftp.protected == (scheme == "ftps")


async def test_what_was_asked_for_by_https_is_not_taken_from_http(box: Box, target: Path) -> None:
    pem, tls = await asyncio.to_thread(authority)
    box.member.installation = replace(box.member.installation, roots=pem)
    async with file_peer(tls) as secure, file_peer() as plain:
        plain.files["/fw.bin"] = CONTENT
        secure.moved["/fw.bin"] = f"{plain.url}/fw.bin"
        assert await fetch(box, f"{secure.url}/fw.bin", target) is None


async def test_by_ftp(box: Box, target: Path) -> None:
    async with ftp_peer() as peer:
        peer.files["a/b/fw.bin"] = CONTENT
        assert await fetch(box, f"ftp://us%40er:p%3Aw@{peer.address}/a/b/fw.bin", target) == CONTENT
        assert peer.users == [("us@er", "p:w")]
        await asyncio.to_thread(target.unlink)
        assert await fetch(box, f"ftp://{peer.address}/a/none", target) is None
        assert await fetch(box, f"ftp://{peer.address}/a%0d%0aDELE%20x", target) is None


async def test_a_download_by_ftp_can_be_given_up(box: Box, target: Path) -> None:
    async with ftp_peer() as peer:
        peer.files["a/fw.bin"] = CONTENT
        peer.go.clear()
        task = asyncio.create_task(fetch(box, f"ftp://{peer.address}/a/fw.bin", target))
        await peer.asked.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task


@pytest.mark.ocpp("L01.FR.08", "L02.FR.05")
async def test_by_sftp(box: Box, target: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    key = await host_key()
    async with sftp_peer(key) as peer:
        peer.files["/a/fw.bin"] = CONTENT
        assert await fetch(box, peer.url("/a/fw.bin"), target) == CONTENT
        await asyncio.to_thread(target.unlink)
        assert await fetch(box, peer.url("/a/none"), target) is None
        assert await fetch(box, peer.url("/a/fw.bin", password="other"), target) is None
        port = peer.port
    async with sftp_peer(await host_key(), port) as other:
        other.files["/a/fw.bin"] = CONTENT
        assert await fetch(box, other.url("/a/fw.bin"), target) is None
    assert "geheim" not in caplog.text


@pytest.mark.parametrize("scheme", ["http", "https", "ftp", "ftps", "sftp"])
async def test_a_server_that_is_not_there(box: Box, target: Path, scheme: str) -> None:
    async with file_peer() as peer:
        port = peer.url.rpartition(":")[2]
    assert await fetch(box, f"{scheme}://127.0.0.1:{port}/fw.bin", target) is None


@pytest.mark.parametrize("kind", ["large", "disk"])
async def test_what_the_disk_cannot_take_is_not_taken(
    box: Box, target: Path, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if kind == "large":
        monkeypatch.setattr(Sink.__init__, "__defaults__", (len(CONTENT) - 1, 0))
    else:
        monkeypatch.setattr(shutil, "disk_usage", lambda _path: Usage(1, 1, sinks.SPARE - 1))
    async with file_peer() as peer, sftp_peer(await host_key()) as ssh:
        peer.files["/fw.bin"] = ssh.files["/fw.bin"] = CONTENT
        assert await fetch(box, f"{peer.url}/fw.bin", target) is None
        assert await fetch(box, ssh.url("/fw.bin"), target) is None


def test_a_file_is_there_whole_or_not_at_all(target: Path) -> None:
    sink = Sink(target, 10, 0)
    sink.write(b"12345")
    assert not target.exists()
    with pytest.raises(OSError, match="too large") as raised:
        sink.write(b"123456")
    assert raised.value.errno == errno.EFBIG
    sink.close()
    assert list(target.parent.iterdir()) == []
    empty = Sink(target)
    with pytest.raises(OSError, match="empty"):
        empty.done()
    empty.close()
    whole = Sink(target)
    whole.write(b"x")
    whole.done()
    whole.close()
    assert target.read_bytes() == b"x"
