"""Sending a file in pieces: no more of it is in memory than the peer takes at a time."""

from __future__ import annotations

import asyncio
import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from pathlib import Path

CHUNK = 64 * 1024
STALL = 60.0
"""Seconds that a peer may take none of it."""


async def pour(file: Path, head: Callable[[int], bytes], write: Callable[[bytes], Awaitable[None]]) -> None:
    """Send a file.

    Args:
        file: the file.
        head: what goes before a content of so many bytes.
        write: sends bytes, and returns when more are welcome.

    Raises:
        OSError: it cannot be read, or (TimeoutError) the peer takes nothing any more.
        EOFError: it is shorter than it was.
    """
    opened = await asyncio.to_thread(file.open, "rb")
    try:
        left = (await asyncio.to_thread(os.fstat, opened.fileno())).st_size
        await write(head(left))
        while left:
            chunk = await asyncio.to_thread(opened.read, min(CHUNK, left))
            if not chunk:
                raise EOFError
            left -= len(chunk)
            async with asyncio.timeout(STALL):
                await write(chunk)
    finally:
        opened.close()
