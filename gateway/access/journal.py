"""The security log of each station (OCPP 2.0.1 Part 2, A04.FR.04): on disk, bounded, one JSON object a line."""

from __future__ import annotations

import asyncio
import json
import os
from typing import TYPE_CHECKING
from urllib.parse import quote

from gateway.model.errors import GatewayError

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

BYTES_PER_FILE = 256 * 1024
"""A log has two files of this size at the most: the one that is written, and the one before."""


class SecurityJournal:
    """The logs of all stations; ``gateway.contracts.SecurityLog``.

    Args:
        folder: of the logs; it is made with the first line.
        limit: of a file, in bytes.
    """

    def __init__(self, folder: Path, limit: int = BYTES_PER_FILE) -> None:
        self._folder = folder
        self._limit = limit
        self._turn = asyncio.Lock()
        self._written: set[Path] = set()

    async def append(self, station: str, at: datetime, event: str, info: str = "") -> bool:
        """Add a line: when, what, and details.

        Returns:
            True where what this process had written before is gone.

        Raises:
            GatewayError: ``security-log-failed``.
        """
        line = json.dumps({"timestamp": at.isoformat(), "type": event, "techInfo": info}, ensure_ascii=False) + "\n"
        try:
            async with self._turn:
                return await asyncio.to_thread(self._append, self._path(station), line.encode("utf-8", "replace"))
        except OSError as error:
            raise GatewayError("security-log-failed", reason=type(error).__name__) from error

    async def read(self, station: str) -> bytes:
        """Everything that there is, the oldest line first.

        Raises:
            GatewayError: ``security-log-failed``.
        """
        try:
            async with self._turn:
                return await asyncio.to_thread(self._read, self._path(station))
        except OSError as error:
            raise GatewayError("security-log-failed", reason=type(error).__name__) from error

    def _path(self, station: str) -> Path:
        return self._folder / f"{quote(station, safe='').replace('.', '%2E')}.jsonl"

    def _append(self, path: Path, line: bytes) -> bool:
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        cleared = path in self._written and not path.exists()
        if path.exists() and path.stat().st_size + len(line) > self._limit:
            path.replace(_former(path))
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        with os.fdopen(handle, "ab") as file:
            file.write(line)
            file.flush()
            os.fsync(file.fileno())
        self._written.add(path)
        return cleared

    def _read(self, path: Path) -> bytes:
        return b"".join(each.read_bytes() for each in (_former(path), path) if each.exists())


def _former(path: Path) -> Path:
    return path.with_suffix(".1.jsonl")
