"""What the CSMS holds of its stations: every message, and the events of each transaction."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from datetime import datetime

    from gateway.bench.csms.schemas import SchemaError

Payload = dict[str, Any]
"""A payload of OCPP-J."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """A CALL that came in.

    Args:
        station: who sent it.
        action: for example ``BootNotification``.
        payload: its payload.
        message_id: its message id.
        at: when it came, UTC.
        error: what is wrong with it, None for a valid one.
    """

    station: str
    action: str
    payload: Payload
    message_id: str
    at: datetime
    error: SchemaError | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CallResult:
    """A CALLRESULT to a call of the CSMS; ``error`` says what the schema finds wrong with it."""

    payload: Payload
    error: SchemaError | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CallError:
    """A CALLERROR, received or to be sent."""

    code: str
    description: str = ""
    details: Payload = field(default_factory=dict)


@dataclass(slots=True, kw_only=True)
class TransactionRecord:
    """What the CSMS holds of one transaction.

    Args:
        station: whose it is.
        transaction_id: as the station named it.
        events: TransactionEvent payloads in order of arrival, each seqNo once.
        duplicates: payloads whose seqNo was already held.
    """

    station: str
    transaction_id: str
    events: list[Payload] = field(default_factory=list)
    duplicates: list[Payload] = field(default_factory=list)

    def add(self, payload: Payload) -> None:
        """Take an event."""
        held = any(event["seqNo"] == payload["seqNo"] for event in self.events)
        (self.duplicates if held else self.events).append(payload)

    @property
    def ordered(self) -> list[Payload]:
        """The events by seqNo."""
        return sorted(self.events, key=lambda event: int(event["seqNo"]))

    @property
    def missing(self) -> list[int]:
        """The seqNos below the highest that never came."""
        held = {int(event["seqNo"]) for event in self.events}
        return [number for number in range(max(held, default=-1) + 1) if number not in held]

    @property
    def is_ended(self) -> bool:
        """Whether an Ended event came."""
        return any(event["eventType"] == "Ended" for event in self.events)
