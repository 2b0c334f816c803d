"""WebSocket pings at WebSocketPingInterval, and what follows if nothing comes back (OCPP 2.0.1 Part 4, 5.2 and 8.4)."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from gateway.link.connection import ConnectionLost

if TYPE_CHECKING:
    from gateway.link.connection import Connection
    from gateway.link.variables import Variables


async def keep_pinging(connection: Connection, variables: Variables, changed: asyncio.Event) -> None:
    """Ping until the connection is lost.

    Args:
        connection: to ping.
        variables: WebSocketPingInterval is read anew for each ping; 0 or less: no pings.
        changed: set when variables may have changed; cleared here.

    Raises:
        ConnectionLost: the CSMS did not answer in time.
    """
    while True:
        changed.clear()
        interval = variables.ping_interval
        try:
            async with asyncio.timeout(interval if interval > 0 else None):
                await changed.wait()
            continue
        except TimeoutError:
            pass
        if not await connection.alive():
            raise ConnectionLost("no answer to a ping")
