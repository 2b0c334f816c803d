"""CALLs of the station on one connection: one at a time (OCPP 2.0.1 Part 4, 4.1.1)."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING

from gateway.link.connection import ConnectionLost
from gateway.link.rpc import CallError, CallResult, encode_call

if TYPE_CHECKING:
    from gateway.contracts import Json
    from gateway.link.connection import Connection

_log = logging.getLogger(__name__)

Answer = CallResult | CallError


class Caller:
    """Sends CALLs and waits for their answers. Only one task may call."""

    def __init__(self, station: str, connection: Connection) -> None:
        self._station = station
        self._connection = connection
        self._id = ""
        self._waiting: asyncio.Future[Answer] | None = None

    async def call(self, id_: str, action: str, payload: Json, patience: float) -> Answer | None:
        """Send a CALL and wait for its answer.

        Args:
            id_: message id.
            action: without "Request".
            payload: valid.
            patience: seconds to wait (MessageTimeout).

        Returns:
            The answer, or None if none came although the CSMS is there.

        Raises:
            ConnectionLost: the CSMS has gone; this is no failure of the message.
        """
        future: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        self._id = id_
        self._waiting = future
        try:
            async with asyncio.timeout(patience):
                await self._connection.send(encode_call(id_, action, payload))
                return await future
        except TimeoutError:
            _log.warning("%s: no answer to %s within %s s", self._station, action, patience)
        finally:
            self._waiting = None
        # A silent CSMS and a dead network look the same here, but only the first counts against the message (E13,
        # remark): without this ping, an outage that TCP has not noticed would use up a TransactionEvent's attempts.
        if not await self._connection.alive():
            raise ConnectionLost("no answer to a ping after a time-out")
        return None

    def answered(self, answer: Answer) -> None:
        """Take an answer from the reader; one that nobody waits for came too late, or is a mistake of the CSMS."""
        waiting = self._waiting
        if waiting is None or answer.id != self._id or waiting.done():
            _log.info("%s: ignored an answer to message %r that nobody waits for", self._station, answer.id)
            return
        waiting.set_result(answer)
