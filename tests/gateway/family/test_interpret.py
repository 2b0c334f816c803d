"""From raw values to values and back."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.family.interpret import interpret, raw_of, raw_row
from gateway.family.points import PathPoint, RegisterPoint
from gateway.family.registers import decode, encode
from gateway.model.errors import GatewayError

if TYPE_CHECKING:
    from gateway.family.value import Scalar, Value


def register_point(**keys: Any) -> RegisterPoint:
    return RegisterPoint(**{"at": 0, **keys})


@given(amps=st.floats(0, 80), scale=st.sampled_from([1.0, 0.1, 0.01, 0.001]))
def test_a_limit_is_never_written_higher_than_asked(amps: float, scale: float) -> None:
    point = register_point(type="u32", scale=scale, unit="A")
    written = interpret(point, decode(point, encode(point, raw_of(point, amps))))
    assert isinstance(written, float | int)
    assert written <= amps + 1e-6
    assert amps - written <= scale + 1e-6


@given(tenths=st.integers(0, 800))
def test_a_float_register_keeps_the_fraction(tenths: int) -> None:
    point = register_point(type="f32", unit="A")
    assert decode(point, encode(point, raw_of(point, tenths / 10))) == pytest.approx(tenths / 10)


@pytest.mark.parametrize(("value", "raw"), [(230.5, 230.5), (16, 16), (16.0, 16)])
def test_a_number_in_json_keeps_its_fraction(value: float, raw: float) -> None:
    assert raw_of(PathPoint.model_validate({"from": "meter", "ptr": "/U1"}), value) == raw


def test_milliamperes_in_json_are_whole() -> None:
    point = PathPoint.model_validate({"from": "meter", "ptr": "/I", "scale": 0.001})
    assert repr(raw_of(point, 8.1)) == "8100"


@pytest.mark.parametrize(
    ("keys", "value"),
    [
        ({"map": {"1": "B1", "0xC2": "C2"}}, "C2"),
        ({"bits": {"0": "RCD", "3": "lock"}}, ("RCD", "lock")),
        ({"bits": {"0": "RCD", "3": "lock"}, "shift": 4, "mask": 0xFFF0}, ("RCD", "lock")),
        ({"type": "u32", "format": "hex"}, "04A1B2C3"),
        ({"type": "u32", "format": "dotted"}, "1.2.3.4"),
        ({"format": "decimal"}, "1234"),
        ({"n": 3, "scale": 0.1}, (1.5, 0.0, 16.0)),
        ({"mask": 0x0F00, "shift": 8}, 7),
        ({"offset": -40.0, "scale": 0.5}, -12.5),
    ],
)
def test_a_value_comes_back(keys: dict[str, Any], value: Value) -> None:
    point = register_point(**keys)
    assert interpret(point, raw_row(point, value)) == value


@pytest.mark.parametrize("value", [None, math.inf, math.nan])
def test_what_is_no_value_is_not_written(value: Scalar) -> None:
    with pytest.raises(GatewayError, match="point-value"):
        raw_of(register_point(), value)


@pytest.mark.parametrize(("form", "text"), [("hex", "XY"), ("decimal", "1.5"), ("dotted", "1.999")])
def test_a_text_that_is_no_number_is_not_written(form: str, text: str) -> None:
    with pytest.raises(GatewayError, match="point-value"):
        raw_of(register_point(format=form), text)
