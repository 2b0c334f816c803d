"""SFTP sessions. Load this module in a thread: the library is large."""

from __future__ import annotations

import asyncio
import logging
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import asyncssh
from typing_extensions import override

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from yarl import URL

    from profiles.common.transfers.host_keys import HostKeys

logger = logging.getLogger(__name__)

PORT = 22
TIMEOUT = 30.0
"""Seconds for the way to the server, for the sign-in, and (a quarter each time) that it may be silent."""

_HOME = "/~/"


class _Client(asyncssh.SSHClient):
    """Believes a server that nothing is known of; ``met`` is its key then."""

    def __init__(self, *, known: bool) -> None:
        self._known = known
        self.met: asyncssh.SSHKey | None = None

    @override
    def validate_host_public_key(self, host: str, addr: str, port: int, key: asyncssh.SSHKey) -> bool:
        if self._known:
            return False
        self.met = key
        return True


@asynccontextmanager
async def sftp_session(url: URL, host_keys: HostKeys) -> AsyncIterator[asyncssh.SFTPClient]:
    """Sign in with the name and password of a URL, and nothing else of this machine.

    Raises:
        OSError: the server is not reached, or its key cannot be kept.
        asyncssh.Error: it is not the server that it was (``HostKeyNotVerifiable``), refuses, or is lost.
    """
    host, port = url.host or "", url.explicit_port or PORT
    known = await asyncio.to_thread(_known, host_keys, host, port)
    client = _Client(known=any(known))
    options = asyncssh.SSHClientConnectionOptions(
        config=None,
        known_hosts=known,
        username=url.user or "",
        password=url.password or "",
        client_keys=None,
        agent_path=None,
        gss_host=None,
        x509_trusted_certs=None,
        x509_trusted_cert_paths=[],
        preferred_auth="password,keyboard-interactive",
        connect_timeout=TIMEOUT,
        login_timeout=TIMEOUT,
        keepalive_interval=TIMEOUT / 4,
        keepalive_count_max=4,
        client_factory=lambda: client,
    )
    try:
        async with asyncssh.connect(host, port, options=options) as connection:
            if client.met is not None:
                key = client.met.export_public_key("openssh").decode("ascii").split()
                await asyncio.to_thread(host_keys.add, host, port, PORT, " ".join(key[:2]))
                logger.info(
                    "SFTP server %s port %d is met for the first time: %s", host, port, client.met.get_fingerprint()
                )
            async with connection.start_sftp_client() as session:
                yield session
    except asyncssh.HostKeyNotVerifiable:
        logger.warning("SFTP server %s port %d has another key than the one in %s", host, port, host_keys.path)
        raise


def path_of(url: URL) -> str:
    """The path that a URL names at the server; below ``/~/`` it is one of the user's own folder."""
    return url.path.removeprefix(_HOME) if url.path.startswith(_HOME) else url.path


def _known(host_keys: HostKeys, host: str, port: int) -> tuple[list[asyncssh.SSHKey], ...]:
    """Keys, authorities' keys and revoked keys of a server."""
    asyncssh.set_log_level(logging.WARNING)  # it tells of each connection
    kept = asyncssh.import_known_hosts(host_keys.text())
    trusted, authorities, revoked, *_ = asyncssh.match_known_hosts(kept, host, "", port)
    return list(trusted), list(authorities), list(revoked)
