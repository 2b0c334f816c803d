"""What a meter of the box is asked to sign, and what becomes of it in a transaction's readings. Pure.

OCPP 2.0.1 Part 2, J, 2.4; E02.FR.14, J02.FR.21.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING

from gateway.model.readings import ENERGY_REGISTER, register

if TYPE_CHECKING:
    from datetime import datetime

    from gateway.model.ids import Place
    from gateway.model.readings import Context, Reading, Sample, Signature
    from gateway.model.tokens import Token

MOST = 2500
"""Characters of SignedMeterValueType.signedMeterData and publicKey (Part 2, 2.46)."""


class Moment(StrEnum):
    """What of a transaction is signed."""

    BEGIN = "begin"
    END = "end"


@dataclass(frozen=True, slots=True, kw_only=True)
class SigningOrder:
    """What a meter is to sign.

    Attributes:
        moment: Begin or end.
        place: Where the transaction is.
        at: The box's clock, UTC: the meter's follows it.
        token: Who charges; None while that is not known.
    """

    moment: Moment
    place: Place
    at: datetime
    token: Token | None


def with_register(
    samples: tuple[Sample, ...], wh: float | None, at: datetime, context: Context, *, first: bool
) -> tuple[Sample, ...]:
    """Samples that have the register (Wh) of begin or end, at their begin or end, unless they have it already."""
    if wh is None or any(_is_register(each, context) for sample in samples for each in sample.readings):
        return samples
    own = (register(wh, at, context),)
    return (*own, *samples) if first else (*samples, *own)


def with_signature(samples: tuple[Sample, ...], context: Context, signature: Signature | None) -> tuple[Sample, ...]:
    """Samples whose register of begin or end has its signature; the number stays as it is, from wherever it comes."""
    if signature is None:
        return samples
    return tuple(
        replace(sample, readings=tuple(_signed(each, context, signature) for each in sample.readings))
        for sample in samples
    )


def _signed(reading: Reading, context: Context, signature: Signature) -> Reading:
    return replace(reading, signed=signature) if _is_register(reading, context) else reading


def _is_register(reading: Reading, context: Context) -> bool:
    """Tell whether a reading is the import register of all phases; one that its station has signed stays so."""
    whole = reading.measurand == ENERGY_REGISTER and reading.phase is None and reading.signed is None
    return whole and reading.context is context
