"""Opens the lock that holds a driver's cable in the station, when the session says so."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING

from gateway.model.errors import GatewayError

if TYPE_CHECKING:
    from adapters.common.evse import EvseDriver

logger = logging.getLogger(__name__)


class Cable:
    """The cable in the socket of one EVSE."""

    def __init__(self, driver: EvseDriver) -> None:
        self._driver = driver
        self._tasks: set[asyncio.Task[None]] = set()

    def locks(self) -> bool:
        """True where the family has a verb that opens the lock."""
        return self._driver.family.control.unlock is not None

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
            if not driver.sessions.session.released and await driver.obeys(verb.when):
                await driver.run_steps(verb.seq)
        except GatewayError as error:
            logger.warning("%s: the cable was not unlocked: %s", driver.place, error)
