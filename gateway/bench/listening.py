"""The end of a server: what it has just accepted is closed like all else."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import socket
    from asyncio.trsock import TransportSocket
    from collections.abc import Iterable

_TURNS = 6
"""Of the event loop, until what was accepted is a connection."""


async def deafen(listeners: Iterable[socket.socket | TransportSocket]) -> None:
    """Accept nothing more, and wait until what was accepted is known as a connection.

    A server of asyncio that is closed in the moment between the two forgets the connection: its peer waits for ever.
    """
    loop = asyncio.get_running_loop()
    for each in listeners:
        loop.remove_reader(each.fileno())
    for _ in range(_TURNS):
        await asyncio.sleep(0)
