"""Texts of the Open Charge Metering Format 1.0 (SAFE e.V.): what a meter is told, and its signed record. Pure."""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING

from gateway.model.errors import GatewayError
from gateway.model.readings import Signature
from gateway.model.signing import MOST
from gateway.model.tokens import TokenType

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gateway.family.signing import Signing
    from gateway.family.value import Value
    from gateway.model.ids import Place
    from gateway.model.tokens import Token

VERSION = "1.0"
GATEWAY = "Stationlift"
_TYPES = {
    TokenType.ISO14443: "ISO14443",
    TokenType.ISO15693: "ISO15693",
    TokenType.EMAID: "EMAID",
    TokenType.KEY_CODE: "KEY_CODE",
    TokenType.CENTRAL: "CENTRAL",
    TokenType.LOCAL: "LOCAL",
}
"""Types of identification (OCMF 1.0, table 17)."""
_CARDS = {TokenType.ISO14443, TokenType.ISO15693}
_SEQUENCE, _INTEGER, _HEAD, _NEGATIVE, _BOTH = 0x30, 0x02, 2, 0x80, 2
_KEY_FORM = "oca:base16:asn1:"
"""How a public key is written (OCA application note on signed meter values)."""


def head(place: Place, token: Token | None) -> str:
    """Who charges where, as the meter puts it into its record; it has no sign that ends a part of the record.

    Args:
        place: Where.
        token: Whose; None: nobody's that is known.
    """
    kind = "NONE" if token is None else _TYPES.get(token.type, "UNDEFINED")
    document = {
        "FV": VERSION,
        "GI": GATEWAY,
        "GS": place.station,
        "GV": "",
        "PG": "",
        "MV": "",
        "MM": "",
        "MS": "",
        "MF": "",
        "IS": token is not None,
        "IF": ["RFID_PLAIN"] if token is not None and token.type in _CARDS else [],
        "IT": kind,
        "ID": "" if token is None else token.value,
        "CT": "CBIDC",
        "CI": f"{place.station} {place.evse}",
        "RD": [],
    }
    return json.dumps(document, separators=(",", ":")).replace("|", " ")


def signed_record(signing: Signing, values: Mapping[str, Value]) -> Signature:
    """The record of a meter, from the points that make it.

    Raises:
        GatewayError: ``signing-empty``: a part is missing; ``signing-long``: OCPP cannot carry it.
    """
    data = _cut(_text(values, signing.data).encode(), values.get(signing.data_size)).decode("utf-8", "replace")
    signature = plain_der(_cut(_hex(values, signing.signature), values.get(signing.signature_size))).hex().upper()
    if not data or not signature:
        raise GatewayError("signing-empty", point=signing.signature if data else signing.data)
    record = base64.b64encode(f'OCMF|{data}|{{"SA":"{signing.method}","SD":"{signature}"}}'.encode()).decode()
    if len(record) > MOST:
        raise GatewayError("signing-long", size=len(record), limit=MOST)
    return Signature(data=record, method=signing.method, encoding=signing.encoding, public_key=_key(signing, values))


def plain_der(signature: bytes) -> bytes:
    """An ECDSA signature without zeros that DER forbids before its two numbers, as some meters fill them up.

    What is no such signature stays as it is (X.690, 8.3.2; RFC 3279, 2.2.3).
    """
    numbers: list[bytes] = []
    rest = signature[_HEAD:]
    while rest[:1] == bytes((_INTEGER,)) and (size := int.from_bytes(rest[1:2], "big")) and len(rest) >= _HEAD + size:
        number, rest = rest[_HEAD : _HEAD + size].lstrip(b"\0"), rest[_HEAD + size :]
        sign = b"\0" if not number or number[0] >= _NEGATIVE else b""
        numbers.append(sign + number)
    if signature[:1] != bytes((_SEQUENCE,)) or rest or len(numbers) != _BOTH:
        return signature
    body = b"".join(bytes((_INTEGER, len(number))) + number for number in numbers)
    return bytes((_SEQUENCE, len(body))) + body


def _key(signing: Signing, values: Mapping[str, Value]) -> str:
    """The public key, Base64; "" where the meter does not tell it, or has none yet."""
    raw = _hex(values, signing.public_key).hex().upper() if signing.public_key else ""
    if not raw.strip("0"):
        return ""
    return base64.b64encode(f"{_KEY_FORM}{signing.key_prefix}{raw}".encode()).decode()


def _text(values: Mapping[str, Value], point: str) -> str:
    value = values.get(point)
    return value if isinstance(value, str) else ""


def _hex(values: Mapping[str, Value], point: str) -> bytes:
    try:
        return bytes.fromhex(_text(values, point))
    except ValueError:
        return b""


def _cut(data: bytes, size: Value) -> bytes:
    """The first bytes of what registers hold; the rest is of an earlier, longer record."""
    return data if isinstance(size, bool) or not isinstance(size, int | float) else data[: int(size)]
