"""Opens the lock that holds a driver's cable in the station, when the session says so."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING

from gateway.model.errors import GatewayError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from adapters.common.evse import EvseDriver
    from gateway.family.value import Value

logger = logging.getLogger(__name__)


_SHUT = {"locked", "unlocking failed"}
"""Values of ``lock_state`` of a lock that is not open; what a family tells nothing of is taken to be open."""

_WITHIN = 5.0
"""Seconds that a lock may take after the last step to open it."""

_LOOK = 0.5


class Cable:
    """The cable in the socket of one EVSE.

    Args:
        driver: Of the EVSE.
        look: Reads points anew.
    """

    def __init__(self, driver: EvseDriver, look: Callable[..., Awaitable[Mapping[str, Value]]]) -> None:
        self._driver = driver
        self._look = look
        self._tasks: set[asyncio.Task[None]] = set()

    def locks(self) -> bool:
        """True where the family has a verb that opens the lock."""
        return self._driver.family.control.unlock is not None

    async def open(self) -> bool:
        """Open the lock, as the family does it; False where the station goes on to show it shut.

        Raises:
            Unreachable: how far it has come is not known.
            Refused: the station does not do it.
            GatewayError: a step has no value, or a wait has failed.
        """
        verb = self._driver.family.control.unlock
        if verb is None:
            return False
        steps = asyncio.create_task(self._driver.run_steps(verb.seq))
        try:
            opened = await self._shows_open(steps)
            await steps
        finally:
            steps.cancel()
            await asyncio.gather(steps, return_exceptions=True)
        return opened

    async def _shows_open(self, steps: asyncio.Task[None]) -> bool:
        """Wait until the lock is seen open; a station may shut it again with its last step."""
        deadline = None
        while (await self._look("lock_state")).get("lock_state") in _SHUT:
            now = asyncio.get_running_loop().time()
            if steps.done():
                deadline = deadline or now + _WITHIN
                if steps.exception() is not None or now >= deadline:
                    return False
                await asyncio.sleep(_LOOK)
            else:
                await asyncio.wait({steps}, timeout=_LOOK)
        return True

    def unlock(self) -> None:
        """Open the lock as soon as no current flows; nobody waits for that."""
        if not self._tasks:
            task = asyncio.create_task(self._unlock())
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def aclose(self) -> None:
        """Leave it as it is."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _unlock(self) -> None:
        driver = self._driver
        verb = driver.family.control.unlock
        if verb is None:
            return
        try:
            await driver.settle()
            # Whoever has been authorised meanwhile wants to keep it.
            if driver.sessions.session.released or not await driver.obeys(verb.when):
                return
            if not await self.open():
                logger.warning("%s: the cable is still locked", driver.place)
        except GatewayError as error:
            logger.warning("%s: the cable was not unlocked: %s", driver.place, error)
