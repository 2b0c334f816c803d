"""Lines of JSON on the standard streams, without ever blocking the event loop on standard input."""

from __future__ import annotations

import asyncio
import os
import sys
import threading
from typing import TYPE_CHECKING, Protocol

import orjson

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping

_CHUNK = 65_536
_MAX_LINE = 1_048_576
_STDIN = 0


class Say(Protocol):
    """Prints one message."""

    def __call__(self, message: Mapping[str, object], /) -> None:
        """Print the message as one line of JSON."""


def say_on_stdout(message: Mapping[str, object], /) -> None:
    """Print a message as one line on standard output."""
    sys.stdout.write(orjson.dumps(message, default=str).decode() + "\n")
    sys.stdout.flush()


def say_on_stderr(message: Mapping[str, object], /) -> None:
    """Print a message as one line on standard error."""
    sys.stderr.write(orjson.dumps(message, default=str).decode() + "\n")
    sys.stderr.flush()


async def stdin_lines() -> AsyncIterator[bytes]:
    """Give the lines of standard input until its end, without their line ends.

    A thread of its own reads, because the loop's pipe transport serves neither files nor /dev/null and would switch a
    terminal, which standard output shares, to non-blocking. A line beyond 1 MiB comes in pieces.
    """
    loop = asyncio.get_running_loop()
    queue: asyncio.Queue[bytes | None] = asyncio.Queue()
    thread = threading.Thread(target=_pump, args=(loop, queue), name="stdin", daemon=True)
    thread.start()
    while (line := await queue.get()) is not None:
        yield line


def _pump(loop: asyncio.AbstractEventLoop, queue: asyncio.Queue[bytes | None]) -> None:
    try:
        rest = b""
        while chunk := _read():
            *lines, rest = (rest + chunk).split(b"\n")
            if len(rest) > _MAX_LINE:
                lines, rest = [*lines, rest], b""
            for line in lines:
                loop.call_soon_threadsafe(queue.put_nowait, line)
        if rest:
            loop.call_soon_threadsafe(queue.put_nowait, rest)
        loop.call_soon_threadsafe(queue.put_nowait, None)
    except RuntimeError:
        # The loop has closed while this thread was reading: nobody wants the lines any more.
        return


def _read() -> bytes:
    try:
        return os.read(_STDIN, _CHUNK)
    except OSError:
        # Closed or not readable: the same as its end.
        return b""
