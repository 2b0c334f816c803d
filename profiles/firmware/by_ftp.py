"""Downloads over FTP and FTPS."""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from profiles.common.transfers.ftp import FtpSession, in_thread
from profiles.firmware.sink import receiving

if TYPE_CHECKING:
    import ssl
    from pathlib import Path

    from yarl import URL

    from profiles.firmware.sink import Sink

CHUNK = 1 << 18


async def by_ftp(url: URL, target: Path, tls: ssl.SSLContext | None) -> bool:
    """Fetch a file once, in passive mode; ``tls`` None: without TLS.

    Raises:
        OSError, EOFError, ftplib.Error: the server is not reached, or has it not, or the file has no room.
        ValueError: a line break in a name.
    """
    session = FtpSession(url, tls)
    async with receiving(target) as sink:
        await in_thread(session, lambda: _run(session, PurePosixPath(url.path.strip("/")), sink))
    return True


def _run(session: FtpSession, path: PurePosixPath, sink: Sink) -> None:
    def take(chunk: bytes) -> None:
        session.go_on()
        sink.write(chunk)

    try:
        ftp = session.sign_in()
        if path.parent.name:
            ftp.cwd(str(path.parent))
        ftp.retrbinary(f"RETR {path.name}", take, CHUNK)
        session.leave()
    finally:
        session.ftp.close()
