"""What a meter is told of a transaction, and the record that it makes of it."""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING

import pytest
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from hypothesis import given
from hypothesis import strategies as st

from gateway.family.ocmf import head, plain_der, signed_record
from gateway.family.signing import Signing
from gateway.model.errors import GatewayError
from gateway.model.ids import Place
from gateway.model.tokens import Token, TokenType

if TYPE_CHECKING:
    from gateway.family.value import Value

PLACE = Place(station="AT|1", evse=3)
SIGNING = Signing.model_validate({
    "data": "ocmf", "data_size": "ocmf_size", "signature": "seal", "signature_size": "seal_size", "public_key": "key",
    "key_prefix": "3059", "begin": [{"point": "go", "value": "1"}], "end": [{"point": "go", "value": "0"}],
})  # fmt: skip
VALUES: dict[str, Value] = {
    "ocmf": '{"RD":[]}-- of an older one',
    "ocmf_size": 9,
    "seal": "ABCD00FF",
    "seal_size": 2,
    "key": "0401",
}
NUMBERS = st.integers(1, 2**256 - 1)


def record(**changed: Value) -> str:
    found = signed_record(SIGNING, {**VALUES, **changed})
    return base64.b64decode(found.data).decode()


def test_the_head_has_who_charges_where_and_no_mark_of_the_record() -> None:
    found = json.loads(head(PLACE, Token(value="AB|CD", type=TokenType.EMAID)))
    assert (found["IT"], found["ID"], found["CT"], found["CI"]) == ("EMAID", "AB CD", "CBIDC", "AT 1 3")
    nobody = json.loads(head(PLACE, None))
    assert (nobody["IS"], nobody["IT"], nobody["ID"]) == (False, "NONE", "")


def test_what_is_left_of_an_older_record_is_cut_off() -> None:
    assert record() == 'OCMF|{"RD":[]}|{"SA":"ECDSA-secp256r1-SHA256","SD":"ABCD"}'


def test_the_public_key_is_told_in_its_form_or_not_at_all() -> None:
    assert base64.b64decode(signed_record(SIGNING, VALUES).public_key).decode() == "oca:base16:asn1:30590401"
    assert signed_record(SIGNING, {**VALUES, "key": "0000"}).public_key == ""
    assert signed_record(SIGNING, {**VALUES, "key": None}).public_key == ""


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"ocmf": None}, "signing-empty"),
        ({"ocmf_size": 0}, "signing-empty"),
        ({"seal": "no hex"}, "signing-empty"),
        ({"ocmf": "x" * 2000, "ocmf_size": 2000}, "signing-long"),
    ],
)
def test_a_record_that_is_none_is_refused(changed: dict[str, Value], code: str) -> None:
    with pytest.raises(GatewayError, match=code):
        record(**changed)


@given(NUMBERS, NUMBERS, st.integers(0, 4), st.integers(0, 4))
def test_zeros_that_a_meter_fills_up_with_are_taken_out(one: int, other: int, more: int, less: int) -> None:
    right = encode_dss_signature(one, other)
    size = right[3]
    first, second = b"\0" * more + right[4 : 4 + size], b"\0" * less + right[6 + size :]
    body = bytes((2, len(first))) + first + bytes((2, len(second))) + second
    assert plain_der(bytes((0x30, len(body))) + body) == right
    assert plain_der(right) == right


@given(st.binary(max_size=80))
def test_what_is_no_signature_of_two_numbers_stays_or_becomes_one(data: bytes) -> None:
    found = plain_der(data)
    assert found == data or found[:1] == b"\x30"
