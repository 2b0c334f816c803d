"""Signed meter values of OCPP 1.x, in the form of OCA's application note and as plain OCMF."""

from __future__ import annotations

import base64
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.ocpp1x.readings import samples_of
from adapters.ocpp1x.signed import signature_of, signed_energy
from gateway.model.readings import Context, Reading, Signature

if TYPE_CHECKING:
    from adapters.ocpp1x.fields import Deviation, Fields

AT = datetime(2024, 5, 1, 12, tzinfo=UTC)
NOTE = {
    "signedMeterData": "T0NNRg==",
    "signingMethod": "ECDSA-secp256r1-SHA256",
    "encodingMethod": "EDL",
    "publicKey": "S0VZ",
}
SIGNATURE = Signature(data="T0NNRg==", method="ECDSA-secp256r1-SHA256", encoding="EDL", public_key="S0VZ")
OCMF = 'OCMF|{"RD":[{"TX":"B","RV":1.5,"RU":"kWh"},{"TX":"E","RV":"2500","RU":"Wh"}]}|{"SD":"30"}'


def taken(*items: Fields, known: dict[Context, float] | None = None) -> tuple[tuple[Reading, ...], list[str]]:
    notes: list[Deviation] = []
    value: Fields = {"timestamp": AT, "sampledValue": list(items)}
    samples = samples_of([value], lambda at: at or AT, notes.append, known or {})
    return (samples[0].readings if samples else ()), [note.code for note in notes]


def signed(raw: object = NOTE, **item: str) -> Fields:
    value = raw if isinstance(raw, str) else orjson.dumps(raw).decode()
    return {"value": value, "format": "SignedData", **item}


@pytest.mark.ocpp("J01.FR.21", "J02.FR.21")
def test_a_signature_goes_to_the_number_that_it_signs() -> None:
    power: Fields = {"value": "11000", "measurand": "Power.Active.Import", "unit": "W"}
    readings, codes = taken(signed(), power, {"value": "1500", "unit": "Wh"})
    assert readings == (
        Reading(value=11000, measurand="Power.Active.Import", unit="W"),
        Reading(value=1500, signed=SIGNATURE),
    )
    assert codes == []


def test_plain_ocmf_says_its_method_itself() -> None:
    readings, _ = taken(signed(OCMF), {"value": "1500"})
    assert readings[0].signed == Signature(data=base64.b64encode(OCMF.encode()).decode(), method="", encoding="OCMF")


@pytest.mark.parametrize(
    ("context", "value"),
    [("Transaction.Begin", 1500.0), ("Transaction.End", 2500.0)],
)
def test_alone_its_number_is_in_the_record(context: str, value: float) -> None:
    (reading,), codes = taken(signed(OCMF, context=context))
    assert (reading.value, reading.unit, reading.context.value, codes) == (value, "Wh", context, [])


def test_alone_its_number_is_what_begin_and_end_tell() -> None:
    known = {Context.TRANSACTION_BEGIN: 10.0, Context.TRANSACTION_END: 20.0}
    for context, value in known.items():
        (reading,), _ = taken(signed(context=context.value), known=known)
        assert (reading.value, reading.signed) == (value, SIGNATURE)


@pytest.mark.parametrize(
    "item",
    [
        signed("AB12"),  # a binary block in hex: what made it is not known
        signed("[1]"),
        signed({**NOTE, "encodingMethod": ""}),
        signed({**NOTE, "signedMeterData": "A" * 2501}),
        signed(OCMF),  # two numbers, and nothing says which
        signed(measurand="Voltage"),
    ],
)
def test_what_has_no_form_or_no_number_is_left_out_and_noted(item: Fields) -> None:
    assert taken(item) == ((), ["signed-data-dropped"])


def test_only_the_state_of_charge_is_of_the_car() -> None:
    readings, codes = taken(
        {"value": "80", "measurand": "SoC", "location": "EV"}, {"value": "16", "measurand": "Current.Import", "location": "EV"}
    )  # fmt: skip
    assert [reading.location.value for reading in readings] == ["EV", "Outlet"]
    assert codes == ["location-corrected"]


@given(st.text(), st.sampled_from(Context))
def test_no_text_breaks_it(text: str, context: Context) -> None:
    for raw in (text, f"OCMF|{text}", f'OCMF|{{"RD":{text}}}|{{}}'):
        found = signature_of(raw)
        if found is not None:
            signed_energy(found, context)
