"""Uploads over SFTP. Load this module in a thread: the library is large."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

import asyncssh

from profiles.common.transfers.ssh import path_of, sftp_session
from profiles.diagnostics.results import Result

if TYPE_CHECKING:
    from yarl import URL

    from profiles.common.transfers.host_keys import HostKeys
    from profiles.diagnostics.files import LogFile

logger = logging.getLogger(__name__)


async def by_sftp(url: URL, file: LogFile, host_keys: HostKeys) -> Result:
    """Upload a file once, into the folder that the URL names."""
    folder = path_of(url).rstrip("/")
    try:
        async with sftp_session(url, host_keys) as session, session.open(f"{folder}/{file.name}", "wb") as remote:
            await remote.write(file.content)
    except (asyncssh.PermissionDenied, asyncssh.SFTPPermissionDenied):
        return Result.DENIED
    except asyncssh.SFTPOpUnsupported:
        return Result.NOT_SUPPORTED
    except (asyncssh.ProtocolError, asyncssh.SFTPBadMessage):
        return Result.BAD_MESSAGE
    except (asyncssh.Error, OSError) as error:
        logger.info("upload of %s: %s", file.name, type(error).__name__)
        return Result.FAILURE
    return Result.UPLOADED
