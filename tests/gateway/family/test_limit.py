"""The limit that is written to a station: never above what is safe, never raised before it was read back."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.family.control import LimitControl
from gateway.family.limit import PAUSE, RETRY, Ceilings, Decision, Gate, Worn, decide, setpoint

NOW = 1000.0


def limit(**keys: object) -> LimitControl:
    given_keys = {"write": [{"point": "limit", "value": "value"}], "min": 6.0, "max": 32.0, "step": 1.0, **keys}
    return LimitControl.model_validate(given_keys)


PLAIN = limit(verify={"point": "limit", "tol": 0.1, "within_s": 5.0})
DEAF = limit()
WATTS = limit(unit="W", min=1380.0, max=11_000.0, step=10.0, verify={"point": "limit", "tol": 10, "within_s": 5.0})


@pytest.mark.parametrize(
    ("wanted", "ceilings", "expected"),
    [
        (16.0, Ceilings(family=32, site=32), 16.0),
        (16.9, Ceilings(family=32, site=32), 16.0),
        (50.0, Ceilings(family=32, site=25), 25.0),
        (50.0, Ceilings(family=32, site=63, nameplate=20), 20.0),
        (50.0, Ceilings(family=32, site=63, cable=13), 13.0),
        (50.0, Ceilings(family=32, site=63, station=16, cable=0), 16.0),
        (5.9, Ceilings(family=32, site=32), PAUSE),
        (0.0, Ceilings(family=32, site=32), PAUSE),
        (float("nan"), Ceilings(family=32, site=32), PAUSE),
        (16.0, Ceilings(family=32, site=5), PAUSE),
    ],
)
def test_the_lowest_ceiling_holds_and_the_rest_is_rounded_down(
    wanted: float, ceilings: Ceilings, expected: float
) -> None:
    assert setpoint(PLAIN, wanted, ceilings, phases=3) == expected


def test_watts_are_shared_among_the_phases_that_carry_current() -> None:
    site = Ceilings(family=1000, site=16)
    assert setpoint(WATTS, 16, site, phases=3) == 11_000  # 11040 W, but the family takes no more
    assert setpoint(WATTS, 16, site, phases=1) == 3680
    assert setpoint(WATTS, 6, site, phases=1) == 1380
    assert setpoint(WATTS, 5, site, phases=1) == PAUSE


@given(
    wanted=st.floats(0, 200),
    site=st.floats(0, 100),
    cable=st.none() | st.floats(0, 100),
    step=st.sampled_from([0.001, 0.1, 0.5, 1.0]),
)
def test_no_setpoint_is_above_anything(wanted: float, site: float, cable: float | None, step: float) -> None:
    spec = limit(step=step, verify={"point": "limit"})
    value = setpoint(spec, wanted, Ceilings(family=32, site=site, cable=cable), phases=3)
    assert value <= min(wanted, site, 32.0, cable or 32.0) + 1e-6
    assert value == PAUSE or value >= spec.min


@dataclass
class Station:
    """A station that may be deaf, slow, or of another unit."""

    shown: float = 16.0
    factor: float = 1.0
    deaf: bool = False
    writes: list[float] = field(default_factory=list)

    def write(self, value: float) -> None:
        self.writes.append(value)
        if not self.deaf:
            self.shown = value * self.factor


def drive(spec: LimitControl, station: Station, wants: list[float], gate: Gate | None = None) -> tuple[Gate, Decision]:
    """Let the gate work second by second; after each want until it is settled or for a minute at most."""
    gate, now, decision = gate or Gate(), NOW, Decision()
    for want in wants:
        for _ in range(30):
            gate, decision = decide(gate, spec, want, station.shown, now)
            if decision.write is not None:
                station.write(decision.write)
                gate = gate.wrote(decision.write, now, verified=spec.verify is not None)
            now += 1.0
            if decision.settled or decision.fail:
                break
    return gate, decision


def test_a_raise_waits_for_a_value_that_was_read_back() -> None:
    station = Station(shown=10.0)
    gate, decision = drive(PLAIN, station, [32.0])
    assert station.writes == [10.0], "first what it shows already"
    assert (gate.confirmed, decision.settled) == (False, True), "which it might show though it has not taken it"
    gate, decision = decide(gate, PLAIN, 32.0, 10.0, NOW + 6.0)
    assert (gate.confirmed, decision.write) == (True, 32.0)


def test_a_slow_station_of_another_unit_is_found_out_before_a_raise() -> None:
    station = Station(shown=16.0, deaf=True)
    gate, _ = drive(PLAIN, station, [32.0])
    station.shown = 160.0
    assert decide(gate, PLAIN, 32.0, station.shown, NOW + 4.0)[1].fail
    station.shown = 1.6
    _, decision = decide(gate, PLAIN, 32.0, station.shown, NOW + 4.0)
    assert decision.write is None or decision.write <= 6.0


def test_a_paused_station_is_first_brought_to_the_minimum() -> None:
    station = Station(shown=0.0)
    drive(PLAIN, station, [32.0])
    assert station.writes == [6.0, 32.0]


def test_a_station_of_another_unit_never_gets_more_than_the_minimum() -> None:
    station = Station(shown=0.0, factor=0.1)
    _, decision = drive(PLAIN, station, [32.0])
    assert set(station.writes) == {6.0}
    assert (decision.fail, decision.why) == (True, "read-back")


def test_a_limit_that_reads_impossibly_high_is_a_wrong_unit() -> None:
    assert decide(Gate(), PLAIN, 16.0, 160.0, NOW)[1] == Decision(fail=True, why="unit")


def test_a_write_that_is_not_seen_is_repeated_once_then_given_up_for_a_while() -> None:
    station = Station(shown=20.0, deaf=True)
    gate, decision = drive(PLAIN, station, [10.0])
    assert station.writes == [10.0, 10.0]
    assert decision.fail
    assert gate.failed_at is not None
    assert decide(gate, PLAIN, 10.0, 20.0, gate.failed_at)[1].write is None
    assert decide(gate, PLAIN, 10.0, 20.0, gate.failed_at + RETRY)[1].write == 10.0


def test_less_does_not_wait_for_the_read_back_of_more() -> None:
    gate = Gate(confirmed=True, written=16.0).wrote(32.0, NOW, verified=True)
    assert decide(gate, PLAIN, 8.0, 16.0, NOW)[1].write == 8.0


def test_a_limit_that_somebody_else_has_raised_is_written_again() -> None:
    gate = Gate(confirmed=True, written=10.0, written_at=NOW, raised_at=NOW)
    assert decide(gate, PLAIN, 10.0, 32.0, NOW)[1].write == 10.0


def test_raises_keep_their_distance_and_falls_do_not() -> None:
    spec = limit(dwell_s=30.0, verify={"point": "limit"})
    gate = Gate(confirmed=True, written=10.0, raised_at=NOW)
    soon, later = NOW + 29.0, NOW + 30.0
    assert decide(gate, spec, 12.0, 10.0, soon)[1] == Decision(why="dwell")
    assert decide(gate, spec, 8.0, 10.0, soon)[1].write == 8.0
    assert decide(gate, spec, 12.0, 10.0, later)[1].write == 12.0


def test_a_worn_memory_is_only_written_for_less_current() -> None:
    gate = Gate(confirmed=True, written=10.0)
    assert decide(gate, PLAIN, 12.0, 10.0, NOW, worn=Worn.UP)[1] == Decision(why="worn")
    assert decide(gate, PLAIN, 8.0, 10.0, NOW, worn=Worn.UP)[1].write == 8.0


def test_a_station_that_limits_itself_further_is_no_fault() -> None:
    spec = limit(verify={"point": "offered_current", "le": True, "tol": 0.5})
    gate = Gate(confirmed=True, written=6.0).wrote(16.0, NOW, verified=True)
    assert decide(gate, spec, 16.0, 13.0, NOW)[1].settled
    assert decide(gate, spec, 16.0, 17.0, NOW)[1].why == "wait"


def test_a_station_that_shows_nothing_is_written_once() -> None:
    gate, decision = decide(Gate(), DEAF, 16.0, None, NOW)
    assert decision.write == 16.0
    assert decide(gate.wrote(16.0, NOW, verified=False), DEAF, 16.0, None, NOW)[1].settled


@given(
    shown=st.floats(0, 64),
    factor=st.sampled_from([0.1, 1.0, 10.0]),
    deaf=st.booleans(),
    wants=st.lists(st.sampled_from([0.0, 6.0, 10.0, 16.0, 32.0]), min_size=1, max_size=6),
)
def test_nothing_is_raised_beyond_the_minimum_before_a_value_has_come_back(
    *, shown: float, factor: float, deaf: bool, wants: list[float]
) -> None:
    station = Station(shown=shown, factor=factor, deaf=deaf)
    gate, highest = Gate(), max(wants)
    now = NOW
    for want in wants:
        for _ in range(12):
            before = station.shown
            gate, decision = decide(gate, PLAIN, want, station.shown, now)
            if decision.write is not None:
                assert decision.write <= highest
                if not gate.confirmed:
                    assert decision.write <= max(PLAIN.min, before)
                station.write(decision.write)
                gate = gate.wrote(decision.write, now, verified=True)
            now += 1.0


def test_a_limit_that_the_station_has_already_counts_as_its_limit() -> None:
    gate, decision = decide(Gate(), PLAIN, 8.0, 8.0, NOW)
    assert decision.settled
    assert (gate.written, gate.held, gate.confirmed) == (None, 8.0, False)
    gate, decision = decide(gate, PLAIN, 8.0, 16.0, NOW)
    assert decision.write == 8.0
    assert gate.held is None
