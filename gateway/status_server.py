"""The UNIX socket for ``stationlift status``: one document, then the end of the stream."""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING

from gateway.status import to_json

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from gateway.status import Status

PRIVATE = 0o077


async def serve_status(path: Path, report: Callable[[], Status]) -> None:
    """Serve until cancelled; only the box's own user may ask. A socket left by a killed run is replaced."""

    async def answer(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ConnectionError):
            writer.write(to_json(report()))
            await writer.drain()
        writer.close()

    await asyncio.to_thread(prepare_socket, path)
    server = await asyncio.start_unix_server(answer, path)
    try:
        async with server:
            await server.serve_forever()
    finally:
        await asyncio.to_thread(path.unlink, missing_ok=True)


def prepare_socket(path: Path) -> None:
    """Close the folder to all others, and take away what a killed run has left."""
    path.parent.chmod(path.parent.stat().st_mode & ~PRIVATE)
    path.unlink(missing_ok=True)
