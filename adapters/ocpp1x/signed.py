"""Signed meter values of OCPP 1.x: the form of OCA's application note "Signed Meter Values in OCPP", and plain OCMF.

The note puts a SignedMeterValueType as JSON into ``value``; older stations put the record of the Open Charge Metering
Format itself there. OCPP 2.0.1 wants a number beside it: that of the unsigned reading of the same measurand, what
begin or end of the transaction tell, or the one number of energy in the record.
"""

from __future__ import annotations

import base64
import binascii
from dataclasses import replace
from typing import TYPE_CHECKING

import orjson

from gateway.model.readings import ENERGY_REGISTER, Context, Reading, Signature

if TYPE_CHECKING:
    from collections.abc import Mapping

    Known = Mapping[Context, float]
    """The register (Wh) by what its reading is of, as the station tells it elsewhere."""

_MOST = 2500  # SignedMeterValueType.signedMeterData and publicKey (OCPP 2.0.1 Part 2, 2.46)
_NAME = 50
_OCMF = "OCMF|"
_MARKS = {Context.TRANSACTION_BEGIN: "B", Context.TRANSACTION_END: "ELRAP"}
"""What an OCMF reading says of its place in the transaction (``TX``)."""
_WH = {"Wh": 1.0, "kWh": 1000.0}


def signature_of(raw: str) -> Signature | None:
    """What stands in the value of signed data; None where the method or the encoding is not known, or it is too long."""
    if raw.startswith(_OCMF):
        data = base64.b64encode(raw.encode()).decode()
        return Signature(data=data, method="", encoding="OCMF") if len(data) <= _MOST else None
    try:
        found = orjson.loads(raw)
    except orjson.JSONDecodeError:
        return None
    if not isinstance(found, dict):
        return None
    names = ("signedMeterData", "signingMethod", "encodingMethod", "publicKey")
    data, method, encoding, key = (str(found.get(name) or "") for name in names)
    if not data or not encoding or max(len(data), len(key)) > _MOST or max(len(method), len(encoding)) > _NAME:
        return None
    return Signature(data=data, method=method, encoding=encoding, public_key=key)


def signed_energy(signature: Signature, context: Context) -> float | None:
    """The energy in Wh that a signed OCMF record tells for the begin or the end of a transaction, or for any other time.

    None where it is not OCMF, or tells none or several.
    """
    try:
        record = base64.b64decode(signature.data, validate=True).decode()
        found = orjson.loads(record.removeprefix(_OCMF).rpartition("|")[0])
        readings = [reading for reading in found["RD"] if isinstance(reading, dict)]
    except (binascii.Error, UnicodeDecodeError, orjson.JSONDecodeError, KeyError, TypeError):
        return None
    marks = _MARKS.get(context)
    if marks is not None:
        readings = [reading for reading in readings if str(reading.get("TX") or "-") in marks]
    values = {_energy(reading) for reading in readings}
    return values.pop() if len(values) == 1 else None


def _energy(reading: Mapping[str, object]) -> float | None:
    factor, value = _WH.get(str(reading.get("RU"))), reading.get("RV")
    try:
        return None if factor is None else round(float(str(value)) * factor, 3)
    except ValueError:
        return None


def beside(signed: Reading, readings: list[Reading], known: Known) -> bool:
    """Put a signed reading to the others of its time; False where no number belongs to it.

    Args:
        signed: its value means nothing yet.
        readings: of the same time; the one that it signs gets its signature, or it is added.
        known: the register as told elsewhere.
    """
    for at, other in enumerate(readings):
        alike = (other.measurand, other.phase, other.location) == (signed.measurand, signed.phase, signed.location)
        if alike and other.signed is None:
            readings[at] = replace(other, context=signed.context, signed=signed.signed)
            return True
    value = None
    if signed.measurand == ENERGY_REGISTER and signed.phase is None and signed.signed is not None:
        value = known.get(signed.context)
        if value is None:
            value = signed_energy(signed.signed, signed.context)
    if value is None:
        return False
    readings.append(replace(signed, value=value, unit="Wh"))
    return True
