"""One message of the outbox to the CSMS: sent, answered, and then gone or kept for its next attempt."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING

from gateway.link.connection import ConnectionLost
from gateway.link.retry import Failure, wait_after
from gateway.link.rpc import CallError
from gateway.link.validation import Direction
from gateway.model.errors import GatewayError

if TYPE_CHECKING:
    from gateway.contracts import Json
    from gateway.link.calls import Caller
    from gateway.link.desk import Desk
    from gateway.link.ports import Queued

_log = logging.getLogger(__name__)


async def deliver(desk: Desk, caller: Caller, queued: Queued) -> None:
    """Send a row of the outbox and see it through.

    Raises:
        ConnectionLost: the CSMS has gone; the row stays.
    """
    around = desk.around
    message = queued.message
    violation = around.schemas.validate(message.action, Direction.REQUEST, message.payload)
    if violation is not None:
        # It would be refused for ever, and all behind it would wait.
        _log.error("%s: dropped own %s, which is not valid: %s", desk.station, message.action, violation)
        around.outbox.acknowledge(queued)
        return
    losses = desk.retries.losses(queued.id)
    if losses and wait_after(message.action, Failure.CONNECTION_LOST, losses, desk.variables.retry()) is None:
        _give_up(desk, queued, losses)
        return
    try:
        answer = await caller.call(
            around.row_id(queued.id), message.action, message.payload, desk.variables.message_timeout
        )
    except (ConnectionLost, asyncio.CancelledError):
        # Cancelled is what the sender is when the reader or the pinger finds the connection lost. It may be the box that
        # stops, too: so nothing is given up here, only before the next transmission.
        desk.retries.lost(queued.id)
        raise
    if answer is None:
        _failed(desk, queued, Failure.TIMED_OUT, queued.attempts + 1)
    elif isinstance(answer, CallError):
        _log.warning("%s: %s refused: %s %s", desk.station, message.action, answer.code, answer.description)
        _failed(desk, queued, Failure.REFUSED, queued.attempts + 1)
    else:
        await _answered(desk, queued, answer.payload)


async def _answered(desk: Desk, queued: Queued, response: Json) -> None:
    """The CSMS has the message: act on its response, then let go of the row.

    In this order, as the acknowledgement only rides on a later commit and may be lost with the box's power: the row is
    then sent once more, with the same message id, and the response acted on once more, which does no harm. The other
    way round a response, say that the token is blocked, could be lost for good.
    """
    around = desk.around
    violation = around.schemas.validate(queued.message.action, Direction.RESPONSE, response)
    if violation is not None:
        # The CSMS took the message; sending it again would only give it twice.
        _log.warning("%s: answer to %s is not valid: %s", desk.station, queued.message.action, violation)
    else:
        try:
            await around.handlers.responded(desk.station, queued.message, response)
        except GatewayError as error:
            _log.warning("%s: answer to %s could not be taken: %s", desk.station, queued.message.action, error)
            desk.retries.hold(queued.message.stream, _now() + around.timing.pause)
            return
    desk.retries.done(queued.id)
    around.outbox.acknowledge(queued)
    if around.outbox.head(desk.station, skip=frozenset(), requested_only=False) is not None:
        # Before the next of a backlog goes out, so that a box that is killed repeats one message at the most. A message
        # that is posted later is committed after the acknowledgement anyway.
        await around.outbox.written()


def _failed(desk: Desk, queued: Queued, failure: Failure, times: int) -> None:
    """Keep a message for its next attempt, or give it up (E13)."""
    message = queued.message
    wait = wait_after(message.action, failure, times, desk.variables.retry())
    if wait is None:
        _give_up(desk, queued, times)
        return
    desk.around.outbox.failed(queued)
    if wait > 0:
        desk.retries.hold(message.stream, _now() + wait)


def _give_up(desk: Desk, queued: Queued, times: int) -> None:
    message = queued.message
    # People will ask which message is missing: the stream is the transaction's id.
    _log.error("%s: gave up %s of %r after %d failures", desk.station, message.action, message.stream, times)
    desk.retries.done(queued.id)
    desk.around.outbox.acknowledge(queued)


def _now() -> float:
    return asyncio.get_running_loop().time()
