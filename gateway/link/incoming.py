"""CALLs of the CSMS to one station: answered one after the other, beside the reader (OCPP 2.0.1 Part 4, 4.1-4.3)."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING

from gateway.contracts import CallRefused
from gateway.link.connection import ConnectionLost
from gateway.link.replays import EVENT as REPLAY
from gateway.link.replays import Replays
from gateway.link.rpc import ErrorCode, encode_error, encode_result
from gateway.link.security import INVALID_MESSAGES, notice
from gateway.link.validation import Direction
from gateway.model.errors import GatewayError

if TYPE_CHECKING:
    from collections.abc import Callable

    from gateway.contracts import Reply
    from gateway.link.connection import Connection
    from gateway.link.desk import Desk
    from gateway.link.rpc import BadFrame, Call

_log = logging.getLogger(__name__)

MAX_WAITING = 64
"""CALLs that may wait for their turn; a CSMS that keeps to Part 4, 4.1.1 never has more than one."""

_NOT_VALID = frozenset(ErrorCode) - {ErrorCode.SECURITY_ERROR, ErrorCode.NOT_IMPLEMENTED}
"""What is said of a CALL before anybody handles it, because its payload does not meet the schema."""


class Incoming:
    """The CALLs of the CSMS to one station.

    It outlives connections: a command that the station is carrying out goes on to its end when the connection is lost.

    Args:
        desk: of the station.
        changed: called after each CALL, as it may have changed variables.
    """

    def __init__(self, desk: Desk, changed: Callable[[], None]) -> None:
        self._desk = desk
        self._station = desk.station
        self._boot = desk.boot
        self._handlers = desk.around.handlers
        self._schemas = desk.around.schemas
        self._changed = changed
        self._waiting: asyncio.Queue[tuple[Connection, Call]] = asyncio.Queue(MAX_WAITING)
        self._bad: set[str] = set()
        self._replays = Replays()
        self._answering = False

    @property
    def busy(self) -> bool:
        """True while a CALL is being carried out, or waits for that."""
        return self._answering or not self._waiting.empty()

    async def take(self, connection: Connection, call: Call) -> None:
        """Take a CALL from the reader, without waiting for what it asks for."""
        try:
            self._waiting.put_nowait((connection, call))
        except asyncio.QueueFull:
            await self._send(connection, encode_error(call.id, ErrorCode.GENERIC_ERROR, "too many calls at once"))

    async def refuse(self, connection: Connection, bad: BadFrame) -> None:
        """Answer what is no message (Part 4, 4.2.3 and 4.4); each kind is logged once."""
        await self._invalid(bad.reason, bad.reason)  # one of a few texts
        if bad.answer is not None:
            await self._send(connection, encode_error(bad.id, bad.answer, bad.reason))

    async def _invalid(self, kind: str, what: str) -> None:
        """The CSMS has sent what it must not; each kind is logged once."""
        if kind not in self._bad:
            self._bad.add(kind)
            _log.warning("%s: bad message from the CSMS: %s", self._station, what)
            await notice(self._handlers, self._station, INVALID_MESSAGES, what)

    async def run(self) -> None:
        """Answer until cancelled."""
        while True:
            connection, call = await self._waiting.get()
            if not connection.open:
                continue  # The CSMS cannot get the answer, and will not count on the deed.
            self._answering = True
            try:
                if self._replays.first(connection, call):
                    _log.warning("%s: %s comes once more, with the same id", self._station, call.action)
                    await notice(self._handlers, self._station, REPLAY, f"{call.action} {call.id}")
                reply = await self._answer_first(connection, call)
                self._replays.answered(connection, call)
                if reply is not None and reply.then is not None:
                    await reply.then()
            except GatewayError as error:
                _log.warning("%s: after %s: %s", self._station, call.action, error)
            finally:
                self._answering = False
            self._changed()
            await asyncio.sleep(0)  # for what waits for this answer, if the next CALL is there already

    async def _answer_first(self, connection: Connection, call: Call) -> Reply | None:
        """Answer, and let what follows from the CALL wait a while for that (Part 2, 3, FR.05)."""
        answering, loop = self._desk.answering, asyncio.get_running_loop()
        answering.until = loop.time() + self._desk.around.timing.answer
        try:
            return await self._answer(connection, call)
        finally:
            answering.until = 0.0
            self._desk.wake.set()

    async def _answer(self, connection: Connection, call: Call) -> Reply | None:
        refused: tuple[ErrorCode, str] | None = self._refusal(call)
        if refused is not None and refused[0] in _NOT_VALID:
            await self._invalid(f"{call.action} {refused[0]}", f"{call.action}: {refused[1]}")
        reply: Reply | None = None
        if refused is None:
            try:
                reply = await self._handlers.handle(self._station, call.action, call.payload)
            except CallRefused as error:
                refused = _code(error), str(error.params.get("reason", ""))
            except GatewayError as error:
                _log.warning("%s: %s failed: %s", self._station, call.action, error)
                refused = ErrorCode.INTERNAL_ERROR, error.code
        if reply is not None:
            violation = self._schemas.validate(call.action, Direction.RESPONSE, reply.payload)
            if violation is not None:
                _log.error("%s: own answer to %s is not valid: %s", self._station, call.action, violation)
                refused = ErrorCode.INTERNAL_ERROR, ""
            else:
                await self._send(connection, encode_result(call.id, reply.payload))
        if refused is not None:
            _log.info("%s: answered %s with %s: %s", self._station, call.action, *refused)
            await self._send(connection, encode_error(call.id, *refused))
        return reply

    def _refusal(self, call: Call) -> tuple[ErrorCode, str] | None:
        """Why a CALL is refused before anybody handles it, if it is."""
        if not self._boot.answers:
            return ErrorCode.SECURITY_ERROR, "the station is not accepted"
        if not self._schemas.knows(call.action):
            return ErrorCode.NOT_IMPLEMENTED, "no action of OCPP 2.0.1"
        violation = self._schemas.validate(call.action, Direction.REQUEST, call.payload)
        return None if violation is None else (violation.code, str(violation))

    async def _send(self, connection: Connection, text: bytes) -> None:
        try:
            await connection.send(text)
        except ConnectionLost:
            # The reader of this connection notices as well, and says so.
            _log.info("%s: the connection was lost before an answer could be sent", self._station)


def _code(error: CallRefused) -> ErrorCode:
    try:
        return ErrorCode(error.code)
    except ValueError:
        return ErrorCode.INTERNAL_ERROR
