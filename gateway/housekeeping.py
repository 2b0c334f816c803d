"""What a box that runs for years has to do now and then."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from gateway.store.storage import Storage

DAY = 86_400.0


async def keep_house(storage: Storage, now: Callable[[], datetime]) -> None:
    """Drop what is too old to be of use, once a day, until cancelled.

    Raises:
        GatewayError: ``storage-failed``.
    """
    while True:
        await asyncio.sleep(DAY)
        await storage.forget_old(now())
