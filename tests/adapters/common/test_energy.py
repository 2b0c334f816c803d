"""The energy register of an EVSE: it never falls, and never jumps, whatever its meter shows."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from adapters.common.energy import Register

STEP = st.tuples(
    st.sampled_from(["grow", "grow", "grow", "torn", "zero", "negative", "nan", "reset", "silent"]), st.floats(0, 30)
)


@given(start=st.floats(0, 1e6), steps=st.lists(STEP, max_size=60))
def test_a_register_never_falls_and_never_jumps(start: float, steps: list[tuple[str, float]]) -> None:
    """The meter counts, tears a word now and then, is silent, or is changed for another."""
    register, shows, taken, now = Register(last=start, read_at=0.0, at=0.0), start, 0.0, 0.0
    for what, wh in steps:
        now += 1.0
        shows, taken = shows + wh, taken + wh
        if what == "reset":
            shows = 0.0
        garbage = {"torn": shows + 65_536, "zero": 0.0, "negative": -5.0, "nan": float("nan")}
        before = register.total
        if what != "silent":
            register = register.shown(garbage.get(what, shows), now, restarts=False)
        assert register.total >= before
        now += 1.0
        register = register.shown(shows, now, restarts=False)
        assert before <= register.total <= start + taken + 2.0 + 2.0 * len(steps)


@given(watts=st.lists(st.tuples(st.floats(-5000, 22_000), st.floats(-10, 3600)), max_size=30))
def test_power_over_time_only_grows_and_guesses_no_longer_than_a_minute(watts: list[tuple[float, float]]) -> None:
    register, now = Register().flowed(0.0, 0.0), 0.0
    for power, seconds in watts:
        before, now = register.total, now + seconds
        register = register.flowed(power, now)
        assert before <= register.total <= before + 22_000 * 60 / 3600


def test_a_session_counter_that_starts_anew_adds_to_what_was() -> None:
    register = Register(last=0.0)
    for now, wh in enumerate([5000.0, 0.0, 100.0, 900.0], 1):
        register = register.shown(wh, float(now), restarts=True)
    assert register.total == 5900.0


def test_a_register_that_moves_once_an_hour_is_believed() -> None:
    register = Register(last=0.0).shown(1000.0, 1.0, restarts=False)
    for minute in range(1, 60):
        register = register.shown(1000.0, 60.0 * minute, restarts=False)
    assert register.shown(23_000.0, 3600.0, restarts=False).total == 23_000.0


def test_the_same_reading_told_twice_proves_nothing() -> None:
    register = Register(last=1000.0, read_at=0.0, at=0.0)
    for _ in range(5):
        register = register.shown(0.0, 1.0, restarts=True)
    assert register.total == 1000.0


def test_a_register_outlives_the_box() -> None:
    register = Register(base=123.4, last=5.6)
    assert Register.from_text(register.as_text()) == register
    assert Register.from_text("") == Register()
