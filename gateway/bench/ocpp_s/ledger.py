"""What the simulated station truly did and said: the truth that tests compare a central system with."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime


@dataclass(slots=True, kw_only=True)
class Transaction:
    """One transaction as it happened, in the station's own (perhaps wrong) time.

    Args:
        number: counts the station's transactions from 1; not what the wire calls transactionId.
        connector: where it happened.
        token: who started it.
        started_at: when it started.
        meter_start: register at the start, Wh.
        remote: whether the central system asked for it.
        offline: whether it started while the station was offline.
        reservation_id: the reservation that it used.
        stopped_at: when it stopped, None while it runs.
        meter_stop: register at the end, Wh.
        reason: why it stopped: ``Local``, ``Remote``, ``EVDisconnected``, ``Fault``, ``Unlock``, ``Reset``,
            ``SoftReset``, ``PowerLoss`` or ``DeAuthorized``.
        samples: periodic readings, time and Wh.
        transaction_id: what the central system calls it, None until it answered.
        start_status: idTagInfo status in the answer to StartTransaction.
        forgotten: the station never tells its end (quirk).
    """

    number: int
    connector: int
    token: str
    started_at: datetime
    meter_start: int
    remote: bool = False
    offline: bool = False
    reservation_id: int | None = None
    stopped_at: datetime | None = None
    meter_stop: int | None = None
    reason: str = ""
    samples: list[tuple[datetime, int]] = field(default_factory=list)
    transaction_id: int | None = None
    start_status: str = ""
    forgotten: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """One request that the station posted and what became of it.

    Args:
        operation: for example ``StartTransaction``.
        fields: what the request held, after the transaction id was filled in.
        at: when it ended, station time.
        outcome: ``answered``, ``fault`` or ``lost``.
        message_id: its WS-Addressing MessageID; a repetition has the same one.
    """

    operation: str
    fields: Mapping[str, object]
    at: datetime
    outcome: str
    message_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """One request of the central system and the status that the station answered."""

    operation: str
    at: datetime
    answer: Mapping[str, object]


@dataclass(slots=True, kw_only=True)
class Ledger:
    """The station's diary.

    Args:
        transactions: in the order in which they started.
        exchanges: every attempt to send, in order.
        commands: every request that was answered, in order.
        boots: how often the station came up.
        complaints: what was wrong with envelopes that the station received.
    """

    transactions: list[Transaction] = field(default_factory=list)
    exchanges: list[Exchange] = field(default_factory=list)
    commands: list[Command] = field(default_factory=list)
    boots: int = 0
    complaints: list[str] = field(default_factory=list)

    def answered(self, operation: str) -> list[Exchange]:
        """Give the exchanges of an operation that were answered, in order."""
        return [item for item in self.exchanges if item.operation == operation and item.outcome == "answered"]

    def transaction(self, number: int) -> Transaction:
        """Give a transaction of this life of the station by its own number."""
        return next(item for item in self.transactions if item.number == number)
