"""Stations that only show their limit while a vehicle is there."""

from __future__ import annotations

from dataclasses import replace

from gateway.family.control import LimitControl
from gateway.family.limit import Gate, decide

START = 1000.0
SPEC = LimitControl.model_validate(
    {
        "write": [{"point": "limit", "value": "value"}],
        "max": 32,
        "verify": {"point": "offered_current", "tol": 0.5, "within_s": 10, "le": True},
    }
)
TOLD = SPEC.model_copy(update={"verify": SPEC.verify.model_copy(update={"le": False}) if SPEC.verify else None})


def settled(gate: Gate, want: float, seen: float, now: float) -> Gate:
    """Write what the gate wants, and have the station show it."""
    for second in range(5):
        at = now + second
        gate, decision = decide(gate, SPEC, want, seen, at)
        assert not decision.fail
        if decision.write is None:
            return gate
        gate = gate.wrote(decision.write, at, verified=True)
    raise AssertionError(gate)


def test_a_limit_that_reads_0_without_a_vehicle_stays_low_until_one_is_there() -> None:
    gate = settled(Gate(), 16, 0, START)

    assert gate.written == SPEC.min

    gate, decision = decide(gate, SPEC, 16, SPEC.min, START + 3600.0)

    assert decision.write == 16


def test_a_station_that_goes_on_offering_more_than_it_was_told_is_given_up() -> None:
    gate, failed = settled(Gate(), 8, 0, START), False

    for minute in range(1, 5):
        now = START + 60.0 * minute
        gate, decision = decide(gate, SPEC, 8, 13, now)
        failed = failed or decision.fail
        assert not gate.confirmed
        if decision.write is not None:
            assert decision.write <= 8
            gate = gate.wrote(decision.write, now, verified=True)

    assert failed


def test_what_it_was_told_before_and_shows_late_is_not_taken_for_another_unit() -> None:
    """Over MQTT the answer to a write may come after the next write."""
    gate = replace(settled(Gate(), 6, 6, START), written=6, confirmed=True)
    gate, raised = decide(gate, TOLD, 16, 6, START + 10)
    assert raised.write == 16
    gate = gate.wrote(16, START + 10, verified=True)
    gate, lowered = decide(gate, TOLD, 8, 6, START + 10.1)
    assert lowered.write == 8
    gate = gate.wrote(8, START + 10.1, verified=True)

    gate, late = decide(gate, TOLD, 8, 16, START + 10.2)
    assert (late.fail, late.why) == (False, "wait")
    gate, still = decide(gate, TOLD, 8, 80, START + 10.3)
    assert (still.fail, still.why) == (True, "unit")
