"""Whatever a station answers, a value or None comes of it, and one line in the log."""

from __future__ import annotations

import json
import logging
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.common.complaints import Complaints
from adapters.common.values import document_values, value_of
from gateway.family.points import PathPoint

if TYPE_CHECKING:
    from gateway.family.value import Value

logger = logging.getLogger(__name__)

AMPERES = PathPoint.model_validate({"from": "status", "ptr": "/amp", "scale": 0.001, "unit": "A"})
STATE = PathPoint.model_validate({"from": "status", "ptr": "/state", "map": {"1": "A"}})
FLAGS = PathPoint.model_validate({"from": "status", "ptr": "/flags", "bits": {"0": "on"}})
PHASES = PathPoint.model_validate({"from": "status", "ptr": ["/i/0", "/i/1"], "unit": "A"})
POINTS = {"amp": AMPERES, "state": STATE, "flags": FLAGS, "phases": PHASES}


def complaints() -> Complaints:
    return Complaints(logger, "station")


def test_a_document_has_the_values_of_its_points() -> None:
    data = json.dumps({"amp": "16000", "state": 1, "flags": 1, "i": [1.5, 2]}).encode()
    values = document_values("status", POINTS, data, complaints())
    assert values == {"amp": 16.0, "state": "A", "flags": ("on",), "phases": (1.5, 2)}


@pytest.mark.parametrize(
    "raw",
    [b'{"amp": NaN}', b'{"amp": "nan"}', b'{"amp": 1e999}', b'{"amp": {}}', b"{", b"\xff\xfe", b'{"amp":[' * 9999],
)
def test_garbage_is_no_value(raw: bytes) -> None:
    assert document_values("status", {"amp": AMPERES}, raw, complaints()) == {"amp": None}


@pytest.mark.parametrize(
    ("text", "value"),
    [("12", 12), ("true", True), (" idle\n", "idle"), ("12E4", "12E4"), ("9" * 20, "9" * 20), ("0012", "0012")],
)
def test_a_plain_text_that_is_a_name_made_of_digits_stays_one(text: str, value: Value) -> None:
    point = PathPoint.model_validate({"from": "rfid"})
    assert document_values("rfid", {"rfid": point}, text.encode(), complaints()) == {"rfid": value}


def test_a_number_that_is_a_text_by_its_format_keeps_its_zeros() -> None:
    point = PathPoint.model_validate({"from": "rfid", "format": "text"})
    assert document_values("rfid", {"rfid": point}, b"1.50", complaints()) == {"rfid": "1.50"}


def test_a_number_that_no_quantity_has_is_no_value() -> None:
    data = b'{"amp": ' + b"9" * 400 + b"}"
    assert document_values("status", {"amp": AMPERES}, data, complaints()) == {"amp": None}
    assert value_of("phases", PHASES, (1.0, 10**30), complaints()) == (1.0, None)


def test_a_fault_is_told_once_and_its_end_too(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    known = complaints()
    for data in (b"<html>", b"<html>", b'{"amp": 1}', b'{"amp": 2}'):
        document_values("status", {"amp": AMPERES}, data, known)
    assert [record.levelname for record in caplog.records] == ["WARNING", "INFO"]


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["amp", "state", "flags", "i"]), inner),
    max_leaves=8,
)


@given(document=JSON)
def test_no_document_is_an_error(document: object) -> None:
    values = document_values("status", POINTS, json.dumps(document).encode(), complaints())
    assert values.keys() == POINTS.keys()


@given(raw=st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text()))
def test_no_raw_value_is_an_error(raw: Value) -> None:
    for name, point in POINTS.items():
        value_of(name, point, raw, complaints())
