"""What becomes of a message of the outbox that was not accepted (OCPP 2.0.1 Part 2, E13). Pure."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto

TRANSACTION_EVENT = "TransactionEvent"
SECURITY_EVENT = "SecurityEventNotification"
_NOTHING: frozenset[str] = frozenset()


class Failure(Enum):
    """How a message failed."""

    REFUSED = auto()  # CALLERROR
    TIMED_OUT = auto()  # no answer, though the CSMS is connected
    CONNECTION_LOST = auto()  # the connection went while the answer was outstanding


@dataclass(frozen=True, slots=True, kw_only=True)
class RetryRules:
    """MessageAttempts[TransactionEvent] and MessageAttemptInterval[TransactionEvent] (s)."""

    attempts: int
    interval: float


def wait_after(action: str, failure: Failure, times: int, rules: RetryRules) -> float | None:
    """Seconds until a message may be sent again, or None: give it up.

    A TransactionEvent is sent until MessageAttempts of it have failed (E13.FR.02), after the interval times the number
    of preceding transmissions (E13.FR.03); a lost connection is no failure of the message. So is a security event, which
    silence does not make the box give up either (A04.FR.02). Any other message gets one more chance after silence or a
    lost connection, none after a CALLERROR.

    Args:
        action: of the message.
        failure: how it failed now.
        times: how often it has failed in this way, this time included; refusals and time-outs count together.
        rules: for TransactionEvents.
    """
    if action in {TRANSACTION_EVENT, SECURITY_EVENT}:
        if failure is Failure.CONNECTION_LOST:
            return 0.0
        if action == SECURITY_EVENT and failure is Failure.TIMED_OUT:
            return rules.interval * min(times, rules.attempts)
        return rules.interval * times if times < rules.attempts else None
    return 0.0 if failure is not Failure.REFUSED and times <= 1 else None


class Retries:
    """Streams of a station that wait for their next attempt, and messages whose answer a lost connection took.

    Kept over reconnections, not over a restart of the box. Times are seconds of the event loop.
    """

    def __init__(self) -> None:
        self._until: dict[str, float] = {}
        self._lost: dict[int, int] = {}

    def hold(self, stream: str, until: float) -> None:
        """Let a stream wait; the messages of other streams go on."""
        self._until[stream] = until

    def held(self, now: float) -> frozenset[str]:
        """The streams that wait now."""
        if not self._until:
            return _NOTHING
        self._until = {stream: until for stream, until in self._until.items() if until > now}
        return frozenset(self._until)

    def next(self) -> float | None:
        """When the first of the waiting streams goes on."""
        return min(self._until.values(), default=None)

    def lost(self, row: int) -> None:
        """Note that a connection was lost while this row of the outbox waited for its answer."""
        self._lost[row] = self._lost.get(row, 0) + 1

    def losses(self, row: int) -> int:
        """How often that has happened to a row."""
        return self._lost.get(row, 0)

    def done(self, row: int) -> None:
        """Forget a row."""
        self._lost.pop(row, None)
