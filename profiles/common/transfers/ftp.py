"""Sessions of FTP (RFC 959) and FTPS with AUTH TLS (RFC 4217). The library blocks, so each transfer has a thread."""

from __future__ import annotations

import asyncio
import contextlib
import ftplib
import socket
from typing import TYPE_CHECKING, TypeVar

from typing_extensions import override

if TYPE_CHECKING:
    import ssl
    from collections.abc import Callable

    from yarl import URL

TIMEOUT = 30.0
"""Seconds that the server may be silent."""

T = TypeVar("T")


class FtpSession:
    """One session, which another thread may abort.

    Args:
        url: The server, with name and password.
        tls: None: without TLS.
    """

    def __init__(self, url: URL, tls: ssl.SSLContext | None) -> None:
        self._url = url
        self.ftp = ftplib.FTP(timeout=TIMEOUT) if tls is None else _Secured(context=tls, timeout=TIMEOUT)  # noqa: S321 the CSMS chooses
        self.aborted = False

    def sign_in(self) -> ftplib.FTP:
        """Connect and sign in; blocks.

        Raises:
            OSError, EOFError, ftplib.Error: it is not reached, or refuses.
            ValueError: a line break in a name.
        """
        self.ftp.connect(self._url.host or "", self._url.explicit_port or ftplib.FTP_PORT)
        self.ftp.login(self._url.user or "", self._url.password or "")
        if isinstance(self.ftp, ftplib.FTP_TLS):
            self.ftp.prot_p()
        return self.ftp

    def go_on(self) -> None:
        """Nothing, unless it has been aborted.

        Raises:
            EOFError: it has been.
        """
        if self.aborted:
            raise EOFError

    def leave(self) -> None:
        """Say good-bye; the transfer is done, whatever the server says to that. Blocks."""
        with contextlib.suppress(OSError, EOFError, ftplib.Error):
            self.ftp.quit()

    def abort(self) -> None:
        """Have what runs in the other thread end soon."""
        self.aborted = True
        connection = self.ftp.sock
        if connection is not None:
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)


async def in_thread(session: FtpSession, work: Callable[[], T]) -> T:
    """Do what blocks with a session in a thread; when the caller is cancelled, the session is aborted."""
    try:
        return await asyncio.to_thread(work)
    except asyncio.CancelledError:
        session.abort()
        raise


class _Secured(ftplib.FTP_TLS):
    """FTPS whose data connection resumes the TLS session of the control connection, as many servers demand."""

    @override
    def ntransfercmd(self, cmd: str, rest: int | str | None = None) -> tuple[socket.socket, int | None]:
        connection, size = super(ftplib.FTP_TLS, self).ntransfercmd(cmd, rest)
        session = getattr(self.sock, "session", None)
        return self.context.wrap_socket(connection, server_hostname=self.host, session=session), size
