"""What goes out on one connection, and in which order: BootNotification, asks, Heartbeat, outbox."""

from __future__ import annotations

import asyncio
import logging
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from gateway.contracts import SECURITY_EVENTS, Message
from gateway.link.boot import Registration
from gateway.link.delivery import deliver
from gateway.link.identity import boot_payload
from gateway.link.rpc import CallResult
from gateway.link.validation import Direction
from gateway.model.errors import GatewayError

if TYPE_CHECKING:
    from collections.abc import Callable

    from gateway.contracts import Json
    from gateway.link.calls import Caller
    from gateway.link.connection import Connection
    from gateway.link.desk import Ask, Desk
    from gateway.link.ports import Queued

_log = logging.getLogger(__name__)

BOOT_NOTIFICATION = "BootNotification"
HEARTBEAT = "Heartbeat"


class Sender:
    """The one task that sends CALLs on a connection, so that never two are outstanding (Part 4, 4.1.1).

    Args:
        desk: of the station.
        connection: to send on.
        caller: of that connection.
        registered: called when the CSMS has answered a BootNotification.
    """

    def __init__(self, desk: Desk, connection: Connection, caller: Caller, registered: Callable[[], None]) -> None:
        self._desk = desk
        self._connection = connection
        self._caller = caller
        self._registered = registered
        self._time = asyncio.get_running_loop().time
        self._fresh = False
        """The station has been accepted, and what follows a boot has not gone out."""

    async def run(self) -> None:
        """Send until the connection is lost.

        Raises:
            ConnectionLost: it is.
        """
        wake = self._desk.wake
        while True:
            wake.clear()
            if await self._send_one(self._time()):
                continue
            due = self._next_due()
            try:
                async with asyncio.timeout_at(due):
                    await wake.wait()
            except TimeoutError:
                continue

    async def _send_one(self, now: float) -> bool:
        """Send what comes first; False if nothing may be sent now."""
        desk = self._desk
        boot = desk.boot
        if desk.leaving.is_set():
            return False
        answered = desk.answering.until <= now
        if boot.due(now) and answered:
            await self._boot()
            return True
        if not boot.accepted and not boot.pending:
            return False
        if boot.accepted:
            while desk.asks:
                ask = desk.asks.popleft()
                if not ask.answer.done():
                    await self._ask(ask)
                    return True
        if self._heartbeat_due() <= now:
            await self._beat()
            return True
        queued = await self._head(now) if answered else None
        if queued is None:
            return False
        await deliver(desk, self._caller, queued)
        return True

    async def _head(self, now: float) -> Queued | None:
        """The next row of the outbox that may go out; after a boot security events come last."""
        held = self._desk.retries.held(now)
        if self._fresh:
            queued = await self._first(held | {SECURITY_EVENTS})
            if queued is not None:
                return queued
            self._fresh = False
        return await self._first(held)

    async def _first(self, skip: frozenset[str]) -> Queued | None:
        desk = self._desk
        outbox = desk.around.outbox
        requested_only = not desk.boot.accepted
        while True:
            queued = outbox.head(desk.station, skip=skip, requested_only=requested_only)
            if queued is not None or not outbox.more(desk.station):
                return queued
            await outbox.refill(desk.station)

    def _heartbeat_due(self) -> float:
        heartbeat = self._desk.heartbeat
        if not self._desk.boot.accepted:
            # While pending, only one that the CSMS has triggered (B02.FR.02).
            return 0.0 if heartbeat.asked else float("inf")
        heartbeat.active(self._connection.sent)
        return heartbeat.due_at(self._desk.variables.heartbeat_interval)

    def _next_due(self) -> float | None:
        """When to look again although nothing has happened."""
        boot, answering, now = self._desk.boot, self._desk.answering.until, self._time()
        times = [answering if answering > now else boot.due_at]
        if boot.accepted or boot.pending:
            times += [self._heartbeat_due(), self._desk.retries.next()]
        return min((time for time in times if time is not None and time != float("inf")), default=None)

    async def _call(self, action: str, payload: Json) -> Json | None:
        """Make a CALL that is not of the outbox; None if no valid response came."""
        desk = self._desk
        schemas = desk.around.schemas
        violation = schemas.validate(action, Direction.REQUEST, payload)
        if violation is not None:
            _log.error("%s: own %s is not valid: %s", desk.station, action, violation)
            return None
        answer = await self._caller.call(desk.around.fresh_id(), action, payload, desk.variables.message_timeout)
        if not isinstance(answer, CallResult):
            if answer is not None:
                _log.warning("%s: %s refused: %s %s", desk.station, action, answer.code, answer.description)
            return None
        violation = schemas.validate(action, Direction.RESPONSE, answer.payload)
        if violation is not None:
            _log.warning("%s: answer to %s is not valid: %s", desk.station, action, violation)
            return None
        return answer.payload

    async def _ask(self, ask: Ask) -> None:
        response: Json | None = None
        try:
            response = await self._call(ask.action, ask.payload)
        finally:
            # Whoever asks is told at once, too, when the connection is lost.
            ask.settle(response)

    async def _boot(self) -> None:
        desk = self._desk
        handlers = desk.around.handlers
        reason = desk.boot.sent()
        payload = boot_payload(
            handlers.station(desk.station).identity, vendor=desk.target.vendor, model=desk.target.model, reason=reason
        )
        response = await self._call(BOOT_NOTIFICATION, payload)
        if response is None:
            desk.boot.failed(self._time())
            return
        interval = max(response["interval"], 0) * desk.around.timing.second
        desk.boot.answered(Registration(response["status"]), interval, self._time())
        self._registered()
        _log.info("%s: the CSMS has answered the boot with %s", desk.station, response["status"])
        self._synchronise(response["currentTime"])
        try:
            await handlers.responded(desk.station, Message(action=BOOT_NOTIFICATION, payload=payload), response)
            if desk.boot.accepted:
                desk.heartbeat.configured(interval, desk.variables.heartbeat_interval)
                await handlers.booted(desk.station)
                self._fresh = True
        except GatewayError as error:
            _log.warning("%s: answer to %s could not be taken: %s", desk.station, BOOT_NOTIFICATION, error)

    async def _beat(self) -> None:
        self._desk.heartbeat.beat(self._time())
        response = await self._call(HEARTBEAT, {})
        if response is not None:
            self._synchronise(response["currentTime"])

    def _synchronise(self, text: str) -> None:
        try:
            time = datetime.fromisoformat(text)
        except ValueError:
            _log.warning("%s: the CSMS's time %r is no time", self._desk.station, text)
            return
        # A time without a zone is against the rules; every CSMS that sends one means UTC.
        self._desk.around.handlers.synchronise(
            self._desk.station, time if time.tzinfo is not None else time.replace(tzinfo=UTC)
        )
