"""Values of variables: what is taken, what is refused, and why."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.model.device import DataType, VariableRef, VariableSpec
from gateway.model.device.values import members, refusal, tidied, well_formed

_REF = VariableRef(component="AuthCtrlr", variable="Anything")
_COLOURS = ("red", "green", "blue")


@pytest.mark.parametrize(
    ("type_", "good", "bad"),
    [
        (DataType.BOOLEAN, ["true", "false"], ["True", "1", "", "yes", " true"]),
        (
            DataType.INTEGER,
            ["0", "1", "-1", "2147483647", "-2147483648"],
            ["", "-0", "+1", "01", "1.0", "2147483648", "-2147483649", "\u0661", "1\n", "abc"],
        ),
        (DataType.DECIMAL, ["0", "1", "-1.5", "0.123456", "-0.5"], ["", ".5", "1.", "1e3", "0.1234567", "NaN", "1,5"]),
        (
            DataType.DATE_TIME,
            ["2019-04-12T23:20:50Z", "2019-04-12T23:20:50.52Z", "2019-12-19T16:39:57+01:00"],
            ["", "2019-04-12", "2019-04-12T23:20:50", "2019-13-12T23:20:50Z", "2019-04-12T23:20:50.1234Z"],
        ),
        (DataType.STRING, ["", "anything at all"], []),
        (DataType.OPTION_LIST, ["red"], ["", "purple", "red,green", "Red"]),
        (DataType.MEMBER_LIST, ["", "red", "blue,red"], ["purple", "red,", "red,red", "red, green"]),
        (DataType.SEQUENCE_LIST, ["", "green,red"], ["green;red", "green,green"]),
    ],
)
@pytest.mark.ocpp("B05.FR.07")
def test_a_value_has_the_form_of_its_type(type_: DataType, good: list[str], bad: list[str]) -> None:
    spec = VariableSpec(ref=_REF, type=type_, values=_COLOURS if type_.lists else ())
    assert [value for value in good if refusal(spec, value)] == []
    results = [refusal(spec, value) for value in bad]
    assert {result and result.status.value for result in results} <= {"Rejected"}
    assert {result and result.reason for result in results} <= {"InvalidValue"}


@pytest.mark.parametrize(
    ("value", "reason"), [("9", "ValueOutOfRange"), ("10", ""), ("20", ""), ("21", "ValueOutOfRange")]
)
@pytest.mark.parametrize("type_", [DataType.INTEGER, DataType.DECIMAL])
@pytest.mark.ocpp("B05.FR.08")
def test_a_number_keeps_to_its_limits(type_: DataType, value: str, reason: str) -> None:
    result = refusal(VariableSpec(ref=_REF, type=type_, min_limit=10, max_limit=20), value)
    assert (result.reason if result else "") == reason


@pytest.mark.parametrize(("type_", "value"), [(DataType.STRING, "abcdef"), (DataType.MEMBER_LIST, "red,green")])
def test_a_text_or_list_may_not_be_too_long(type_: DataType, value: str) -> None:
    result = refusal(VariableSpec(ref=_REF, type=type_, values=_COLOURS, max_length=5), value)
    assert result is not None
    assert result.reason == "TooLargeElement"


@given(st.sampled_from(DataType), st.text(), st.floats(allow_nan=False) | st.none())
def test_any_text_gets_an_answer(type_: DataType, value: str, limit: float | None) -> None:
    spec = VariableSpec(ref=_REF, type=type_, values=_COLOURS, min_limit=limit, max_length=10)
    result = refusal(spec, value)
    assert result is None or not result.accepted


@given(st.integers(min_value=-(2**31), max_value=2**31 - 1))
def test_every_32_bit_integer_is_one(number: int) -> None:
    assert well_formed(DataType.INTEGER, str(number))


@given(st.decimals(allow_nan=False, allow_infinity=False, places=6, min_value=-(10**12), max_value=10**12))
def test_every_decimal_of_six_places_is_one(number: object) -> None:
    assert well_formed(DataType.DECIMAL, f"{number:f}")


@pytest.mark.parametrize(
    ("type_", "raw", "value"),
    [
        (DataType.BOOLEAN, " True", "true"),
        (DataType.INTEGER, " 30 ", "30"),
        (DataType.MEMBER_LIST, "Voltage, SoC,", "Voltage,SoC"),
        (DataType.STRING, " kept as it is ", " kept as it is "),
    ],
)
def test_a_stations_own_way_of_writing_is_tidied(type_: DataType, raw: str, value: str) -> None:
    assert tidied(type_, raw) == value


def test_members_are_in_order() -> None:
    assert members("b,a, c") == ("b", "a", "c")
