"""What the CSMS holds, held against what the station did."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gateway.bench.csms.ledger import Payload, TransactionRecord
    from gateway.bench.ocpp_s.ledger import Transaction
    from tests.e2e.visitor import Visitor
    from tests.e2e.world import World

ENERGY = "Energy.Active.Import.Register"

REASONS = {
    "Local": ("StopAuthorized", "Local"),
    "Remote": ("RemoteStop", "Remote"),
    "EVDisconnected": ("AbnormalCondition", "Other"),  # OCPP 1.5 has no reason on the wire
    "Reset": ("ResetCommand", "ImmediateReset"),
    "DeAuthorized": ("Deauthorized", "DeAuthorized"),
}
"""Trigger and reason at the CSMS for each way in which a station ends a transaction."""


def when(text: str) -> datetime:
    """Read a time stamp."""
    return datetime.fromisoformat(text)


def energy(value: Payload) -> float | None:
    """The energy register in one MeterValueType."""
    return next((float(v["value"]) for v in value["sampledValue"] if v.get("measurand", ENERGY) == ENERGY), None)


def registers(event: Payload) -> list[tuple[datetime, float | None]]:
    """Time and energy of each meter value of an event."""
    return [(when(value["timestamp"]), energy(value)) for value in event.get("meterValue", [])]


def assert_all_whole(world: World, visitor: Visitor | None = None, repeats: int = 0) -> int:
    """Every transaction of a station is at the CSMS: once, complete, in order, and true.

    Args:
        world: the test's.
        visitor: the station; the only one by default.
        repeats: how many events may have come more than once, which only a killed box explains.

    Returns:
        How many events came more than once.
    """
    visitor = visitor or world.station
    truths, held = visitor.ledger.transactions, world.held(visitor)
    assert [t.started_at for t in truths] == [when(h.events[0]["timestamp"]) for h in held]
    for truth, record in zip(truths, held, strict=True):
        assert_whole(truth, record)
    return assert_repeats_are_repeats(world, visitor, repeats)


def assert_whole(truth: Transaction, record: TransactionRecord) -> None:
    """One transaction is at the CSMS as it was."""
    events = record.events
    assert [event["seqNo"] for event in events] == list(range(len(events)))
    started, *updates, ended = events
    assert [event["eventType"] for event in events] == ["Started", *["Updated"] * len(updates), "Ended"]
    assert_start(truth, started)
    assert_samples(truth, updates)
    assert_end(truth, ended)


def assert_start(truth: Transaction, started: Payload) -> None:
    assert when(started["timestamp"]) == truth.started_at
    assert started["idToken"]["idToken"] == truth.token
    assert started["evse"] == {"id": truth.connector, "connectorId": 1}
    assert registers(started) == [(truth.started_at, truth.meter_start)]
    assert started["triggerReason"] == ("RemoteStart" if truth.remote else "Authorized")


def assert_samples(truth: Transaction, updates: Sequence[Payload]) -> None:
    """Every reading, each in an event of its own, in order."""
    assert [(when(event["timestamp"]), *registers(event)) for event in updates] == [
        (at, (at, register)) for at, register in truth.samples
    ]
    assert all("evse" not in event and "idToken" not in event for event in updates)


def assert_end(truth: Transaction, ended: Payload) -> None:
    assert truth.stopped_at is not None
    assert when(ended["timestamp"]) == truth.stopped_at
    assert registers(ended)[0] == (truth.started_at, truth.meter_start)
    assert registers(ended)[-1] == (truth.stopped_at, truth.meter_stop)
    assert (ended["triggerReason"], ended["transactionInfo"]["stoppedReason"]) == REASONS[truth.reason]


def assert_repeats_are_repeats(world: World, visitor: Visitor, allowed: int) -> int:
    """What came again is the same message with the same id; only the offline flag may have been raised since."""
    first: dict[tuple[str, int], tuple[str, Payload]] = {}
    repeats = 0
    for record in world.csms.of("TransactionEvent", visitor.id):
        payload = record.payload
        key = (payload["transactionInfo"]["transactionId"], payload["seqNo"])
        content = {name: value for name, value in payload.items() if name != "offline"}
        if key not in first:
            first[key] = (record.message_id, content)
            continue
        repeats += 1
        assert (record.message_id, content) == first[key]
    assert repeats <= allowed, f"{repeats} events came again, {allowed} may"
    return repeats
