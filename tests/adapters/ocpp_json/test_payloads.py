"""Schemas, mending and times by themselves."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.ocpp1x.inbound import HANDLERS
from adapters.ocpp1x.timestamps import format_timestamp
from adapters.ocpp_json.frames import Bad, Call, Error, Result, decode, encode_call, encode_error, encode_result
from adapters.ocpp_json.frames import ErrorCode as Code
from adapters.ocpp_json.mending import mend
from adapters.ocpp_json.payload import to_fields, to_json
from adapters.ocpp_json.schemas import Direction, Schemas, compile_native, compile_portable

SCHEMAS = Schemas.load()
PORTABLE = Schemas.load(compile_portable)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**60), 2**60) | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=12,
)
GOOD: dict[str, dict[str, Any]] = {
    "StartTransaction": {"connectorId": 1, "idTag": "A", "meterStart": 0, "timestamp": "2024-05-01T12:00:00Z"},
    "StatusNotification": {"connectorId": 1, "errorCode": "NoError", "status": "SuspendedEVSE"},
    "MeterValues": {
        "connectorId": 1,
        "meterValue": [{"timestamp": "2024-05-01T12:00:00Z", "sampledValue": [{"value": "1", "phase": "L1"}]}],
    },
    "SecurityEventNotification": {"type": "FirmwareUpdated", "timestamp": "2024-05-01T12:00:00Z"},
}


def test_every_request_that_is_handled_has_its_schemas() -> None:
    assert [action for action in HANDLERS if not SCHEMAS.knows(action)] == []
    for action in HANDLERS:
        assert SCHEMAS.schema(action, Direction.REQUEST)["type"] == "object"
        assert SCHEMAS.schema(action, Direction.RESPONSE)["type"] == "object"
    assert not SCHEMAS.knows("Fly")


@pytest.mark.skipif(compile_native is None, reason="jsonschema-rs is not installed")
@given(st.sampled_from(sorted(GOOD)), st.dictionaries(st.text(max_size=4), JSON, max_size=2), st.data())
def test_both_checks_agree(action: str, more: dict[str, object], data: st.DataObject) -> None:
    good = GOOD[action]
    name = data.draw(st.sampled_from(sorted(good)))
    for payload in (
        good,
        {**good, **more},
        {**good, name: data.draw(JSON)},
        {k: v for k, v in good.items() if k != name},
    ):
        mended, _ = mend(SCHEMAS.schema(action, Direction.REQUEST), payload)
        one = SCHEMAS.violation(action, Direction.REQUEST, mended)
        other = PORTABLE.violation(action, Direction.REQUEST, mended)
        assert (one is None) is (other is None)
        assert payload is not good or one is None


@given(st.sampled_from(sorted(GOOD)), st.dictionaries(st.text(max_size=8), JSON, max_size=4))
def test_anything_can_be_mended_and_read(action: str, payload: dict[str, object]) -> None:
    schema = SCHEMAS.schema(action, Direction.REQUEST)
    before = orjson.dumps(payload)
    mended, _ = mend(schema, payload)
    again, notes = mend(schema, mended)
    assert (again, orjson.dumps(payload)) == (mended, before)
    assert {note.code for note in notes} <= {"enum-unknown"}
    fields, _ = to_fields(mended, UTC)
    orjson.dumps(to_json(fields, millis=True))


@pytest.mark.parametrize("action", GOOD)
def test_what_is_right_is_not_touched(action: str) -> None:
    assert mend(SCHEMAS.schema(action, Direction.REQUEST), GOOD[action]) == (GOOD[action], ())


@given(st.datetimes(datetime(2011, 1, 1), datetime(2100, 1, 1)).map(lambda naive: naive.replace(tzinfo=UTC)))  # noqa: DTZ001
def test_times_go_both_ways(moment: datetime) -> None:
    payload = to_json({"timestamp": moment, "deep": [{"timestamp": moment}]}, millis=True)
    assert payload["timestamp"] == format_timestamp(moment)
    fields, notes = to_fields(payload, UTC)
    assert notes == ()
    assert fields["deep"] == [{"timestamp": fields["timestamp"]}]


@pytest.mark.parametrize(
    ("number", "text"), [(1e-7, "0.0000001"), (1e16, "10000000000000000"), (16.5, "16.5"), (7, "7")]
)
def test_a_reading_that_is_a_number_becomes_the_same_as_text(number: float, text: str) -> None:
    payload = {"connectorId": 1, "meterValue": [{"timestamp": "x", "sampledValue": [{"value": number}]}]}
    mended, _ = mend(SCHEMAS.schema("MeterValues", Direction.REQUEST), payload)
    assert mended["meterValue"][0]["sampledValue"][0]["value"] == text


def test_a_time_without_zone_is_the_stations_own() -> None:
    fields, (note,) = to_fields({"timestamp": "2024-05-01T12:00:00"}, ZoneInfo("Europe/Vienna"))
    assert fields["timestamp"] == datetime(2024, 5, 1, 10, tzinfo=UTC)
    assert note.code == "timestamp-no-zone"


def test_frames_go_both_ways() -> None:
    assert decode(encode_call("1", "Reset", {"type": "Hard"})) == Call("1", "Reset", {"type": "Hard"})
    assert decode(encode_result("1", {})) == Result("1", {})
    assert decode(encode_error("1", Code.INTERNAL_ERROR, "x" * 999)) == Error("1", "InternalError", "x" * 255)
    assert decode(b'[2,5,"Heartbeat",null]') == Call("5", "Heartbeat", {})
    assert decode(b'[2,"5","Heartbeat"]') == Call("5", "Heartbeat", {})
    assert decode(b'[4,"5"]') == Error("5", "GenericError")
    assert decode(b'[3,"5","x"]') == Result("5", {})


@given(st.binary(max_size=40) | JSON.map(orjson.dumps) | st.lists(JSON, max_size=6).map(orjson.dumps))
def test_any_bytes_are_a_frame_or_are_told_not_to_be(text: bytes) -> None:
    assert isinstance(decode(text), Call | Result | Error | Bad)
