"""What the EVSEs of a station draw together, and how they share it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.model.charging import Claim, Slice, shared, total


def rows(*steps: tuple[int, float | None]) -> tuple[Slice, ...]:
    return tuple(Slice(start=start, limit=limit) for start, limit in steps)


def claims(*each: tuple[float | None, bool]) -> list[Claim]:
    return [Claim(limit=limit, active=active) for limit, active in each]


def test_a_station_draws_what_its_evses_draw() -> None:
    assert total([rows((0, 6.0), (50, 16.0)), rows((0, 10.0), (80, 0.0))], rows((0, None))) == rows(
        (0, 16.0), (50, 26.0), (80, 16.0)
    )


def test_a_station_draws_no_more_than_it_may() -> None:
    assert total([rows((0, 16.0)), rows((0, 32.0))], rows((0, 20.0), (60, None))) == rows((0, 20.0), (60, 48.0))


def test_what_is_not_limited_is_limited_by_the_station() -> None:
    assert total([rows((0, None)), rows((0, 32.0))], rows((0, None), (60, 40.0))) == rows((0, None), (60, 40.0))


@pytest.mark.parametrize(
    ("whole", "given_", "expected"),
    [
        (None, claims((16.0, True), (None, False)), (16.0, None)),
        (32.0, claims((None, True), (None, True)), (16.0, 16.0)),
        (32.0, claims((10.0, True), (None, True)), (10.0, 22.0)),
        (32.0, claims((None, True), (None, False)), (26.0, 6.0)),
        (32.0, claims((None, False), (None, False)), (16.0, 16.0)),
        (10.0, claims((None, True), (None, False)), (10.0, 0.0)),
        (10.0, claims((None, False), (None, True)), (0.0, 10.0)),
        (10.0, claims((None, True), (None, True)), (10.0, 0.0)),
        (32.0, claims((0.0, True), (None, True)), (0.0, 32.0)),
        (0.0, claims((None, True)), (0.0,)),
    ],
)
def test_shares(whole: float | None, given_: list[Claim], expected: tuple[float | None, ...]) -> None:
    assert shared(whole, given_) == expected


def ranked(*each: tuple[float | None, int]) -> list[Claim]:
    return [Claim(limit=limit, active=True, priority=priority) for limit, priority in each]


@pytest.mark.parametrize(
    ("whole", "given_", "expected"),
    [
        (32.0, ranked((16.0, 0), (16.0, 1)), (16.0, 16.0)),
        (20.0, ranked((16.0, 0), (16.0, 1)), (0.0, 16.0)),
        (24.0, ranked((16.0, -1), (16.0, 0)), (8.0, 16.0)),
        (30.0, ranked((None, 0), (10.0, 9), (10.0, 9)), (10.0, 10.0, 10.0)),
        (15.0, ranked((None, 0), (10.0, 9), (10.0, 9)), (0.0, 7.5, 7.5)),
        (20.0, [Claim(limit=16.0, active=True, priority=5), Claim(limit=16.0, active=False)], (14.0, 6.0)),
    ],
)
def test_who_comes_first_gets_what_it_may_even_if_others_wait(
    whole: float, given_: list[Claim], expected: tuple[float, ...]
) -> None:
    assert shared(whole, given_) == expected


@pytest.mark.parametrize(
    ("whole", "leasts", "expected"),
    [
        (16.0, (10.0, 0.0), (10.0, 6.0)),
        (15.0, (10.0, 0.0), (7.5, 7.5)),  # nobody has to wait because another charges better with more
        (20.0, (0.0, 13.0), (7.0, 13.0)),
        (30.0, (10.0, 0.0), (15.0, 15.0)),
        (24.0, (99.0, 0.0), (16.0, 8.0)),
    ],
)
def test_what_makes_charging_worth_while_is_given_if_it_is_there(
    whole: float, leasts: tuple[float, float], expected: tuple[float, ...]
) -> None:
    assert shared(whole, [Claim(limit=16.0, active=True, least=each) for each in leasts]) == expected


@given(
    whole=st.floats(0, 200),
    given_=st.lists(
        st.builds(
            Claim, limit=st.none() | st.floats(0, 80), active=st.booleans(), priority=st.integers(-9, 9),
            least=st.floats(0, 40),
        ),
        min_size=1, max_size=6,
    ),
)  # fmt: skip
def test_shares_never_pass_the_whole_nor_what_each_may_have(whole: float, given_: list[Claim]) -> None:
    parts = shared(whole, given_)
    assert sum(part or 0.0 for part in parts) <= whole + 1e-6
    for part, claim in zip(parts, given_, strict=True):
        assert part is not None
        assert part >= 0
        assert claim.limit is None or part <= claim.limit + 1e-6
