"""What drivers are told: texts and costs for the box's own display."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class NoticeKind(StrEnum):
    """What a notice is about."""

    MESSAGE = "message"
    TARIFF = "tariff"
    COST = "cost"
    TOTAL = "total"


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """Something that the driver in front of a station is to see now; shown where the box has a display.

    Attributes:
        kind: MESSAGE of the backend, TARIFF text, COST so far, TOTAL cost of the transaction that has ended.
        evse: That it is for; 0: all of the station.
        text: What to show; "" where there is an amount.
        language: Of the text (RFC 5646), "" if that is not known.
        in_front: It comes before all else.
        amount: A cost in ``currency`` (ISO 4217, "" if that is not known).
    """

    kind: NoticeKind
    evse: int = 0
    text: str = ""
    language: str = ""
    in_front: bool = False
    amount: float | None = None
    currency: str = ""
