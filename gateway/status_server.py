"""The UNIX socket for ``stationlift status``: one document, then the end of the stream."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gateway.status import to_json
from gateway.unix_socket import serve_socket

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Callable
    from pathlib import Path

    from gateway.status import Status


async def serve_status(path: Path, report: Callable[[], Status]) -> None:
    """Serve until cancelled."""

    async def answer(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(to_json(report()))
        await writer.drain()

    await serve_socket(path, answer)
