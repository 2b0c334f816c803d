"""What is sent, and what it means."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.model.sensing import Contact, Judged, Loop, Quality, Scale, Value, Words

NOTHING = Judged(value=None, quality=Quality.IMPLAUSIBLE)
BROKEN = Judged(value=None, quality=Quality.BROKEN)
ANYTHING = st.one_of(st.booleans(), st.floats(), st.text())


@pytest.mark.parametrize(
    ("active", "raw", "expected"),
    [
        (True, True, True),
        (True, 1.0, True),
        (True, 0.0, False),
        (False, 0.0, True),
        (False, True, False),
        (3.0, 3.0, True),
        (3.0, 1.0, False),
        ("open", "OPEN", True),
        ("open", "closed", False),
        ("true", True, True),
    ],
)
def test_a_contact_is_active_where_the_value_says_so(active: Value, raw: Value, expected: bool) -> None:  # noqa: FBT001
    assert Contact(active=active)(raw) == Judged(value=expected)


def test_a_quantity_has_the_unit_of_its_variable() -> None:
    assert Scale(factor=0.001)(26625.0) == Judged(value=26.625)
    assert Scale(factor=5 / 9, offset=-160 / 9)("212").value == pytest.approx(100.0)


@pytest.mark.parametrize("raw", [85.0, 200.0, -60.0, float("nan"), float("inf"), "", "none"])
def test_what_cannot_be_is_refused(raw: Value) -> None:
    assert Scale(low=-40, high=125, absent=frozenset({85.0}))(raw) == NOTHING


@pytest.mark.parametrize(
    ("current", "expected"),
    [(4.0, -50.0), (12.0, 50.0), (20.0, 150.0), (3.7, -50.0), (20.9, 150.0)],
)
def test_a_current_loop_spans_its_range(current: float, expected: float) -> None:
    assert Loop(zero=-50, full=150)(current).value == pytest.approx(expected)


@pytest.mark.parametrize("current", [0.0, 3.5, 21.1])
def test_a_broken_wire_is_no_value(current: float) -> None:
    assert Loop(zero=-50, full=150)(current) == BROKEN
    assert Loop(zero=-50, full=150, factor=0.001)(current * 1000) == BROKEN


def test_words_are_those_of_the_table() -> None:
    words = Words(table={"ob": "Discharging", "ol": "Charging"})
    assert words("OB") == Judged(value="Discharging")
    assert words("lb") == NOTHING
    assert Words(table={})("OB LB") == Judged(value="OB LB")


@given(ANYTHING)
def test_nothing_that_is_sent_is_an_error_and_no_bad_value_has_a_number(raw: Value) -> None:
    for shape in (Contact(), Contact(active="on"), Scale(low=-40, high=125), Loop(zero=0, full=10), Words(table={})):
        judged = shape(raw)
        assert (judged.value is None) is (judged.quality is not Quality.GOOD)
