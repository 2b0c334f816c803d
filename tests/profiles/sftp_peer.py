"""An SFTP server on the loopback interface, with files in memory."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import asyncssh
from typing_extensions import override

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

USER, PASSWORD = "box", "geheim"


@dataclass
class SftpPeer:
    """``files`` by path; ``error`` is what every file that is opened meets, ``users`` who has signed in."""

    files: dict[str, bytes] = field(default_factory=dict)
    error: Exception | None = None
    users: list[str] = field(default_factory=list)
    port: int = 0

    def url(self, path: str, user: str = USER, password: str = PASSWORD) -> str:
        """A URL with name and password."""
        return f"sftp://{user}:{password}@127.0.0.1:{self.port}{path}"


class _Door(asyncssh.SSHServer):
    def __init__(self, peer: SftpPeer) -> None:
        self._peer = peer

    @override
    def password_auth_supported(self) -> bool:
        return True

    @override
    def validate_password(self, username: str, password: str) -> bool:
        self._peer.users.append(username)
        return (username, password) == (USER, PASSWORD)


class _Files(asyncssh.SFTPServer):
    def __init__(self, channel: asyncssh.SSHServerChannel[bytes], peer: SftpPeer) -> None:
        super().__init__(channel)
        self._peer = peer

    @override
    def open(self, path: bytes, pflags: int, attrs: asyncssh.SFTPAttrs) -> object:
        if self._peer.error is not None:
            raise self._peer.error
        name = path.decode()
        if pflags & asyncssh.FXF_WRITE:
            self._peer.files[name] = b""
        elif name not in self._peer.files:
            raise asyncssh.SFTPNoSuchFile("no such file")
        return name

    @override
    def read(self, file_obj: object, offset: int, size: int) -> bytes:
        return self._peer.files[str(file_obj)][offset : offset + size]

    @override
    def write(self, file_obj: object, offset: int, data: bytes) -> int:
        held = self._peer.files[str(file_obj)].ljust(offset, b"\0")
        self._peer.files[str(file_obj)] = held[:offset] + data + held[offset + len(data) :]
        return len(data)

    @override
    def fstat(self, file_obj: object) -> asyncssh.SFTPAttrs:
        return asyncssh.SFTPAttrs(size=len(self._peer.files[str(file_obj)]))

    @override
    def close(self, file_obj: object) -> None:
        del file_obj


@asynccontextmanager
async def sftp_peer(key: asyncssh.SSHKey, port: int = 0) -> AsyncIterator[SftpPeer]:
    """A server with this key."""
    peer = SftpPeer()
    server = await asyncssh.listen(
        "127.0.0.1",
        port,
        config=None,
        server_host_keys=[key],
        server_factory=lambda: _Door(peer),
        sftp_factory=lambda channel: _Files(channel, peer),
    )
    peer.port = server.get_port()
    try:
        yield peer
    finally:
        server.close()
        await server.wait_closed()


async def host_key() -> asyncssh.SSHKey:
    """A new key."""
    return await asyncio.to_thread(asyncssh.generate_private_key, "ssh-ed25519")
