"""Values in JSON documents and plain texts."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.family.documents import decode, encode
from gateway.family.points import PathPoint
from gateway.model.errors import GatewayError

if TYPE_CHECKING:
    from gateway.family.value import Scalar

SCALARS = st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.floats(allow_nan=False) | st.text(max_size=8)


def path_point(ptr: str | tuple[str, ...]) -> PathPoint:
    return PathPoint.model_validate({"from": "status", "ptr": ptr})


@given(raw=SCALARS)
def test_a_value_comes_back_through_json(raw: Scalar) -> None:
    point = path_point("/evse/1/amps")
    document = json.loads(json.dumps(encode(point, raw, None)))
    assert decode(point, document) == raw


@given(row=st.tuples(SCALARS, SCALARS, SCALARS))
def test_phases_come_back(row: tuple[Scalar, Scalar, Scalar]) -> None:
    point = path_point(("/nrg/4", "/nrg/5", "/nrg/6"))
    assert decode(point, encode(point, row, {})) == row


@pytest.mark.parametrize(
    ("ptr", "document", "value"),
    [
        ("/car", {"car": 2}, 2),
        ("/car", {}, None),
        ("/car", {"car": None}, None),
        ("/car", {"car": {"state": 1}}, None),
        ("/nrg", {"nrg": [1, 2, None]}, (1, 2, None)),
        ("", "23.5", "23.5"),
        ("", 23.5, 23.5),
        ("/Enable sys", {"Enable sys": 1}, 1),
        (("/a", "/b"), {"a": 1}, (1, None)),
        ("/car", "no JSON", None),
    ],
)
def test_documents_mean(ptr: Any, document: object, value: object) -> None:
    assert decode(path_point(ptr), document) == value


@pytest.mark.parametrize(("raw", "text"), [(True, "true"), (6, "6"), (6.5, "6.5"), ("on", "on"), (None, "")])
def test_a_value_without_a_place_is_the_whole_text(raw: Scalar, text: str) -> None:
    assert encode(path_point(""), raw, "before") == text


def test_other_values_of_the_document_stay() -> None:
    assert encode(path_point("/b"), 2, {"a": 1}) == {"a": 1, "b": 2}


def test_a_place_below_a_single_value_is_refused() -> None:
    with pytest.raises(GatewayError, match="pointer-conflict"):
        encode(path_point("/a/b"), 1, {"a": 1})
