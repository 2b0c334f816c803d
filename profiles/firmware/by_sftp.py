"""Downloads over SFTP. Load this module in a thread: the library is large."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING

import asyncssh

from profiles.common.transfers.ssh import path_of, sftp_session
from profiles.firmware.sink import receiving

if TYPE_CHECKING:
    from pathlib import Path

    from yarl import URL

    from profiles.common.transfers.host_keys import HostKeys

logger = logging.getLogger(__name__)

CHUNK = 1 << 18


async def by_sftp(url: URL, target: Path, host_keys: HostKeys) -> bool:
    """Fetch a file once; False where the server does not give it.

    Raises:
        OSError: the server is not reached, or the file has no room.
    """
    try:
        async with sftp_session(url, host_keys) as session, session.open(path_of(url), "rb") as remote:
            size = (await remote.stat()).size
            async with receiving(target) as sink:
                if size is not None:
                    await asyncio.to_thread(sink.expect, size)
                while isinstance(chunk := await remote.read(CHUNK), bytes) and chunk:
                    await asyncio.to_thread(sink.write, chunk)
    except asyncssh.Error as error:
        logger.info("download: %s", type(error).__name__)
        return False
    return True
