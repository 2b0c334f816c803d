"""A display message: what the backend wants shown, where and when (OCPP 2.0.1 Part 2, 2.31)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from profiles.common.wire import moment

if TYPE_CHECKING:
    from datetime import datetime

    from gateway.contracts import Json
    from gateway.model.station import StationState


class Priority(StrEnum):
    """MessagePriorityEnumType (Part 2, 3.52)."""

    ALWAYS_FRONT = "AlwaysFront"
    IN_FRONT = "InFront"
    NORMAL_CYCLE = "NormalCycle"


class Condition(StrEnum):
    """MessageStateEnumType (Part 2, 3.53); here of an EVSE, as a box shows each EVSE by itself."""

    CHARGING = "Charging"
    FAULTED = "Faulted"
    IDLE = "Idle"
    UNAVAILABLE = "Unavailable"


@dataclass(frozen=True, slots=True, kw_only=True)
class DisplayMessage:
    """A message as it was set.

    Attributes:
        id: The backend's number for it.
        priority: Which messages it comes before.
        text: What is shown; ``language`` (RFC 5646) is "" where the backend does not say.
        condition: The EVSEs that it is shown at; None: at all.
        start, end: When it is shown; None: from now on, for good.
        transaction: The transaction that it is shown during; None: at any time.
        wire: The MessageInfoType itself.
    """

    id: int
    priority: Priority
    text: str
    language: str = ""
    condition: Condition | None = None
    start: datetime | None = None
    end: datetime | None = None
    transaction: str | None = None
    wire: Json

    @classmethod
    def of(cls, wire: Json) -> DisplayMessage:
        """Read a MessageInfoType that its schema accepts.

        Raises:
            CallRefused: a time in it is none.
        """
        content, condition = wire["message"], wire.get("state")
        return cls(
            id=wire["id"],
            priority=Priority(wire["priority"]),
            text=content["content"],
            language=content.get("language", ""),
            condition=Condition(condition) if condition else None,
            start=moment(wire.get("startDateTime")),
            end=moment(wire.get("endDateTime")),
            transaction=wire.get("transactionId"),
            wire=wire,
        )

    def is_over(self, state: StationState, now: datetime) -> bool:
        """True where it is to be removed: after its end (O01.FR.07), or that of its transaction (O02.FR.02)."""
        if self.end is not None and self.end <= now:
            return True
        return self.transaction is not None and state.transaction(self.transaction) is None
