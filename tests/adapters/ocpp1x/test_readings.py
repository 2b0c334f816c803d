"""Meter values as readings."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.ocpp1x.readings import ending_samples, samples_of
from adapters.ocpp_soap.tables import V15
from gateway.model.readings import MEASURANDS, Context, Location, Reading
from tests.adapters.ocpp_soap.strategies import fields as fields_of

if TYPE_CHECKING:
    from adapters.ocpp1x.fields import Deviation, Fields

AT = datetime(2024, 5, 1, 12, tzinfo=UTC)


def one(**item: str) -> tuple[Reading | None, list[str]]:
    notes: list[Deviation] = []
    value: Fields = {"timestamp": AT, "value": [dict(item)]}
    samples = samples_of([value], lambda at: at or AT, notes.append)
    return (samples[0].readings[0] if samples else None), [note.code for note in notes]


def test_without_attributes_it_is_the_energy_register() -> None:
    assert one(value="1234") == (Reading(value=1234), [])


@pytest.mark.parametrize(
    ("measurand", "unit", "expected", "noted"),
    [
        ("Power.Active.Import", "", "W", []),
        ("Power.Active.Import", "kW", "kW", []),
        ("Current.Import", "Amp", "A", []),
        ("Voltage", "Volt", "V", []),
        ("Voltage", "Wh", "V", ["unit-corrected"]),
        ("Power.Active.Import", "kWh", "kW", ["unit-corrected"]),
        ("Energy.Reactive.Import.Register", "", "varh", []),
        ("Energy.Active.Import.Register", "kWh", "kWh", []),
        ("SoC", "", "Percent", []),
        ("Voltage", "a very long unit indeed, too long", "a very long unit ind", []),
    ],
)
def test_units(measurand: str, unit: str, expected: str, noted: list[str]) -> None:
    item = {"value": "5", "measurand": measurand}
    reading, codes = one(**item, **({"unit": unit} if unit else {}))
    assert reading is not None
    assert (reading.value, reading.unit, codes) == (5, expected, noted)


@pytest.mark.parametrize(
    ("item", "code"),
    [
        ({"value": "NaN"}, "value-not-a-number"),
        ({"value": "1e999"}, "value-not-a-number"),
        ({"value": "12 kWh"}, "value-not-a-number"),
        ({"value": "AB12", "format": "SignedData"}, "signed-data-dropped"),
        ({"value": "21.5", "measurand": "Temperature", "unit": "Celsius"}, "measurand-dropped"),
        ({"value": "900", "measurand": "RPM"}, "measurand-dropped"),
    ],
)
def test_what_2_0_1_cannot_carry_is_left_out_and_noted(item: dict[str, str], code: str) -> None:
    assert one(**item) == (None, [code])


def test_a_decimal_comma_and_other_spelling() -> None:
    reading, _ = one(
        value=" 1,5 ", measurand="voltage", context="sample.clock", location="inlet", unit="Volt", format="Raw"
    )
    assert reading == Reading(
        value=1.5, measurand="Voltage", unit="V", context=Context.SAMPLE_CLOCK, location=Location.INLET
    )
    reading, _ = one(value="1", context="Odd", location="Roof")
    assert reading == Reading(value=1, context=Context.OTHER, location=Location.OUTLET)


def test_the_position_says_what_is_begin_and_end() -> None:
    def part(minutes: int, context: str) -> Fields:
        value: Fields = {"timestamp": AT + timedelta(minutes=minutes), "value": [{"value": "1", "context": context}]}
        return {"values": [value]}

    swapped = [part(30, "Transaction.Begin"), part(10, "Transaction.Begin"), part(0, "Transaction.End")]
    samples = ending_samples([*swapped, part(20, "Sample.Clock")], lambda at: at or AT, lambda _: None)
    assert [sample.readings[0].context.value for sample in samples] == [
        "Transaction.Begin", "Sample.Periodic", "Sample.Clock", "Transaction.End",
    ]  # fmt: skip
    (alone,) = ending_samples(swapped[:1], lambda at: at or AT, lambda _: None)
    assert alone.readings[0].context is Context.TRANSACTION_END
    assert ending_samples([{}], lambda at: at or AT, lambda _: None) == ()


@given(st.data())
def test_whatever_the_table_allows_becomes_what_2_0_1_allows(data: st.DataObject) -> None:
    operation = next(o for o in V15.central_system if o.name == "MeterValues")
    fields = data.draw(fields_of(operation.request))
    values = [value for value in fields.get("values", []) if isinstance(value, dict)]  # type: ignore[union-attr]
    for sample in samples_of(values, lambda at: at or AT, lambda _: None):
        assert sample.readings
        for reading in sample.readings:
            assert reading.measurand in MEASURANDS
            assert len(reading.unit) <= 20
            assert abs(reading.value) < 1e25
