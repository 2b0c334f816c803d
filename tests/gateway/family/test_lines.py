"""Lines of serial protocols, by the example of OpenEVSE's RAPI."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.family.lines import Answer, compose, parse
from gateway.family.link import Framing
from gateway.model.errors import GatewayError

RAPI = {
    "start": "$",
    "end": "\r",
    "ok": "$OK",
    "nack": "$NK",
    "checksum": {"kind": "xor", "prefix": "^"},
    "unasked": ["$AT", "$AB"],
}


def framing(**keys: Any) -> Framing:
    return Framing.model_validate({**RAPI, **keys})


NUMBERED = framing(sequence={"prefix": ":"})


@pytest.mark.parametrize(
    ("text", "line"), [("$GS", b"$GS^30\r"), ("GS", b"$GS^30\r"), ("$GG", b"$GG^24\r"), ("$F0 1", b"$F0 1^43\r")]
)
def test_a_command_has_start_checksum_and_end(text: str, line: bytes) -> None:
    assert compose(framing(), text) == line


def test_the_number_stands_before_the_checksum_and_counts_in_it() -> None:
    assert compose(NUMBERED, "$GS", sequence=1) == b"$GS:01^0B\r"
    assert compose(NUMBERED, "$GS") == b"$GS^30\r"
    assert compose(framing(), "$GS", sequence=1) == b"$GS^30\r"


@given(
    text=st.text(st.characters(min_codepoint=0x21, max_codepoint=0x7E, exclude_characters="^:"), max_size=30),
    number=st.integers(0, 255),
)
def test_an_answer_comes_back(text: str, number: int) -> None:
    line = compose(NUMBERED, f"$OK {text}", sequence=number)
    assert parse(NUMBERED, line) == Answer(kind="ok", text=text, sequence=number)


@pytest.mark.parametrize(
    ("line", "answer"),
    [
        (b"$OK 1 0 3 220^0B", None),
        (b"$OK^20\r", Answer(kind="ok", text="")),
        (b"$OK", Answer(kind="ok", text="")),
        (b"$NK 16", Answer(kind="nack", text="16")),
        (b"$AT 03 03 32 0220", Answer(kind="unasked", text="$AT 03 03 32 0220")),
        (b"\n$OK 5\r", Answer(kind="ok", text="5")),
    ],
)
def test_lines_mean(line: bytes, answer: Answer | None) -> None:
    if answer is None:
        with pytest.raises(GatewayError, match="answer-checksum"):
            parse(framing(), line)
    else:
        assert parse(framing(), line) == answer


@pytest.mark.parametrize("line", [b"$OK^2", b"$OK^ZZ", b"$OK^21"])
def test_a_wrong_checksum_is_no_answer(line: bytes) -> None:
    with pytest.raises(GatewayError, match="answer-checksum"):
        parse(framing(), line)


def test_a_checksum_may_be_indispensable() -> None:
    strict = framing(checksum={"required": True})
    with pytest.raises(GatewayError, match="answer-checksum"):
        parse(strict, b"$OK 5")
    assert parse(strict, b"$OK^20").kind == "ok"


@pytest.mark.parametrize("line", [b"OK 5", b"$ZZ", b"", b"\xff\xfe"])
def test_noise_is_no_answer(line: bytes) -> None:
    with pytest.raises(GatewayError, match="answer-format"):
        parse(framing(), line)


def test_a_protocol_without_framing_says_what_stands_in_its_line() -> None:
    bare = Framing()
    assert compose(bare, "status") == b"status\r"
    assert parse(bare, b"idle 0\r") == Answer(kind="ok", text="idle 0")


def test_signs_beyond_ascii_are_not_sent() -> None:
    with pytest.raises(GatewayError, match="point-value"):
        compose(Framing(), "Überschuss")
