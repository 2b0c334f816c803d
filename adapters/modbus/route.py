"""The way to a bus: opened, given up, opened again, and told of once in the log."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING

from adapters.common.wire import Unreachable

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from adapters.modbus.channels import Channel
    from adapters.modbus.manners import Manners

logger = logging.getLogger(__name__)

CONNECT_S = 5.0
"""Seconds for a connection to be made."""

FIRST_PAUSE, LAST_PAUSE = 0.5, 30.0
"""Seconds to the next try after one that failed: doubled each time."""

FRUITLESS = 10
"""So many connections without one answer are as good as none. Finding what a station closes them for takes some."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a bus is.

    Attributes:
        name: For people, and for telling buses apart: ``192.168.1.30:502``, ``/dev/ttyUSB0``.
        open: Opens the way; OSError or Unreachable where it cannot be.
        character: Seconds that a character takes on a serial line; 0 where that is not ours to wait for.
        silence: Seconds that have to be between two frames.
        quiet: For a scan: nothing is logged, and connections that end without an answer are no news.
    """

    name: str
    open: Callable[[], Awaitable[Channel]]
    character: float = 0.0
    silence: float = 0.0
    quiet: bool = False


class Route:
    """The channel of one bus. Its user holds the bus's lock."""

    def __init__(self, place: Place) -> None:
        self._place = place
        self._channel: Channel | None = None
        self._opened = 0.0
        self._next_try = 0.0
        self._pause = 0.0
        self._fruitless = 0
        self._lost = False
        self._reason = ""

    @property
    def channel(self) -> Channel | None:
        """The open channel."""
        return None if self._channel is None or self._channel.closed else self._channel

    async def ready(self, manners: Manners) -> Channel:
        """An open channel.

        Raises:
            Unreachable: ``no-connection``; at once while the next try is not due.
        """
        now = asyncio.get_running_loop().time()
        if self.channel is not None and manners.renew is not None and now - self._opened >= manners.renew:
            await self.give_up()
        return self.channel or await self._open(manners)

    async def _open(self, manners: Manners) -> Channel:
        await self.give_up()
        loop = asyncio.get_running_loop()
        if loop.time() < self._next_try:
            raise Unreachable("no-connection", where=self._place.name, reason=self._reason)
        try:
            async with asyncio.timeout(CONNECT_S):
                channel = await self._place.open()
        except TimeoutError as error:
            raise self._failed("timeout") from error
        except OSError as error:
            raise self._failed(error.strerror or str(error)) from error
        except Unreachable as error:
            raise self._failed(str(error.params["reason"])) from error
        self._channel = channel
        self._opened = loop.time()
        self._fruitless += 1
        if self._fruitless > FRUITLESS and not self._place.quiet:
            self._postpone()
        if manners.settle:
            await asyncio.sleep(manners.settle)
        return channel

    def _failed(self, reason: str) -> Unreachable:
        self._postpone()
        self._reason = reason
        if not self._lost:
            self._lost = True
            if not self._place.quiet:
                logger.warning("no way to %s: %s", self._place.name, reason)
        return Unreachable("no-connection", where=self._place.name, reason=reason)

    def _postpone(self) -> None:
        self._pause = min(LAST_PAUSE, 2 * self._pause or FIRST_PAUSE)
        self._next_try = asyncio.get_running_loop().time() + self._pause

    def answered(self) -> None:
        """Something has come over the channel that makes sense."""
        self._pause = 0.0
        self._fruitless = 0
        if self._lost:
            self._lost = False
            if not self._place.quiet:
                logger.info("%s is back", self._place.name)

    async def give_up(self) -> None:
        """Close the channel."""
        if self._channel is not None:
            channel, self._channel = self._channel, None
            await channel.aclose()
