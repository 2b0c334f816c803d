"""Logs on their way to an SFTP server, and the servers that the box believes."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING

import asyncssh
import pytest

from profiles.diagnostics.results import Result
from tests.fakes.box import Box, open_box
from tests.profiles.diagnostics.carrying import FILE, carry
from tests.profiles.sftp_peer import USER, host_key, sftp_peer

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path


@pytest.fixture
async def box(tmp_path: Path) -> AsyncIterator[Box]:
    async with open_box(tmp_path) as opened:
        yield opened


async def test_a_file_is_stored_in_the_folder_of_the_url(box: Box) -> None:
    async with sftp_peer(await host_key()) as peer:
        assert await carry(box, peer.url("/logs/")) is Result.UPLOADED
        assert await carry(box, peer.url("/~/mine")) is Result.UPLOADED
        assert peer.files == {"/logs/a.json": FILE.content, "mine/a.json": FILE.content}
        assert set(peer.users) == {USER}


async def test_a_server_is_known_again_and_a_changed_key_is_refused(box: Box, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    key = await host_key()
    async with sftp_peer(key) as peer:
        port = peer.port
        assert await carry(box, peer.url("/x")) is Result.UPLOADED
        assert await carry(box, peer.url("/x")) is Result.UPLOADED
        kept = await asyncio.to_thread((box.hub.folder("ssh") / "known_hosts").read_text)
        public = " ".join(key.export_public_key("openssh").decode().split()[:2])
        assert kept == f"[127.0.0.1]:{port} {public}\n"
    async with sftp_peer(await host_key(), port) as other:
        assert await carry(box, other.url("/x")) is Result.FAILURE
        assert other.users == []  # no password for it
    assert "another key" in caplog.text
    assert "geheim" not in caplog.text


async def test_a_person_can_say_beforehand_who_the_server_is(box: Box) -> None:
    right, wrong = await host_key(), await host_key()
    file = box.hub.folder("ssh") / "known_hosts"

    def write(text: str) -> None:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)

    async with sftp_peer(right) as peer:
        line = f"[127.0.0.1]:{peer.port} "
        await asyncio.to_thread(write, line + wrong.export_public_key("openssh").decode())
        assert await carry(box, peer.url("/x")) is Result.FAILURE
        await asyncio.to_thread(write, line + right.export_public_key("openssh").decode())
        assert await carry(box, peer.url("/x")) is Result.UPLOADED


async def test_a_wrong_password_is_denied(box: Box) -> None:
    async with sftp_peer(await host_key()) as peer:
        assert await carry(box, peer.url("/x", password="other")) is Result.DENIED


@pytest.mark.parametrize(
    ("error", "result"),
    [
        (asyncssh.SFTPPermissionDenied("no"), Result.DENIED),
        (asyncssh.SFTPOpUnsupported("no"), Result.NOT_SUPPORTED),
        (asyncssh.SFTPBadMessage("what"), Result.BAD_MESSAGE),
        (asyncssh.SFTPNoSuchFile("no such folder"), Result.FAILURE),
    ],
)
async def test_what_a_server_refuses_is_told_as_what_it_is(box: Box, error: Exception, result: Result) -> None:
    async with sftp_peer(await host_key()) as peer:
        peer.error = error
        assert await carry(box, peer.url("/x")) is result


async def test_a_server_that_is_not_there_is_a_failure(box: Box) -> None:
    async with sftp_peer(await host_key()) as peer:
        url = peer.url("/x")
    assert await carry(box, url) is Result.FAILURE
