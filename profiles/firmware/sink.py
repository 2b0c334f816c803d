"""A file that is being fetched: beside its place until it is whole, and never more than the disk can spare."""

from __future__ import annotations

import asyncio
import errno
import os
import shutil
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

LARGEST = 512 << 20
"""Bytes of the largest firmware that is taken."""

SPARE = 64 << 20
"""Bytes of the disk that stay free for what the box has to keep."""


class Sink:
    """Takes a file piece by piece; all of it blocks.

    Args:
        target: Where the file is to be; its folder has to be there.
        largest: It may have so many bytes.
        spare: So many have to stay free on the disk.

    Raises:
        OSError: it cannot be written.
    """

    def __init__(self, target: Path, largest: int = LARGEST, spare: int = SPARE) -> None:
        self._target = target
        self._part = target.with_name(f"{target.name}.part")
        self._largest = largest
        self._spare = spare
        self._size = 0
        self._file = self._part.open("wb")

    def expect(self, size: int) -> None:
        """Make sure that so many bytes have room.

        Raises:
            OSError: they have not: ``EFBIG`` or ``ENOSPC``.
        """
        if size > self._largest:
            raise OSError(errno.EFBIG, "too large")
        if shutil.disk_usage(self._part.parent).free < size - self._size + self._spare:
            raise OSError(errno.ENOSPC, "no room")

    def write(self, chunk: bytes) -> None:
        """Take the next piece.

        Raises:
            OSError: it has no room, as for ``expect``, or cannot be written.
        """
        self.expect(self._size + len(chunk))
        self._file.write(chunk)
        self._size += len(chunk)

    def done(self) -> None:
        """Put the whole file where it is to be.

        Raises:
            OSError: it cannot be, or there is nothing in it.
        """
        if not self._size:
            raise OSError(errno.ENODATA, "empty")
        self._file.flush()
        os.fsync(self._file.fileno())
        self._part.replace(self._target)

    def close(self) -> None:
        """Let go; what is not whole is gone."""
        self._file.close()
        self._part.unlink(missing_ok=True)


@asynccontextmanager
async def receiving(target: Path) -> AsyncIterator[Sink]:
    """Fetch a file; when this ends in order, it is there.

    Raises:
        OSError: it cannot be written, or has no room.
    """
    sink = await asyncio.to_thread(Sink, target)
    try:
        yield sink
        await asyncio.to_thread(sink.done)
    finally:
        await asyncio.to_thread(sink.close)
