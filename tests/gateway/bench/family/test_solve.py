"""What was asked for is found again from what was written."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.bench.family.solve import lowest, nearest
from gateway.family.expression import Expression


@pytest.mark.parametrize(
    ("text", "step"),
    [
        ("value", 0.1),
        ("round(value * 1000)", 0.001),
        ("int(value)", 1.0),
        ("round(value / 0.06)", 0.1),
        ("value * 167", 1.0),
        ("(int(value) << 8) | int(value)", 1.0),
        ("min(value * 10, 320)", 0.5),
    ],
)
@given(steps=st.integers(min_value=0, max_value=64_000))
def test_a_limit_is_found_from_what_was_written(text: str, step: float, steps: int) -> None:
    asked = round(min(32.0, steps * step), 9)
    formula = Expression.parse(text)
    written = formula.evaluate({"value": asked})
    assert isinstance(written, int | float)
    found = lowest(lambda value: formula.evaluate({"value": value}), written, 0.0, 64.0, step=step)
    assert found == pytest.approx(asked, abs=1e-6)


def test_what_no_argument_gives_is_not_found() -> None:
    assert lowest(lambda value: 2.0 * value, 1000.0, 0.0, 64.0) is None
    assert lowest(lambda value: float(int(value)), 2.5, 0.0, 64.0) is None
    assert lowest(lambda _: None, 2.5, 0.0, 64.0) is None


def test_the_nearest_argument_is_found_though_the_formula_has_steps() -> None:
    formula = Expression.parse("duty * 0.06 if duty < 850 else (duty - 640) * 0.25")

    def run(duty: float) -> float:
        found = formula.evaluate({"duty": duty})
        assert isinstance(found, int | float)
        return float(found)

    for amps in (0.0, 6.0, 16.0, 51.0, 63.0):
        duty = nearest(run, amps, 0, 4095)
        assert duty is not None
        assert run(duty) == pytest.approx(amps, abs=0.3)
