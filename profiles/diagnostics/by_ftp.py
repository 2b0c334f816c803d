"""Uploads over FTP (RFC 959) and FTPS with AUTH TLS (RFC 4217). The library blocks, so each upload has a thread."""

from __future__ import annotations

import asyncio
import contextlib
import ftplib
import io
import logging
import socket
from typing import TYPE_CHECKING

from typing_extensions import override

from profiles.diagnostics.results import Result

if TYPE_CHECKING:
    import ssl

    from yarl import URL

    from profiles.diagnostics.files import LogFile

logger = logging.getLogger(__name__)

TIMEOUT = 30.0
"""Seconds that the server may be silent."""

_DENIED = {"530", "532", "534", "550", "553"}
_BAD = {"500", "501", "503", "504"}
_NOT_SUPPORTED = {"502"}


async def by_ftp(url: URL, file: LogFile, tls: ssl.SSLContext | None) -> Result:
    """Upload a file once, into the folder that the URL names; ``tls`` None: without TLS."""
    transfer = _Transfer(url, file, tls)
    try:
        return await asyncio.to_thread(transfer.run)
    except asyncio.CancelledError:
        transfer.abort()
        raise


class _Transfer:
    """One upload, which another thread may abort."""

    def __init__(self, url: URL, file: LogFile, tls: ssl.SSLContext | None) -> None:
        self._url = url
        self._file = file
        self._ftp = ftplib.FTP(timeout=TIMEOUT) if tls is None else _Secured(context=tls, timeout=TIMEOUT)  # noqa: S321 the CSMS chooses
        self._aborted = False

    def run(self) -> Result:
        """Upload; blocks."""
        try:
            self._upload()
        except ftplib.error_perm as error:
            return _result(str(error)[:3])
        except (ftplib.error_proto, ftplib.error_reply):
            return Result.BAD_MESSAGE
        except (OSError, EOFError, ftplib.Error) as error:
            if not self._aborted:
                logger.info("upload of %s: %s", self._file.name, type(error).__name__)
            return Result.FAILURE
        except ValueError:  # a line break in a name
            return Result.BAD_MESSAGE
        finally:
            self._ftp.close()
        return Result.UPLOADED

    def abort(self) -> None:
        """Have ``run`` end soon."""
        self._aborted = True
        connection = self._ftp.sock
        if connection is not None:
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)

    def _upload(self) -> None:
        url, ftp = self._url, self._ftp
        ftp.connect(url.host or "", url.explicit_port or ftplib.FTP_PORT)
        ftp.login(url.user or "", url.password or "")
        if isinstance(ftp, ftplib.FTP_TLS):
            ftp.prot_p()
        folder = url.path.strip("/")
        if folder:
            ftp.cwd(folder)
        ftp.storbinary(f"STOR {self._file.name}", io.BytesIO(self._file.content), callback=self._go_on)
        with contextlib.suppress(OSError, EOFError, ftplib.Error):  # the file is there
            ftp.quit()

    def _go_on(self, _block: object) -> None:
        if self._aborted:
            raise EOFError


class _Secured(ftplib.FTP_TLS):
    """FTPS whose data connection resumes the TLS session of the control connection, as many servers demand."""

    @override
    def ntransfercmd(self, cmd: str, rest: int | str | None = None) -> tuple[socket.socket, int | None]:
        connection, size = super(ftplib.FTP_TLS, self).ntransfercmd(cmd, rest)
        session = getattr(self.sock, "session", None)
        return self.context.wrap_socket(connection, server_hostname=self.host, session=session), size


def _result(code: str) -> Result:
    if code in _DENIED:
        return Result.DENIED
    if code in _NOT_SUPPORTED:
        return Result.NOT_SUPPORTED
    return Result.BAD_MESSAGE if code in _BAD else Result.FAILURE
