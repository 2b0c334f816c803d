"""A meter that signs the transactions of one EVSE: asked at their begin and end, and waited for no longer than allowed."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from gateway.model.errors import GatewayError
from gateway.sensing.records import Record

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from gateway.model.readings import Signature
    from gateway.model.signing import SigningOrder

    Sign = Callable[[SigningOrder], Awaitable[Signature]]

logger = logging.getLogger(__name__)

BEGIN_WITHIN = 5.0
"""Seconds that the begin of a transaction waits for its signature; one that comes later is told with the end."""

END_WITHIN = 10.0
"""Seconds that the end of a transaction waits for signatures, that of a begin which is still under way included."""

LONGEST = 30.0
"""Seconds after which a meter has failed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """How long is waited (s)."""

    begin: float = BEGIN_WITHIN
    end: float = END_WITHIN
    meter: float = LONGEST


class Signer:
    """Has one transaction signed after the other.

    Attributes:
        record: What was signed of the transaction that runs, or ran last.
        noted: The note of it.
    """

    def __init__(self, name: str, sign: Sign, patience: Patience) -> None:
        """Take the meter.

        Args:
            name: For the log.
            sign: Asks the meter.
            patience: How long is waited.
        """
        self.record = Record()
        self.noted = ""
        self._name = name
        self._sign = sign
        self._patience = patience
        self._task: asyncio.Task[None] | None = None
        self._failed = False

    async def begin(self, key: str, order: SigningOrder) -> None:
        """A transaction begins; ``record`` has its signature if it comes in time, or later. The same again is one."""
        if self.record.key != key:
            await self.aclose()
            self.record = Record(key=key)
            self._task = asyncio.create_task(self._begin(order))
        if self._task is not None:
            await asyncio.wait({self._task}, timeout=self._patience.begin)

    async def _begin(self, order: SigningOrder) -> None:
        self.record = replace(self.record, begin=await self._signed(order, self._patience.meter))

    async def end(self, order: SigningOrder) -> None:
        """A transaction ends; its end is not signed where its begin was not."""
        loop = asyncio.get_running_loop()
        until = loop.time() + self._patience.end
        if self._task is not None:
            await asyncio.wait({self._task}, timeout=self._patience.end)
            if not self._task.done():
                self._complain(order, "the meter is still at its begin")
        await self.aclose()
        if self.record.begin is not None and self.record.end is None:
            self.record = replace(self.record, end=await self._signed(order, until - loop.time()))

    async def _signed(self, order: SigningOrder, within: float) -> Signature | None:
        try:
            async with asyncio.timeout(within):
                found = await self._sign(order)
        except TimeoutError:
            self._complain(order, f"no answer within {within:.0f} s")
            return None
        except GatewayError as error:
            self._complain(order, error)
            return None
        if self._failed:
            logger.warning("%s: the meter signs again", self._name)
        self._failed = False
        return found

    def _complain(self, order: SigningOrder, why: object) -> None:
        if not self._failed:
            logger.warning("%s: the %s of a transaction is not signed: %s", self._name, order.moment.value, why)
        self._failed = True

    async def aclose(self) -> None:
        """Wait for the meter no more."""
        task, self._task = self._task, None
        if task is not None:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task
