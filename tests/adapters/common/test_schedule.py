"""Poll groups: none is starved, however slow the station is."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from adapters.common.board import STALE_PERIODS, Board
from adapters.common.schedule import GROUPS, Schedule
from tests.adapters.common.leader import family

LINK = family().link.model_copy(update={"idle_factor": 4.0})


@given(
    takes=st.lists(st.floats(0.0001, 0.5), min_size=1, max_size=200),
    start=st.floats(0, 1e6),
    idle=st.booleans(),
)
def test_no_group_waits_longer_than_its_period_and_one_read(takes: list[float], start: float, idle: bool) -> None:  # noqa: FBT001
    schedule, now = Schedule(LINK), start
    last, slowest = dict.fromkeys(GROUPS, start), max(takes)
    for take in takes:
        due = schedule.due(now, idle=idle)
        for group, period in schedule.periods(idle=idle).items():
            if group in due:
                last[group] = now
            assert now - last[group] <= period + slowest + 1e-6
        now += take
        now += schedule.wait(now)


def test_a_vehicle_that_comes_is_not_left_to_the_rare_reads() -> None:
    schedule = Schedule(LINK)
    schedule.due(1000.0, idle=True)
    schedule.sooner(1000.0, idle=False)
    assert schedule.due(1000.0 + LINK.poll.slow, idle=False) == frozenset(GROUPS)


def test_hurry_reads_everything() -> None:
    schedule = Schedule(LINK)
    schedule.due(1000.0, idle=False)
    assert schedule.wait(1000.0) > 0
    schedule.hurry()
    assert (schedule.wait(1000.0), schedule.due(1000.0, idle=False)) == (0.0, frozenset(GROUPS))


def test_old_values_are_none_and_those_read_once_stay() -> None:
    made, board = family(), Board()
    board.take({"state": "A", "serial": "4711", "rfid": None}, 10.0)
    periods = {"fast": 1.0, "medium": 5.0, "slow": 60.0}
    fresh = board.fresh(made, 10.0 + STALE_PERIODS, periods)
    assert fresh["state"] == "A"
    assert "rfid" in fresh
    stale = board.fresh(made, 10.1 + STALE_PERIODS, periods)
    assert "state" not in stale
    assert stale["serial"] == "4711"
    assert board.read_at(["state", "limit"]) == 10.0
    board.drop(["serial"])
    assert "serial" not in board.fresh(made, 10.0, periods)
    board.clear()
    assert board.read_at(["state"]) is None
