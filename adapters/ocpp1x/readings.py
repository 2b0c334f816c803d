"""Meter values of OCPP 1.x as readings of OCPP 2.0.1.

What 2.0.1 cannot carry is left out and noted, never bent into something else: signed data of an unknown form,
temperature, text that is no number.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from adapters.ocpp1x.fields import Deviation, moment, records, text
from adapters.ocpp1x.signed import beside, signature_of
from gateway.model.readings import ENERGY_REGISTER, MEASURANDS, PHASES, Context, Location, Reading, Sample, default_unit

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from datetime import datetime

    from adapters.ocpp1x.fields import Fields
    from adapters.ocpp1x.signed import Known

    Clock = Callable[[datetime | None], datetime]
    Note = Callable[[Deviation], None]

_NUMBER = re.compile(r"[+-]?\d{1,15}(?:[.,]\d{1,15})?(?:[eE][+-]?\d)?", re.ASCII)
_UNITS = {"Amp": "A", "Volt": "V"}
_UNIT_LENGTH = 20  # UnitOfMeasureType.unit (OCPP 2.0.1 Part 2, 2.47)
_ENERGY_OR_POWER = {"Wh", "kWh", "varh", "kvarh", "W", "kW", "var", "kvar"}
_BY_NAME = {name.casefold(): name for name in MEASURANDS}
_CONTEXTS = {context.value.casefold(): context for context in Context}
_LOCATIONS = {location.value.casefold(): location for location in Location}
_OF_THE_CAR = "SoC"
"""The one measurand that may be of the vehicle (errata of Part 6, TC_J)."""
_NOTHING: Known = {}
_EDGES = {Context.TRANSACTION_BEGIN, Context.TRANSACTION_END}


def meter_values_of(fields: Fields) -> list[Fields]:
    """The readings of a MeterValues message: ``values`` until 1.5, ``meterValue`` in 1.6."""
    return records(fields, "meterValue") or records(fields, "values")


def samples_of(values: Iterable[Fields], clock: Clock, note: Note, known: Known = _NOTHING) -> tuple[Sample, ...]:
    """The samples of a MeterValues message, in its order; one without any usable reading is left out.

    Args:
        values: as `meter_values_of` finds them.
        clock: makes a true time of the station's, or of none.
        note: told what was left out or corrected.
        known: the register of begin and end, for signed values that have no number beside them.
    """
    samples: list[Sample] = []
    for value in values:
        at = clock(moment(value, "timestamp"))
        readings = _readings(value, note, known)
        if readings:
            samples.append(Sample(at=at, readings=readings))
    return tuple(samples)


def _readings(value: Fields, note: Note, known: Known) -> tuple[Reading, ...]:
    found = [r for r in (_reading(item, note) for item in _items(value)) if r is not None]
    readings = [reading for reading in found if reading.signed is None]
    for signed in (reading for reading in found if reading.signed is not None):
        if not beside(signed, readings, known):
            note(Deviation(code="signed-data-dropped", path=f"value/{signed.measurand}"))
    return tuple(readings)


def ending_samples(data: Iterable[Fields], clock: Clock, note: Note, known: Known = _NOTHING) -> tuple[Sample, ...]:
    """The samples in the transactionData of a StopTransaction, by time; arguments as of ``samples_of``.

    OCPP 1.5 (7.28) describes Transaction.Begin and Transaction.End the wrong way round, and stations follow either the
    names or the text. So the position decides: the first is the begin, the last the end.
    """
    values = [value for part in data for value in records(part, "values") or [part]]
    samples = sorted(samples_of(values, clock, note, known), key=lambda sample: sample.at)
    if not samples:
        return ()
    first, last = samples[0].at, samples[-1].at
    return tuple(_placed(sample, first, last) for sample in samples)


def _items(value: Fields) -> list[Fields]:
    """The values read at one time: ``sampledValue`` in 1.6, ``value`` in 1.5, and one number of Wh in 1.2."""
    alone = value.get("value")
    if isinstance(alone, int):
        return [{"value": str(alone)}]
    return records(value, "sampledValue") or records(value, "value")


def _placed(sample: Sample, first: datetime, last: datetime) -> Sample:
    if not any(reading.context in _EDGES for reading in sample.readings):
        return sample
    context = Context.SAMPLE_PERIODIC
    if sample.at == last:
        context = Context.TRANSACTION_END
    elif sample.at == first:
        context = Context.TRANSACTION_BEGIN
    readings = tuple(replace(r, context=context) if r.context in _EDGES else r for r in sample.readings)
    return replace(sample, readings=readings)


def _reading(item: Fields, note: Note) -> Reading | None:
    raw = (text(item, "value") or "").strip()
    signature = None
    if text(item, "format") == "SignedData":
        signature = signature_of(raw)
        if signature is None:
            note(Deviation(code="signed-data-dropped", path="value"))
            return None
    measurand = _measurand(text(item, "measurand"), note)
    if measurand is None:
        return None
    if signature is None and not _NUMBER.fullmatch(raw):
        note(Deviation(code="value-not-a-number", path=f"value/{measurand}", raw=raw[:40]))
        return None
    phase = (text(item, "phase") or "").upper() or None
    if phase is not None and phase not in PHASES:
        # Not known to be of a part, it would pass for the whole.
        note(Deviation(code="phase-unknown", path="value@phase", raw=phase[:40]))
        return None
    context = _CONTEXTS.get((text(item, "context") or Context.SAMPLE_PERIODIC).casefold(), Context.OTHER)
    location = _LOCATIONS.get((text(item, "location") or Location.OUTLET).casefold(), Location.OUTLET)
    if location is Location.EV and measurand != _OF_THE_CAR:
        note(Deviation(code="location-corrected", path=f"value@location/{measurand}"))
        location = Location.OUTLET
    return Reading(
        value=0.0 if signature else float(raw.replace(",", ".")),
        measurand=measurand,
        unit=_unit(text(item, "unit"), measurand, note),
        context=context,
        location=location,
        phase=phase,
        signed=signature,
    )


def _measurand(name: str | None, note: Note) -> str | None:
    """The measurand in OCPP 2.0.1's spelling; None for one that it does not have (Temperature, RPM)."""
    if not name:
        return ENERGY_REGISTER
    if name in MEASURANDS:
        return name
    known = _BY_NAME.get(name.casefold())
    if known is None:
        note(Deviation(code="measurand-dropped", path="value@measurand", raw=name[:40]))
    return known


def _unit(given: str | None, measurand: str, note: Note) -> str:
    """The unit as OCPP 2.0.1 names it.

    A station that labels volts or amperes "Wh", which 1.5 calls the default of everything, means the measurand's unit.
    """
    default = default_unit(measurand)
    if not given or given == default:
        return default
    unit = _UNITS.get(given, given)[:_UNIT_LENGTH]
    if unit in _ENERGY_OR_POWER and unit.removeprefix("k") != default:
        note(Deviation(code="unit-corrected", path=f"value@unit/{measurand}", raw=given[:40]))
        kilo = unit.startswith("k") and default in _ENERGY_OR_POWER
        return f"k{default}" if kilo else default
    return unit
