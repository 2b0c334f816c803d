"""Downloads over HTTP(S)."""

from __future__ import annotations

import asyncio
from http import HTTPStatus
from typing import TYPE_CHECKING

from aiohttp import ClientSession, ClientTimeout

from profiles.firmware.sink import receiving

if TYPE_CHECKING:
    import ssl
    from pathlib import Path

    from yarl import URL

CHUNK = 1 << 18
REDIRECTIONS = 5
TIMEOUT = ClientTimeout(total=4 * 3600, sock_connect=30, sock_read=60)


async def by_http(url: URL, target: Path, tls: ssl.SSLContext | None) -> bool:
    """Fetch a file once; False where the server has it not.

    Redirections are followed, but never from HTTPS to HTTP.

    Raises:
        OSError, aiohttp.ClientError: the server is not reached, or the file has no room.
    """
    async with (
        ClientSession(timeout=TIMEOUT, headers={"Accept-Encoding": "identity"}) as session,
        session.get(url, ssl=tls or True, max_redirects=REDIRECTIONS) as response,
    ):
        passed = (*(each.url for each in response.history), response.url)
        if response.status != HTTPStatus.OK or (tls is not None and any(each.scheme != "https" for each in passed)):
            return False
        async with receiving(target) as sink:
            if response.content_length is not None:
                await asyncio.to_thread(sink.expect, response.content_length)
            async for chunk in response.content.iter_chunked(CHUNK):
                await asyncio.to_thread(sink.write, chunk)
    return True
