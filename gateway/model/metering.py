"""What a station's variables ask of its meter values (OCPP 2.0.1 Part 2, J; 2.7). Pure."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from gateway.model.device import VariableRef
from gateway.model.readings import ENERGY_REGISTER, Context, Reading, Sample

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from gateway.model.station import StationState

    Look = Callable[[VariableRef], str]
    """The value of a variable of the station, "" if it has none."""

_SAMPLED = "SampledDataCtrlr"
_ALIGNED = "AlignedDataCtrlr"
_WITHOUT_PHASES = VariableRef(component=_SAMPLED, variable="RegisterValuesWithoutPhases")
_KEY_POLICY = VariableRef(component="OCPPCommCtrlr", variable="PublicKeyWithSignedMeterValue")


def quiet(look: Look, state: StationState, evse: int) -> bool:
    """Tell whether clock-aligned values are to be kept back now (``AlignedDataCtrlr.SendDuringIdle``).

    Args:
        look: reads a variable.
        state: of the station.
        evse: whose values they are; 0: of the main meter (J01.FR.19, J01.FR.20).
    """
    if state.transactions and look(_idle(None)) == "true":
        return True
    return evse > 0 and state.transaction_at(evse) is not None and look(_idle(evse)) == "true"


def _idle(evse: int | None) -> VariableRef:
    return VariableRef(component=_ALIGNED, variable="SendDuringIdle", evse=evse)


def told(samples: Iterable[Sample], look: Look, state: StationState, evse: int) -> tuple[Sample, ...]:
    """Leave out what is not to be told while a transaction runs; a sample that becomes empty goes."""
    if not quiet(look, state, evse):
        return tuple(samples)
    left = [
        replace(sample, readings=tuple(r for r in sample.readings if r.context is not Context.SAMPLE_CLOCK))
        for sample in samples
    ]
    return tuple(sample for sample in left if sample.readings)


def shaped(samples: Iterable[Sample], look: Look) -> tuple[Sample, ...]:
    """Samples of a station in the form that its variables ask for: registers without phases, signatures or none."""
    whole = look(_WITHOUT_PHASES) == "true"
    return tuple(
        replace(
            sample, readings=tuple(_signs(r, look) for r in (_summed(sample.readings) if whole else sample.readings))
        )
        for sample in samples
    )


def _summed(readings: tuple[Reading, ...]) -> tuple[Reading, ...]:
    """The import register of all phases only (``RegisterValuesWithoutPhases``)."""
    registers = [reading for reading in readings if reading.measurand == ENERGY_REGISTER]
    if not registers:
        return readings
    return (*_totals(registers), *(reading for reading in readings if reading.measurand != ENERGY_REGISTER))


def _totals(registers: list[Reading]) -> list[Reading]:
    whole = [reading for reading in registers if reading.phase is None]
    if whole:
        return whole
    first = registers[0]
    alike = [r for r in registers if (r.context, r.location) == (first.context, first.location)]
    total = sum(reading.base_value for reading in alike)
    return [replace(first, value=total, unit="Wh", phase=None, signed=None)]


def _signs(reading: Reading, look: Look) -> Reading:
    """Without its signature where ``SignReadings`` is off; a station that has no such variable tells it as it will."""
    if reading.signed is None:
        return reading
    component = _ALIGNED if reading.context is Context.SAMPLE_CLOCK else _SAMPLED
    off = look(VariableRef(component=component, variable="SignReadings")) == "false"
    return replace(reading, signed=None) if off else reading


def with_keys(samples: Iterable[Sample], look: Look, *, key: str, given: bool) -> tuple[Sample, ...]:
    """Signatures with the meter's public key as often as ``PublicKeyWithSignedMeterValue`` asks for it.

    Args:
        samples: of one transaction, or of none.
        look: reads a variable; where the station does not have it, keys stay as the station tells them.
        key: the public key where a signature does not bring it, Base64; "" if it is not known.
        given: it has been told in this transaction.
    """
    policy = look(_KEY_POLICY)
    if not policy:
        return tuple(samples)
    found: list[Sample] = []
    for sample in samples:
        readings: list[Reading] = []
        for reading in sample.readings:
            if reading.signed is None:
                readings.append(reading)
                continue
            wanted = policy == "EveryMeterValue" or (policy == "OncePerTransaction" and not given)
            public = (reading.signed.public_key or key) if wanted else ""
            given = given or bool(public)
            readings.append(replace(reading, signed=replace(reading.signed, public_key=public)))
        found.append(replace(sample, readings=tuple(readings)))
    return tuple(found)


def gives_key(samples: Iterable[Sample]) -> bool:
    """Tell whether one of the samples brings a public key."""
    return any(r.signed is not None and r.signed.public_key for sample in samples for r in sample.readings)
