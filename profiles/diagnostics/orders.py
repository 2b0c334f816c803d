"""What a GetLogRequest asks for (OCPP 2.0.1 Part 2, 1.25.1). Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from profiles.common.wire import moment

if TYPE_CHECKING:
    from datetime import datetime

    from gateway.contracts import Json


@dataclass(frozen=True, slots=True, kw_only=True)
class LogOrder:
    """The order; ``retries`` and ``retry_interval`` (s) None: left to the station."""

    security: bool
    request_id: int
    location: str
    start: datetime | None
    stop: datetime | None
    retries: int | None
    retry_interval: int | None


def order_in(payload: Json) -> LogOrder:
    """The order in a payload.

    Raises:
        CallRefused: a time of it is none.
    """
    log: Json = payload["log"]
    return LogOrder(
        security=payload["logType"] == "SecurityLog",
        request_id=payload["requestId"],
        location=log["remoteLocation"],
        start=moment(log.get("oldestTimestamp")),
        stop=moment(log.get("latestTimestamp")),
        retries=payload.get("retries"),
        retry_interval=payload.get("retryInterval"),
    )
