"""What a box that runs for years has to do now and then."""

from __future__ import annotations

import asyncio
from itertools import count
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from gateway.store.storage import Storage

HOUR = 3600.0


async def keep_house(storage: Storage, now: Callable[[], datetime]) -> None:
    """Drop what is too old to be of use, once a day, and thin what has become too much, every hour; until cancelled.

    Raises:
        GatewayError: ``storage-failed``.
    """
    for hour in count(1):
        await asyncio.sleep(HOUR)
        await storage.outbox.thin()
        if hour % 24 == 0:
            await storage.forget_old(now())
