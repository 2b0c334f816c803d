"""The box's UNIX sockets, for its own commands: only the box's own user may speak to them."""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from pathlib import Path

    Answer = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]

PRIVATE = 0o077


async def serve_socket(path: Path, answer: Answer, ready: Callable[[], None] = lambda: None) -> None:
    """Serve until cancelled. A socket left by a killed run is replaced.

    Args:
        path: Of the socket; its folder is closed to all others.
        answer: Serves one connection, which is closed afterwards. Whoever hangs up, or says nothing in time, is no matter.
        ready: Told once connections are taken.
    """

    async def met(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ConnectionError, TimeoutError):
            await answer(reader, writer)
        writer.close()

    await asyncio.to_thread(_prepare, path)
    server = await asyncio.start_unix_server(met, path)
    ready()
    try:
        async with server:
            await server.serve_forever()
    finally:
        await asyncio.to_thread(path.unlink, missing_ok=True)


def _prepare(path: Path) -> None:
    path.parent.chmod(path.parent.stat().st_mode & ~PRIVATE)
    path.unlink(missing_ok=True)
