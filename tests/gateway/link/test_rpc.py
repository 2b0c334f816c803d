"""OCPP-J frames: any text in gives a frame."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.link import jsontext
from gateway.link.rpc import (
    BadFrame,
    Call,
    CallError,
    CallResult,
    ErrorCode,
    Frame,
    decode,
    encode_call,
    encode_error,
    encode_result,
)

leaf = st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.floats(allow_nan=False, allow_infinity=False)
any_json = st.recursive(
    leaf | st.text(), lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=8
)
payloads = st.dictionaries(st.text(max_size=8), any_json, max_size=4)
ids = st.text(st.characters(codec="utf-8"), min_size=1, max_size=36)
almost_frames = st.lists(any_json, max_size=6).map(lambda rest: [2, *rest]) | st.tuples(
    st.sampled_from([2, 3, 4, 5, True, 2.0, "2"]), any_json | ids, any_json | st.just("Heartbeat"), any_json, any_json
)


def _well_formed(frame: Frame) -> None:
    assert isinstance(frame, Call | CallResult | CallError | BadFrame)
    if isinstance(frame, Call | CallResult):
        assert isinstance(frame.payload, dict)
        assert isinstance(frame.id, str)
    if isinstance(frame, BadFrame) and frame.answer is not None:
        answer = json.loads(encode_error(frame.id, frame.answer, frame.reason))
        assert answer[:3] == [4, "-1" if frame.id is None else frame.id, frame.answer]


@given(st.binary())
def test_any_bytes_give_a_frame(text: bytes) -> None:
    _well_formed(decode(text))


@given(any_json | almost_frames)
def test_any_json_gives_a_frame(value: object) -> None:
    _well_formed(decode(json.dumps(value).encode()))


@given(ids, st.text(max_size=20), payloads)
def test_frames_survive_the_way_there_and_back(id_: str, action: str, payload: dict[str, Any]) -> None:
    try:
        call, result = encode_call(id_, action, payload), encode_result(id_, payload)
    except (TypeError, ValueError):
        return  # a lone surrogate has no UTF-8 form
    assert decode(call) == Call(id_, action, payload)
    assert decode(result) == CallResult(id_, payload)
    assert decode(encode_error(id_, ErrorCode.NOT_SUPPORTED, "no")) == CallError(id_, "NotSupported", "no", {})


@pytest.mark.parametrize(
    ("text", "id_", "answer"),
    [
        (b"", None, ErrorCode.RPC_FRAMEWORK_ERROR),
        (b'[2,"1","Heartbeat",{}', None, ErrorCode.RPC_FRAMEWORK_ERROR),
        (b"[]", None, ErrorCode.RPC_FRAMEWORK_ERROR),
        (b'{"2":1}', None, ErrorCode.RPC_FRAMEWORK_ERROR),
        (b"[2]", None, ErrorCode.RPC_FRAMEWORK_ERROR),
        (b'[2,7,"Heartbeat",{}]', None, ErrorCode.RPC_FRAMEWORK_ERROR),
        (b'[2,"1","Heartbeat"]', "1", ErrorCode.RPC_FRAMEWORK_ERROR),
        (b'[2,"1","Heartbeat",{},1]', "1", ErrorCode.RPC_FRAMEWORK_ERROR),
        (b'["2","1","Heartbeat",{}]', "1", ErrorCode.RPC_FRAMEWORK_ERROR),
        (b'[2,"' + b"x" * 37 + b'","Heartbeat",{}]', "x" * 37, ErrorCode.RPC_FRAMEWORK_ERROR),
        (b'[2,"1","Heartbeat",[]]', "1", ErrorCode.PROTOCOL_ERROR),
        (b'[5,"1",{}]', "1", ErrorCode.MESSAGE_TYPE_NOT_SUPPORTED),
        (b"[6]", None, ErrorCode.MESSAGE_TYPE_NOT_SUPPORTED),
        (b"[3]", None, None),
        (b'[3,"1",7]', "1", None),
        (b"[4]", None, None),
        (b"\xff\xfe", None, ErrorCode.RPC_FRAMEWORK_ERROR),
        (b"[" * 100_000, None, ErrorCode.RPC_FRAMEWORK_ERROR),
        (b'[2,"1","Heartbeat",{"a":NaN}]', None, ErrorCode.RPC_FRAMEWORK_ERROR),
    ],
)
def test_bad_text_is_answered_as_part_4_says(text: bytes, id_: str | None, answer: ErrorCode | None) -> None:
    bad = decode(text)
    assert isinstance(bad, BadFrame)
    assert (bad.id, bad.answer) == (id_, answer)


def test_null_is_no_payload() -> None:
    assert decode(b'[2,"1","Heartbeat",null]') == Call("1", "Heartbeat", {})
    assert decode(b'[3,"1",null]') == CallResult("1", {})


def test_a_refusal_without_its_explanation_is_a_refusal() -> None:
    assert decode(b'[4,"1"]') == CallError("1", "GenericError")
    assert decode(b'[4,"1","NotSupported",null,null]') == CallError("1", "NotSupported")
    assert decode(b'[4,"1","OwnCode","why",{"a":1}]') == CallError("1", "OwnCode", "why", {"a": 1})


def test_description_is_cut_to_what_a_callerror_may_hold() -> None:
    assert len(json.loads(encode_error("1", ErrorCode.GENERIC_ERROR, "x" * 300))[3]) == 255


@given(any_json)
def test_both_json_libraries_read_the_same(value: object) -> None:
    text = json.dumps(value).encode()
    try:
        expected = jsontext.decode(text)
    except ValueError:
        return  # orjson refuses lone surrogates, the standard library keeps them
    assert jsontext.standard_decode(text) == expected
    assert jsontext.standard_decode(jsontext.standard_encode(expected)) == expected


@pytest.mark.parametrize("text", [b"[NaN]", b"[Infinity]", b"\xff", b"[" * 100_000, b"", b"[1,]"])
def test_both_json_libraries_refuse_the_same(text: bytes) -> None:
    for read in (jsontext.decode, jsontext.standard_decode):
        with pytest.raises(ValueError):  # noqa: PT011 - the type is the contract
            read(text)


@pytest.mark.parametrize("opening", [b"[", b'{"a":'])
def test_what_nests_beyond_any_message_is_a_format_violation(opening: bytes) -> None:
    closing = {b"[": b"]", b'{"a":': b"}"}[opening]
    data = opening * 500 + b"0" + closing * 500
    frame = decode(b'[2,"7","DataTransfer",{"vendorId":"v","data":' + data + b"}]")
    assert frame == BadFrame("7", ErrorCode.FORMAT_VIOLATION, "nested too deeply")
    assert decode(b'[3,"7",{"data":' + data + b"}]") == BadFrame("7", None, "nested too deeply")


def test_a_wide_message_is_not_a_deep_one() -> None:
    frame = decode(encode_call("7", "DataTransfer", {"vendorId": "v", "data": [[{}]] * 500}))
    assert isinstance(frame, Call)
