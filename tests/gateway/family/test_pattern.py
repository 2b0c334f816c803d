"""Answers of stations on a line."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.family.pattern import Pattern
from gateway.model.errors import GatewayError

if TYPE_CHECKING:
    from gateway.family.value import Value

STATE = Pattern.parse("{state:x} {elapsed:d} {pilot:x} {flags:x}", optional=("pilot", "flags"))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("03 1200 02 0140", {"state": 3, "elapsed": 1200, "pilot": 2, "flags": 0x140}),
        ("fe 0", {"state": 254, "elapsed": 0}),
        (" 03  -1 2 ", {"state": 3, "elapsed": -1, "pilot": 2}),
        ("03 0 02 0140 later fields", {"state": 3, "elapsed": 0, "pilot": 2, "flags": 0x140}),
    ],
)
def test_old_and_new_firmware_are_read(text: str, expected: dict[str, int]) -> None:
    assert STATE.read(text) == expected


@pytest.mark.parametrize("text", ["", "03", "zz 1", "03 1.5", "03 1 zz", "03 " + "9" * 5000])
def test_an_answer_of_another_format_is_refused(text: str) -> None:
    with pytest.raises(GatewayError) as caught:
        STATE.read(text)
    assert caught.value.code == "answer-format"
    assert caught.value.params == {"text": text, "expected": STATE.text}


def test_texts_fractions_and_fixed_words() -> None:
    pattern = Pattern.parse("OK V{major:d}A {protocol:s} {amps:f} {sum:02x}")
    values: dict[str, Value] = {"major": 8, "protocol": "5.2.1", "amps": 6.5, "sum": 10}
    assert pattern.read("OK V8A 5.2.1 6.5 0a") == values
    assert pattern.write(values) == "OK V8A 5.2.1 6.5 0a"
    with pytest.raises(GatewayError, match="answer-format"):
        pattern.read("NO V8A 5.2.1 6.5 0a")


@pytest.mark.parametrize(
    ("text", "optional", "what"),
    [
        ("{a:q}", (), "{a:q}"),
        ("{a:d} {a:d}", (), "{a:d}"),
        ("{a:d} {b:d}", ("a",), "{b:d}"),
        ("{a:d}", ("b",), "b"),
        ("{a:d}{b:d}", (), "{a:d}{b:d}"),
    ],
)
def test_a_pattern_that_cannot_be_read_is_refused(text: str, optional: tuple[str, ...], what: str) -> None:
    with pytest.raises(GatewayError) as caught:
        Pattern.parse(text, optional=optional)
    assert (caught.value.code, caught.value.params) == ("pattern-syntax", {"text": text, "what": what})


@pytest.mark.parametrize("value", [None, 6.5, "x", float("inf"), (1, 2), -1, 2**90])
def test_a_simulator_cannot_write_what_cannot_be_read(value: float | str | tuple[int, ...] | None) -> None:
    with pytest.raises(GatewayError, match="template-value"):
        Pattern.parse("{a:x}").write({"a": value})


@given(
    st.fixed_dictionaries(
        {
            "d": st.integers(-(2**60), 2**60),
            "x": st.integers(0, 2**60),
            "f": st.floats(-1e6, 1e6).map(lambda x: round(x, 3)),
        },
        optional={"s": st.from_regex(r"[!-~]+", fullmatch=True)},
    )
)
def test_what_was_written_is_read(values: dict[str, int | float | str]) -> None:
    pattern = Pattern.parse("$ {d:d} {x:04x} {f:f} {s:s}", optional=["s"])
    assert pattern.read(pattern.write(values)) == values


@given(st.text(), st.text())
def test_any_text_is_read_or_refused(pattern: str, answer: str) -> None:
    try:
        Pattern.parse(pattern).read(answer)
    except GatewayError as error:
        if error.code not in {"pattern-syntax", "answer-format"}:
            raise
