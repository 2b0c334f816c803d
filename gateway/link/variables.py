"""The variables that steer the link, read when they are needed so that a change counts at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gateway.link.backoff import BackOffRules
from gateway.link.retry import RetryRules

if TYPE_CHECKING:
    from gateway.link.ports import Handlers
    from gateway.link.timing import Timing

COMPONENT = "OCPPCommCtrlr"
_TRANSACTION_EVENT = "TransactionEvent"


class Variables:
    """Variables of one station (OCPP 2.0.1 Part 2, 2.1; Part 4, 8). Times are in seconds of the event loop."""

    def __init__(self, handlers: Handlers, station: str, timing: Timing) -> None:
        self._handlers = handlers
        self._station = station
        self._timing = timing

    def _integer(self, variable: str, instance: str | None = None) -> int:
        return self._handlers.integer(self._station, COMPONENT, variable, instance)

    def _seconds(self, variable: str, instance: str | None = None) -> float:
        return self._integer(variable, instance) * self._timing.second

    @property
    def message_timeout(self) -> float:
        """MessageTimeout[Default]."""
        return self._seconds("MessageTimeout", "Default")

    @property
    def heartbeat_interval(self) -> float:
        """HeartbeatInterval; 0: none."""
        return self._seconds("HeartbeatInterval")

    @property
    def ping_interval(self) -> float:
        """WebSocketPingInterval; 0: none."""
        return self._seconds("WebSocketPingInterval")

    def back_off(self) -> BackOffRules:
        """RetryBackOff*."""
        return BackOffRules(
            wait_minimum=self._seconds("RetryBackOffWaitMinimum"),
            repeat_times=self._integer("RetryBackOffRepeatTimes"),
            random_range=self._seconds("RetryBackOffRandomRange"),
        )

    def retry(self) -> RetryRules:
        """MessageAttempts[TransactionEvent] and MessageAttemptInterval[TransactionEvent]."""
        return RetryRules(
            attempts=self._integer("MessageAttempts", _TRANSACTION_EVENT),
            interval=self._seconds("MessageAttemptInterval", _TRANSACTION_EVENT),
        )
