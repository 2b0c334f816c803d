"""Uploads over FTP and FTPS."""

from __future__ import annotations

import ftplib
import io
import logging
from typing import TYPE_CHECKING

from profiles.common.transfers.ftp import FtpSession, in_thread
from profiles.diagnostics.results import Result

if TYPE_CHECKING:
    import ssl

    from yarl import URL

    from profiles.diagnostics.files import LogFile

logger = logging.getLogger(__name__)

_DENIED = {"530", "532", "534", "550", "553"}
_BAD = {"500", "501", "503", "504"}
_NOT_SUPPORTED = {"502"}


async def by_ftp(url: URL, file: LogFile, tls: ssl.SSLContext | None) -> Result:
    """Upload a file once, into the folder that the URL names; ``tls`` None: without TLS."""
    session = FtpSession(url, tls)
    return await in_thread(session, lambda: _run(session, url, file))


def _run(session: FtpSession, url: URL, file: LogFile) -> Result:
    try:
        ftp = session.sign_in()
        folder = url.path.strip("/")
        if folder:
            ftp.cwd(folder)
        ftp.storbinary(f"STOR {file.name}", io.BytesIO(file.content), callback=lambda _block: session.go_on())
        session.leave()
    except ftplib.error_perm as error:
        return _result(str(error)[:3])
    except (ftplib.error_proto, ftplib.error_reply):
        return Result.BAD_MESSAGE
    except (OSError, EOFError, ftplib.Error) as error:
        if not session.aborted:
            logger.info("upload of %s: %s", file.name, type(error).__name__)
        return Result.FAILURE
    except ValueError:  # a line break in a name
        return Result.BAD_MESSAGE
    finally:
        session.ftp.close()
    return Result.UPLOADED


def _result(code: str) -> Result:
    if code in _DENIED:
        return Result.DENIED
    if code in _NOT_SUPPORTED:
        return Result.NOT_SUPPORTED
    return Result.BAD_MESSAGE if code in _BAD else Result.FAILURE
