"""Brings an EVSE to what is wanted of it whenever that changes, beside the poll."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING

from adapters.common.wire import Unreachable
from gateway.model.errors import GatewayError

if TYPE_CHECKING:
    from adapters.common.complaints import Complaints
    from adapters.common.poller import Poller
    from adapters.common.sessions import Sessions
    from adapters.common.setpoint import Setpoint
    from gateway.model.ids import Place

logger = logging.getLogger(__name__)


class Mover:
    """Has the limit of one EVSE written, and read back."""

    def __init__(self, place: Place, poller: Poller, setpoint: Setpoint, complaints: Complaints) -> None:
        self._place = place
        self._poller = poller
        self._setpoint = setpoint
        self._complaints = complaints
        self._stirred = asyncio.Event()

    def stir(self) -> None:
        """Have it looked at: something else is wanted, or the station is not as it is wanted."""
        self._setpoint.change()
        self._stirred.set()

    async def run(self, sessions: Sessions) -> None:
        """Move the EVSE until cancelled.

        Args:
            sessions: What runs on it.
        """
        while True:
            await self._stirred.wait()
            self._stirred.clear()
            session = sessions.session
            if session.running is not None and session.released is None and self._setpoint.wanted.amps > 0:
                continue  # a charge that was under way goes on until it is seen what has become of it
            try:
                await self._setpoint.apply(self._poller.family)
            except Unreachable as error:
                logger.debug("%s: %s", self._place, error)  # the poll notices
            except GatewayError as error:
                self._complaints.once("order", "%s", error)
            else:
                self._complaints.over("order", "the station does again what is asked")
